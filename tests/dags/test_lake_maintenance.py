"""The DAG lake_maintenance: skipped while there is no lake, then it tells what it has done."""

from __future__ import annotations

from typing import Any

import pytest

from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from tests.conftest import ROOT
from tests.support.dags import run_in_process

pytestmark = pytest.mark.slow


def test_run_is_skipped_before_the_first_sync_and_tells_what_is_left_after_it(
    airflow_db: None, lake_connection: dict[str, str]
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    dag: Any = DagBag(dag_folder=ROOT / "dags" / "lake_maintenance.py").dags["lake_maintenance"]
    tasks = {task.task_id: task for task in run_in_process(dag).get_task_instances()}
    assert {name: task.state for name, task in tasks.items()} == {
        "maintain_lake": "skipped",
        "reconcile_records": "skipped",
    }
    connect(LakeConfig(lake_connection["catalog"], lake_connection["data_path"])).close()
    tasks = {task.task_id: task for task in run_in_process(dag).get_task_instances()}
    assert tasks["reconcile_records"].state == "skipped"
    assert tasks["maintain_lake"].state == "success"
    told = tasks["maintain_lake"].xcom_pull(task_ids="maintain_lake")
    assert (told["tables"], told["snapshots"], told["files"], told["files_left"]) == ([], 0, 0, 0)
