"""Creating a lake: on first use, and never in place of one that has lost its catalog."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.attachment import attach, data_folder, matching
from close_kpis.lake.config import LakeConfig, LakeError, LostCatalogError, LostLakeError, NoCatalogError
from close_kpis.lake.lock import write_lock
from close_kpis.lake.trouble import explained

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

DATA_FILE = ".parquet"


def attach_or_create(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Attach a lake for writing, and create it where nothing is there yet: one process at a time.

    Raises:
        LostCatalogError: there is no catalog, but there are data files.
        LostLakeError: there is neither, but a backup.
        LakeError: it can be neither opened nor created.
    """
    try:
        attach(con, config)
    except NoCatalogError:
        _make_folders(config)
        with write_lock(config):
            try:
                # Another process may have created it since.
                attach(con, config)
            except NoCatalogError:
                refuse_lost(con, config)
                _create(con, config)


def refuse_lost(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Refuse to take the place of a catalog for a new one where the files of a lake lie.

    Args:
        con: a connection with the lake's credentials.
        config: a lake without a catalog.

    Raises:
        LostCatalogError: there are data files.
        LostLakeError: there are none, but a backup.
        LakeError: the object store did not answer.
    """
    if files := count_files(con, config):
        raise LostCatalogError(config, files, data_folder(config))
    with explained(config):
        if matching(con, config.backup_folder, f"*/*/*{DATA_FILE}"):
            raise LostLakeError(config)


def count_files(con: DuckDBPyConnection, config: LakeConfig) -> int:
    """Return how many data files lie where the lake's belong, whichever lake they are of."""
    if "://" not in config.data_path:
        return sum(name.endswith(DATA_FILE) for *_, names in os.walk(config.data_path) for name in names)
    with explained(config):
        return len(matching(con, config.data_path, f"**/*{DATA_FILE}"))


def create_anew(con: DuckDBPyConnection, config: LakeConfig, now: datetime) -> Path | None:
    """Create an empty lake where one has lost its catalog, and attach it; the files of the one before are set aside.

    Args:
        con: a connection with the lake's credentials.
        config: the lake.
        now: told in the name of the folder that holds the files before.

    Returns:
        Where the files of the lake before lie now; None where there were none.

    Raises:
        LakeError: there is a lake, its files cannot be set aside, or it cannot be created.
    """
    _make_folders(config)
    with write_lock(config):
        try:
            attach(con, config)
        except NoCatalogError:
            aside = _set_aside(config, now) if count_files(con, config) else None
            _make_folders(config)
            _create(con, config)
            return aside
    raise LakeError(f"there is a lake at {config.place} already: nothing was changed")


def _set_aside(config: LakeConfig, now: datetime) -> Path:
    if "://" in config.data_path:
        raise LakeError(
            f"there are data files in {config.data_path}, and objects of a store cannot be set aside: put an empty "
            "prefix into the field `data_path` of the lake's Airflow connection, then run this again"
        )
    folder = Path(config.data_path).resolve()
    try:
        return folder.rename(folder.with_name(f"{folder.name}-lost-{now:%Y%m%dT%H%M%S}"))
    except OSError as error:
        raise LakeError(
            f"{folder} cannot be renamed ({error.strerror}): move the data files in it elsewhere, then run this again"
        ) from None


def _make_folders(config: LakeConfig) -> None:
    """Make the folders that a new lake lies in.

    Raises:
        LakeError: they cannot be made.
    """
    folders = [Path(config.location).parent] if config.kind == "sqlite" else []
    folders += [Path(config.data_path)] if "://" not in config.data_path else []
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LakeError(f"there is no lake at {config.place}, and none can be made: {error}") from None


def _create(con: DuckDBPyConnection, config: LakeConfig) -> None:
    if config.kind == "sqlite":
        _create_sqlite_catalog(con, config)
    attach(con, config, creates=config.kind != "sqlite")


def _create_sqlite_catalog(con: DuckDBPyConnection, config: LakeConfig) -> None:
    """Create the catalog beside its final place, so that nobody ever opens half of one."""
    catalog = Path(config.location)
    part = catalog.with_name(f"{catalog.name}.part")
    part.unlink(missing_ok=True)
    with sqlite3.connect(part) as empty:
        # Readers do not block the writer in this mode; it stays with the file.
        empty.execute("pragma journal_mode = wal")
    empty.close()
    attach(con, replace(config, catalog=f"sqlite:{part}"), creates=True)
    con.execute("detach lake")
    for end in ("-wal", "-shm"):
        # SQLite would take the commits of a catalog that is gone into this one.
        catalog.with_name(f"{catalog.name}{end}").unlink(missing_ok=True)
    part.replace(catalog)
