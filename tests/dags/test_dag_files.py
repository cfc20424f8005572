"""Every DAG file loads fast, without I/O, and says what Airflow and its reader need to know."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.dag_processing.dagbag import DagBag

OF_AN_ACCOUNT = ("close_history", "close_sync", "kpi_digest", "lake_maintenance", "sales_kpis", "sheets_publish")
DAG_IDS = tuple(sorted((*OF_AN_ACCOUNT, "metadata_cleanup")))

IMPORT_IN_A_BARE_PROCESS = """
import json, socket, sys, time
import airflow.sdk

def refuse(*args, **kwargs):
    raise AssertionError("a DAG file opened a socket")

def watch(event, args):
    path = str(args[0]) if event == "open" else ""
    if path.startswith(sys.argv[1]) and not path.endswith((".py", ".pyc")):
        opened.append(path)

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
sys.addaudithook(watch)
report = {}
for name in sys.argv[2:]:
    opened, before, started = [], set(sys.modules), time.process_time()
    dag = hasattr(__import__(name), "DAG")
    seconds = time.process_time() - started
    report[name] = {"dag": dag, "seconds": seconds, "opened": opened, "modules": sorted(set(sys.modules) - before)}
print(json.dumps(report))
"""
"""Imports DAG files as modules in a process that has imported Airflow, and reports what each did.

Arguments: the project's folder, the modules' names."""

HEAVY = {"babel", "duckdb", "google.auth", "gspread", "httpx", "matplotlib", "pandas", "scipy", "slack_sdk"}
"""Libraries that only tasks may import."""


def bare_environment() -> dict[str, str]:
    """Return the environment of a process that can import the DAG files as modules."""
    path = [ROOT / "dags", ROOT / "plugins", ROOT]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}


def shown(program: str, variables: Mapping[str, str]) -> str:
    """Return what a program says in that environment and these variables, also where it fails."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=bare_environment() | dict(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_every_file_is_one_dag_named_after_it(dag_bag: DagBag) -> None:
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(path.stem for path in (ROOT / "dags").glob("*.py")) == list(DAG_IDS)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_says_what_it_is_for(dag_bag: DagBag, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert dag.tags
    assert dag.doc_md is not None
    for heading in ("**Parameters**", "**Run**" if dag_id != "close_history" else "**One month by hand**"):
        assert heading in dag.doc_md
    assert "**Backfill**" in dag.doc_md
    for task in dag.tasks:
        assert task.owner not in ("", "airflow")
        assert task.doc


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_task_is_retried_unless_its_exception_says_it_is_no_use(dag_bag: DagBag, dag_id: str) -> None:
    for task in dag_bag.dags[dag_id].tasks:
        assert task.retries >= 2
        assert task.retry_policy is not None


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_no_task_and_no_run_goes_on_for_ever(dag_bag: DagBag, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert dag.dagrun_timeout == timedelta(hours=96)
    assert {task.execution_timeout for task in dag.tasks} == {timedelta(hours=24)}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("1", "1:00:00"),
        ("8760", "365 days, 0:00:00"),
        *((said, "no number of hours") for said in ("0", "x", "1e6", "-1")),
    ],
)
def test_how_long_a_task_may_take_is_said_by_the_environment(said: str, told: str) -> None:
    assert told in shown(
        "from close_kpis.dag_defaults import TASK_TIMEOUT; print(TASK_TIMEOUT)", {"CLOSE_KPIS_TASK_HOURS": said}
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "2000"),
        ("0", "0"),
        ("1000000", "1000000"),
        *((said, "is no number of requests") for said in ("x", "1e6", "-1", "1000001")),
    ],
)
def test_how_much_close_is_asked_in_a_week_is_said_by_the_environment(said: str, told: str) -> None:
    assert told in shown(
        "from close_kpis.dag_defaults import RECONCILE_REQUESTS; print(RECONCILE_REQUESTS)",
        {"CLOSE_KPIS_RECONCILE_REQUESTS": said},
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, "0 6 * * *"),
        ("", "0 6 * * *"),
        (" 15  * * * 1-5 ", "15 * * * 1-5"),
        *((said, "is no cron expression") for said in ("hourly", "@hourly", "61 * * * *", "* * * *", "0 0 6 * * *")),
    ],
)
def test_when_the_account_is_synced_is_said_by_the_environment(said: str | None, told: str) -> None:
    assert told in shown(
        "import close_sync; print(close_sync.SYNC_SCHEDULE)", {} if said is None else {"CLOSE_KPIS_SYNC_SCHEDULE": said}
    )


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_task_tells_its_failure_and_that_it_is_well_again(dag_bag: DagBag, dag_id: str) -> None:
    from close_kpis.accounts import Account
    from close_kpis.dag_defaults import alarms

    told = alarms(Account())
    for task in dag_bag.dags[dag_id].tasks:
        failed, succeeded, skipped = (
            getattr(task, f"on_{what}_callback") for what in ("failure", "success", "skipped")
        )
        # A mapped task has the callback itself, any other a list of it.
        called = [said[0] if isinstance(said, list) else said for said in (failed, succeeded, skipped)]
        assert [one.__self__ for one in called] == [told] * 3
        assert [one.__name__ for one in called] == ["on_failure", "on_success", "on_success"]


