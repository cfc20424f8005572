"""The one write lock of a lake."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeConfig, LakeError, unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_TIMEOUT = 900.0
"""Seconds to wait for another writer of the lake."""


@contextmanager
def write_lock(config: LakeConfig, patience: float | None = None) -> Iterator[None]:
    """Hold the lake's one write lock: a file beside an SQLite catalog, an advisory lock in PostgreSQL.

    Args:
        config: the lake.
        patience: seconds to wait for another writer; None for `LOCK_TIMEOUT`, in PostgreSQL without an end.

    Raises:
        LakeError: another process does not let go of it, or the lake cannot be written.
    """
    if config.kind == "postgres":
        with _advisory_lock(config, patience):
            yield
        return
    from filelock import FileLock, Timeout

    lock_file = f"{config.location}.lock"
    seconds = LOCK_TIMEOUT if patience is None else patience
    lock = FileLock(lock_file, timeout=seconds)
    try:
        lock.acquire()
    except Timeout:
        raise LakeError(
            f"another process has held {lock_file} for {seconds:.0f} s: see which task is still writing to the lake"
        ) from None
    except OSError as error:
        raise LakeError(f"the lake at {config.location} cannot be written: {lock_file}: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(config: LakeConfig, patience: float | None) -> Iterator[None]:
    import psycopg2  # type: ignore[import-untyped]

    key = zlib.crc32(b"close_kpis lake")
    try:
        held = psycopg2.connect(config.location, password=config.password)
    except psycopg2.OperationalError:
        raise LakeError(unreachable(config)) from None
    try:
        held.autocommit = True
        with held.cursor() as cursor:
            if patience is not None:
                cursor.execute("select set_config('lock_timeout', %s, false)", (f"{patience * 1000:.0f}ms",))
            try:
                cursor.execute("select pg_advisory_lock(%s)", (key,))
            except psycopg2.errors.LockNotAvailable:
                raise LakeError(f"another process has written to the lake for {patience:.0f} s") from None
        yield
    finally:
        held.close()
