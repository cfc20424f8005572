"""Holding what the lake has against what Close shows, a stretch at a time, whatever the event log says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.close.errors import CloseUnavailableError
from close_kpis.close.windows import ALL_TIME, Window, joined, missing
from close_kpis.lake.connection import opened
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger
from close_kpis.sync.bookmarks import (
    loaded_windows,
    put_reconciled,
    reconciled_through,
)
from close_kpis.sync.load import compare
from close_kpis.sync.start import start_sync
from close_kpis.sync.stream import finished, open_session

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.sync.extraction import Extraction
    from close_kpis.sync.session import Session

log = logger(__name__)

STRETCH_PAGES = 10
"""About how many pages of a list are compared and noted at once."""


def reconcile(extraction: Extraction, requests: int, *, accepts_missing: bool = False) -> list[dict[str, Any]]:
    """Compare the streams with Close, each from where the last comparison ended, until a budget is used up.

    The streams that were not compared for longest come first, of these the small ones: what they leave of the budget is
    the large ones'. A stream that was compared to its end begins anew the next time. What Close has in another version,
    or the lake lacks, is stored.

    The event log is read first: what it says was deleted is no difference, and the next sync follows it.

    Args:
        extraction: from where into where.
        requests: about how many Close may be asked for records; a stretch that was begun is compared to its end.
        accepts_missing: whether rows that Close no longer shows are taken as deleted. Otherwise they stay as they are:
            only the event log says what was deleted.

    Returns:
        For each stream that was compared: as `sync_streams`, and whether it `is_whole`, compared to its end.

    Raises:
        CloseVisibilityError: the API key sees far fewer leads than the lake has.
        CloseError: Close could not be read; the next comparison goes on there.
    """
    if not requests:
        return []
    start_sync(extraction, accepts_missing=accepts_missing)
    return asyncio.run(_reconcile(extraction, requests, accepts_missing=accepts_missing))


async def _reconcile(extraction: Extraction, requests: int, *, accepts_missing: bool) -> list[dict[str, Any]]:
    as_of, began, counts = now(extraction.zone), datetime.now(UTC), []
    with opened(extraction.lake) as con:
        names = _in_turn(con, extraction)
        for place, name in enumerate(names):
            if requests == 0:
                break
            share = max(1, requests // (len(names) - place))
            async with open_session(extraction, name, con, as_of) as session:
                try:
                    is_whole = await _compare(session, share, began, accepts_missing=accepts_missing)
                except CloseUnavailableError as error:
                    log.warning("%s are not compared: %s", name, error)
                    continue
                counts.append({**await finished(session), "is_whole": is_whole})
                requests = max(0, requests - session.client.requests)
    return counts


def _in_turn(con: DuckDBPyConnection, extraction: Extraction) -> list[str]:
    """Return the streams that a sync follows, in their turn. What is being loaded is compared by that."""
    streams = extraction.streams
    rows = [con.execute(statement("stored.living_rows", name)).fetchall()[0][0] for name in streams]
    asked = {"streams": list(streams), "rows": rows}
    return [name for (name,) in con.execute(statement("bookmarks.to_reconcile"), asked).fetchall()]


async def _compare(session: Session, requests: int, began: datetime, *, accepts_missing: bool) -> bool:
    """Compare a stream until so many requests are used; return whether its end was reached."""
    name = session.stream.name
    begin = reconciled_through(session.con, name)
    size = STRETCH_PAGES * session.stream.page_size
    ends = [at for (at,) in session.query("stored.boundaries", {"after": begin, "rows": size})]
    not_loaded = missing(ALL_TIME, joined(loaded_windows(session.con, name)))
    for start, end in pairwise([begin, *ends, None]):
        if session.client.requests >= requests:
            return False
        await compare(session, missing(Window(start, end), not_loaded))
        session.unseen -= session.ids("events.deletions", {"ids": sorted(session.unseen)})
        gone = set(session.unseen) if accepts_missing else set()
        await session.store([], gone, lambda con, end=end: put_reconciled(con, name, end, began))  # type: ignore[misc]
        session.unseen -= gone
    return True
