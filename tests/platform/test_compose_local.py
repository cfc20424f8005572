"""The services of docker-compose.yaml as they stand: LocalExecutor, PostgreSQL, the lake in a folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.pipeline import differences, without_stamps
from tests.platform.compose import ROOT
from tests.platform.stand import assert_contained, assert_page, assert_pools, has_succeeded, published, secrets_told

if TYPE_CHECKING:
    from pathlib import Path

    from tests.platform.stand import Stand

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

WORKERS = 0
ACCOUNTS: dict[str, Path] = {}
ENVIRONMENT: dict[str, str] = {}


def test_services_publish_the_workbook_of_the_embedded_default(stand: Stand, expected: Any) -> None:
    """init, api-server, scheduler, dag-processor and triggerer bring an account to its workbook."""
    [account] = stand.accounts
    assert_pools(stand)
    stand.compose.airflow.unpause("close_sync")
    stand.compose.wait(lambda: published(stand.compose, account), "the publish")
    assert differences(without_stamps(stand.services.workbook()), expected) == []
    assert any((stand.compose.folder / "lake").iterdir())
    assert_contained(stand)
    assert_page(stand)
    assert secrets_told(stand) == []


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
