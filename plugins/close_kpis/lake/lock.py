"""The one write lock of a lake."""

from __future__ import annotations

import time
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.lake.config import LakeConfig, LakeError, unreachable
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCK_TIMEOUT = 900.0
"""Seconds to wait for another writer of the lake."""

TOLD_EVERY = 60.0
"""Seconds of a wait after which the log tells of it, again and again."""

KEEPALIVES = {"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "15", "tcp_keepalives_count": "4"}
"""PostgreSQL ends the session of a machine that is gone after two minutes, and its lock; by default it looks after two
hours. Source: https://www.postgresql.org/docs/current/runtime-config-connection.html"""

log = logger(__name__)


@contextmanager
def write_lock(config: LakeConfig, patience: float | None = None) -> Iterator[Callable[[], None]]:
    """Hold the lake's one write lock: a file beside an SQLite catalog, an advisory lock in PostgreSQL.

    Args:
        config: the lake.
        patience: seconds to wait for another writer; None for `LOCK_TIMEOUT`.

    Yields:
        What raises LakeError where the lock was lost meanwhile; to be called before a commit.

    Raises:
        LakeError: another process does not let go of it, or the lake cannot be written.
    """
    seconds = LOCK_TIMEOUT if patience is None else patience
    if config.kind == "postgres":
        with _advisory_lock(config, seconds) as check_held:
            yield check_held
        return
    from filelock import FileLock, Timeout

    lock_file = f"{config.location}.lock"
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
        yield lambda: None
    finally:
        lock.release()


@contextmanager
def _advisory_lock(config: LakeConfig, seconds: float) -> Iterator[Callable[[], None]]:
    import psycopg2  # type: ignore[import-untyped]

    def check_held() -> None:
        try:
            with held.cursor() as cursor:
                cursor.execute("select 1")
        except psycopg2.Error:
            raise LakeError(
                "PostgreSQL has cut the connection that held the lake's write lock: another process may have written "
                "meanwhile, so nothing was stored; run the task again"
            ) from None

    try:
        held = psycopg2.connect(config.location, password=config.password)
    except psycopg2.OperationalError:
        raise LakeError(unreachable(config)) from None
    try:
        held.autocommit = True
        with held.cursor() as cursor:
            for name, value in KEEPALIVES.items():
                _set(cursor, name, value)
            _wait(cursor, zlib.crc32(b"close_kpis lake"), seconds)
        yield check_held
    finally:
        held.close()


def _wait(cursor: Any, key: int, seconds: float) -> None:
    """Wait for a lock, and tell the log who holds it."""
    import psycopg2

    deadline = time.monotonic() + seconds
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    while True:
        left = min(deadline - time.monotonic(), TOLD_EVERY)
        # 0 would wait without an end.
        _set(cursor, "lock_timeout", f"{max(1, round(left * 1000))}ms")
        try:
            cursor.execute("select pg_advisory_lock(%s)", (key,))
        except psycopg2.errors.LockNotAvailable:
            holder = _holder(cursor, key)
            if time.monotonic() >= deadline:
                raise LakeError(
                    f"another process has held the lake's write lock for {seconds:.0f} s: {holder}; see which task is "
                    "still writing to the lake"
                ) from None
            log.info("Waiting until %s UTC for the lake's write lock, held by %s", f"{until:%H:%M:%S}", holder)
        else:
            return


def _holder(cursor: Any, key: int) -> str:
    """Say which session of PostgreSQL holds the lock."""
    cursor.execute(
        "select pid, coalesce(host(client_addr), 'this machine'), to_char(backend_start, 'YYYY-MM-DD HH24:MI')"
        " from pg_locks inner join pg_stat_activity using (pid)"
        " where locktype = 'advisory' and granted and classid = 0 and objid::bigint = %s"
        " and datname = current_database()",
        (key,),
    )
    found = cursor.fetchone()
    return "process {} of {}, connected since {}".format(*found) if found else "a session that has just ended"


def _set(cursor: Any, name: str, value: str) -> None:
    cursor.execute("select set_config(%s, %s, false)", (name, value))
