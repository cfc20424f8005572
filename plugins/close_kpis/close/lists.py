"""Walking a list endpoint from its newest row to its oldest without losing a row.

Offsets are not used: rows that are created or deleted during a walk shift the pages, and every
endpoint caps ``_skip``. Each page instead asks for the rows up to the last one seen, which must come
again, and so proves that nothing was lost in between.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from close_kpis.close.errors import (
    CloseFilterIgnoredError,
    CloseIncompleteError,
    CloseRequestError,
    CloseResponseError,
)
from close_kpis.close.windows import TICK, Window

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from datetime import datetime

    from close_kpis.close.client import CloseClient
    from close_kpis.close.stream import Stream

Object = dict[str, Any]
CREATED = "date_created"
REPEATS = 5
"""How many pages a walk goes back at most when the row that a page must begin with is not there, and how often the rows
of one instant are read again until no further one comes."""


@dataclass(frozen=True)
class Page:
    """A page of a walk.

    Attributes:
        objects: as the API returns them; one may come again on the next page.
        covered: the part of the window that was read completely with this page.
        left: what is still to be read, None at the end.
    """

    objects: list[Object]
    covered: Window
    left: Window | None


@dataclass
class _Place:
    """How far a walk is: the newest row not read yet lies at ``upper`` or before it."""

    upper: datetime | None
    is_inclusive: bool = False
    edge: frozenset[str] = field(default_factory=frozenset)


async def newest_first(
    client: CloseClient, stream: Stream, window: Window, filters: Mapping[str, str] | None = None
) -> AsyncGenerator[Page, None]:
    """Yield the objects of a window of ``date_created``, newest first.

    Args:
        client: an open client.
        stream: a list stream.
        window: of ``date_created``.
        filters: further parameters.

    Raises:
        CloseFilterIgnoredError: a row outside the window came back.
        CloseIncompleteError: more rows share one instant than the endpoint lets through.
    """
    given = {**stream.filters, **(filters or {})}
    place = _Place(window.end)
    # As many as are gone back to one after the other; before them, the walk begins anew.
    before: deque[_Place] = deque(maxlen=REPEATS)
    repeats = 0
    while True:
        bounds = _bounds(window, place)
        body = await _list(client, stream, {**given, **bounds})
        objects, times = _checked(stream, body, window, place)
        if place.edge and place.edge.isdisjoint(obj["id"] for obj in objects):
            # Deleted meanwhile, or the endpoint's order is not what it was: go one page back.
            repeats += 1
            if repeats > REPEATS:
                raise CloseIncompleteError(
                    f"{stream.path}: the page from {place.upper} on does not begin with the row that the page "
                    "before it ended with: rows may be missing; run the task again"
                )
            place = before.pop() if before else _Place(window.end)
            continue
        repeats = 0
        if not body.get("has_more") or not times:
            yield Page(objects, Window(window.start, _end(place, window)), None)
            return
        last = times[-1]
        if place.is_inclusive and last == place.upper:
            yield Page(await _plateau(client, stream, given, last), *_cut(window, place, last - TICK))
            before.append(place)
            place = _Place(last)
            continue
        yield Page(objects, *_cut(window, place, last))
        before.append(place)
        place = _Place(
            last,
            is_inclusive=True,
            edge=frozenset(obj["id"] for obj, at in zip(objects, times, strict=True) if at == last),
        )


async def by_ids(client: CloseClient, stream: Stream, ids: list[str]) -> list[Object]:
    """Return those of some objects that exist.

    Activities and tasks are asked for in batches, leads and opportunities one by one.

    Raises:
        CloseFilterIgnoredError: objects came back that were not asked for.
    """
    import asyncio

    if stream.has_id_filter:
        batches = [ids[at : at + 100] for at in range(0, len(ids), 100)]
        read = await asyncio.gather(*(_batch(client, stream, batch) for batch in batches))
        return [obj for batch in read for obj in batch]
    found = await asyncio.gather(*(one(client, stream, object_id) for object_id in ids))
    return [obj for obj in found if obj is not None]


async def one(client: CloseClient, stream: Stream, object_id: str) -> Object | None:
    """Return an object by its id, None where Close has none."""
    from close_kpis.close.errors import CloseNotFoundError

    try:
        return await client.get(f"{stream.path}{object_id}/", {"_fields": ",".join(stream.fields)})
    except CloseNotFoundError:
        return None


async def _batch(client: CloseClient, stream: Stream, ids: list[str]) -> list[Object]:
    body = await _list(client, stream, {**stream.filters, "id__in": ",".join(ids)}, limit=100)
    objects = read_objects(stream, body)
    if strange := [obj["id"] for obj in objects if obj["id"] not in ids]:
        raise CloseFilterIgnoredError(
            f"{stream.path}: asked for {len(ids)} ids, got {strange[0]} too: the filter id__in was ignored"
        )
    return objects


async def _list(
    client: CloseClient, stream: Stream, params: Mapping[str, Any], limit: int | None = None
) -> dict[str, Any]:
    return await client.get(
        stream.path,
        {
            "_limit": limit or stream.page_size,
            "_fields": ",".join(stream.fields),
            "_order_by": stream.order,
            **params,
        },
    )


def _bounds(window: Window, place: _Place) -> dict[str, str]:
    bounds = {}
    if window.start is not None:
        bounds[f"{CREATED}__gte"] = window.start.isoformat()
    if place.upper is not None:
        bounds[f"{CREATED}__{'lte' if place.is_inclusive else 'lt'}"] = place.upper.isoformat()
    return bounds


def _checked(
    stream: Stream, body: Mapping[str, Any], window: Window, place: _Place
) -> tuple[list[Object], list[datetime]]:
    """Return a page's objects and their instants, which must fall and lie where they were asked for."""
    objects = read_objects(stream, body)
    asked = Window(window.start, _end(place, window))
    times: list[datetime] = []
    for obj in objects:
        at = stream.instant(obj, CREATED)
        if at is None:
            raise CloseResponseError(f"{stream.path}: {obj['id']} has no {CREATED}")
        if at not in asked:
            raise CloseFilterIgnoredError(
                f"{stream.path}: asked for {CREATED} in {asked}, got {obj['id']} of {at.isoformat()}: the "
                "filter was ignored; the endpoint's parameters may have changed"
            )
        if times and at > times[-1]:
            raise CloseResponseError(
                f"{stream.path}: rows do not come newest first ({obj['id']} after an older one): the "
                "endpoint's order may have changed"
            )
        times.append(at)
    return objects, times


