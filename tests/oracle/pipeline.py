"""The open pipeline and the win rate by month: definitions, section 8."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic

if TYPE_CHECKING:
    from tests.oracle.account import Account, Opportunity

Row = dict[str, Any]


def pipeline_daily(account: Account) -> list[Row]:
    """Return the snapshot of the run's day.

    "Open opportunities as of the run by pipeline and stage: count, annual value (one_time at face value, shown apart),
    value weighted by confidence, age in days".
    """
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
    return [
        {
            "day": account.today,
            "pipeline": pipeline,
            "status": stage,
            "opportunities": len(deals),
            "arr_cents": sum(deal.annual_cents for deal in deals),
            "one_time_cents": sum(deal.value or 0 for deal in deals if deal.period == "one_time"),
            "weighted_arr_cents": _to_whole(
                sum(Fraction(deal.annual_cents * (deal.row.get("confidence") or 0), 100) for deal in deals)
            ),
            "avg_age_days": arithmetic.mean(
                (account.today - account.local(deal.created)).days for deal in deals if deal.created
            ),
        }
        for (pipeline, stage), deals in groups.items()
    ]


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
