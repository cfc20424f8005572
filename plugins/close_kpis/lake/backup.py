"""The backup of what nobody can compute again: what was published and sent, what it restated, the pipeline's past days.

Beside each release, publish and digest these tables are copied to Parquet files that lie outside the lake. A copy a
weekday is kept, and those of a lake before stay: a lake that is created anew has another id.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from close_kpis.lake.attachment import matching
from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import existing_tables, run_transaction
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

log = logger(__name__)

TABLES = {
    "publishes": "published.publishes",
    "kpi_values": "published.kpi_values",
    "restatements": "kpi.restatements",
    "computations": "kpi.computations",
    "pipeline_daily": "kpi.pipeline_daily",
    "digests": "published.digests",
}
"""What is copied: the name of its file, and the table."""

MADE = "made.parquet"
"""The file that tells what a copy holds; it is written last."""


@dataclass(frozen=True)
class Copy:
    """One copy of a lake's tables.

    Attributes:
        copy_id: its name, in each of its rows.
        lake_id: whose tables they are.
        made_at: when it was made.
        rows: how many of each table, by the name of its file.
        folder: where it lies, with its last slash.
    """

    copy_id: str
    lake_id: str
    made_at: datetime
    rows: dict[str, int]
    folder: str


def back_up(con: DuckDBPyConnection, lake: LakeConfig, now: datetime) -> None:
    """Copy the tables that nobody can compute again; a copy of the same weekday is replaced.

    A copy that fails is logged: numbers that have been published stay published.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        now: when.
    """
    import duckdb

    try:
        _copy(con, lake, now)
    except (duckdb.Error, OSError) as error:
        log.error("What was published was not backed up to %s: %s", lake.backup_folder, error)


def _copy(con: DuckDBPyConnection, lake: LakeConfig, now: datetime) -> None:
    con.execute("begin transaction")
    try:
        there = existing_tables(con)
        [(lake_id,)] = con.execute(statement("backup.lake_id")).fetchall()
        folder, copy_id = f"{lake.backup_folder}{lake_id}/{now:%A}/".lower(), uuid4().hex
        if "://" not in folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        rows = {}
        for name, table in TABLES.items():
            if table in there:
                values = {"copy_id": copy_id, "path": f"{folder}{name}.parquet"}
                [(rows[name],)] = con.execute(statement(f"backup.{name}"), values).fetchall()
        told = {"tables": [*rows], "rows": [*rows.values()], "lake_id": lake_id, "made_at": now}
        con.execute(statement("backup.made"), {**told, "copy_id": copy_id, "path": folder + MADE})
    finally:
        con.execute("rollback")


def restore(con: DuckDBPyConnection, lake: LakeConfig, *, folder: str | None = None, replaces: bool = False) -> Copy:
    """Bring back what was published, from the newest whole copy of the lake before, in one transaction.

    Args:
        con: a connection to the lake.
        lake: the lake, which has published nothing.
        folder: the copy to read, of whichever lake; None for the newest whole one of another lake.
        replaces: what it has published since is given up for it.

    Returns:
        The copy that was read.

    Raises:
        LakeError: there is no whole copy, or this lake has published.
    """
    [(lake_id,)] = con.execute(statement("backup.lake_id")).fetchall()
    copies = _copies(con, lake.backup_folder, "*/*/") if folder is None else _copies(con, folder)
    wanted = [copy for copy in copies if folder is not None or copy.lake_id != lake_id]
    newest_first = sorted(wanted, key=lambda copy: copy.made_at, reverse=True)
    copy = next((copy for copy in newest_first if _is_whole(con, copy)), None)
    if copy is None and folder is not None:
        raise LakeError(f"there is no whole backup in {folder}: name the folder of a weekday")
    if copy is None:
        raise LakeError(
            f"there is no whole backup of another lake in {lake.backup_folder}: put its folder there, or say where it "
            "is in the field `backup_path` of the lake's Airflow connection"
        )
    run_transaction(con, lake, lambda con: _restore(con, copy, replaces=replaces))
    return copy


def _copies(con: DuckDBPyConnection, folder: str, below: str = "") -> list[Copy]:
    """Return the copies in a folder or in those below it, whole or not."""
    import duckdb

    copies = []
    for path in matching(con, folder, below + MADE):
        try:
            contents = con.execute(statement("backup.contents"), {"path": path}).fetchall()
        except duckdb.Error as error:
            log.warning("%s cannot be read: %s", path, error)
            continue
        for copy_id, lake_id, made_at, *_ in contents[:1]:
            rows = {table: number for *_, table, number in contents if table in TABLES}
            copies.append(Copy(copy_id, lake_id, made_at, rows, path.removesuffix(MADE)))
    return copies


def _is_whole(con: DuckDBPyConnection, copy: Copy) -> bool:
    """Say whether all files of a copy are there, readable, and of one moment."""
    import duckdb

    for name, rows in copy.rows.items():
        path = f"{copy.folder}{name}.parquet"
        try:
            found = con.execute(statement("backup.rows_of"), {"copy_id": copy.copy_id, "path": path}).fetchall()
        except duckdb.Error as error:
            log.warning("%s cannot be read: %s", path, error)
            return False
        if found != [(rows, 0)]:
            log.warning("%s is not what %s%s tells of: an older copy is taken", path, copy.folder, MADE)
            return False
    return True


def _restore(con: DuckDBPyConnection, copy: Copy, *, replaces: bool) -> None:
    for name in ("publishes", "kpi_values", "restatements"):
        con.execute(statement(f"publishing.{name}"))
    con.execute(statement("release.computations"))
    con.execute(statement("digest.digests"))
    [(publishes,)] = con.execute(statement("backup.published_before")).fetchall()
    if publishes and not replaces:
        raise LakeError(
            f"this lake has published {publishes} time(s) itself: nothing was changed. With --replace that is given up "
            "for the backup; the next publish lists under Changes what has changed since the last one in the backup"
        )
    con.execute(statement("backup.forget_published"))
    for name in copy.rows:
        is_all = name == "pipeline_daily" and TABLES[name] not in existing_tables(con)
        values = {"path": f"{copy.folder}{name}.parquet"}
        con.execute(statement(f"backup.restore_{'all_' if is_all else ''}{name}"), values)
