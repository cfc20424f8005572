"""Removing what killed and failed tasks have left: data files that were never committed, temporary files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeError
from close_kpis.lake.lock import write_lock
from close_kpis.lake.spool import remove_abandoned
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

log = logger(__name__)

ORPHAN_AGE = timedelta(hours=6)
"""A data file that no commit tells of is left alone for so long. The pipeline's own writers hold the lake's lock from
their first file to their commit; whoever writes with SQL of their own does not."""


def clean_up(con: DuckDBPyConnection, lake: LakeConfig) -> None:
    """Remove what killed and failed tasks have left. What cannot be removed is logged, and stops nobody.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
    """
    import duckdb

    try:
        files, orphans = remove_abandoned(), remove_orphans(con, lake)
    except (duckdb.Error, LakeError, OSError) as error:
        log.warning("What failed tasks have left in %s was not cleaned up: %s", lake.data_path, error)
        return
    if files or orphans:
        log.info("Removed what failed tasks had left: %d data file(s), %d temporary file(s)", orphans, files)


def remove_orphans(con: DuckDBPyConnection, lake: LakeConfig) -> int:
    """Delete data files that were written and never committed, `ORPHAN_AGE` and more ago; return how many.

    Nothing is deleted where a file is not plainly this lake's own: one that its catalog knows under another path, or
    that is older than the lake or called otherwise, says that the data path is not what it is taken for.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
    """
    before = datetime.now(UTC) - ORPHAN_AGE
    if not _orphans(con, lake, before):
        return 0
    with write_lock(lake):
        # A writer may have committed some of them meanwhile.
        if not _orphans(con, lake, before):
            return 0
        return len(con.execute(statement("cleaning.delete_orphans"), {"before": before}).fetchall())


def _orphans(con: DuckDBPyConnection, lake: LakeConfig, before: datetime) -> int:
    """Return how many files are to be deleted: none where any of them must not be."""
    [(created_at,)] = con.execute(statement("cleaning.created_at")).fetchall()
    found = con.execute(statement("cleaning.orphans"), {"before": before, "created_at": created_at}).fetchall()
    doubtful = [path for path, is_known, is_foreign in found if is_known or is_foreign]
    if doubtful:
        log.warning(
            "%d file(s) in %s are none that this lake has failed to commit, such as %s: another lake's, for "
            "example. Nothing is cleaned up there until they are moved elsewhere",
            len(doubtful),
            lake.data_path,
            doubtful[0],
        )
        return 0
    return len(found)
