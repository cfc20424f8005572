"""Pacing: a budget that keeps to what the server tells, and as many requests at once as help.

The server here is a model of Close's limiter (a fixed window that begins with its first request, `reset` told in
whole seconds), asked over a loop whose requests take as long as real ones. Its clock goes on when all wait, and only
then: what a busy machine does to a real one shows nothing about the pace.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pytest

from close_kpis.close import pacing
from close_kpis.close.limits import Rate
from close_kpis.close.pacing import Budget, Slots

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class Clock:
    """Seconds since the first test."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


time = Clock()


class Jumping(selectors.SelectSelector):
    """What an event loop waits with: instead of waiting it puts the clock on."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        time.now += timeout or 0.0
        return super().select(0)


@pytest.fixture(autouse=True)
def on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "time", time)


def run(scenario: Coroutine[None, None, T]) -> T:
    """Run a scenario by the clock."""
    loop = asyncio.SelectorEventLoop(Jumping())
    loop.time = time.monotonic  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(scenario)
    finally:
        loop.close()


@dataclass
class Limiter:
    """A window of Close's rate limit, and what it has refused."""

    limit: int
    length: float
    began: float = -math.inf
    used: int = 0
    accepted: int = 0
    refused: int = 0

    def ask(self) -> Rate:
        now = time.monotonic()
        if now - self.began >= self.length:
            self.began, self.used = now, 0
        reset = math.ceil(self.began + self.length - now)
        if self.used >= self.limit:
            self.refused += 1
            return Rate(self.limit, 0, reset)
        self.used += 1
        self.accepted += 1
        return Rate(self.limit, self.limit - self.used, reset)


async def send(budget: Budget, limiter: Limiter, latency: float) -> None:
    number = await budget.take()
    # Replies come in the order of their requests.
    half = latency / 2 + number * 1e-6
    await asyncio.sleep(half)
    refused = limiter.refused
    told = limiter.ask()
    await asyncio.sleep(half)
    budget.give_back(number, [told], latency)
    if limiter.refused > refused and told.remaining == 0:
        budget.hold(told.reset)


async def send_for(seconds: float, budget: Budget, limiter: Limiter, latency: float, at_once: int) -> None:
    until = time.monotonic() + seconds

    async def worker() -> None:
        while time.monotonic() < until:
            await send(budget, limiter, latency)

    await asyncio.gather(*(worker() for _ in range(at_once)))


async def seconds_for(budget: Budget, requests: int, rate: Rate | None) -> float:
    began = time.monotonic()
    for _ in range(requests):
        budget.give_back(await budget.take(), [rate], 0.0)
    return time.monotonic() - began


def test_a_budget_that_nobody_limits_lets_all_through() -> None:
    assert run(seconds_for(Budget(), 1000, None)) < 0.5


def test_the_whole_rate_is_used_and_never_exceeded() -> None:
    """Windows of a second and a latency of a third of it: the worst case of a `reset` in whole seconds."""
    limiter = Limiter(limit=40, length=1.0)
    run(send_for(4.0, Budget(), limiter, latency=0.3, at_once=24))
    print(f"\n{limiter.accepted} requests in 4.3 s at 40 a second, {limiter.refused} refused")
    assert limiter.refused <= 1
    assert limiter.accepted >= 0.9 * 40 * 4.0


def test_two_budgets_of_one_key_stay_within_its_limit_together() -> None:
    limiter = Limiter(limit=80, length=2.0)

    async def scenario() -> None:
        await asyncio.gather(*(send_for(4.0, Budget(), limiter, latency=0.1, at_once=12) for _ in range(2)))

    run(scenario())
    print(f"\n{limiter.accepted} requests in 4.1 s at 40 a second, {limiter.refused} refused")
    assert limiter.refused <= 8
    assert limiter.accepted >= 0.6 * 40 * 4.0


def test_a_pause_holds_everybody_in_the_group() -> None:
    async def scenario() -> float:
        budget = Budget()
        budget.give_back(await budget.take(), [None], 0.0)
        budget.hold(0.3)
        return await seconds_for(budget, 1, None)

    assert 0.25 < run(scenario()) < 1.0


def test_after_a_429_without_any_header_requests_are_spread_out() -> None:
    async def scenario() -> float:
        budget = Budget()
        budget.hold(0.0)
        return await seconds_for(budget, 4, None)

    assert 0.1 < run(scenario()) < 1.0


def test_more_requests_go_at_once_while_replies_keep_their_pace() -> None:
    slots = Slots(most=16)

    async def scenario() -> None:
        for _ in range(300):
            taken = slots.size
            for _ in range(taken):
                await slots.take()
            for _ in range(taken):
                await slots.give_back(0.3)

    run(scenario())
    assert slots.size == 16


def test_fewer_requests_go_at_once_when_replies_slow_down_or_fail() -> None:
    slots = Slots(most=16, first=16)

    async def scenario() -> tuple[int, int]:
        for latency in [0.1] * 5 + [0.9] * 60:
            await slots.take()
            await slots.give_back(latency)
        slowed = slots.size
        await slots.take()
        await slots.give_back(None)
        return slowed, slots.size

    slowed, failed = run(scenario())
    assert 1 <= slowed < 16
    assert failed <= math.ceil(slowed / 2)
