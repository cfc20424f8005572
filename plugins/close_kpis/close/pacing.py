"""Pacing: a token bucket per endpoint group that the rate headers feed, and requests at once that suit the latency."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.close.limits import Rate

SHARE = 0.98
"""Of the allowed rate that is used: ``reset`` is told in whole seconds, and clocks differ."""

SMALLEST_SHARE = 0.25
"""Of the allowed rate that is used at least, however much others use with the same key."""

CATCH_UP = 3.0
"""Requests that may follow at once after this machine was late to send them."""

FIRST_GUESS = 8.0
"""Requests a second after the first 429 of a server that sends no rate headers."""

GROWTH = 0.2
"""By how much that guess grows with each reply."""

SMOOTHING = 0.2
"""Weight of the newest observation in an average."""

SLOW = 2.0
"""Times the usual latency from which on a server counts as busy."""


class Bucket:
    """What one rate header says about a budget: how fast it fills, how much is left, what others take.

    Close tells of windows: so many requests, the full number again after some seconds. The longest
    ``reset`` ever told is the window's length.
    """

    def __init__(self) -> None:
        self._limit = 0.0
        self._length = 0.0
        self._left = 0.0
        self._ends = 0.0
        self._told_at = 0.0
        self._number = 0
        self._others = 0.0

    @property
    def rate(self) -> float:
        """Requests a second that this process may send."""
        allowed = self._limit / self._length * SHARE
        return max(allowed - self._others, allowed * SMALLEST_SHARE)

    def note(self, told: Rate, number: int, now: float) -> None:
        """Take in what the reply to a request of this process says.

        Args:
            told: what its header says.
            number: of the request, counted from 1.
            now: seconds of a monotonic clock.
        """
        if number <= self._number:
            return
        expected = self._left - (number - self._number)
        is_same_window = self._number > 0 and now < self._ends and told.remaining <= expected
        self._limit = max(told.limit, 1.0)
        self._length = max(self._length, told.reset, 0.05)
        if is_same_window:
            taken = (expected - told.remaining) / max(now - self._told_at, 0.05)
            self._others += SMOOTHING * (taken - self._others)
        elif self._number == 0:
            self._others = max(told.limit - told.remaining - number, 0.0) / self._length
        self._ends = min(self._ends, now + told.reset) if is_same_window else now + told.reset
        self._left, self._number, self._told_at = told.remaining, number, now

    def pause(self, number: int, now: float, trip: float) -> float:
        """Return the seconds until a request may be sent as far as others leave room for it.

        This process alone cannot use up a window, because of its pace.

        Args:
            number: of the request.
            now: seconds of a monotonic clock.
            trip: seconds from a request to its reply.
        """
        if self._others < self._limit / self._length * (1 - SHARE):
            return 0.0
        left = self._left - (number - self._number) - self._others * (now - self._told_at + trip)
        return 0.0 if left >= 0 else max(self._ends - now, 0.0)


class Budget:
    """The requests of an endpoint group: evenly spread, at the rate that Close tells.

    Nothing is held back until a reply says what is allowed. Where only a 429 tells of a limit, and no
    header, the rate is halved at each one and grows again with every reply.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}
        self._guess: float | None = None
        self._sent = 0
        self._began = 0.0
        self._next_at = 0.0
        self._held_until = 0.0
        self._trip = 0.0
        self._turn = asyncio.Lock()

    async def take(self) -> int:
        """Wait until a request may be sent; return its number."""
        async with self._turn:
            while (pause := self._pause(time.monotonic())) > 0:
                await asyncio.sleep(pause)
            now = time.monotonic()
            self._began = self._began or now
            self._sent += 1
            if (rate := self._rate()) is not None:
                self._next_at = max(self._next_at, now - CATCH_UP / rate) + 1 / rate
            return self._sent

    def give_back(self, number: int, rates: Iterable[Rate | None], seconds: float) -> None:
        """Note the reply to a request.

        Args:
            number: what `take` returned.
            rates: what its headers said.
            seconds: how long it took.
        """
        self._trip += (seconds - self._trip) * (SMOOTHING if self._trip else 1.0)
        is_first = not self._buckets
        for place, told in enumerate(rates):
            if told is not None:
                self._buckets.setdefault(place, Bucket()).note(told, number, time.monotonic())
        if is_first and (rate := self._rate()):
            # What was sent before anything was told counts too.
            self._next_at = max(self._next_at, self._began + self._sent / rate)
        if self._guess is not None and not self._buckets:
            self._guess += GROWTH

    def hold(self, seconds: float) -> None:
        """Let nobody send for some seconds, as a 429 asks for."""
        if not self._buckets:
            self._guess = FIRST_GUESS if self._guess is None else max(self._guess / 2, 1.0)
        self._held_until = max(self._held_until, time.monotonic() + seconds)
        self._next_at = max(self._next_at, self._held_until)

    def _rate(self) -> float | None:
        return min((bucket.rate for bucket in self._buckets.values()), default=self._guess)

    def _pause(self, now: float) -> float:
        pauses = [bucket.pause(self._sent + 1, now, self._trip) for bucket in self._buckets.values()]
        return max(self._held_until - now, self._next_at - now, *pauses, 0.0)


class Slots:
    """How many requests are under way at once: more while replies keep their pace, fewer when they slow down.

    Args:
        most: never more than this.
        first: to begin with.
    """

    def __init__(self, most: int, first: int = 4) -> None:
        self._most = most
        self._size = float(min(first, most))
        self._used = 0
        self._usual: float | None = None
        self._latency = 0.0
        self._freed = asyncio.Condition()

    @property
    def size(self) -> int:
        """How many requests may be under way now."""
        return int(self._size)

    async def take(self) -> None:
        """Wait for a free slot."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._used < self.size)
            self._used += 1

    async def give_back(self, seconds: float | None) -> None:
        """Free a slot.

        Args:
            seconds: how long the reply took; None where the server failed.
        """
        async with self._freed:
            is_full = self._used >= self.size
            self._used -= 1
            self._adapt(seconds, is_full=is_full)
            self._freed.notify_all()

    def _adapt(self, seconds: float | None, *, is_full: bool) -> None:
        if seconds is None:
            self._size = max(self._size / 2, 1.0)
            return
        if self._usual is None:
            self._usual = self._latency = seconds
        self._latency += SMOOTHING * (seconds - self._latency)
        # The quickest reply stands for an idle server; it is forgotten slowly, as networks change.
        self._usual = min(self._usual * 1.001, seconds)
        if self._latency > SLOW * self._usual:
            self._size = max(self._size - 1 / self._size, 1.0)
        elif is_full:
            self._size = min(self._size + 1 / self.size, float(self._most))