def read_objects(stream: Stream, body: Mapping[str, Any]) -> list[Object]:
    """Return the objects of a page.

    Raises:
        CloseResponseError: the reply has no list of them, not even an empty one.
    """
    """Return the objects of a page.

    Raises:
        CloseResponseError: the reply has none, not even an empty list.
    """
    objects = body.get("data")
    if not isinstance(objects, list) or not all(isinstance(obj, dict) and obj.get("id") for obj in objects):
        raise CloseResponseError(f"{stream.path}: the reply has no list of objects with ids under `data`")
    return objects


async def _plateau(client: CloseClient, stream: Stream, filters: Mapping[str, str], at: datetime) -> list[Object]:
    """Return the rows of one instant that fill more than a page (an import): by offset, up to its cap.

    A row that is deleted meanwhile shifts another one off its page: they are read again until no further one comes.
    """
    found: dict[str, Object] = {}
    for _ in range(REPEATS):
        known = len(found)
        found |= await _by_offset(client, stream, filters, at)
        if len(found) == known:
            break
    return list(found.values())


async def _by_offset(
    client: CloseClient, stream: Stream, filters: Mapping[str, str], at: datetime
) -> dict[str, Object]:
    """Return the rows of one instant by id, page after page by offset."""
    moment = {f"{CREATED}__gte": at.isoformat(), f"{CREATED}__lte": at.isoformat()}
    found: dict[str, Object] = {}
    skip = 0
    while True:
        try:
            body = await _list(client, stream, {**filters, **moment, "_skip": skip})
        except CloseRequestError as error:
            raise CloseIncompleteError(
                f"{stream.path}: more than {skip} rows share the instant {at.isoformat()}, and Close lists no "
                f"further ({error}): they cannot all be read"
            ) from error
        objects = read_objects(stream, body)
        known = len(found)
        found |= {obj["id"]: obj for obj in objects}
        if not body.get("has_more") or not objects:
            return found
        if len(found) == known:
            raise CloseIncompleteError(
                f"{stream.path}: the page from row {skip} of the instant {at.isoformat()} on brings the same rows "
                "again: the list has no end; run the task again"
            )
        skip += len(objects)


def _end(place: _Place, window: Window) -> datetime | None:
    if place.upper is None:
        return window.end
    return place.upper + TICK if place.is_inclusive else place.upper


def _cut(window: Window, place: _Place, last: datetime) -> tuple[Window, Window]:
    """Return what is covered after a page that ended at an instant, and what is left."""
    return Window(last + TICK, _end(place, window)), Window(window.start, last + TICK)
