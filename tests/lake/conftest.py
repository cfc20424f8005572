"""A DuckLake on SQLite for each test."""

from __future__ import annotations

import secrets
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from tests.support.postgres import SERVER, connect_to_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection


class Template:
    """A lake that is made once and restored for each test: a catalog is small, data files are only added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._catalog, self._kept = folder / "catalog.sqlite", folder / "kept.sqlite"
        self.config = LakeConfig(f"sqlite:{self._catalog}", str(folder / "data"))
        connect(self.config).close()
        self.keep()

    def keep(self) -> None:
        shutil.copy(self._catalog, self._kept)

    def restored(self) -> LakeConfig:
        for name in ("-wal", "-shm"):
            self._catalog.with_name(f"{self._catalog.name}{name}").unlink(missing_ok=True)
        shutil.copy(self._kept, self._catalog)
        return self.config


@pytest.fixture
def new_lake(tmp_path: Path) -> LakeConfig:
    """A lake that does not exist yet."""
    return LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", f"{tmp_path}/lake/data")


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def lake(empty_lake: Template) -> LakeConfig:
    """A lake without rows."""
    return empty_lake.restored()


@pytest.fixture
def con(lake: LakeConfig) -> Iterator[DuckDBPyConnection]:
    with closing(connect(lake)) as opened:
        yield opened


@pytest.fixture
def postgres_lake(tmp_path: Path) -> Iterator[LakeConfig]:
    name = f"lake_test_{secrets.token_hex(4)}"
    with closing(connect_to_server()) as server, server.cursor() as cursor:
        cursor.execute(f"create database {name}")
        try:
            yield LakeConfig(f"postgres:{SERVER} dbname={name}", f"{tmp_path}/data")
        finally:
            cursor.execute(f"drop database {name} with (force)")
