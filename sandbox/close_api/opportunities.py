"""Opportunities: filters, orders, aggregates.

Source: developer.close.com "Opportunities"; recorded replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api import money
from sandbox.close_api.filters import inside, read_order, read_window, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context
    from sandbox.close_api.filters import Condition

_AMOUNTS = ("value", "value_period", "confidence")
_FILTERS = ("user_id", "status_id", "status_type", "status_label", "value_period")
_ORDERS = frozenset({
    "date_won",
    "date_updated",
    "date_created",
    "confidence",
    "user_name",
    "value",
    "annualized_value",
    "annualized_expected_value",
})


def opportunities(context: Context, call: Call) -> Row:
    """Opportunities with aggregates over all matches."""
    rows = context.account["opportunities"]
    found = context.cache.matches(call, rows, lambda: matching(context, call))
    reply = context.rows(call, "opportunity", rows, found.ids, context.renderer.opportunity)
    return {**reply, **found.once(lambda: _totals(context, found.ids))}


def matching(context: Context, call: Call) -> Sequence[str]:
    """Return the ids of all opportunities that a list request asks for, in its order."""
    conditions = inside(read_window(call, "date_won", exact=True))
    for name in _FILTERS:
        wanted = call.values(name, f"{name}__in")
        if wanted is not None:
            conditions.append(_rendered_one_of(context, name, wanted))
    either = call.values("status", "status__in")
    if either is not None:
        by_id, by_label = (_rendered_one_of(context, name, either) for name in ("status_id", "status_label"))
        conditions.append(lambda row: by_id(row) or by_label(row))
    order, newest_first = read_order(call, _ORDERS)
    ids = select(
        context.account["opportunities"],
        lead_ids=call.values("lead_id", "lead_id__in"),
        created=read_window(call, "date_created", exact=True),
        updated=read_window(call, "date_updated", exact=True),
        conditions=conditions,
        newest_first=newest_first,
        by_update=order == "date_updated",
    )
    if order in {None, "date_created", "date_updated"}:
        return ids
    return _sorted_by(context, ids, order, newest_first=newest_first)


def opportunity(context: Context, call: Call, opportunity_id: str) -> Row:
    """One opportunity."""
    row = context.find("opportunities", opportunity_id, "Opportunity", call.user)
    return context.one(call, context.renderer.opportunity(row))


def _sorted_by(context: Context, ids: Sequence[str], field: str, *, newest_first: bool) -> list[str]:
    rows = context.account["opportunities"]
    values = {row_id: context.renderer.opportunity(row)[field] for row_id, row in rows.scan(ids)}
    filled = [row_id for row_id, value in values.items() if value is not None]
    empty = [row_id for row_id, value in values.items() if value is None]
    filled.sort(key=lambda row_id: (values[row_id], row_id), reverse=newest_first)
    return filled + empty


def _rendered_one_of(context: Context, field: str, wanted: list[str]) -> Condition:
    """Return the condition on a field whose value comes from the opportunity's status of now."""
    allowed = set(wanted)
    if field in {"user_id", "status_id"}:
        return lambda row: row.get(field) in allowed
    return lambda row: context.renderer.opportunity(row)[field] in allowed


def _totals(context: Context, ids: Sequence[str]) -> Row:
    return money.totals(context.account["opportunities"].columns(ids, _AMOUNTS), context.renderer.currency)
