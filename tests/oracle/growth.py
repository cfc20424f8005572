"""The growth report, its year rows and the MRR movements: definitions, section 3."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.demos import demos
from tests.oracle.value import value_before

if TYPE_CHECKING:
    from datetime import date, datetime

    from tests.oracle.account import Account
    from tests.oracle.lifecycle import LifeCycle
    from tests.oracle.when import Month

Row = dict[str, Any]

FLOWS = (
    "new_trials",
    "opened_opportunities",
    "new_customers",
    "demos_done",
    "reactivated_customers",
    "churned_customers",
    "joined_and_left",
    "left_and_returned",
)
BALANCES = ("total_customers", "arr_cents", "mrr_cents")
RATES = ("churn_rate", "gross_growth_rate", "net_growth_rate")
MOVES = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "closing")


def growth_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    done = demos(account)
    trials = [_first_trial(cycle) for cycle in cycles.values()]
    rows = []
    for month in account.months:
        stays = [cycle.stays[month.first] for cycle in cycles.values()]
        arr = sum(value_before(cycle, month.end) for cycle in cycles.values())
        row: Row = {
            "month": month.first,
            "is_running": month.is_running,
            "opening_customers": sum(stay.opening for stay in stays),
            "total_customers": sum(stay.closing for stay in stays),
            "new_trials": sum(month.has(on) for on in trials),
            "opened_opportunities": sum(
                o.created is not None and not account.is_imported(o) and month.has(account.local(o.created))
                for o in account.opportunities
            ),
            "new_customers": sum(stay.is_new for stay in stays),
            "demos_done": sum(month.has(demo.on) for demo in done),
            "reactivated_customers": sum(stay.is_reactivated for stay in stays),
            "churned_customers": sum(stay.is_churned for stay in stays),
            "joined_and_left": sum(stay.joined_and_left for stay in stays),
            "left_and_returned": sum(stay.left_and_returned for stay in stays),
            "arr_cents": arr,
            "mrr_cents": arr / 12,
        }
        rows.append(row | rates(account, row))
    return rows


def rates(account: Account, row: Row) -> Row:
    """Return "churned / opening", "(new + reactivated) / opening" and "gross growth - churn"."""
    by = row["opening_customers" if account.settings.rate_denominator == "opening" else "total_customers"]
    gained, lost = row["new_customers"] + row["reactivated_customers"], row["churned_customers"]
    return {
        "churn_rate": arithmetic.rate(lost, by),
        "gross_growth_rate": arithmetic.rate(gained, by),
        "net_growth_rate": arithmetic.rate(gained - lost, by),
    }


def _first_trial(cycle: LifeCycle) -> Any:
    """Return the local day of the "first ever entry into a `trial` status (being created in it counts)".

    "An imported initial `trial` is no new trial, nor is its return to trial."
    """
    if cycle.account.is_imported(cycle.lead) and cycle.role(cycle.timeline[0]) == "trial":
        return None
    entries = [entry.at for entry in cycle.timeline if cycle.role(entry) == "trial"]
    return cycle.account.local(min(entries)) if entries else None


def mrr_movements_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    """Return "per lead, month end against month start" the moves of the annual cents."""
    reported = {month.first: month for month in account.months}
    rows = []
    for month in account.months:
        then = reported.get(when.months_before(month.first, 12))
        kept = retention(cycles, then.end, month.end) if then else (None, None, None)
        names = ("net_revenue_retention_12m", "gross_revenue_retention_12m", "customer_retention_12m")
        rows.append(_movements(month, cycles) | dict(zip(names, kept, strict=True)))
    return rows


def retention(
    cycles: dict[str, LifeCycle], then: datetime, now: datetime
) -> tuple[float | None, float | None, float | None]:
    """Return what is left of the customers at an earlier instant: of their ARR, net and gross, and of their number."""
    customers = [cycle for cycle in cycles.values() if cycle.is_customer_before(then)]
    before = {cycle.lead.id: value_before(cycle, then) for cycle in customers}
    after = {cycle.lead.id: value_before(cycle, now) for cycle in customers}
    total = sum(before.values())
    kept = sum(min(before[lead_id], after[lead_id]) for lead_id in before)
    return (
        arithmetic.rate(sum(after.values()), total),
        arithmetic.rate(kept, total),
        arithmetic.rate(sum(cycle.is_customer_before(now) for cycle in customers), len(customers)),
    )


def year_of(account: Account, month: date) -> int:
    """Return the year of a month: "named after the calendar year in which it ends"."""
    begins = account.settings.fiscal_year_start
    return month.year + (1 if begins != 1 and month.month >= begins else 0)


def mrr_movements_yearly(account: Account, cycles: dict[str, LifeCycle], monthly: list[Row]) -> list[Row]:
    """Return "opening, sums, closing", and the retention "of the customers at the year's opening"."""
    rows = []
    for year in sorted({year_of(account, row["month"]) for row in monthly}):
        of_year = [row for row in monthly if year_of(account, row["month"]) == year]
        months = [month for month in account.months if year_of(account, month.first) == year]
        sums = {f"{name}_arr_cents": sum(row[f"{name}_arr_cents"] for row in of_year) for name in MOVES[1:-1]}
        net, gross, _ = retention(cycles, months[0].start, months[-1].end)
        gained = sum(sums[f"{name}_arr_cents"] for name in ("new", "reactivation", "expansion"))
        rows.append({
            "year": year,
            "is_running": months[-1].is_running,
            "opening_arr_cents": of_year[0]["opening_arr_cents"],
            **sums,
            "closing_arr_cents": of_year[-1]["closing_arr_cents"],
            "net_revenue_retention": net,
            "gross_revenue_retention": gross,
            "quick_ratio": arithmetic.rate(gained, sums["contraction_arr_cents"] + sums["churn_arr_cents"]),
        })
    return rows


def _movements(month: Month, cycles: dict[str, LifeCycle]) -> Row:
    moves = dict.fromkeys(MOVES, 0)
    for cycle in cycles.values():
        stay = cycle.stays[month.first]
        opening, closing = value_before(cycle, month.start), value_before(cycle, month.end)
        moves["opening"] += opening
        moves["closing"] += closing
        if stay.is_new:
            moves["new"] += closing
        elif stay.is_reactivated:
            moves["reactivation"] += closing
        elif stay.is_churned:
            moves["churn"] += opening
        else:
            moves["expansion"] += max(0, closing - opening)
            moves["contraction"] += max(0, opening - closing)
    opening, lost = moves["opening"], moves["contraction"] + moves["churn"]
    gained = moves["new"] + moves["reactivation"] + moves["expansion"]
    return {
        "month": month.first,
        "is_running": month.is_running,
        **{f"{name}_arr_cents": cents for name, cents in moves.items()},
        "net_revenue_retention": arithmetic.rate(opening + moves["expansion"] - lost, opening),
        "gross_revenue_retention": arithmetic.rate(opening - lost, opening),
        "quick_ratio": arithmetic.rate(gained, lost),
    }


def growth_yearly(account: Account, monthly: list[Row]) -> list[Row]:
    """Return the rows below the months of each year: `year`, `average`, `yoy`."""
    rows = []
    years = {row["month"]: year_of(account, row["month"]) for row in monthly}
    done = {row["month"]: row for row in monthly if not row["is_running"]}
    for year in sorted(set(years.values())):
        months = [row for row in monthly if years[row["month"]] == year]
        completed = [row for row in months if not row["is_running"]]
        both = [row for row in completed if when.years_later(row["month"], -1) in done]
        before = [done[when.years_later(row["month"], -1)] for row in both]
        key = {"year": year, "is_running": any(row["is_running"] for row in months)}
        rows += [
            key | {"row_kind": "year"} | _whole(months),
            key | {"row_kind": "average"} | _average(completed),
            key | {"row_kind": "yoy"} | _year_over_year(_whole(both), _whole(before)),
        ]
    return rows


def _whole(months: list[Row]) -> Row:
    """Return months as one.

    "Flows are sums over its months, balances (customers, MRR, ARR) are the last month's, [...] churn = 1 - product of
    (1 - monthly churn), gross growth = product of (1 + monthly gross growth) - 1, over the year's months that have the
    rate; net growth = closing / opening of the year - 1. Year rates are on opening".
    """
    if not months:
        return dict.fromkeys(["opening_customers", *FLOWS, *BALANCES, *RATES])
    row = {name: sum(month[name] for month in months) for name in FLOWS}
    row |= {name: months[-1][name] for name in BALANCES} | {"opening_customers": months[0]["opening_customers"]}
    with_rate = [month for month in months if month["opening_customers"]]
    stay, gain = Fraction(1), Fraction(1)
    for month in with_rate:
        stay *= 1 - Fraction(month["churned_customers"], month["opening_customers"])
        gain *= 1 + Fraction(month["new_customers"] + month["reactivated_customers"], month["opening_customers"])
    net = arithmetic.rate(row["total_customers"], row["opening_customers"])
    return row | {
        "churn_rate": float(1 - stay) if with_rate else None,
        "gross_growth_rate": float(gain - 1) if with_rate else None,
        "net_growth_rate": None if net is None else net - 1,
    }


def _average(completed: list[Row]) -> Row:
    """Return "the arithmetic mean over the year's completed months, column by column (NULLs left out)"."""
    return {
        name: arithmetic.mean(row[name] for row in completed if row[name] is not None)
        for name in ["opening_customers", *FLOWS, *BALANCES, *RATES]
    }


def _year_over_year(this: Row, last: Row) -> Row:
    """Return "(this year - last year) / last year", for rates the difference.

    "Empty where last year has none or, for flows and balances, is 0".
    """
    row: Row = {name: arithmetic.difference(this[name], last[name]) for name in RATES}
    for name in ["opening_customers", *FLOWS, *BALANCES]:
        row[name] = arithmetic.rate(this[name] - last[name], last[name]) if last[name] is not None else None
    return row
