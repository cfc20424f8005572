"""A lake that has lost its catalog is not taken for a new one; one that was moved, or may only be read, is a lake."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.commands.arguments import main
from close_kpis.lake.config import LakeConfig, LakeError, LostCatalogError, NoCatalogError
from close_kpis.lake.connection import connect
from sandbox.demo.results import ATTACH, PLAN_ONCE
from tests.conftest import ROOT
from tests.support.lake import read_attached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CREATE = [sys.executable, "-m", "close_kpis", "lake", "create", "--anew", "--lake"]


def fill(lake: LakeConfig) -> None:
    with closing(connect(lake)) as con:
        con.execute("insert into raw.leads (id, _synced_at) select 'lead_' || range, now() from range(100)")


def leads(lake: LakeConfig, *, read_only: bool = True) -> int:
    with closing(connect(lake, read_only=read_only)) as con:
        return int(con.execute("select count(*) from raw.leads").fetchall()[0][0])


def delete(catalog: Path) -> None:
    catalog.unlink()


def empty(catalog: Path) -> None:
    catalog.write_bytes(b"")


def take_tables(catalog: Path) -> None:
    catalog.unlink()
    with closing(sqlite3.connect(catalog)) as con:
        con.execute("create table something_else (id integer)")


@pytest.fixture
def filled(new_lake: LakeConfig) -> LakeConfig:
    """A lake with one data file."""
    fill(new_lake)
    return new_lake


LOSSES = [(delete, "does not exist"), (empty, "is an empty file"), (take_tables, "has no tables of a lake")]


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(("lose", "said"), LOSSES)
def test_lost_catalog_is_named_and_nothing_is_made(
    filled: LakeConfig, lose: Callable[[Path], None], said: str, read_only: bool
) -> None:
    catalog = Path(filled.location)
    lose(catalog)
    left = sorted(path for path in catalog.parent.rglob("*") if path.suffix != ".lock")
    with pytest.raises(LostCatalogError, match=r"catalog\.sqlite.* but 1 data file\(s\) lie in .*/data/") as raised:
        connect(filled, read_only=read_only)
    assert said in str(raised.value)
    assert "lake create --anew" in str(raised.value)
    assert sorted(path for path in catalog.parent.rglob("*") if path.suffix != ".lock") == left


@pytest.mark.parametrize("files", [10, 2_000])
def test_files_of_a_lost_lake_are_counted(new_lake: LakeConfig, files: int) -> None:
    folder = Path(new_lake.data_path) / "raw" / "leads"
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"ducklake-{number}.parquet").touch()
    with pytest.raises(LostCatalogError, match=f"{files:,} data file") as raised:
        connect(new_lake)
    assert raised.value.files == files


@pytest.mark.parametrize("lose", [empty, take_tables])
def test_empty_catalog_without_data_files_becomes_a_lake(new_lake: LakeConfig, lose: Callable[[Path], None]) -> None:
    catalog = Path(new_lake.location)
    catalog.parent.mkdir()
    catalog.touch()
    lose(catalog)
    (catalog.parent / "data" / "lost+found").mkdir(parents=True)
    with pytest.raises(NoCatalogError, match="run the DAG close_sync first"):
        connect(new_lake, read_only=True)
    fill(new_lake)
    assert leads(new_lake) == 100


def test_lake_begins_anew_where_that_is_said(filled: LakeConfig, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = Path(filled.location)
    catalog.unlink()
    assert main(["lake", "create", "--lake", str(catalog.parent)]) == 2
    assert "has lost its catalog" in capsys.readouterr().err
    assert main(["lake", "create", "--anew", "--lake", str(catalog.parent)]) == 0
    [aside] = catalog.parent.glob("data-lost-*")
    assert str(aside) in capsys.readouterr().out
    assert len([*aside.rglob("*.parquet")]) == 1
    assert leads(filled) == 0
    assert main(["lake", "create", "--anew", "--lake", str(catalog.parent)]) == 2
    assert "already: nothing was changed" in capsys.readouterr().err


def test_catalog_that_is_put_back_is_the_lake_again(filled: LakeConfig) -> None:
    catalog = Path(filled.location)
    kept = catalog.rename(catalog.with_name("kept"))
    with pytest.raises(LostCatalogError):
        connect(filled)
    kept.rename(catalog)
    assert leads(filled, read_only=False) == 100


def test_commits_of_a_catalog_that_is_gone_do_not_reach_the_next_one(filled: LakeConfig) -> None:
    catalog = Path(filled.location)
    with closing(sqlite3.connect(catalog)) as con:
        con.execute("create table late (id integer)")
        con.commit()
        journal = catalog.with_name("catalog.sqlite-wal").read_bytes()
    assert journal
    catalog.unlink()
    shutil.rmtree(filled.data_path)
    catalog.with_name("catalog.sqlite-wal").write_bytes(journal)
    assert leads(filled, read_only=False) == 0


@pytest.mark.slow
def test_of_two_that_begin_anew_at_once_one_does(filled: LakeConfig) -> None:
    catalog = Path(filled.location)
    catalog.unlink()
    env = {"PATH": "/usr/bin", "PYTHONPATH": str(ROOT / "plugins"), "HOME": str(Path.home())}
    both = [
        subprocess.Popen([*CREATE, str(catalog.parent)], env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    errors = "".join(process.communicate()[1] for process in both)
    assert sorted(process.returncode for process in both) == [0, 2], errors
    assert "already: nothing was changed" in errors
    assert len([*catalog.parent.glob("data-lost-*")]) == 1
    assert leads(filled) == 0


def test_moved_lake_is_read_and_written_where_it_lies_now(filled: LakeConfig, tmp_path: Path) -> None:
    (tmp_path / "lake").rename(tmp_path / "elsewhere")
    moved = LakeConfig(f"sqlite:{tmp_path}/elsewhere/catalog.sqlite", f"{tmp_path}/elsewhere/data")
    assert leads(moved) == 100
    fill(moved)
    assert leads(moved) == 200
    assert len([*(tmp_path / "elsewhere" / "data").rglob("*.parquet")]) == 2
    assert not (tmp_path / "lake").exists()


def test_data_path_without_the_lakes_files_is_refused(filled: LakeConfig, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(LakeError, match=r"1 of the newest 1 are not there, such as raw/leads/.*correct the field"):
        connect(replace(filled, data_path=f"{tmp_path}/other"))
    assert leads(filled, read_only=False) == 100


def test_attach_sql_works_where_the_lake_lies_now(filled: LakeConfig, tmp_path: Path) -> None:
    (tmp_path / "lake").rename(tmp_path / "copied")
    (tmp_path / "copied" / "attach.sql").write_text(ATTACH.format(plan_once=PLAN_ONCE))
    assert read_attached(tmp_path / "copied", "select count(*) from raw.leads") == [(100,)]


@pytest.fixture
def read_only_folder(filled: LakeConfig, tmp_path: Path) -> Iterator[Path]:
    """The folder of a lake, mounted where nothing can be written."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    mount = ["mount", "--bind", str(tmp_path / "lake"), str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a folder needs root")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_lake_in_a_read_only_folder_can_be_read(read_only_folder: Path) -> None:
    lake = LakeConfig(f"sqlite:{read_only_folder}/catalog.sqlite", f"{read_only_folder}/data")
    assert leads(lake) == 100
    with pytest.raises(LakeError, match=r"cannot (open the lake|be written)"):
        connect(lake)


