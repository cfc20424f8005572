"""What is told of runs: each DAG runs in one process, task after task, against Slack and an SMTP server on loopback."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.accounts import Account
from close_kpis.close.errors import CloseAuthError, CloseRateLimited
from close_kpis.dag_defaults import default_args
from close_kpis.kpis.checks import GateError, Violating, Violations
from tests.alerts.conftest import MAIL, SLACK, WEBHOOK
from tests.support.slack_server import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.alerts.conftest import Team

    Run = Callable[[DAG], str]

pytestmark = [pytest.mark.timeout(300)]

SECRET = "kpis-very-secret"  # pragma: allowlist secret
FAILS: dict[str, Exception] = {}
"""What the tasks of the next run raise, by their names."""


def answer(name: str) -> None:
    if name in FAILS:
        raise FAILS[name]


@pytest.fixture(autouse=True)
def all_well() -> None:
    FAILS.clear()


def one_task(retries: int = 0) -> DAG:
    args = {
        **default_args(Account()),
        "retries": retries,
        "retry_delay": timedelta(seconds=1),
        "retry_exponential_backoff": 0,
    }
    with DAG("one_task", default_args=args, schedule=None) as dag:
        task(task_id="work", doc="Work.")(lambda: answer("work"))()
    return dag


def mapped() -> DAG:
    @task(map_index_template="{{ task.op_kwargs['name'] }}", doc="Work.")
    def work(name: str) -> None:
        answer(name)

    with DAG("mapped", default_args={**default_args(Account()), "retries": 0}, schedule=None) as dag:
        work.expand(name=["leads", "calls", "emails"])
    return dag


def test_a_failure_is_told_once_and_once_more_when_it_is_well_again(team: Team, run: Run) -> None:
    FAILS["work"] = CloseAuthError("the API key is refused: put a valid one into the connection close_default")
    assert (run(one_task()), run(one_task())) == ("failed", "failed")
    assert team.posts == team.mails == ["one_task: Close refuses access"]
    [message] = team.slack.messages
    assert "put a valid one into the connection close_default" in message
    FAILS.clear()
    assert (run(one_task()), run(one_task())) == ("success", "success")
    assert team.posts == team.mails == ["one_task: Close refuses access", "Well again: one_task: work"]
    FAILS["work"] = CloseAuthError("refused again")
    run(one_task())
    assert len(team.posts) == len(team.mails) == 3


def test_a_task_that_is_tried_again_is_told_when_its_last_try_has_failed(team: Team, run: Run) -> None:
    FAILS["work"] = CloseRateLimited("429")
    tries: list[int] = []
    dag = one_task(retries=2)
    dag.get_task("work").retry_policy = None
    dag.get_task("work").on_retry_callback = [lambda context: tries.append(len(team.slack.posts))]
    assert run(dag) == "failed"
    assert tries == [0, 0]
    assert team.posts == ["one_task: Close's rate limit is used up"]


def test_one_that_has_nothing_to_do_is_well_again(team: Team, run: Run) -> None:
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    FAILS["work"] = AirflowSkipException("nothing to do")
    run(one_task())
    assert team.posts[1:] == ["Well again: one_task: work"]


def test_what_fails_for_one_reason_in_a_run_is_one_message_until_all_of_it_is_well(team: Team, run: Run) -> None:
    FAILS.update(dict.fromkeys(("leads", "calls"), CloseAuthError("refused")))
    run(mapped())
    assert team.posts == ["mapped: Close refuses access"]
    del FAILS["leads"]
    run(mapped())
    assert len(team.posts) == 1
    FAILS.clear()
    run(mapped())
    assert team.posts == ["mapped: Close refuses access", "Well again: mapped: work (calls)"]


def test_another_cause_of_the_same_task_is_told_too(team: Team, run: Run) -> None:
    for error in (CloseAuthError("refused"), CloseRateLimited("429"), ValueError("anything")):
        FAILS["work"] = error
        run(one_task())
    assert team.posts == [
        "one_task: Close refuses access",
        "one_task: Close's rate limit is used up",
        "one_task: the task work has failed",
    ]


def test_a_gate_tells_its_rule_how_many_records_the_first_with_links_and_the_remedy(team: Team, run: Run) -> None:
    """A name is shown as text, whatever it holds."""
    name = '<!channel> @here *bold* [x](https://evil.example) =HYPERLINK("https://evil.example") <b>&amp;'
    sample = (
        Violating(f"lead lead_1: {name}", "https://app.close.com/lead/lead_1/"),
        Violating("month 2026-06: 3 are missing", ""),
    )
    violations = (Violations("reps_sum_to_team", 17, sample, "Clear compute_kpis."),)
    FAILS["work"] = GateError("nothing was published", violations)
    run(one_task())
    [post], [(_, mail)] = team.slack.posts, team.mailbox.mails
    [message] = team.slack.messages
    assert "one_task: a check has stopped the publish (reps_sum_to_team)" in message
    assert "reps_sum_to_team: 17" in message
    assert "Clear compute_kpis." in message
    first, second = (item["elements"] for item in post["blocks"][2]["elements"][0]["elements"])
    assert (first[0]["type"], first[0]["url"]) == ("link", "https://app.close.com/lead/lead_1/")
    assert first[0]["text"].startswith("lead lead_1: <!channel> @here *bold*")
    assert second[0]["type"] == "text"
    assert "https://evil" not in message
    assert mail.get_content_type() == "text/plain"
    assert "https://evil" not in mail.get_content()
    assert "<!channel> @here *bold*" in mail.get_content()
    assert "https://app.close.com/lead/lead_1/" in mail.get_content()
    assert post["text"] == "one_task: a check has stopped the publish (reps_sum_to_team)"


def test_the_largest_message_is_one_that_slack_takes(team: Team, run: Run) -> None:
    long = "<&>" * 5_000
    sample = tuple(Violating(f"lead {number}: {long}", "https://app.close.com/lead/lead_1/") for number in range(5))
    violations = tuple(Violations(f"rule_{number}" * 10, 10**9, sample, long) for number in range(2))
    FAILS["work"] = GateError(long, violations)
    run(one_task())
    [post] = team.slack.posts
    assert len(post["blocks"]) <= 50
    assert max(len(text) for text in team.slack.messages[0].splitlines()) <= 3_000


def test_a_message_leads_to_the_run(team: Team, run: Run) -> None:
    FAILS["work"] = ValueError("anything")
    dag = one_task()
    run(dag)
    [post] = team.slack.posts
    [link] = post["blocks"][-1]["elements"][0]["elements"]
    assert "/dags/one_task/runs/" in link["url"]
    assert "/tasks/work" in link["url"]
    assert link["url"] in team.mailbox.mails[0][1].get_content()


def test_a_secret_in_a_librarys_error_is_nowhere_told(team: Team, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    FAILS["work"] = ConnectionError(f"https://hooks.example.com/{SECRET} refused")
    run(one_task())
    told = "\n".join([*team.slack.messages, *(str(mail) for _, mail in team.mailbox.mails)])
    assert "ConnectionError; its text stands in the log of the task" in told
    assert SECRET not in told
    assert SECRET not in str(team.rows("from lake.published.alarm_messages"))
    assert not [record for record in caplog.records if "alerts" in record.name and SECRET in record.getMessage()]


def test_a_webhook_tells_the_same(team: Team, run: Run) -> None:
    team.set_alerts(WEBHOOK)
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    FAILS.clear()
    run(one_task())
    assert team.posts == ["one_task: Close refuses access", "Well again: one_task: work"]
    assert team.mails == []


def test_without_the_section_nobody_is_told_and_the_lake_is_left_alone(team: Team, run: Run) -> None:
    team.set_alerts()
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    FAILS.clear()
    run(one_task())
    assert (team.slack.calls, team.mailbox.mails) == ([], [])
    assert not team.has_record


def test_settings_that_are_wrong_elsewhere_are_told_too(team: Team, run: Run) -> None:
    team.settings_file.write_text(f"timezone: Nowhere\nalerts: {{{SLACK}}}\n", encoding="utf-8")
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    assert len(team.posts) == 1


def test_what_slack_does_not_take_breaks_nothing_and_is_told_by_the_next_task(
    team: Team, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    team.slack.fail("chat.postMessage", "429")
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    assert (team.posts, len(team.mails)) == ([], 1)
    assert "An alarm could not be told to #revenue (slack): Slack asks to wait" in caplog.text
    assert TOKEN not in caplog.text
    run(mapped())
    assert team.posts == ["one_task: Close refuses access"]
    assert len(team.mails) == 1


def test_what_nobody_was_told_of_is_not_told_to_be_well(team: Team, run: Run) -> None:
    team.set_alerts(SLACK)
    team.slack.fail("chat.postMessage", "channel_not_found", "channel_not_found")
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    FAILS.clear()
    assert run(one_task()) == "success"
    assert team.posts == []
    run(one_task())
    assert team.posts == []


def test_one_whose_arrival_is_unsure_is_not_sent_again(team: Team, run: Run) -> None:
    team.set_alerts(SLACK)
    team.slack.fail("chat.postMessage", "lost_after")
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    run(one_task())
    assert team.posts == ["one_task: Close refuses access"]
    assert team.rows("select state from lake.published.alarm_messages") == [("sending",)]


def test_who_no_longer_gets_the_alarms_is_not_told_what_is_owed(team: Team, run: Run) -> None:
    team.slack.fail("chat.postMessage", "429")
    FAILS["work"] = CloseAuthError("refused")
    run(one_task())
    team.set_alerts(MAIL)
    run(mapped())
    team.set_alerts(SLACK, MAIL)
    run(mapped())
    assert team.posts == []


def test_a_lake_that_cannot_be_opened_is_told_once_a_run(
    team: Team, run: Run, set_connection: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    extra = {"catalog": f"sqlite:{tmp_path}/file/catalog.sqlite", "data_path": f"{tmp_path}/file/data"}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    FAILS.update(dict.fromkeys(("leads", "calls"), CloseAuthError("refused")))
    run(mapped())
    assert team.posts == team.mails == ["mapped: Close refuses access"]
    assert "The lake keeps no record of this alarm" in caplog.text
    run(mapped())
    assert len(team.posts) == 2


def kill(dag: DAG, map_index: int) -> None:
    """Let the DAG processor do what it does for a task whose process was killed."""
    from types import SimpleNamespace
    from uuid import uuid4

    import structlog
    from airflow.api_fastapi.execution_api.datamodels.taskinstance import TaskInstance
    from airflow.callbacks.callback_requests import TaskCallbackRequest
    from airflow.dag_processing.processor import _execute_task_callbacks

    killed = TaskInstance(
        id=uuid4(),
        dag_version_id=uuid4(),
        dag_id=dag.dag_id,
        task_id=dag.task_ids[0],
        run_id="by_hand",
        try_number=1,
        map_index=map_index,
    )
    request = TaskCallbackRequest(
        filepath="mapped.py", bundle_name="dags-folder", bundle_version=None, ti=killed, msg="killed"
    )
    bag: Any = SimpleNamespace(dags={dag.dag_id: dag})
    _execute_task_callbacks(bag, request, structlog.get_logger("processor"))


def test_a_killed_task_is_told_and_well_again_with_its_next_success(team: Team, run: Run) -> None:
    """The DAG processor knows a mapped instance by its number, its next success by its name too."""
    for _ in range(2):
        kill(mapped(), map_index=1)
    [message] = team.slack.messages
    assert "mapped: the task work (1) has failed" in message
    assert "its process was killed" in message
    run(mapped())
    assert team.posts[1:] == ["Well again: mapped: work (calls)"]
