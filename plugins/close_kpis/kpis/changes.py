"""What changed in the lake, as the months whose numbers it can move."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from close_kpis.lake.sql import names, statement

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


@dataclass(frozen=True)
class Changes:
    """What has happened to the raw tables that KPIs read since a snapshot of the lake.

    Attributes:
        first: the first snapshot after it.
        last: the newest snapshot.
        tables: the raw tables that have changed.
        is_everything: what the records refer to (users, statuses, fields) differs, or the lake no longer knows.
    """

    first: int
    last: int
    tables: tuple[str, ...]
    is_everything: bool


def feeds() -> tuple[str, ...]:
    """Return the tables whose changes tell which leads are computed anew, besides the month: read once for both."""
    return names("incremental/changed")


def changes_since(con: DuckDBPyConnection, since_snapshot: int | None) -> Changes:
    """Return what has changed since a snapshot, and keep the changes of `feeds` in temporary tables of the connection.

    Args:
        con: a connection to the lake.
        since_snapshot: of the last computation; None, or one that the lake no longer has, takes everything as
            changed.
    """
    newest, oldest = con.execute(statement("changes/snapshots")).fetchall()[0]
    if since_snapshot is None or since_snapshot + 1 < oldest:
        return Changes(oldest, newest, tuple(BOUNDS), is_everything=True)
    first = since_snapshot + 1
    if first > newest:
        return Changes(first, newest, (), is_everything=False)
    snapshots = {"from": first, "to": newest}
    changed = {name for (name,) in con.execute(statement("changes/tables"), snapshots).fetchall()}
    tables = tuple(table for table in BOUNDS if table in changed)
    references = (table for table in tables if BOUNDS[table] == "reference")
    if any(_differs(con, table, snapshots) for table in references):
        return Changes(first, newest, tables, is_everything=True)
    for table in (table for table in tables if table in feeds()):
        con.execute(statement("changes/feed", table), snapshots)
    return Changes(first, newest, tables, is_everything=False)


def earliest_changed_month(con: DuckDBPyConnection, changes: Changes, zone: str) -> date | None:
    """Return the first month whose numbers changes of the raw tables can move.

    A balance depends on all that came before it, so every later month can have moved too.

    Args:
        con: a connection to the lake.
        changes: what `changes_since` returned for the same connection.
        zone: the reporting time zone (IANA name).

    Returns:
        The first day of the month, None where nothing that a KPI reads has changed.
    """
    if changes.is_everything:
        return _month(con, "changes/first_month", {"zone": zone})
    kept, read = {"zone": zone}, {"zone": zone, "from": changes.first, "to": changes.last}
    bounds = ((table, BOUNDS[table]) for table in changes.tables if BOUNDS[table] != "reference")
    months = [_month(con, f"changes/{bound}", kept if table in feeds() else read, table) for table, bound in bounds]
    return min((month for month in months if month is not None), default=None)


def _differs(con: DuckDBPyConnection, table: str, snapshots: Mapping[str, int]) -> bool:
    return bool(con.execute(statement("changes/reference", table), dict(snapshots)).fetchall()[0][0])


def _month(con: DuckDBPyConnection, name: str, parameters: Mapping[str, Any], table: str | None = None) -> date | None:
    found: date | None = con.execute(statement(name, table), dict(parameters)).fetchall()[0][0]
    return found
