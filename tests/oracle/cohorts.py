"""The customers by the month they became customers, recomputed month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic
from tests.oracle.value import value_before

if TYPE_CHECKING:
    from tests.oracle.account import Account
    from tests.oracle.lifecycle import LifeCycle

Row = dict[str, Any]

AGES = (1, 2, 3, 6, 12, 24)


def cohort_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    """Return how many customers of each month, and how much of their value, were left some months later.

    A customer belongs to the month at whose end it is one for the first time; one since before all records, to none.
    """
    members: dict[Any, list[LifeCycle]] = {}
    for cycle in cycles.values():
        first = next((month for month in account.history if cycle.stays[month.first].closing), None)
        if first is not None and cycle.stays[first.first].is_new:
            members.setdefault(first.first, []).append(cycle)
    months = list(account.months)
    rows = []
    for at, cohort in enumerate(months):
        mine = members.get(cohort.first, [])
        for age in AGES if mine else ():
            if at + age >= len(months) or months[at + age].is_running:
                continue
            later = months[at + age]
            kept = [cycle for cycle in mine if cycle.stays[later.first].closing]
            then = sum(value_before(cycle, cohort.end) for cycle in mine)
            now = sum(value_before(cycle, later.end) for cycle in mine)
            rows.append({
                "cohort_month": cohort.first,
                "age_months": age,
                "cohort_customers": len(mine),
                "customers_kept": len(kept),
                "customer_retention": arithmetic.rate(len(kept), len(mine)),
                "cohort_arr_cents": then,
                "arr_kept_cents": now,
                "net_revenue_retention": arithmetic.rate(now, then),
            })
    return rows
