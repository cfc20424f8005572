"""A settings file that names who gets the alarms, an empty lake, Slack and an SMTP server on loopback."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.alerts.notifier import Notifier
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, existing_tables
from tests.support.dags import run_in_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow.sdk import DAG

    from tests.support.slack_server import Mailbox, Slack

SLACK = 'slack_channel: "#revenue"'
MAIL = "addresses: [ann@example.com]"
WEBHOOK = "slack_webhook: hook_default"

NOTIFIER = Notifier("", "slack_default", "smtp_default")


@dataclass
class Team:
    """Those who get the alarms.

    Attributes:
        lake: the lake that keeps the record.
        slack: their Slack.
        mailbox: what their SMTP server has taken.
        settings_file: the kpis.yaml that names them.
    """

    lake: LakeConfig
    slack: Slack
    mailbox: Mailbox
    settings_file: Path

    def set_alerts(self, *keys: str) -> None:
        self.settings_file.write_text(f"alerts: {{{', '.join(keys)}}}\n", encoding="utf-8")

    @property
    def posts(self) -> list[str]:
        """The first line of each post in Slack."""
        return [text.splitlines()[0] for text in self.slack.messages]

    @property
    def mails(self) -> list[str]:
        """The subject of each mail."""
        return [mail["Subject"] for _, mail in self.mailbox.mails]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(connect(self.lake)) as con:
            return con.execute(query).fetchall()

    @property
    def has_record(self) -> bool:
        with closing(connect(self.lake)) as con:
            return "published.alarms" in existing_tables(con)


@pytest.fixture
def team(
    tmp_path: Path,
    lake_connection: dict[str, str],
    slack: Slack,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Team:
    """A team that is told by Slack and by mail."""
    settings_file = tmp_path / "kpis.yaml"
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(settings_file))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = Team(LakeConfig(lake_connection["catalog"], lake_connection["data_path"]), slack, mailbox, settings_file)
    made.set_alerts(SLACK, MAIL)
    return made


@pytest.fixture
def run(airflow_db: None) -> Callable[[DAG], str]:
    """Run a DAG in this process, task after task; returns the run's state."""

    def run_dag(dag: DAG) -> str:
        register(dag)
        return str(run_in_process(dag).state)

    return run_dag


def register(dag: DAG) -> None:
    """Let the scheduler know a DAG."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.collection import update_dag_parsing_results_in_db
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.session import create_session

    DagBundlesManager().sync_bundles_to_db()
    with create_session() as session:
        serialised = [LazyDeserializedDAG.from_dag(dag)]
        update_dag_parsing_results_in_db("dags-folder", None, serialised, {}, None, set(), session=session)
