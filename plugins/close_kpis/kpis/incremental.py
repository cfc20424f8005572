"""Incremental staging models: a large lake keeps them lead by lead, and a computation builds those of changed leads.

The models of a lead depend on the records of that lead and of those merged with it, on the settings, and on the
time only where a status change or a ``date_won`` lies ahead. So what a day changes is found in the lake's change
feed, built from those records alone, and put beside what was kept. The first computation of a month, or after new
settings or models, is a full refresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.kpis.changes import earliest_changed_month, feeds
from close_kpis.kpis.models import fill_workspace, in_order, models_hash
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import raw_tables, statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.changes import Changes

LARGE = 16 * 2**20
"""Bytes of data from which on a lake keeps its models: a smaller one is computed whole more quickly."""

MODELS = (
    "current_customers",
    "customer_blips",
    "customer_periods",
    "customer_spans",
    "customer_values",
    "lead_owners",
    "lead_results",
    "lead_timeline",
    "opportunities",
    "recurring_wins",
    "trials",
)
"""The staging models that are kept: each has a ``lead_id``, and a lead's rows depend on no other lead."""

READ_ONCE = frozenset({"customer_values", "lead_owners", "lead_results", "lead_timeline", "recurring_wins", "trials"})
"""Those of them that few models read, or few columns of: they are read where they are kept."""


@dataclass(frozen=True)
class State:
    """What the kept models were computed from.

    Attributes:
        computation_id: by which computation.
        snapshot_id: of the lake.
        settings_hash: of the resolved settings.
        models_hash: of the SQL.
        as_of: the instant that the data was complete up to (UTC).
        first_record_at: the account's first record, None without records.
    """

    computation_id: str
    snapshot_id: int
    settings_hash: str
    models_hash: str
    as_of: datetime
    first_record_at: datetime | None

    def covers(self, as_of: datetime, settings_hash: str, zone: str) -> bool:
        """Say whether a computation of the same local month, by the same settings and models, can build on it."""
        months = {f"{moment.astimezone(ZoneInfo(zone)):%Y-%m}" for moment in (self.as_of, as_of)}
        return (
            self.as_of <= as_of
            and len(months) == 1
            and (self.settings_hash, self.models_hash) == (settings_hash, models_hash())
        )

    def knows_first_record(self, changed_month: date | None, zone: str) -> bool:
        """Say whether changes from a month on leave the first record what it was."""
        if self.first_record_at is None:
            return False
        first_on = self.first_record_at.astimezone(ZoneInfo(zone)).date()
        return changed_month is None or changed_month > first_on


@dataclass(frozen=True)
class Brought:
    """Kept models that a computation builds on.

    Attributes:
        state: what they were computed from.
        leads: how many leads have changed since.
        changed_month: the first month whose numbers the changes can move, None for none.
        models: the staging models that the workspace has by now.
    """

    state: State
    leads: int
    changed_month: date | None
    models: tuple[str, ...]


def usable_state(
    con: DuckDBPyConnection, changes: Changes, *, as_of: datetime, settings_hash: str, zone: str
) -> State | None:
    """Return what the kept models were computed from, None where this computation cannot build on it.

    Args:
        con: a connection to the lake.
        changes: since the last computation that readers see.
        as_of: of this computation.
        settings_hash: of its resolved settings.
        zone: the reporting time zone (IANA name).
    """
    state = None if changes.is_everything else _state(con)
    if state is None or state.snapshot_id + 1 < changes.first or not state.covers(as_of, settings_hash, zone):
        return None
    return state


def bring(con: DuckDBPyConnection, state: State, changes: Changes, zone: str) -> Brought:
    """Create the kept models in the workspace: rows of unchanged leads as kept, those of changed leads built anew.

    Args:
        con: a connection whose names mean the workspace.
        state: what `usable_state` returned.
        changes: since the last computation that readers see, which is not newer than the state.
        zone: the reporting time zone (IANA name).
    """
    merges = in_order("staging", ("lead_ids",))
    fill_workspace(con, only=merges)
    con.execute(statement("incremental/changed_records"))
    for table in (name for name in feeds() if name in changes.tables):
        con.execute(statement(f"incremental/changed/{table}"))
    [(leads,)] = con.execute(statement("incremental/changed_leads"), {"last_as_of": state.as_of}).fetchall()
    con.execute(statement("incremental/read_changed"))
    # What the changes bear on lies on the changed leads: quicker asked here than of the whole lake.
    changed_month = earliest_changed_month(con, changes, zone)
    fill_workspace(con, only=MODELS, given=merges)
    for name in MODELS:
        con.execute(statement("incremental/set_aside", name))
    for table in raw_tables():
        con.execute(statement("workspace/raw_view", table))
    for name in MODELS:
        con.execute(statement("incremental/view" if name in READ_ONCE else "incremental/table", name))
    models = (*merges, *MODELS)
    if state.knows_first_record(changed_month, zone):
        con.execute(statement("incremental/first_record"))
        models = (*models, "first_record")
    return Brought(state, leads, changed_month, models)


def keep(con: DuckDBPyConnection, brought: Brought | None, computation: Mapping[str, Any]) -> None:
    """Keep the workspace's models for the next computation, in the caller's transaction.

    Args:
        con: a connection whose names mean the lake.
        brought: what this computation built on; None for a full refresh.
        computation: the row that `kpi.computations` gets.
    """
    if brought and brought.state != _state(con):
        # Another computation has kept its models meanwhile: the next one builds on those.
        return
    con.execute(statement("incremental/schema"))
    how = "merge" if brought else "replace"
    for name in MODELS:
        con.execute(statement(f"incremental/{how}", name))
    con.execute(statement("incremental/loose_opportunities"))
    of_state = ("computation_id", "snapshot_id", "settings_hash", "models_hash", "as_of")
    con.execute(statement("incremental/put_state"), {name: computation[name] for name in of_state})


def _state(con: DuckDBPyConnection) -> State | None:
    if "incremental.state" not in existing_tables(con):
        return None
    row = con.execute(statement("incremental/state")).fetchone()
    return State(*row) if row else None
