"""The rows of one resource, by id, by time and by lead."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from include.sandbox.close_api import times
from include.sandbox.close_api.index import SortedIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
