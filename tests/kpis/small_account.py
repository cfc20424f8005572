"""A small account, record by record, in a real lake, and the KPI tables computed from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from close_kpis.kpis.compute import Computation, compute
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import raw_tables
from tests.support.lake import prepared_lake

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

STATUSES = ("Potential", "Trial", "Customer", "Churned", "Lost")
PIPELINES = ("New business", "Expansion", "Renewal", "Partnerships")
SETTINGS: Row = {
    "timezone": "UTC",
    "lead_statuses": {"trial": ["Trial"], "customer": ["Customer"], "churned": ["Churned"], "lost": ["Lost"]},
    "pipelines": {
        "new": ["New business"],
        "expansion": ["Expansion"],
        "renewal": ["Renewal"],
        "ignore": ["Partnerships"],
    },
    "source_field": "Source",
}


def at(moment: str) -> datetime:
    """Return an instant: `2026-03-05`, `2026-03-05 14:30`, in UTC unless it names an offset."""
    parsed = datetime.fromisoformat(moment)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass
class SmallAccount:
    """Records to write, then the lake that has them.

    Ids are the names given; statuses and pipelines are named by their label.
    """

    folder: Path
    as_of: str = "2026-06-30 23:59:59.999999"
    settings: Row = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    _reader: DuckDBPyConnection | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.config = prepared_lake(self.folder)
        self.rows["lead_statuses"] = [
            {"id": f"stat_{label}", "label": label, "position": number} for number, label in enumerate(STATUSES)
        ]
        self.rows["pipelines"] = [
            {"id": f"pipe_{name}", "name": name, "position": number} for number, name in enumerate(PIPELINES)
        ]
        self.rows["custom_fields"] = [
            {"id": "cf_source", "name": "Source", "object_type": "lead", "type": "choices"},
            {"id": "cf_owner", "name": "Owner", "object_type": "lead", "type": "user"},
        ]

    def user(self, user_id: str, **columns: object) -> None:
        self.rows["users"].append({"id": user_id, "first_name": user_id, "is_active": True, **columns})

    def lead(self, lead_id: str, created: str, status: str = "Potential", **columns: object) -> None:
        """A lead; status is the current one."""
        self.rows["leads"].append({
            "id": lead_id,
            "display_name": lead_id,
            "status_id": f"stat_{status}",
            "status_label": status,
            "custom": {},
            "date_created": at(created),
            "date_updated": at("2026-06-30"),
            **columns,
        })

    def moves(
        self, lead_id: str, created: str, *path: tuple[str, str], start: str = "Potential", **columns: object
    ) -> None:
        """A lead that starts in a status and moves on: (when, status) each."""
        status = start
        for moment, new_status in path:
            self.change(lead_id, moment, status, new_status)
            status = new_status
        self.lead(lead_id, created, status, **columns)

    def change(self, lead_id: str, moment: str, old: str, new: str, **columns: object) -> None:
        self.rows["lead_status_changes"].append({
            "id": f"change_{len(self.rows['lead_status_changes']):04}",
            "lead_id": lead_id,
            "old_status_id": f"stat_{old}",
            "old_status_label": old,
            "new_status_id": f"stat_{new}",
            "new_status_label": new,
            "activity_at": at(moment),
            "date_created": at(moment),
            **columns,
        })

    def deal(
        self, deal_id: str, lead_id: str | None, won: str | None = None, value: int | None = 0, **columns: object
    ) -> None:
        """An opportunity of annual value, won where `won` is a day; `pipeline` is a name."""
        pipeline = columns.pop("pipeline", "New business")
        created = columns.pop("created", won or "2026-01-01")
        self.rows["opportunities"].append({
            "id": deal_id,
            "lead_id": lead_id,
            "pipeline_id": f"pipe_{pipeline}",
            "status_type": "won" if won else "active",
            "status_label": "Won" if won else "Open",
            "value": value,
            "value_period": "annual",
            "confidence": 50,
            "date_won": date.fromisoformat(won) if won else None,
            "date_created": at(str(created)),
            **columns,
        })

    def activity(self, table: str, record_id: str, moment: str, lead_id: str | None = None, **columns: object) -> None:
        """A call, e-mail, meeting ... with the values that make it count."""
        counted: dict[str, Row] = {
            "calls": {"direction": "outbound", "status": "completed"},
            "emails": {"direction": "outgoing", "status": "sent"},
            "meetings": {
                "title": "Product demo",
                "status": "completed",
                "starts_at": at(moment),
                "ends_at": at(moment) + timedelta(hours=1),
            },
            "custom_activities": {"status": "published"},
        }
        self.rows[table].append({
            "id": record_id,
            "lead_id": lead_id,
            "activity_at": at(moment),
            "date_created": at(moment),
            **counted.get(table, {}),
            **columns,
        })

    def sync(self, as_of: str | None = None, deleted: tuple[str, ...] = ()) -> None:
        """Write the records to the lake, as a sync that has read everything up to as_of."""
        read_at = at(as_of or self.as_of)
        con = connect(self.config)
        try:
            with transaction(con, self.config):
                con.execute("delete from sync.streams")
                for table in raw_tables():
                    if self.rows[table]:
                        merge(con, table, self.rows[table], synced_at=read_at)
                    if deleted:
                        tombstone(con, table, deleted, read_at)
                    con.execute(
                        "insert into sync.streams (stream, synced_through) values ($table, $read_at)",
                        {"table": table, "read_at": read_at},
                    )
        finally:
            con.close()

    def settings_file(self) -> Path:
        """Return the account's kpis.yaml, as its settings are now."""
        file = self.folder / "kpis.yaml"
        file.write_text(yaml.safe_dump({**SETTINGS, **self.settings}), encoding="utf-8")
        return file

    def compute(self) -> Computation:
        """Compute the KPI tables from the lake as it is, if anything has changed."""
        return compute(self.config, settings_file=self.settings_file())

    def run(self) -> SmallAccount:
        """Sync and compute."""
        self.sync()
        self.compute()
        return self

    def table(self, query: str) -> list[Row]:
        """Return the rows of a query, or of a whole table."""
        if self._reader is None:
            self._reader = connect(self.config, read_only=True)
        result = self._reader.execute(query if " " in query else f"from {query} order by all")
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def close(self) -> None:
        """Close what `table` reads with."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def month(self, table: str, month: str, user_id: str | None = None) -> Row:
        """Return the row of a month, as `2026-03`, of a table; of the rep report that of a user."""
        rows = [
            row
            for row in self.table(table)
            if f"{row['month']:%Y-%m}" == month and ("user_id" not in row or row["user_id"] == user_id)
        ]
        assert len(rows) == 1, f"{table} has {len(rows)} rows for {month}"
        return rows[0]
