"""Ids of sheets, charts, ranges: the client's choice, or drawn."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def fresh(taken: Iterable[int]) -> int:
    """A positive 31-bit id that is not taken."""
    used = set(taken)
    while True:
        drawn = secrets.randbelow(2**31 - 1000) + 1000
        if drawn not in used:
            return drawn
