"""The one write lock of a lake: who cannot wait gives up."""

from __future__ import annotations

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import pytest

from close_kpis.lake import lock
from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import connect, existing_tables, transaction
from close_kpis.lake.lock import write_lock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig


@pytest.fixture
def told_soon(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(lock, "TOLD_EVERY", 0.2)
    caplog.set_level(logging.INFO)


def hold(config: LakeConfig, patience: float | None) -> None:
    with write_lock(config, patience):
        pass


@pytest.mark.parametrize("kind", ["lake", "postgres_lake"])
def test_a_writer_with_little_patience_gives_up_and_another_one_waits(
    request: pytest.FixtureRequest, kind: str
) -> None:
    config: LakeConfig = request.getfixturevalue(kind)
    with ThreadPoolExecutor(1) as another:
        with write_lock(config):
            with pytest.raises(LakeError, match="another process has"):
                another.submit(hold, config, 0.2).result()
            waiting = another.submit(hold, config, None)
            time.sleep(0.5)
            assert not waiting.done()
        waiting.result()
    hold(config, 0.2)


@pytest.mark.postgres
@pytest.mark.usefixtures("told_soon")
def test_a_writer_that_waits_tells_for_whom_and_until_when(
    postgres_lake: LakeConfig, caplog: pytest.LogCaptureFixture
) -> None:
    told = r"Waiting until \d\d:\d\d:\d\d UTC for the lake's write lock, held by process \d+ of \S+, connected since 20"
    with ThreadPoolExecutor(1) as another:
        with write_lock(postgres_lake):
            waiting = another.submit(hold, postgres_lake, None)
            with pytest.raises(LakeError, match=r"write lock for 1 s: process \d+ of .*; see which task"):
                hold(postgres_lake, 1.0)
        waiting.result()
    assert len(re.findall(told, caplog.text)) >= 2


@pytest.mark.postgres
def test_a_transaction_whose_lock_was_lost_stores_nothing(postgres_lake: LakeConfig) -> None:
    """The machine that held the lock was taken for gone: another one may have written meanwhile."""

    def write(con: DuckDBPyConnection, *, is_cut: bool) -> None:
        with transaction(con, postgres_lake):
            con.execute("create table lake.raw.half (id integer)")
            if is_cut:
                end_sessions_with_a_lock(postgres_lake)

    with closing(connect(postgres_lake)) as con:
        with pytest.raises(LakeError, match="nothing was stored"):
            write(con, is_cut=True)
        assert "raw.half" not in existing_tables(con)
        write(con, is_cut=False)
        assert "raw.half" in existing_tables(con)


def end_sessions_with_a_lock(config: LakeConfig) -> None:
    with closing(psycopg2.connect(config.location)) as server, server.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_locks inner join pg_stat_activity using (pid)"
            " where locktype = 'advisory' and datname = current_database()"
        )
        assert cursor.fetchall() == [(True,)]
