"""What to say when a machine that the lake needs fails in the middle of work."""

from __future__ import annotations

import errno
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeError
from close_kpis.lake.memory import FOR_PYTHON, available, memory_limit, shown_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.lake.config import LakeConfig

AGAIN = "then clear the task: what a transaction had not committed was not stored"


_LACKING = re.compile(r'Cannot open file "([^"]+\.parquet)": No such file')
_DAMAGED = re.compile(r"'?([^\s'\"]+\.parquet)'?")


@contextmanager
def explained(config: LakeConfig) -> Iterator[None]:
    """Raise what goes wrong with the lake's disk, object store or catalog as an error that says what to do.

    Raises:
        LakeError: one of them failed.
    """
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        said = _what_happened(config, error)
        if said is None:
            raise
        raise LakeError(f"{said}, {AGAIN}") from None


def _enough(config: LakeConfig, limit: int) -> int:
    """Return the bytes to try next: for DuckDB a third of the data files or twice as much as now, and Python's.

    Measured: a million leads in 0.7 GB of files were computed with 400 MB.
    """
    files = Path(config.data_path).rglob("*.parquet") if "://" not in config.data_path else ()
    size = sum(path.stat().st_size for path in files)
    return (max(2 * limit, size // 3) + FOR_PYTHON) * 10 // 9


def _what_happened(config: LakeConfig, error: Exception) -> str | None:
    import duckdb

    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        limit = memory_limit(config.memory_limit)
        enough = shown_size(_enough(config, limit))
        return (
            f"there is not enough memory: DuckDB may take {shown_size(limit)} here, of {shown_size(available())} that "
            f"the container or the machine has, and this lake needs more. Give it {enough}, "
            "or more to DuckDB by the field `memory_limit` of the lake's Airflow connection, such as 2GB"
        )
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in text:
        return (
            "a disk is full: free space where the lake keeps its files "
            f"({config.data_path}), its catalog ({config.shown}) and temporary files ({tempfile.gettempdir()})"
        )
    if "://" in config.data_path and isinstance(error, duckdb.IOException | duckdb.HTTPException):
        return (
            f"the object store of the lake ({config.data_path}) did not answer, or refused a request: check that it is "
            "up, and the s3_* fields of the lake's Airflow connection"
        )
    if isinstance(error, duckdb.IOException) and (found := _LACKING.search(text)):
        return (
            f"a data file of the lake is missing: {found[1]}, which its catalog names. Put it back, from a copy of "
            f"{config.data_path}; if there is none: docs/security.md, Losing the lake"
        )
    if isinstance(error, duckdb.InvalidInputException | duckdb.IOException) and (found := _DAMAGED.search(text)):
        return (
            f"a data file of the lake is damaged: {found[1]}. Put it back from a copy of {config.data_path}; if there "
            "is none: docs/security.md, Losing the lake"
        )
    if config.kind == "postgres" and isinstance(error, duckdb.IOException | duckdb.TransactionException):
        return f"the connection to the lake's PostgreSQL catalog ({config.shown}) was lost: check that the server runs"
    return None
