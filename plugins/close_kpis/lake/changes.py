"""What changed in the lake, as the months whose numbers it can move."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from duckdb import DuckDBPyConnection

BOUNDS: Mapping[str, str] = MappingProxyType({
    "leads": "leads",
    "lead_status_changes": "lead_status_changes",
    "lead_merges": "lead_merges",
    "opportunities": "opportunities",
    "opportunity_status_changes": "activities",
    "calls": "activities",
    "emails": "activities",
    "meetings": "meetings",
    "custom_activities": "activities",
    "task_completions": "activities",
    "organization": "reference",
    "users": "reference",
    "lead_statuses": "reference",
    "opportunity_statuses": "reference",
    "pipelines": "reference",
    "custom_fields": "reference",
    "outcomes": "reference",
    "custom_activity_types": "reference",
})
"""For each raw table that a KPI reads, the query in ``include/sql/changes`` that bounds its changes."""


def earliest_changed_month(con: DuckDBPyConnection, since_snapshot: int | None, zone: str) -> date | None:
    """Return the first month whose numbers the changes of the raw tables since a snapshot can move.

    A balance depends on all that came before it, so every later month can have moved too.

    Args:
        con: a connection to the lake.
        since_snapshot: the snapshot of the last computation; None, or one that the lake no longer
            has, takes everything as changed.
        zone: the reporting time zone (IANA name).

    Returns:
        The first day of the month, None where nothing that a KPI reads has changed.
    """
    if since_snapshot is None or reference_has_changed(con, since_snapshot):
        return _month(con, "changes/first_month", {"zone": zone})
    snapshots, tables = changes_since(con, since_snapshot)
    months = [
        _month(con, f"changes/{BOUNDS[table]}", {**snapshots, "zone": zone}, table)
        for table in tables
        if BOUNDS[table] != "reference"
    ]
    return min((month for month in months if month is not None), default=None)


def reference_has_changed(con: DuckDBPyConnection, since_snapshot: int) -> bool:
    """Say whether what the records refer to (users, statuses, fields) differs since a snapshot, or may.

    Args:
        con: a connection to the lake.
        since_snapshot: the snapshot of the last computation; of one that the lake no longer has, nothing is known.
    """
    [(_, oldest)] = con.execute(statement("changes/snapshots")).fetchall()
    if since_snapshot + 1 < oldest:
        return True
    snapshots, tables = changes_since(con, since_snapshot)
    return any(_differs(con, table, snapshots) for table in tables if BOUNDS[table] == "reference")


def changes_since(con: DuckDBPyConnection, since_snapshot: int) -> tuple[dict[str, int], list[str]]:
    """Return what has happened to the lake since a snapshot.

    Returns:
        The first and the last snapshot after it (``from``, ``to``), and the raw tables that KPIs read and these name.
    """
    [(newest, _)] = con.execute(statement("changes/snapshots")).fetchall()
    snapshots = {"from": since_snapshot + 1, "to": newest}
    if since_snapshot >= newest:
        return snapshots, []
    changed = {name for (name,) in con.execute(statement("changes/tables"), snapshots).fetchall()}
    return snapshots, [table for table in BOUNDS if table in changed]


def _differs(con: DuckDBPyConnection, table: str, snapshots: Mapping[str, int]) -> bool:
    return bool(con.execute(statement("changes/reference", table), dict(snapshots)).fetchall()[0][0])


def _month(con: DuckDBPyConnection, name: str, parameters: Mapping[str, Any], table: str | None = None) -> date | None:
    found: date | None = con.execute(statement(name, table), dict(parameters)).fetchall()[0][0]
    return found
