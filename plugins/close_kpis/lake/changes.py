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
    newest, oldest = con.execute(statement("changes/snapshots")).fetchall()[0]
    if since_snapshot is None or since_snapshot + 1 < oldest:
        return _month(con, "changes/first_month", {"zone": zone})
    if since_snapshot >= newest:
        return None
    snapshots = {"from": since_snapshot + 1, "to": newest}
    changed = {name for (name,) in con.execute(statement("changes/tables"), snapshots).fetchall()}
    bounds = {table: bound for table, bound in BOUNDS.items() if table in changed}
    if any(bound == "reference" and _differs(con, table, snapshots) for table, bound in bounds.items()):
        return _month(con, "changes/first_month", {"zone": zone})
    months = [
        _month(con, f"changes/{bound}", {**snapshots, "zone": zone}, table)
        for table, bound in bounds.items()
        if bound != "reference"
    ]
    return min((month for month in months if month is not None), default=None)


def _differs(con: DuckDBPyConnection, table: str, snapshots: Mapping[str, int]) -> bool:
    return bool(con.execute(statement("changes/reference", table), dict(snapshots)).fetchall()[0][0])


def _month(con: DuckDBPyConnection, name: str, parameters: Mapping[str, Any], table: str | None = None) -> date | None:
    found: date | None = con.execute(statement(name, table), dict(parameters)).fetchall()[0][0]
    return found
