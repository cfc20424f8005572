"""Which rows a list request asks for, and in what order."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.close_api import errors, times
from sandbox.close_api.collection import Collection, Row, instant
from sandbox.close_api.index import Window
from sandbox.close_api.visibility import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.close_api.account import Account
    from sandbox.close_api.calls import Call

    Condition = Callable[[Row], bool]

_BOUNDS = ("gt", "gte", "lt", "lte")
_PAGING = frozenset({"_limit", "_skip", "_fields"})
_KEPT_RESULTS = 64
_KEPT_IDS = 10_000_000


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
) -> Sequence[str]:
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
    kinds = None if types is None else list(types)
    if ids is not None or lead_ids is not None:
        wanted = collection.ids_of_leads(lead_ids or ()) if ids is None else ids
        found = collection.arranged(wanted, kinds=kinds, by_update=by_update, newest_first=newest_first)
        tests += inside(created) + inside(updated)
        tests += one_of("lead_id", lead_ids if ids is not None else None)
    elif kinds is not None and len(kinds) == 1 and not by_update:
        found = collection.in_order(created, kind=kinds[0], newest_first=newest_first)
        tests += inside(updated)
    elif by_update:
        kind = kinds[0] if kinds is not None and len(kinds) == 1 else None
        found = collection.in_order(updated, kind=kind, by_update=True, newest_first=newest_first)
        tests += inside(created) + ([] if kind else one_of("_type", kinds))
    elif updated is not None and created is None:
        found = collection.updated_in(updated, newest_first=newest_first)
        tests += one_of("_type", kinds)
    else:
        found = collection.in_order(created, newest_first=newest_first)
        tests += one_of("_type", kinds) + inside(updated)
    if not tests:
        return found
    return [row_id for row_id, row in collection.scan(found) if all(test(row) for test in tests)]


class Matches:
    """The ids that match a request, and what was computed from all of them."""

    def __init__(self, ids: Sequence[str]) -> None:
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
        self._account = account
        self._names = (account["pipelines"], account["users"])

    def matches(self, call: Call, collection: Collection, find: Callable[[], Sequence[str]]) -> Matches:
        """Return the ids that match a request, found anew if the rows changed since."""
        asked = tuple(sorted((name, *values) for name, values in call.params.items() if name not in _PAGING))
        key = (call.path, call.headers.get("x-tz-offset"), call.user, asked)
        revision = tuple(rows.revision for rows in (collection, *self._names))
        kept = self._kept.get(key)
        if kept is not None and kept[0] == revision:
            self._kept.move_to_end(key)
            return kept[1]
        found = Matches(visible(self._account, collection.name, find(), call.user))
        self._kept[key] = (revision, found)
        while len(self._kept) > _KEPT_RESULTS or (len(self._kept) > 1 and self._size() > _KEPT_IDS):
            self._kept.popitem(last=False)
        return found

    def _size(self) -> int:
        return sum(len(matches.ids) for _, matches in self._kept.values())