def test_lake_cannot_be_made_in_a_read_only_folder(read_only_folder: Path) -> None:
    lake = LakeConfig(f"sqlite:{read_only_folder}/new/catalog.sqlite", f"{read_only_folder}/new/data")
    with pytest.raises(LakeError, match="none can be made"):
        connect(lake)


def run_sql(lake: LakeConfig, *statements: str) -> list[tuple[Any, ...]]:
    import psycopg2

    rows = []
    with closing(psycopg2.connect(lake.location)) as con, con.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        con.commit()
    return rows


@pytest.mark.postgres
def test_postgres_catalog_without_its_tables_is_named(postgres_lake: LakeConfig) -> None:
    fill(postgres_lake)
    run_sql(postgres_lake, "drop schema public cascade", "create schema public")
    with pytest.raises(LostCatalogError, match=r"database .* has no tables of a lake, but 1 data file\(s\)"):
        connect(postgres_lake)
    assert run_sql(postgres_lake, "select 1 from pg_tables where schemaname = 'public'") == []


@pytest.mark.postgres
def test_postgres_lake_can_be_read_with_a_role_that_may_only_read(postgres_lake: LakeConfig, tmp_path: Path) -> None:
    fill(postgres_lake)
    (tmp_path / "data").rename(tmp_path / "moved")
    role = postgres_lake.location.rpartition("=")[2].strip() + "_reader"
    run_sql(postgres_lake, f"create role {role} login", f"grant select on all tables in schema public to {role}")
    moved = replace(postgres_lake, data_path=f"{tmp_path}/moved")
    try:
        assert leads(replace(moved, catalog=moved.catalog.replace("user=postgres", f"user={role}"))) == 100
    finally:
        run_sql(postgres_lake, f"drop owned by {role}", f"drop role {role}")
