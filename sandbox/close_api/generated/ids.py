"""A list of ids that is kept as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.close_api.generated.columns import Array
    from sandbox.close_api.generated.table import Table

_BATCH = 5_000


class Ids(Sequence[str]):
    """Ids of a table's rows and of rows that were put in later, made into text when they are read.

    Args:
        table: the rows that were there from the start.
        later: ids of rows put in later.
        places: what is listed: a place in the table, or ``-1 - n`` for the n-th later row.
    """

    def __init__(self, table: Table, later: Sequence[str], places: Array | range) -> None:
        self._table = table
        self._later = later
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Ids: ...
    def __getitem__(self, at: int | slice) -> str | Ids:
        if isinstance(at, slice):
            return Ids(self._table, self._later, self._places[at])
        return self._texts(np.asarray([self._places[at]]))[0]

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self._places), _BATCH):
            yield from self._texts(np.asarray(self._places[start : start + _BATCH]))

    def __add__(self, other: Any) -> Ids:
        if not isinstance(other, Ids):
            return NotImplemented
        return Ids(self._table, self._later, np.concatenate([self.places, other.places]))

    @property
    def places(self) -> Array:
        """What is listed, as an array."""
        return np.asarray(self._places, dtype=np.int32)

    def without(self, places: Iterable[int]) -> Ids:
        """Return the list less some places."""
        return Ids(self._table, self._later, self.places[~np.isin(self.places, list(places))])

    def _texts(self, places: Array) -> list[str]:
        if not len(places) or places.min() >= 0:
            return self._table.ids(places)
        is_kept = places >= 0
        kept = iter(self._table.ids(places[is_kept]))
        return [next(kept) if place >= 0 else self._later[-1 - place] for place in places.tolist()]
