"""Writing rows read from Close into the raw tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any

from close_kpis.lake.spool import spool
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from duckdb import DuckDBPyConnection

AUDIT_COLUMNS = frozenset({"_synced_at", "_deleted_at", "_merged_into"})
"""Columns that the loader keeps itself."""


@dataclass(frozen=True)
class MergeResult:
    """What a merge did, in rows: those of one id count once."""

    inserted: int
    updated: int
    unchanged: int

    def __add__(self, other: MergeResult) -> MergeResult:
        """Add up two merges."""
        return MergeResult(
            self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged
        )


def merge(
    con: DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]], *, synced_at: datetime
) -> MergeResult:
    """Bring rows into ``raw.<table>`` by their id, in the caller's transaction.

    The newest ``date_updated`` wins, the later of equal ones. A row equal to the stored one, audit
    columns aside, is left untouched. A row that was marked deleted or merged and is seen again
    stands as read.

    Args:
        con: a connection to the lake.
        table: name of the raw table.
        rows: a mapping each, column to value: str, int, float, bool, aware datetime, date, or for
            a JSON column anything that JSON has; a column that is left out is NULL. Read once, and
            never held in memory together.
        synced_at: when the rows were read.

    Raises:
        ValueError: a row has no id, or a column that the table lacks.
    """
    columns = _columns(con, table)
    con.execute(statement("loading.incoming", table))
    with spool() as (file, path):
        if not _write(file, table, columns, rows):
            return MergeResult(0, 0, 0)
        file.flush()
        con.execute(
            statement("loading.spool"),
            {"spool": path, "columns": {**columns, "_position": "BIGINT"}, "synced_at": synced_at},
        )
    con.execute(statement("loading.applied", table))
    read, inserted, updated = con.execute(statement("loading.merge_counts")).fetchall()[0]
    if inserted or updated:
        con.execute(statement("loading.merge", table))
    return MergeResult(inserted, updated, read - inserted - updated)


def tombstone(con: DuckDBPyConnection, table: str, ids: Collection[str], at: datetime) -> int:
    """Mark rows as deleted in Close, in the caller's transaction.

    Args:
        con: a connection to the lake.
        table: name of the raw table.
        ids: those that the table lacks, or has marked before, are left alone.
        at: when the deletion was noticed.

    Returns:
        How many rows were marked now.
    """
    if not ids:
        return 0
    marked = con.execute(statement("loading.tombstone", table), {"ids": sorted(ids), "at": at}).fetchall()
    return int(marked[0][0])


def _columns(con: DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the table's own columns and their types."""
    columns = dict(con.execute(statement("catalog.columns", table)).fetchall())
    return {name: kind for name, kind in columns.items() if name not in AUDIT_COLUMNS}


def _write(file: IO[str], table: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> int:
    position = 0
    for row in rows:
        if not row.get("id"):
            raise ValueError(f"a row for raw.{table} has no id: {sorted(row)}")
        if unknown := row.keys() - columns.keys():
            raise ValueError(f"raw.{table} has no column {', '.join(sorted(unknown))} (row {row['id']})")
        position += 1
        try:
            # Sorted keys: the same custom values always make the same text.
            file.write(json.dumps({**row, "_position": position}, default=_plain, sort_keys=True))
        except RecursionError:
            raise ValueError(f"a value of the row {row['id']} for raw.{table} is nested too deeply") from None
        file.write("\n")
    return position


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: rows for the lake carry aware datetimes")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written to the lake: {value!r}")
