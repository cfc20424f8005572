"""A DuckLake on SQLite, made anew for each test."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from close_kpis.lake.connection import LakeConfig, connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection


@pytest.fixture
def lake(tmp_path: Path) -> LakeConfig:
    return LakeConfig(f"sqlite:{tmp_path}/lake/catalog.sqlite", f"{tmp_path}/lake/data")


@pytest.fixture
def con(lake: LakeConfig) -> Iterator[DuckDBPyConnection]:
    with closing(connect(lake)) as opened:
        yield opened
