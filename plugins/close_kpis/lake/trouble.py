"""What to say when a machine that the lake needs fails in the middle of work."""

from __future__ import annotations

import errno
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.lake.config import LakeConfig

AGAIN = "then clear the task: what a transaction had not committed was not stored"


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


def _what_happened(config: LakeConfig, error: Exception) -> str | None:
    import duckdb

    text = str(error)
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
    if config.kind == "postgres" and isinstance(error, duckdb.IOException | duckdb.TransactionException):
        return f"the connection to the lake's PostgreSQL catalog ({config.shown}) was lost: check that the server runs"
    return None
