"""Attaching a lake to a DuckDB connection, and creating it on first use."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeConfig, LakeError, unreachable
from close_kpis.lake.lock import write_lock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

verified: set[str] = set()
"""The extensions whose signature this process has checked."""


def extensions(config: LakeConfig) -> list[str]:
    """Return the DuckDB extensions that a lake needs."""
    names = ["ducklake", "sqlite_scanner" if config.kind == "sqlite" else "postgres_scanner"]
    return [*names, "httpfs"] if config.data_path.startswith("s3://") else names


def load_extensions(con: DuckDBPyConnection, names: list[str]) -> None:
    """Load extensions from their wheels: nothing is downloaded."""
    import duckdb
    from duckdb_extensions import import_extension

    for name in names:
        try:
            con.load_extension(name)
        except duckdb.Error:
            # Not installed for this user yet.
            import_extension(name)
            con.load_extension(name)
        verified.add(name)


def create_secrets(con: DuckDBPyConnection, config: LakeConfig) -> None:
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


def attach_for_writing(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Attach, creating the lake when it is not there yet: one process at a time."""
    if config.kind == "sqlite":
        catalog = Path(config.location)
        catalog.parent.mkdir(parents=True, exist_ok=True)
        if not catalog.exists():
            with write_lock(config):
                if not catalog.exists():
                    _create_sqlite_lake(con, config)
                    return
        attach(con, config)
        return
    with write_lock(config):
        attach(con, config)


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
    attach(con, LakeConfig(f"sqlite:{part}", config.data_path))
    con.execute("detach lake")
    part.replace(catalog)
    attach(con, config)


def attach(con: DuckDBPyConnection, config: LakeConfig, *, read_only: bool = False) -> None:
    """Attach a lake as ``lake``.

    Raises:
        LakeError: it cannot be opened.
    """
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
            raise LakeError(unreachable(config)) from None
        raise LakeError(f"cannot open the lake {config.catalog}: {error}") from error


def _data_path(config: LakeConfig) -> str:
    path = config.data_path if "://" in config.data_path else str(Path(config.data_path).resolve())
    return path if path.endswith("/") else f"{path}/"


def _quoted(text: str) -> str:
    """Return a text as a literal: ATTACH and CREATE SECRET take no bound parameters."""
    return "'" + text.replace("'", "''") + "'"
