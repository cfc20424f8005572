"""Opening the lake, and committing to it from several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pytest

from close_kpis.lake.attachment import load_extensions
from close_kpis.lake.config import CommitConflictError, LakeConfig, LakeError
from close_kpis.lake.connection import connect, existing_tables, run_transaction
from close_kpis.lake.sql import raw_tables
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

WRITER = """
import sys
from datetime import UTC, datetime
from close_kpis.lake.connection import connect, run_transaction
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.loader import merge
config = LakeConfig(*sys.argv[1:3])
con = connect(config)
for number in range(8):
    rows = [{"id": f"shared_{number}"}, {"id": f"{sys.argv[3]}_{number}"}]
    run_transaction(con, config, lambda con: merge(con, "leads", rows, synced_at=datetime.now(UTC)))
"""


def test_first_use_creates_schemas_and_tables(new_lake: LakeConfig) -> None:
    with closing(connect(new_lake)) as con:
        tables = existing_tables(con)
        schemas = {name for (name,) in con.execute("select schema_name from duckdb_schemas()").fetchall()}
        zone = con.execute("select current_setting('timezone')").fetchall()
    assert {f"raw.{name}" for name in raw_tables()} <= tables
    assert {"sync.streams", "sync.windows", "sync.loads", "sync.event_log"} <= tables
    assert {"raw", "sync", "settings", "staging", "kpi", "published"} <= schemas
    assert zone == [("UTC",)]


def test_second_use_finds_what_the_first_one_wrote(lake: LakeConfig) -> None:
    with closing(connect(lake)) as con:
        con.execute("insert into raw.lead_statuses (id, _synced_at) values ('s', now())")
    with closing(connect(lake, read_only=True)) as con:
        assert con.execute("select id from raw.lead_statuses").fetchall() == [("s",)]
        with pytest.raises(Exception, match="read-only"):
            con.execute("delete from raw.lead_statuses")


def test_processes_that_create_and_write_at_once_lose_and_double_nothing(new_lake: LakeConfig) -> None:
    lake = new_lake
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, lake.catalog, lake.data_path, name],
            env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        )
        for name in ("one", "two", "three")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with closing(connect(lake)) as con:
        assert con.execute("select count(*), count(distinct id) from raw.leads").fetchall() == [(32, 32)]


def test_conflicting_commit_runs_the_whole_work_again(con: DuckDBPyConnection, lake: LakeConfig) -> None:
    runs = []

    def work(con: DuckDBPyConnection) -> int:
        runs.append(con.execute("select count(*) from raw.lead_statuses").fetchall()[0][0])
        con.execute("insert into raw.lead_statuses (id, _synced_at) values ('s', now())")
        if len(runs) == 1:
            raise CommitConflictError("another writer was faster")
        return len(runs)

    assert run_transaction(con, lake, work) == 2
    assert runs == [0, 0]
    assert con.execute("select count(*) from raw.lead_statuses").fetchall() == [(1,)]


def test_lake_that_is_not_there_cannot_be_read(new_lake: LakeConfig) -> None:
    with pytest.raises(LakeError, match="run the DAG close_sync first"):
        connect(new_lake, read_only=True)


@pytest.mark.parametrize("catalog", ["", "catalog.sqlite", "mysql:host=x", "sqlite:"])
def test_unknown_catalog_is_refused(catalog: str) -> None:
    with pytest.raises(LakeError, match="neither sqlite:<file> nor postgres"):
        LakeConfig(catalog, "data")


@pytest.mark.parametrize(
    "catalog",
    # pragma: allowlist nextline secret
    ["postgres:host=127.0.0.1 port=1 dbname=lake password=hush", "postgres:postgresql://user:hush@127.0.0.1:1/lake"],
)
def test_error_and_repr_do_not_hold_the_password(tmp_path: Path, catalog: str) -> None:
    config = LakeConfig(catalog, str(tmp_path), password="hush", s3_secret="hush")
    with pytest.raises(LakeError, match="PostgreSQL catalog") as caught:
        connect(config)
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r} {config.shown}"
    assert "password='hush'" not in repr(config)  # pragma: allowlist secret


def test_file_that_is_no_lake_is_named(tmp_path: Path) -> None:
    file = tmp_path / "catalog.sqlite"
    file.write_text("not a database, but long enough to be read as one" * 50)
    with pytest.raises(LakeError, match=r"cannot open the lake sqlite:.*catalog\.sqlite"):
        connect(LakeConfig(f"sqlite:{file}", str(tmp_path / "data")))


def test_an_extension_that_is_not_installed_is_named() -> None:
    with closing(duckdb.connect()) as con, pytest.raises(LakeError, match=r"pip install duckdb-extension-spatial==\d"):
        load_extensions(con, ["spatial"])


def test_a_lake_needs_no_home(tmp_path: Path) -> None:
    """In a container that is read-only a home cannot take DuckDB's extensions."""
    script = (
        "import sys; from close_kpis.lake.config import LakeConfig; from close_kpis.lake.connection import connect;"
        " connect(LakeConfig(*sys.argv[1:])).close()"
    )
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-c", script, f"sqlite:{tmp_path}/catalog.sqlite", str(tmp_path / "data")]
    subprocess.run(command, env=os.environ | {"HOME": str(home), "PYTHONPATH": str(ROOT / "plugins")}, check=True)
    assert list(home.iterdir()) == []