def test_a_sync_has_a_deadline(dag_bag: DagBag) -> None:
    assert [dag_id for dag_id, dag in dag_bag.dags.items() if dag.deadline] == ["close_sync"]


def test_every_pool_is_created_by_set_up(dag_bag: DagBag) -> None:
    from close_kpis.accounts import pools

    named = {task.pool for dag in dag_bag.dags.values() for task in dag.tasks}
    assert named - {"default_pool"} == set(pools())
    assert pools()["lake"][0] == 1


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_consumers_and_the_backfilled_dag_are_created_unpaused(dag_bag: DagBag, dag_id: str) -> None:
    """A paused consumer loses events, a backfill of a paused DAG waits for ever; the others wait for a person."""
    waits = dag_id in {"close_sync", "kpi_digest"}
    assert dag_bag.dags[dag_id].is_paused_upon_creation is (None if waits else False)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_has_one_run_at_a_time(dag_bag: DagBag, dag_id: str) -> None:
    """Two syncs at once would read the account twice, two publishes would write over each other."""
    assert dag_bag.dags[dag_id].max_active_runs == 1


def test_an_asset_has_one_producer(dag_bag: DagBag) -> None:
    produced = [outlet.name for dag in dag_bag.dags.values() for task in dag.tasks for outlet in task.outlets]
    assert sorted(produced) == ["close_raw_month", "close_raw_synced", "sales_kpis"]


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_can_be_serialised(dag_bag: DagBag, dag_id: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    def read_again(value: dict[str, Any]) -> Any:
        return DagSerialization.from_dict(json.loads(json.dumps(value)))

    assert read_again(DagSerialization.to_dict(dag_bag.dags[dag_id])).dag_id == dag_id


@pytest.fixture(scope="module")
def imports() -> dict[str, Any]:
    """What importing each DAG file did, in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_IN_A_BARE_PROCESS, str(ROOT), *DAG_IDS],
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return report


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_importing_a_dag_costs_airflow_and_nothing_else(imports: dict[str, Any], dag_id: str) -> None:
    """No network (the import would have failed), no settings or SQL file, no library for numbers, under a second."""
    seen = imports[dag_id]
    assert seen["dag"]
    assert seen["opened"] == []
    assert HEAVY & set(seen["modules"]) == set()
    assert seen["seconds"] < 1


def test_schedules_follow_the_zone_in_the_environment() -> None:
    """The zone comes from CLOSE_KPIS_TIMEZONE, so that no file is read when a DAG is."""
    script = "import close_sync, close_history as h; print(close_sync.TIMEZONE, h.TIMEZONE)"
    result = subprocess.run(
        [sys.executable, "-c", script],
        env=bare_environment() | {"CLOSE_KPIS_TIMEZONE": "Europe/Berlin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split()[-2:] == ["Europe/Berlin", "Europe/Berlin"]
