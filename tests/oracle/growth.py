"""The growth report, its year rows and the MRR movements: definitions, section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic
from tests.oracle.demos import demos
from tests.oracle.value import value_before

if TYPE_CHECKING:
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
            "opened_opportunities": sum(month.has(account.local(o.created)) for o in account.opportunities),
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
    """Return the local day of the "first ever entry into a `trial` status (being created in it counts)"."""
    entries = [entry.at for entry in cycle.timeline if cycle.role(entry) == "trial"]
    return cycle.account.local(min(entries)) if entries else None


def mrr_movements_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    """Return "per lead, month end against month start" the moves of the annual cents."""
    return [_movements(month, cycles) for month in account.months]


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
    for year in sorted({row["month"].year for row in monthly}):
        months = [row for row in monthly if row["month"].year == year]
        completed = {row["month"].month: row for row in months if not row["is_running"]}
        before = {row["month"].month: row for row in monthly if row["month"].year == year - 1 and not row["is_running"]}
        both = sorted(completed.keys() & before.keys())
        key = {"year": year, "is_running": any(row["is_running"] for row in months)}
        rows += [
            key | {"row_kind": "year"} | _whole(account, months),
            key | {"row_kind": "average"} | _average(list(completed.values())),
            key
            | {"row_kind": "yoy"}
            | _year_over_year(
                _whole(account, [completed[m] for m in both]), _whole(account, [before[m] for m in both])
            ),
        ]
    return rows


def _whole(account: Account, months: list[Row]) -> Row:
    """Return months as one.

    "Flows are sums over its months, balances are the last month's, rates are recomputed on the year's own
    opening and flows".
    """
    if not months:
        return dict.fromkeys(["opening_customers", *FLOWS, *BALANCES, *RATES])
    row = {name: sum(month[name] for month in months) for name in FLOWS}
    row |= {name: months[-1][name] for name in BALANCES} | {"opening_customers": months[0]["opening_customers"]}
    return row | rates(account, row)


def _average(completed: list[Row]) -> Row:
    """Return "the arithmetic mean over the year's completed months, column by column (NULLs left out)"."""
    return {
        name: arithmetic.mean(row[name] for row in completed if row[name] is not None)
        for name in ["opening_customers", *FLOWS, *BALANCES, *RATES]
    }


def _year_over_year(this: Row, last: Row) -> Row:
    """Return "(this year - last year) / last year", for rates the difference.

    "Empty where last year has none or is 0": said of rates, too.
    """
    row: Row = {name: arithmetic.difference(this[name], last[name] or None) for name in RATES}
    for name in ["opening_customers", *FLOWS, *BALANCES]:
        row[name] = arithmetic.rate(this[name] - last[name], last[name]) if last[name] is not None else None
    return row
