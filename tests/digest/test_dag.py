"""The DAG in one process, task after task, against Slack, a webhook and an SMTP server on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.digest.conftest import BOARD, INVESTORS, TEAM, WEBHOOK

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import DAG

    from tests.digest.conftest import Office

# A task that fails waits for its retry inside dag.test(): minutes.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_db"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def dag() -> DAG:
    from airflow.dag_processing.dagbag import DagBag

    found: Any = DagBag(dag_folder=ROOT / "dags" / "kpi_digest.py").dags["kpi_digest"]
    return found


@pytest.fixture
def run_dag(dag: DAG) -> Callable[..., dict[str, str]]:
    """Run the DAG with parameters; returns its task instances' states by their names, and the run's as ``run``."""

    def run(**conf: Any) -> dict[str, str]:
        from airflow.models.taskinstance import TaskInstance
        from airflow.utils.session import create_session
        from sqlalchemy import select

        result = dag.test(run_conf={"dry_run": False, "audience": None, "send_unsure": False, **conf})
        with create_session() as session:
            instances = session.scalars(
                select(TaskInstance).where(TaskInstance.dag_id == dag.dag_id, TaskInstance.run_id == result.run_id)
            )
            states = {
                task.task_id if task.map_index < 0 else f"{task.task_id}[{task.rendered_map_index}]": str(task.state)
                for task in instances
            }
        return {"run": str(result.state), **states}

    return run


def test_every_audience_gets_its_digest_and_the_next_run_has_nothing_to_do(
    run_dag: Callable[..., dict[str, str]], office: Office
) -> None:
    office.set_audiences(TEAM, WEBHOOK, BOARD, INVESTORS)
    assert run_dag() == {
        "run": "success",
        "find_messages": "success",
        "send_message[team: #revenue]": "success",
        "send_message[field: hook_default]": "success",
        "send_message[board: ann@example.com]": "success",
        "send_message[board: bob@example.com]": "success",
        "send_message[investors: vc@example.com]": "success",
    }
    assert (len(office.slack.posts), len(office.mailbox.mails)) == (2, 3)
    again = run_dag()
    assert (again["run"], again["find_messages"]) == ("success", "skipped")
    assert (len(office.slack.posts), len(office.mailbox.mails)) == (2, 3)


def test_without_an_audience_the_run_is_skipped_in_its_first_task(
    run_dag: Callable[..., dict[str, str]], office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.settings_file.write_text("", encoding="utf-8")
    states = run_dag()
    assert (states["run"], states["find_messages"]) == ("success", "skipped")
    assert "No audience is set: name who gets a digest in the section digest of kpis.yaml" in capsys.readouterr().out


def test_a_dry_run_from_the_form_sends_nothing(run_dag: Callable[..., dict[str, str]], office: Office) -> None:
    office.set_audiences(TEAM, BOARD)
    states = run_dag(dry_run=True, audience="board")
    assert [name for name in states if name.startswith("send")] == [
        "send_message[board: ann@example.com]",
        "send_message[board: bob@example.com]",
    ]
    assert set(states.values()) == {"success"}
    assert (office.slack.calls, office.mailbox.mails, office.states) == ([], [], [])


def test_what_slack_refuses_fails_at_once_and_is_sent_by_the_next_run(
    run_dag: Callable[..., dict[str, str]], office: Office
) -> None:
    office.slack.fail("chat.postMessage", "channel_not_found")
    states = run_dag()
    assert (states["run"], states["send_message[team: #revenue]"]) == ("failed", "failed")
    assert office.slack.calls.count("chat.postMessage") == 1
    assert run_dag()["run"] == "success"
    assert len(office.slack.posts) == 1


def test_what_is_unsure_fails_at_once_and_no_run_sends_it_again(
    run_dag: Callable[..., dict[str, str]], office: Office
) -> None:
    office.slack.fail("chat.postMessage", "lost_after")
    assert run_dag()["send_message[team: #revenue]"] == "failed"
    again = run_dag()
    assert (again["run"], again["find_messages"]) == ("success", "skipped")
    assert len(office.slack.posts) == 1
