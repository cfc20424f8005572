"""Walking the search endpoint, which alone can filter leads by time, without meeting its caps.

A search ends silently after 10,000 objects, and its cursor lives for 30 seconds. A window that holds
more than it can show is therefore split first, and what a walk yields is held against the count.

Source: developer.close.com "Advanced Filtering".
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from close_kpis.close.columns import read_instant
from close_kpis.close.errors import (
    CloseCursorError,
    CloseFilterIgnoredError,
    CloseIncompleteError,
    CloseResponseError,
)
from close_kpis.close.lists import Page
from close_kpis.close.windows import ALL_TIME, TICK, Window, split

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from close_kpis.close.client import CloseClient
    from close_kpis.close.stream import Stream

SEARCH = "/data/search/"
CAP = 10_000
"""Objects after which a search ends, whatever else matches."""

TARGET = 8_000
"""Objects in a window above which it is split."""

REPEATS = 3
"""How often a search is walked again whose cursor expired or that yields fewer objects than it counts."""


async def oldest_first(
    client: CloseClient, stream: Stream, window: Window, by: str = "date_created", target: int = TARGET
) -> AsyncGenerator[Page, None]:
    """Yield the objects of a window, oldest first, in parts that are complete.

    Args:
        client: an open client.
        stream: a searchable stream; its ``object_type`` is the type searched.
        window: of the field.
        by: ``date_created`` or ``date_updated``.
        target: objects in a part above which it is split.

    Raises:
        CloseFilterIgnoredError: a row outside the window came back.
        CloseIncompleteError: more than 10,000 objects share one instant, or a search yields fewer
            objects than it counts.
    """
    todo = [window]
    while todo:
        read = await read_or_split(client, stream, todo.pop(), by, target)
        if isinstance(read, Page):
            yield Page(read.objects, read.covered, todo[-1] if todo else None)
        else:
            todo += reversed(read)


async def read_or_split(
    client: CloseClient, stream: Stream, window: Window, by: str = "date_created", target: int = TARGET
) -> Page | tuple[Window, Window]:
    """Return the objects of a window; or, where it holds more than the target, the two parts to read instead.

    Args and raised errors: as for `oldest_first`.
    """
    first = await _Search(client, stream, window, by).page()
    middle = await _middle(client, stream, window, by, first) if first.total > target else None
    if middle is not None:
        return split(window, middle)
    return Page(await _walk(client, stream, window, by, first), window, None)


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
    """A page of a search: objects, where they end in time, the next cursor, how many match in all."""

    objects: list[dict[str, Any]]
    last: datetime | None
    cursor: str | None
    total: int


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
        if not isinstance(objects, list):
            raise CloseResponseError(f"{SEARCH}: the reply has no list under `data`")
        last = after.last if after else None
        for obj in objects:
            last = self._checked(obj, last)
        total = int((body.get("count") or {}).get("total") or 0)
        return _Found(objects, last, body.get("cursor"), total)

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
        at = read_instant(obj.get(self.by))
        if at is None or not obj.get("id"):
            raise CloseResponseError(f"{SEARCH}: a {self.stream.object_type} came without id or {self.by}")
        if at not in self.window:
            raise CloseFilterIgnoredError(
                f"{SEARCH}: asked for {self.by} in {self.window}, got {obj['id']} of {at.isoformat()}: "
                "the filter was ignored; the query language may have changed"
            )
        if last is not None and (at < last if self.is_ascending else at > last):
            raise CloseResponseError(f"{SEARCH}: objects do not come in the order asked for ({obj['id']})")
        return at


async def _walk(client: CloseClient, stream: Stream, window: Window, by: str, first: _Found) -> list[dict[str, Any]]:
    """Return all objects of a window that fits into one search."""
    search = _Search(client, stream, window, by)
    page, total = first, first.total
    for _ in range(REPEATS):
        found: dict[str, dict[str, Any]] = {obj["id"]: obj for obj in page.objects}
        with suppress(CloseCursorError):
            while page.cursor is not None:
                page = await search.page(page)
                found |= {obj["id"]: obj for obj in page.objects}
            if len(found) >= total:
                return list(found.values())
        page = await search.page()
        total = page.total
    if len(found) >= CAP:
        raise CloseIncompleteError(
            f"{SEARCH}: {total} {stream.name} share the instant {first.last}, and a search ends after {CAP}: "
            "they cannot all be read"
        )
    raise CloseIncompleteError(
        f"{SEARCH}: {total} {stream.name} match in {window}, but only {len(found)} came: run the task again"
    )


async def _middle(client: CloseClient, stream: Stream, window: Window, by: str, first: _Found) -> datetime | None:
    """Return an instant that splits the objects of a window, None where all share one instant."""
    newest = await _Search(client, stream, window, by, is_ascending=False, limit=1).page()
    oldest_at = read_instant(first.objects[0][by]) if first.objects else None
    if oldest_at is None or newest.last is None or newest.last <= oldest_at:
        return None
    # Never the oldest itself: the older half must not be empty.
    return max(oldest_at + (newest.last - oldest_at) / 2, oldest_at + TICK)


def _moments(window: Window) -> dict[str, Any]:
    bounds = {"on_or_after": window.start, "before": window.end}
    return {name: {"type": "fixed_utc", "value": _utc(at)} for name, at in bounds.items() if at is not None}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
