"""The rows of one kind as columns, and several kinds as one resource."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.close_api.generated.columns import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.close_api.collection import Row
    from sandbox.close_api.generated.columns import Array, Column
    from sandbox.close_api.generated.packed import PackedIds

_CUSTOM = "custom"
"""In a list of fields: all custom ones."""


@dataclass(frozen=True)
class Part:
    """All rows of one kind, oldest first.

    Attributes:
        ids: of the rows.
        created: microseconds since 1970, ascending.
        updated: the same of the last change.
        lead: places of the rows' leads; None for leads.
        stored: the fields that a row of an account folder would have.
        shown: further fields as the API shows them, so that they need no whole row; a field that
            is in neither is shown by way of the renderer.
        kind: the ``_type`` of all rows, None for resources that have none.
    """

    ids: PackedIds
    created: Array
    updated: Array
    lead: Array | None
    stored: Mapping[str, Column]
    shown: Mapping[str, Column]
    kind: str | None = None

    def __len__(self) -> int:
        return len(self.created)

    def rows(self, at: Array) -> list[Row]:
        """Return whole rows as they would be stored."""
        return _rows(self.stored, at)

    def covers(self, names: Sequence[str]) -> bool:
        """Say whether fields can be shown without whole rows."""
        return all(name in self.stored or name in self.shown or name == _CUSTOM for name in names)

    def pick(self, at: Array, names: Sequence[str]) -> list[Row]:
        """Return the named fields as the API shows them; ``covers`` must have agreed."""
        wanted = [name for name in names if name != _CUSTOM]
        if _CUSTOM in names:
            wanted += [name for name in self.stored if name.startswith(f"{_CUSTOM}.")]
        return _rows({name: self.shown.get(name) or self.stored[name] for name in wanted}, at)


class Table:
    """The parts of a resource one after another; a row's place counts through all of them."""

    def __init__(self, parts: Sequence[Part], leads: int) -> None:
        self.parts = parts
        self._starts = [0, *accumulate(len(part) for part in parts)]
        self._stops = np.array(self._starts[1:])
        self.created = _joined([part.created for part in parts])
        self.updated = _joined([part.updated for part in parts])
        self.by_updated = np.argsort(self.updated, kind="stable").astype(np.int32)
        self.updated_sorted = self.updated[self.by_updated]
        if len(parts) == 1:
            self.by_created, self.created_sorted = None, self.created
        else:
            self.by_created = np.argsort(self.created, kind="stable").astype(np.int32)
            self.created_sorted = self.created[self.by_created]
        self._on_leads: tuple[Array, Array] | None = None
        owned = [part.lead for part in parts if part.lead is not None]
        if owned:
            lead = _joined(owned)
            order = np.argsort(lead, kind="stable").astype(np.int32)
            firsts = np.zeros(leads + 1, np.int32)
            np.cumsum(np.bincount(lead, minlength=leads), out=firsts[1:])
            self._on_leads = (order, firsts)

    def __len__(self) -> int:
        return len(self.created)

    def place(self, row_id: str) -> int | None:
        """Return the place of an id, None for one that is not of this table."""
        for part, start in zip(self.parts, self._starts, strict=False):
            position = part.ids.position(row_id)
            if position is not None and position < len(part):
                return start + position
        return None

    def span(self, kind: str) -> tuple[int, int]:
        """Return the places of a ``_type``, which lie together, oldest first; none where it is not there."""
        for part, start in zip(self.parts, self._starts, strict=False):
            if part.kind == kind:
                return start, start + len(part)
        return 0, 0

    def on_lead(self, lead: int) -> list[int]:
        """Return the places of a lead's rows."""
        if self._on_leads is None:
            return []
        order, firsts = self._on_leads
        found: list[int] = order[firsts[lead] : firsts[lead + 1]].tolist()
        return found

    def kinds(self, places: Array) -> list[str | None]:
        """Return the ``_type`` of places."""
        return [self.parts[number].kind for number in self._numbers(places).tolist()]

    def ids(self, places: Array) -> list[str]:
        """Return the ids of places."""
        return self._by_part(places, lambda part, at: part.ids.of(at.tolist()))

    def rows(self, places: Array) -> list[Row]:
        """Return whole rows as they would be stored."""
        return self._by_part(places, lambda part, at: part.rows(at))

    def covers(self, places: Array, names: Sequence[str]) -> bool:
        """Say whether fields of places can be shown without whole rows."""
        return all(self.parts[number].covers(names) for number in np.unique(self._numbers(places)).tolist())

    def pick(self, places: Array, names: Sequence[str]) -> list[Row]:
        """Return the named fields as the API shows them."""
        return self._by_part(places, lambda part, at: part.pick(at, names))

    def _numbers(self, places: Array) -> Array:
        """Return the parts that places are in."""
        return np.searchsorted(self._stops, places, side="right")

    def _by_part(self, places: Array, make: Any) -> list[Any]:
        if not len(places):
            return []
        if len(self.parts) == 1:
            return list(make(self.parts[0], places))
        numbers = self._numbers(places)
        if (numbers == numbers[0]).all():
            part = int(numbers[0])
            return list(make(self.parts[part], places - self._starts[part]))
        made: list[Any] = [None] * len(places)
        for part in np.unique(numbers).tolist():
            where = np.flatnonzero(numbers == part)
            found = make(self.parts[part], places[where] - self._starts[part])
            for position, value in zip(where.tolist(), found, strict=True):
                made[position] = value
        return made


def _rows(columns: Mapping[str, Column], at: Array) -> list[Row]:
    names = list(columns)
    if not names:
        return [{} for _ in range(len(at))]
    lists = [columns[name].values(at) for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*lists, strict=True)]
    if any(values and MISSING in values for values in lists):
        rows = [{name: value for name, value in row.items() if value is not MISSING} for row in rows]
    return rows


def _joined(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
