"""Which edge cases of the definitions an account hits; counted, so that a thin strategy shows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tests.oracle import when
from tests.oracle.account import read_account
from tests.oracle.demos import demos, is_counted_email
from tests.oracle.lifecycle import ALWAYS, life_cycles
from tests.oracle.sources import source_names, source_of
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
            "/restored value/multi-value source/unset source/change into the same status/imported/imported trial"
            "/imported customer with an earlier win/without a creation date/source in another spelling/source by alias"
        ),
        "deal": (
            "ignored or deleted/won monthly/won annual/won one_time/won before created/won without date/won in future"
            "/won with null value/won with negative value/renewal after another win/two wins of a lead on a day"
            "/open with date_won/unknown lead/departed user/unassigned/expansion after another win"
            "/won again after a loss/imported/without a creation date/lost renewal/lost without date/mistyped date won"
            "/won with value 0/last annual win more than 13 months ago"
        ),
        "demo": "meeting/custom_activity/opportunity_status/task/two users on one day/excluded outcome",
        "account": (
            "child of a merged lead/activity after as_of/activity at local midnight/deleted records/history_start"
            "/more than a year/automated e-mails counted/automated e-mail left out/holiday/owner field/no source field"
            "/all pipelines new/clock change within/import days/year from another month/bulk-created leads"
            "/history_start before the first record/retention over twelve months/mistyped activity"
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
    counted.update(set(_of_leads(account, cycles)) | set(_of_deals(account)) | set(_of_account(made, account, cycles)))


def _of_leads(account: Account, cycles: dict[str, LifeCycle]) -> Iterator[str]:
    starts = {month.start for month in account.months}
    names = source_names(account)
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
            "imported": account.is_imported(cycle.lead),
            "imported trial": account.is_imported(cycle.lead) and cycle.role(cycle.timeline[0]) == "trial",
            "imported customer with an earlier win": account.is_imported(cycle.lead)
            and cycle.role(cycle.timeline[0]) == "customer"
            and cycle.timeline[0].at > ALWAYS,
            "without a creation date": cycle.lead.created is None,
            "source in another spelling": source and source_of(account, cycle.lead, names) != source,
            "source by alias": source_of(account, cycle.lead, names) in account.settings.source_aliases,
            "change into the same status": any(a.status_id == b.status_id for a, b in pairwise(cycle.timeline)),
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
            "won before created": dated and deal.created and deal.won_on < account.local(deal.created),
            "won without date": deal.is_won and not deal.won_on,
            "won in future": dated and deal.won_on > account.local(account.as_of),
            "won with null value": deal.is_won and deal.value is None,
            "won with negative value": deal.is_won and (deal.value or 0) < 0,
            "renewal after another win": deal.is_won and deal.role == "renewal" and others,
            "expansion after another win": deal.is_won and deal.role == "expansion" and others,
            "won again after a loss": deal.is_won and deal.lost,
            "imported": account.is_imported(deal),
            "without a creation date": deal.created is None,
            "lost renewal": deal.is_lost and deal.is_renewal,
            "lost without date": deal.is_lost and deal.lost is None,
            "mistyped date won": deal.is_won and deal.row["date_won"] and not deal.won_on,
            "won with value 0": deal.is_won and deal.value == 0,
            "last annual win more than 13 months ago": dated
            and deal.period == "annual"
            and deal.won_on < when.months_before(account.today, 13),
            "two wins of a lead on a day": dated and any(other.won_on == deal.won_on for other in others),
            "open with date_won": deal.status_type == "active" and deal.won_on,
            "unknown lead": deal.lead_id is None,
            "departed user": deal.user_id == "user_gone",
            "unassigned": deal.user_id is None,
        }
        yield from (f"deal: {name}" for name, is_hit in cases.items() if is_hit)


def _of_account(made: MadeAccount, account: Account, cycles: dict[str, LifeCycle]) -> Iterator[str]:
    settings = account.settings
    yield f"zone: {settings.zone.key}"
    yield f"customer_basis: {settings.customer_basis}"
    yield f"rate_denominator: {settings.rate_denominator}"
    if done := demos(account):
        yield f"demo: {settings.demo_rule}"
        users = {(demo.lead_id, demo.on): demo.user_id for demo in done if demo.lead_id}
        meetings = [meeting for meeting in account.of_type("Meeting") if settings.demo_rule == "meeting"]
        dated = [held for held in meetings if held.at]
        if any(users.get((held.lead_id, account.local(held.at)), held.user_id) != held.user_id for held in dated):
            yield "demo: two users on one day"
        if any(held.row["outcome_id"] in settings.excluded_outcomes for held in meetings):
            yield "demo: excluded outcome"
    rows = {row["id"]: row for name in ("opportunities", "activities") for row in made.files.get(name, [])}
    children = [*account.opportunities, *account.activities]
    emails = account.of_type("Email")
    leads = account.leads.values()
    cases = {
        "child of a merged lead": any(child.lead_id not in {None, rows[child.id].get("lead_id")} for child in children),
        "activity after as_of": any(activity.at and activity.at > account.as_of for activity in account.activities),
        "activity at local midnight": any(
            activity.at and when.midnight(account.local(activity.at), settings.zone) == activity.at
            for activity in account.activities
        ),
        "deleted records": made.deleted,
        "history_start": settings.history_start,
        "more than a year": len(account.months) > 12,
        "automated e-mails counted": settings.count_automated_emails,
        "automated e-mail left out": not settings.count_automated_emails
        and any(is_counted_email(mail, count_automated=True) and mail.row["sequence_id"] for mail in emails),
        "optional streams": settings.streams,
        "optional streams counted": settings.streams & settings.counted_activities,
        "calls are no counted activities": "calls" not in settings.counted_activities,
        "holiday": any(month.has(on) for on in settings.holidays for month in account.months),
        "owner field": settings.owner_field,
        "no source field": settings.source_field is None,
        "all pipelines new": not settings.pipeline_roles,
        "import days": settings.import_days,
        "year from another month": settings.fiscal_year_start != 1,
        "bulk-created leads": len(account.leads) > 50,
        "history_start before the first record": settings.history_start
        and all(lead.created and account.local(lead.created) > settings.history_start for lead in leads),
        "retention over twelve months": len(account.months) > 12 and any(cycle.wins for cycle in cycles.values()),
        "mistyped activity": any(activity.at is None for activity in account.activities),
        "clock change within": len({month.start.astimezone(settings.zone).utcoffset() for month in account.months}) > 1,
    }
    yield from (f"account: {name}" for name, is_hit in cases.items() if is_hit)
