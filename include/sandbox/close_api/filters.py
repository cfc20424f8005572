"""Which rows a list request asks for, and in what order."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from include.sandbox.close_api import errors, times
from include.sandbox.close_api.collection import Collection, Row, instant
from include.sandbox.close_api.index import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from include.sandbox.close_api.account import Account
    from include.sandbox.close_api.calls import Call

    Condition = Callable[[Row], bool]

_BOUNDS = ("gt", "gte", "lt", "lte")
_PAGING = frozenset({"_limit", "_skip", "_fields"})
_KEPT_RESULTS = 64


def read_window(call: Call, field: str, *, exact: bool = False) -> Window | None:
    """Return the range that ``<field>__gt/gte/lt/lte`` ask for, None without one.

    Args:
        call: the request; a date alone is midnight in the zone of its ``x-tz-offset``.
        field: the time field.
        exact: whether the resource also knows ``<field>=``; a date alone is then that whole day.

    Raises:
        ApiError: 400 where a bound is no time.
    """
    zone = times.offset_zone(call.headers.get("x-tz-offset"))
    bounds: dict[str, int] = {}

    def read(text: str) -> int:
        try:
            return times.micros(times.parse(text, zone=zone))
        except ValueError:
            raise errors.bad_request(f"Invalid value for {field}: {text!r} is not a date/time.") from None

    for bound in _BOUNDS:
        text = call.param(f"{field}__{bound}")
        if text is not None:
            bounds[bound] = read(text)
    same = call.param(field) if exact else None
    if same is not None:
        bounds["gte"] = bounds["lte"] = read(same)
        if len(same) <= len("2024-01-01"):
            bounds["lte"] += timedelta(days=1) // timedelta(microseconds=1) - 1
    return Window(field, **bounds) if bounds else None


def read_order(call: Call, allowed: frozenset[str]) -> tuple[str | None, bool]:
    """Return the field of ``_order_by`` and whether it goes down; a field not allowed is ignored."""
    given = call.param("_order_by") or ""
    field = given.removeprefix("-")
    return (field, given.startswith("-")) if field in allowed else (None, True)


def one_of(field: str, values: Iterable[str] | None) -> list[Condition]:
    """Return the condition that a field has one of some values; none where none are given."""
    if values is None:
        return []
    wanted = set(values)
    return [lambda row: row.get(field) in wanted]


def inside(window: Window | None) -> list[Condition]:
    """Return the condition that a time lies in a window; none without a window."""
    if window is None:
        return []
    found = window
    return [lambda row: found.holds(instant(row, found.field))]


def select(
    collection: Collection,
    *,
    types: Iterable[str] | None = None,
    lead_ids: Iterable[str] | None = None,
    ids: Iterable[str] | None = None,
    created: Window | None = None,
    updated: Window | None = None,
    conditions: Iterable[Condition] = (),
    newest_first: bool = True,
    by_update: bool = False,
) -> list[str]:
    """Return the ids of the rows that match, by creation (or update) time.

    The narrowest index serves the candidates: ids, then the leads', then the time window.

    Args:
        collection: the rows.
        types: the ``_type`` values that match, None for all.
        lead_ids: the leads whose rows match, None for all.
        ids: the ids that match, None for all.
        created: range of ``date_created``.
        updated: range of ``date_updated``.
        conditions: what else a row must meet.
        newest_first: the order's direction.
        by_update: order by ``date_updated`` instead of ``date_created``.
    """
    tests = list(conditions)
    field = "date_updated" if by_update else "date_created"
    wanted_types = None if types is None else list(types)
    if ids is not None or lead_ids is not None:
        candidates = _few(collection, ids, lead_ids, field, newest_first=newest_first)
        tests += one_of("_type", wanted_types) + inside(created) + inside(updated)
        tests += one_of("lead_id", lead_ids if ids is not None else None)
    elif wanted_types is not None and len(wanted_types) == 1 and not by_update:
        candidates = collection.by_type[wanted_types[0]].ids(created, newest_first=newest_first)
        tests += inside(updated)
    elif by_update:
        candidates = collection.updated.ids(updated, newest_first=newest_first)
        tests += one_of("_type", wanted_types) + inside(created)
    elif updated is not None and created is None:
        in_window = set(collection.updated.ids(updated))
        candidates = sorted(
            in_window,
            key=lambda row_id: (instant(collection.rows[row_id], "date_created") or 0, row_id),
            reverse=newest_first,
        )
        tests += one_of("_type", wanted_types)
    else:
        candidates = collection.created.ids(created, newest_first=newest_first)
        tests += one_of("_type", wanted_types) + inside(updated)
    if not tests:
        return candidates
    rows = collection.rows
    return [row_id for row_id in candidates if all(test(rows[row_id]) for test in tests)]


def _few(
    collection: Collection,
    ids: Iterable[str] | None,
    lead_ids: Iterable[str] | None,
    field: str,
    *,
    newest_first: bool,
) -> list[str]:
    if ids is not None:
        found = {row_id for row_id in ids if row_id in collection.rows}
    else:
        found = {row_id for lead_id in lead_ids or () for row_id in collection.by_lead.get(lead_id, ())}
    return sorted(
        found,
        key=lambda row_id: (instant(collection.rows[row_id], field) or 0, row_id),
        reverse=newest_first,
    )


class Matches:
    """The ids that match a request, and what was computed from all of them."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids
        self._computed: Row | None = None

    def once(self, compute: Callable[[], Row]) -> Row:
        """Return what ``compute`` returned the first time."""
        if self._computed is None:
            self._computed = compute()
        return self._computed


class ResultCache:
    """The matches of recent list requests, so that the next page does not search again."""

    def __init__(self, account: Account) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[object, Matches]] = OrderedDict()
        self._names = (account["pipelines"], account["users"])

    def matches(self, call: Call, collection: Collection, find: Callable[[], list[str]]) -> Matches:
        """Return the ids that match a request, found anew if the rows changed since."""
        asked = tuple(sorted((name, *values) for name, values in call.params.items() if name not in _PAGING))
        key = (call.path, call.headers.get("x-tz-offset"), asked)
        revision = tuple(rows.revision for rows in (collection, *self._names))
        kept = self._kept.get(key)
        if kept is not None and kept[0] == revision:
            self._kept.move_to_end(key)
            return kept[1]
        found = Matches(find())
        self._kept[key] = (revision, found)
        while len(self._kept) > _KEPT_RESULTS:
            self._kept.popitem(last=False)
        return found
