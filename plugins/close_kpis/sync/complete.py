"""The end of a sync: a state in which every stream is read up to one instant, recorded for the computations."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from close_kpis.clock import now
from close_kpis.close.client import CloseClient
from close_kpis.close.events import read_events
from close_kpis.close.registry import STREAMS
from close_kpis.lake.connection import opened, run_transaction
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger
from close_kpis.sync.bookmarks import event_position
from close_kpis.sync.start import log_mark, start_sync
from close_kpis.sync.stream import sync_streams

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.sync.extraction import Extraction

log = logger(__name__)

ROUNDS = 3
"""How often all streams are brought up to date once more because Close has logged something since they were read. In an
account that changes without pause the last round counts: it takes seconds, where a first load can take hours."""


def complete_sync(extraction: Extraction) -> datetime:
    """Record the lake's state as complete once all streams have been read.

    The streams of a sync are read one after the other, some of them hours after the first, or on another day where a
    task was cleared. What Close has logged since then is read first, so that they show the account at one instant.

    Args:
        extraction: from where into where.

    Returns:
        The instant that the recorded state is read up to (UTC).

    Raises:
        CloseError: Close could not be read; what was recorded before still counts.
    """
    for _ in range(ROUNDS):
        if asyncio.run(_is_up_to_date(extraction)) and (as_of := _record(extraction)) is not None:
            return as_of
        log.info("The account has changed since its streams were read: they are brought up to date")
        sync_streams(extraction, start_sync(extraction))
    as_of = _record(extraction)
    if as_of is None:
        raise RuntimeError("another run reads Close at the same time: clear this task once it has ended")
    return as_of


async def _is_up_to_date(extraction: Extraction) -> bool:
    """Say whether Close has logged nothing of any stream since the event log was read."""
    with opened(extraction.lake) as con:
        before = event_position(con)
        if before is None or _behind(con, extraction):
            return False
        async with CloseClient(extraction.close) as client:
            events = await read_events(client, log_mark(before), now(extraction.zone))
        types = {STREAMS[name].object_type for name in extraction.streams}
        found = {row["id"]: row["date_updated"] for row in events.rows if row["object_type"] in types}
        known = dict(con.execute(statement("events.known"), {"ids": sorted(found)}).fetchall())
    return not events.has_gap and known == found


def _record(extraction: Extraction) -> datetime | None:
    """Record the lake's present state as complete; None where a stream is behind the event log."""

    def record(con: DuckDBPyConnection) -> datetime | None:
        if _behind(con, extraction):
            return None
        con.execute(
            statement("bookmarks.put_complete"),
            {"streams": list(extraction.streams), "recorded_at": datetime.now(UTC)},
        )
        as_of: datetime
        [(snapshot_id, as_of)] = con.execute(statement("bookmarks.complete")).fetchall()
        log.info("Every stream is read up to %s: snapshot %d of the lake", as_of.isoformat(), snapshot_id)
        return as_of

    with opened(extraction.lake) as con:
        return run_transaction(con, extraction.lake, record)


def _behind(con: DuckDBPyConnection, extraction: Extraction) -> list[str]:
    """Return the streams that are not read up to the newest reading of the event log."""
    found = con.execute(statement("bookmarks.behind"), {"streams": list(extraction.streams)}).fetchall()
    return [name for (name,) in found]
