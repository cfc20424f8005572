"""A real Airflow with the project's DAGs, between two sandbox servers, as a test sees it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.scheduler import create_backfill, has_settled, is_backfilled
from close_kpis.standalone.api import DAGS

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig
    from close_kpis.standalone.airflow import Airflow
    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox

Run = Mapping[str, Any]
Task = Mapping[str, Any]


@dataclass
class Pipeline:
    """Close sandbox, Airflow, lake and Sheets sandbox, running.

    Attributes:
        airflow: a scheduler with its API server; pools and connections are there, DAGs unpaused.
        close: the Close API that it reads.
        sheets: the Google Sheets API that it writes.
        spreadsheet_id: the workbook.
        lake: folder of the catalog and the data.
        settings: its kpis.yaml.
    """

    airflow: Airflow
    close: CloseSandbox
    sheets: SheetsSandbox
    spreadsheet_id: str
    lake: Path
    settings: Path

    def trigger(self, dag_id: str, **body: Any) -> Run:
        """Start a run by hand."""
        request = {"logical_date": None, "conf": {}, **body}
        run: Run = self.airflow.api("POST", f"/dags/{dag_id}/dagRuns", json=request)
        return run

    def sync(self) -> Run:
        """Run close_sync and all that follows from it."""
        run = self.trigger("close_sync")
        self.settle()
        return run

    def backfill(self, from_date: str, to_date: str, *options: str) -> None:
        """Backfill close_history from the command line, and wait for all that follows from it."""
        create_backfill(self.airflow, from_date, to_date, *options)
        self.settle()
        self.wait(lambda: is_backfilled(self.airflow), "the backfill to be closed")

    def runs(self, dag_id: str) -> list[Run]:
        """Return the runs of a DAG, oldest first."""
        return list(self.airflow.runs(dag_id))

    def task(self, run: Run, task_id: str, name: str | None = None) -> Task | None:
        """Return a task instance of a run; of a mapped task the one of a name."""
        for task in self.airflow.task_instances(run):
            if task["task_id"] == task_id and name in {None, task["rendered_map_index"]}:
                return task
        return None

    def kill(self, task: Task, run: Run) -> Task:
        """End a running task's process as the system does when memory runs out; return it as Airflow then shows it."""
        os.kill(task["pid"], signal.SIGKILL)

        def seen() -> Task | None:
            now: Task = self.airflow.api("GET", self._path(task, run))
            return now if now["state"] in {"up_for_retry", "failed"} else None

        return self.wait(seen, f"Airflow to see that {task['task_id']} was killed")

    def clear(self, task: Task, run: Run) -> None:
        """Clear a task instance, as a user does in the UI."""
        which = task["task_id"] if task["map_index"] < 0 else [task["task_id"], task["map_index"]]
        body = {"dry_run": False, "dag_run_id": run["dag_run_id"], "task_ids": [which], "only_failed": False}
        self.airflow.api("POST", f"/dags/{run['dag_id']}/clearTaskInstances", json=body)

    @staticmethod
    def _path(task: Task, run: Run) -> str:
        path = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances/{task['task_id']}"
        return path if task["map_index"] < 0 else f"{path}/{task['map_index']}"

    def wait_for_end(self, run: Run) -> None:
        """Wait until a run has ended well."""

        def has_ended() -> bool:
            [now] = [each for each in self.airflow.runs(run["dag_id"]) if each["dag_run_id"] == run["dag_run_id"]]
            assert now["state"] != "failed", self.airflow.failure(now)
            return bool(now["state"] == "success")

        self.wait(has_ended, f"{run['dag_id']} to end")

    def settle(self, timeout: float = 1500) -> None:
        """Wait until every run has ended well and every announced month has had its run."""
        self.wait(lambda: has_settled(self.airflow), "every run to end", timeout, pause=1.0)

    def wait(self, condition: Callable[[], Any], what: str, timeout: float = 300, pause: float = 0.3) -> Any:
        """Return the first true value of a condition, asked again after each pause (seconds).

        Raises:
            AssertionError: it did not become true in time; with the runs that have not succeeded.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(pause)
        open_runs = [
            f"{run['dag_id']} {run['dag_run_id']}: {run['state']}"
            for dag_id in DAGS
            for run in self.airflow.runs(dag_id)
            if run["state"] != "success"
        ]
        raise AssertionError(f"waited {timeout:.0f} s for {what}; not succeeded: {'; '.join(open_runs) or 'none'}")

    def workbook(self) -> Any:
        """Return the published workbook, without what differs from publish to publish."""
        return without_stamps(self.sheets.spreadsheet(self.spreadsheet_id))

    def cells(self, title: str) -> list[list[str]]:
        """Return what the cells of a tab show."""
        [sheet] = [
            sheet
            for sheet in self.sheets.spreadsheet(self.spreadsheet_id)["sheets"]
            if sheet["properties"]["title"] == title
        ]
        rows = sheet["data"][0].get("rowData", [])
        return [[cell.get("formattedValue", "") for cell in row.get("values", [])] for row in rows]

    @property
    def lake_config(self) -> LakeConfig:
        """The lake, as a connection takes it."""
        from close_kpis.lake.config import LakeConfig

        return LakeConfig(f"sqlite:{self.lake}/catalog.sqlite", f"{self.lake}/data")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read from the lake."""
        from close_kpis.lake.connection import connect

        con = connect(self.lake_config, read_only=True)
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def contents(self, schema: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table of a schema of the lake, its rows in order.

        Left out is what a run records of itself: `kpi.computations`, `kpi.restatements`.
        """
        tables = self.query(
            "select table_name from information_schema.tables where table_catalog = 'lake'"
            f" and table_schema = '{schema}' and table_type = 'BASE TABLE'"
            " and table_name not in ('computations', 'restatements')"
        )
        assert tables
        return {name: in_order(self.query(f"select * from {schema}.{name}")) for (name,) in tables}


def in_order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows in an order of their own, their numbers comparable."""
    return sorted((tuple(comparable(value) for value in row) for row in rows), key=repr)


def comparable(value: Any) -> Any:
    """Return a value without the digits of a float that depend on the order in which it was summed up."""
    return float(f"{value:.10g}") if isinstance(value, float) else value


def without_stamps(message: Any) -> Any:
    """Return a spreadsheet without its address, when and by which run it was refreshed, and spare rows.

    How many blank rows a tab has below its block depends on how long the block was when the tab was made.
    """
    if isinstance(message, Mapping):
        left_out = {"spreadsheetId", "spreadsheetUrl", "rowCount"}
        if "spreadsheetId" in message:
            # It tells how often something was written.
            left_out.add("developerMetadata")
        if "rowData" in message:
            used = [place for place, row in enumerate(message["rowData"], 1) if _is_used(row)]
            spare = slice(max(used, default=0))
            message = {**message, "rowData": message["rowData"][spare], "rowMetadata": message["rowMetadata"][spare]}
        return {key: without_stamps(value) for key, value in message.items() if key not in left_out}
    if isinstance(message, list):
        return [without_stamps(value) for value in message]
    is_stamp = isinstance(message, str) and (message.startswith("Data through ") or "sheets_publish/runs/" in message)
    return "stamp" if is_stamp else comparable(message)


def without_changes(workbook: Any) -> Any:
    """Return a workbook without what tells of the publishes before: its tab Changes, and how many Summary counts."""
    sheets = []
    for sheet in workbook["sheets"]:
        if sheet["properties"]["title"] == "Summary":
            [block] = sheet["data"]
            rows = [row for row in block["rowData"] if "(Changes)." not in repr(row)]
            sheets.append({**sheet, "data": [{**block, "rowData": rows}], "developerMetadata": []})
        elif sheet["properties"]["title"] != "Changes":
            sheets.append(sheet)
    return {**workbook, "sheets": sheets}


def _is_used(row: Mapping[str, Any]) -> bool:
    return any("userEnteredValue" in cell for cell in row.get("values", []))


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return where two messages differ, a line for each place."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [line for key in one | other for line in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, (left, right) in pairs for line in differences(left, right, f"{path}[{place}]")]
    return [] if one == other else [f"{path}: {one!r:.200} / {other!r:.200}"]


def after(seconds: float) -> Callable[[], bool]:
    """Return a condition that holds some time after it was asked first."""
    begun: list[float] = []

    def is_over() -> bool:
        begun.append(time.monotonic())
        return time.monotonic() - begun[0] >= seconds

    return is_over
