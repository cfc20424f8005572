"""Close's rate limits: what the headers say, and a budget per endpoint group that keeps to it."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMBINED = re.compile(r"limit=([\d.]+)\s*[;,]\s*remaining=([\d.]+)\s*[;,]\s*reset=([\d.]+)")
_SEPARATE = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")

PAUSE_WITHOUT_HEADER = 5.0
"""Seconds to wait after a 429 that does not say how long: a proxy may have taken its headers."""


FIRST_GUESS = 8.0
"""Requests a second after the first 429 of a server that sends no rate headers."""

GROWTH = 0.2
"""By how much that guess grows with each reply."""


@dataclass(frozen=True)
class Rate:
    """What is left of a budget.

    Attributes:
        limit: requests allowed in a window.
        remaining: requests left in the present one.
        reset: seconds until the next one.
    """

    limit: float
    remaining: float
    reset: float


def read_rate(headers: Mapping[str, str]) -> Rate | None:
    """Return the tightest budget that a reply's headers tell of, None where they tell of none.

    Two windows may be reported at once: ``ratelimit`` is the application's, ``ratelimit-*`` can be
    that of the edge before it.

    Args:
        headers: names in lower case, or a mapping that ignores case.

    Source: developer.close.com "Rate Limits" (``limit=100, remaining=50, reset=5``); the live API
        separates by semicolons and adds ``ratelimit-limit``, ``-remaining`` and ``-reset``.
    """
    found = []
    if combined := _COMBINED.search(headers.get("ratelimit", "")):
        found.append(Rate(*map(float, combined.groups())))
    values = [_number(headers.get(name, "")) for name in _SEPARATE]
    limit, remaining, reset = values
    if limit is not None and remaining is not None and reset is not None:
        found.append(Rate(limit, remaining, reset))
    return min(found, key=lambda rate: rate.remaining, default=None)


def read_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a 429 asks to wait, None where it does not say.

    ``Retry-After`` counts before the reset of the rate header, which may be that of another window.
    """
    asked = _number(headers.get("retry-after", ""))
    if asked is not None:
        return asked
    rate = read_rate(headers)
    return None if rate is None else rate.reset


def endpoint_group(method: str, path: str) -> str:
    """Return the group that shares a budget: method and first two parts of the path.

    Source: developer.close.com "Rate Limits": limits are per endpoint group.
    """
    return " ".join([method, *path.strip("/").split("/")[:2]])


class Budget:
    """Requests that may still be sent in one endpoint group.

    Nothing is held back until the server says what is left: then requests are counted down from it,
    and wait for the window's end when it is used up. Where only a 429 tells of a limit, and no
    header, the rate is halved at each one and grows again with every reply.
    """

    def __init__(self) -> None:
        self._limit: float | None = None
        self._remaining = 0.0
        self._window_ends = 0.0
        self._in_flight = 0
        self._is_told = False

    async def take(self) -> None:
        """Wait until a request may be sent, and count it."""
        while self._limit is not None:
            now = time.monotonic()
            if now >= self._window_ends:
                # A new window: the full limit, until the next header says otherwise.
                self._remaining = self._limit - self._in_flight
                self._window_ends = now + 1.0
            if self._remaining >= 1:
                break
            await asyncio.sleep(max(self._window_ends - now, 0.01))
        self._remaining -= 1
        self._in_flight += 1

    def give_back(self, rate: Rate | None) -> None:
        """Note the end of a request and what its headers said."""
        self._in_flight -= 1
        if rate is not None:
            self._is_told = True
            self._limit = max(rate.limit, 1.0)
            self._remaining = rate.remaining - self._in_flight
            self._window_ends = time.monotonic() + rate.reset
        elif self._limit is not None and not self._is_told:
            self._limit += GROWTH

    def hold(self, seconds: float) -> None:
        """Let nobody send for some seconds, as a 429 asks for."""
        if not self._is_told:
            self._limit = FIRST_GUESS if self._limit is None else max(self._limit / 2, 1.0)
        self._remaining = 0.0
        self._window_ends = max(self._window_ends, time.monotonic() + seconds)


def _number(text: str) -> float | None:
    """Return the first number of a header, None for any other text.

    ``60, 60;w=1`` lists the windows after the figure itself.
    """
    first = re.split(r"[,;]", text, maxsplit=1)[0].strip()
    try:
        return float(first)
    except ValueError:
        return None
