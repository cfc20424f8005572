"""Rates, means and medians: "a zero denominator or no observations gives NULL"."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Z95 = 1.959963984540054


def rate(part: float | Fraction, whole: float | Fraction) -> float | None:
    return float(Fraction(part) / Fraction(whole)) if whole else None


def mean(values: Iterable[float | Fraction]) -> float | None:
    exact = [Fraction(value) for value in values]
    return float(sum(exact) / len(exact)) if exact else None


def median(values: Iterable[float]) -> float | None:
    found = sorted(values)
    return float(statistics.median(found)) if found else None


def difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def wilson(successes: int, n: int) -> tuple[float | None, float | None]:
    """Return the Wilson 95 % interval of a share; nothing without observations."""
    if n == 0:
        return None, None
    share = successes / n
    centre = share + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    scale = 1 + Z95**2 / n
    return (centre - spread) / scale, (centre + spread) / scale
