"""``POST /data/search/``: pages by a short-lived cursor, at most 10,000 objects a walk.

Source: developer.close.com "Advanced Filtering".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors, times
from sandbox.close_api.account import NESTED_IN_LEAD
from sandbox.close_api.collection import instant
from sandbox.close_api.cursors import Walk
from sandbox.close_api.filters import select
from sandbox.close_api.paging import ALL_FIELDS, DEFAULT_LIMIT
from sandbox.close_api.search_query import Compiler
from sandbox.close_api.visibility import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context
    from sandbox.close_api.search_kinds import Kind
    from sandbox.close_api.search_query import Plan

MAX_CUSTOM_SELECTORS = 100
_BY_TIME = frozenset({"date_created", "date_updated"})


def reply(context: Context, call: Call) -> Row:
    """Return a page of a search.

    Args:
        context: the sandbox.
        call: with a body of query, _fields, _limit, cursor, results_limit, include_counts, sort.

    Raises:
        ApiError: 400 for a body that is not understood.
    """
    body = call.json()
    limit = _limit(body, context.config.page_cap("search"))
    now = context.clock.now()
    if body.get("cursor") is not None:
        walk = context.searches.resume(body["cursor"], now)
    else:
        walk = _begin(context, body, call)
    names = _fields(body, walk.kind)
    nested = not NESTED_IN_LEAD.isdisjoint(names) or ALL_FIELDS in names
    stop = walk.place + limit

    def shown(ids: Sequence[str]) -> list[Row]:
        collection = context.account[walk.kind.resource]
        found = collection.shown(ids, names, lambda row: context.renderer.shown(walk.kind.resource, row, nested=nested))
        return [{"__object_type": walk.kind.name, **row} for row in found]

    frozen = walk.frozen
    if frozen is None and context.config.search_shows == "frozen":
        frozen = shown(walk.ids)
    data = shown(walk.ids[walk.place : stop]) if frozen is None else frozen[walk.place : stop]
    cursor = None
    if stop < len(walk.ids):
        expires = now + timedelta(seconds=context.config.search_cursor_seconds)
        cursor = context.searches.keep(Walk(walk.kind, walk.ids, walk.total, stop, expires, frozen), now)
    page: Row = {"data": data, "cursor": cursor}
    if body.get("include_counts"):
        page["count"] = {"limited": len(walk.ids), "total": walk.total}
    return page


def matching(context: Context, body: Row, call: Call) -> Sequence[str]:
    """Return the ids of all objects that a search finds, however many, in its order.

    Raises:
        ApiError: 400 for a query that is not understood.
    """
    return _find(context, body, call)[1]


def _find(context: Context, body: Row, call: Call) -> tuple[Plan, Sequence[str]]:
    zone_hours = call.headers.get("x-tz-offset")
    plan = Compiler(context.account, context.renderer, zone_hours).plan(body.get("query"))
    order = _read_sort(body.get("sort"), plan.kind)
    ids = _sorted(context, _candidates(context, plan, order), plan.kind, order)
    return plan, visible(context.account, plan.kind.resource, ids, call.user)


def _begin(context: Context, body: Row, call: Call) -> Walk:
    plan, ids = _find(context, body, call)
    delay = context.config.search_delay
    if delay:
        fresh = times.monotonic() - delay
        hidden = [row_id for row_id, at in context.account.written.items() if at > fresh]
        ids = context.account[plan.kind.resource].without(ids, hidden) if hidden else ids
    cap = context.config.search_cap
    results_limit = body.get("results_limit")
    if isinstance(results_limit, int):
        cap = min(cap, results_limit)
    return Walk(plan.kind, ids[: max(0, cap)], len(ids), 0, context.clock.now())


def _candidates(context: Context, plan: Plan, order: list[tuple[str, bool]]) -> Sequence[str]:
    field, descending = order[0] if order else ("date_updated", True)
    return select(
        context.account[plan.kind.resource],
        types=None if plan.kind.activity is None else [plan.kind.activity],
        ids=plan.ids,
        created=plan.created,
        updated=plan.updated,
        conditions=() if plan.test is None else [plan.test],
        newest_first=descending,
        by_update=field == "date_updated",
    )


def _sorted(context: Context, ids: Sequence[str], kind: Kind, order: list[tuple[str, bool]]) -> Sequence[str]:
    if len(order) <= 1 and all(field in _BY_TIME for field, _ in order):
        return ids
    rows = dict(context.account[kind.resource].scan(ids))

    def key(field: str) -> Callable[[str], tuple[bool, Any]]:
        def of(row_id: str) -> tuple[bool, Any]:
            if field in _BY_TIME:
                return False, instant(rows[row_id], field)
            value = context.renderer.shown(kind.resource, rows[row_id]).get(field)
            return value is None, "" if value is None else value

        return of

    for field, descending in reversed(order):
        ids = sorted(ids, key=key(field), reverse=descending)
    return ids


def _read_sort(sort: Any, kind: Kind) -> list[tuple[str, bool]]:
    """Return (field, descending) pairs.

    Raises:
        ApiError: 400 for a field that cannot be sorted by.
    """
    order = []
    for entry in sort or ():
        field = entry.get("field") or {}
        name = field.get("field_name")
        sortable = kind.fields - {"id"}
        if field.get("object_type") != kind.name or name not in sortable:
            raise errors.invalid_fields(sort=f"Sorting by {field.get('object_type')}.{name} is not supported.")
        order.append((str(name), entry.get("direction") == "desc"))
    return order


def _limit(body: Row, cap: int) -> int:
    limit = body.get("_limit", min(DEFAULT_LIMIT, cap))
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise errors.not_an_integer("_limit", str(limit))
    if limit > cap:
        raise errors.limit_too_large(cap)
    return limit


def _fields(body: Row, kind: Kind) -> list[str]:
    """Return the names of the fields to show: ``id`` alone unless others are asked for."""
    given = body.get("_fields")
    names = given.get(kind.name) if isinstance(given, dict) else None
    if not names:
        return ["id"]
    if sum(name.startswith("custom.") for name in names) > MAX_CUSTOM_SELECTORS:
        raise errors.invalid_field_errors({"_fields": "Too many custom fields are selected."})
    return [*names, "id"]
