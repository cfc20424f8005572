"""When a digest is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.month import month_before, month_key
from close_kpis.settings.audience import WEEKDAYS

if TYPE_CHECKING:
    from close_kpis.settings.audience import Audience

WINDOW = {"week": timedelta(days=2), "month": timedelta(days=7)}
"""How long after its time a digest is still sent: a late one is news, one of last week is not."""


@dataclass(frozen=True)
class Due:
    """The newest digest of an audience that is due.

    Attributes:
        period: what it is sent once for: the week (2026-W25), or the month that has ended (2026-05).
        at: when it was due, aware.
        until: from when on it is no longer sent.
        month: first day of the month that has to be closed for it, None for a weekly one.
    """

    period: str
    at: datetime
    until: datetime
    month: date | None

    def is_open(self, at: datetime) -> bool:
        """Say whether an instant lies in the time in which it is sent."""
        return self.at <= at < self.until


def last_due(audience: Audience, at: datetime, zone: str) -> Due:
    """Return the newest digest that is due.

    Args:
        audience: says when.
        at: the present instant, aware.
        zone: the reporting time zone (IANA name).
    """
    local = at.astimezone(ZoneInfo(zone))
    if audience.every == "week":
        days = (local.weekday() - WEEKDAYS.index(audience.weekday)) % 7
        day = local.date() - timedelta(days=days)
        if _at(day, audience.hour, zone) > at:
            day -= timedelta(days=7)
        year, week, _ = day.isocalendar()
        period, month = f"{year}-W{week:02}", None
    else:
        day = local.date().replace(day=audience.day)
        if _at(day, audience.hour, zone) > at:
            day = month_before(day.replace(day=1)).replace(day=audience.day)
        month = month_before(day.replace(day=1))
        period = month_key(month)
    due = _at(day, audience.hour, zone)
    return Due(period, due, due + WINDOW[audience.every], month)


def _at(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone))
