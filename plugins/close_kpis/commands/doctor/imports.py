"""Days on which leads were brought over from another system."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.commands.doctor.proposal import Decision, share

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.commands.doctor.sample import AccountSample

MANY_LEADS = 50
MANY_SHARE = 0.2
"""A local day on which at least so many leads, and that share of all, were created is one of an import."""


def import_days(account: AccountSample, zone: str) -> dict[date, int]:
    """Return the local days on which a large part of all leads was created, with their numbers of leads."""
    local = ZoneInfo(zone)
    created = [lead["date_created"] for lead in account.rows("leads")]
    days = Counter(at.astimezone(local).date() for at in created if at is not None)
    least = max(MANY_LEADS, MANY_SHARE * max(account.all_leads, len(created)))
    return {day: count for day, count in sorted(days.items()) if count >= least}


def decide_import_days(account: AccountSample, zone: str) -> Decision:
    """Return the decision for ``import_days``.

    Args:
        account: what was looked at.
        zone: the reporting zone that is proposed.
    """
    leads = max(account.all_leads, len(account.rows("leads")))
    days = import_days(account, zone)
    partly = ""
    if "leads" not in account.whole:
        partly = (
            f" Only the newest {len(account.rows('leads')):,} leads were looked at: if leads were once brought over "
            "from another system, name the days."
        )
    if not days:
        return Decision("import_days", [], f"On no day many of the leads were created at once.{partly}")
    seen = "; ".join(
        f"{day.isoformat()}: {share(count, leads)} leads were created on it" for day, count in days.items()
    )
    reason = (
        f"{seen}. Such leads were brought over from another system: their creation is no event, and their customers "
        f"are not new. Take a day out on which the leads really came.{partly}"
    )
    return Decision("import_days", [day.isoformat() for day in days], reason)
