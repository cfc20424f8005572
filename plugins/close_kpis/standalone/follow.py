"""How far the runs of a running Airflow are, told as they go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from close_kpis.reporting import PipelineError
from close_kpis.standalone.api import DAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from close_kpis.standalone.api import AirflowApi

PACE = 10.0
"""Seconds between two looks at the logs of what runs; a read of Close tells its progress at this pace."""

PROGRESS = "rows/s"
"""What the lines of `close_kpis.sync.progress` have in common."""


class RunFailedError(PipelineError):
    """A DAG run failed; the message holds the failed task's last log lines."""


class Follower:
    """Tells the runs of the pipeline as they end, and how far the sync is meanwhile.

    Args:
        airflow: a running Airflow.
        say: takes a line.
    """

    def __init__(self, airflow: AirflowApi, say: Callable[[str], None]) -> None:
        self._airflow = airflow
        self._say = say
        self._told: set[tuple[str, str, str]] = set()
        self._lines: dict[tuple[str, int], str] = {}
        self._looked_at = float("-inf")

    def skip_ended(self) -> bool:
        """Count the runs that have ended as told; return whether a workbook has been published by one of them."""
        ended = [run for run in self._runs() if _has_ended(run)]
        self._told |= {_ending(run) for run in ended}
        return any(run["dag_id"] == "sheets_publish" and run["state"] == "success" for run in ended)

    def look(self) -> bool:
        """Tell what is new; return whether a workbook has been published.

        Raises:
            RunFailedError: a run has failed, which is told once.
        """
        for run in self._runs():
            if run["state"] == "running" and run["dag_id"] == "close_sync":
                self._tell_progress(run)
            if not _has_ended(run) or _ending(run) in self._told:
                continue
            self._told.add(_ending(run))
            key = f" {run['partition_key']}" if run.get("partition_key") else ""
            self._say(f"  {run['dag_id']}{key}: {run['state']} in {run['duration'] or 0:.0f} s")
            if run["state"] == "failed":
                raise RunFailedError(self._airflow.failure(run))
            if run["dag_id"] == "sheets_publish":
                return True
        return False

    def _runs(self) -> Iterable[dict[str, Any]]:
        return [run for dag_id in DAGS for run in self._airflow.runs(dag_id)]

    def _tell_progress(self, run: Mapping[str, Any]) -> None:
        if time.monotonic() - self._looked_at < PACE:
            return
        self._looked_at = time.monotonic()
        tasks = self._airflow.task_instances(run)
        for task in tasks:
            if task["state"] != "running" or task["task_id"] != "sync_stream":
                continue
            lines = [line for line in self._airflow.messages(run, task) if PROGRESS in line]
            self._tell(("sync_stream", task["map_index"]), lines[-1] if lines else "")
        streams = [task for task in tasks if task["task_id"] == "sync_stream" and task["map_index"] >= 0]
        done = sum(task["state"] in ("success", "skipped") for task in streams)
        self._tell(("streams", -1), f"{done} of {len(streams)} streams of Close are read" if done else "")

    def _tell(self, about: tuple[str, int], line: str) -> None:
        if line and self._lines.get(about) != line:
            self._lines[about] = line
            self._say(f"  {line}")


def wait_for_publish(airflow: AirflowApi, timeout: float, say: Callable[[str], None]) -> None:
    """Wait until a run of sheets_publish has succeeded, and tell the runs as they end.

    Args:
        airflow: a running Airflow.
        timeout: seconds that it may take.
        say: takes a line.

    Raises:
        RunFailedError: a run failed, or none was published in time.
    """
    follower = Follower(airflow, say)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if follower.look():
            return
        time.sleep(1)
    states = [f"{run['dag_id']}: {run['state']}" for dag_id in DAGS for run in airflow.runs(dag_id)]
    raise RunFailedError(f"nothing was published within {timeout:.0f} s; runs: {', '.join(states) or 'none'}")


def _has_ended(run: Mapping[str, Any]) -> bool:
    return run["state"] in ("success", "failed")


def _ending(run: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what tells the end of a run from that of the same run after it was cleared."""
    return str(run["dag_id"]), str(run["dag_run_id"]), str(run["end_date"])
