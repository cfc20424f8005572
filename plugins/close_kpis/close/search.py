"""Walking the search endpoint, which alone can filter leads by time, without losing an object.

A search ends silently after 10,000 objects, its cursor lives for 30 seconds, and what is edited, created or deleted
under a walk can shift its pages. Each page therefore asks anew for what lies from the last instant seen on; a cursor is
followed only among objects that share one instant.

Source: developer.close.com "Advanced Filtering".
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from close_kpis.close.errors import (
    CloseCursorError,
    CloseFilterIgnoredError,
    CloseIncompleteError,
    CloseResponseError,
)
from close_kpis.close.lists import CREATED, Page
from close_kpis.close.windows import ALL_TIME, TICK, Window

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from close_kpis.close.client import CloseClient
    from close_kpis.close.stream import Stream

SEARCH = "/data/search/"
UPDATED = "date_updated"
CAP = 10_000
"""Objects after which a search ends, whatever else matches."""

REPEATS = 3
"""How often the objects of one instant are searched again when the cursor expired or fewer came than were counted."""


async def oldest_first(
    client: CloseClient, stream: Stream, window: Window, by: str = CREATED
) -> AsyncGenerator[Page, None]:
    """Yield the objects of a window, oldest first; what changes under the walk may come as it was or as it is.

    Args:
        client: an open client.
        stream: a searchable stream; its ``object_type`` is the type searched.
        window: of the field.
        by: ``date_created`` or ``date_updated``.

    Raises:
        CloseFilterIgnoredError: a row outside the window came back.
        CloseIncompleteError: more objects share one instant than a search shows.
    """
    until: datetime | None = None
    left = window
    while True:
        search = _Search(client, stream, left, by)
        found = await search.page()
        objects = list(found.objects)
        if by == UPDATED and until is None and found.cursor is not None:
            # Asked for only where a second page follows: in a daily sync, one page is all there is.
            until = await _newest_at(client, stream)
        at = found.last_until(until)
        while at is None and found.cursor is not None:
            # Every object of the page was edited under the walk: where the page ends cannot be told.
            found = await search.page(found)
            objects += found.objects
            at = found.last_until(until)
        # At its cap a search ends as if that were all.
        if at is None or (found.cursor is None and len(objects) >= found.total):
            yield Page(objects, left, None)
            return
        if at == left.start:
            objects += await _of_instant(client, stream, at, by)
            at += TICK
        covered, left = Window(left.start, at), Window(at, window.end)
        yield Page(objects, covered, left)


async def count(client: CloseClient, stream: Stream) -> int:
    """Return how many objects of a searchable stream the API key can see."""
    return (await _Search(client, stream, ALL_TIME, "date_created", limit=1).page()).total


async def newest(client: CloseClient, stream: Stream, pages: int) -> tuple[list[dict[str, Any]], int]:
    """Return the newest objects, for a look at the account; not for a load, which must be complete.

    Args:
        client: an open client.
        stream: a searchable stream.
        pages: how many pages to read at most.

    Returns:
        The objects, newest first, and how many there are in all.
    """
    search = _Search(client, stream, Window(None, None), "date_created", is_ascending=False)
    page = await search.page()
    objects = list(page.objects)
    for _ in range(pages - 1):
        if page.cursor is None:
            break
        page = await search.page(page)
        objects += page.objects
    return objects, page.total


@dataclass(frozen=True)
class _Found:
    """A page of a search: objects, their instants, the next cursor, how many match in all."""

    objects: list[dict[str, Any]]
    times: list[datetime]
    cursor: str | None
    total: int

    def last_until(self, until: datetime | None) -> datetime | None:
        """Return the last of the instants that are not after one: later ones were set under the walk."""
        return next((at for at in reversed(self.times) if until is None or at <= until), None)


@dataclass(frozen=True)
class _Search:
    """One search, before it is sent."""

    client: CloseClient
    stream: Stream
    window: Window
    by: str
    is_ascending: bool = True
    limit: int | None = None

    async def page(self, after: _Found | None = None) -> _Found:
        """Return the first page, or the one after another; no pause must lie between two pages."""
        body = await self.client.post(SEARCH, self._body(after.cursor if after else None))
        objects = body.get("data")
        count = body.get("count") or {}
        total = count.get("total", 0) if isinstance(count, dict) else None
        if not isinstance(objects, list) or not all(isinstance(obj, dict) for obj in objects):
            raise CloseResponseError(f"{SEARCH}: the reply has no list of objects under `data`")
        if not isinstance(total, int):
            raise CloseResponseError(f"{SEARCH}: the reply has no number under `count.total`")
        times: list[datetime] = []
        for obj in objects:
            times.append(self._checked(obj, times[-1] if times else None))
        return _Found(objects, times, body.get("cursor"), total)

    def _body(self, cursor: str | None) -> dict[str, Any]:
        name = self.stream.object_type
        field = {"type": "regular_field", "object_type": name, "field_name": self.by}
        queries: list[dict[str, Any]] = [{"type": "object_type", "object_type": name}]
        if moments := _moments(self.window):
            condition = {"type": "moment_range", **moments}
            queries.append({"type": "field_condition", "field": field, "condition": condition})
        return {
            "query": {"type": "and", "queries": queries},
            "_fields": {name: list(self.stream.fields)},
            "_limit": self.limit or self.stream.page_size,
            "include_counts": True,
            "sort": [{"direction": "asc" if self.is_ascending else "desc", "field": field}],
            "cursor": cursor,
        }

    def _checked(self, obj: Mapping[str, Any], last: datetime | None) -> datetime:
        """Return an object's instant, which must lie where it was asked for; an edit only moves it on."""
        at = self.stream.instant(obj, self.by)
        if at is None or not obj.get("id"):
            raise CloseResponseError(f"{SEARCH}: a {self.stream.object_type} came without id or {self.by}")
        asked = Window(self.window.start) if self.by == UPDATED else self.window
        if at not in asked:
            raise CloseFilterIgnoredError(
                f"{SEARCH}: asked for {self.by} in {asked}, got {obj['id']} of {at.isoformat()}: "
                "the filter was ignored; the query language may have changed"
            )
        is_in_order = last is None or (at >= last if self.is_ascending else at <= last)
        if self.by != UPDATED and not is_in_order:
            raise CloseResponseError(f"{SEARCH}: objects do not come in the order asked for ({obj['id']})")
        return at


