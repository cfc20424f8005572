"""An account folder as plain records: deleted ones gone, merged leads' children at their destination."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.oracle import when
from tests.oracle.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

Row = dict[str, Any]

REFERENCE = ("lead_statuses", "pipelines", "users", "custom_fields", "outcomes", "custom_activity_types")
FILES = ("leads", "opportunities", "activities", *REFERENCE)

STATUS_CHANGES = ("LeadStatusChange", "OpportunityStatusChange")
OPTIONAL_ACTIVITIES = {"sms": "SMS", "notes": "Note", "whatsapp_messages": "WhatsAppMessage"}
READ_ACTIVITIES = frozenset({"Call", "Email", "Meeting", "CustomActivity", *STATUS_CHANGES, "TaskCompleted"})
"""The activity types that the pipeline reads and that make a rep-month."""


@dataclass(frozen=True)
class Lead:
    """A lead; `created` and `updated` are None where they are not believed."""

    id: str
    status_id: str | None
    created: datetime | None
    updated: datetime | None
    custom: Row
    row: Row


@dataclass(frozen=True)
class Opportunity:
    """A deal: `value` in cents, `created`, `lost` instants, `won_on` a date as it stands; `row` the API's object."""

    id: str
    lead_id: str | None
    user_id: str | None
    role: str
    status_type: str | None
    value: int | None
    period: str | None
    won_on: date | None
    lost: datetime | None
    created: datetime | None
    row: Row

    @property
    def is_renewal(self) -> bool:
        return self.role == "renewal"

    @property
    def is_won(self) -> bool:
        """Definitions: "Won means `status_type = 'won'`"."""
        return self.status_type == "won"

    @property
    def is_lost(self) -> bool:
        return self.status_type == "lost"

    @property
    def is_recurring(self) -> bool:
        return self.period in {"monthly", "annual"}

    @property
    def annual_cents(self) -> int:
        """Return "monthly value x 12, annual value x 1, one_time kept apart"; "null value counts 0"."""
        return (self.value or 0) * {"monthly": 12, "annual": 1}.get(self.period or "", 0)


@dataclass(frozen=True)
class Activity:
    """Something done; `at` is `activity_at`, "else `date_created`", as far as believed; `row` is the API's object."""

    id: str
    type: str
    lead_id: str | None
    user_id: str | None
    at: datetime | None
    row: Row


@dataclass
class Account:
    """All records that count, and the run they are looked at with.

    Attributes:
        uncounted: ids of the opportunities that are deleted, or in pipelines with role `ignore`: "left out, here
            and everywhere".
        pipelines: the API's objects.
        history: the months from the first one in which anything can have moved a customer; `months`: those reported.
    """

    settings: Settings
    as_of: datetime
    leads: dict[str, Lead]
    opportunities: list[Opportunity]
    activities: list[Activity]
    users: dict[str, Row]
    uncounted: frozenset[str]
    pipelines: list[Row]
    months: list[when.Month] = field(default_factory=list)
    history: list[when.Month] = field(default_factory=list)

    def local(self, at: datetime) -> date:
        return when.local_date(at, self.settings.zone)

    @property
    def today(self) -> date:
        """The local date of the run."""
        return self.local(self.as_of)

    def is_imported(self, found: Lead | Opportunity) -> bool:
        """Say whether something was created on an import day; a lead also "without a creation date"."""
        if found.created is None:
            return isinstance(found, Lead)
        return self.local(found.created) in self.settings.import_days

    def is_measured(self, deal: Opportunity) -> bool:
        """Say whether days, calls and e-mails of a deal are measured: no renewal, imported or undated one's are."""
        return not deal.is_renewal and deal.created is not None and not self.is_imported(deal)

    def of_type(self, kind: str) -> list[Activity]:
        return [activity for activity in self.activities if activity.type == kind]

    @cached_property
    def status_changes(self) -> dict[str | None, list[Activity]]:
        """The status changes of each lead, by (instant, id)."""
        found: dict[str | None, list[Activity]] = {}
        dated = [change for change in self.of_type("LeadStatusChange") if change.at]
        for change in sorted(dated, key=lambda change: (change.at, change.id)):
            found.setdefault(change.lead_id, []).append(change)
        return found

    @cached_property
    def deals(self) -> dict[str | None, list[Opportunity]]:
        """The opportunities of each lead."""
        found: dict[str | None, list[Opportunity]] = {}
        for opportunity in self.opportunities:
            found.setdefault(opportunity.lead_id, []).append(opportunity)
        return found


