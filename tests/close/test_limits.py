"""Rate limits: every form of the headers, and a budget that keeps to them."""

from __future__ import annotations

import asyncio
import time

import pytest

from close_kpis.close.limits import Budget, Rate, endpoint_group, read_pause, read_rate


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, Rate(100, 50, 5)),
        ({"ratelimit": "limit=160; remaining=159; reset=8"}, Rate(160, 159, 8)),
        ({"ratelimit": "limit=16;remaining=14;reset=0.595956"}, Rate(16, 14, 0.595956)),
        ({"ratelimit-limit": "100", "ratelimit-remaining": "99", "ratelimit-reset": "1"}, Rate(100, 99, 1)),
        ({"ratelimit-limit": "60, 60;w=1", "ratelimit-remaining": "3", "ratelimit-reset": "1"}, Rate(60, 3, 1)),
        ({"ratelimit-limit": "60"}, None),
        ({"ratelimit": "unlimited"}, None),
        ({"ratelimit-limit": "x", "ratelimit-remaining": "y", "ratelimit-reset": "z"}, None),
        ({}, None),
    ],
)
def test_every_form_of_the_rate_header_is_read(headers: dict[str, str], expected: Rate | None) -> None:
    assert read_rate(headers) == expected


def test_the_tighter_of_two_reported_budgets_counts() -> None:
    headers = {
        "ratelimit": "limit=160; remaining=120; reset=8",
        "ratelimit-limit": "60",
        "ratelimit-remaining": "2",
        "ratelimit-reset": "1",
    }
    assert read_rate(headers) == Rate(60, 2, 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3", "ratelimit": "limit=1; remaining=0; reset=9"}, 3),
        ({"ratelimit": "limit=1, remaining=0, reset=9"}, 9),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_pause_after_a_429_is_what_the_server_says(headers: dict[str, str], seconds: float | None) -> None:
    assert read_pause(headers) == seconds


def test_endpoint_group_is_the_method_and_two_parts_of_the_path() -> None:
    assert endpoint_group("GET", "/activity/call/") == "GET activity call"
    assert endpoint_group("GET", "/lead/lead_1/") == "GET lead lead_1"
    assert endpoint_group("POST", "/data/search/") == "POST data search"


async def _seconds_for(budget: Budget, requests: int, rate: Rate | None) -> float:
    began = time.monotonic()
    for _ in range(requests):
        await budget.take()
        budget.give_back(rate)
    return time.monotonic() - began


def test_budget_that_nobody_limits_lets_all_through() -> None:
    assert asyncio.run(_seconds_for(Budget(), 1000, None)) < 0.5


def test_used_up_budget_waits_for_the_next_window() -> None:
    async def scenario() -> float:
        budget = Budget()
        await budget.take()
        budget.give_back(Rate(10, 0, 0.3))
        return await _seconds_for(budget, 1, None)

    assert 0.25 < asyncio.run(scenario()) < 1.0


def test_requests_under_way_count_against_what_is_left() -> None:
    async def scenario() -> bool:
        budget = Budget()
        for _ in range(3):
            await budget.take()
        budget.give_back(Rate(10, 2, 5))
        try:
            await asyncio.wait_for(budget.take(), 0.05)
        except TimeoutError:
            return True
        return False

    assert asyncio.run(scenario())


def test_pause_holds_everybody_in_the_group() -> None:
    async def scenario() -> float:
        budget = Budget()
        await budget.take()
        budget.give_back(None)
        budget.hold(0.3)
        return await _seconds_for(budget, 1, None)

    assert 0.25 < asyncio.run(scenario()) < 1.0
