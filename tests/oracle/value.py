"""The running annual value of a lead: definitions, section 4."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.oracle import when

if TYPE_CHECKING:
    from tests.oracle.account import Opportunity
    from tests.oracle.lifecycle import LifeCycle

DAY = timedelta(days=1)


def running_total(wins: list[Opportunity]) -> int:
    """Return the annual cents of wins in order: they "add up", a renewal "replaces" the total."""
    total = 0
    for win in wins:
        total = win.annual_cents if win.role == "renewal" else total + win.annual_cents
    return total


def value_on(wins: list[Opportunity], on: date, exits: list[date]) -> int:
    """Return the running value on a day, given the days of the churns before it.

    "After a churn: only wins dated on or after the day the customer role was last left count; if there are
    none, the value before the churn is restored".
    """
    upto = [win for win in wins if win.won_on and win.won_on <= on]
    if not exits:
        return running_total(upto)
    since = [win for win in upto if win.won_on and win.won_on >= exits[-1]]
    return running_total(since) if since else value_on(wins, exits[-1] - DAY, exits[:-1])


def churn_exits(cycle: LifeCycle, before: datetime) -> list[date]:
    """Return the days the customer role was left, of the churned months that are over at an instant."""
    return [
        stay.exit_on
        for month in cycle.account.history
        if month.end <= before and (stay := cycle.stays[month.first]).exit_on
    ]


def value_before(cycle: LifeCycle, at: datetime) -> int:
    """Return what a lead contributes to the ARR at the last moment before an instant: 0 if no customer."""
    if not cycle.is_customer_before(at):
        return 0
    return value_on(cycle.wins, cycle.account.local(at - when.TICK), churn_exits(cycle, at))


def is_restored(cycle: LifeCycle, at: datetime) -> bool:
    """Say whether a customer lives on its value before a churn (`reactivated_without_deal`)."""
    exits = churn_exits(cycle, at)
    on = cycle.account.local(at - when.TICK)
    return (
        cycle.is_customer_before(at)
        and bool(exits)
        and not any(win.won_on and exits[-1] <= win.won_on <= on for win in cycle.wins)
    )


def added_by(cycle: LifeCycle | None, win: Opportunity) -> int:
    """Return the annual cents a win adds: "a renewal counts only its increase over the running value"."""
    if win.role != "renewal" or win.won_on is None:
        return win.annual_cents
    if cycle is None:
        return max(0, win.annual_cents)
    before = cycle.wins[: cycle.wins.index(win)]
    exits = [stay.exit_on for stay in cycle.stays.values() if stay.exit_on and stay.exit_on <= win.won_on]
    return max(0, win.annual_cents - value_on(before, win.won_on, exits))
