"""The source report: definitions, section 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.value import value_before

if TYPE_CHECKING:
    from tests.oracle.account import Account, Lead, Opportunity
    from tests.oracle.lifecycle import LifeCycle

Row = dict[str, Any]


def source_of(account: Account, lead: Lead) -> str:
    """Return the field's value, "of a multi-value field the first value; unset is `(none)`"."""
    value = lead.custom.get(account.settings.source_field or "")
    if isinstance(value, list):
        value = value[0] if value else None
    return "(none)" if value is None else str(value)


def source_all_time(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    groups: dict[str, list[LifeCycle]] = {}
    for cycle in cycles.values():
        groups.setdefault(source_of(account, cycle.lead), []).append(cycle)
    return [{"source": source} | _measures(account, group) for source, group in groups.items()]


def source_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    """Return a row per source and month in which leads of it were created."""
    groups: dict[tuple[Any, str], list[LifeCycle]] = {}
    reported = {month.first for month in account.months}
    for cycle in cycles.values():
        cohort = when.first_of_month(account.local(cycle.lead.created))
        if cohort in reported:
            groups.setdefault((cohort, source_of(account, cycle.lead)), []).append(cycle)
    return [
        {"cohort_month": cohort, "source": source} | _measures(account, group)
        for (cohort, source), group in groups.items()
    ]


def source_total(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    return [_measures(account, list(cycles.values()))]


def _measures(account: Account, group: list[LifeCycle]) -> Row:
    """Return the measures over the records of a group of leads."""
    deals = [deal for cycle in group for deal in account.deals.get(cycle.lead.id, [])]
    won, lost = [deal for deal in deals if deal.is_won], [deal for deal in deals if deal.is_lost]
    recurring = [deal for deal in won if deal.is_recurring]
    winners = {deal.lead_id for deal in won}
    days = [on for cycle in group if (on := _days_to_first_win(account, cycle.lead, won)) is not None and on >= 0]
    total = sum(deal.annual_cents for deal in recurring)
    return {
        "total_leads": len(group),
        "won_opportunities": len(won),
        "lost_opportunities": len(lost),
        "win_rate": arithmetic.rate(len(won), len(won) + len(lost)),
        "lead_conversion": arithmetic.rate(len(winners), len(group)),
        "avg_days_to_close": arithmetic.mean(days),
        "median_days_to_close": arithmetic.median(days),
        "avg_arr_per_won_account_cents": arithmetic.rate(total, len({deal.lead_id for deal in recurring})),
        "total_arr_cents": total,
        "current_arr_cents": sum(value_before(cycle, account.as_of + when.TICK) for cycle in group),
    }


def _days_to_first_win(account: Account, lead: Lead, won: list[Opportunity]) -> int | None:
    """Return "first `date_won` - local date of the lead's `date_created`"."""
    dates = [deal.won_on for deal in won if deal.lead_id == lead.id and deal.won_on]
    return (min(dates) - account.local(lead.created)).days if dates else None
