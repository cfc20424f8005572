"""Reading a catalog that lies where nothing can be written."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

JOURNAL = "-wal"
"""What SQLite adds to a catalog's name for the file of commits that are not in it yet."""


def readable_catalog(con: DuckDBPyConnection, config: LakeConfig) -> str:
    """Return the catalog to attach for reading: a copy where SQLite could not open it, which goes with the connection.

    SQLite keeps what readers and writers tell each other in a file beside the database, also for readers only. Source:
    sqlite.org "Write-Ahead Logging", "Read-Only Databases".
    """
    catalog = Path(config.location)
    if config.kind != "sqlite" or os.access(catalog.parent, os.W_OK):
        return config.catalog
    folder = tempfile.TemporaryDirectory(prefix="close-kpis-catalog-", ignore_cleanup_errors=True)
    weakref.finalize(con, folder.cleanup)
    copy = Path(folder.name) / catalog.name
    for end in ("", JOURNAL):
        source = catalog.with_name(catalog.name + end)
        if source.exists():
            shutil.copyfile(source, copy.with_name(copy.name + end))
    return f"sqlite:{copy}"
