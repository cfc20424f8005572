"""Ids as Close makes them: a prefix, an underscore, base62 characters."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT = {"pipe", "actitype", "outcome", "ev", "seq", "role", "req"}


@cache
def close_id(prefix: str, *parts: str | int) -> str:
    """Return the id that always belongs to these parts.

    Source: ids in the examples of Close's API documentation (resources/leads, pipelines, event-log).
    """
    digest = hashlib.sha256("/".join(str(part) for part in (prefix, *parts)).encode()).digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(22 if prefix in _SHORT else 43):
        number, digit = divmod(number, 62)
        letters.append(_BASE62[digit])
    return f"{prefix}_{''.join(letters)}"


class Ids:
    """Gives out ids in turn, a sequence for each prefix."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._given: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        """Return the next id with this prefix."""
        self._given[prefix] += 1
        return close_id(prefix, self._seed, self._given[prefix])
