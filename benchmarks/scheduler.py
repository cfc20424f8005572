"""Backfills of a running Airflow, and when all that follows from them has ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.standalone.api import DAGS

if TYPE_CHECKING:
    from close_kpis.standalone.airflow import Airflow


def create_backfill(airflow: Airflow, from_date: str, to_date: str, *options: str) -> None:
    """Backfill close_history from the command line.

    Raises:
        AssertionError: the command failed; with what it printed.
    """
    command = [str(Path(sys.executable).parent / "airflow"), "backfill", "create", "--dag-id", "close_history"]
    done = subprocess.run(
        [*command, "--from-date", from_date, "--to-date", to_date, *options],
        env=dict(airflow.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout


def is_backfilled(airflow: Airflow) -> bool:
    """Whether every backfill is closed: some seconds after its last run, and a DAG has one open at a time."""
    backfills = airflow.api("GET", "/backfills", params={"dag_id": "close_history"})["backfills"]
    return all(backfill["completed_at"] for backfill in backfills)


def has_settled(airflow: Airflow) -> bool:
    """Whether every run has ended well, and every announced month has had its run.

    Raises:
        AssertionError: a run failed; with the last lines of its log.
    """
    for dag_id in DAGS:
        for run in airflow.runs(dag_id):
            assert run["state"] != "failed", airflow.failure(run)
            if run["state"] != "success":
                return False
    events = airflow.api("GET", "/assets/events", params={"order_by": "-timestamp", "limit": 50})
    return all(
        event["created_dagruns"] and all(run["state"] == "success" for run in event["created_dagruns"])
        for event in events["asset_events"]
    )
