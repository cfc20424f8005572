"""Windows cover what they are asked to cover, once."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.close.windows import ALL_TIME, Window, joined, missing, month_window, split

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 60).map(lambda hours: BEGIN + timedelta(hours=hours))
BOUNDS = st.one_of(st.none(), INSTANTS)
WINDOWS = st.builds(Window, BOUNDS, BOUNDS)
PROBES = [BEGIN + timedelta(minutes=30 * step) for step in range(-2, 124)]


@given(WINDOWS, st.lists(WINDOWS, max_size=6))
def test_what_is_missing_and_what_is_done_cover_the_window_without_overlap(wanted: Window, done: list[Window]) -> None:
    left = missing(wanted, done)
    for at in PROBES:
        is_left = sum(at in window for window in left)
        is_done = any(at in window for window in done)
        assert is_left == (at in wanted and not is_done)
    assert not any(window.is_empty for window in left)


@given(st.lists(WINDOWS, max_size=8))
def test_joined_windows_hold_the_same_instants_and_do_not_touch(windows: list[Window]) -> None:
    found = joined(windows)
    for at in PROBES:
        assert sum(at in window for window in found) == any(at in window for window in windows)
    for one, other in itertools.pairwise(found):
        assert one.end is not None
        assert other.start is not None
        assert one.end < other.start


@given(WINDOWS, INSTANTS)
def test_split_parts_are_complete_and_disjoint(window: Window, at: datetime) -> None:
    try:
        parts = split(window, at)
    except ValueError:
        assert window.is_empty or at not in window or at == window.start
        return
    for probe in PROBES:
        assert sum(probe in part for part in parts) == (probe in window)


@given(st.lists(INSTANTS, min_size=1, max_size=5))
def test_splitting_again_and_again_loses_nothing(instants: list[datetime]) -> None:
    parts = [ALL_TIME]
    for at in instants:
        whole = next((part for part in parts if at in part and at != part.start), None)
        if whole is not None:
            parts.remove(whole)
            parts += split(whole, at)
    assert joined(parts) == [ALL_TIME]
    assert missing(ALL_TIME, parts) == []


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-03-01T00:00", "2026-04-01T00:00"),
        ("Europe/Berlin", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("America/New_York", "2026-03-01T05:00", "2026-04-01T04:00"),
    ],
)
def test_month_begins_and_ends_at_local_midnight(zone: str, start: str, end: str) -> None:
    window = month_window(date(2026, 3, 17), zone)
    assert window == Window(datetime.fromisoformat(f"{start}+00:00"), datetime.fromisoformat(f"{end}+00:00"))


def test_months_of_a_year_leave_no_gap() -> None:
    months = [month_window(date(2026, month, 1), "Europe/Berlin") for month in range(1, 13)]
    assert joined(months) == [Window(months[0].start, months[-1].end)]
