"""The rep report and its team rows: definitions, section 5."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic, when
from tests.oracle.demos import demos, is_counted_call, is_counted_email
from tests.oracle.value import added_by

if TYPE_CHECKING:
    from datetime import date, datetime

    from tests.oracle.account import Account, Activity, Opportunity
    from tests.oracle.lifecycle import LifeCycle

Row = dict[str, Any]


@dataclass
class Work:
    """What a rep, or the team, did in a month."""

    demos: int = 0
    won: list[Opportunity] = field(default_factory=list)
    lost: list[Opportunity] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    calls: int = 0
    emails: int = 0
    activities: int = 0
    is_there: bool = False


class RepReport:
    """Sorts every record into its (month, user) and computes the rows over the records."""

    def __init__(self, account: Account, cycles: dict[str, LifeCycle]) -> None:
        self.account = account
        self.cycles = cycles
        self.calls = [call for call in account.of_type("Call") if is_counted_call(call)]
        self.emails = [
            email
            for email in account.of_type("Email")
            if is_counted_email(email, count_automated=account.settings.count_automated_emails)
        ]
        self.counted = {
            "calls": self.calls,
            "emails": self.emails,
            "sms": [
                sent
                for sent in account.of_type("SMS")
                if (sent.row.get("direction"), sent.row.get("status")) == ("outbound", "sent")
            ],
            "notes": account.of_type("Note"),
            "whatsapp_messages": [
                sent for sent in account.of_type("WhatsAppMessage") if sent.row.get("direction") == "outgoing"
            ],
        }
        self.touches = {"calls": _by_lead(self.calls), "emails": _by_lead(self.emails)}
        self.per_user: dict[tuple[date, str | None], Work] = {}
        self.team: dict[date, Work] = {month.first: Work() for month in account.months}
        self._sort()

    def _works(self, on: date | None, user_id: str | None) -> list[Work]:
        """Return the rep's and the team's work of a local day's month; none outside the reported months."""
        if on is None or (month := when.first_of_month(on)) not in self.team:
            return []
        work = self.per_user.setdefault((month, user_id), Work())
        work.is_there = True
        return [work, self.team[month]]

    def _sort(self) -> None:
        local = self.account.local
        for activity in self.account.activities:
            self._works(local(activity.at) if activity.at else None, activity.user_id)
        for demo in demos(self.account):
            for work in self._works(demo.on, demo.user_id):
                work.demos += 1
        for found in self.account.opportunities:
            if found.is_won:
                for work in self._works(found.won_on, found.user_id):
                    work.won.append(found)
            if found.is_lost and found.lost:
                for work in self._works(local(found.lost), found.user_id):
                    work.lost.append(found)
        for call in self.calls:
            for work in self._works(local(call.at) if call.at else None, call.user_id):
                work.calls += 1
        for email in self.emails:
            for work in self._works(local(email.at) if email.at else None, email.user_id):
                work.emails += 1
        for name in self.account.settings.counted_activities:
            for activity in self.counted[name]:
                for work in self._works(local(activity.at) if activity.at else None, activity.user_id):
                    work.activities += 1
        for on, user_id, lead_id in self._cancellations():
            for work in self._works(on, user_id):
                work.cancelled.add(lead_id)

    def _cancellations(self) -> list[tuple[date, str | None, str]]:
        """Return the cancelled leads, by their first entry into a `churned` or `lost` status in a month.

        "Credited to the lead's owner field if configured, else the user of the lead's newest opportunity
        created before that instant, else the user who changed the status".
        """
        found = []
        for lead_id, cycle in self.cycles.items():
            seen: set[date] = set()
            for before, entry in pairwise(cycle.timeline):
                on = self.account.local(entry.at)
                month = when.first_of_month(on)
                is_entry = entry.status_id != before.status_id and cycle.role(entry) in {"churned", "lost"}
                if not is_entry or month in seen:
                    continue
                seen.add(month)
                user_id = self._owner(cycle) or self._newest_deal_user(lead_id, entry.at) or entry.user_id
                found.append((on, user_id, lead_id))
        return found

    def _owner(self, cycle: LifeCycle) -> str | None:
        value = cycle.lead.custom.get(self.account.settings.owner_field or "")
        return (value[0] if value else None) if isinstance(value, list) else value

    def _newest_deal_user(self, lead_id: str, at: datetime) -> str | None:
        deals = [(deal.created, deal.id, deal) for deal in self.account.deals.get(lead_id, []) if deal.created]
        before = [(created, deal_id, deal.user_id) for created, deal_id, deal in deals if created < at]
        return max(before)[2] if before else None

    def rep_monthly(self) -> list[Row]:
        months = {month.first: month for month in self.account.months}
        return [
            {"month": month, "is_running": months[month].is_running}
            | self._who(user_id)
            | self._measures(months[month], work)
            for (month, user_id), work in self.per_user.items()
            if work.is_there
        ]

    def team_monthly(self) -> list[Row]:
        return [
            {"month": month.first, "is_running": month.is_running} | self._measures(month, self.team[month.first])
            for month in self.account.months
        ]

    def _who(self, user_id: str | None) -> Row:
        """Name the rep: "rows with no user go to *Unassigned*"; "departed users keep their rows"."""
        if user_id is None:
            return {"user_id": None, "rep": "Unassigned"}
        user = self.account.users.get(user_id)
        if user is None:
            return {"user_id": user_id}
        name = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip()
        return {
            "user_id": user_id,
            "rep": name or user.get("email"),
            "is_active": user.get("is_active", True),
        }

    def _measures(self, month: when.Month, work: Work) -> Row:
        won = [deal for deal in work.won if not deal.is_renewal]
        lost = [deal for deal in work.lost if not deal.is_renewal]
        decided = len(won) + len(lost)
        days = [on for deal in won if (on := self._days_to_close(deal)) is not None and on >= 0]
        sizes = [deal.annual_cents for deal in won if deal.is_recurring and deal.annual_cents > 0]
        low, high = arithmetic.wilson(len(won), decided)
        settings = self.account.settings
        working = when.working_days(month, self.account.as_of, settings.zone, settings.holidays)
        return {
            "new_demos": work.demos,
            "won_opportunities": len(won),
            "lost_opportunities": len(lost),
            "won_renewals": len(work.won) - len(won),
            "lost_renewals": len(work.lost) - len(lost),
            "cancelled_leads": len(work.cancelled),
            "arr_added_cents": sum(
                added_by(self.cycles.get(deal.lead_id or ""), deal) for deal in work.won if deal.is_recurring
            ),
            "one_time_won_cents": sum(deal.value or 0 for deal in work.won if deal.period == "one_time"),
            "close_rate": arithmetic.rate(len(won), decided),
            "close_rate_low": low,
            "close_rate_high": high,
            "avg_days_to_close": arithmetic.mean(days),
            "median_days_to_close": arithmetic.median(days),
            "avg_calls": self._mean_touches("calls", won),
            "avg_emails": self._mean_touches("emails", won),
            "calls_per_decided": self._mean_touches("calls", [*won, *lost]),
            "emails_per_decided": self._mean_touches("emails", [*won, *lost]),
            "calls": work.calls,
            "emails": work.emails,
            "calls_per_working_day": arithmetic.rate(work.calls, working),
            "emails_per_working_day": arithmetic.rate(work.emails, working),
            "avg_deal_arr_cents": arithmetic.mean(sizes),
            "activities": work.activities,
            "activities_per_working_day": arithmetic.rate(work.activities, working),
        }

    def _days_to_close(self, deal: Opportunity) -> int | None:
        """Return "`date_won` - local date of `date_created`, in days"; None where it is not measured."""
        if not self.account.is_measured(deal):
            return None
        assert deal.won_on
        assert deal.created
        return (deal.won_on - self.account.local(deal.created)).days

    def _mean_touches(self, kind: str, deals: list[Opportunity]) -> float | None:
        return arithmetic.mean(self._touches(kind, deal) for deal in deals if self.account.is_measured(deal))

    def _touches(self, kind: str, deal: Opportunity) -> int:
        """Count "on that opportunity's lead from its `date_created` to the end of the local" day of the decision."""
        if deal.lead_id not in self.account.leads:
            return 0
        on = deal.won_on if deal.is_won else self.account.local(deal.lost) if deal.lost else None
        assert on
        assert deal.created
        return sum(
            touch.at is not None and touch.at >= deal.created and self.account.local(touch.at) <= on
            for touch in self.touches[kind].get(deal.lead_id, [])
        )


def _by_lead(activities: list[Activity]) -> dict[str | None, list[Activity]]:
    found: dict[str | None, list[Activity]] = {}
    for activity in activities:
        found.setdefault(activity.lead_id, []).append(activity)
    return found
