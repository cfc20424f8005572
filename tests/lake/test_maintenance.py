"""Maintenance makes a lake small and loses nothing: not to readers, not to earlier snapshots, not when it is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.lake_years import Company, digest, pass_days
from close_kpis.close.registry import stream_names
from close_kpis.lake import maintenance
from close_kpis.lake.config import LakeConfig, LakeError, NoCatalogError
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.lock import write_lock
from close_kpis.lake.maintenance import maintain
from close_kpis.lake.sql import statement
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

GRACE = timedelta(days=2)
DAYS = 9

KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from close_kpis.lake import connection, maintenance
from close_kpis.lake.config import LakeConfig

class Killed:
    def __init__(self, con, left):
        self.con, self.left = con, left
    def __getattr__(self, name):
        return getattr(self.con, name)
    def execute(self, *args):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return self.con.execute(*args)

opened = maintenance.connect
def connect(lake, read_only=False):
    con = opened(lake, read_only=read_only)
    return con if read_only else Killed(con, int(sys.argv[3]))
maintenance.connect = connect
config = LakeConfig(*sys.argv[1:3], keep_days=1)
maintenance.maintain(config, now=datetime.now(UTC) + timedelta(days=9), grace=timedelta(days=2))
"""
"""Maintains a lake, and is killed before its statement number argv[3]."""


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A lake into which a sync wrote every day."""
    with pytest.MonkeyPatch.context() as patch:
        # What a day sets is taken back with the patch.
        patch.setenv("CLOSE_KPIS_AS_OF", "2025-07-01")
        company = Company(tmp_path_factory.mktemp("synced"), leads=40)
        for _ in range(DAYS):
            company.sync_a_day()
            company.pass_days()
        yield company


@pytest.fixture
def worn(synced: Company, tmp_path: Path) -> LakeConfig:
    """A copy of the lake."""
    folder = tmp_path / "lake"
    shutil.copytree(Path(synced.lake.location).parent, folder)
    lake = LakeConfig(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data", keep_days=5)
    connect(lake).close()
    return lake


def seen(lake: LakeConfig) -> dict[str, str]:
    with closing(connect(lake, read_only=True)) as con:
        return digest(con)


def snapshots(con: DuckDBPyConnection) -> list[int]:
    return [
        number for (number,) in con.execute("select snapshot_id from ducklake_snapshots('lake') order by 1").fetchall()
    ]


def data_files(lake: LakeConfig) -> set[Path]:
    return {*Path(lake.data_path).rglob("*.parquet")}


def complete(lake: LakeConfig) -> None:
    """Let the next computation read the lake as it is now."""
    with closing(connect(lake)) as con, transaction(con, lake):
        values = {"streams": list(stream_names()), "recorded_at": datetime(2025, 8, 1, tzinfo=UTC)}
        con.execute(statement("bookmarks.put_complete"), values)


def care(lake: LakeConfig) -> maintenance.Maintenance:
    return maintain(lake, now=datetime.now(UTC), grace=GRACE)


def test_lake_becomes_small_and_reads_as_before(worn: LakeConfig) -> None:
    before, many = seen(worn), len(data_files(worn))
    done = care(worn)
    assert {"raw.leads", "raw.calls", "raw.opportunities"} <= {*done.tables}
    assert done.snapshots > 0
    complete(worn)
    pass_days(worn, 8)
    later = care(worn)
    assert later.tables == ()
    pass_days(worn, 3)
    last = care(worn)
    assert last.files > many / 2
    assert len(data_files(worn)) == last.files_left < many / 4
    assert seen(worn) == before


def test_second_run_finds_nothing_to_do(worn: LakeConfig) -> None:
    care(worn)
    done = care(worn)
    assert (done.tables, done.snapshots, done.files) == ((), 0, 0)


def test_what_a_young_snapshot_says_stays(worn: LakeConfig) -> None:
    """The last five days are read as they were, and the change feed passes over what maintenance has written."""
    reads = "from lake.raw.leads at (version => {}) order by all"
    feed = """
        select * exclude (rowid) from ducklake_table_changes('lake', 'raw', 'leads', {}, {})
        where snapshot_id not in (select snapshot_id from ducklake_snapshots('lake') where author = 'lake_maintenance')
        order by all
    """
    with closing(connect(worn)) as con:
        known = snapshots(con)
        young = [
            n
            for (n,) in con.execute(
                "select snapshot_id from ducklake_snapshots('lake') "
                "where snapshot_time > now() - interval 5 day order by snapshot_id"
            ).fetchall()
        ]
        then = {number: con.execute(reads.format(number)).fetchall() for number in young}
        fed = con.execute(feed.format(young[0], young[-1])).fetchall()
    care(worn)
    with closing(connect(worn)) as con:
        left = snapshots(con)
        assert known[0] not in left
        assert {number: con.execute(reads.format(number)).fetchall() for number in young} == then
        assert con.execute(feed.format(young[0], left[-1])).fetchall() == fed
    assert fed


def test_what_the_next_computation_reads_is_kept_however_old(worn: LakeConfig) -> None:
    pass_days(worn, 400)
    with closing(connect(worn)) as con:
        [(complete,)] = con.execute("select max(snapshot_id) from sync.complete").fetchall()
        read = con.execute(f"from lake.raw.leads at (version => {complete}) order by all").fetchall()
    care(worn)
    pass_days(worn, 400)
    care(worn)
    with closing(connect(worn)) as con:
        assert snapshots(con)[0] == complete
        assert con.execute(f"from lake.raw.leads at (version => {complete}) order by all").fetchall() == read


def test_reader_under_way_reads_on(worn: LakeConfig) -> None:
    """Its files are deleted once nobody can have been reading for so long."""
    with closing(connect(worn, read_only=True)) as reader:
        reader.execute("begin transaction")
        scan = reader.execute("from lake.raw.calls order by all")
        first = scan.fetchmany(3)
        care(worn)
        again = reader.execute("from lake.raw.calls order by all").fetchall()
        assert again[:3] == first
        assert len(again) == DAYS * 25


def test_file_that_is_gone_already_stops_nobody(worn: LakeConfig) -> None:
    """A run that was killed while it deleted files has deleted some that the catalog still notes."""
    before = seen(worn)
    care(worn)
    complete(worn)
    pass_days(worn, 8)
    care(worn)
    with closing(connect(worn)) as con:
        noted = con.execute(
            "select path from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion"
        ).fetchall()
    assert len(noted) > 10
    for (path,) in noted[::2]:
        next(Path(worn.data_path).rglob(Path(path).name)).unlink()
    pass_days(worn, 3)
    assert care(worn).files > 0
    with closing(connect(worn)) as con:
        assert con.execute("from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion").fetchall() == []
    assert seen(worn) == before


@pytest.mark.slow
def test_killed_before_any_statement_it_loses_nothing(worn: LakeConfig) -> None:
    before = seen(worn)
    for number in range(1000):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, worn.catalog, worn.data_path, str(number)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
            check=False,
        )
        assert seen(worn) == before, f"killed before statement {number}"
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    # Looking, then each table, snapshots, files.
    assert number > 10


def test_it_waits_for_a_writer(worn: LakeConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("close_kpis.lake.lock.LOCK_TIMEOUT", 0.2)
    before = data_files(worn)
    with write_lock(worn), pytest.raises(LakeError, match="another process has held"):
        care(worn)
    assert data_files(worn) == before


def test_lake_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    lake = LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", f"{tmp_path}/lake/data")
    with pytest.raises(NoCatalogError):
        care(lake)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("number", [0, 1])
def test_new_lake_stays_as_it_is(lake: LakeConfig, number: int) -> None:
    with closing(connect(lake)) as con, transaction(con, lake):
        merge(con, "leads", [{"id": f"lead_{n}"} for n in range(number)], synced_at=datetime.now(UTC))
    before = seen(lake)
    assert care(lake).tables == ()
    assert seen(lake) == before


@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_impossible_time_to_keep_snapshots_is_refused(days: int) -> None:
    with pytest.raises(LakeError, match=rf"for {days} days: correct the field `keep_days`"):
        LakeConfig("sqlite:catalog.sqlite", "data", keep_days=days)


WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(0, 40), st.integers(1, 30)),
        st.tuples(st.just("delete"), st.integers(0, 40), st.integers(1, 15)),
        st.tuples(st.just("care"), st.just(0), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)
"""Merges and deletions, each of so many rows from a number on, few enough to stay in the catalog or not, and care."""


def write(lake: LakeConfig, kind: str, start: int, number: int, at: datetime) -> None:
    with closing(connect(lake)) as con, transaction(con, lake):
        ids = [f"lead_{n}" for n in range(start, start + number)]
        if kind == "delete":
            tombstone(con, "leads", ids, at)
        else:
            merge(con, "leads", [{"id": lead_id, "display_name": str(at)} for lead_id in ids], synced_at=at)


@settings(max_examples=15)
@given(writes=WRITES)
def test_every_state_of_a_lake_is_read_as_it_was_whatever_was_written(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, int, int]]
) -> None:
    check_states(
        LakeConfig(f"sqlite:{tmp_path_factory.mktemp('any')}/c.sqlite", str(tmp_path_factory.mktemp("d"))), writes
    )


@pytest.mark.postgres
def test_every_state_of_a_lake_with_a_postgres_catalog_is_read_as_it_was(postgres_lake: LakeConfig) -> None:
    kinds = ("merge", 0, 30), ("merge", 5, 3), ("care", 0, 0), ("delete", 2, 12), ("delete", 20, 2), ("merge", 10, 40)
    check_states(postgres_lake, [*kinds, ("care", 0, 0), ("merge", 3, 5), *kinds])
    pass_days(postgres_lake, 40)
    before = seen(postgres_lake)
    assert care(postgres_lake).snapshots > 0
    pass_days(postgres_lake, 3)
    assert care(postgres_lake).files > 0
    assert seen(postgres_lake) == before


def check_states(lake: LakeConfig, writes: list[tuple[str, int, int]]) -> None:
    """Write, with a care that writes tables anew at once, and read each state again as it was."""
    connect(lake).close()
    states: dict[int, list[Any]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maintenance, "FEW", 1)
        for step, (kind, start, number) in enumerate(writes):
            if kind == "care":
                care(lake)
            else:
                write(lake, kind, start, number, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=step))
            with closing(connect(lake)) as con:
                states[snapshots(con)[-1]] = con.execute("from raw.leads order by all").fetchall()
    with closing(connect(lake)) as con:
        for snapshot, rows in states.items():
            assert con.execute(f"from lake.raw.leads at (version => {snapshot}) order by all").fetchall() == rows
