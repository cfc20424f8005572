"""Opening the lake and committing to it."""

from __future__ import annotations

import re
import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from close_kpis.lake.sql import raw_tables, statement, sync_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

LOCK_TIMEOUT = 900.0
"""Seconds to wait for another writer of the lake."""

COMMIT_ATTEMPTS = 5
"""How often a unit of work is run when its commit meets another writer's."""

_verified: set[str] = set()
"""The extensions whose signature this process has checked."""

T = TypeVar("T")


class LakeError(RuntimeError):
    """The lake cannot be opened or written."""


class CommitConflictError(LakeError):
    """Another writer was faster; the unit of work can be run again."""


@dataclass(frozen=True)
class LakeConfig:
    """Where a lake is and how to get in.

    Attributes:
        catalog: ``sqlite:<file>`` or ``postgres:<libpq connection string without the password>``.
        data_path: the folder of the Parquet files, or ``s3://bucket/prefix``.
        password: of the PostgreSQL catalog.
        s3_key_id: access key of the object store; None takes the machine's own credentials.
        s3_secret: its secret.
        s3_endpoint: ``host:port`` of an S3-compatible store, None for AWS.
        s3_region: region of the bucket.
        s3_url_style: ``vhost`` or ``path``.
        s3_use_ssl: False for a store without TLS.
    """

    catalog: str
    data_path: str
    password: str | None = field(default=None, repr=False)
    s3_key_id: str | None = None
    s3_secret: str | None = field(default=None, repr=False)
    s3_endpoint: str | None = None
    s3_region: str | None = None
    s3_url_style: str | None = None
    s3_use_ssl: bool = True

    def __post_init__(self) -> None:
        """Check the catalog's kind."""
        if self.kind not in {"sqlite", "postgres"} or not self.location:
            raise LakeError(
                f"lake catalog {self.shown!r} is neither sqlite:<file> nor postgres:<connection string>: "
                "correct the field `catalog` in the extra of the lake's Airflow connection"
            )

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgres``."""
        return self.catalog.partition(":")[0]

    @property
    def location(self) -> str:
        """The catalog file, or the libpq connection string."""
        return self.catalog.partition(":")[2]

    @property
    def shown(self) -> str:
        """The catalog as it may be shown: a password in it is left out."""
        return re.sub(r"password\s*=\s*('[^']*'|\S+)|(?<=:)[^:/@]+(?=@)", "***", self.catalog)


def connect(config: LakeConfig, *, read_only: bool = False) -> DuckDBPyConnection:
    """Open the lake as the current database of a new DuckDB connection.

    The first use creates the lake, its schemas and the tables of ``include/sql/raw`` and
    ``include/sql/sync/tables``. Timestamps with time zone are shown in UTC.

    Args:
        config: the lake.
        read_only: refuse writes, and do not create anything.

    Raises:
        LakeError: the lake cannot be opened, with the catalog's address and without its password.
    """
    import duckdb

    extensions = _extensions(config)
    # DuckDB checks the signatures of 70 MB of extensions each time it loads them; once a process is enough.
    con = duckdb.connect(config={"allow_unsigned_extensions": _verified.issuperset(extensions)})
    try:
        _load_extensions(con, extensions)
        _create_secrets(con, config)
        if read_only:
            _attach(con, config, read_only=True)
        else:
            _attach_for_writing(con, config)
        con.execute("use lake")
        con.execute("set timezone = 'UTC'")
        if not read_only:
            _create_missing_tables(con, config)
    except BaseException:
        con.close()
        raise
    return con


@contextmanager
def transaction(con: DuckDBPyConnection, config: LakeConfig) -> Iterator[DuckDBPyConnection]:
    """Begin, and commit at the end; roll back on any exception.

    Writers of one lake take turns: DuckLake lets two transactions append the same id to a table,
    and an SQLite catalog refuses the slower of two commits.

    Raises:
        CommitConflictError: another writer was faster; run the whole unit of work again.
    """
    with write_lock(config):
        con.execute("begin transaction")
        try:
            yield con
            _commit(con)
        except BaseException:
            _rollback(con)
            raise


def run_transaction(con: DuckDBPyConnection, config: LakeConfig, work: Callable[[DuckDBPyConnection], T]) -> T:
    """Run a unit of work in a transaction, again from the start when another writer was faster.

    Args:
        con: the connection to the lake.
        config: the lake.
        work: reads and writes through the connection; may run more than once.

    Returns:
        What the work returned in the run that was committed.
    """
    import stamina

    for attempt in stamina.retry_context(on=CommitConflictError, attempts=COMMIT_ATTEMPTS, timeout=None):
        with attempt, transaction(con, config):
            return work(con)
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def write_lock(config: LakeConfig) -> Iterator[None]:
    """Hold the lake's one write lock: a file beside an SQLite catalog, an advisory lock in PostgreSQL."""
    if config.kind == "postgres":
        with _advisory_lock(config):
            yield
        return
    from filelock import FileLock, Timeout

    lock_file = f"{config.location}.lock"
    try:
        with FileLock(lock_file, timeout=LOCK_TIMEOUT):
            yield
    except Timeout:
        raise LakeError(
            f"another process has held {lock_file} for {LOCK_TIMEOUT:.0f} s: "
            "see which task is still writing to the lake"
        ) from None


