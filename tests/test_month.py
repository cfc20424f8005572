"""Which month a run is for."""

from __future__ import annotations

from datetime import datetime

import pytest

from close_kpis.month import local_month


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
