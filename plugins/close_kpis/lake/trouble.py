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
        return f"the object store of the lake ({config.data_path}) {_store_said(config, text)}"
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


def _store_said(config: LakeConfig, text: str) -> str:
    """Say what is wrong with an object store, from the error of a request to it, and what mends it."""
    where = "of the lake's Airflow connection"
    if "NoSuchBucket" in text:
        bucket = config.data_path.removeprefix("s3://").partition("/")[0]
        return f"has no bucket {bucket}: create it, or correct the field `data_path` {where}"
    if any(sign in text for sign in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "HTTP 401", "HTTP 403")):
        return (
            f"refused the credentials: correct `s3_key_id` and `s3_secret` {where}, and let their owner list, read, "
            "write and delete the objects there"
        )
    if any(sign in text for sign in ("AuthorizationHeaderMalformed", "PermanentRedirect", "HTTP 301", "HTTP 307")):
        return f"is in another region or at another address: correct `s3_region` and `s3_endpoint` {where}"
    if any(sign in text for sign in ("Could not", "connect", "SSL", "resolve")):
        place = config.s3_endpoint or "AWS"
        return (
            f"did not answer at {place} {'with' if config.s3_use_ssl else 'without'} TLS: check that it is up, and "
            f"`s3_endpoint` and `s3_use_ssl` {where}"
        )
    return f"did not answer, or refused a request: check that it is up, and the s3_* fields {where}"
