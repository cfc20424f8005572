"""Which edge cases of the definitions an account hits; counted, so that a thin strategy shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle import when
from tests.oracle.account import read_account
from tests.oracle.demos import demos
from tests.oracle.lifecycle import life_cycles
from tests.oracle.value import is_restored

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from tests.oracle.account import Account
    from tests.oracle.lifecycle import LifeCycle
    from tests.oracle.strategies import MadeAccount

EDGES = frozenset(
    f"{kind}: {name}"
    for kind, names in {
        "lead": (
            "churned/more than one churn/reactivated/joined_and_left/left_and_returned/created as customer/no change"
            "/status mismatch/deleted status/change at local midnight of the 1st/two changes at one instant"
            "/restored value/multi-value source/unset source"
        ),
        "deal": (
            "ignored or deleted/won monthly/won annual/won one_time/won before created/won without date/won in future"
            "/won with null value/won with negative value/renewal after another win/two wins of a lead on a day"
            "/open with date_won/unknown lead/departed user/unassigned"
        ),
        "demo": "meeting/custom_activity/opportunity_status/task",
        "account": (
            "child of a merged lead/activity after as_of/activity at local midnight/deleted records/history_start"
            "/more than a year"
        ),
        "customer_basis": "lead_status/opportunity",
        "rate_denominator": "opening/closing",
        "zone": "UTC|America/New_York|Asia/Kolkata|Europe/Berlin|Pacific/Auckland",
    }.items()
    for name in (names.split("|") if "|" in names else names.split("/"))
)
"""The edge cases that the made accounts together must hit."""


def count_edges(made: MadeAccount, folder: Path, counted: Counter[str]) -> None:
    """Add the edge cases of an account, written to a folder, to a counter (once per account)."""
    account = read_account(folder, (folder / "kpis.yaml").read_text(), made.as_of, made.deleted)
    cycles = life_cycles(account)
    counted.update(set(_of_leads(account, cycles)) | set(_of_deals(account)) | set(_of_account(made, account)))


def _of_leads(account: Account, cycles: dict[str, LifeCycle]) -> Iterator[str]:
    starts = {month.start for month in account.months}
    for cycle in cycles.values():
        stays = list(cycle.stays.values())
        churns = sum(stay.is_churned for stay in stays)
        instants = [entry.at for entry in cycle.timeline if entry.kind == "change"]
        source = cycle.lead.custom.get("cf_source")
        cases = {
            "churned": churns,
            "more than one churn": churns > 1,
            "reactivated": any(stay.is_reactivated for stay in stays),
            "joined_and_left": any(stay.joined_and_left for stay in stays),
            "left_and_returned": any(stay.left_and_returned for stay in stays),
            "created as customer": cycle.role(cycle.timeline[0]) == "customer",
            "no change": not instants,
            "status mismatch": cycle.has_mismatch,
            "deleted status": any(entry.status_id == "stat_deleted" for entry in cycle.timeline),
            "change at local midnight of the 1st": starts & set(instants),
            "two changes at one instant": len(set(instants)) < len(instants),
            "restored value": any(is_restored(cycle, month.end) for month in account.months),
            "multi-value source": isinstance(source, list) and len(source) > 1,
            "unset source": not source,
        }
        yield from (f"lead: {name}" for name, is_hit in cases.items() if is_hit)


def _of_deals(account: Account) -> Iterator[str]:
    if account.uncounted:
        yield "deal: ignored or deleted"
    for deal in account.opportunities:
        dated = deal.is_won and deal.won_on
        others = [other for other in account.deals[deal.lead_id] if other is not deal and other.is_won]
        cases = {
            f"won {deal.period}": deal.is_won,
            "won before created": dated and deal.won_on < account.local(deal.created),
            "won without date": deal.is_won and not deal.won_on,
            "won in future": dated and deal.won_on > account.local(account.as_of),
            "won with null value": deal.is_won and deal.value is None,
            "won with negative value": deal.is_won and (deal.value or 0) < 0,
            "renewal after another win": deal.is_won and deal.role == "renewal" and others,
            "two wins of a lead on a day": dated and any(other.won_on == deal.won_on for other in others),
            "open with date_won": deal.status_type == "active" and deal.won_on,
            "unknown lead": deal.lead_id is None,
            "departed user": deal.user_id == "user_gone",
            "unassigned": deal.user_id is None,
        }
        yield from (f"deal: {name}" for name, is_hit in cases.items() if is_hit)


def _of_account(made: MadeAccount, account: Account) -> Iterator[str]:
    settings = account.settings
    yield f"zone: {settings.zone.key}"
    yield f"customer_basis: {settings.customer_basis}"
    yield f"rate_denominator: {settings.rate_denominator}"
    if demos(account):
        yield f"demo: {settings.demo_rule}"
    rows = {row["id"]: row for name in ("opportunities", "activities") for row in made.files.get(name, [])}
    children = [*account.opportunities, *account.activities]
    cases = {
        "child of a merged lead": any(child.lead_id not in {None, rows[child.id].get("lead_id")} for child in children),
        "activity after as_of": any(activity.at > account.as_of for activity in account.activities),
        "activity at local midnight": any(
            when.midnight(account.local(activity.at), settings.zone) == activity.at for activity in account.activities
        ),
        "deleted records": made.deleted,
        "history_start": settings.history_start,
        "more than a year": len(account.months) > 12,
    }
    yield from (f"account: {name}" for name, is_hit in cases.items() if is_hit)
