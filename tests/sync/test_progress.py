"""What a task's log says of a read while it goes on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.windows import ALL_TIME, Window
from close_kpis.sync.progress import PACE, Progress, totals

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = 1000.0
YEAR = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def counts(**given: Any) -> dict[str, Any]:
    none = {"rows": 0, "inserted": 0, "updated": 0, "deleted": 0, "no_longer_visible": 0, "requests": 0, "seconds": 0.0}
    return none | given


@pytest.fixture
def progress() -> Progress:
    return Progress("calls", began=BEGAN, _told_at=BEGAN)


@pytest.fixture
def lines(
    progress: Progress, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[..., list[str]]:
    """Tell at a number of seconds after the beginning; return what was logged then."""
    caplog.set_level(logging.INFO)

    def tell(after: float, is_over: bool = False, **given: Any) -> list[str]:
        caplog.clear()
        monkeypatch.setattr("close_kpis.sync.progress.time.monotonic", lambda: BEGAN + after)
        progress.tell(counts(**given), is_over=is_over)
        return [record.getMessage() for record in caplog.records]

    return tell


def quarter(at: int) -> Window:
    assert YEAR.start is not None
    assert YEAR.end is not None
    span = (YEAR.end - YEAR.start) / 4
    return Window(YEAR.start + at * span, YEAR.start + (at + 1) * span)


def test_lines_come_at_a_pace_that_people_can_read(lines: Callable[..., list[str]]) -> None:
    assert lines(PACE - 0.1) == []
    assert len(lines(PACE)) == 1
    assert lines(2 * PACE - 0.1) == []
    assert len(lines(2 * PACE)) == 1
    assert len(lines(2 * PACE + 0.1, is_over=True)) == 1


def test_line_counts_rows_and_tells_their_rate(lines: Callable[..., list[str]]) -> None:
    given = {"rows": 300, "inserted": 100, "updated": 20, "deleted": 3, "requests": 7, "seconds": 12.0}
    assert lines(12, **given) == ["calls: 300 rows (100 new, 20 changed, 3 deleted), 7 requests, 25 rows/s"]
    assert lines(12, is_over=True, **given) == [
        "calls done: 300 rows (100 new, 20 changed, 3 deleted), 7 requests, 25 rows/s in 12 s"
    ]
    # A read that took no time at all.
    assert "3000 rows/s" in lines(12, is_over=True, **given | {"seconds": 0.0})[0]


@pytest.mark.parametrize(
    ("quarters", "after", "expected"),
    [
        ((), 60, " 0% of the time since 2025-01-01:"),
        ((3,), 20, " 25% of the time since 2025-01-01:"),
        ((3,), 20, "about 60 s left"),
        ((3,), 29.8, "about 89 s left"),
        ((3,), 30, "about 2 min left"),
        ((2, 3), 600, "about 10 min left"),
        ((3,), 1799, "about 90 min left"),
        ((3,), 1800, "about 1.5 h left"),
        ((3,), 3600, "about 3.0 h left"),
    ],
)
def test_line_tells_how_far_a_period_is_read_and_how_long_it_will_take(
    progress: Progress, lines: Callable[..., list[str]], quarters: tuple[int, ...], after: float, expected: str
) -> None:
    progress.period = YEAR
    progress.cover(map(quarter, quarters))
    [line] = lines(after)
    assert expected in line
    assert ("left" in line) == bool(quarters)


def test_only_what_lies_in_the_period_counts(progress: Progress, lines: Callable[..., list[str]]) -> None:
    assert progress.share is None
    progress.period = Window(YEAR.start, None)
    assert progress.share is None
    progress.period = Window(None, YEAR.end)
    assert progress.share is None
    progress.period = Window(YEAR.end, YEAR.start)
    assert progress.share is None
    progress.period = YEAR
    assert progress.share == 0
    day = timedelta(days=1)
    assert YEAR.start is not None
    assert YEAR.end is not None
    progress.cover([Window(None, YEAR.start), Window(YEAR.end, None), Window(YEAR.end + day, YEAR.end + 2 * day)])
    assert progress.share == 0
    progress.cover([Window(None, YEAR.start + day), Window(YEAR.end - day, None)])
    assert progress.share == pytest.approx(2 / 365)
    progress.cover([ALL_TIME])
    assert progress.share == 1
    assert "left" not in lines(60)[0]


def test_totals_are_the_sums_of_the_streams() -> None:
    calls = {"rows": 1, "inserted": 2, "updated": 3, "deleted": 4, "no_longer_visible": 5, "requests": 6}
    leads = {name: 10 * count for name, count in calls.items()}
    found = totals([{**calls, "seconds": 0.25}, {**leads, "seconds": 1.16}])
    assert found == {name: 11 * count for name, count in calls.items()} | {"seconds": 1.4}
