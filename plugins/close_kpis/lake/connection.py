"""Opening the lake and committing to it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from close_kpis.lake import attachment
from close_kpis.lake.config import CommitConflictError, LakeConfig, NoCatalogError
from close_kpis.lake.creation import attach_or_create, create_anew, refuse_lost
from close_kpis.lake.lock import write_lock
from close_kpis.lake.memory import memory_limit
from close_kpis.lake.private import keep_private
from close_kpis.lake.spool import spill_folder
from close_kpis.lake.sql import raw_tables, statement, sync_tables
from close_kpis.lake.trouble import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

COMMIT_ATTEMPTS = 5
"""How often a unit of work is run when its commit meets another writer's."""

T = TypeVar("T")


def connect(config: LakeConfig, *, read_only: bool = False) -> DuckDBPyConnection:
    """Open the lake as the current database of a new DuckDB connection.

    The first use creates the lake, its schemas and the tables of ``include/sql/raw`` and
    ``include/sql/plumbing/sync_tables.sql``. Timestamps with time zone are shown in UTC. Queries run on one core:
    tasks run side by side, and handing a small query to several threads takes longer than the query (`take_cores`
    takes all of them for a large lake).

    Args:
        config: the lake.
        read_only: refuse writes, and do not create anything.

    Raises:
        NoCatalogError: there is no lake to read.
        LostCatalogError: the lake has lost its catalog.
        LostLakeError: the lake is gone, but there is a backup of it.
        LakeError: the lake cannot be opened, with the catalog's address and without its password.
    """
    con = _unattached(config)
    try:
        if read_only:
            _attach_to_read(con, config)
        else:
            attach_or_create(con, config)
        _set_up(con)
        if not read_only:
            _create_missing_tables(con, config)
    except BaseException:
        con.close()
        raise
    return con


@contextmanager
def opened(config: LakeConfig, *, read_only: bool = False) -> Iterator[DuckDBPyConnection]:
    """Open the lake for a piece of work, as `connect` does.

    Raises:
        LakeError: as `connect`, and where the work meets what the lake's disk, store, catalog, files or memory lack.
    """
    with explained(config), closing(connect(config, read_only=read_only)) as con:
        yield con


def create(config: LakeConfig, now: datetime) -> Path | None:
    """Create an empty lake, also where another one has lost its catalog.

    Args:
        config: the lake.
        now: told in the name of the folder in which the files of the one before are set aside.

    Returns:
        Where the files of the lake before lie now; None where there were none.

    Raises:
        LakeError: there is a lake, its files cannot be set aside, or it cannot be created.
    """
    with closing(_unattached(config)) as con:
        aside = create_anew(con, config, now)
        _set_up(con)
        _create_missing_tables(con, config)
    return aside


def _unattached(config: LakeConfig) -> DuckDBPyConnection:
    """Return a connection that knows what a lake needs, and no lake yet."""
    import duckdb

    extensions = attachment.extensions(config)
    # DuckDB checks the signatures of 70 MB of extensions each time it loads them; once a process is enough.
    is_verified = attachment.verified.issuperset(extensions)
    # What it spills is private, too.
    keep_private()
    con = duckdb.connect(
        config={
            "allow_unsigned_extensions": is_verified,
            "threads": 1,
            "temp_directory": spill_folder(),
            "memory_limit": f"{memory_limit(config.memory_limit)}B",
        }
    )
    try:
        attachment.load_extensions(con, extensions)
        attachment.create_secrets(con, config)
    except BaseException:
        con.close()
        raise
    return con


def _attach_to_read(con: DuckDBPyConnection, config: LakeConfig) -> None:
    try:
        attachment.attach(con, config, read_only=True)
    except NoCatalogError:
        refuse_lost(con, config)
        raise


def another(con: DuckDBPyConnection) -> DuckDBPyConnection:
    """Open a further connection to the lake of an open one, for transactions beside its own."""
    other = con.cursor()
    _set_up(other)
    return other


def _set_up(con: DuckDBPyConnection) -> None:
    con.execute("use lake")
    con.execute("set timezone = 'UTC'")


@contextmanager
def transaction(
    con: DuckDBPyConnection, config: LakeConfig, patience: float | None = None
) -> Iterator[DuckDBPyConnection]:
    """Begin, and commit at the end; roll back on any exception.

    Writers of one lake take turns: DuckLake lets two transactions append the same id to a table,
    and an SQLite catalog refuses the slower of two commits.

    Args:
        con: the connection to the lake.
        config: the lake.
        patience: seconds to wait for another writer, None for the usual time.

    Raises:
        CommitConflictError: another writer was faster; run the whole unit of work again.
        LakeError: a disk, the object store or the catalog failed; nothing was stored.
    """
    with write_lock(config, patience) as check_held, explained(config):
        con.execute("begin transaction")
        try:
            yield con
            check_held()
            _commit(con)
        except BaseException:
            _rollback(con)
            raise


def run_transaction(
    con: DuckDBPyConnection,
    config: LakeConfig,
    work: Callable[[DuckDBPyConnection], T],
    patience: float | None = None,
) -> T:
    """Run a unit of work in a transaction, again from the start when another writer was faster.

    Args:
        con: the connection to the lake.
        config: the lake.
        work: reads and writes through the connection; may run more than once.
        patience: seconds to wait for another writer, None for the usual time.

    Returns:
        What the work returned in the run that was committed.
    """
    import stamina

    for attempt in stamina.retry_context(on=CommitConflictError, attempts=COMMIT_ATTEMPTS, timeout=None):
        with attempt, transaction(con, config, patience):
            return work(con)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _commit(con: DuckDBPyConnection) -> None:
    import duckdb

    try:
        con.execute("commit")
    except duckdb.Error as error:
        if any(sign in str(error).lower() for sign in ("conflict", "locked", "could not serialize")):
            raise CommitConflictError(f"the lake's commit met another writer's: {error}") from error
        raise


def _rollback(con: DuckDBPyConnection) -> None:
    import duckdb

    try:
        con.execute("rollback")
    except duckdb.Error:
        # A commit that failed has already ended the transaction; a catalog that is gone has forgotten it.
        return


def _create_missing_tables(con: DuckDBPyConnection, config: LakeConfig) -> None:
    wanted = {f"raw.{name}": f"raw/{name}" for name in raw_tables()}
    wanted |= {f"sync.{name}": f"sync_tables.{name}" for name in sync_tables()}
    if wanted.keys() <= existing_tables(con):
        return
    with transaction(con, config):
        con.execute(statement("catalog.schemas"))
        for name in sorted(wanted.keys() - existing_tables(con)):
            con.execute(statement(wanted[name]))
        con.execute(statement("catalog.put_identity"))
    # Not possible for a schema of the same transaction.
    with transaction(con, config):
        con.execute(statement("maintenance.keep_in_files"))


def existing_tables(con: DuckDBPyConnection) -> set[str]:
    """Return the names of the lake's tables, as ``schema.table``."""
    return {name for (name,) in con.execute(statement("catalog.existing_tables")).fetchall()}
