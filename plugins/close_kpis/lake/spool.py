"""Files in the machine's temporary folder: rows on their way into the lake, and what a killed task has left of them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOOL = "close-kpis-spool-"
FOLDERS = ("close-kpis-spill-", "close-kpis-doctor-")
"""Beginnings of the names of what this package keeps there: files of rows; what DuckDB has no memory for, lakes of a
doctor's preview."""

ABANDONED = 48 * 3600.0
"""Seconds without a change after which nobody uses a folder any more; a try of a task ends after a day."""


@contextmanager
def spool() -> Iterator[tuple[IO[str], str]]:
    """Open a file for rows, which goes at the end; yield it and its path.

    It is locked as long as it is written and read, so that another process knows whether its writer lives.
    """
    handle, path = _locked_file()
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file, path
    finally:
        Path(path).unlink(missing_ok=True)


def _locked_file() -> tuple[int, str]:
    while True:
        handle, path = tempfile.mkstemp(prefix=SPOOL, suffix=".jsonl")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, path
        # Another process took it for abandoned before it was locked.
        os.close(handle)


def spill_folder() -> str:
    """Return a folder of this connection's own for what DuckDB has no memory for; it is made when it is needed."""
    return str(Path(tempfile.gettempdir()) / f"{FOLDERS[0]}{os.getpid()}-{time.monotonic_ns()}")


def remove_abandoned() -> int:
    """Remove what killed tasks of this user have left in the temporary folder; return how many files and folders."""
    removed = 0
    for path in Path(tempfile.gettempdir()).glob("close-kpis-*"):
        with suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            if path.name.startswith(SPOOL):
                removed += _remove_unlocked(path)
            elif path.name.startswith(FOLDERS) and path.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(path)
                removed += 1
    return removed


def _remove_unlocked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink()
        return True
