"""When a digest is due, in the reporting zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.digest.schedule import last_due
from close_kpis.settings.audience import WEEKDAYS, Audience

BERLIN = "Europe/Berlin"


def audience(**keys: Any) -> Audience:
    return Audience(slack_channel="#revenue", **keys)


@pytest.mark.parametrize(
    ("at", "period", "due"),
    [
        ("2026-06-15T06:59:59", "2026-W24", "2026-06-08T07:00:00"),
        ("2026-06-15T07:00:00", "2026-W25", "2026-06-15T07:00:00"),
        ("2026-06-21T21:00:00", "2026-W25", "2026-06-15T07:00:00"),
        # An hour later in UTC: the clocks in Berlin have gone back.
        ("2026-10-26T07:59:59", "2026-W43", "2026-10-19T07:00:00"),
        ("2026-10-26T08:00:00", "2026-W44", "2026-10-26T08:00:00"),
        ("2027-01-04T08:00:00", "2027-W01", "2027-01-04T08:00:00"),
    ],
)
def test_a_weekly_digest_is_due_on_monday_at_nine_of_the_zone(at: str, period: str, due: str) -> None:
    found = last_due(audience(), datetime.fromisoformat(at).replace(tzinfo=UTC), BERLIN)
    assert (found.period, found.month) == (period, None)
    assert found.at == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "period", "month"),
    [
        ("2026-06-03T06:59:59", "2026-04", date(2026, 4, 1)),
        ("2026-06-03T07:00:00", "2026-05", date(2026, 5, 1)),
        ("2026-01-02T12:00:00", "2025-11", date(2025, 11, 1)),
        ("2026-01-03T12:00:00", "2025-12", date(2025, 12, 1)),
    ],
)
def test_a_monthly_digest_is_for_the_month_that_has_ended(at: str, period: str, month: date) -> None:
    found = last_due(audience(every="month"), datetime.fromisoformat(at).replace(tzinfo=UTC), BERLIN)
    assert (found.period, found.month) == (period, month)


@given(
    st.integers(1_704_067_200, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["week", "month"]),
    st.sampled_from(WEEKDAYS),
    st.integers(1, 28),
    st.integers(0, 23),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_the_newest_digest_is_never_in_the_future_and_its_period_has_one_time(
    at: datetime, every: str, weekday: Any, day: int, hour: int, zone: str
) -> None:
    one = audience(every=every, weekday=weekday, day=day, hour=hour)
    due = last_due(one, at, zone)
    assert due.at <= at
    assert (at - due.at).days <= (7 if every == "week" else 31)
    assert last_due(one, due.at, zone) == due
    assert due.is_open(due.at)
    assert not due.is_open(due.until)


def test_a_weekday_that_is_moved_within_a_week_gives_no_second_digest() -> None:
    friday = datetime(2026, 6, 19, 12, tzinfo=UTC)
    assert last_due(audience(), friday, BERLIN).period == last_due(audience(weekday="Thursday"), friday, BERLIN).period
