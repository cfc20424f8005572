"""Local dates and months, from the definitions, section 1 ("Common rules")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)


def instant(text: str | None) -> datetime | None:
    """Return an API timestamp as an aware UTC instant; a naive one is UTC already."""
    if text is None:
        return None
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def day(text: str | None) -> date | None:
    """Return a date-only field as it stands, "never shifted"."""
    return None if text is None else date.fromisoformat(text[:10])


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return "the local date it falls on"."""
    return at.astimezone(zone).date()


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day."""
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


def first_of_month(on: date) -> date:
    return on.replace(day=1)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass(frozen=True)
class Month:
    """One row of a monthly report.

    Attributes:
        first: its first day.
        start: its first local midnight, in UTC.
        end: the first instant that is no longer in it; just after `as_of` in the running month, so that
            the state "at `as_of`" is the state before `end`.
        is_running: "the month that contains the run's `as_of` instant".
    """

    first: date
    start: datetime
    end: datetime
    is_running: bool

    def has(self, on: date | None) -> bool:
        """Say whether a local date lies in the month, without a cut at `as_of`."""
        return on is not None and (on.year, on.month) == (self.first.year, self.first.month)


def months_between(first: date, as_of: datetime, zone: ZoneInfo) -> list[Month]:
    """Return the months from that of `first` to the running one; only the running one if `first` is later."""
    running = first_of_month(local_date(as_of, zone))
    month = min(first_of_month(first), running)
    months = []
    while month <= running:
        end = as_of + TICK if month == running else midnight(next_month(month), zone)
        months.append(Month(month, midnight(month, zone), end, month == running))
        month = next_month(month)
    return months


def working_days(month: Month, as_of: datetime, zone: ZoneInfo, holidays: frozenset[date]) -> int:
    """Count "Mon-Fri without configured holidays; elapsed ones in the running month"."""
    on, count = month.first, 0
    while month.has(on) and (not month.is_running or on <= local_date(as_of, zone)):
        if on.weekday() < 5 and on not in holidays:
            count += 1
        on += timedelta(days=1)
    return count