async def _newest_at(client: CloseClient, stream: Stream) -> datetime | None:
    """Return when the last edit of any object was, by Close's clock."""
    found = await _Search(client, stream, ALL_TIME, UPDATED, is_ascending=False, limit=1).page()
    return found.times[0] if found.times else None


async def _of_instant(client: CloseClient, stream: Stream, at: datetime, by: str) -> list[dict[str, Any]]:
    """Return all objects of one instant (an import, a bulk edit): by a cursor, held against their count."""
    search = _Search(client, stream, Window(at, at + TICK), by)
    found: dict[str, dict[str, Any]] = {}
    for _ in range(REPEATS):
        page = await search.page()
        total = page.total
        found |= {obj["id"]: obj for obj in page.objects}
        with suppress(CloseCursorError):
            while page.cursor is not None:
                page = await search.page(page)
                known = len(found)
                found |= {obj["id"]: obj for obj in page.objects}
                if len(found) == known:
                    # No page, or one that came before: a cursor that leads nowhere has no end.
                    break
            if len(found) >= total:
                return list(found.values())
    if len(found) >= CAP:
        raise CloseIncompleteError(
            f"{SEARCH}: {total} {stream.name} share the instant {at.isoformat()}, and a search ends after {CAP}: "
            "they cannot all be read"
        )
    raise CloseIncompleteError(
        f"{SEARCH}: {total} {stream.name} share the instant {at.isoformat()}, but only {len(found)} came: run the task "
        "again"
    )


def _moments(window: Window) -> dict[str, Any]:
    bounds = {"on_or_after": window.start, "before": window.end}
    return {name: {"type": "fixed_utc", "value": _utc(at)} for name, at in bounds.items() if at is not None}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
