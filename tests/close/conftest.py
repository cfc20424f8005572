"""The small account on a Close sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.close_api import CloseSandbox
from tests.close.account import NOW, write_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def small_account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_account(tmp_path_factory.mktemp("account") / "small")


@pytest.fixture
def sandbox(small_account: Path) -> Iterator[CloseSandbox]:
    with CloseSandbox(small_account, as_of=NOW, rate=0, search_rate=0) as running:
        yield running


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSE_KPIS_AS_OF", NOW.date().isoformat())
