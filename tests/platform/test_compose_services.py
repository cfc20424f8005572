"""The services of docker-compose.yaml, started as processes: what the containers would run, on PostgreSQL.

Once as they stand, once with two Celery workers, an object store and three accounts, of which one is refused; the
others publish what the embedded default does.

No container engine is needed. The names that Docker's network and volumes would resolve (`postgres`,
`api-server`, `/opt/airflow/lake`, ...) are replaced by addresses and folders of this machine; commands
and environment are the file's own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from close_kpis.accounts import Account
from close_kpis.standalone.api import DAGS, AirflowApi
from close_kpis.standalone.processes import DidNotStartError, Process, free_port
from sandbox.demo.services import SPREADSHEET_ID, Services
from tests.conftest import COMPANY_DAY
from tests.e2e.pipeline import differences, start_step, step_environment, without_stamps
from tests.support.postgres import connect_to_server
from tests.support.services import object_store, redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
ODD_ACCOUNT = ROOT / "tests" / "fixtures" / "odd_account"
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(?:(:[-?])((?:\$\{[^}]*\}|[^}])*))?\}")


@dataclass(frozen=True)
class Database:
    """A PostgreSQL role of this test with its two databases, as the compose file's `postgres` has them."""

    role: str
    password: str
    airflow: str
    lake: str
    host: str
    port: str


@pytest.fixture
def database() -> Iterator[Database]:
    connection = connect_to_server()
    where = connection.get_dsn_parameters()
    name = f"compose_test_{secrets.token_hex(4)}"
    created = Database(name, secrets.token_hex(8), f"{name}_airflow", f"{name}_lake", where["host"], where["port"])
    with connection.cursor() as cursor:
        cursor.execute(f"create role {created.role} login password '{created.password}'")
        for dbname in (created.airflow, created.lake):
            cursor.execute(f"create database {dbname} owner {created.role}")
        try:
            yield created
        finally:
            for dbname in (created.airflow, created.lake):
                cursor.execute(f"drop database {dbname} with (force)")
            cursor.execute(f"drop role {created.role}")
    connection.close()


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?error}`` as compose does; ``$$`` is a dollar.

    A default may hold another variable.
    """

    def value(match: re.Match[str]) -> str:
        name, operator, argument = match[1], match[2], match[3]
        if variables.get(name):
            return variables[name]
        assert operator != ":?", f"{name}: {argument}"
        return VARIABLE.sub(value, argument) if operator == ":-" else ""

    return VARIABLE.sub(value, text).replace("$$", "$")


@pytest.fixture(scope="module")
def expected(demo_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Returns the demo company's workbook as the embedded default publishes it."""
    return published_alone(demo_company, ROOT / "include" / "kpis.yaml", tmp_path_factory.mktemp("embedded"))


