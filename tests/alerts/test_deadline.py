"""A sync that is late: the scheduler's own deadline, its callback as the executor runs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import structlog
from airflow.sdk import DAG, task

from close_kpis.accounts import Account
from close_kpis.dag_defaults import default_args, sync_deadline
from tests.alerts.conftest import MAIL, SLACK, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.alerts.conftest import Team

pytestmark = [pytest.mark.usefixtures("airflow_db"), pytest.mark.timeout(300)]


def sync() -> DAG:
    account = Account()
    with DAG("sync", default_args=default_args(account), schedule=None, deadline=sync_deadline(account)) as dag:
        task(task_id="first", doc="Read.")(lambda: None)() >> task(task_id="last", doc="Tell.")(lambda: None)()
    return dag


def made(dag: DAG) -> tuple[int, list[timedelta]]:
    """Make a run as the scheduler does; returns its number, and how long it may take."""
    from airflow.models.deadline import Deadline
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from sqlalchemy import select

    register(dag)
    now = datetime.now(UTC)
    with create_session() as session:
        stored: Any = SerializedDagModel.get(dag.dag_id, session=session)
        run = stored.dag.create_dagrun(
            run_id=f"manual__{uuid4().hex}",
            run_after=now,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.RUNNING,
            session=session,
        )
        session.flush()
        found = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).all()
        return run.id, [deadline.deadline_time - now for deadline in found]


def miss(run_id: int, state: str = "running", kwargs: dict[str, str] | None = None) -> None:
    """Let the deadline of a run pass: the scheduler hands the callback to the executor.

    Args:
        run_id: its number.
        state: of the run by then.
        kwargs: what the callback was made with, if not by this version.
    """
    from airflow.models.dagrun import DagRun
    from airflow.models.deadline import Deadline
    from airflow.sdk.execution_time.callback_supervisor import execute_callback
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run: Any = session.get(DagRun, run_id)
        run.state = state
        session.flush()
        [deadline] = session.scalars(select(Deadline).where(Deadline.dagrun_id == run_id)).all()
        deadline.handle_miss(session)
        data = dict(deadline.callback.data)
    if kwargs:
        data["kwargs"] = kwargs | {"context": data["kwargs"]["context"]}
    done, error = execute_callback(data["path"], data["kwargs"], "", None, structlog.get_logger("callback"))  # type: ignore[arg-type]
    assert (done, error) == (True, None)


def test_a_run_may_take_as_long_as_the_settings_say_when_it_is_made(team: Team) -> None:
    for keys, hours in (((SLACK,), 3), ((SLACK, "sync_deadline_hours: 7"), 7)):
        team.set_alerts(*keys)
        _, [allowed] = made(sync())
        assert timedelta(0) <= allowed - timedelta(hours=hours) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "alerts: {slack_channel: xoxb-1}", ": no yaml: ["])
def test_where_nobody_is_told_a_run_is_made_without_a_deadline(team: Team, text: str) -> None:
    team.settings_file.write_text(text, encoding="utf-8")
    assert made(sync())[1] == []


def test_a_late_sync_is_told_once_and_is_well_with_the_end_of_the_next_one(
    team: Team, run: Callable[[DAG], str]
) -> None:
    team.set_alerts(SLACK, MAIL, "sync_deadline_hours: 2")
    first, _ = made(sync())
    miss(first)
    second, _ = made(sync())
    miss(second)
    assert team.posts == team.mails == ["sync: the sync with Close is late"]
    [message] = team.slack.messages
    assert "has not ended within 2 hours" in message
    assert "/dags/sync/runs/manual__" in str(team.slack.posts)
    assert run(sync()) == "success"
    assert team.posts[1:] == ["Well again: sync: the sync has ended"]


def test_a_sync_that_has_failed_is_not_told_to_be_late_too(team: Team) -> None:
    number, _ = made(sync())
    miss(number, state="failed")
    assert team.posts == []


def test_a_run_that_the_version_before_has_begun_is_told(team: Team) -> None:
    number, _ = made(sync())
    before = {"lake_conn_id": "lake_default", "slack_conn_id": "slack_default", "mail_conn_id": "smtp_default"}
    miss(number, kwargs=before)
    assert len(team.posts) == 1
