"""Hypothesis-made accounts: small, and full of the edges that the definitions have.

Hypothesis draws how many records there are and the seed of the dice that fill them in: even dice hit the
edges far more evenly than drawing every field. An account is plain API rows, so that `smallest` can take a
failing one apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/Berlin")
STATUSES = {
    "stat_trial": "Trial",
    "stat_demo": "Trial, demo given",
    "stat_customer": "Customer",
    "stat_partner": "Partner",
    "stat_churned": "Churned",
    "stat_lost": "Lost",
    "stat_dead": "Bad fit",
    "stat_other": "Contacted",
}
GONE = "stat_deleted"
ROLES = {
    "trial": ["stat_trial", "stat_demo"],
    "customer": ["stat_customer", "stat_partner"],
    "churned": ["stat_churned"],
    "lost": ["stat_lost", "stat_dead"],
}
PIPELINES = {"pipe_new": "Sales", "pipe_exp": "Upsell", "pipe_ren": "Renewals", "pipe_ign": "Hiring"}
PIPELINE_ROLES = {"new": "pipe_new", "expansion": "pipe_exp", "renewal": "pipe_ren", "ignore": "pipe_ign"}
USERS = {"user_ann": ("Ann", "Ash"), "user_bo": ("Bo", "Birch"), "user_gone": ("Gus", "Gale")}
MIDNIGHT, LAST_TICK = time(0, 0), time(23, 59, 59, 999999)
TIMES = (MIDNIGHT, time(0, 0, 0, 1), time(1, 30), time(2, 30), time(9, 0), time(12, 30), LAST_TICK)
DST_DAYS = ("2024-03-10", "2024-03-31", "2024-04-07", "2024-09-29", "2024-10-27", "2024-11-03")


@dataclass
class MadeAccount:
    """An account folder in memory.

    Attributes:
        files: rows by file name.
        settings: the contents of `kpis.yaml`.
        as_of: the run's instant, UTC.
        deleted: ids of records that are deleted after they were synced.
    """

    files: dict[str, list[Row]]
    settings: Row
    as_of: datetime
    deleted: frozenset[str] = frozenset()

    def write(self, folder: Path) -> Path:
        """Write the folder with its `kpis.yaml`; return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.files.items():
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        (folder / "kpis.yaml").write_text(yaml.safe_dump(self.settings), encoding="utf-8")
        return folder

    def shown(self) -> str:
        """Return what makes the account special, to read in a test's failure."""
        lines = [f"as_of {self.as_of.isoformat()}, deleted {sorted(self.deleted)}", yaml.safe_dump(self.settings)]
        for name in ("leads", "opportunities", "activities"):
            lines += [f"{name}: {json.dumps(row)}" for row in self.files.get(name, [])]
        return "\n".join(lines)


