"""`python -m close_kpis run`: what it needs, and a real account on one machine from its first start to its end."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from close_kpis.commands.arguments import main
from close_kpis.commands.errors import CommandError
from close_kpis.standalone.airflow import Airflow
from close_kpis.standalone.env_file import EnvFile
from close_kpis.standalone.processes import free_port
from close_kpis.standalone.run import environment
from tests.platform.compose import interpolate

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "include" / "kpis.yaml"


def values(**given: str) -> dict[str, str]:
    """Return what setup leaves in ``.env``."""
    return {
        "POSTGRES_PASSWORD": "letters",  # pragma: allowlist secret
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_hex(12),
        "AIRFLOW_FERNET_KEY": Fernet.generate_key().decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW_ADDRESS": f"127.0.0.1:{free_port()}",
        "CLOSE_API_KEY": "api_some.key",  # pragma: allowlist secret
        "GOOGLE_KEY_FILE": "./secrets/google-key.json",
        "SPREADSHEET_ID": "a-spreadsheet",
        **given,
    }


def test_what_is_not_set_up_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_text("CLOSE_API_KEY=\n")
    assert main(["run", "--env", str(tmp_path / ".env"), "--state", str(tmp_path / "state")]) == 2
    said = capsys.readouterr().err
    assert "does not say AIRFLOW_ADMIN_PASSWORD, AIRFLOW_FERNET_KEY, AIRFLOW_JWT_SECRET, CLOSE_API_KEY" in said
    assert "make setup" in said
    assert not (tmp_path / "state").exists()


def test_folder_in_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from filelock import FileLock

    EnvFile(tmp_path / ".env").save(values())
    (tmp_path / "state").mkdir()
    with FileLock(tmp_path / "state" / "lock"):
        assert main(["run", "--env", str(tmp_path / ".env"), "--state", str(tmp_path / "state")]) == 2
    assert "is in use by another make run" in capsys.readouterr().err


def test_several_accounts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="reports on one account"):
        environment(values(ACCOUNTS="emea,us"), tmp_path, tmp_path, SETTINGS)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:http", ":8080", "127.0.0.1:99999"])
def test_address_that_is_none_is_told(address: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no address and port"):
        environment(values(AIRFLOW_ADDRESS=address), tmp_path, tmp_path, SETTINGS)


def test_address_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = values(AIRFLOW_ADDRESS=f"127.0.0.1:{other.getsockname()[1]}")
        with pytest.raises(CommandError, match=r"cannot listen on 127\.0\.0\.1"):
            environment(taken, tmp_path, tmp_path, SETTINGS)


@pytest.mark.parametrize("opened_at", ["", "https://kpis.example.com/airflow"])
def test_airflow_gets_what_the_compose_file_gives_it(opened_at: str, tmp_path: Path) -> None:
    """The same `.env`: the same connections and schedules, apart from where things lie."""
    given = values(
        AIRFLOW_URL=opened_at,
        GOOGLE_IMPERSONATION_CHAIN="kpis@some.iam.gserviceaccount.com",
        REPORTING_TIMEZONE="Europe/Berlin",
        SYNC_SCHEDULE="*/30 * * * *",
        TASK_HOURS="12",
        RUN_HOURS="48",
        RECONCILE_REQUESTS="100",
        METADATA_DAYS="30",
        LAKE_DATA_PATH="s3://bucket/kpis",
        LAKE_KEEP_DAYS="60",
        LAKE_S3_REGION="eu-central-1",
        LAKE_S3_CREDENTIAL_CHAIN="true",
    )
    compose = yaml.safe_load(interpolate((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"), given))
    theirs = compose["x-airflow"]["environment"]
    ours = environment(given, tmp_path, tmp_path / "state", SETTINGS)
    same = ["AIRFLOW__API__BASE_URL", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CORE__FERNET_KEY"]
    same += ["AIRFLOW__CORE__TEST_CONNECTION", "AIRFLOW__CORE__LOAD_EXAMPLES"]
    same += [name for name in theirs if name.startswith("CLOSE_KPIS_")]
    assert {name: ours[name] for name in same} == {name: str(theirs[name]) for name in same}
    assert json.loads(ours["AIRFLOW_CONN_CLOSE_DEFAULT"]) == json.loads(theirs["AIRFLOW_CONN_CLOSE_DEFAULT"])
    google, compose_google = (json.loads(one["AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT"]) for one in (ours, theirs))
    assert google["extra"].pop("key_path") == str(tmp_path / "secrets/google-key.json")
    del compose_google["extra"]["key_path"]
    assert google == compose_google
    lake, compose_lake = (json.loads(one["AIRFLOW_CONN_LAKE_DEFAULT"])["extra"] for one in (ours, theirs))
    assert lake.pop("catalog") == f"sqlite:{tmp_path}/state/lake/catalog.sqlite"
    assert lake.pop("backup_path") == f"{tmp_path}/state/lake-backup/"
    del compose_lake["catalog"], compose_lake["backup_path"]
    assert lake == compose_lake
    assert {name for name in theirs if name.startswith("AIRFLOW_CONN_")} <= ours.keys()


def test_airflow_behind_a_proxy_is_called_directly(tmp_path: Path) -> None:
    """The proxy may need a login of its own."""
    given = values(AIRFLOW_URL="https://kpis.example.com/airflow/")
    airflow = Airflow(environment(given, tmp_path, tmp_path / "state", SETTINGS))
    assert airflow.url == f"http://{given['AIRFLOW_ADDRESS']}/airflow"
    assert airflow.public_url == "https://kpis.example.com/airflow/"


@pytest.mark.e2e
def test_account_is_published_followed_and_stopped(tmp_path: Path) -> None:
    from sandbox.close_api import CloseSandbox
    from sandbox.company import write_company
    from sandbox.sheets_api import SheetsSandbox

    write_company(tmp_path / "account", as_of=datetime.now(UTC).date())
    state = tmp_path / "state"
    with (
        CloseSandbox(tmp_path / "account", rate=0, search_rate=0) as close,
        SheetsSandbox(tmp_path / "google") as sheets,
    ):
        (tmp_path / "key.json").write_text(json.dumps(sheets.service_account_info()))
        given = values(
            CLOSE_API_KEY=close.api_key,
            CLOSE_BASE_URL=close.url,
            GOOGLE_KEY_FILE="./key.json",
            SHEETS_API_ENDPOINT=sheets.url,
            SPREADSHEET_ID=sheets.create_spreadsheet("Our KPIs"),
        )
        EnvFile(tmp_path / ".env").save(given)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CLOSE_KPIS"))}
        running = subprocess.Popen(
            [sys.executable, "-m", "close_kpis", "run", "--env", str(tmp_path / ".env"), "--state", str(state)],
            env={**kept, "PYTHONPATH": str(ROOT / "plugins")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        told: list[str] = []
        try:
            assert running.stdout is not None
            for line in running.stdout:
                told.append(line)
                if "Ctrl-C stops it all" in line:
                    running.send_signal(signal.SIGINT)
                    # Pressed again by somebody who is in a hurry.
                    running.send_signal(signal.SIGINT)
            assert running.wait(90) == 0, "".join(told)
        finally:
            running.kill()
        said = "".join(told)
        titles = [sheet["properties"]["title"] for sheet in sheets.spreadsheet(given["SPREADSHEET_ID"])["sheets"]]
        assert titles[:3] == ["Summary", "Growth", "MRR"]
        assert f"Workbook   {sheets.url}/spreadsheets/d/{given['SPREADSHEET_ID']}/edit" in said
    assert f"http://{given['AIRFLOW_ADDRESS']}" in said
    assert "sheets_publish" in said
    assert not [secret for name, secret in given.items() if secret in said and name.endswith(("KEY", "SECRET", "WORD"))]
    assert state.stat().st_mode & 0o777 == 0o700
    assert {"airflow", "lake", "lake-backup", "published"} <= {path.name for path in state.iterdir()}
    assert processes_of(state) == []


def processes_of(state: Path) -> list[int]:
    """Return the processes that run with an environment of a state folder (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(state / "airflow").encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found
