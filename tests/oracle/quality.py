"""The warnings: definitions, sections 2 to 5, 7 and 10."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.sources import source_names, source_of
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
        is_measured = deal.created and account.is_measured(deal)
        if deal.is_won and deal.won_on and is_measured and deal.won_on < account.local(deal.created or end):
            found.add(("won_before_created", deal.id))
        if (deal.is_won and deal.won_on is None) or (deal.is_lost and deal.lost is None):
            found.add(("decided_without_date", deal.id))
        if _is_mistyped(account, deal.row, ("date_won", "date_lost", "date_created")):
            found.add(("implausible_date", deal.id))
        if deal.is_won and deal.won_on and deal.won_on > today:
            found.add(("won_in_future", deal.id))
        if deal.is_won and deal.is_recurring and deal.won_on and deal.won_on <= today:
            cycle = cycles.get(deal.lead_id or "")
            if cycle is None or not was_customer_since(cycle, deal.won_on, end):
                found.add(("won_without_customer", deal.id))
    for lead_id, cycle in cycles.items():
        sales = [deal for deal in account.deals.get(lead_id, []) if deal.is_won and not deal.is_renewal]
        wins = [deal.won_on for deal in sales if deal.won_on]
        created = None if account.is_imported(cycle.lead) else cycle.lead.created
        if wins and created and min(wins) < account.local(created):
            found.add(("won_before_created", lead_id))
        if _is_mistyped(account, cycle.lead.row, ("date_created", "date_updated")):
            found.add(("implausible_date", lead_id))
        if _is_lapsed(account, cycle, end):
            found.add(("annual_not_renewed", lead_id))
        if cycle.has_mismatch:
            found.add(("status_mismatch", lead_id))
        if is_restored(cycle, end):
            found.add(("reactivated_without_deal", lead_id))
        if cycle.is_customer_before(end) and value_before(cycle, end) == 0:
            found.add(("customer_without_mrr", lead_id))
    found |= {
        ("implausible_date", activity.id)
        for activity in account.activities
        if _is_mistyped(account, activity.row, ("activity_at", "date_created", "starts_at", "ends_at"))
    }
    days = Counter(account.local(lead.created) for lead in account.leads.values() if lead.created)
    found |= {
        ("bulk_created_leads", on.isoformat())
        for on, count in days.items()
        if count >= 50 and count >= len(account.leads) * 0.2 and on not in account.settings.import_days
    }
    names = source_names(account)
    sources = [source_of(account, cycle.lead, names) for cycle in cycles.values()]
    if (arithmetic.rate(sources.count("(none)"), len(sources)) or 0) > account.settings.unknown_source_share:
        found.add(("unknown_source", "(none)"))
    return [{"rule": rule, "record_id": record_id} for rule, record_id in sorted(found)]


def _is_mistyped(account: Account, row: dict[str, Any], fields: tuple[str, ...]) -> bool:
    """Say whether a record has "a date or instant before 1990-01-01, or more than ten years after `as_of`"."""
    for name in fields:
        text = row.get(name)
        found = None if text is None else when.day(text) if name == "date_won" else when.instant(text)
        if found is not None and not when.is_believed(found, account.as_of):
            return True
    return False


def _is_lapsed(account: Account, cycle: LifeCycle, end: datetime) -> bool:
    """Say whether the lead is "a customer at `as_of` whose last recurring win is annual and older than 13 months"."""
    past = [win for win in cycle.wins if win.won_on and win.won_on <= account.today]
    if "renewal" not in account.settings.pipeline_roles.values() or not past or not cycle.is_customer_before(end):
        return False
    last = past[-1]
    assert last.won_on
    return last.period == "annual" and last.won_on < when.months_before(account.today, 13)


def was_customer_since(cycle: LifeCycle, on: date, end: datetime) -> bool:
    """Say whether a lead was a customer at any time since a local day began, up to an instant."""
    start = when.midnight(on, cycle.account.settings.zone)
    turns = [point + when.TICK for point in cycle.turning_points(start, end)]
    return any(cycle.is_customer_before(at) for at in [start, *turns])
