"""Reads an account folder for the tests of what is in it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
ZONE = ZoneInfo("America/New_York")


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def local_day(text: str) -> date:
    return instant(text).astimezone(ZONE).date()


@dataclass(frozen=True)
class Folder:
    path: Path

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        return {
            file.stem: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            for file in sorted(self.path.glob("*.jsonl"))
        }

    def __getitem__(self, resource: str) -> list[Row]:
        return self.rows[resource]

    def activities(self, kind: str) -> list[Row]:
        return self._activities[kind]

    @cached_property
    def _activities(self) -> dict[str, list[Row]]:
        by_type: dict[str, list[Row]] = defaultdict(list)
        for row in self["activities"]:
            by_type[row["_type"]].append(row)
        return by_type

    @cached_property
    def ids(self) -> dict[str, set[str]]:
        return {resource: {row["id"] for row in rows} for resource, rows in self.rows.items()}

    def field(self, name: str) -> str:
        """Return the key under which rows hold the custom field of this name."""
        (field_id,) = (row["id"] for row in self["custom_fields"] if row["name"] == name)
        return f"custom.{field_id}"

    @cached_property
    def moves(self) -> dict[str, list[Row]]:
        """Status changes by lead, in the order in which they happened."""
        by_lead: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.activities("LeadStatusChange"), key=lambda row: (row["activity_at"], row["id"])):
            by_lead[row["lead_id"]].append(row)
        return by_lead

    def status_at(self, lead: Row, at: datetime) -> str | None:
        """Return the label of a lead's status just before an instant, None before it was created."""
        if instant(lead["date_created"]) >= at:
            return None
        moves = self.moves[lead["id"]]
        status = moves[0]["old_status_label"] if moves else lead["status_label"]
        for move in moves:
            if instant(move["activity_at"]) < at:
                status = move["new_status_label"]
        return str(status)

    @cached_property
    def by_case(self) -> dict[str, list[Row]]:
        """Leads by the odd case that their description names."""
        cases: dict[str, list[Row]] = defaultdict(list)
        for lead in self["leads"]:
            if lead["description"]:
                cases[lead["description"]].append(lead)
        return cases

    def case(self, name: str) -> Row:
        (lead,) = self.by_case[name]
        return lead

    def deals_of(self, lead: Row) -> list[Row]:
        return [row for row in self["opportunities"] if row["lead_id"] == lead["id"]]


def annual_cents(deal: Row) -> int:
    return (deal["value"] or 0) * {"monthly": 12, "annual": 1, "one_time": 0}[deal["value_period"]]
