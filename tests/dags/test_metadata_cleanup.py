"""The DAG metadata_cleanup: it deletes what is old in Airflow's database, where it has a connection to it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from airflow.sdk import Connection

from close_kpis import metadata
from tests.conftest import ROOT
from tests.support.dags import run_in_process

OLD, NEW = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC)


def events() -> list[str]:
    from airflow.models.log import Log
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return sorted(session.scalars(select(Log.event).where(Log.event.in_(["long ago", "lately"]))))


@pytest.mark.slow
def test_what_is_old_goes_and_without_a_connection_nothing_does(
    airflow_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.configuration import conf
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.log import Log
    from airflow.utils.session import create_session

    with create_session() as session:
        for event, at in (("long ago", OLD), ("lately", NEW)):
            session.add(entry := Log(event=event))
            entry.dttm = at
    dag: Any = DagBag(dag_folder=ROOT / "dags" / "metadata_cleanup.py").dags["metadata_cleanup"]
    [task] = run_in_process(dag).get_task_instances()
    assert (task.state, events()) == ("skipped", ["lately", "long ago"])

    file = conf.get_mandatory_value("database", "sql_alchemy_conn").removeprefix("sqlite:///")
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_METADATA", json.dumps({"conn_type": "sqlite", "host": file}))
    [task] = run_in_process(dag).get_task_instances()
    assert (task.state, events()) == ("success", ["lately"])


def test_a_database_of_another_kind_is_told() -> None:
    with pytest.raises(metadata.MetadataError, match="airflow_metadata is of type mysql: make it postgres"):
        metadata.clean(Connection(conn_id="airflow_metadata", conn_type="mysql"), date(2026, 1, 1))


@pytest.mark.slow
def test_a_database_that_cannot_be_reached_is_told_without_its_password() -> None:
    nobody = Connection(
        conn_id="airflow_metadata",
        conn_type="postgres",
        host="127.0.0.1",
        port=1,
        login="airflow",
        password="hush@1/hush%",  # pragma: allowlist secret
        schema="airflow",
    )
    with pytest.raises(metadata.MetadataError, match="correct the Airflow connection airflow_metadata") as told:
        metadata.clean(nobody, date(2026, 1, 1))
    assert "Connection refused" in str(told.value)
    assert "hush" not in str(told.value)
