"""Seeded chance: the same draws for the same seed on every Python."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


class Dice:
    """A stream of draws of its own, named by the seed and what it is for.

    One stream a lead (and a topic) keeps the rest of the company as it was when one lead's story changes.
    """

    def __init__(self, seed: int, *topic: str | int) -> None:
        self._random = Random("/".join(str(part) for part in (seed, *topic)))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """Return a number between low and high, all equally likely."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return an integer between low and high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items, all equally likely."""
        return items[int(self._random.random() * len(items))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """Return one of the keys, as often as its weight says."""
        left = self._random.random() * sum(weights.values())
        chosen = next(iter(weights))
        for item, weight in weights.items():
            if weight <= 0:
                continue
            chosen = item
            left -= weight
            if left < 0:
                break
        return chosen

    def poisson(self, mean: float) -> int:
        """Return a count with this mean.

        Source: Knuth, The Art of Computer Programming, volume 2, section 3.4.1.
        """
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count

    def around(self, middle: float, spread: float = 0.35) -> float:
        """Return a positive number near the middle, skewed to the right."""
        bell = sum(self._random.random() for _ in range(4)) - 2.0
        return middle * math.exp(spread * bell * math.sqrt(3.0))
