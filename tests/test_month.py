"""Which month a run is for."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from close_kpis.month import local_month, month_before


@pytest.mark.parametrize(
    ("at", "zone", "month"),
    [
        ("2026-05-31T22:30+00:00", "UTC", "2026-05"),
        ("2026-05-31T22:30+00:00", "Europe/Berlin", "2026-06"),
        ("2026-06-01T03:30+00:00", "America/New_York", "2026-05"),
    ],
)
def test_a_sync_is_for_the_local_month_of_its_instant(at: str, zone: str, month: str) -> None:
    assert local_month(datetime.fromisoformat(at), zone) == month


@pytest.mark.parametrize(("month", "before"), [("2026-01-01", "2025-12-01"), ("2024-03-01", "2024-02-01")])
def test_the_month_before_is_told_by_its_first_day(month: str, before: str) -> None:
    assert month_before(date.fromisoformat(month)) == date.fromisoformat(before)
