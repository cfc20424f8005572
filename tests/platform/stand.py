"""A deployment of docker-compose.yaml between the sandboxes, and what its tests ask of it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks.steps import step_command, step_environment
from close_kpis.lake.hook import LakeHook
from close_kpis.standalone.api import DAGS
from sandbox.demo.services import SPREADSHEET_ID, Services
from tests.conftest import COMPANY_DAY
from tests.e2e.pipeline import without_stamps
from tests.platform.compose import ADMIN_PASSWORD, ROOT, Compose
from tests.support.leaks import leaks, rows_of_lake

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from close_kpis.accounts import Account
    from close_kpis.lake.config import LakeConfig


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


def published_alone(services: Services, settings: Path, folder: Path) -> Any:
    """Return the workbook that the steps make of an account without Airflow, on SQLite and a local folder."""
    made = services.connections(catalog=folder / "catalog.sqlite", data=folder / "data")
    env = step_environment(made) | {"AIRFLOW_HOME": str(folder), "CLOSE_KPIS_SETTINGS": str(settings)}
    # The Summary's stamp leads there.
    address = "http://127.0.0.1:8080/dags/sheets_publish/runs/embedded"
    for step in (["sync"], ["compute"], ["publish", "embedded", address]):
        done = subprocess.run(step_command(*step), env=env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
    return without_stamps(services.workbook())


def start_services(account: Path, folder: Path, stack: ExitStack, *, spreadsheet_id: str = SPREADSHEET_ID) -> Services:
    """Start the sandboxes on the evening of the day that the demo company ends on."""
    evening = datetime.combine(COMPANY_DAY, clock_time(20), UTC)
    return Services.start(
        account=account, spreadsheet_id=spreadsheet_id, as_of=evening, folder=folder, root=ROOT, stack=stack
    )


def assert_pools(stand: Stand) -> None:
    """Assert that each account has its pools."""
    pools = {pool["name"]: pool["slots"] for pool in stand.compose.airflow.api("GET", "/pools")["pools"]}
    for account in stand.accounts:
        assert pools[account.prefixed("lake")] == 1
        assert pools[account.prefixed("close_api")] == 4


def assert_page(stand: Stand) -> None:
    """Assert that the first account's page is shown to who has logged in, and to nobody else."""
    url, name = stand.compose.airflow.url, stand.accounts[0].name
    page = f"{url}/sales-kpis/{f'{name}/' if name else ''}"
    assert httpx.get(page).status_code == 401
    login = {"username": "admin", "password": ADMIN_PASSWORD}
    token = httpx.post(f"{url}/auth/token", json=login).json()["access_token"]
    shown = httpx.get(page, headers={"authorization": f"Bearer {token}"}, timeout=60)
    assert shown.status_code == 200, shown.text
    assert "A number opens the records that it is made of." in shown.text


def assert_contained(stand: Stand) -> None:
    """Assert that the services have written into the volumes alone."""
    compose = stand.compose
    left = {path for path in compose.folder.glob("*") if path.suffix != ".log" and not path.name.startswith("tmp-")}
    assert left == {compose.folder / "google-key.json", compose.folder / "airflow.cfg", *compose.volumes}
    assert (compose.folder / "airflow.cfg").read_text() == ""


def is_settled(compose: Compose, account: Account) -> bool:
    """Tell whether every run of an account has succeeded; fail with the log of a failed one."""
    runs = [run for dag_id in DAGS for run in compose.airflow.runs(account.prefixed(dag_id))]
    have_succeeded = [succeeded(compose, run) for run in runs]
    return all(have_succeeded)


def published(compose: Compose, account: Account) -> bool:
    """Tell whether an account's sheets_publish has succeeded, and all before it."""
    return is_settled(compose, account) and bool(compose.airflow.runs(account.prefixed("sheets_publish")))


def has_succeeded(compose: Compose, dag_id: str, run_id: str | None = None) -> bool:
    """Tell whether a run of a DAG, any where none is named, has succeeded; fail with the log of a failed one."""
    runs = [run for run in compose.airflow.runs(dag_id) if run_id in {None, run["dag_run_id"]}]
    have_succeeded = [succeeded(compose, run) for run in runs]
    return any(have_succeeded)


def succeeded(compose: Compose, run: Mapping[str, Any]) -> bool:
    """Tell whether a run has succeeded; fail with its log if it has failed."""
    assert run["state"] != "failed", compose.airflow.failure(run)
    return bool(run["state"] == "success")


def secrets_told(stand: Stand) -> list[str]:
    """Return where a secret can be read: logs, process arguments, both databases, the lake's rows, the workbook."""
    compose = stand.compose
    places = {
        "logs": compose.logs(),
        "process arguments": "\n".join(compose.command_lines),
        # XComs, rendered templates, serialized DAGs, connections, which Airflow encrypts.
        "metadata database": compose.postgres.dump("airflow"),
        "lake's catalog": compose.postgres.dump("lake"),
        "lake": rows_of_lake(lake_of(compose)),
        "workbook": repr(stand.services.workbook()),
    }
    secret = {name: value for name, value in compose.variables.items() if re.search("KEY$|PASSWORD|SECRET", name)}
    assert len(secret) >= 5
    secret["Google's private key"] = stand.services.google_key["private_key"].splitlines()[10]
    return leaks(places, secret)


def lake_of(compose: Compose) -> LakeConfig:
    """Return the lake of the compose file's connection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_LAKE_DEFAULT", compose.environment("worker")["AIRFLOW_CONN_LAKE_DEFAULT"])
        return LakeHook().config
