"""Walking the search endpoint, which alone can filter leads by time, without meeting its caps.

A search ends silently after 10,000 objects, and its cursor lives for 30 seconds. A walk therefore
goes upwards in time and begins a new search at the last instant seen, long before the cap.

Source: developer.close.com "Advanced Filtering".
"""

from __future__ import annotations

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
from close_kpis.close.windows import Window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from close_kpis.close.client import CloseClient
    from close_kpis.close.streams import Stream

SEARCH = "/data/search/"
CAP = 10_000
"""Objects after which a search ends, whatever else matches."""

TARGET = 8_000
"""Objects after which a new search is begun."""

REPEATS = 3
"""How often a search is walked again that yields fewer objects than it counts."""


async def oldest_first(
    client: CloseClient, stream: Stream, window: Window, by: str = "date_created", target: int = TARGET
) -> AsyncIterator[Page]:
    """Yield the objects of a window, oldest first.

    Args:
        client: an open client.
        stream: a searchable stream; its ``object_type`` is the type searched.
        window: of the field.
        by: ``date_created`` or ``date_updated``.
        target: objects after which a new search is begun.

    Raises:
        CloseFilterIgnoredError: a row outside the window came back.
        CloseIncompleteError: more than 10,000 objects share one instant, or a search yields fewer
            objects than it counts.
    """
    start, repeats = window.start, 0
    while True:
        search = _Search(client, stream, Window(start, window.end), by)
        try:
            async for objects in search.pages():
                left = Window(search.last, window.end) if search.last else Window(start, window.end)
                yield Page(objects, Window(start, search.last), left)
                if search.read >= target and search.last is not None and search.last != start:
                    break
        except CloseCursorError:
            if search.last is None:
                raise
            start = search.last
            continue
        if search.is_complete:
            yield Page([], Window(start, window.end), None)
            return
        if search.has_ended:
            repeats += 1
            _check_repeats(stream, search, repeats)
            continue
        start = search.last


class _Search:
    """One search: its pages, and what became of it."""

    def __init__(self, client: CloseClient, stream: Stream, window: Window, by: str) -> None:
        self._client = client
        self._stream = stream
        self._window = window
        self._by = by
        self._seen: set[str] = set()
        self.total = 0
        self.last: datetime | None = None
        self.has_ended = False

    @property
    def read(self) -> int:
        """How many objects came so far."""
        return len(self._seen)

    @property
    def is_complete(self) -> bool:
        """Whether it ended with all the objects it counts."""
        return self.has_ended and self.read >= self.total

    async def pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield the objects page by page; no pause must lie between two pages."""
        cursor = None
        while True:
            body = await self._client.post(SEARCH, self._body(cursor))
            objects = self._checked(body)
            if cursor is None:
                self.total = int((body.get("count") or {}).get("total") or 0)
            cursor = body.get("cursor")
            self.has_ended = cursor is None
            if objects:
                yield objects
            if self.has_ended:
                return

    def _body(self, cursor: str | None) -> dict[str, Any]:
        name = self._stream.object_type
        field = {"type": "regular_field", "object_type": name, "field_name": self._by}
        queries: list[dict[str, Any]] = [{"type": "object_type", "object_type": name}]
        if moments := _moments(self._window):
            condition = {"type": "moment_range", **moments}
            queries.append({"type": "field_condition", "field": field, "condition": condition})
        return {
            "query": {"type": "and", "queries": queries},
            "_fields": {name: list(self._stream.fields)},
            "_limit": self._stream.page_size,
            "include_counts": True,
            "sort": [{"direction": "asc", "field": field}],
            "cursor": cursor,
        }

    def _checked(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        objects = body.get("data")
        if not isinstance(objects, list):
            raise CloseResponseError(f"{SEARCH}: the reply has no list under `data`")
        for obj in objects:
            at = read_instant(obj.get(self._by))
            if at is None or not obj.get("id"):
                raise CloseResponseError(
                    f"{SEARCH}: a {self._stream.object_type} came without id or {self._by}"
                )
            if at not in self._window:
                raise CloseFilterIgnoredError(
                    f"{SEARCH}: asked for {self._by} in {self._window}, got {obj['id']} of {at.isoformat()}: "
                    "the filter was ignored; the query language may have changed"
                )
            if self.last is not None and at < self.last:
                raise CloseResponseError(
                    f"{SEARCH}: objects do not come in the order asked for ({obj['id']})"
                )
            self.last = at
            self._seen.add(obj["id"])
        return objects


def _moments(window: Window) -> dict[str, Any]:
    bounds = {"on_or_after": window.start, "before": window.end}
    return {name: {"type": "fixed_utc", "value": _utc(at)} for name, at in bounds.items() if at is not None}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _check_repeats(stream: Stream, search: _Search, repeats: int) -> None:
    if search.read >= CAP:
        raise CloseIncompleteError(
            f"{SEARCH}: more than {CAP} of the {search.total} {stream.name} share one instant, {search.last}: "
            "the search ends before all of them are read"
        )
    if repeats > REPEATS:
        raise CloseIncompleteError(
            f"{SEARCH}: {search.total} {stream.name} match, but only {search.read} came: run the task again"
        )
