"""The weekly care of a lake: after ten years it has no more files and snapshots than after two months.

Each step holds the lake's write lock for itself, so that syncs, computations and publishes take turns with it, and is
one transaction or can be repeated: whoever is killed in between leaves a lake that the next run goes on with.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from close_kpis.lake.cleaning import clean_up
from close_kpis.lake.connection import connect, existing_tables, run_transaction
from close_kpis.lake.lock import write_lock
from close_kpis.lake.sql import growing_tables, statement
from close_kpis.lake.trouble import explained
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

log = logger(__name__)

AUTHOR = "lake_maintenance"
"""Who signs the commits that write tables anew; readers of the change feed pass them over."""

FEW, MANY = 8, 64
"""Files from which on a small and a large table are written anew."""

SMALL = 64 * 2**20
"""Bytes up to which a table counts as small."""

BATCH = 500
"""Snapshots that are expired in one transaction."""

_NEEDS = {
    "complete": {"sync.complete"},
    "released": {"kpi.computations"},
    "published": {"published.publishes", "kpi.computations"},
    "candidate": {"candidate.computation"},
}
"""Who reads old snapshots, and the tables that tell which."""


@dataclass(frozen=True)
class Maintenance:
    """What the care of a lake did.

    Attributes:
        tables: those written anew, as ``schema.table``.
        snapshots: how many expired.
        files: how many were deleted.
        snapshots_left: how many the lake has.
        files_left: how many files its catalog tells of, those that wait for their deletion among them.
    """

    tables: tuple[str, ...]
    snapshots: int
    files: int
    snapshots_left: int
    files_left: int


def maintain(lake: LakeConfig, *, now: datetime, grace: timedelta) -> Maintenance:
    """Write tables of many small files anew, expire old snapshots, delete files that nobody can read any more.

    Kept are the snapshots of the last `LakeConfig.keep_days`, and whatever their age those that somebody may still ask
    for: of the newest complete state, of the numbers that readers see, of the last publish, and all later ones.

    Args:
        lake: the lake.
        now: the present instant (UTC).
        grace: how long a reader may take: what somebody could read so long ago is left.

    Raises:
        NoCatalogError: there is no lake.
        LakeError: another process holds the lake, or a disk, the object store or the catalog failed.
    """
    connect(lake, read_only=True).close()
    with closing(connect(lake)) as con, explained(lake):
        clean_up(con, lake)
        run_transaction(con, lake, _keep_in_files)
        tables = tuple(_rewrite_worn(con, lake))
        snapshots = _expire(con, lake, now, grace)
        files = _delete_files(con, lake, now - grace)
        [(snapshots_left, files_left)] = con.execute(statement("maintenance.size")).fetchall()
    done = Maintenance(tables, snapshots, files, snapshots_left, files_left)
    log.info(
        "%d table(s) written anew, %d snapshot(s) expired, %d file(s) deleted; %d snapshots and %d files are left",
        len(tables),
        snapshots,
        files,
        snapshots_left,
        files_left,
    )
    return done


def _keep_in_files(con: DuckDBPyConnection) -> None:
    """Do for a lake of an earlier version what its creation does now."""
    con.execute(statement("maintenance.keep_in_files"))


def _rewrite_worn(con: DuckDBPyConnection, lake: LakeConfig) -> Iterator[str]:
    values = {"author": AUTHOR, "few": FEW, "many": MANY, "small_bytes": SMALL}
    for schema, table, size in con.execute(statement("maintenance.worn"), values).fetchall():
        name = f"{schema}.{table}"
        if name in growing_tables():
            run_transaction(con, lake, partial(_rewrite, table=name))
            log.info("%s (%d bytes) was written anew", name, size)
            yield name


def _rewrite(con: DuckDBPyConnection, table: str) -> None:
    con.execute(statement("maintenance.sign"), {"author": AUTHOR})
    con.execute(statement("maintenance.rewrite", table))


def _expire(con: DuckDBPyConnection, lake: LakeConfig, now: datetime, grace: timedelta) -> int:
    """Expire snapshots, the oldest first; return how many."""
    before = now - max(timedelta(days=lake.keep_days), grace)
    needed = _oldest_needed(con, now - grace)
    values = {"before": before, "needed": needed}
    found = [number for (number,) in con.execute(statement("maintenance.expirable"), values).fetchall()]
    for batch in (found[start : start + BATCH] for start in range(0, len(found), BATCH)):
        run_transaction(con, lake, partial(_expire_batch, versions=batch))
    return len(found)


def _expire_batch(con: DuckDBPyConnection, versions: Sequence[int]) -> None:
    con.execute(statement("maintenance.expire"), {"versions": list(versions)})


def _oldest_needed(con: DuckDBPyConnection, before: datetime) -> int | None:
    """Return the oldest snapshot that somebody may still read who began after an instant; None where nobody does."""
    existing = existing_tables(con)
    needed = []
    for reader, tables in _NEEDS.items():
        if tables <= existing:
            values = {} if reader == "candidate" else {"before": before}
            needed += con.execute(statement(f"maintenance.needed_{reader}"), values).fetchall()
    return min((number for (number,) in needed if number is not None), default=None)


def _delete_files(con: DuckDBPyConnection, lake: LakeConfig, before: datetime) -> int:
    with write_lock(lake):
        return len(con.execute(statement("maintenance.delete_files"), {"before": before}).fetchall())
