"""The small account on a Close sandbox, and a pipeline from it into a lake."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.client import ClientConfig
from close_kpis.close.registry import stream_names
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from close_kpis.sync.extraction import Extraction
from close_kpis.sync.start import start_sync
from close_kpis.sync.stream import sync_streams
from sandbox.close_api import CloseSandbox
from tests.close.account import NOW
from tests.close.conftest import clock, sandbox, small_account

__all__ = ["clock", "sandbox", "small_account"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection


@dataclass
class Pipeline:
    """Close sandbox and lake of a test."""

    sandbox: CloseSandbox
    extraction: Extraction

    def sync(self, *streams: str) -> dict[str, dict[str, Any]]:
        """Sync as a run of close_sync does; the counts by stream."""
        counts = sync_streams(self.extraction, self.start(), streams)
        return {of_stream["stream"]: of_stream for of_stream in counts}

    def start(self) -> datetime:
        return start_sync(self.extraction)

    def stream(self, name: str, as_of: datetime) -> dict[str, Any]:
        [counts] = sync_streams(self.extraction, as_of, [name])
        return counts

    def begin_history(self, day: date) -> None:
        self.extraction = replace(self.extraction, history_start=day)

    @contextmanager
    def lake(self) -> Iterator[DuckDBPyConnection]:
        con = connect(self.extraction.lake)
        try:
            yield con
        finally:
            con.close()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.lake() as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def pipeline(sandbox: CloseSandbox, tmp_path: Path, clock: None) -> Pipeline:
    """The account and an empty lake."""
    return pipeline_from(sandbox, LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", f"{tmp_path}/lake/data"))


@pytest.fixture
def synced(sandbox: CloseSandbox, first_load: FirstLoad, clock: None) -> Pipeline:
    """The account and a lake into which all of it has been loaded."""
    return pipeline_from(sandbox, first_load.restored())


@pytest.fixture(scope="session")
def first_load(small_account: Path, tmp_path_factory: pytest.TempPathFactory) -> FirstLoad:
    return FirstLoad(tmp_path_factory.mktemp("synced"), small_account)


class FirstLoad:
    """A lake as the first sync leaves it, made once and restored for each test: data files are only added."""

    def __init__(self, folder: Path, account: Path) -> None:
        self._catalog, self._kept = folder / "catalog.sqlite", folder / "kept.sqlite"
        self._config = LakeConfig(f"sqlite:{self._catalog}", str(folder / "data"))
        with pytest.MonkeyPatch.context() as patch, CloseSandbox(account, as_of=NOW, rate=0, search_rate=0) as sandbox:
            patch.setenv("CLOSE_KPIS_AS_OF", NOW.date().isoformat())
            self.counts = pipeline_from(sandbox, self._config).sync()
        shutil.copy(self._catalog, self._kept)

    def copied(self, folder: Path) -> LakeConfig:
        """Return a copy of the lake's catalog over the same data files."""
        shutil.copy(self._kept, folder / "catalog.sqlite")
        return replace(self._config, catalog=f"sqlite:{folder}/catalog.sqlite")

    def restored(self) -> LakeConfig:
        for name in ("-wal", "-shm"):
            self._catalog.with_name(f"{self._catalog.name}{name}").unlink(missing_ok=True)
        shutil.copy(self._kept, self._catalog)
        return self._config


def pipeline_from(sandbox: CloseSandbox, lake: LakeConfig) -> Pipeline:
    client = ClientConfig(sandbox.api_key, sandbox.url, wait_initial=0.01, wait_max=0.05)
    return Pipeline(sandbox, Extraction(client, lake, streams=stream_names()))
