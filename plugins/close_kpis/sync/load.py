"""Loading windows of a stream completely: the first load, a repeated one, a month."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.close.columns import read_instant
from close_kpis.close.lists import CREATED, newest_first
from close_kpis.close.search import oldest_first
from close_kpis.close.windows import ALL_TIME, Window, joined, missing, split
from close_kpis.sync.bookmarks import bounds, loaded_windows
from close_kpis.sync.session import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from close_kpis.sync.session import Session

SLICE_PAGES = 20
"""About how many pages a window is long before its older part is given to another worker."""

SEARCHES = 4
"""Windows that are searched at once: Close allows few searches a second."""

EARLIEST_SPLIT = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing in a CRM happened before; only imports' placeholder dates lie there."""


def unloaded(session: Session, wanted: Window) -> list[Window]:
    """Return the parts of a window that are not in the lake yet."""
    return missing(wanted, joined(loaded_windows(session.con, session.stream.name)))


async def load(session: Session, windows: Iterable[Window]) -> None:
    """Read windows of ``date_created`` completely and store them as they come.

    Each batch is stored together with the windows that it completes: what a killed task has stored
    is not read again.

    Args:
        session: the stream and its connections.
        windows: what to read.
    """
    listed = list(windows)
    session.progress.period = _period(session)
    session.progress.cover(missing(ALL_TIME, listed))
    # What the lake has already is compared first: most rows have not changed.
    collector = Collector(session, reads_outlines=session.is_known and session.stream.has_id_filter)
    await _read(session, listed, collector)
    await collector.flush()


def _period(session: Session) -> Window | None:
    """Return the time from the account's beginning to now, as far as it is known."""
    [(joined_at,)] = session.query("stored.first_user")
    return None if joined_at is None else Window(joined_at, session.as_of)


async def compare(session: Session, windows: Iterable[Window]) -> None:
    """Hold windows of a loaded stream against Close, and store what is another there.

    Args:
        session: the stream and its connections; `unseen` takes the ids that Close no longer shows.
        windows: of ``date_created``.
    """
    collector = Collector(session, notes_windows=False, reads_outlines=session.stream.has_id_filter)
    await _read(session, list(windows), collector)
    await collector.flush()


async def read_again(session: Session, month: Window, first_day: date) -> None:
    """Read a month of a loaded stream again, completely.

    A month's rows are those created in it, and those that happened (were won, were lost) in it. Those that Close no
    longer shows stay as they are: what was deleted is in its event log.

    Args:
        session: the stream and its connections.
        month: the month's window.
        first_day: the month's first day.
    """
    session.progress.period = month
    collector = Collector(session, notes_windows=False)
    await _read(session, [month], collector)
    window = {"window_start": month.start, "window_end": month.end}
    happened: set[str] = set()
    if session.stream.is_activity:
        happened = session.ids("stored.in_month_activities", window)
    if session.stream.name == "opportunities":
        won = await _read_won(session, first_day, collector)
        happened = session.ids("stored.in_month_opportunities", {**window, "month": first_day}) - won
    await collector.flush()
    in_window = session.ids("stored.in_windows", bounds([month]))
    rows, lost = await session.read_ids(happened - in_window)
    session.unseen |= lost
    await collector.flush(rows)


async def _read_won(session: Session, first_day: date, collector: Collector) -> set[str]:
    """Read the opportunities whose ``date_won`` lies in a month, and return their ids."""
    next_month = (first_day + timedelta(days=32)).replace(day=1)
    won = {"date_won__gte": first_day.isoformat(), "date_won__lt": next_month.isoformat()}
    found: set[str] = set()
    async for page in newest_first(session.client, session.stream, ALL_TIME, won):
        await collector.add(page.objects, None)
        found.update(obj["id"] for obj in page.objects)
    return found


async def _read(session: Session, windows: list[Window], collector: Collector) -> None:
    """Read windows, as many at once as the client lets requests through."""
    read, at_once = _walk, session.client.config.concurrency
    if session.stream.is_searched:
        read, at_once = _search, min(at_once, SEARCHES)
    todo: asyncio.Queue[Window] = asyncio.Queue()
    for window in windows:
        todo.put_nowait(window)

    async def work() -> None:
        while True:
            await read(session, await todo.get(), todo, collector)
            todo.task_done()

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    finished = asyncio.create_task(todo.join())
    try:
        done, _ = await asyncio.wait([finished, *workers], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (finished, *workers):
            task.cancel()
        await asyncio.gather(finished, *workers, return_exceptions=True)
    for task in done:
        task.result()


async def _search(session: Session, window: Window, todo: asyncio.Queue[Window], collector: Collector) -> None:
    """Search a window from its beginning, and share out what is left where it would take long."""
    async with aclosing(oldest_first(session.client, collector.stream, window)) as pages:
        async for page in pages:
            await collector.add(page.objects, page.covered)
            if page.left is None or (span := _span(page.objects)) is None or page.left.start is None:
                continue
            if span >= session.as_of - page.left.start:
                continue
            at = page.left.start + span
            if at in page.left:
                for part in split(page.left, at):
                    todo.put_nowait(part)
                return


async def _walk(session: Session, window: Window, todo: asyncio.Queue[Window], collector: Collector) -> None:
    """Read a window to its end, or its newest page only where the rest is better shared out."""
    is_first = True
    async with aclosing(newest_first(session.client, collector.stream, window)) as pages:
        async for page in pages:
            await collector.add(page.objects, page.covered)
            if is_first and page.left is not None and (at := _split_point(page.objects, page.left)):
                for part in split(page.left, at):
                    todo.put_nowait(part)
                return
            is_first = False


def _split_point(objects: list[dict[str, Any]], left: Window) -> datetime | None:
    """Return where to split what is left of a window, by how densely its newest page is filled."""
    oldest, span = read_instant(objects[-1][CREATED]), _span(objects)
    if oldest is None or span is None or span >= oldest - EARLIEST_SPLIT:
        return None
    at = oldest - span
    return at if at in left and at != left.start else None


def _span(objects: list[dict[str, Any]]) -> timedelta | None:
    """Return about how long a time fills `SLICE_PAGES` pages, by the first and the last object of one."""
    first, last = (read_instant(objects[at][CREATED]) for at in (0, -1)) if objects else (None, None)
    if first is None or last is None or first == last:
        return None
    return abs(first - last) * SLICE_PAGES
