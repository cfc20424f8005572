"""Sorted indexes: a page of a window costs the page, not the table."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Key = tuple[int, str]
_AFTER_ALL_IDS = "\U0010ffff"


@dataclass(frozen=True)
class Window:
    """A range of one field; bounds in microseconds since 1970, None where open."""

    field: str
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, at: int | None) -> bool:
        """Say whether a value lies in the range; no value lies in none."""
        return (
            at is not None
            and (self.gt is None or at > self.gt)
            and (self.gte is None or at >= self.gte)
            and (self.lt is None or at < self.lt)
            and (self.lte is None or at <= self.lte)
        )


class SortedIndex:
    """Ids in the order of a number, ascending; ties by id."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self._keys)

    def load(self, keys: Iterable[Key]) -> None:
        """Fill the index at once."""
        self._keys = sorted(keys)

    def add(self, at: int, row_id: str) -> None:
        """Put an id in its place."""
        insort(self._keys, (at, row_id))

    def discard(self, at: int, row_id: str) -> None:
        """Take an id out; one that is not there is no error."""
        place = bisect_left(self._keys, (at, row_id))
        if place < len(self._keys) and self._keys[place] == (at, row_id):
            del self._keys[place]

    def span(self, window: Window | None) -> tuple[int, int]:
        """Return the half-open range of places that a window covers."""
        start, stop = 0, len(self._keys)
        if window is None:
            return start, stop
        if window.gte is not None:
            start = max(start, bisect_left(self._keys, (window.gte, "")))
        if window.gt is not None:
            start = max(start, bisect_right(self._keys, (window.gt, _AFTER_ALL_IDS)))
        if window.lt is not None:
            stop = min(stop, bisect_left(self._keys, (window.lt, "")))
        if window.lte is not None:
            stop = min(stop, bisect_right(self._keys, (window.lte, _AFTER_ALL_IDS)))
        return start, max(start, stop)

    def keys(self, window: Window | None = None) -> list[Key]:
        """Return the keys of a window, ascending."""
        start, stop = self.span(window)
        return self._keys[start:stop]

    def ids(self, window: Window | None = None, *, newest_first: bool = False) -> list[str]:
        """Return the ids of a window, in order."""
        ids = [row_id for _, row_id in self.keys(window)]
        if newest_first:
            ids.reverse()
        return ids

    def before(self, key: Key | None) -> Iterator[Key]:
        """Yield the keys below ``key`` (all where None), from the greatest down."""
        place = len(self._keys) if key is None else bisect_left(self._keys, key)
        for position in range(place - 1, -1, -1):
            yield self._keys[position]

    def after(self, key: Key) -> Iterator[Key]:
        """Yield the keys above ``key``, from the least up."""
        for position in range(bisect_right(self._keys, key), len(self._keys)):
            yield self._keys[position]
