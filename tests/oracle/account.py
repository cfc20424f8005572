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
READ_ACTIVITIES = frozenset({"Call", "Email", "Meeting", "CustomActivity", *STATUS_CHANGES, "TaskCompleted"})
"""The activity types that the pipeline reads and that make a rep-month."""


@dataclass(frozen=True)
class Lead:
    id: str
    status_id: str | None
    created: datetime
    updated: datetime
    custom: Row


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
    created: datetime
    row: Row

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
    """Something done; `at` is `activity_at`, "else `date_created`"; `row` is the API's object."""

    id: str
    type: str
    lead_id: str | None
    user_id: str | None
    at: datetime
    row: Row


@dataclass
class Account:
    """All records that count, and the run they are looked at with.

    Attributes:
        uncounted: ids of the opportunities that are deleted, or in pipelines with role `ignore`: "left out, here
            and everywhere".
        pipelines: the API's objects.
        history: the months from the account's first record to the running one; `months`: those reported.
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

    def of_type(self, kind: str) -> list[Activity]:
        return [activity for activity in self.activities if activity.type == kind]

    @cached_property
    def status_changes(self) -> dict[str | None, list[Activity]]:
        """The status changes of each lead, by (instant, id)."""
        found: dict[str | None, list[Activity]] = {}
        for change in sorted(self.of_type("LeadStatusChange"), key=lambda change: (change.at, change.id)):
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
    leads = {row["id"]: _lead(row) for row in rows["leads"] if row["id"] not in deleted and row["id"] not in merged}
    rows["activities"] = [row for row in rows["activities"] if row["_type"] in READ_ACTIVITIES]
    deals = [
        _opportunity(row, home, resolved) for row, home in _children(rows["opportunities"], leads, merged, deleted)
    ]
    counted = [deal for deal in deals if deal.role != "ignore"]
    account = Account(
        settings=resolved,
        as_of=as_of,
        leads=leads,
        opportunities=counted,
        activities=[_activity(row, home) for row, home in _children(rows["activities"], leads, merged, deleted)],
        users={row["id"]: row for row in rows["users"]},
        uncounted=frozenset({row["id"] for row in rows["opportunities"]} - {deal.id for deal in counted}),
        pipelines=rows["pipelines"],
    )
    first = _first_instant([
        row for row in rows["leads"] + rows["opportunities"] + rows["activities"] if row["id"] not in deleted
    ])
    account.history = when.months_between(account.local(first or as_of), as_of, resolved.zone)
    account.months = [
        month
        for month in account.history
        if month.is_running
        or resolved.history_start is None
        or month.first >= when.first_of_month(resolved.history_start)
    ]
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


def _lead(row: Row) -> Lead:
    created = when.instant(row["date_created"])
    assert created
    return Lead(
        id=row["id"],
        status_id=row.get("status_id"),
        created=created,
        updated=when.instant(row.get("date_updated")) or created,
        custom={name.removeprefix("custom."): value for name, value in row.items() if name.startswith("custom.")},
    )


def _opportunity(row: Row, lead_id: str | None, settings: Settings) -> Opportunity:
    created = when.instant(row["date_created"])
    assert created
    return Opportunity(
        id=row["id"],
        lead_id=lead_id,
        user_id=row.get("user_id"),
        role=settings.pipeline_roles.get(row.get("pipeline_id") or "", "new"),
        status_type=row.get("status_type"),
        value=row.get("value"),
        period=row.get("value_period"),
        won_on=when.day(row.get("date_won")),
        lost=when.instant(row.get("date_lost")),
        created=created,
        row=row,
    )


def _activity(row: Row, lead_id: str | None) -> Activity:
    at = when.instant(row.get("activity_at")) or when.instant(row["date_created"])
    assert at
    return Activity(row["id"], row["_type"], lead_id, row.get("user_id"), at, row)


def _first_instant(rows: list[Row]) -> datetime | None:
    """Return the instant of "the account's first record": activities by `activity_at`, else by creation."""
    instants = [when.instant(row.get("activity_at")) or when.instant(row["date_created"]) for row in rows]
    return min((at for at in instants if at), default=None)
