"""Half-open windows of time: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

TICK = timedelta(microseconds=1)
"""The step between two instants."""


@dataclass(frozen=True)
class Window:
    """The instants from ``start`` on and before ``end``.

    Attributes:
        start: aware; None for a window that is open below: imports are dated 2000-01-01 or earlier.
        end: aware; None for a window that is open above: meetings are dated in the future.
    """

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, at: datetime) -> bool:
        """Say whether an instant lies in the window."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def __str__(self) -> str:
        """Return the window for a log line."""
        return f"[{_label(self.start)}, {_label(self.end)})"

    @property
    def is_empty(self) -> bool:
        """Whether no instant can lie in it."""
        return self.start is not None and self.end is not None and self.start >= self.end


ALL_TIME = Window()
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def split(window: Window, at: datetime) -> tuple[Window, Window]:
    """Return the parts of a window before an instant, and from it on.

    Raises:
        ValueError: the instant does not leave two parts that are not empty.
    """
    before, after = Window(window.start, at), Window(at, window.end)
    if before.is_empty or after.is_empty:
        raise ValueError(f"{at.isoformat()} does not split {window}")
    return before, after


def missing(wanted: Window, done: Iterable[Window]) -> list[Window]:
    """Return what is left of a window without those already done, oldest first.

    Args:
        wanted: the window to cover.
        done: windows in any order; they may overlap.
    """
    left = [] if wanted.is_empty else [wanted]
    for covered in done:
        if covered.is_empty:
            continue
        left = [part for window in left for part in _without(window, covered)]
    return sorted(left, key=_by_start)


def joined(windows: Iterable[Window]) -> list[Window]:
    """Return the fewest windows that hold the same instants, oldest first."""
    found: list[Window] = []
    for window in sorted(windows, key=_by_start):
        if window.is_empty:
            continue
        last = found[-1] if found else None
        if last is not None and (last.end is None or window.start is None or window.start <= last.end):
            end = None if last.end is None or window.end is None else max(last.end, window.end)
            found[-1] = Window(last.start, end)
        else:
            found.append(window)
    return found


def month_window(month: date, zone: str) -> Window:
    """Return a local month: from the first midnight to that of the next month.

    Args:
        month: any day of it.
        zone: IANA name of the reporting time zone.
    """
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Window(_midnight(first, zone), _midnight(following, zone))


def _by_start(window: Window) -> datetime:
    return window.start or _LONG_AGO


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def _without(window: Window, covered: Window) -> list[Window]:
    parts = []
    if covered.start is not None:
        parts.append(Window(window.start, _earlier(window.end, covered.start)))
    if covered.end is not None:
        parts.append(Window(_later(window.start, covered.end), window.end))
    return [part for part in parts if not part.is_empty]


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _label(at: datetime | None) -> str:
    if at is None:
        return "open"
    text = at.isoformat(timespec="minutes").replace("+00:00", "Z")
    return text.removesuffix("T00:00Z")
