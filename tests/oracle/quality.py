"""The warnings: definitions, sections 2 to 5, 7 and 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.sources import source_of
from tests.oracle.value import is_restored, value_before

if TYPE_CHECKING:
    from datetime import date, datetime

    from tests.oracle.account import Account
    from tests.oracle.lifecycle import LifeCycle


def warnings(account: Account, cycles: dict[str, LifeCycle]) -> list[dict[str, Any]]:
    """Return the listed records: (rule, record_id)."""
    found: set[tuple[str, str]] = set()
    end, today = account.as_of + when.TICK, account.today
    for deal in account.opportunities:
        if deal.is_won and deal.is_recurring and deal.value is None:
            found.add(("missing_value", deal.id))
        if deal.is_won and deal.won_on and deal.won_on < account.local(deal.created):
            found.add(("won_before_created", deal.id))
        if deal.is_won and deal.won_on and deal.won_on > today:
            found.add(("won_in_future", deal.id))
        if deal.is_won and deal.is_recurring and deal.won_on and deal.won_on <= today:
            cycle = cycles.get(deal.lead_id or "")
            if cycle is None or not was_customer_since(cycle, deal.won_on, end):
                found.add(("won_without_customer", deal.id))
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
    sources = [source_of(account, cycle.lead) for cycle in cycles.values()]
    if (arithmetic.rate(sources.count("(none)"), len(sources)) or 0) > account.settings.unknown_source_share:
        found.add(("unknown_source", "(none)"))
    return [{"rule": rule, "record_id": record_id} for rule, record_id in sorted(found)]


def was_customer_since(cycle: LifeCycle, on: date, end: datetime) -> bool:
    """Say whether a lead was a customer at any time since a local day began, up to an instant."""
    start = when.midnight(on, cycle.account.settings.zone)
    turns = [point + when.TICK for point in cycle.turning_points(start, end)]
    return any(cycle.is_customer_before(at) for at in [start, *turns])