@dataclass
class Maker:
    """Draws an account's records one after another."""

    dice: Random
    zone: ZoneInfo
    days: list[date]
    count: int = 0
    files: dict[str, list[Row]] = field(default_factory=dict)

    def one_of(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def chance(self, tenths: int) -> bool:
        return self.dice.randrange(10) < tenths

    def id(self, kind: str) -> str:
        """Return a new id; the order of ids says nothing about the order of creation."""
        self.count += 1
        return f"{kind}_{self.count * 617 % 1009:04d}"

    def moment(self) -> datetime:
        local = datetime.combine(self.one_of(*self.days), self.one_of(*TIMES), self.zone)
        return local.astimezone(UTC)

    def text(self, at: datetime) -> str:
        """Return an API timestamp; Close writes some with an offset and some without."""
        return (at.replace(tzinfo=None) if at.microsecond % 2 else at).isoformat()

    def some_moment(self) -> str:
        return self.text(self.moment())

    def add(self, name: str, row: Row) -> Row:
        self.files.setdefault(name, []).append(row)
        return row

    def user(self) -> str | None:
        return self.one_of("user_ann", "user_bo", "user_gone", None, "user_unknown")


def _span(dice: Random) -> tuple[ZoneInfo, list[date], datetime]:
    """Draw the zone, the days that records may lie on and the run's instant."""
    zone = ZoneInfo(dice.choice(ZONES))
    first = dice.choice([date(2023, 11, 1), date(2024, 1, 1), date(2024, 3, 1), date(2024, 9, 1)])
    months = [_plus(first, n) for n in range(dice.choice([1, 3, 4, 5, 6, 8, 8, 14, 26]))]
    days = [day for month in months for day in (month, _plus(month, 1) - timedelta(days=1), month.replace(day=15))]
    days += [day for text in DST_DAYS if months[0] <= (day := date.fromisoformat(text)) < _plus(months[-1], 1)]
    last = dice.choice([months[-1], months[-1].replace(day=15), _plus(months[-1], 1) - timedelta(days=1)])
    clock = dice.choice([LAST_TICK, time(12, 0, 0, 5)])
    if dice.random() < 0.8:
        days = [day for day in days if day <= last]
    return zone, sorted(days), datetime.combine(last, clock, zone).astimezone(UTC)


def _plus(month: date, months: int) -> date:
    total = month.year * 12 + month.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


@st.composite
def accounts(draw: Draw) -> MadeAccount:
    """Draw an account of a few leads over some months, with settings that fit it."""
    sizes = draw(st.tuples(st.integers(3, 10), st.integers(8, 24), st.integers(20, 60)))
    seed = draw(st.integers(0, 2**64 - 1))
    return made_account(Random(f"{seed} {sizes}"), *sizes)


def made_account(dice: Random, leads: int, deals: int, activities: int) -> MadeAccount:
    """Make an account with that many leads, deals and activities, besides status changes and merges."""
    zone, days, as_of = _span(dice)
    make = Maker(dice, zone, days)
    _reference(make)
    ids = [_lead(make)["id"] for _ in range(leads)]
    homes = [*ids, *ids]
    for source in ("lead_merged_a", "lead_merged_b"):
        if make.chance(2):
            _merge(make, source, make.one_of(*ids, "lead_merged_b" if source == "lead_merged_a" else ids[0]))
            homes.append(source)
    for _ in range(deals):
        _opportunity(make, "lead_unknown" if make.chance(1) else make.one_of(*homes))
    for _ in range(activities):
        _activity(make, make.one_of("lead_unknown", None) if make.chance(1) else make.one_of(*homes))
    if make.chance(5):
        _two_demos(make, ids[0])
    if make.chance(1):
        _bulk(make)
    if make.chance(4):
        _mistype(make)
    for number in range(2):
        make.add("tasks", {"id": f"task_{number}", "lead_id": ids[0], "text": "Give demo", "is_complete": True})
    records = [row["id"] for name in ("leads", "opportunities", "activities") for row in make.files.get(name, [])]
    deleted = {make.one_of(*records) for _ in range(2)} if make.chance(2) else set()
    return MadeAccount(make.files, _settings(make, days), as_of, frozenset(deleted))


def _bulk(make: Maker) -> None:
    """Draw leads that were brought over from another system on one day."""
    at = make.moment()
    for _ in range(55):
        status = make.one_of("stat_customer", "stat_trial", "stat_other")
        row = {"id": make.id("lead"), "display_name": "Imported", "status_id": status, "status_label": STATUSES[status]}
        make.add("leads", row | {"date_created": make.text(at), "date_updated": make.text(at)})


def _mistype(make: Maker) -> None:
    """Let some dates be none that anybody believes."""
    fields = {
        "leads": ("date_created", "date_updated"),
        "opportunities": ("date_won", "date_lost", "date_created"),
        "activities": ("activity_at", "date_created", "starts_at", "ends_at"),
    }
    for name, known in fields.items():
        for row in make.files.get(name, []):
            if make.chance(1) and row.get(changed := make.one_of(*known)):
                on = make.one_of("0026-01-10", "1970-01-01", "1989-12-31", "2926-03-03", "9998-12-31")
                row[changed] = on if changed == "date_won" else f"{on}T10:00:00+00:00"


def smallest(made: MadeAccount, fails: Callable[[MadeAccount], bool]) -> MadeAccount:
    """Return a failing account with every record left out that the failure can do without."""
    for name in ("activities", "opportunities", "leads"):
        step = len(made.files.get(name, [])) or 1
        while step := step // 2:
            for start in reversed(range(0, len(made.files[name]), step)):
                rest = made.files[name][:start] + made.files[name][start + step :]
                if fails(fewer := replace(made, files=made.files | {name: rest})):
                    made = fewer
    return made


def _reference(make: Maker) -> None:
    for status_id, label in STATUSES.items():
        make.add("lead_statuses", {"id": status_id, "label": label})
    for pipeline_id, name in PIPELINES.items():
        short = pipeline_id.removeprefix("pipe_")
        stages = [("Open", "active"), ("Demo given", "active"), ("Won", "won"), ("Lost", "lost")]
        statuses = [{"id": f"ostat_{short}_{n}", "label": lab, "type": kind} for n, (lab, kind) in enumerate(stages)]
        make.add("pipelines", {"id": pipeline_id, "name": name, "statuses": statuses})
    for user_id, (first, last) in USERS.items():
        row = {"id": user_id, "first_name": first, "last_name": last, "email": f"{first.lower()}@example.com"}
        make.add("users", row | ({"is_active": False} if user_id == "user_gone" else {}))
    kind = make.one_of("lead", "shared")
    fields = {"cf_source": ("Lead source", kind), "cf_owner": ("Account owner", "lead")}
    for field_id, (name, object_type) in fields.items():
        row = {"id": field_id, "name": name, "object_type": object_type, "type": "text"}
        make.add("custom_fields", row | {"accepts_multiple_values": field_id == "cf_source"})
    make.add("outcomes", {"id": "outcome_noshow", "name": "No-show"})
    make.add("outcomes", {"id": "outcome_good", "name": "Interested"})
    make.add("custom_activity_types", {"id": "actitype_demo", "name": "Demo"})
    make.add("custom_activity_types", {"id": "actitype_visit", "name": "Visit"})


def _lead(make: Maker) -> Row:
    """Draw a lead and its way through the statuses."""
    lead_id = make.id("lead")
    moments = sorted(make.moment() for _ in range(1 + make.dice.randrange(7)))
    often = ["stat_customer", "stat_churned"] * 3
    statuses = [make.one_of(*STATUSES, *often, GONE) for _ in moments]
    if make.chance(4):
        statuses = [("stat_customer", "stat_churned")[number % 2] for number in range(len(moments))]
    _status_changes(make, lead_id, list(zip(moments[1:], statuses, statuses[1:], strict=False)))
    current, updated = statuses[-1], moments[-1]
    if make.chance(1):
        current, updated = make.one_of(*STATUSES), max(updated, make.moment())
    row = {
        "id": lead_id,
        "display_name": f"Company {lead_id}",
        "status_id": current,
        "status_label": STATUSES.get(current, "Deleted status"),
        "date_created": make.text(moments[0] if make.chance(9) else min(make.moment(), moments[-1])),
        "date_updated": make.text(updated),
    }
    source = make.one_of(
        *(None, "Webinar", "unknown", "(none)", ["Referral", "Webinar"], ["Webinar"], []),
        *(
            " webinar",
            "WEBINAR",
            "\uff37ebinar",
            "Word  of mouth",
            "word of Mouth",
            "Stra\u00dfe",
            "STRASSE",
            "web",
            "  ",
        ),
    )
    owner = make.one_of(None, "user_ann", "user_gone")
    row |= {} if source is None else {"custom.cf_source": source}
    row |= {} if owner is None else {"custom.cf_owner": owner}
    return make.add("leads", row)


def _status_changes(make: Maker, lead_id: str, changes: list[tuple[datetime, str, str]]) -> None:
    for at, old, new in changes:
        has_activity_at = make.chance(8)
        row = {
            "old_status_id": old,
            "old_status_label": STATUSES.get(old, "Deleted status"),
            "new_status_id": new,
            "new_status_label": STATUSES.get(new, "Deleted status"),
            "activity_at": make.text(at) if has_activity_at else None,
            "date_created": make.some_moment() if has_activity_at else make.text(at),
        }
        _add_activity(make, "LeadStatusChange", lead_id, row)


def _merge(make: Maker, source: str, destination: str) -> None:
    """Draw a merge; most leave the source's children pointing at it, and it is itself gone."""
    row = {
        "source_lead_id": source,
        "destination_lead_id": destination,
        "merge_status": make.one_of("completed", "completed", "completed", "errored"),
        "date_created": make.some_moment(),
    }
    _add_activity(make, "LeadMerge", destination, row)
    if make.chance(5):
        old, new = make.one_of(*STATUSES), make.one_of("stat_customer", "stat_trial", "stat_lost")
        _status_changes(make, source, [(make.moment(), old, new)])
    if make.chance(3):
        created = make.some_moment()
        row = {"id": source, "display_name": source, "status_id": "stat_customer", "status_label": "Customer"}
        make.add("leads", row | {"date_created": created, "date_updated": created})


def _opportunity(make: Maker, lead_id: str) -> None:
    short = make.one_of("new", "new", "exp", "ren", "ren", "ign")
    kind = make.one_of("active", "won", "won", "won", "lost")
    stage = {"active": "0", "won": "2", "lost": "3"}[kind]
    near = make.one_of(*make.days) + timedelta(days=make.one_of(0, 0, 0, 1, -1, -45, 45))
    others = [row["date_won"] for row in make.files.get("opportunities", []) if row["lead_id"] == lead_id]
    if any(others) and make.chance(2):
        near = date.fromisoformat(next(filter(None, others)))
    row = {
        "id": make.id("oppo"),
        "lead_id": lead_id,
        "user_id": make.user(),
        "pipeline_id": f"pipe_{short}",
        "status_id": f"ostat_{short}_{stage}",
        "status_label": {"active": "Open", "won": "Won", "lost": "Lost"}[kind],
        "status_type": kind,
        "value": make.one_of(None, 0, 100, 999, 120000, 77777, -500),
        "value_period": make.one_of("monthly", "annual", "annual", "one_time"),
        "confidence": make.one_of(0, 50, 100),
        "date_won": near.isoformat() if (kind == "won" and make.chance(9)) or make.chance(5) else None,
        "date_lost": make.some_moment() if (kind == "lost" and make.chance(9)) or make.chance(2) else None,
        "date_created": make.some_moment(),
    }
    make.add("opportunities", row | {"date_updated": row["date_created"]})


def _activity(make: Maker, lead_id: str | None) -> None:
    kind: Callable[[Maker, str | None], None] = make.one_of(
        _call,
        _call,
        _email,
        _email,
        _meeting,
        _meeting,
        _custom_activity,
        _custom_activity,
        _deal_change,
        _deal_change,
        _task_done,
        _task_done,
        _note,
        _message,
    )
    kind(make, lead_id)


def _add_activity(make: Maker, kind: str, lead_id: str | None, row: Row) -> None:
    at = make.some_moment() if "date_created" not in row else row["date_created"]
    base = {
        "id": make.id("acti"),
        "_type": kind,
        "lead_id": lead_id,
        "user_id": make.user(),
        "activity_at": at if make.chance(9) else None,
        "date_created": at,
        "date_updated": at,
    }
    make.add("activities", base | row)


def _call(make: Maker, lead_id: str | None) -> None:
    row = {
        "direction": make.one_of("outbound", "outbound", "inbound"),
        "status": make.one_of("completed", "no-answer", "cancel", "failed", "created", "in-progress"),
        "disposition": make.one_of("answered", None, "no-answer", "vm-left"),
        "duration": make.one_of(0, 0, 61),
    }
    _add_activity(make, "Call", lead_id, row)


def _email(make: Maker, lead_id: str | None) -> None:
    row = {
        "direction": make.one_of("outgoing", "outgoing", "incoming", None),
        "status": make.one_of("sent", "sent", "draft", "inbox"),
        "sequence_id": make.one_of(None, None, "seq_1"),
        "bulk_email_action_id": make.one_of(None, None, "bulk_1"),
    }
    _add_activity(make, "Email", lead_id, row)


def _meeting(make: Maker, lead_id: str | None) -> None:
    starts = make.moment()
    row = {
        "title": make.one_of("Product demo", "DEMO call", "Kick-off", None),
        "status": make.one_of("completed", "completed", None, "canceled", "upcoming"),
        "starts_at": make.text(starts),
        "ends_at": make.one_of(make.text(starts + timedelta(minutes=45)), None),
        "outcome_id": make.one_of(None, None, "outcome_noshow", "outcome_good"),
        "activity_at": make.text(starts),
        "date_created": make.some_moment(),
    }
    _add_activity(make, "Meeting", lead_id, row)


def _two_demos(make: Maker, lead_id: str) -> None:
    """Draw a demo that two users held, each with a meeting of their own."""
    starts = make.text(make.moment())
    for user_id in ("user_bo", "user_ann"):
        row = {"title": "Product demo", "status": "completed", "starts_at": starts, "ends_at": None, "outcome_id": None}
        _add_activity(make, "Meeting", lead_id, {**row, "user_id": user_id, "activity_at": starts})


def _custom_activity(make: Maker, lead_id: str | None) -> None:
    row = {
        "custom_activity_type_id": make.one_of("actitype_demo", "actitype_demo", "actitype_visit"),
        "status": make.one_of("published", "published", "draft"),
    }
    _add_activity(make, "CustomActivity", lead_id, row)


def _deal_change(make: Maker, lead_id: str | None) -> None:
    """Draw a move of a deal, of the lead's own where it has one."""
    known = [row for row in make.files.get("opportunities", []) if row["lead_id"] == lead_id]
    deal = make.one_of(*known) if known else None
    short = deal["pipeline_id"].removeprefix("pipe_") if deal else "new"
    row = {
        "opportunity_id": deal["id"] if deal else "oppo_unknown",
        "old_status_id": f"ostat_{short}_0",
        "old_status_type": "active",
        "new_status_id": f"ostat_{short}_{make.one_of('1', '1', '2')}",
        "new_status_type": "active",
        "old_pipeline_id": f"pipe_{short}",
        "new_pipeline_id": f"pipe_{short}",
    }
    _add_activity(make, "OpportunityStatusChange", lead_id, row)


def _task_done(make: Maker, lead_id: str | None) -> None:
    row = {
        "task_id": make.one_of("task_1", "task_2", "task_3"),
        "task_text": make.one_of("Give demo", "give Demo", "Send offer", None),
        "task_assigned_to": make.user(),
    }
    _add_activity(make, "TaskCompleted", lead_id, row)


def _note(make: Maker, lead_id: str | None) -> None:
    _add_activity(make, "Note", lead_id, {"note": "Demo?"})


def _message(make: Maker, lead_id: str | None) -> None:
    if make.chance(5):
        row = {"direction": make.one_of("outbound", "inbound"), "status": make.one_of("sent", "sent", "draft", "error")}
        _add_activity(make, "SMS", lead_id, row)
    else:
        _add_activity(make, "WhatsAppMessage", lead_id, {"direction": make.one_of("outgoing", "incoming")})


def _settings(make: Maker, days: list[date]) -> Row:
    """Draw the settings: every choice of section 12, names by label or by id."""
    by_id = make.chance(5)

    def name(key: str, names: dict[str, str]) -> str:
        return key if by_id else names[key]

    settings: Row = {
        "timezone": make.zone.key,
        "customer_basis": make.one_of("lead_status", "lead_status", "opportunity"),
        "rate_denominator": make.one_of("opening", "opening", "closing"),
        "lead_statuses": {role: [name(key, STATUSES) for key in ids] for role, ids in ROLES.items()},
        "source_field": make.one_of("Lead source", "Lead source", "Lead source", "cf_source", "cf_source", None),
        "owner_field": make.one_of(None, None, "Account owner", "cf_owner"),
        "demo": _demo_rule(make, by_id=by_id),
        "count_automated_emails": make.chance(3),
        "holidays": [day.isoformat() for day in days if make.chance(1)][:4],
    }
    if make.chance(8):
        settings["pipelines"] = {role: [name(key, PIPELINES)] for role, key in PIPELINE_ROLES.items()}
    if make.chance(4):
        settings["streams"] = {name: make.chance(6) for name in ("sms", "notes", "whatsapp_messages")}
        read = [name for name, is_read in settings["streams"].items() if is_read]
        settings["counted_activities"] = [name for name in ("calls", "emails", *read) if make.chance(7)]
    if make.chance(3):
        of_history = make.one_of(*days)
        settings["history_start"] = make.one_of(of_history, of_history, days[0] - timedelta(days=70)).isoformat()
    if make.chance(4):
        created = [row["date_created"][:10] for row in make.files["leads"] if row["date_created"] >= "1990"]
        settings["import_days"] = sorted({make.one_of(*created, days[0].isoformat()) for _ in range(2)})
    if make.chance(4):
        settings["source_aliases"] = {"Webinar": ["web", "unknown"], "Street": ["Strasse"]}
    if make.chance(3):
        settings["fiscal_year_start"] = make.one_of(2, 4, 12)
    return settings


def _demo_rule(make: Maker, *, by_id: bool) -> Row:
    not_those = ["outcome_noshow" if by_id else "No-show"]
    rules: list[Row] = [
        {"rule": "meeting", "exclude_outcomes": not_those},
        {"rule": "meeting", "exclude_outcomes": not_those, "title_pattern": "(?i)demo|kick"},
        {"rule": "meeting", "title_pattern": "^Product"},
        {"rule": "custom_activity", "type": "actitype_demo" if by_id else "Demo"},
        {"rule": "opportunity_status", "status": "ostat_new_1" if by_id else "Demo given"},
        {"rule": "task", "text_pattern": "(?i)demo"},
    ]
    return dict(make.one_of(*rules))
