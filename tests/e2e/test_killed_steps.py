"""A step that dies at any point and is run again leaves what an undisturbed run leaves.

The steps run as processes and are killed with SIGKILL; test_pipeline does the same to Airflow's tasks.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.steps import step_command, step_environment
from tests.conftest import COMPANY_DAY
from tests.e2e.conftest import connections
from tests.e2e.pipeline import after, differences, in_order, without_stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


class Steps:
    """The pipeline's steps over one lake and one spreadsheet, each a process.

    Args:
        close: the Close API that they read.
        sheets: the Sheets API that they write.
        folder: where the lake goes.
    """

    def __init__(self, close: CloseSandbox, sheets: SheetsSandbox, folder: Path) -> None:
        self.close, self.sheets, self.folder = close, sheets, folder
        self.spreadsheet_id = sheets.create_spreadsheet("Close KPIs")
        self._env = step_environment(connections(close, sheets, self.spreadsheet_id, folder))
        self._env["CLOSE_KPIS_AS_OF"] = COMPANY_DAY.isoformat()

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a step."""
        return subprocess.Popen(
            step_command(*command), env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def run(self, *command: str) -> float:
        """Run a step to its end and return the seconds it took."""
        began = time.monotonic()
        process = self.start(*command)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return time.monotonic() - began

    def kill_when(self, is_time: Callable[[], bool], *command: str) -> bool:
        """Start a step and kill it when its time has come; return whether it was still running."""
        process = self.start(*command)
        try:
            deadline = time.monotonic() + 120
            while process.poll() is None and not is_time():
                assert time.monotonic() < deadline, f"the moment to kill {command[0]} did not come"
                time.sleep(0.005)
        finally:
            was_running = process.poll() is None
            process.kill()
            process.communicate()
        return was_running

    def contents(self, *schemas: str) -> dict[str, Any]:
        """Return every table of some schemas, its rows in order, without the columns that say when."""
        from close_kpis.lake.config import LakeConfig
        from close_kpis.lake.connection import connect

        con = connect(LakeConfig(f"sqlite:{self.folder}/catalog.sqlite", f"{self.folder}/data"), read_only=True)
        try:
            tables = con.execute(
                "select table_schema || '.' || table_name from information_schema.tables where table_catalog = 'lake'"
                " and table_type = 'BASE TABLE' and table_name not in ('computations', 'restatements')"
                " and list_contains(?, table_schema)",
                [list(schemas)],
            ).fetchall()
            return {
                name: in_order(con.execute(f"select columns(c -> c[1] <> '_') from {name}").fetchall())
                for (name,) in tables
            }
        finally:
            con.close()

    def snapshots(self) -> int:
        """Return the number of the lake's newest snapshot."""
        with closing(sqlite3.connect(self.folder / "catalog.sqlite", timeout=30)) as con:
            [(newest,)] = con.execute("select max(snapshot_id) from ducklake_snapshot").fetchall()
        return int(newest)

    def workbook(self) -> Any:
        """Return the spreadsheet, without what differs from publish to publish."""
        return without_stamps(self.sheets.spreadsheet(self.spreadsheet_id))


@pytest.fixture(scope="module")
def close(demo_company: Path) -> Iterator[CloseSandbox]:
    """A Close API on loopback that serves the demo company, at the end of its last day."""
    from sandbox.close_api import CloseSandbox

    with CloseSandbox(demo_company, as_of=f"{COMPANY_DAY}T12:00:00+00:00", rate=0, search_rate=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def undisturbed(
    close: CloseSandbox, sheets: SheetsSandbox, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Steps, float]:
    """The steps after an undisturbed run of each, and the seconds that the computation took."""
    steps = Steps(close, sheets, tmp_path_factory.mktemp("undisturbed"))
    steps.run("sync")
    seconds = steps.run("compute")
    steps.run("publish", "1")
    return steps, seconds


@pytest.fixture(scope="module")
def extracted(close: CloseSandbox, sheets: SheetsSandbox, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """Steps over another lake and spreadsheet: a first sync, killed at three requests and then run to its end."""
    steps = Steps(close, sheets, tmp_path_factory.mktemp("disturbed"))
    for passed in (0, 25, 60):
        stuck = close.faults.add("slow", after=passed, seconds=3.0)
        assert steps.kill_when(lambda stuck=stuck: stuck not in close.faults.pending(), "sync"), passed
    steps.run("sync")
    return steps


@pytest.fixture(scope="module")
def computed(extracted: Steps, undisturbed: tuple[Steps, float]) -> tuple[Steps, list[dict[str, Any]]]:
    """The same after a computation, killed later and later and then run to its end; with the tables each kill left.

    First early, and right after the candidate was stored: a machine that has become quicker ends the later ones by
    itself.
    """
    _, seconds = undisturbed
    left = []

    def is_stored(before: int) -> bool:
        return extracted.snapshots() > before

    for share in (0.1, None, 0.25, 0.55, 0.75, 0.9):
        is_time = partial(is_stored, extracted.snapshots()) if share is None else after(share * seconds)
        if extracted.kill_when(is_time, "compute"):
            left.append(extracted.contents("kpi"))
    extracted.run("compute")
    return extracted, left


def test_an_extraction_killed_at_any_request_loses_and_doubles_nothing(
    undisturbed: tuple[Steps, float], extracted: Steps
) -> None:
    assert differences(extracted.contents("raw"), undisturbed[0].contents("raw")) == []


def test_a_killed_computation_leaves_all_of_the_old_tables_or_all_of_the_new(
    undisturbed: tuple[Steps, float], computed: tuple[Steps, list[dict[str, Any]]]
) -> None:
    expected = undisturbed[0].contents("kpi")
    steps, left = computed
    assert len(left) >= 2
    assert all(tables in ({}, expected) for tables in left)
    assert differences(steps.contents("kpi"), expected) == []


def test_a_publish_killed_at_any_request_writes_all_or_nothing(
    undisturbed: tuple[Steps, float], computed: tuple[Steps, list[dict[str, Any]]]
) -> None:
    """Killed at its first read, at the write before it is carried out, and right after each write has been.

    A first publish of several requests shows nothing before the last one; the next publish goes on from where it was.
    """
    expected, (steps, _) = undisturbed[0].workbook(), computed
    sheets, blank = steps.sheets, steps.workbook()
    for method in ("GET", "POST"):
        stuck = sheets.faults.add("slow", method=method, path="/v4/spreadsheets/", seconds=1.0)
        assert steps.kill_when(lambda stuck=stuck: stuck not in sheets.faults.waiting(), "publish", "2")
        assert steps.workbook() == blank

    def writes() -> int:
        return sheets.requests.count("*:batchUpdate*", "POST", 200)

    def shown() -> list[Any]:
        return [sheet for sheet in steps.workbook()["sheets"] if not sheet["properties"].get("hidden")]

    for _ in range(10):
        before = writes()
        assert steps.kill_when(lambda before=before: writes() > before, "publish", "2")
        if not differences(steps.workbook(), expected):
            break
        [only] = shown()
        assert "userEnteredValue" not in json.dumps(only), "a tab that is shown holds numbers already"
    assert differences(steps.workbook(), expected) == []

    steps.run("publish", "3")

    assert differences(steps.workbook(), expected) == []
