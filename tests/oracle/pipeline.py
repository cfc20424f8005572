"""The open pipeline and the win rate by month: definitions, section 8."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from tests.oracle.account import Account, Opportunity

Row = dict[str, Any]


def pipeline_daily(account: Account) -> list[Row]:
    """Return the snapshot of the run's day.

    "Open opportunities as of the run by pipeline and stage: count, annual value (one_time at face value, shown apart),
    value weighted by confidence, age in days".
    """
    return [
        {"day": account.today, "pipeline": pipeline, "status": stage} | _measures(account, deals)
        for (pipeline, stage), deals in _stages(account).items()
    ]


def pipeline_stages(account: Account) -> list[Row]:
    """Return the same by stage in Close's order, with the overdue.

    Overdue is open for more than twice the median days from creation to win of the sales of the last twelve months.
    """
    cycle = arithmetic.median(_days_to_close(account))
    rows: list[Row] = []
    for (pipeline, stage), deals in _stages(account).items():
        ages = _ages(account, deals)
        overdue = sum(age > 2 * cycle for age in ages) if cycle is not None else 0
        key = {"pipeline": pipeline, "status": stage, "overdue_opportunities": overdue, "sales_cycle_days": cycle}
        rows.append(key | _measures(account, deals))
    pipelines = _places((pipeline["id"], pipeline["name"]) for pipeline in account.pipelines)
    stages = _places(
        (status["id"], (pipeline["name"], status["label"]))
        for pipeline in account.pipelines
        for status in pipeline["statuses"]
    )
    rows.sort(
        key=lambda row: (
            pipelines.get(row["pipeline"], math.inf),
            row["pipeline"],
            stages.get((row["pipeline"], row["status"]), math.inf),
            row["status"],
        )
    )
    return [row | {"position": place} for place, row in enumerate(rows, start=1)]


def _places(named: Iterable[tuple[str, Hashable]]) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    for place, (_, name) in enumerate(named):
        places.setdefault(name, place)
    return places


def _days_to_close(account: Account) -> list[int]:
    year = when.months_before(account.today, 12)
    days = []
    for deal in account.opportunities:
        if deal.is_won and deal.won_on and year < deal.won_on <= account.today and account.is_measured(deal):
            assert deal.created
            days.append((deal.won_on - account.local(deal.created)).days)
    return [number for number in days if number >= 0]


def _stages(account: Account) -> dict[tuple[str, str], list[Opportunity]]:
    """Return the open opportunities by the names of their pipeline and stage."""
    pipelines = {pipeline["id"]: pipeline["name"] for pipeline in account.pipelines}
    stages = {status["id"]: status["label"] for pipeline in account.pipelines for status in pipeline["statuses"]}
    groups: dict[tuple[str, str], list[Opportunity]] = {}
    for deal in account.opportunities:
        if not deal.is_won and not deal.is_lost:
            stage = deal.row.get("status_id")
            where = (
                pipelines.get(deal.row["pipeline_id"], deal.row["pipeline_id"]),
                stages.get(stage) or deal.row.get("status_label") or stage or "(none)",
            )
            groups.setdefault(where, []).append(deal)
    return groups


def _measures(account: Account, deals: list[Opportunity]) -> Row:
    return {
        "opportunities": len(deals),
        "arr_cents": sum(deal.annual_cents for deal in deals),
        "one_time_cents": sum(deal.value or 0 for deal in deals if deal.period == "one_time"),
        "weighted_arr_cents": _to_whole(
            sum(Fraction(deal.annual_cents * (deal.row.get("confidence") or 0), 100) for deal in deals)
        ),
        "avg_age_days": arithmetic.mean(_ages(account, deals)),
    }


def _ages(account: Account, deals: list[Opportunity]) -> list[int]:
    return [(account.today - account.local(deal.created)).days for deal in deals if deal.created]


def _to_whole(cents: Fraction | int) -> int:
    """Round halves away from zero."""
    return math.floor(abs(cents) + Fraction(1, 2)) * (1 if cents >= 0 else -1)


def win_rate_monthly(account: Account) -> list[Row]:
    """Return "win rate by month won/lost and by creation cohort, renewals left out"."""
    rows = []
    deals = [deal for deal in account.opportunities if not deal.is_renewal]
    for month in account.months:
        won = sum(deal.is_won and month.has(deal.won_on) for deal in deals)
        lost = sum(deal.is_lost and deal.lost is not None and month.has(account.local(deal.lost)) for deal in deals)
        created = [deal for deal in deals if not account.is_imported(deal)]
        cohort = [deal for deal in created if deal.created and month.has(account.local(deal.created))]
        cohort_won, cohort_lost = sum(deal.is_won for deal in cohort), sum(deal.is_lost for deal in cohort)
        rows.append({
            "month": month.first,
            "is_running": month.is_running,
            "won_opportunities": won,
            "lost_opportunities": lost,
            "win_rate": arithmetic.rate(won, won + lost),
            "created_opportunities": len(cohort),
            "created_won_opportunities": cohort_won,
            "created_lost_opportunities": cohort_lost,
            "created_win_rate": arithmetic.rate(cohort_won, cohort_won + cohort_lost),
        })
    return rows
