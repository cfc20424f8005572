"""Running a DAG in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.sdk import DAG


def run_in_process(dag: DAG, conf: dict[str, Any] | None = None) -> DagRun:
    """Run a DAG task after task, without its deadline: a scheduler has to be there to miss one.

    `dag.test()` of a DAG with a deadline runs it, and then fails. Source: github.com/apache/airflow/issues/73428.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dag, "deadline", None)
        run: DagRun = dag.test(run_conf=conf)
    return run
