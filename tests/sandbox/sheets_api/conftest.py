from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sheets_api import SheetsSandbox
from tests.sandbox.sheets_api.support import Book

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package")
def open_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SheetsSandbox]:
    """A sandbox without tokens that all tests of the folder share; each takes a spreadsheet of its own."""
    with SheetsSandbox(tmp_path_factory.mktemp("sheets"), anonymous=True) as running:
        yield running


@pytest.fixture
def book(open_sandbox: SheetsSandbox) -> Book:
    """A new spreadsheet over plain HTTP."""
    return Book(open_sandbox, open_sandbox.create_spreadsheet("Test"))


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SheetsSandbox]:
    """A sandbox of the test's own, with tokens."""
    with SheetsSandbox(tmp_path / "state") as running:
        yield running
