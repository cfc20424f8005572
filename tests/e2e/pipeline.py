"""A real Airflow with the project's DAGs, between two sandbox servers, as a test sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.sandbox.demo.airflow import DAGS, Airflow

if TYPE_CHECKING:
    from include.sandbox.close_api import CloseSandbox
    from include.sandbox.sheets_api import SheetsSandbox

ENDED = ("success", "failed")

Run = Mapping[str, Any]


@dataclass
class Pipeline:
    """Close sandbox, Airflow, lake and Sheets sandbox, running.

    Attributes:
        airflow: a scheduler with its API server; pools and connections are there, DAGs unpaused.
        close: the Close API that it reads.
        sheets: the Google Sheets API that it writes.
        spreadsheet_id: the workbook.
        lake: folder of the catalog and the data.
    """

    airflow: Airflow
    close: CloseSandbox
    sheets: SheetsSandbox
    spreadsheet_id: str
    lake: Path
    seconds: dict[str, float] = field(default_factory=dict)

    def trigger(self, dag_id: str, **body: Any) -> str:
        """Start a run by hand and return its id."""
        run: Run = self.airflow.api(
            "POST", f"/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": {}, **body}
        )
        run_id: str = run["dag_run_id"]
        return run_id

    def sync(self) -> str:
        """Run close_sync and all that follows from it; return its run id."""
        run_id = self.trigger("close_sync")
        self.settle()
        return run_id

    def runs(self, dag_id: str) -> dict[str, Run]:
        """Return the runs of a DAG by run id, oldest first."""
        return {run["dag_run_id"]: run for run in self.airflow.runs(dag_id)}

    def states(self, dag_id: str, run_id: str) -> dict[str, set[str]]:
        """Return the states of a run's task instances by task."""
        states: dict[str, set[str]] = {}
        for task in self.airflow.task_instances({"dag_id": dag_id, "dag_run_id": run_id}):
            states.setdefault(task["task_id"], set()).add(task["state"])
        return states

    def settle(self, timeout: float = 240) -> None:
        """Wait until every run has ended and every announced month has had its run."""
        self.wait(self._is_settled, "every run to end", timeout)

    def _is_settled(self) -> bool:
        for dag_id in DAGS:
            for run in self.airflow.runs(dag_id):
                if run["state"] == "failed":
                    raise AssertionError(self.airflow.failure(run))
                if run["state"] != "success":
                    return False
        events = self.airflow.api("GET", "/assets/events", params={"order_by": "-id", "limit": 50})
        return all(
            event["created_dagruns"] and all(run["state"] in ENDED for run in event["created_dagruns"])
            for event in events["asset_events"]
        )

    def wait(self, condition: Callable[[], Any], what: str, timeout: float = 120) -> Any:
        """Return the first true value of a condition.

        Raises:
            AssertionError: it did not become true in time; with the state of every run.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.3)
        states = [
            f"{run['dag_id']} {run['dag_run_id']}: {run['state']}"
            for dag_id in DAGS
            for run in self.airflow.runs(dag_id)
            if run["state"] != "success"
        ]
        raise AssertionError(f"waited {timeout:.0f} s for {what}; {'; '.join(states) or 'all runs succeeded'}")

    def workbook(self) -> dict[str, Any]:
        """Return the published workbook, without what differs from run to run."""
        return comparable(self.sheets.spreadsheet(self.spreadsheet_id))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read from the lake."""
        from close_kpis.lake.connection import LakeConfig, connect

        con = connect(
            LakeConfig(f"sqlite:{self.lake}/catalog.sqlite", f"{self.lake}/data"), read_only=True
        )
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def tables(self, schema: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table of a schema of the lake, its rows sorted."""
        names = self.query(
            f"select table_name from information_schema.tables where table_schema = '{schema}'"
            " and table_catalog = 'lake' and table_type = 'BASE TABLE'"
        )
        return {
            name: sorted(self.query(f"select * from {schema}.{name}"), key=repr)
            for (name,) in names
        }


def comparable(spreadsheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spreadsheet without its address and its stamp cells (refreshed when, by which run)."""
    return {key: value for key, value in spreadsheet.items() if key not in ("spreadsheetId", "spreadsheetUrl")}


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
