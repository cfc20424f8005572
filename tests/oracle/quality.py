"""The warnings that name a record: definitions, sections 2 to 5 and 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle import when
from tests.oracle.value import is_restored, value_before

if TYPE_CHECKING:
    from tests.oracle.account import Account
    from tests.oracle.lifecycle import LifeCycle


RULES = frozenset({
    "customer_without_mrr",
    "missing_value",
    "reactivated_without_deal",
    "status_mismatch",
    "won_before_created",
    "won_in_future",
})
"""The rules whose records follow from the definitions' words alone."""


def warnings(account: Account, cycles: dict[str, LifeCycle]) -> list[dict[str, Any]]:
    """Return the listed records: (rule, record_id)."""
    found: set[tuple[str, str]] = set()
    end, today = account.as_of + when.TICK, account.local(account.as_of)
    for deal in account.opportunities:
        if deal.is_won and deal.is_recurring and deal.value is None:
            found.add(("missing_value", deal.id))
        if deal.is_won and deal.won_on and deal.won_on < account.local(deal.created):
            found.add(("won_before_created", deal.id))
        if deal.is_won and deal.won_on and deal.won_on > today:
            found.add(("won_in_future", deal.id))
    for lead_id, cycle in cycles.items():
        wins = [deal.won_on for deal in account.deals.get(lead_id, []) if deal.is_won and deal.won_on]
        if wins and min(wins) < account.local(cycle.lead.created):
            found.add(("won_before_created", lead_id))
        if cycle.has_mismatch:
            found.add(("status_mismatch", lead_id))
        if is_restored(cycle, end):
            found.add(("reactivated_without_deal", lead_id))
        if cycle.is_customer_before(end) and value_before(cycle, end) == 0:
            found.add(("customer_without_mrr", lead_id))
    return [{"rule": rule, "record_id": record_id} for rule, record_id in sorted(found)]
