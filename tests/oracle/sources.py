"""The source report: definitions, section 7."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.value import added_by, value_before

if TYPE_CHECKING:
    from tests.oracle.account import Account, Lead, Opportunity
    from tests.oracle.lifecycle import LifeCycle

Row = dict[str, Any]


def _spelling(value: str) -> str:
    return " ".join(value.split())


def _key(value: str) -> str:
    """Return what is equal "after Unicode NFKC, trimming, collapsing of white space and case folding"."""
    return " ".join(unicodedata.normalize("NFKC", value).split()).casefold()


def _value(account: Account, lead: Lead) -> str:
    """Return the field's value, "of a multi-value field the first value"; empty where it is unset."""
    value = lead.custom.get(account.settings.source_field or "")
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


def source_names(account: Account) -> dict[str, str]:
    """Return the name that each value is shown by.

    "In the spelling that most of its leads have (ties: the first in code point order)"; `source_aliases` "merges
    further names under the key as it is written".
    """
    spellings: dict[str, Counter[str]] = {}
    for lead in account.leads.values():
        value = _value(account, lead)
        spellings.setdefault(_key(value), Counter())[_spelling(value)] += 1
    names = {key: min(found, key=lambda name, of=found: (-of[name], name)) for key, found in spellings.items()}
    for name, further in account.settings.source_aliases.items():
        names |= dict.fromkeys(map(_key, [name, *further]), name)
    return names | {"": "(none)"}


def source_of(account: Account, lead: Lead, names: dict[str, str]) -> str:
    """Return a lead's source; "unset or blank is `(none)`"."""
    return names[_key(_value(account, lead))]


def source_all_time(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    groups: dict[str, list[LifeCycle]] = {}
    names = source_names(account)
    for cycle in cycles.values():
        groups.setdefault(source_of(account, cycle.lead, names), []).append(cycle)
    return [{"source": source} | _measures(account, group) for source, group in groups.items()]


def source_monthly(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    """Return a row per source and month in which leads of it were created."""
    groups: dict[tuple[Any, str], list[LifeCycle]] = {}
    reported = {month.first for month in account.months}
    names = source_names(account)
    for cycle in cycles.values():
        created = cycle.lead.created
        cohort = when.first_of_month(account.local(created)) if created else None
        if cohort in reported:
            groups.setdefault((cohort, source_of(account, cycle.lead, names)), []).append(cycle)
    return [
        {"cohort_month": cohort, "source": source} | _measures(account, group)
        for (cohort, source), group in groups.items()
    ]


def source_total(account: Account, cycles: dict[str, LifeCycle]) -> list[Row]:
    return [_measures(account, list(cycles.values()))]


def _measures(account: Account, group: list[LifeCycle]) -> Row:
    """Return the measures over the records of a group of leads."""
    deals = [deal for cycle in group for deal in account.deals.get(cycle.lead.id, [])]
    sales = [deal for deal in deals if not deal.is_renewal]
    won, lost = [deal for deal in sales if deal.is_won], [deal for deal in sales if deal.is_lost]
    recurring = [deal for deal in deals if deal.is_won and deal.is_recurring]
    winners = {deal.lead_id for deal in won}
    days = [on for cycle in group if (on := _days_to_first_win(account, cycle.lead, won)) is not None and on >= 0]
    added = {cycle.lead.id: cycle for cycle in group}
    total = sum(_added(added[deal.lead_id or ""], deal) for deal in recurring)
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


def _added(cycle: LifeCycle, deal: Opportunity) -> int:
    """Return what a won recurring deal added; "one without a date adds 0" is said of a renewal."""
    if deal.is_renewal and deal.won_on is None:
        return 0
    return added_by(cycle, deal)


def _days_to_first_win(account: Account, lead: Lead, won: list[Opportunity]) -> int | None:
    """Return "first `date_won` - local date of the lead's `date_created`"; imported leads are left out."""
    dates = [deal.won_on for deal in won if deal.lead_id == lead.id and deal.won_on]
    if not dates or lead.created is None or account.is_imported(lead):
        return None
    return (min(dates) - account.local(lead.created)).days