def read_account(folder: Path, settings: str, as_of: datetime, deleted: frozenset[str] = frozenset()) -> Account:
    """Read an account folder.

    Args:
        folder: the JSON Lines files.
        settings: the text of its `kpis.yaml`.
        as_of: the run's instant.
        deleted: ids of records that were there and have been deleted since.
    """
    rows = {name: _rows(folder / f"{name}.jsonl") for name in FILES}
    resolved = read_settings(settings, rows)
    merged = _merges(rows["activities"])
    leads = {
        row["id"]: _lead(row, as_of) for row in rows["leads"] if row["id"] not in deleted and row["id"] not in merged
    }
    read = READ_ACTIVITIES | {OPTIONAL_ACTIVITIES[name] for name in resolved.streams}
    rows["activities"] = [row for row in rows["activities"] if row["_type"] in read]
    deals = [
        _opportunity(row, home, resolved, as_of)
        for row, home in _children(rows["opportunities"], leads, merged, deleted)
    ]
    counted = [deal for deal in deals if deal.role != "ignore"]
    account = Account(
        settings=resolved,
        as_of=as_of,
        leads=leads,
        opportunities=counted,
        activities=[_activity(row, home, as_of) for row, home in _children(rows["activities"], leads, merged, deleted)],
        users={row["id"]: row for row in rows["users"]},
        uncounted=frozenset({row["id"] for row in rows["opportunities"]} - {deal.id for deal in counted}),
        pipelines=rows["pipelines"],
    )
    first = resolved.history_start or min(_first_days(account), default=account.today)
    account.months = when.months_between(first, as_of, resolved.zone)
    moved = [account.local(change.at) for changes in account.status_changes.values() for change in changes if change.at]
    won = [deal.won_on for deal in counted if deal.is_won and deal.won_on]
    earliest = min([first, *_first_days(account), *moved, *won])
    account.history = when.months_between(earliest, as_of, resolved.zone)
    return account


def _children(
    rows: list[Row], leads: dict[str, Lead], merged: dict[str, str], deleted: frozenset[str]
) -> Iterator[tuple[Row, str | None]]:
    """Yield the rows that count with the lead they belong to; None where it is unknown.

    "Deleted opportunities, activities and leads leave every number; merged leads: the source's children and
    history belong to the destination."
    """
    for row in rows:
        home, seen = row.get("lead_id"), set()
        while home in merged and home not in seen:
            seen.add(home)
            home = merged[home]
        if row["id"] not in deleted and home not in deleted:
            yield row, home if home in leads else None


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _merges(activities: list[Row]) -> dict[str, str]:
    return {
        row["source_lead_id"]: row["destination_lead_id"]
        for row in activities
        if row["_type"] == "LeadMerge" and row["merge_status"] == "completed"
    }


def _instant(text: str | None, as_of: datetime) -> datetime | None:
    """Return an instant that is believed, else None: "read as missing"."""
    at = when.instant(text)
    return at if when.is_believed(at, as_of) else None


def _lead(row: Row, as_of: datetime) -> Lead:
    return Lead(
        id=row["id"],
        status_id=row.get("status_id"),
        created=_instant(row["date_created"], as_of),
        updated=_instant(row.get("date_updated"), as_of),
        custom={name.removeprefix("custom."): value for name, value in row.items() if name.startswith("custom.")},
        row=row,
    )


def _opportunity(row: Row, lead_id: str | None, settings: Settings, as_of: datetime) -> Opportunity:
    won_on = when.day(row.get("date_won"))
    return Opportunity(
        id=row["id"],
        lead_id=lead_id,
        user_id=row.get("user_id"),
        role=settings.pipeline_roles.get(row.get("pipeline_id") or "", "new"),
        status_type=row.get("status_type"),
        value=row.get("value"),
        period=row.get("value_period"),
        won_on=won_on if when.is_believed(won_on, as_of) else None,
        lost=_instant(row.get("date_lost"), as_of),
        created=_instant(row["date_created"], as_of),
        row=row,
    )


def _activity(row: Row, lead_id: str | None, as_of: datetime) -> Activity:
    at = _instant(row.get("activity_at"), as_of) or _instant(row["date_created"], as_of)
    return Activity(row["id"], row["_type"], lead_id, row.get("user_id"), at, row)


def _first_days(account: Account) -> list[date]:
    """Return the days on which "a lead or an opportunity was created or an opportunity won (in the past)"."""
    created = [found.created for found in (*account.leads.values(), *account.opportunities)]
    won = [
        deal.won_on for deal in account.opportunities if deal.is_won and deal.won_on and deal.won_on <= account.today
    ]
    return [*(account.local(at) for at in created if at), *won]
