"""Following a stream's changes: edits, deletions, merges, rows dated back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from close_kpis.close.columns import read_instant
from close_kpis.close.errors import CloseFilterIgnoredError
from close_kpis.close.lists import newest_first
from close_kpis.close.search import oldest_first
from close_kpis.close.windows import ALL_TIME, Window
from close_kpis.lake.sql import statement
from close_kpis.sync.bookmarks import EventPosition, Position, put_stream
from close_kpis.sync.session import Collector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from duckdb import DuckDBPyConnection

    from close_kpis.close.lists import Object
    from close_kpis.sync.session import Session

UPDATE_OVERLAP = timedelta(minutes=10)
"""By how much the filter on ``date_updated`` reaches back: an index lags, clocks differ."""

INDEX_PRECISION = timedelta(seconds=1)
"""By how much the times of an event and of the change it tells of may differ."""

CREATE_OVERLAP = timedelta(hours=1)
"""By how much new activities are read again, beside what the event log says: the lists lag by seconds."""


@dataclass(frozen=True)
class Changes:
    """What the event log says about a stream.

    Attributes:
        touched: ids to read again, and when they were last touched; None where that is not known.
        deleted: ids that are gone for good.
        departed: ids among those touched that were deleted where Close has them no more: children of leads that are
            gone, and what a merge deleted, which can live on in the other lead.
        merged: leads that were merged, with the leads that took them over.
    """

    touched: dict[str, datetime | None] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    departed: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)


def reached(log: EventPosition, as_of: datetime, position: Position | None = None) -> Position:
    """Return the position of a stream that is complete as of now.

    The time is that of Close's newest event: no change that has been read is younger, and it does
    not depend on this machine's clock. It never passes ``as_of``.

    Args:
        log: how far the event log has been read.
        as_of: the sync's instant.
        position: the one before; its time stands while Close has logged nothing.
    """
    at = log.event_at or (position.updated_through if position else None) or datetime.now(UTC)
    return Position(min(at, as_of), log.events_through)


async def follow(session: Session, position: Position, log: EventPosition) -> None:
    """Bring a loaded stream up to date.

    Rows that changed are found by the filters the endpoint has and by the event log; what the log
    says was deleted is marked, what it says was merged is read again, and so are the children of
    leads that are gone. A row that Close does not show, though no event says that it was deleted, stays.

    Args:
        session: the stream and its connections.
        position: up to where changes have been followed.
        log: how far the event log has been read.
    """
    changes = _changes(session, position)
    collector = Collector(session)
    seen: dict[str, datetime | None] = {}
    async for objects in _recent(session, position):
        seen |= {obj["id"]: read_instant(obj.get("date_updated")) for obj in objects}
        await collector.add(objects, None)
    stale = {row_id for row_id, at in changes.touched.items() if _is_stale(session, seen.get(row_id), at)}
    asked = (changes.touched.keys() | _unsettled(session)) - (seen.keys() - stale) - changes.deleted
    rows, lost = await session.read_ids(asked)
    gone = changes.deleted | (lost & changes.departed)
    stored = session.query("stored.ids", {"ids": sorted(lost - gone)})
    session.unseen |= {row_id for row_id, is_deleted in stored if not is_deleted}

    def then(con: DuckDBPyConnection) -> None:
        for source, destination in changes.merged.items():
            if source in gone:
                con.execute(statement("loading.mark_merged"), {"source": source, "destination": destination})
        put_stream(con, session.stream.name, session.as_of, reached(log, session.as_of, position))

    await collector.flush(rows, gone, then)


def _changes(session: Session, position: Position) -> Changes:
    stream, after = session.stream, {"after": position.events_through}
    events = session.query("events.object_events", {**after, "object_type": stream.object_type})
    deleted = {object_id for object_id, is_deleted, is_merged, _ in events if is_deleted and not is_merged}
    departed = {object_id for object_id, is_deleted, is_merged, _ in events if is_deleted and is_merged}
    touched: dict[str, datetime | None] = {object_id: at for object_id, _, _, at in events if object_id not in deleted}
    if stream.name == "leads":
        merged = dict(session.query("events.merges", after))
        return Changes(dict.fromkeys(merged) | touched, deleted - merged.keys(), departed | merged.keys(), merged)
    lost_leads = session.ids("events.lost_leads", after)
    if lost_leads:
        children = session.ids("stored.of_leads", {"lead_ids": sorted(lost_leads)}) - deleted
        touched |= dict.fromkeys(children)
        departed |= children
    return Changes(touched, deleted, departed)


def _is_stale(session: Session, seen: datetime | None, touched: datetime | None) -> bool:
    """Say whether the search showed a row as it was before its last event: its index lags by seconds."""
    if not session.stream.is_searched or seen is None or touched is None:
        return False
    return seen < touched - INDEX_PRECISION


def _unsettled(session: Session) -> set[str]:
    """Return the rows whose state moves on by itself."""
    if session.stream.name == "meetings":
        return session.ids("stored.overdue_meetings", {"at": session.as_of})
    if session.stream.name == "lead_merges":
        return session.ids("stored.pending_lead_merges")
    return set()


async def _recent(session: Session, position: Position) -> AsyncIterator[list[Object]]:
    """Yield what the endpoint's own filters say is new."""
    client, stream, through = session.client, session.stream, position.updated_through
    if not stream.has_update_filter:
        window = ALL_TIME if through is None else Window(through - CREATE_OVERLAP)
        async for page in newest_first(client, stream, window):
            yield page.objects
        return
    since = None if through is None else through - UPDATE_OVERLAP
    if stream.is_searched:
        async for page in oldest_first(client, stream, Window(since), by="date_updated"):
            yield page.objects
        return
    filters = {} if since is None else {"date_updated__gte": since.isoformat()}
    async for page in newest_first(client, stream, ALL_TIME, filters):
        for obj in page.objects:
            at = read_instant(obj.get("date_updated"))
            if since is not None and (at is None or at < since):
                raise CloseFilterIgnoredError(
                    f"{stream.path}: asked for date_updated from {since.isoformat()} on, got {obj['id']} of "
                    f"{obj.get('date_updated')}: the filter was ignored"
                )
        yield page.objects
