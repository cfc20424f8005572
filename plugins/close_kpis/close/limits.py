"""Close's rate limits: what the headers say, and which requests share one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.retry_after import read_retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMBINED = re.compile(r"limit=(\d+\.?\d*)\s*[;,]\s*remaining=(\d+\.?\d*)\s*[;,]\s*reset=(\d+\.?\d*)")
_SEPARATE = ("limit", "remaining", "reset")
_PREFIXES = ("ratelimit-", "x-ratelimit-")
_DIVIDED = frozenset({"activity", "custom_field", "data", "status"})
"""First parts of paths whose second part is a kind, not the id of an object."""

LONGEST_WINDOW = 600.0
"""Seconds of a window at most; Close's are of some seconds. By a header that tells of a longer one nothing is paced."""

PAUSE_WITHOUT_HEADER = 5.0
"""Seconds to wait after a 429 that does not say how long: a proxy may have taken its headers."""


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


def read_rates(headers: Mapping[str, str]) -> tuple[Rate | None, Rate | None]:
    """Return the budgets that a reply's headers tell of: by ``ratelimit``, and by ``ratelimit-*`` or ``x-ratelimit-*``.

    They can be of two windows: the first is the application's, the second that of the edge before it.

    Args:
        headers: names in lower case, or a mapping that ignores case.

    Source: developer.close.com "Rate Limits" (``limit=100, remaining=50, reset=5``); the live API
        separates by semicolons and adds ``ratelimit-limit``, ``-remaining`` and ``-reset``; Close's command-line
        client reads ``x-ratelimit-*``.
    """
    combined = _COMBINED.search(headers.get("ratelimit", ""))
    separate = (_separate(headers, prefix) for prefix in _PREFIXES)
    return (
        _plausible(Rate(*map(float, combined.groups())) if combined else None),
        _plausible(next((rate for rate in separate if rate is not None), None)),
    )


def _plausible(rate: Rate | None) -> Rate | None:
    return rate if rate is None or rate.reset <= LONGEST_WINDOW else None


def _separate(headers: Mapping[str, str], prefix: str) -> Rate | None:
    found = [value for name in _SEPARATE if (value := _number(headers.get(prefix + name, ""))) is not None]
    return Rate(*found) if len(found) == len(_SEPARATE) else None


def read_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a 429 asks to wait, None where it does not say.

    ``Retry-After`` counts before the reset of the rate header, which may be that of another window.
    """
    asked = read_retry_after(headers.get("retry-after"))
    if asked is not None:
        return asked
    return max((rate.reset for rate in read_rates(headers) if rate is not None and rate.remaining < 1), default=None)


def endpoint_group(method: str, path: str) -> str:
    """Return the group that shares a budget: method and first two parts of the path, of whatever object.

    Source: developer.close.com "Rate Limits": limits are per endpoint group.
    """
    first, *rest = path.strip("/").split("/")
    second = rest[:1] if first in _DIVIDED else ["{id}" for _ in rest[:1]]
    return " ".join([method, first, *second])


def _number(text: str) -> float | None:
    """Return the first number of a header, None for any other text.

    ``60, 60;w=1`` lists the windows after the figure itself.
    """
    first = re.split(r"[,;]", text, maxsplit=1)[0].strip()
    try:
        number = float(first)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
