"""Time in the demo company: months counted from its first, and working hours in New York."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.company.dice import Dice

ZONE = ZoneInfo("America/New_York")
MONTHS = 36


def month_start(day: date, offset: int = 0) -> date:
    """Return the first day of the month that lies `offset` months after the day's own."""
    index = day.year * 12 + day.month - 1 + offset
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Calendar:
    """The company's three years, which end in the month of `as_of`.

    Attributes:
        as_of: the day on which the history ends.
    """

    as_of: date

    @property
    def end(self) -> datetime:
        """The end of the history: midnight UTC at the start of `as_of`, so never in the future."""
        return datetime.combine(self.as_of, time(), UTC)

    @property
    def import_day(self) -> date:
        """The day on which the first leads were brought over from another system."""
        return self.day(0, 2)

    def month(self, index: int) -> date:
        """Return the first day of month 0 (the first) to 35 (that of `as_of`)."""
        return month_start(self.as_of, index - MONTHS + 1)

    def index(self, at: datetime | date) -> int:
        """Return the number of the month in which this instant or local date falls."""
        day = local_date(at) if isinstance(at, datetime) else at
        first = self.month(0)
        return (day.year - first.year) * 12 + day.month - first.month

    def day(self, index: int, day_of_month: int) -> date:
        """Return a day of month `index`."""
        return self.month(index).replace(day=day_of_month)


def local_date(at: datetime) -> date:
    """Return the date in New York at this instant."""
    return at.astimezone(ZONE).date()


def local_time(day: date, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """Return this local time of the day, as an instant in UTC."""
    return datetime.combine(day, time(hour, minute, second), ZONE).astimezone(UTC)


def to_working_day(day: date) -> date:
    """Return the day, or the Monday after it where it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def working_time(dice: Dice, day: date) -> datetime:
    """Return an instant in the working hours (8:30 to 18:00) of the day or the next working one."""
    seconds = dice.whole(8 * 3600 + 1800, 18 * 3600)
    start = datetime.combine(to_working_day(day), time(), ZONE)
    # Wall-clock arithmetic: aware datetimes of one zone add as the clock on the wall does.
    return (start + timedelta(seconds=seconds, milliseconds=dice.whole(1, 999))).astimezone(UTC)


def later(dice: Dice, at: datetime, days: float) -> datetime:
    """Return a working instant about so many days after `at`, and never before it."""
    moved = working_time(dice, local_date(at + timedelta(days=days)))
    return moved if moved > at else at + timedelta(minutes=dice.whole(2, 50), milliseconds=dice.whole(0, 999))


def full_hour(at: datetime) -> datetime:
    """Return the start of the local hour: meetings begin at one."""
    return at.replace(minute=0, second=0, microsecond=0)
