"""A disk, an object store or a catalog that fails in the middle of work: what the error says, and what is left."""

from __future__ import annotations

import gc
import subprocess
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.lake.config import LakeConfig, LakeError
from close_kpis.lake.connection import connect, opened, run_transaction
from close_kpis.lake.loader import merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rows(number: int) -> list[dict[str, Any]]:
    return [{"id": f"lead_{n}", "display_name": f"{n * 7919 % 104729:x}" * 9} for n in range(number)]


def store(con: DuckDBPyConnection, lake: LakeConfig, number: int) -> None:
    run_transaction(con, lake, lambda con: merge(con, "leads", rows(number), synced_at=NOW))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that holds two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    # A temporary file that could not be flushed is deleted with its object.
    gc.collect()
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("full", ["data", "temporary files"])
def test_full_disk_is_named_and_stores_nothing(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    data = small_disk if full == "data" else tmp_path
    lake = LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", f"{data}/data")
    with closing(connect(lake)) as con:
        if full == "temporary files":
            monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
        with pytest.raises(LakeError, match=r"a disk is full: free space where .* then clear the task") as raised:
            store(con, lake, 200_000)
        assert "jsonl" not in str(raised.value)
        monkeypatch.undo()
        for left in small_disk.rglob("*.parquet"):
            left.unlink()
        assert con.execute("select count(*) from raw.leads").fetchall() == [(0,)]
        store(con, lake, 3)


@pytest.mark.parametrize(("what", "said"), [("gone", "is missing: .*, which its catalog names"), ("cut", "is damaged")])
def test_a_data_file_that_is_gone_or_damaged_is_named_without_a_traceback(
    lake: LakeConfig, what: str, said: str
) -> None:
    others = {*Path(lake.data_path).rglob("*.parquet")}
    with opened(lake) as con:
        store(con, lake, 2000)
    [file] = {*Path(lake.data_path).rglob("*.parquet")} - others
    if what == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    with (
        pytest.raises(LakeError, match=f"a data file of the lake {said}") as raised,
        opened(lake, read_only=True) as con,
    ):
        con.execute("select max(display_name) from raw.leads").fetchall()
    assert str(file) in str(raised.value)
    assert raised.value.__cause__ is None


def test_object_store_that_is_down_is_named(tmp_path: Path) -> None:
    store_of = {"s3_key_id": "key", "s3_secret": "hush", "s3_endpoint": "127.0.0.1:9", "s3_url_style": "path"}
    connect(LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", f"{tmp_path}/data")).close()
    lake = LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", "s3://bucket/lake", s3_use_ssl=False, **store_of)
    with closing(connect(lake)) as con:
        con.execute("set http_retries = 0")
        with pytest.raises(LakeError, match=r"object store of the lake \(s3://bucket/lake\) did not answer") as raised:
            store(con, lake, 20_000)
    assert "hush" not in str(raised.value)


def test_lake_is_not_created_while_its_object_store_is_down(tmp_path: Path) -> None:
    store_of = {"s3_key_id": "key", "s3_secret": "hush", "s3_endpoint": "127.0.0.1:9", "s3_url_style": "path"}
    lake = LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", "s3://bucket/lake", s3_use_ssl=False, **store_of)
    with pytest.raises(LakeError, match=r"object store of the lake \(s3://bucket/lake\) did not answer"):
        connect(lake)
    assert not (tmp_path / "catalog.sqlite").exists()


@pytest.mark.postgres
def test_catalog_whose_connection_is_lost_is_named_and_the_next_transaction_works(
    postgres_lake: LakeConfig,
) -> None:
    import psycopg2

    def work(con: DuckDBPyConnection) -> None:
        merge(con, "leads", rows(10), synced_at=NOW)
        with closing(psycopg2.connect(postgres_lake.location)) as admin, admin.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid() "
                "and pid not in (select pid from pg_locks where locktype = 'advisory')"
            )

    with closing(connect(postgres_lake)) as con:
        with pytest.raises(LakeError, match=r"the connection to the lake's PostgreSQL catalog .* was lost"):
            run_transaction(con, postgres_lake, work)
        store(con, postgres_lake, 10)
        assert con.execute("select count(*) from raw.leads").fetchall() == [(10,)]
