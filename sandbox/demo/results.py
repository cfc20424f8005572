"""What a demo leaves in its OUT folder."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any

from close_kpis.standalone.api import DAGS

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.standalone.airflow import Airflow

CATALOG = "catalog.sqlite"
"""The file of the lake's SQL catalog, in the lake's folder."""

PLAN_ONCE = "set disabled_optimizers = 'cte_inlining';"
"""DuckDB plans a step of a query once for each place that reads it, and the views build on one another: it would plan
half a minute for an answer that takes a second."""

ATTACH = """-- Opens the lake in this folder, wherever it lies now: cd here, then duckdb -init attach.sql
install ducklake; load ducklake;
install sqlite; load sqlite;
attach 'ducklake:sqlite:catalog.sqlite' as lake
    (data_path 'data/', override_data_path true, read_only);
use lake;
-- The views build on one another: planned once for each place that reads them, they would take half a minute.
{plan_once}
"""


def prepare_out(out: Path) -> None:
    """Make the OUT folder ready for a run; what an earlier demo left there goes.

    Raises:
        FileExistsError: its ``lake`` is not one that a demo left.
    """
    out.mkdir(parents=True, exist_ok=True)
    lake = out / "lake"
    if lake.exists():
        if any(lake.iterdir()) and not (lake / CATALOG).is_file():
            raise FileExistsError(f"{lake} is not a demo's lake: choose another OUT folder")
        shutil.rmtree(lake)
    for name in ("workbook.json", "runs.json"):
        (out / name).unlink(missing_ok=True)


def write_results(out: Path, airflow: Airflow, workbook: dict[str, Any]) -> None:
    """Write ``workbook.json``, ``runs.json`` and, where a run has come as far as a lake, its ``attach.sql``.

    Args:
        out: the folder; the lake itself has been written to its ``lake`` during the run.
        airflow: the Airflow that ran the DAGs.
        workbook: the spreadsheet with grid data, as spreadsheets.get returns it.
    """
    (out / "workbook.json").write_text(json.dumps(workbook, ensure_ascii=False))
    (out / "runs.json").write_text(json.dumps(describe_runs(airflow), indent=2))
    lake = out / "lake"
    if lake.is_dir():
        (lake / "attach.sql").write_text(ATTACH.format(plan_once=PLAN_ONCE))


def describe_runs(airflow: Airflow) -> list[dict[str, Any]]:
    """Return every run of the pipeline's DAGs: its month, state, seconds and task instances."""
    return [
        {
            "dag_id": dag_id,
            "run_id": run["dag_run_id"],
            "partition_key": run.get("partition_key"),
            "state": run["state"],
            "seconds": seconds(run["start_date"], run["end_date"]),
            "tasks": [
                {
                    "task_id": task["task_id"],
                    "map_index": task["map_index"],
                    "state": task["state"],
                    "seconds": task["duration"],
                }
                for task in airflow.task_instances(run)
            ],
        }
        for dag_id in DAGS
        for run in airflow.runs(dag_id)
    ]


def seconds(start: str | None, end: str | None) -> float | None:
    """Return the seconds between two ISO instants, None where one is missing."""
    if not start or not end:
        return None
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds(), 3)
