"""The services of docker-compose.yaml, started as processes: what the containers would run, on PostgreSQL.

Once as they stand, once with two Celery workers, an object store and three accounts, of which one is refused; the
others publish what the embedded default does. Then those workers, the scheduler, the database and the store end in the
middle of a backfill.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_kpis.accounts import Account
from close_kpis.lake.connection import connect
from close_kpis.lake.hook import LakeHook
from close_kpis.standalone.api import DAGS
from sandbox.demo.services import SPREADSHEET_ID, Services
from tests.conftest import COMPANY_DAY
from tests.e2e.pipeline import differences, start_step, step_environment, without_changes, without_stamps
from tests.platform.compose import ADMIN_PASSWORD, ROOT, Compose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig

ODD_ACCOUNT = ROOT / "tests" / "fixtures" / "odd_account"

IMPATIENCE = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}
"""A worker that is gone is missed after seconds, where Airflow waits for five and ten minutes."""

LOCAL, CELERY = (0, ""), (2, "emea,us,apac")
"""Workers and accounts."""


@dataclass(frozen=True)
class Stand:
    """The services, and what they read and write.

    Attributes:
        compose: the services.
        services: Close and Google of the first account.
        accounts: of the pipeline.
    """

    compose: Compose
    services: Services
    accounts: tuple[Account, ...]


@pytest.fixture(scope="module")
def stand(
    request: pytest.FixtureRequest, demo_company: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    workers, names = request.param
    folder = tmp_path_factory.mktemp("compose")
    environment = dict(IMPATIENCE)
    if names:
        environment["CLOSE_KPIS_SETTINGS"] = str(settings_of_accounts(folder / "accounts"))
    with ExitStack() as stack:
        services = start_services(demo_company, folder, stack)
        compose = Compose(services, folder, stack, workers=workers, accounts=names, environment=environment)
        accounts = tuple(map(Account, names.split(",")))
        compose.airflow.wait_for_dags(dag_ids=[account.prefixed(dag) for account in accounts for dag in DAGS])
        yield Stand(compose, services, accounts)


@pytest.fixture(scope="module")
def expected(demo_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Returns the demo company's workbook as the embedded default publishes it."""
    folder = tmp_path_factory.mktemp("embedded")
    with ExitStack() as stack:
        return published_alone(start_services(demo_company, folder, stack), ROOT / "include" / "kpis.yaml", folder)


def published_alone(services: Services, settings: Path, folder: Path) -> Any:
    """Return the workbook that the steps make of an account without Airflow, on SQLite and a local folder."""
    made = services.connections(catalog=folder / "catalog.sqlite", data=folder / "data")
    env = step_environment(made) | {"AIRFLOW_HOME": str(folder), "CLOSE_KPIS_SETTINGS": str(settings)}
    # The Summary's stamp leads there.
    address = "http://127.0.0.1:8080/dags/sheets_publish/runs/embedded"
    for step in (["sync"], ["compute"], ["publish", "embedded", address]):
        process = start_step(env, *step)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    return without_stamps(services.workbook())


def start_services(account: Path, folder: Path, stack: ExitStack, *, spreadsheet_id: str = SPREADSHEET_ID) -> Services:
    """Start the sandboxes on the evening of the day that the demo company ends on."""
    evening = datetime.combine(COMPANY_DAY, clock_time(20), UTC)
    return Services.start(
        account=account, spreadsheet_id=spreadsheet_id, as_of=evening, folder=folder, root=ROOT, stack=stack
    )


