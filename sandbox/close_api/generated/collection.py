"""A generated resource that can be changed: the table as it was made, and the rows put in since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sandbox.close_api.collection import Collection, Row
from sandbox.close_api.generated.ids import Ids
from sandbox.close_api.paging import wanted_fields

if TYPE_CHECKING:
    from sandbox.close_api.generated.columns import Array
    from sandbox.close_api.generated.table import Table
    from sandbox.close_api.index import Key, Window

_BATCH = 2_000


class GeneratedCollection(Collection):
    """A collection whose first rows are made when they are asked for.

    A row of the table that is changed or deleted is marked as gone; a changed one lives on among
    the later rows, an ordinary collection.

    Args:
        name: the account folder's name of the resource.
        table: its rows.
        leads: the table of the leads; None for the leads themselves.
    """

    def __init__(self, name: str, table: Table, leads: Table | None) -> None:
        super().__init__(name)
        self.table = table
        self._leads = leads
        self._later = Collection(name)
        self._slots: list[str] = []
        self._slot_of: dict[str, int] = {}
        self._is_there = np.ones(len(table), bool)
        self._gone = 0
        self.rows: Mapping[str, Row] = _Rows(self)  # type: ignore[assignment]
        self.revision = 1

    def __iter__(self) -> Iterator[Row]:
        return (row for _, row in self.scan(self.in_order(newest_first=False)))

    def __len__(self) -> int:
        return len(self.table) - self._gone + len(self._later)

    def __contains__(self, row_id: object) -> bool:
        return isinstance(row_id, str) and (row_id in self._later.rows or self._place(row_id) is not None)

    def get(self, row_id: str | None) -> Row | None:
        """Return the row of an id, or None."""
        if row_id is None:
            return None
        later = self._later.rows.get(row_id)
        if later is not None:
            return later
        place = self._place(row_id)
        return None if place is None else self.table.rows(np.array([place]))[0]

    def put(self, row: Row) -> Row:
        """Store a new row or replace the one with its id."""
        row = self._later.put(row)
        self._drop(row["id"])
        if row["id"] not in self._slot_of:
            self._slot_of[row["id"]] = len(self._slots)
            self._slots.append(row["id"])
        self.revision += 1
        return row

    def remove(self, row_id: str) -> Row | None:
        """Take a row out and return it."""
        row = self.get(row_id)
        if row is not None:
            self._later.remove(row_id)
            self._drop(row_id)
            self.revision += 1
        return row

    def of_lead(self, lead_id: str) -> list[Row]:
        """Return the rows of a lead, oldest first."""
        rows = [self._later.rows[row_id] for row_id in self._later.by_lead.get(lead_id, ())]
        places = self._on_lead(lead_id)
        if places:
            rows += self.table.rows(np.array(places, np.int32))
        return sorted(rows, key=lambda row: (row["date_created"], row["id"])) if len(rows) > 1 else rows

    def ids_of_leads(self, lead_ids: Iterable[str]) -> set[str]:
        """Return the ids of the rows of some leads."""
        found: set[str] = set()
        for lead_id in lead_ids:
            found.update(self._later.by_lead.get(lead_id, ()))
            found.update(self.table.ids(np.array(self._on_lead(lead_id), np.int32)))
        return found

    def in_order(
        self,
        window: Window | None = None,
        *,
        kind: str | None = None,
        by_update: bool = False,
        newest_first: bool = True,
    ) -> Sequence[str]:
        """Return the ids of a window; see ``Collection.in_order``."""
        ids = self._later.in_order(window, kind=kind, by_update=by_update, newest_first=False)
        later = self._later.keys(ids, by_update=by_update)
        if by_update:
            places, instants = _cut(self.table.by_updated, self.table.updated_sorted, window)
            if kind is not None:
                first, stop = self.table.span(kind)
                is_kind = (np.asarray(places) >= first) & (np.asarray(places) < stop)
                places, instants = np.asarray(places)[is_kind], instants[is_kind]
        elif kind is not None:
            first, stop = self.table.span(kind)
            places, instants = _cut(range(first, stop), self.table.created[first:stop], window)
        else:
            order = range(len(self.table)) if self.table.by_created is None else self.table.by_created
            places, instants = _cut(order, self.table.created_sorted, window)
        found = self._merged(places, instants, later)
        return Ids(self.table, self._slots, found[::-1] if newest_first else found)

    def updated_in(self, window: Window, *, newest_first: bool = True) -> Sequence[str]:
        """Return the ids of the rows last updated in a window, by creation."""
        return self.arranged(self.in_order(window, by_update=True), newest_first=newest_first)

    def arranged(
        self,
        ids: Iterable[str],
        *,
        kinds: Sequence[str] | None = None,
        by_update: bool = False,
        newest_first: bool = True,
    ) -> Sequence[str]:
        """Return those of some ids that are there, in order; see ``Collection.arranged``."""
        places = self._places(ids)
        kept = places[places >= 0]
        if kinds is not None:
            wanted = set(kinds)
            kept = kept[[kind in wanted for kind in self.table.kinds(kept)]] if len(kept) else kept
        instants = (self.table.updated if by_update else self.table.created)[kept]
        order = np.argsort(instants, kind="stable")
        slots = [self._slots[-1 - place] for place in places[places < 0].tolist()]
        later = self._later.arranged(slots, kinds=kinds, by_update=by_update, newest_first=False)
        keys = self._later.keys(later, by_update=by_update)
        found = self._inserted(kept[order], instants[order], keys)
        return Ids(self.table, self._slots, found[::-1] if newest_first else found)

    def some(self, ids: Sequence[str]) -> list[Row]:
        """Return the rows of ids that are there."""
        places = self._places(ids)
        kept = iter(self.table.rows(places[places >= 0]))
        return [next(kept) if place >= 0 else self._later.rows[self._slots[-1 - place]] for place in places.tolist()]

    def scan(self, ids: Sequence[str]) -> Iterator[tuple[str, Row]]:
        """Yield ids with their rows."""
        for start in range(0, len(ids), _BATCH):
            for row in self.some(ids[start : start + _BATCH]):
                yield row["id"], row

    def shown(self, ids: Sequence[str], names: Sequence[str] | None, render: Callable[[Row], Row]) -> list[Row]:
        """Return rows as the API shows them, from the columns alone where they have all that is asked for."""
        places = self._places(ids)
        kept = places[places >= 0]
        if not names or not self.table.covers(kept, names):
            return super().shown(ids, names, render)
        made = iter(self.table.pick(kept, names))
        pick = wanted_fields(names)
        return [
            next(made) if place >= 0 else pick(render(self._later.rows[self._slots[-1 - place]]))
            for place in places.tolist()
        ]

    def columns(self, ids: Sequence[str], names: Sequence[str]) -> Iterator[Row]:
        """Yield rows with the named fields."""
        for start in range(0, len(ids), _BATCH):
            yield from self.shown(ids[start : start + _BATCH], names, dict)

    def without(self, ids: Sequence[str], left_out: Iterable[str]) -> Sequence[str]:
        """Return ids less some of them."""
        return Ids(self.table, self._slots, self._places(ids)).without(self._places(left_out).tolist())

    def _on_lead(self, lead_id: str) -> list[int]:
        lead = self._leads.place(lead_id) if self._leads is not None and len(self.table) else None
        if lead is None:
            return []
        return [place for place in self.table.on_lead(lead) if self._is_there[place]]

    def _place(self, row_id: str) -> int | None:
        place = self.table.place(row_id)
        return place if place is not None and self._is_there[place] else None

    def _places(self, ids: Iterable[str]) -> Array:
        """Return the present places of those ids that are there, each once."""
        if isinstance(ids, Ids):
            return self._present(ids)
        places = (self._present_place(row_id) for row_id in ids)
        return np.array(list(dict.fromkeys(place for place in places if place is not None)), np.int32)

    def _present(self, ids: Ids) -> Array:
        """Return the present places of ids; few of a list have moved since it was made."""
        places = ids.places
        if not self._gone and not self._slots:
            return places
        moved = np.flatnonzero((places < 0) | ~self._is_there[np.maximum(places, 0)])
        if not len(moved):
            return places
        places, is_there = places.copy(), np.ones(len(places), bool)
        for position in moved.tolist():
            place = self._present_place(ids[position])
            is_there[position] = place is not None
            places[position] = 0 if place is None else place
        return places[is_there]

    def _present_place(self, row_id: str) -> int | None:
        return -1 - self._slot_of[row_id] if row_id in self._later.rows else self._place(row_id)

    def _drop(self, row_id: str) -> None:
        place = self._place(row_id)
        if place is not None:
            self._is_there[place] = False
            self._gone += 1

    def _merged(self, places: Array | range, instants: Array, later: Sequence[Key]) -> Array | range:
        if self._gone:
            places = np.asarray(places, dtype=np.int32)
            is_there = self._is_there[places]
            places, instants = places[is_there], instants[is_there]
        return self._inserted(places, instants, later)

    def _inserted(self, places: Array | range, instants: Array, keys: Sequence[Key]) -> Array | range:
        """Put later rows, in order, into the order of the table's."""
        if not keys:
            return places
        where = np.searchsorted(instants, [at for at, _ in keys], side="right")
        slots = [-1 - self._slot_of[row_id] for _, row_id in keys]
        return np.insert(np.asarray(places, dtype=np.int32), where, slots)


class _Rows(Mapping[str, Row]):
    """The rows of a generated collection by id."""

    def __init__(self, collection: GeneratedCollection) -> None:
        self._collection = collection

    def __getitem__(self, row_id: str) -> Row:
        row = self._collection.get(row_id)
        if row is None:
            raise KeyError(row_id)
        return row

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._collection

    def __iter__(self) -> Iterator[str]:
        return (row["id"] for row in self._collection)

    def __len__(self) -> int:
        return len(self._collection)


def _cut(places: Array | range, instants: Array, window: Window | None) -> tuple[Array | range, Array]:
    """Return what lies in a window, of places in the order of their instants."""
    start, stop = 0, len(instants)
    if window is not None:
        for bound, side in ((window.gte, "left"), (window.gt, "right")):
            if bound is not None:
                start = max(start, int(np.searchsorted(instants, bound, side=side)))  # type: ignore[call-overload]
        for bound, side in ((window.lt, "left"), (window.lte, "right")):
            if bound is not None:
                stop = min(stop, int(np.searchsorted(instants, bound, side=side)))  # type: ignore[call-overload]
    stop = max(start, stop)
    return places[start:stop], instants[start:stop]
