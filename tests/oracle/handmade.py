"""Small accounts written by hand, one record a line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.strategies import PIPELINES, STATUSES, MadeAccount

Row = dict[str, Any]

ROLES = {"trial": ["Trial"], "customer": ["Customer"], "churned": ["Churned"], "lost": ["Lost"]}


def account(*rows: Row, as_of: str, **settings: Any) -> MadeAccount:
    """Put an account together.

    Args:
        rows: from the functions below; each carries its file's name under `_file`.
        as_of: the run's local date; its end is meant.
        settings: further keys of `kpis.yaml`.
    """
    zone = ZoneInfo(settings.get("timezone", "UTC"))
    files: dict[str, list[Row]] = {
        "lead_statuses": [{"id": key, "label": label} for key, label in STATUSES.items()],
        "pipelines": [{"id": key, "name": name, "statuses": []} for key, name in PIPELINES.items()],
        "users": [{"id": "user_ann", "first_name": "Ann", "last_name": "Ash", "email": "ann@example.com"}],
        "custom_fields": [{"id": "cf_source", "name": "Lead source", "object_type": "lead", "type": "text"}],
    }
    for row in rows:
        row = dict(row)
        files.setdefault(row.pop("_file"), []).append(row)
    pipelines = {"new": ["Sales"], "expansion": ["Upsell"], "renewal": ["Renewals"], "ignore": ["Hiring"]}
    return MadeAccount(
        files,
        {"lead_statuses": ROLES, "pipelines": pipelines, "source_field": "Lead source"} | settings,
        datetime.combine(date.fromisoformat(as_of), time.max, zone).astimezone(UTC),
    )


def lead(lead_id: str, created: str, *path: tuple[str, str], source: Any = None) -> list[Row]:
    """Return a lead created as Trial and its changes (instant, new status key without `stat_`)."""
    rows = []
    status = "stat_trial"
    for number, (at, new) in enumerate(path):
        change = {"old_status_id": status, "new_status_id": f"stat_{new}"}
        rows.append(activity("LeadStatusChange", f"acti_{lead_id}_{number}", at, lead_id, **change))
        status = f"stat_{new}"
    row = {"_file": "leads", "id": lead_id, "status_id": status, "status_label": STATUSES[status]}
    row |= {"date_created": created, "date_updated": path[-1][0] if path else created}
    return [row | ({"custom.cf_source": source} if source else {}), *rows]


def won(
    deal_id: str,
    lead_id: str,
    on: str,
    value: int,
    period: str = "annual",
    pipeline: str = "new",
    **more: Any,
) -> Row:
    """Return a won opportunity of Ann's, created on the day it was won."""
    row = {
        "_file": "opportunities",
        "id": deal_id,
        "lead_id": lead_id,
        "user_id": "user_ann",
        "pipeline_id": f"pipe_{pipeline}",
        "status_type": "won",
        "value": value,
        "value_period": period,
        "date_won": on,
        "date_created": f"{on}T09:00:00+00:00",
        "date_updated": f"{on}T09:00:00+00:00",
    }
    return row | more


def activity(kind: str, activity_id: str, at: str, lead_id: str | None, **more: Any) -> Row:
    """Return an activity of Ann's."""
    base = {
        "_file": "activities",
        "_type": kind,
        "id": activity_id,
        "lead_id": lead_id,
        "user_id": "user_ann",
    }
    return base | {"activity_at": at, "date_created": at, "date_updated": at} | more


def corners() -> MadeAccount:
    """Return an account in New York of the corners that dice seldom throw together."""
    two_exits = lead(
        "lead_exits",
        "2024-01-05T15:00:00+00:00",
        ("2024-01-10T15:00:00+00:00", "customer"),
        ("2024-02-05T15:00:00+00:00", "churned"),
        ("2024-02-10T15:00:00+00:00", "customer"),
        ("2024-02-20T15:00:00+00:00", "lost"),
        ("2024-04-02T15:00:00+00:00", "customer"),
        ("2024-04-20T15:00:00+00:00", "churned"),
        ("2024-05-02T15:00:00+00:00", "customer"),
    )
    calls = {"direction": "outbound", "status": "completed"}
    mails = {"direction": "outgoing", "status": "sent"}
    # The deal's window: from 2024-03-04 14:00 UTC to the end of 2024-03-08 in New York, 05:00 UTC of the 9th.
    edges = ["03-04T13:59:59.999999", "03-04T14:00:00", "03-08T23:00:00", "03-09T04:59:59.999999", "03-09T05:00:00"]
    touches = [
        activity(kind, f"acti_{kind}_{number}", f"2024-{at}+00:00", "lead_touched", **more)
        for kind, more in (("Call", calls), ("Email", mails))
        for number, at in enumerate(edges)
    ]
    return account(
        *two_exits,
        won("oppo_a1", "lead_exits", "2024-01-10", 10_000),
        won("oppo_a2", "lead_exits", "2024-02-07", 3_000, pipeline="exp", user_id="user_bo"),
        won("oppo_a3", "lead_exits", "2024-04-20", 9_000, pipeline="ren"),
        *lead("lead_touched", "2024-03-01T15:00:00+00:00"),
        won("oppo_b1", "lead_touched", "2024-03-08", 500, "monthly", date_created="2024-03-04T14:00:00+00:00"),
        *touches,
        *lead("lead_day", "2024-01-05T15:00:00+00:00", ("2024-01-31T23:00:00+00:00", "customer")),
        won("oppo_c3", "lead_day", "2024-02-14", 1_000, date_created="2024-02-01T10:00:00+00:00"),
        won("oppo_c2", "lead_day", "2024-02-14", 700, pipeline="ren", date_created="2024-02-02T10:00:00+00:00"),
        won("oppo_c1", "lead_day", "2024-02-14", 50, pipeline="exp", date_created="2024-02-02T10:00:00+00:00"),
        won("oppo_c0", "lead_day", "2024-03-14", 600, pipeline="ren"),
        timezone="America/New_York",
        as_of="2024-06-15",
    )