@pytest.mark.e2e
@pytest.mark.parametrize("stand", [LOCAL, CELERY], indirect=True)
def test_services_publish_the_workbook_on_postgresql(stand: Stand, expected: Any, tmp_path: Path) -> None:
    """init, api-server, scheduler, dag-processor, triggerer and workers bring an account to its workbook."""
    compose, airflow, (first, *others) = stand.compose, stand.compose.airflow, stand.accounts
    pools = {pool["name"]: pool["slots"] for pool in airflow.api("GET", "/pools")["pools"]}
    for account in stand.accounts:
        assert pools[account.prefixed("lake")] == 1
        assert pools[account.prefixed("close_api")] == 4
    with ExitStack() as stack:
        if others:
            us, apac = others
            (tmp_path / us.name).mkdir()
            (tmp_path / "alone").mkdir()
            airflow.create_connections(connections_of(first, compose.environment("worker")))
            american = start_services(ODD_ACCOUNT, tmp_path / "us", stack, spreadsheet_id="us-kpis")
            for account, key in ((us, american.close_api_key), (apac, "api_refused")):
                lake = tmp_path / account.name / "lake"
                made = american.connections(catalog=lake / "catalog.sqlite", data=lake / "data")
                made["close_default"]["password"] = key
                # No two accounts may have the same one.
                made["google_sheets_default"]["extra"]["spreadsheet_id"] = f"{account.name}-kpis"
                airflow.create_connections({name.replace("default", account.name): one for name, one in made.items()})
        for account in stand.accounts:
            airflow.unpause(account.prefixed("close_sync"))
        compose.wait(lambda: published(compose, first), "the publish")

        assert differences(without_stamps(stand.services.workbook()), expected) == []
        if others:
            compose.wait(lambda: published(compose, us), "the publish of the second account")
            alone = start_services(ODD_ACCOUNT, tmp_path / "alone", stack, spreadsheet_id="us-kpis")
            odd = published_alone(alone, ODD_ACCOUNT / "kpis.yaml", tmp_path / "alone")
            assert differences(without_stamps(american.workbook()), odd) == []
            [run] = airflow.runs(apac.prefixed("close_sync"))
            assert run["state"] == "failed"
            failed = [task["task_id"] for task in airflow.task_instances(run) if task["state"] == "failed"]
            assert failed == ["start_sync"]
            assert not airflow.runs(apac.prefixed("sheets_publish"))
    for number in range(compose.workers):
        assert "execute_workload" in (compose.folder / f"worker-{number}.log").read_text(), number
    assert (compose.folder / "lake").exists() == (compose.workers == 0)

    page = f"{airflow.url}/sales-kpis/{f'{first.name}/' if first.name else ''}"
    assert httpx.get(page).status_code == 401
    login = {"username": "admin", "password": ADMIN_PASSWORD}
    token = httpx.post(f"{airflow.url}/auth/token", json=login).json()["access_token"]
    shown = httpx.get(page, headers={"authorization": f"Bearer {token}"}, timeout=60)
    assert shown.status_code == 200, shown.text
    assert "A number opens the records that it is made of." in shown.text
    assert secrets_told(stand) == []


@pytest.mark.e2e
@pytest.mark.parametrize("stand", [LOCAL], indirect=True)
def test_commands_of_the_operators_page_work(stand: Stand) -> None:
    """The clean-up of Airflow's metadata, a copy of both databases, and the way back to it."""
    compose, postgres, airflow = stand.compose, stand.compose.postgres, stand.compose.airflow
    blocks = re.findall(r"```sh\n(docker compose .*?)\n```", (ROOT / "docs/operate.md").read_text(), re.DOTALL)
    copy, back, [cleanup] = (block.split("\n") for block in blocks)

    postgres.execute("airflow", "insert into log (dttm, event) values ('2020-01-01', 'long ago'), (now(), 'now')")
    compose.run(cleanup)
    compose.wait(lambda: has_succeeded(compose, "metadata_cleanup"), "the clean-up")
    assert postgres.execute("airflow", "select event from log where event in ('long ago', 'now')") == [("now",)]
    assert {run["state"] for run in airflow.runs("close_sync")} == {"success"}, "runs of today stay"

    for command in copy:
        compose.run(command)
    snapshots = "select count(*) from ducklake_snapshot"
    [(before,)] = postgres.execute("lake", snapshots)
    postgres.execute("airflow", "delete from log")
    postgres.execute("lake", "delete from ducklake_snapshot")
    for command in back:
        compose.run(command)
    assert postgres.execute("lake", snapshots) == [(before,)]
    assert postgres.execute("airflow", "select event from log where event = 'now'") == [("now",)]
    run = airflow.api("POST", "/dags/close_sync/dagRuns", json={"logical_date": None, "conf": {}})
    compose.wait(lambda: has_succeeded(compose, "close_sync", run["dag_run_id"]), "a sync after the way back")


def has_succeeded(compose: Compose, dag_id: str, run_id: str | None = None) -> bool:
    """Tell whether a run of a DAG, any where none is named, has succeeded; fail with the log of a failed one."""
    runs = [run for run in compose.airflow.runs(dag_id) if run_id in {None, run["dag_run_id"]}]
    failed = [run for run in runs if run["state"] == "failed"]
    assert not failed, compose.airflow.failure(failed[0])
    return any(run["state"] == "success" for run in runs)


