from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from sandbox.company import write_company
from tests.sandbox.company.account import Folder

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The demo company at the end of June 2026."""
    path: Path = tmp_path_factory.mktemp("company")
    write_company(path, as_of=AS_OF)
    return Folder(path)
