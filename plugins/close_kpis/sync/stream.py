"""A sync of streams: load what is missing, follow what has changed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.close.client import CloseClient
from close_kpis.close.columns import read_instant
from close_kpis.close.errors import CloseUnavailableError
from close_kpis.close.lists import read_objects
from close_kpis.close.registry import STREAMS, stream_names
from close_kpis.close.stream import Kind
from close_kpis.close.windows import ALL_TIME, Window, month_window
from close_kpis.lake.connection import another, opened, run_transaction
from close_kpis.reporting import logger
from close_kpis.sync.bookmarks import (
    EventPosition,
    Load,
    begin_load,
    end_load,
    event_position,
    load_under_way,
    put_stream,
    stream_position,
)
from close_kpis.sync.follow import follow, reached
from close_kpis.sync.load import load, unloaded
from close_kpis.sync.missing import check_missing, report_unseen
from close_kpis.sync.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from duckdb import DuckDBPyConnection

    from close_kpis.sync.extraction import Extraction

log = logger(__name__)

HISTORY_MARGIN = timedelta(days=31)
"""How long before ``history_start`` heavy streams are read: a call or a mail that was created (planned,
drafted) in the month before can have happened in it."""

INDISPENSABLE = frozenset({"leads", "opportunities"})
"""Streams without which a report would be wrong, not only lack a column."""

TIMELESS = frozenset({"meetings", "custom_activities"})
"""Heavy streams whose rows happen at any time after they were created: read from their first row on."""


def sync_streams(
    extraction: Extraction, as_of: datetime, streams: Sequence[str] | None = None, *, accepts_missing: bool = False
) -> list[dict[str, Any]]:
    """Load what of streams is not in the lake yet, then follow the changes of the others at the same time.

    A load that was interrupted goes on where it stopped.

    Args:
        extraction: from where into where.
        as_of: the sync's instant, as `start_sync` returned it.
        streams: their names; None for all that are read.
        accepts_missing: whether rows that a comparison of a whole stream does not find in Close may be taken as
            deleted, however many they are.

    Returns:
        For each stream: stream, rows (read), inserted, updated, deleted, no_longer_visible, requests, seconds.

    Raises:
        CloseVisibilityError: a comparison of a whole stream found too few of its rows in Close.
        CloseError: Close could not be read; what was stored stays and is not read again.
    """
    return asyncio.run(_sync(extraction, streams or extraction.streams, as_of, accepts_missing=accepts_missing))


async def _sync(
    extraction: Extraction, streams: Sequence[str], as_of: datetime, *, accepts_missing: bool
) -> list[dict[str, Any]]:
    with opened(extraction.lake) as con:
        # One after the other: a load alone uses what memory and Close's limits allow.
        to_load = [name for name in streams if stream_position(con, name) is None or load_under_way(con, name)]

        def sync_one(name: str) -> Coroutine[Any, Any, dict[str, Any]]:
            return _sync_stream(extraction, name, con, as_of, accepts_missing=accepts_missing)

        counts = {name: await sync_one(name) for name in to_load}
        tasks = {name: asyncio.create_task(sync_one(name)) for name in streams if name not in counts}
        try:
            await asyncio.gather(*tasks.values())
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
    counts |= {name: task.result() for name, task in tasks.items()}
    return [counts[name] for name in streams]


async def _sync_stream(
    extraction: Extraction, name: str, con: DuckDBPyConnection, as_of: datetime, *, accepts_missing: bool
) -> dict[str, Any]:
    async with open_session(extraction, name, con, as_of) as session:
        position = log_position(session)
        try:
            await _load_and_follow(extraction, session, position, accepts_missing=accepts_missing)
        except CloseUnavailableError as error:
            leave_out(session, position, error)
        return await finished(session)


async def _load_and_follow(
    extraction: Extraction, session: Session, position: EventPosition, *, accepts_missing: bool
) -> None:
    is_fresh = await load_missing(extraction, session, position, accepts_missing=accepts_missing)
    complete = stream_position(session.con, session.stream.name)
    if complete is None:
        raise AssertionError(f"{session.stream.name} is loaded but has no position")
    if not is_fresh:
        await follow(session, complete, position)


def leave_out(session: Session, position: EventPosition, error: CloseUnavailableError) -> None:
    """Leave a stream as it is that the plan or the key's role does not offer; it is loaded once they do.

    Raises:
        CloseUnavailableError: no report is right without the stream.
    """
    name = session.stream.name
    if name in INDISPENSABLE:
        raise error
    log.warning("%s stay as they are: %s", name, error)

    def put(con: DuckDBPyConnection) -> None:
        put_stream(con, name, session.as_of, reached(position, session.as_of))
        end_load(con, name)

    run_transaction(session.con, session.lake, put)


def log_position(session: Session) -> EventPosition:
    """Return how far the event log has been read.

    Raises:
        RuntimeError: it never was.
    """
    position = event_position(session.con)
    if position is None:
        raise RuntimeError("the event log was never read: run the task start_sync first")
    return position


async def load_missing(
    extraction: Extraction, session: Session, position: EventPosition, *, accepts_missing: bool = False
) -> bool:
    """Load what of a stream is not in the lake yet, or compare with Close what is.

    Returns:
        Whether all of it was loaded now, so that there are no changes to follow yet.

    Raises:
        CloseVisibilityError: a comparison found too few of the rows in Close; nothing is marked as deleted.
    """
    name = session.stream.name
    under_way = load_under_way(session.con, name)
    is_new = under_way is None and stream_position(session.con, name) is None
    if is_new:
        new = Load(reached(position, session.as_of), session.as_of)
        run_transaction(session.con, extraction.lake, lambda con: begin_load(con, name, new))
        under_way = new
    windows = unloaded(session, await _wanted(extraction, session))
    if windows:
        session.is_known = stream_position(session.con, name) is not None
        await load(session, windows)
        session.is_known = True
    if under_way is not None:
        await _end_load(session, under_way, accepts_missing=accepts_missing)
    return is_new


async def _end_load(session: Session, ended: Load, *, accepts_missing: bool) -> None:
    """Mark as deleted what a comparison did not find in Close, as far as that is plausible, and end the load."""
    name = session.stream.name
    rows, lost = await session.read_ids(session.ids("stored.missing"))
    explained = session.ids("events.deletions", {"ids": sorted(lost)}) if lost else set()
    if lost and name != "leads":
        explained |= session.ids("stored.orphans")
    if lost and not accepts_missing:
        [(known,)] = session.query("stored.living_rows")
        check_missing(name, lost - explained, known - len(lost & explained))

    def end(con: DuckDBPyConnection) -> None:
        put_stream(con, name, ended.as_of, ended.position)
        end_load(con, name)

    await session.store(rows, lost, end)
    session.unseen -= lost


async def _wanted(extraction: Extraction, session: Session) -> Window:
    """Return the window of ``date_created`` that the reports need of a stream.

    Heavy streams begin at ``history_start``, but not later than the oldest deal won since: the calls
    and mails of a deal count from its creation on.
    """
    first, stream = extraction.history_start, session.stream
    if first is None or stream.kind is not Kind.HEAVY or stream.name in TIMELESS:
        return ALL_TIME
    body = await session.client.get(
        STREAMS["opportunities"].path,
        {
            "status_type": "won",
            "date_won__gte": first.replace(day=1).isoformat(),
            "_order_by": "date_created",
            "_limit": 1,
            "_fields": "id,date_created",
        },
    )
    oldest = [
        at
        for obj in read_objects(STREAMS["opportunities"], body)
        if (at := read_instant(obj.get("date_created"))) is not None
    ]
    begin = month_window(first, extraction.zone).start
    candidates = [at for at in (begin, *oldest) if at is not None]
    day = (min(candidates) - HISTORY_MARGIN).date()
    return Window(month_window(day, extraction.zone).start)


async def finished(session: Session) -> dict[str, Any]:
    """Store what the stream's rows refer to, tell the log, and return the stream's counts."""
    await session.store_unknown_users()
    report_unseen(session)
    counts = session.counts()
    session.progress.tell(counts, is_over=True)
    return counts


@asynccontextmanager
async def open_session(
    extraction: Extraction, name: str, con: DuckDBPyConnection, as_of: datetime
) -> AsyncIterator[Session]:
    """Begin to read a stream, with a client and a connection to the open lake of its own."""
    if name not in stream_names():
        raise ValueError(f"{name!r} is no stream; choose from {', '.join(stream_names())}")
    with closing(another(con)) as own:
        async with CloseClient(extraction.close) as client:
            yield Session(
                client, own, extraction.lake, extraction.stream(name), as_of, batch_rows=extraction.batch_rows
            )
