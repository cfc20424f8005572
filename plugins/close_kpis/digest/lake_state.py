"""How far sync, checks and publish have come, and whether the published numbers are fit to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from close_kpis.clock import told
from close_kpis.kpis.changes import last_complete
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.digest.schedule import Due

UNDER_WAY = timedelta(hours=1)
"""How long numbers that were computed a moment ago may take to be checked and published before that is news."""


@dataclass(frozen=True)
class Computation:
    """Computed numbers: their id, when they were computed, and the instant that their data end at (UTC)."""

    computation_id: str
    computed_at: datetime
    as_of: datetime


@dataclass(frozen=True)
class Publish:
    """A publish of the workbook.

    Attributes:
        publish_id: its number.
        published_at: when (UTC).
        as_of: the instant that its data end at (UTC).
        computation_id: of the numbers that it showed.
        url: of the workbook.
    """

    publish_id: int
    published_at: datetime
    as_of: datetime
    computation_id: str
    url: str


@dataclass(frozen=True)
class LakeState:
    """How far the lake has come; None for what has not happened yet.

    Attributes:
        synced: the instant that the last complete sync read up to (UTC).
        candidate: the numbers that were computed last.
        released: the numbers that passed every check last.
        published: what readers of the workbook see.
    """

    synced: datetime | None
    candidate: Computation | None
    released: Computation | None
    published: Publish | None


@dataclass(frozen=True)
class Obstacle:
    """Why published numbers are not sent.

    Attributes:
        reason: in words, to follow "not sent because".
        is_passing: it will be over in a moment: nobody needs to be told.
    """

    reason: str
    is_passing: bool = False


def read_state(con: DuckDBPyConnection) -> LakeState:
    """Read how far a lake has come.

    Args:
        con: a connection to the lake.
    """
    tables = existing_tables(con)

    def row(table: str, query: str) -> tuple[Any, ...] | None:
        return con.execute(statement(query)).fetchone() if table in tables else None

    complete = last_complete(con)
    candidate = row("candidate.computation", "digest.candidate")
    released = row("kpi.computations", "digest.last_release")
    published = row("published.publishes", "digest.last_publish")
    return LakeState(
        synced=complete.as_of if complete else None,
        candidate=Computation(*candidate) if candidate else None,
        released=Computation(*released) if released else None,
        published=Publish(*published) if published else None,
    )


def obstacle(state: LakeState, due: Due, at: datetime, late_after: timedelta, zone: str) -> Obstacle | None:
    """Return why the published numbers are not sent, None where they are fit to be.

    Args:
        state: how far the lake has come.
        due: the digest.
        at: the present instant, aware.
        late_after: how old published numbers may be.
        zone: the reporting time zone, in which instants are told.
    """
    if found := behind(state, at, late_after, zone):
        return found
    published = state.published
    if due.month is not None and published is not None and published.as_of < _end(due, zone):
        return Obstacle(
            f"{due.month:%B %Y} is not closed in the published numbers, which end at {told(published.as_of, zone)}"
        )
    return None


def behind(state: LakeState, at: datetime, late_after: timedelta, zone: str) -> Obstacle | None:
    """Return why what readers see is not what Close has, None where it is.

    Args:
        state: how far the lake has come.
        at: the present instant, aware.
        late_after: how old published numbers may be.
        zone: the reporting time zone, in which instants are told.
    """
    published, released, candidate = state.published, state.released, state.candidate
    if candidate is not None and (released is None or candidate.computed_at > released.computed_at):
        return Obstacle(
            f"a check has stopped the numbers of {told(candidate.as_of, zone)} (the task that failed in the DAG "
            "sales_kpis names the rule and the records)",
            is_passing=at - candidate.computed_at < UNDER_WAY,
        )
    if state.synced is None or at - state.synced > late_after:
        reached = f"it has read up to {told(state.synced, zone)}" if state.synced else "none has ended yet"
        return Obstacle(f"the last sync with Close is late: {reached} (DAG close_sync)")
    if released is None:
        return Obstacle("no numbers have been computed yet (DAG sales_kpis)")
    if published is None or published.computation_id != released.computation_id:
        return Obstacle(
            f"the workbook has not been published with the numbers of {told(released.as_of, zone)} (DAG "
            "sheets_publish)",
            is_passing=at - released.computed_at < UNDER_WAY,
        )
    if at - published.as_of > late_after:
        return Obstacle(f"the numbers are stale: they end at {told(published.as_of, zone)} (DAG sales_kpis)")
    return None


def _end(due: Due, zone: str) -> datetime:
    """Return the instant at which a digest's month ends."""
    assert due.month is not None
    after = (due.month + timedelta(days=32)).replace(day=1)
    return datetime(after.year, after.month, 1, tzinfo=ZoneInfo(zone))
