"""The event log: newest first, cursors, the filter sets that Close allows, thirty days.

Source: developer.close.com "Event Log".
"""

from __future__ import annotations

import base64
import itertools
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.close_api import errors, times
from sandbox.close_api.collection import Row, instant
from sandbox.close_api.filters import read_window
from sandbox.close_api.index import SortedIndex, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.close_api.account import Account
    from sandbox.close_api.calls import Call
    from sandbox.close_api.config import SandboxConfig
    from sandbox.close_api.index import Key
    from sandbox.close_api.render import Renderer
    from sandbox.close_api.times import Clock

FILTERS = ("object_type", "object_id", "action", "lead_id", "user_id", "request_id")
ALLOWED_SETS = frozenset(
    frozenset(names.split())
    for names in (
        "",
        "object_type object_id",
        "object_type action",
        "object_id action",
        "lead_id",
        "lead_id object_type",
        "lead_id object_type action",
        "lead_id user_id",
        "lead_id user_id object_type",
        "lead_id user_id object_type action",
        "user_id",
        "user_id object_id",
        "user_id object_id action",
        "user_id object_type",
        "user_id object_type action",
        "request_id",
    )
)
PAGE = 50
_DATA_SHOWN = timedelta(hours=1)


class EventLog:
    """The events of an account in the order they were last updated.

    Events of one millisecond keep the order in which they happened.
    """

    def __init__(self, account: Account, config: SandboxConfig, clock: Clock) -> None:
        self._account = account
        self._config = config
        self._clock = clock
        self._order = SortedIndex()
        self._places: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._latest: dict[str, str] = {}
        self._count = itertools.count(1)
        keys = []
        for row in account["events"]:
            place = self._place(row["id"])
            keys.append((instant(row, "date_updated") or 0, place))
            if row.get("object_id"):
                self._latest[row["object_id"]] = row["id"]
        self._order.load(keys)

    def put(self, event: Row) -> Row:
        """Add an event, or put an updated one in its new place."""
        old = self._account["events"].get(event["id"])
        if old is not None:
            place = self._places.pop(old["id"])
            del self._ids[place]
            self._order.discard(instant(old, "date_updated") or 0, place)
        stored = self._account.put("events", event)
        self._order.add(instant(stored, "date_updated") or 0, self._place(stored["id"]))
        if stored.get("object_id"):
            self._latest[stored["object_id"]] = stored["id"]
        return stored

    def latest(self, object_id: str) -> Row | None:
        """Return the last event of an object."""
        return self._account["events"].get(self._latest.get(object_id))

    def find(self, event_id: str) -> Row:
        """Return an event that is not older than the retention.

        Raises:
            ApiError: 404 without such an event.
        """
        row = self._account["events"].get(event_id)
        if row is None or (instant(row, "date_updated") or 0) < self._oldest():
            raise errors.unknown_object("Event")
        return row

    def without_old_data(self, event: Row) -> Row:
        """Return an event as a key without admin rights sees it: its data are hidden after an hour."""
        hidden = times.micros(self._clock.now() - _DATA_SHOWN)
        return event if (instant(event, "date_updated") or 0) > hidden else {**event, "data": {}, "previous_data": {}}

    def page(self, call: Call, limit: int) -> tuple[list[Row], str | None, str | None]:
        """Return a page of events, newest first, and the cursors to older and newer ones.

        Raises:
            ApiError: 400 for a set of filters that is not allowed, or a cursor that is none.
        """
        wanted = {name: value for name in FILTERS if (value := call.param(name)) is not None}
        if frozenset(wanted) not in ALLOWED_SETS:
            raise errors.bad_request(f"The filter combination {', '.join(sorted(wanted))} is not supported.")
        matches = self._matcher(wanted)
        cursor = call.param("_cursor")
        if cursor is None:
            return self._older(None, read_window(call, "date_updated"), matches, limit)
        direction, key, window = _read_cursor(cursor)
        if direction == "n":
            return self._older(key, window, matches, limit)
        return self._newer(key, window, matches, limit)

    def _older(
        self, key: Key | None, window: Window | None, matches: Callable[[Row], bool], limit: int
    ) -> tuple[list[Row], str | None, str | None]:
        upper = key
        if upper is None and window is not None:
            upper = _upper(window)
        rows: list[Row] = []
        first = last = None
        more = False
        for found in self._walk(self._order.before(upper), window):
            row = self._account["events"].rows[self._ids[found[1]]]
            if not matches(row):
                continue
            if len(rows) == limit:
                more = True
                break
            first = first or found
            last = found
            rows.append(row)
        cursor_next = _cursor("n", last, window) if more and last else None
        cursor_previous = _cursor("p", first, window) if key is not None and first else None
        return rows, cursor_next, cursor_previous

    def _newer(
        self, key: Key, window: Window | None, matches: Callable[[Row], bool], limit: int
    ) -> tuple[list[Row], str | None, str | None]:
        found = (
            (at, row)
            for at in self._order.after(key)
            if window is None or window.holds(at[0])
            if matches(row := self._account["events"].rows[self._ids[at[1]]])
        )
        nearest = list(itertools.islice(found, limit + 1))
        page = nearest[:limit][::-1]
        if not page:
            return [], None, None
        more = len(nearest) > limit
        return (
            [row for _, row in page],
            _cursor("n", page[-1][0], window),
            _cursor("p", page[0][0], window) if more else None,
        )

    def _walk(self, keys: Iterator[Key], window: Window | None) -> Iterator[Key]:
        oldest = self._oldest()
        for key in keys:
            if key[0] < oldest:
                return
            if window is not None and not window.holds(key[0]):
                if window.gte is not None and key[0] < window.gte:
                    return
                if window.gt is not None and key[0] <= window.gt:
                    return
                continue
            yield key

    def _matcher(self, wanted: dict[str, str]) -> Callable[[Row], bool]:
        return lambda row: all(row.get(name) == value for name, value in wanted.items())

    def _oldest(self) -> int:
        return times.micros(self._clock.now() - timedelta(days=self._config.event_retention_days))

    def _place(self, event_id: str) -> str:
        place = f"{next(self._count):012d}"
        self._places[event_id] = place
        self._ids[place] = event_id
        return place


def reply(log: EventLog, call: Call, limit: int, renderer: Renderer) -> Row:
    """Return the body of ``GET /event/``."""
    rows, cursor_next, cursor_previous = log.page(call, limit)
    if call.user is not None:
        rows = [log.without_old_data(row) for row in rows]
    return {
        "data": [renderer.event(row) for row in rows],
        "cursor_next": cursor_next,
        "cursor_previous": cursor_previous,
    }


def _upper(window: Window) -> Key | None:
    bounds = [(window.lt, ""), (None if window.lte is None else window.lte + 1, "")]
    given = [(at, place) for at, place in bounds if at is not None]
    return min(given) if given else None


def _cursor(direction: str, key: Key, window: Window | None) -> str:
    bounds = [None] * 4 if window is None else [window.gt, window.gte, window.lt, window.lte]
    parts = [direction, str(key[0]), key[1], *("" if bound is None else str(bound) for bound in bounds)]
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, Key, Window | None]:
    with suppress(ValueError):
        direction, at, place, *bounds = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        if direction in {"n", "p"} and len(bounds) == 4:
            numbers = [int(bound) if bound else None for bound in bounds]
            window = Window("date_updated", *numbers) if any(bounds) else None
            return direction, (int(at), place), window
    raise errors.bad_request("Invalid cursor.")
