"""The event log: what was created, edited, deleted and merged, newest first, for 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.close.errors import CloseIncompleteError, CloseResponseError
from close_kpis.close.lists import read_objects
from close_kpis.close.registry import STREAMS

if TYPE_CHECKING:
    from close_kpis.close.client import CloseClient

RESCAN = timedelta(minutes=5)
"""Close folds quick repeated updates into one event, whose time moves: the last minutes are read again.

Source: developer.close.com "Event Log".
"""

RETENTION = timedelta(days=29)
"""Close keeps events for 30 days; a day less is relied on."""


@dataclass(frozen=True)
class Mark:
    """How far the event log has been read.

    Attributes:
        event_id: the newest event then, None where there was none.
        at: its ``date_updated``.
        read_at: when the log was read (the sync's own clock).
    """

    event_id: str | None
    at: datetime | None
    read_at: datetime


@dataclass(frozen=True)
class EventLog:
    """What a reading of the event log gave.

    Attributes:
        rows: of ``raw.events``, newest first.
        mark: the new mark.
        has_gap: whether events between the old mark and these are gone for good.
    """

    rows: list[dict[str, Any]]
    mark: Mark
    has_gap: bool


async def read_events(client: CloseClient, since: Mark | None, now: datetime) -> EventLog:
    """Read the events from the newest back to a mark, and five minutes further.

    Args:
        client: an open client.
        since: the last reading's mark; None for the first reading, which takes the newest page: only
            what happens from then on matters, as everything is about to be loaded.
        now: the sync's own clock.
    """
    rows: dict[str, dict[str, Any]] = {}
    reached = False
    cursor = None
    while not reached:
        body = await client.get("/event/", {"_limit": STREAMS["events"].page_size, "_cursor": cursor})
        page = [_row(obj) for obj in read_objects(STREAMS["events"], body)]
        known = len(rows)
        for row in page:
            rows.setdefault(row["id"], row)
        cursor = body.get("cursor_next")
        if cursor is not None and len(rows) == known:
            raise CloseIncompleteError(
                "/event/: a page of the event log brings nothing that the pages before it had not, but names a next "
                "one: it has no end; run the task again"
            )
        reached = since is None or cursor is None or _is_past(page, since)
    newest = max(rows.values(), key=lambda row: row["date_updated"], default=None)
    mark = Mark(
        newest["id"] if newest else (since.event_id if since else None),
        newest["date_updated"] if newest else (since.at if since else None),
        now,
    )
    return EventLog(list(rows.values()), mark, since is not None and not _is_connected(rows, since, now))


def _row(obj: dict[str, Any]) -> dict[str, Any]:
    row = STREAMS["events"].row(obj)
    if row["date_updated"] is None:
        raise CloseResponseError(f"/event/: {row['id']} has no date_updated")
    return row


def _is_past(page: list[dict[str, Any]], since: Mark) -> bool:
    return since.at is not None and any(row["date_updated"] < since.at - RESCAN for row in page)


def _is_connected(rows: dict[str, dict[str, Any]], since: Mark, now: datetime) -> bool:
    """Say whether the log reaches back to where it was left.

    It does when the marked event, or an older one, is still there; and when the last reading is less
    than the log's retention ago while the marked event is older than that and so has expired.
    """
    is_recent = now - since.read_at < RETENTION
    if since.at is None:
        return is_recent
    if since.event_id in rows or any(row["date_updated"] <= since.at for row in rows.values()):
        return True
    return is_recent and since.at < now - RETENTION
