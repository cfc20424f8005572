"""Ids that hold their row's position, so that no id needs to be kept."""

from __future__ import annotations

import hashlib
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_NUMBERS = {pair: number for number, pair in enumerate(_PAIRS)}
_BASE = len(_PAIRS)
_PACKED = 6


class PackedIds:
    """The ids of one resource, in Close's form; they sort as the positions do.

    Args:
        prefix: as in Close's ids, without underscore.
        seed: of the account; accounts of different seeds share no id.
        length: characters behind the underscore.
    """

    def __init__(self, prefix: str, seed: int, length: int = 43) -> None:
        number, filler = int.from_bytes(hashlib.sha256(f"{prefix}/{seed}".encode()).digest(), "big"), []
        for _ in range(length - _PACKED):
            number, digit = divmod(number, len(_DIGITS))
            filler.append(_DIGITS[digit])
        self._head = f"{prefix}_{''.join(filler)}"
        self._length = len(self._head) + _PACKED

    def of(self, positions: Iterable[int]) -> list[str]:
        """Return the ids of positions."""
        head, pairs = self._head, _PAIRS
        return [
            f"{head}{pairs[place // (_BASE * _BASE)]}{pairs[place // _BASE % _BASE]}{pairs[place % _BASE]}"
            for place in positions
        ]

    def position(self, row_id: str) -> int | None:
        """Return the position in an id, None where the id is not one of these."""
        if len(row_id) != self._length or not row_id.startswith(self._head):
            return None
        tail = row_id[-_PACKED:]
        numbers = [_NUMBERS.get(tail[start : start + 2]) for start in range(0, _PACKED, 2)]
        if None in numbers:
            return None
        high, middle, low = (number or 0 for number in numbers)
        return (high * _BASE + middle) * _BASE + low