@pytest.mark.e2e
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stand", [CELERY], indirect=True)
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
    waiting = tries(compose, account, "up_for_retry")
    compose.store.stop()
    lost |= compose.wait(lambda: tries(compose, account, "up_for_retry") - waiting, "a task to miss the store")
    compose.store.start()
    compose.wait(lambda: tries(compose, account, "running"), "a task to run after the store's end")
    compose.kill("scheduler")
    compose.wait(lambda: "scheduler" in compose.restarts, "a new scheduler")
    compose.wait(lambda: tries(compose, account, "running"), "a task to run after the scheduler's end")
    compose.postgres.crash()
    compose.postgres.start()

    compose.wait(lambda: months_done(compose, account) == months, "every month", 900)
    compose.wait(lambda: is_settled(compose, account), "what follows from them", 600)
    done = tries(compose, account, "success")
    print(f"\ntries that were lost: {len(lost)}; tasks that needed several: {sum(one[-1] > 1 for one in done)}")
    assert all({(*one, number + more) for more in (1, 2, 3)} & done for *one, number in lost), "each was tried again"
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


def secrets_told(stand: Stand) -> list[str]:
    """Return where a secret can be read: logs, process arguments, both databases, the lake's rows, the workbook."""
    compose = stand.compose
    places = {
        "logs": compose.logs(),
        "process arguments": "\n".join(compose.command_lines),
        # XComs, rendered templates, serialized DAGs, connections, which Airflow encrypts.
        "metadata database": compose.postgres.dump("airflow"),
        "lake's catalog": compose.postgres.dump("lake"),
        "lake": rows_of_lake(compose),
        "workbook": repr(stand.services.workbook()),
    }
    assert all(len(text) > 1000 for text in places.values()), "nothing was read"
    key = stand.services.google_key["private_key"].splitlines()[10]
    secret = {name: value for name, value in compose.variables.items() if re.search("KEY$|PASSWORD|SECRET", name)}
    assert len(secret) >= 5
    secret["Google's private key"] = key
    return [f"{name} in {place}" for place, text in places.items() for name, value in secret.items() if value in text]


def rows_of_lake(compose: Compose) -> str:
    """Return every row of the lake's first account as text."""
    with closing(connect(lake_of(compose), read_only=True)) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'lake' and table_type = 'BASE TABLE'"
        ).fetchall()
        return "".join(repr(con.execute(f"select * from {schema}.{name}").fetchall()) for schema, name in tables)


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
    """Return the months of close_history whose run has succeeded, as often as one has."""
    runs = compose.airflow.runs(account.prefixed("close_history"))
    return sorted(run["partition_key"] for run in runs if run["state"] == "success")


def is_settled(compose: Compose, account: Account) -> bool:
    """Tell whether every run of an account has succeeded; fail with the log of a failed one."""
    runs = [run for dag_id in DAGS for run in compose.airflow.runs(account.prefixed(dag_id))]
    failed = [run for run in runs if run["state"] == "failed"]
    assert not failed, compose.airflow.failure(failed[0])
    return all(run["state"] == "success" for run in runs)


def published(compose: Compose, account: Account) -> bool:
    """Tell whether an account's sheets_publish has succeeded, and all before it."""
    return is_settled(compose, account) and bool(compose.airflow.runs(account.prefixed("sheets_publish")))


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


def lake_of(compose: Compose) -> LakeConfig:
    """Return the lake of the compose file's connection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_LAKE_DEFAULT", compose.environment("worker")["AIRFLOW_CONN_LAKE_DEFAULT"])
        return LakeHook().config


def connections_of(account: Account, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the connections that the compose file makes for the only account, for one of several."""
    conn_ids = {"CLOSE": account.close_conn, "LAKE": account.lake_conn, "GOOGLE_SHEETS": account.sheets_conn}
    return {conn_id: json.loads(env[f"AIRFLOW_CONN_{kind}_DEFAULT"]) for kind, conn_id in conn_ids.items()}


def settings_of_accounts(folder: Path) -> Path:
    """Return a folder of settings as ``include/accounts`` is one."""
    folder.mkdir(exist_ok=True)
    for name, settings in {"emea": ROOT / "include", "us": ODD_ACCOUNT, "apac": ROOT / "include"}.items():
        shutil.copy(settings / "kpis.yaml", folder / f"{name}.yaml")
    return folder
