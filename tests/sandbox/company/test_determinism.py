from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.company import write_company
from tests.sandbox.company.account import Folder, instant

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
EXPECTED = "d4ec051cfb2f0e67369f4fa3177fbb2569b23e9d0f9595a79abc8d3d7e8585ff"  # pragma: allowlist secret


def digest(folder: Path) -> str:
    content = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()


def test_same_seed_and_day_give_the_same_bytes_whatever_the_hash_seed(company: Folder, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.company", str(tmp_path), "--as-of", "2026-06-30"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    subprocess.run(command, check=True, cwd=REPOSITORY, env=environment, capture_output=True)
    assert digest(tmp_path) == digest(company.path)


def test_company_is_the_same_on_every_python(company: Folder) -> None:
    """The tests of another Python version compare with the same digest."""
    assert digest(company.path) == EXPECTED


def test_another_seed_is_another_company_within_seconds(company: Folder, tmp_path: Path) -> None:
    started = time.process_time()
    write_company(tmp_path, as_of=date(2026, 6, 30), seed=8)
    assert time.process_time() - started < 15
    other = Folder(tmp_path)
    assert not other.ids["leads"] & company.ids["leads"]
    assert other["lead_statuses"] == company["lead_statuses"]


@pytest.mark.parametrize("as_of", [date(2024, 2, 29), date(2025, 3, 1), date(2026, 1, 31)])
def test_history_is_three_years_up_to_any_day(as_of: date, tmp_path: Path) -> None:
    write_company(tmp_path, as_of=as_of)
    account = Folder(tmp_path)
    created = sorted(instant(row["date_created"]) for row in account["leads"])
    end = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    assert created[-1] < end
    assert 35 <= (end - created[0]).days / 30.4 <= 37
    assert all(happened <= end for happened in _happened(account))


def _happened(account: Folder) -> Iterable[datetime]:
    """Yield when things happened, meetings to come left aside."""
    for row in account["activities"]:
        if row["_type"] != "Meeting" or row["status"] not in {"upcoming", None}:
            yield instant(row["activity_at"])
    for resource in ("opportunities", "tasks", "events"):
        for row in account[resource]:
            yield instant(row["date_updated"])
