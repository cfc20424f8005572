"""Local dates and months, from the definitions, section 1 ("Common rules")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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


EARLIEST = date(1990, 1, 1)
BELIEVED_YEARS = 10


def is_believed(found: datetime | date | None, as_of: datetime) -> bool:
    """Say whether a date or instant is neither "before 1990-01-01" nor "more than ten years after `as_of`"."""
    if found is None:
        return False
    day = 28 if (as_of.month, as_of.day) == (2, 29) else as_of.day
    latest = as_of.replace(year=as_of.year + BELIEVED_YEARS, day=day)
    if isinstance(found, datetime):
        return datetime.combine(EARLIEST, time.min, UTC) <= found <= latest
    return EARLIEST <= found <= latest.date()


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


def years_later(month: date, years: int) -> date:
    return month.replace(year=month.year + years)


def months_before(on: date, months: int) -> date:
    """Return the same day some months before, or that month's last one."""
    total = on.year * 12 + on.month - 1 - months
    first = date(total // 12, total % 12 + 1, 1)
    last = next_month(first) - timedelta(days=1)
    return min(first.replace(day=min(on.day, last.day)), last)


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
