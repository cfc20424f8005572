"""The benchmark of the extraction runs: our tool against a small account, then after a day of changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.extract.changes import Day
from benchmarks.extract.extraction import OurTool
from benchmarks.extract.rate import traffic
from benchmarks.extract.sandbox import Sandbox
from benchmarks.extract.truth import COMPARED, account_rows, compare

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 120


def test_our_tool_holds_what_the_account_holds(tmp_path: Path) -> None:
    size = f"leads=100,activities=600,opportunities=30,years=1,until={datetime.now(UTC):%Y-%m-%d}"
    with Sandbox(["--generated", size], 0, tmp_path) as sandbox:
        tool = OurTool(tmp_path)
        for _ in ("first load", "daily sync"):
            done = tool.sync(sandbox, LIMIT_SECONDS)
            assert done.status == 0, tool.log.read_text()
            assert traffic(sandbox.take_requests()).refused == 0
            for stream in COMPARED:
                difference = compare(account_rows(sandbox, stream), tool.held.rows[stream])
                assert (difference.missing, difference.stale, difference.undead) == (0, 0, 0), stream
            Day(sandbox).make(30)
