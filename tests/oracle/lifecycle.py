"""Who is a customer when: definitions, section 2 ("Lead life cycle")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.oracle import when

if TYPE_CHECKING:
    from datetime import date

    from tests.oracle.account import Account, Lead, Opportunity


ALWAYS, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Before and after every record."""


@dataclass(frozen=True)
class Entry:
    """A status that a lead comes into.

    Attributes:
        kind: `initial`, `change`, or `current` where the lead's current status overrules its last change.
        user_id: who changed it, where known.
    """

    at: datetime
    status_id: str | None
    kind: str
    user_id: str | None = None


@dataclass(frozen=True)
class Stay:
    """A lead in a month: the two ends and the moves between them.

    Attributes:
        exit_on: the local day the customer role was last left, where the month is a churn.
    """

    opening: bool
    closing: bool
    was_customer_before: bool
    joined_and_left: bool
    left_and_returned: bool
    exit_on: date | None

    @property
    def is_new(self) -> bool:
        return self.closing and not self.opening and not self.was_customer_before

    @property
    def is_reactivated(self) -> bool:
        return self.closing and not self.opening and self.was_customer_before

    @property
    def is_churned(self) -> bool:
        return self.opening and not self.closing


class LifeCycle:
    """The timeline of a lead and what follows from it."""

    def __init__(self, account: Account, lead: Lead) -> None:
        self.account = account
        self.lead = lead
        self.timeline, self.has_mismatch = _timeline(account, lead)
        self.wins = sorted(
            filter(is_recurring_win, account.deals.get(lead.id, [])),
            key=lambda found: (found.won_on, found.created or LAST, found.id),
        )
        self.stays = self._stays()

    def role(self, entry: Entry | None) -> str | None:
        """Return the role of a status: "everything else is `other`"; None before the lead was there."""
        return None if entry is None else self.account.settings.status_roles.get(entry.status_id or "", "other")

    def entry_before(self, at: datetime) -> Entry | None:
        """Return the last entry strictly before an instant."""
        found = None
        for entry in self.timeline:
            if entry.at < at:
                found = entry
        return found

    def is_customer_before(self, at: datetime) -> bool:
        """Say whether the lead is a customer at the last moment before an instant.

        "The role at t is `customer`"; by opportunity: "a won recurring opportunity with `date_won` <= the
        local date of t, and the role at t is neither `churned` nor `lost`".
        """
        role = self.role(self.entry_before(at))
        if self.account.settings.customer_basis == "lead_status":
            return role == "customer"
        on = self.account.local(at - when.TICK)
        return role not in {"churned", "lost"} and any(win.won_on <= on for win in self.wins if win.won_on)

    def turning_points(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the instants of [start, end) at which the lead may turn into or out of a customer."""
        points = {entry.at for entry in self.timeline}
        points |= {when.midnight(win.won_on, self.account.settings.zone) for win in self.wins if win.won_on}
        return sorted(point for point in points if start <= point < end)

    def _stays(self) -> dict[date, Stay]:
        stays: dict[date, Stay] = {}
        was_customer = False
        for month in self.account.history:
            opening, closing = self.is_customer_before(month.start), self.is_customer_before(month.end)
            was_customer = was_customer or opening
            points = self.turning_points(month.start, month.end)
            between = [self.is_customer_before(point + when.TICK) for point in points]
            exits = [p for p in points if self.is_customer_before(p) and not self.is_customer_before(p + when.TICK)]
            stays[month.first] = Stay(
                opening=opening,
                closing=closing,
                was_customer_before=was_customer,
                joined_and_left=not opening and not closing and any(between),
                left_and_returned=opening and closing and not all(between),
                exit_on=self.account.local(exits[-1]) if opening and not closing else None,
            )
        return stays


def is_recurring_win(found: Opportunity) -> bool:
    """Say whether a deal is "won [...], `value_period` monthly or annual", with a date to place it."""
    return found.is_won and found.is_recurring and found.won_on is not None


def _timeline(account: Account, lead: Lead) -> tuple[list[Entry], bool]:
    """Return the timeline and whether the last change disagrees with the current status.

    "Its initial status from `date_created` on (the `old_status` of its earliest status change; with no
    change, its current status), then each lead status change [...] ordered by (instant, id)". "If the last
    change's new status is not the lead's current status, the current status wins from the lead's
    `date_updated` on".
    """
    changes = account.status_changes.get(lead.id, [])
    status_id = changes[0].row.get("old_status_id") if changes else lead.status_id
    timeline = [Entry(_initial(account, lead, status_id), status_id, "initial")]
    if not changes:
        return timeline, False
    last = changes[-1]
    timeline += [Entry(c.at, c.row.get("new_status_id"), "change", c.user_id) for c in changes if c.at]
    if last.row.get("new_status_id") == lead.status_id:
        return timeline, False
    assert last.at
    updated = lead.updated or last.at
    timeline = [entry for entry in timeline if entry.kind == "initial" or entry.at <= updated]
    since = max([updated, *filter(None, [lead.created and min(lead.created, changes[0].at or lead.created)])])
    return [*timeline, Entry(since, lead.status_id, "current")], True


def _initial(account: Account, lead: Lead, status_id: str | None) -> datetime:
    """Return from when on the initial status holds.

    From the creation; of an imported lead "from the beginning of time", or "if that status is a customer status and the
    lead has a won recurring opportunity dated before the import day, [...] from the first such `date_won` on".
    """
    changes = account.status_changes.get(lead.id, [])
    first_change = changes[0].at if changes else None
    if not account.is_imported(lead):
        assert lead.created
        return min(filter(None, [lead.created, first_change]))
    imported_on = account.local(lead.created) if lead.created else None
    wins = [
        deal.won_on
        for deal in account.deals.get(lead.id, [])
        if is_recurring_win(deal) and deal.won_on and (imported_on is None or deal.won_on < imported_on)
    ]
    if not wins or account.settings.status_roles.get(status_id or "") != "customer":
        return ALWAYS
    return min(filter(None, [when.midnight(min(wins), account.settings.zone), first_change]))


def life_cycles(account: Account) -> dict[str, LifeCycle]:
    return {lead.id: LifeCycle(account, lead) for lead in account.leads.values()}
