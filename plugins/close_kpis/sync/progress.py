"""What a task's log shows of a read: how far it is, how fast it goes, how long it will take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from close_kpis.close.windows import Window

log = logger(__name__)

COUNTS = ("rows", "inserted", "updated", "deleted", "no_longer_visible", "requests")
"""What a stream is counted by, besides its seconds."""

PACE = 10.0
"""Seconds between two lines."""


@dataclass
class Progress:
    """Lines about one stream, at a pace that people can read.

    Attributes:
        stream: its name.
        period: the time whose rows are read, both ends known; None where no share can be told. Rows are not spread
            evenly over it, so the share done and the time left are estimates.
        done: how much of the period has been read.
    """

    stream: str
    period: Window | None = None
    done: timedelta = timedelta()
    began: float = field(default_factory=time.monotonic)
    _told_at: float = field(default_factory=time.monotonic)

    def cover(self, windows: Iterable[Window]) -> None:
        """Count windows that are complete now and do not overlap."""
        if self.period is not None:
            self.done += sum((_overlap(window, self.period) for window in windows), timedelta())

    def tell(self, counts: Mapping[str, Any], *, is_over: bool = False) -> None:
        """Log a line if one is due.

        Args:
            counts: as `Session.counts` returns them.
            is_over: whether this is the last line, which is always due.
        """
        now = time.monotonic()
        if not is_over and now - self._told_at < PACE:
            return
        self._told_at = now
        log.info(
            "%s%s: %d rows (%d new, %d changed, %d deleted), %d requests, %.0f rows/s%s",
            self.stream,
            " done" if is_over else self._share(),
            counts["rows"],
            counts["inserted"],
            counts["updated"],
            counts["deleted"],
            counts["requests"],
            counts["rows"] / max(counts["seconds"], 0.1),
            f" in {counts['seconds']:.0f} s" if is_over else self._left(now),
        )

    @property
    def share(self) -> float | None:
        """Return the share of the period that has been read, None where that is not known."""
        if self.period is None or self.period.start is None or self.period.end is None or self.period.is_empty:
            return None
        return min(self.done / (self.period.end - self.period.start), 1.0)

    def _share(self) -> str:
        if (share := self.share) is None or self.period is None or self.period.start is None:
            return ""
        return f" {share:.0%} of the time since {self.period.start:%Y-%m-%d}"

    def _left(self, now: float) -> str:
        share = self.share
        if not share or share == 1:
            return ""
        seconds = (now - self.began) * (1 - share) / share
        return f", about {_duration(seconds)} left"


def _overlap(window: Window, period: Window) -> timedelta:
    starts = [at for at in (window.start, period.start) if at is not None]
    ends = [at for at in (window.end, period.end) if at is not None]
    return max(min(ends) - max(starts), timedelta())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def totals(streams: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums of the streams' counts: all of `COUNTS`, and seconds."""
    listed = list(streams)
    sums = {name: sum(counts[name] for counts in listed) for name in COUNTS}
    return {**sums, "seconds": round(sum(counts["seconds"] for counts in listed), 1)}
