"""What killed and failed tasks leave is removed at the next start, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from close_kpis.lake.cleaning import ORPHAN_AGE, clean_up
from close_kpis.lake.connection import connect, run_transaction, transaction
from close_kpis.lake.loader import merge
from close_kpis.lake.spool import ABANDONED, spool
from tests.conftest import ROOT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

NOW = datetime(2026, 1, 1, tzinfo=UTC)

WRITER = """
import sys
from datetime import UTC, datetime
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge
config = LakeConfig(*sys.argv[1:3])
con = connect(config)

def rows():
    for number in range(1000):
        yield {"id": f"killed_{number}"}
    if sys.argv[3] == "spooling":
        print("ready", flush=True)
        sys.stdin.read()

with transaction(con, config):
    merge(con, "leads", rows(), synced_at=datetime.now(UTC))
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, also for the processes that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def old_lake(new_lake: LakeConfig) -> LakeConfig:
    """A lake that was created a week ago, with 100 leads."""
    with closing(connect(new_lake)) as con:
        con.execute("update sync.identity set created_at = created_at - interval 7 day")
        con.execute("insert into raw.leads (id, _synced_at) select 'lead_' || range, now() from range(100)")
    return new_lake


def data_files(lake: LakeConfig) -> set[Path]:
    return {*Path(lake.data_path).rglob("*.parquet")}


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def orphan(lake: LakeConfig, seconds: float = 86_400.0, name: str | None = None) -> Path:
    path = Path(lake.data_path) / "raw" / "leads" / (name or f"ducklake-{uuid4()}.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half a file")
    age(path, seconds)
    return path


def clean(lake: LakeConfig) -> None:
    with closing(connect(lake)) as con:
        clean_up(con, lake)


def leads(lake: LakeConfig) -> int:
    with closing(connect(lake, read_only=True)) as con:
        return int(con.execute("select count(*) from raw.leads").fetchall()[0][0])


def killed_writer(lake: LakeConfig, moment: str) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, lake.catalog, lake.data_path, moment],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def kill(writer: subprocess.Popen[str]) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


@pytest.mark.parametrize("number", [0, 1, 10])
def test_orphans_go_and_committed_files_stay(old_lake: LakeConfig, number: int) -> None:
    committed = data_files(old_lake)
    for path in committed:
        age(path, 86_400.0)
    for _ in range(number):
        orphan(old_lake)
    clean(old_lake)
    assert data_files(old_lake) == committed
    assert leads(old_lake) == 100


def test_file_of_a_killed_write_goes_once_it_is_old_enough(old_lake: LakeConfig) -> None:
    committed = data_files(old_lake)
    kill(killed_writer(old_lake, "written"))
    [left] = data_files(old_lake) - committed
    clean(old_lake)
    assert left.exists()
    age(left, ORPHAN_AGE.total_seconds() + 60)
    clean(old_lake)
    assert data_files(old_lake) == committed
    assert leads(old_lake) == 100


def test_files_of_a_write_under_way_stay_however_old(old_lake: LakeConfig) -> None:
    """Cleaning waits for the lock; by then the files are committed."""
    committed = data_files(old_lake)
    writer = killed_writer(old_lake, "written")
    [written] = data_files(old_lake) - committed
    age(written, 86_400.0)
    cleaner = subprocess.Popen(
        [sys.executable, "-c", CLEANER, old_lake.catalog, old_lake.data_path],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
    )
    time.sleep(2)
    assert written.exists()
    writer.communicate("")
    assert (writer.returncode, cleaner.wait(60)) == (0, 0)
    assert written.exists()
    assert leads(old_lake) == 1100


CLEANER = """
import sys
from close_kpis.lake.cleaning import clean_up
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
config = LakeConfig(*sys.argv[1:3])
clean_up(connect(config), config)
"""


def test_failing_writes_do_not_make_the_lake_grow(old_lake: LakeConfig) -> None:
    before = data_files(old_lake)

    def fail(con: DuckDBPyConnection) -> None:
        merge(con, "leads", [{"id": f"lead_{n}"} for n in range(1000)], synced_at=NOW)
        raise RuntimeError("in the middle")

    with closing(connect(old_lake)) as con:
        for _ in range(10):
            with pytest.raises(RuntimeError, match="in the middle"):
                run_transaction(con, old_lake, fail)
    assert data_files(old_lake) == before


@pytest.mark.parametrize("name", ["my own export.parquet", "ducklake-backup.parquet"])
def test_files_of_others_are_named_and_stop_the_cleaning(
    old_lake: LakeConfig, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    own, others = orphan(old_lake), orphan(old_lake, name=name)
    clean(old_lake)
    assert own.exists()
    assert others.exists()
    assert "1 file(s)" in caplog.text
    assert str(others) in caplog.text


def test_files_that_are_older_than_the_lake_stay(old_lake: LakeConfig) -> None:
    """As the files of a lake that had this place before."""
    path = orphan(old_lake, seconds=30 * 86_400.0)
    clean(old_lake)
    assert path.exists()


def test_moved_lake_loses_nothing(old_lake: LakeConfig, tmp_path: Path) -> None:
    from close_kpis.lake.config import LakeConfig

    for path in data_files(old_lake):
        age(path, 86_400.0)
    (tmp_path / "lake").rename(tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for place in ("elsewhere", "link"):
        moved = LakeConfig(f"sqlite:{tmp_path}/{place}/catalog.sqlite", f"{tmp_path}/{place}/data")
        left = orphan(moved)
        clean(moved)
        assert not left.exists()
        assert leads(moved) == 100


def test_spool_of_a_killed_task_goes_and_that_of_a_living_one_stays(
    lake: LakeConfig, temporary_files: Path, tmp_path: Path
) -> None:
    kill(killed_writer(lake, "spooling"))
    [left] = temporary_files.iterdir()
    others = temporary_files / "somebody-elses.jsonl"
    others.touch()
    link = temporary_files / "close-kpis-spool-link.jsonl"
    link.symlink_to(tmp_path / "kept")
    (tmp_path / "kept").touch()
    with spool() as (_, living):
        clean(lake)
        assert {*temporary_files.iterdir()} == {Path(living), others, link}
    assert (tmp_path / "kept").exists()
    assert not left.exists()
    assert not Path(living).exists()


def test_folders_that_nobody_uses_any_more_go(lake: LakeConfig, temporary_files: Path) -> None:
    for name in ("close-kpis-spill-1", "close-kpis-doctor-1", "close-kpis-spill-2", "close-kpis-demo-1"):
        (temporary_files / name).mkdir()
        (temporary_files / name / "file").touch()
        age(temporary_files / name, 0.0 if name.endswith("2") else ABANDONED + 60)
    clean(lake)
    assert {path.name for path in temporary_files.iterdir()} == {"close-kpis-spill-2", "close-kpis-demo-1"}


def test_what_cannot_be_cleaned_up_stops_nobody(
    old_lake: LakeConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("close_kpis.lake.cleaning.remove_orphans", fail)
    clean(old_lake)
    assert "was not cleaned up: [Errno 13] Permission denied" in caplog.text


def test_rows_that_are_merged_leave_no_temporary_file(lake: LakeConfig, temporary_files: Path) -> None:
    with closing(connect(lake)) as con, transaction(con, lake):
        merge(con, "leads", [{"id": "a"}], synced_at=NOW)
    assert [*temporary_files.iterdir()] == []
