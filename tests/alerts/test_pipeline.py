"""The pipeline's own DAGs against the stand-in for Close: a refused key, then a good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.support.dags import run_in_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.close_api import CloseSandbox
    from tests.alerts.conftest import Team

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_db"), pytest.mark.timeout(300)]

WRONG = "api_wrong_and_secret"  # pragma: allowlist secret


def test_a_refused_key_is_told_until_a_sync_ends(
    team: Team,
    close_sandbox: CloseSandbox,
    set_connection: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=ROOT / "dags" / "close_sync.py").dags["close_sync"]
    set_connection("close_default", conn_type="close", host=close_sandbox.url, password=WRONG)
    assert [str(run_in_process(dag).state) for _ in range(2)] == ["failed", "failed"]
    assert team.posts == team.mails == ["close_sync: Close refuses access"]
    [message] = team.slack.messages
    assert "start_sync" in message
    set_connection("close_default", conn_type="close", host=close_sandbox.url, password=close_sandbox.api_key)
    assert str(run_in_process(dag).state) == "success"
    assert team.posts[1:] == team.mails[1:] == ["Well again: close_sync: start_sync"]
    assert WRONG not in capfd.readouterr().out + str(team.slack.posts) + str(team.mailbox.mails)
