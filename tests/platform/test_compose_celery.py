"""The services of docker-compose.yaml with two Celery workers, an object store and three accounts.

One account is refused; the others publish what the embedded default does. Then the workers, the scheduler, the database
and the store end in the middle of a backfill: with ``TEST_DISASTERS=1``.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_kpis.lake.connection import connect
from close_kpis.standalone.api import DAGS
from tests.e2e.pipeline import differences, without_changes, without_stamps
from tests.platform.compose import ROOT, Compose
from tests.platform.stand import (
    assert_contained,
    assert_page,
    assert_pools,
    is_settled,
    lake_of,
    published,
    published_alone,
    secrets_told,
    start_services,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from close_kpis.accounts import Account
    from tests.platform.stand import Stand

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

ODD_ACCOUNT = ROOT / "tests" / "fixtures" / "odd_account"

WORKERS = 2
ACCOUNTS = {
    "emea": ROOT / "include" / "kpis.yaml",
    "us": ODD_ACCOUNT / "kpis.yaml",
    "apac": ROOT / "include" / "kpis.yaml",
}
ENVIRONMENT = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}
"""A worker that is gone is missed after seconds, where Airflow waits for five and ten minutes."""


def test_each_account_publishes_the_workbook_of_the_embedded_default(
    stand: Stand, expected: Any, tmp_path: Path
) -> None:
    compose, airflow, (first, us, apac) = stand.compose, stand.compose.airflow, stand.accounts
    assert_pools(stand)
    for folder in (us.name, "alone"):
        (tmp_path / folder).mkdir()
    airflow.create_connections(connections_of(first, compose.environment("worker")))
    with ExitStack() as stack:
        american = start_services(ODD_ACCOUNT, tmp_path / us.name, stack, spreadsheet_id="us-kpis")
        for account, key in ((us, american.close_api_key), (apac, "api_refused")):
            lake = compose.folder / "lake" / account.name
            made = american.connections(catalog=lake / "catalog.sqlite", data=lake / "data")
            made["close_default"]["password"] = key
            # No two accounts may have the same one.
            made["google_sheets_default"]["extra"]["spreadsheet_id"] = f"{account.name}-kpis"
            airflow.create_connections({name.replace("default", account.name): one for name, one in made.items()})
        for account in stand.accounts:
            airflow.unpause(account.prefixed("close_sync"))
        for account in (first, us):
            compose.wait(lambda account=account: published(compose, account), f"the publish of {account.name}")

        assert differences(without_stamps(stand.services.workbook()), expected) == []
        alone = start_services(ODD_ACCOUNT, tmp_path / "alone", stack, spreadsheet_id="us-kpis")
        odd = published_alone(alone, ODD_ACCOUNT / "kpis.yaml", tmp_path / "alone")
        assert differences(without_stamps(american.workbook()), odd) == []
    [run] = airflow.runs(apac.prefixed("close_sync"))
    assert run["state"] == "failed"
    failed = [task["task_id"] for task in airflow.task_instances(run) if task["state"] == "failed"]
    assert failed == ["start_sync"]
    assert not airflow.runs(apac.prefixed("sheets_publish"))
    for number in range(WORKERS):
        assert "execute_workload" in (compose.folder / f"worker-{number}.log").read_text(), number
    assert {path.name for path in (compose.folder / "lake").iterdir()} <= {us.name, apac.name}
    assert_contained(stand)
    assert_page(stand)
    assert secrets_told(stand) == []


@pytest.mark.skipif(not os.environ.get("TEST_DISASTERS"), reason="minutes on a machine of its own: TEST_DISASTERS=1")
def test_a_backfill_outlives_worker_scheduler_database_and_store(stand: Stand, tmp_path: Path) -> None:
    """Each of six months has a deal of another value since the first sync; the workbook is that of a quiet run."""
    compose, airflow, account = stand.compose, stand.compose.airflow, stand.accounts[0]
    months = [f"2025-{month:02}" for month in range(1, 7)]
    close = httpx.Client(base_url=f"{stand.services.close_url}/api/v1", auth=(stand.services.close_api_key, ""))
    with closing(close):
        for month in months:
            deal = won_in(close, month)
            close.put(f"/opportunity/{deal['id']}/", json={"value": deal["value"] + 100}).raise_for_status()
    airflow.unpause(account.prefixed("close_history"))
    asked = {"from_date": "2025-01-01T00:00:00Z", "to_date": "2025-06-30T00:00:00Z"}
    airflow.api(
        "POST",
        "/backfills",
        json={"dag_id": account.prefixed("close_history"), **asked, "reprocess_behavior": "completed"},
    )

    assert compose.store is not None
    lost = compose.wait(lambda: tries(compose, account, "running"), "a task to run")
    compose.kill("worker-0")
    compose.kill("worker-1")
    compose.wait(lambda: tries(compose, account, "running") - lost, "a task to run again")
    compose.store.stop()
    missed = f"did not answer at {compose.store.address}"
    compose.wait(lambda: missed in compose.logs(), "a task to miss the store")
    compose.store.start()
    compose.wait(lambda: tries(compose, account, "running"), "a task to run after the store's end")
    compose.kill("scheduler")
    compose.wait(lambda: "scheduler" in compose.restarts, "a new scheduler")
    compose.wait(lambda: tries(compose, account, "running"), "a task to run after the scheduler's end")
    compose.postgres.crash()
    compose.postgres.start()

    compose.wait(lambda: months_done(compose, account) == months, "every month", 900)
    compose.wait(lambda: is_settled(compose, account), "what follows from them", 600)
    done = tries(compose, account, "success") | tries(compose, account, "skipped")
    # What ended before its worker did has not been tried again.
    assert all({(*one, number + more) for more in range(4)} & done for *one, number in lost)
    again = sum(number > 1 for *_, number in done)
    print(f"\ntries that were under way: {len(lost)}; tasks that needed several: {again}")
    assert again > 1
    assert compose.restarts[:3] == ["worker-0", "worker-1", "scheduler"]
    assert doubled(compose) == []
    (tmp_path / "quiet").mkdir()
    with ExitStack() as stack:
        other = start_services(ODD_ACCOUNT, tmp_path / "quiet", stack)
        quiet = replace(stand.services, sheets_url=other.sheets_url, google_key=other.google_key)
        undisturbed = published_alone(quiet, ROOT / "include" / "kpis.yaml", tmp_path / "quiet")
    workbook = without_stamps(stand.services.workbook())
    assert differences(without_changes(workbook), without_changes(undisturbed)) == []
    assert secrets_told(stand) == []


def won_in(close: httpx.Client, month: str) -> Any:
    """Return a deal that was won in a month."""
    won = {"status_type": "won", "date_won__gte": f"{month}-01", "date_won__lte": f"{month}-28", "_limit": 100}
    reply = close.get("/opportunity/", params=won)
    reply.raise_for_status()
    return next(row for row in reply.json()["data"] if row["value"])


def tries(compose: Compose, account: Account, state: str) -> set[tuple[Any, ...]]:
    """Return the task instances of an account that are in a state: DAG, run, task, its place, number of the try."""
    known = ("dag_id", "dag_run_id", "task_id", "map_index", "try_number")
    return {
        tuple(task[name] for name in known)
        for dag_id in DAGS
        for run in compose.airflow.runs(account.prefixed(dag_id))
        for task in compose.airflow.task_instances(run)
        if task["state"] == state
    }


def months_done(compose: Compose, account: Account) -> list[str]:
    """Return the months whose backfill has succeeded, as often as one has."""
    runs = compose.airflow.runs(account.prefixed("close_history"))
    return sorted(run["partition_key"] for run in runs if (run["state"], run["run_type"]) == ("success", "backfill"))


def doubled(compose: Compose) -> list[tuple[str, int]]:
    """Return the tables of the lake that hold a record twice, and how many."""
    with closing(connect(lake_of(compose), read_only=True)) as con:
        having_id = con.execute(
            "select table_name from information_schema.columns"
            " where table_catalog = 'lake' and table_schema = 'raw' and column_name = 'id'"
        ).fetchall()
        assert len(having_id) > 10
        counted = [
            (name, con.execute(f"select count(*) - count(distinct id) from raw.{name}").fetchall()[0][0])
            for (name,) in having_id
        ]
    return [(name, count) for name, count in counted if count]


def connections_of(account: Account, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the connections that the compose file makes for the only account, for one of several."""
    conn_ids = {"CLOSE": account.close_conn, "LAKE": account.lake_conn, "GOOGLE_SHEETS": account.sheets_conn}
    return {conn_id: json.loads(env[f"AIRFLOW_CONN_{kind}_DEFAULT"]) for kind, conn_id in conn_ids.items()}
