"""The rows of one resource, by id, by time and by lead."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.close_api import times
from sandbox.close_api.index import SortedIndex
from sandbox.close_api.paging import wanted_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sandbox.close_api.index import Key, Window

Row = dict[str, Any]

STAMPS = ("date_created", "date_updated", "activity_at")


def instant(row: Row, field: str) -> int | None:
    """Return a time field in microseconds since 1970; None where it is empty or no time."""
    with suppress(ValueError):
        return times.micros(times.parse(row.get(field)))
    return None


def normalise(row: Row, defaults: Row, *, naive: bool = False, is_activity: bool = False) -> Row:
    """Return a row with its defaults, whose time stamps are there, in the form Close gives them.

    A row that lacks one of creation and update gets the other; an activity without
    ``activity_at`` happened when it began (a meeting) or was created.
    """
    row = {**defaults, **row}
    form = times.naive_stamp if naive else times.stamp
    created = row.get("date_created") or row.get("activity_at") or row.get("date_updated")
    row["date_created"] = created or times.stamp(times.EPOCH)
    row["date_updated"] = row.get("date_updated") or row["date_created"]
    if is_activity:
        row["activity_at"] = row.get("activity_at") or row.get("starts_at") or row["date_created"]
    for field in STAMPS:
        if row.get(field):
            with suppress(ValueError):
                row[field] = form(times.parse(row[field]))
    return row


class Collection:
    """Rows with their indexes. A stored row is never changed in place: it is replaced.

    Attributes:
        name: the account folder's name of the resource.
        rows: id -> row, in the order of the file.
        revision: grows with every change; tells a cached result that it is old.
        created: ids by ``date_created``; by_type: the same for each ``_type``.
        updated: ids by ``date_updated``.
        by_lead: lead id -> its rows' ids.
    """

    def __init__(self, name: str, *, naive: bool = False) -> None:
        self.name = name
        self.naive = naive
        self.rows: dict[str, Row] = {}
        self.revision = 0
        self.created = SortedIndex()
        self.updated = SortedIndex()
        self.by_type: dict[str, SortedIndex] = defaultdict(SortedIndex)
        self.by_lead: dict[str, dict[str, None]] = defaultdict(dict)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.rows

    def get(self, row_id: str | None) -> Row | None:
        """Return the row of an id, or None."""
        return self.rows.get(row_id) if row_id else None

    def load(self, rows: Iterable[Row]) -> None:
        """Fill the empty collection; of two rows with one id the later wins."""
        for row in rows:
            self.rows[row["id"]] = self._normalised(row)
        created: list[tuple[int, str]] = []
        updated: list[tuple[int, str]] = []
        typed: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row_id, row in self.rows.items():
            key = (instant(row, "date_created") or 0, row_id)
            created.append(key)
            updated.append((instant(row, "date_updated") or 0, row_id))
            if "_type" in row:
                typed[row["_type"]].append(key)
            if row.get("lead_id"):
                self.by_lead[row["lead_id"]][row_id] = None
        self.created.load(created)
        self.updated.load(updated)
        for kind, keys in typed.items():
            self.by_type[kind].load(keys)
        self.revision += 1

    def put(self, row: Row) -> Row:
        """Store a new row or replace the one with its id."""
        row = self._normalised(row)
        old = self.rows.get(row["id"])
        if old is not None:
            self._unindex(old)
        self.rows[row["id"]] = row
        created = instant(row, "date_created") or 0
        self.created.add(created, row["id"])
        self.updated.add(instant(row, "date_updated") or 0, row["id"])
        if "_type" in row:
            self.by_type[row["_type"]].add(created, row["id"])
        if row.get("lead_id"):
            self.by_lead[row["lead_id"]][row["id"]] = None
        self.revision += 1
        return row

    def remove(self, row_id: str) -> Row | None:
        """Take a row out and return it."""
        row = self.rows.pop(row_id, None)
        if row is not None:
            self._unindex(row)
            self.revision += 1
        return row

    def of_lead(self, lead_id: str) -> list[Row]:
        """Return the rows of a lead, oldest first."""
        rows = [self.rows[row_id] for row_id in self.by_lead.get(lead_id, ())]
        return sorted(rows, key=lambda row: (row["date_created"], row["id"]))

    def ids_of_leads(self, lead_ids: Iterable[str]) -> set[str]:
        """Return the ids of the rows of some leads."""
        return {row_id for lead_id in lead_ids for row_id in self.by_lead.get(lead_id, ())}

    def index(self, kind: str | None = None, *, by_update: bool = False) -> SortedIndex:
        """Return the index by creation, of one ``_type`` where given, or that by update of all."""
        if by_update:
            return self.updated
        return self.created if kind is None else self.by_type[kind]

    def in_order(
        self,
        window: Window | None = None,
        *,
        kind: str | None = None,
        by_update: bool = False,
        newest_first: bool = True,
    ) -> Sequence[str]:
        """Return the ids of a window of creation or update, in that order.

        Args:
            window: the range, None for all rows.
            kind: the only ``_type``, None for all.
            by_update: by ``date_updated`` instead of ``date_created``.
            newest_first: the order's direction.
        """
        ids = self.index(kind, by_update=by_update).ids(window, newest_first=newest_first)
        if by_update and kind is not None:
            ids = [row_id for row_id in ids if self.rows[row_id].get("_type") == kind]
        return ids

    def updated_in(self, window: Window, *, newest_first: bool = True) -> Sequence[str]:
        """Return the ids of the rows last updated in a window, in the order of their creation."""
        return self.arranged(self.updated.ids(window), newest_first=newest_first)

    def arranged(
        self,
        ids: Iterable[str],
        *,
        kinds: Sequence[str] | None = None,
        by_update: bool = False,
        newest_first: bool = True,
    ) -> Sequence[str]:
        """Return those of some ids that are there, each once, in order.

        Args:
            ids: in any order.
            kinds: the ``_type`` values that are wanted, None for all.
            by_update: by ``date_updated`` instead of ``date_created``.
            newest_first: the order's direction.
        """
        there = {row_id for row_id in ids if row_id in self.rows}
        if kinds is not None:
            there = {row_id for row_id in there if self.rows[row_id].get("_type") in kinds}
        keys = sorted(self.keys(there, by_update=by_update), reverse=newest_first)
        return [row_id for _, row_id in keys]

    def keys(self, ids: Iterable[str], *, by_update: bool = False) -> list[Key]:
        """Return what the indexes sort ids by."""
        field = "date_updated" if by_update else "date_created"
        return [(instant(self.rows[row_id], field) or 0, row_id) for row_id in ids]

    def some(self, ids: Sequence[str]) -> list[Row]:
        """Return the rows of ids that are there."""
        return [self.rows[row_id] for row_id in ids if row_id in self.rows]

    def scan(self, ids: Sequence[str]) -> Iterator[tuple[str, Row]]:
        """Yield ids that are there with their rows."""
        return ((row["id"], row) for row in self.some(ids))

    def shown(self, ids: Sequence[str], names: Sequence[str] | None, render: Callable[[Row], Row]) -> list[Row]:
        """Return rows as the API shows them.

        Args:
            ids: which, in order; one that is not there is left out.
            names: the fields wanted, None for all.
            render: makes the API's object of a stored row.
        """
        pick = wanted_fields(names)
        return [pick(render(row)) for row in self.some(ids)]

    def columns(self, ids: Sequence[str], names: Sequence[str]) -> Iterator[Row]:
        """Yield rows that have at least the named stored fields, as far as they have a value."""
        return (row for _, row in self.scan(ids))

    def without(self, ids: Sequence[str], left_out: Iterable[str]) -> Sequence[str]:
        """Return ids less some of them."""
        unwanted = set(left_out)
        return [row_id for row_id in ids if row_id not in unwanted]

    def _normalised(self, row: Row) -> Row:
        defaults = {"_type": "lead"} if self.name == "tasks" else {}
        return normalise(row, defaults, naive=self.naive, is_activity=self.name == "activities")

    def _unindex(self, row: Row) -> None:
        created = instant(row, "date_created") or 0
        self.created.discard(created, row["id"])
        self.updated.discard(instant(row, "date_updated") or 0, row["id"])
        if "_type" in row:
            self.by_type[row["_type"]].discard(created, row["id"])
        if row.get("lead_id"):
            self.by_lead[row["lead_id"]].pop(row["id"], None)