def published_alone(account: Path, settings: Path, folder: Path) -> Any:
    """Return the workbook that the steps make of an account without Airflow, on SQLite and a local folder."""
    with ExitStack() as stack:
        services = start_services(account, folder, stack)
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
@pytest.mark.parametrize(("workers", "accounts"), [(0, ""), (2, "emea,us,apac")])
def test_services_publish_the_workbook_on_postgresql(
    workers: int, accounts: str, database: Database, demo_company: Path, expected: Any, tmp_path: Path
) -> None:
    """init, api-server, scheduler, dag-processor, triggerer and workers bring an account to its workbook."""
    first, *others = map(Account, accounts.split(","))
    variables = {
        "POSTGRES_PASSWORD": database.password,
        "AIRFLOW_ADMIN_PASSWORD": "correct-horse",  # pragma: allowlist secret
        "AIRFLOW_FERNET_KEY": "Zm9yIHRoaXMgdGVzdCBvbmx5LCB0aGlydHktdHdvIGI=",  # pragma: allowlist secret
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
    }
    with ExitStack() as stack:
        services = start_services(demo_company, tmp_path, stack)
        (tmp_path / "google-key.json").write_text(json.dumps(services.google_key))
        variables |= {
            "CLOSE_API_KEY": services.close_api_key,
            "CLOSE_BASE_URL": services.close_url,
            "SHEETS_API_ENDPOINT": services.sheets_url,
            "SPREADSHEET_ID": services.spreadsheet_id,
            "REPORTING_TIMEZONE": "America/New_York",
            "ACCOUNTS": accounts,
        }
        addresses = {}
        if workers:
            redis_password = secrets.token_hex(8)
            broker = stack.enter_context(redis_server(f'requirepass {redis_password}\nsave ""'))
            addresses["@redis:6379"] = f"@127.0.0.1:{broker}"
            variables |= {
                "AIRFLOW_EXECUTOR": "CeleryExecutor",
                "REDIS_PASSWORD": redis_password,
                "LAKE_DATA_PATH": "s3://lake/kpis/",
                "LAKE_S3_KEY_ID": "key",
                "LAKE_S3_SECRET": secrets.token_hex(8),
                "LAKE_S3_ENDPOINT": stack.enter_context(object_store("lake")),
                "LAKE_S3_URL_STYLE": "path",
                "LAKE_S3_USE_SSL": "false",
            }
        compose = yaml.safe_load(interpolate((ROOT / "docker-compose.yaml").read_text(), variables))
        port = free_port()
        started = {
            name: environment(compose["services"][name], database, port, tmp_path, addresses)
            for name in compose["services"]
        }
        init = subprocess.run(
            compose["services"]["init"]["command"],
            env=started["init"],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert init.returncode == 0, init.stdout + init.stderr
        for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
            start(stack, name, compose["services"][name]["command"].split(), started[name], tmp_path)
        for number in range(workers):
            # Each container has a name, a home and a network of its own.
            (home := tmp_path / f"worker-{number}").mkdir()
            env = {
                **started["worker"],
                "AIRFLOW_HOME": str(home),
                "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            }
            command = [*compose["services"]["worker"]["command"].split(), "--celery-hostname", f"worker-{number}"]
            start(stack, f"worker-{number}", command, env, tmp_path)
        airflow = AirflowApi(f"http://127.0.0.1:{port}")
        stack.callback(airflow.close)
        wait_until(airflow.is_healthy, 180, "Airflow's health")
        airflow.log_in("admin", "correct-horse")
        airflow.wait_for_dags(dag_ids=[account.prefixed(dag) for account in (first, *others) for dag in DAGS])
        pools = {pool["name"]: pool["slots"] for pool in airflow.api("GET", "/pools")["pools"]}
        for account in (first, *others):
            assert pools[account.prefixed("lake")] == 1
            assert pools[account.prefixed("close_api")] == 4
        if others:
            us, apac = others
            (tmp_path / us.name).mkdir()
            (tmp_path / "alone").mkdir()
            airflow.create_connections(connections_of(first, started["worker"]))
            american = start_services(ODD_ACCOUNT, tmp_path / "us", stack, spreadsheet_id="us-kpis")
            for account, key in ((us, american.close_api_key), (apac, "api_refused")):
                lake = tmp_path / account.name / "lake"
                made = american.connections(catalog=lake / "catalog.sqlite", data=lake / "data")
                made["close_default"]["password"] = key
                # No two accounts may have the same one.
                made["google_sheets_default"]["extra"]["spreadsheet_id"] = f"{account.name}-kpis"
                airflow.create_connections({name.replace("default", account.name): one for name, one in made.items()})
        for account in (first, *others):
            airflow.unpause(account.prefixed("close_sync"))
        wait_until(lambda: published(airflow, first), 300, "the publish")

        assert differences(without_stamps(services.workbook()), expected) == []
        if others:
            wait_until(lambda: published(airflow, us), 300, "the publish of the second account")
            alone = published_alone(ODD_ACCOUNT, ODD_ACCOUNT / "kpis.yaml", tmp_path / "alone")
            assert differences(without_stamps(american.workbook()), alone) == []
            [run] = airflow.runs(apac.prefixed("close_sync"))
            assert run["state"] == "failed"
            failed = [task["task_id"] for task in airflow.task_instances(run) if task["state"] == "failed"]
            assert failed == ["start_sync"]
            assert not airflow.runs(apac.prefixed("sheets_publish"))
        for number in range(workers):
            assert "execute_workload" in (tmp_path / f"worker-{number}.log").read_text(), number
        assert (tmp_path / "lake").exists() == (workers == 0)
        log = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.log"))
        for name in ("POSTGRES_PASSWORD", "CLOSE_API_KEY", "LAKE_S3_SECRET", "AIRFLOW_FERNET_KEY", "REDIS_PASSWORD"):
            assert variables.get(name, "none of it") not in log, name

        page = f"{airflow.url}/sales-kpis/{f'{first.name}/' if first.name else ''}"
        assert httpx.get(page).status_code == 401
        login = {"username": "admin", "password": "correct-horse"}  # pragma: allowlist secret
        token = httpx.post(f"{airflow.url}/auth/token", json=login).json()["access_token"]
        shown = httpx.get(page, headers={"authorization": f"Bearer {token}"}, timeout=60)
        assert shown.status_code == 200, shown.text
        assert "A number opens the records that it is made of." in shown.text


def connections_of(account: Account, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the connections that the compose file makes for the only account, for one of several."""
    conn_ids = {"CLOSE": account.close_conn, "LAKE": account.lake_conn, "GOOGLE_SHEETS": account.sheets_conn}
    return {conn_id: json.loads(env[f"AIRFLOW_CONN_{kind}_DEFAULT"]) for kind, conn_id in conn_ids.items()}


def start(stack: ExitStack, name: str, command: list[str], env: Mapping[str, str], folder: Path) -> None:
    """Start a service; it stops when the stack closes."""
    airflow = str(Path(sys.executable).parent / "airflow")
    stack.callback(Process(name, [airflow, *command], log=folder / f"{name}.log", env=env).stop)


def environment(
    service: Mapping[str, Any], database: Database, port: int, folder: Path, others: Mapping[str, str]
) -> dict[str, str]:
    """Return a service's environment with this machine's addresses for those inside the containers."""
    addresses = {
        **others,
        "airflow:" + database.password + "@postgres/airflow": (
            f"{database.role}:{database.password}@{database.host}:{database.port}/{database.airflow}"
        ),
        "host=postgres port=5432 dbname=lake user=airflow": (
            f"host={database.host} port={database.port} dbname={database.lake} user={database.role}"
        ),
        "http://api-server:8080": f"http://127.0.0.1:{port}",
        "/run/secrets/google_key": str(folder / "google-key.json"),
        "/opt/airflow/": f"{folder}/",
    }
    values = {}
    for name, value in service.get("environment", {}).items():
        for inside, here in addresses.items():
            value = str(value).replace(inside, here)
        values[name] = value
    (folder / "auth").mkdir(exist_ok=True)
    if values.get("CLOSE_KPIS_ACCOUNTS"):
        values["CLOSE_KPIS_SETTINGS"] = str(settings_of_accounts(folder / "accounts"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "CLOSE_KPIS_"))}
    return {
        **kept,
        **values,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "plugins"),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__API__HOST": "127.0.0.1",
        # What the image's folders and each container's own network give.
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
    }


def settings_of_accounts(folder: Path) -> Path:
    """Return a folder of settings as ``include/accounts`` is one."""
    folder.mkdir(exist_ok=True)
    for name, settings in {"emea": ROOT / "include", "us": ODD_ACCOUNT, "apac": ROOT / "include"}.items():
        shutil.copy(settings / "kpis.yaml", folder / f"{name}.yaml")
    return folder


def published(airflow: AirflowApi, account: Account) -> bool:
    """Tell whether an account's sheets_publish has succeeded; fail with the log of a failed run."""
    runs = [run for dag_id in DAGS for run in airflow.runs(account.prefixed(dag_id))]
    failed = [run for run in runs if run["state"] == "failed"]
    assert not failed, airflow.failure(failed[0])
    return any(run["dag_id"] == account.prefixed("sheets_publish") and run["state"] == "success" for run in runs)


def wait_until(condition: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise DidNotStartError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(1)