@contextmanager
def _advisory_lock(config: LakeConfig) -> Iterator[None]:
    import psycopg2  # type: ignore[import-untyped]

    key = zlib.crc32(b"close_kpis lake")
    try:
        held = psycopg2.connect(config.location, password=config.password)
    except psycopg2.OperationalError:
        raise LakeError(_unreachable(config)) from None
    try:
        held.autocommit = True
        with held.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", (key,))
        yield
    finally:
        held.close()


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
    except duckdb.TransactionException:
        # A commit that failed has already ended the transaction.
        return


def _extensions(config: LakeConfig) -> list[str]:
    names = ["ducklake", "sqlite_scanner" if config.kind == "sqlite" else "postgres_scanner"]
    return [*names, "httpfs"] if config.data_path.startswith("s3://") else names


def _load_extensions(con: DuckDBPyConnection, names: list[str]) -> None:
    import duckdb
    from duckdb_extensions import import_extension

    for name in names:
        try:
            con.load_extension(name)
        except duckdb.Error:
            # Not installed for this user yet: the wheel brings it, nothing is downloaded.
            import_extension(name)
            con.load_extension(name)
        _verified.add(name)


def _create_secrets(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Put credentials into DuckDB's secrets, where no error message or catalog shows them."""
    if config.kind == "postgres" and config.password:
        _run_privately(con, f"create secret lake_catalog (type postgres, password {_quoted(config.password)})")
    if not config.data_path.startswith("s3://"):
        return
    options = {
        "key_id": config.s3_key_id,
        "secret": config.s3_secret,
        "endpoint": config.s3_endpoint,
        "region": config.s3_region,
        "url_style": config.s3_url_style,
    }
    given = [f"{name} {_quoted(value)}" for name, value in options.items() if value]
    given.append(f"use_ssl {str(config.s3_use_ssl).lower()}")
    _run_privately(con, f"create secret lake_store (type s3, {', '.join(given)})")


def _run_privately(con: DuckDBPyConnection, command: str) -> None:
    import duckdb

    try:
        con.execute(command)
    except duckdb.Error:
        raise LakeError(
            "DuckDB refused the lake's credentials: check the password and the s3_* fields of the lake's "
            "Airflow connection"
        ) from None


def _attach_for_writing(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Attach, creating the lake when it is not there yet: one process at a time."""
    if config.kind == "sqlite":
        catalog = Path(config.location)
        catalog.parent.mkdir(parents=True, exist_ok=True)
        if not catalog.exists():
            with write_lock(config):
                if not catalog.exists():
                    _create_sqlite_lake(con, config)
                    return
        _attach(con, config)
        return
    with write_lock(config):
        _attach(con, config)


def _create_sqlite_lake(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Create the catalog beside its final place, so that nobody ever opens half of one."""
    catalog = Path(config.location)
    if "://" not in config.data_path:
        Path(config.data_path).mkdir(parents=True, exist_ok=True)
    part = catalog.with_name(f"{catalog.name}.part")
    part.unlink(missing_ok=True)
    with sqlite3.connect(part) as empty:
        # Readers do not block the writer in this mode; it stays with the file.
        empty.execute("pragma journal_mode = wal")
    empty.close()
    _attach(con, LakeConfig(f"sqlite:{part}", config.data_path))
    con.execute("detach lake")
    part.replace(catalog)
    _attach(con, config)


def _attach(con: DuckDBPyConnection, config: LakeConfig, *, read_only: bool = False) -> None:
    import duckdb

    if read_only and config.kind == "sqlite" and not Path(config.location).exists():
        raise LakeError(f"there is no lake at {config.location} yet: run the DAG close_sync first")
    options = [f"data_path {_quoted(_data_path(config))}"]
    if config.kind == "postgres" and config.password:
        options.append("meta_secret 'lake_catalog'")
    if read_only:
        options.append("read_only")
    source = _quoted(f"ducklake:{config.catalog}")
    try:
        con.execute(f"attach {source} as lake ({', '.join(options)})")
    except duckdb.Error as error:
        if config.kind == "postgres":
            raise LakeError(_unreachable(config)) from None
        raise LakeError(f"cannot open the lake {config.catalog}: {error}") from error


def _data_path(config: LakeConfig) -> str:
    path = config.data_path if "://" in config.data_path else str(Path(config.data_path).resolve())
    return path if path.endswith("/") else f"{path}/"


def _create_missing_tables(con: DuckDBPyConnection, config: LakeConfig) -> None:
    wanted = {f"raw.{name}": f"raw/{name}" for name in raw_tables()}
    wanted |= {f"sync.{name}": f"sync/tables/{name}" for name in sync_tables()}
    if wanted.keys() <= _existing_tables(con):
        return
    with transaction(con, config):
        con.execute(statement("sync/schemas"))
        for name in sorted(wanted.keys() - _existing_tables(con)):
            con.execute(statement(wanted[name]))


def _existing_tables(con: DuckDBPyConnection) -> set[str]:
    return {name for (name,) in con.execute(statement("sync/existing_tables")).fetchall()}


def _unreachable(config: LakeConfig) -> str:
    return (
        f"cannot open the lake's PostgreSQL catalog ({config.shown}): check that the server runs, that the "
        "database exists, and the password of the lake's Airflow connection"
    )


def _quoted(text: str) -> str:
    """Return a text as a literal: ATTACH and CREATE SECRET take no bound parameters."""
    return "'" + text.replace("'", "''") + "'"
