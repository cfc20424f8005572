"""Who gets what, and once: whatever fails or dies on the way."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.digest import messages, send
from close_kpis.digest.send import NothingToSendError
from close_kpis.lake.backup import restore
from close_kpis.lake.config import LakeConfig, LakeError
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.sql import statement
from close_kpis.messaging.errors import MessageBusyError, MessageRefusedError, MessageUnsureError
from tests.digest.conftest import AS_OF, BOARD, INVESTORS, LATER, SATURDAY_AT_NINE, TEAM, WEBHOOK, set_synced, young
from tests.support.filled_lake import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.digest.conftest import Office

    SetClock = Callable[[datetime], None]


class Killed(BaseException):
    """What a task is ended by."""


def send_all(office: Office, **options: Any) -> None:
    for message in office.find():
        office.send(message, **options)


def arrived(office: Office) -> int:
    return len(office.slack.posts) + len(office.mailbox.mails)


def test_each_recipient_gets_one_message_and_nobody_a_second(office: Office) -> None:
    office.set_audiences(TEAM, WEBHOOK, BOARD, INVESTORS)
    found = office.find()
    send_all(office)
    assert [post.get("channel") for post in office.slack.posts] == ["#revenue", None]
    assert [recipients for recipients, _ in office.mailbox.mails] == [
        ["ann@example.com"],
        ["bob@example.com"],
        ["vc@example.com"],
    ]
    assert {state for *_, state in office.states} == {"sent"}
    with pytest.raises(NothingToSendError, match="No digest is due that has not been sent"):
        office.find()
    for message in found:
        with pytest.raises(NothingToSendError, match="was sent at"):
            office.send(message)
    assert arrived(office) == 5


def test_without_an_audience_there_is_nothing_to_send_and_no_lake_is_asked_for(office: Office) -> None:
    office.settings_file.write_text("", encoding="utf-8")
    with pytest.raises(NothingToSendError, match="No audience is set"):
        send.find_messages(lambda: pytest.fail("the lake was opened"), office.settings)


def test_before_its_hour_and_two_days_after_nothing_is_sent(office: Office, clock: SetClock) -> None:
    [message] = office.find()
    for at in (SATURDAY_AT_NINE - timedelta(minutes=6), SATURDAY_AT_NINE + timedelta(days=2)):
        clock(at)
        with pytest.raises(NothingToSendError, match="No digest is due"):
            office.find()
    with pytest.raises(NothingToSendError, match="time of the digest of 2026-W25 has passed"):
        office.send(message)
    assert arrived(office) == 0


def test_a_dry_run_sends_and_records_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.set_audiences(TEAM, BOARD)
    for message in office.find(dry_run=True):
        assert office.send(message, dry_run=True) == ""
    assert arrived(office) == 0
    assert office.slack.calls == []
    assert office.states == []
    assert "Dry run: nothing is sent. To ann@example.com (mail), audience board, the digest of 2026-W25" in caplog.text
    assert "Total customers: " in caplog.text


def test_an_audience_that_left_the_settings_gets_nothing(office: Office) -> None:
    [message] = office.find()
    office.set_audiences(BOARD)
    with pytest.raises(NothingToSendError, match="no longer names"):
        office.send(message)


@pytest.mark.parametrize("audience", [TEAM, "one: {weekday: Saturday, addresses: [ann@example.com]}"])
@pytest.mark.parametrize("step", ["before the claim", "after the claim", "after sending", "after settling"])
def test_a_task_killed_at_any_step_and_run_again_sends_nothing_twice(
    office: Office, audience: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it died with the message under way the next try says so, and a person may have it sent."""
    office.set_audiences(audience)
    [message] = office.find()
    with monkeypatch.context() as patch:
        kill_at(step, patch)
        with pytest.raises(Killed):
            office.send(message)
    sent_before = arrived(office)
    assert sent_before == (step in {"after sending", "after settling"})
    if step == "before the claim":
        office.send(message)
    elif step == "after settling":
        with pytest.raises(NothingToSendError, match="was sent at"):
            office.send(message)
    else:
        for _ in range(2):
            with pytest.raises(MessageUnsureError, match=r"Look whether it is there\. If not, trigger kpi_digest"):
                office.send(message)
        with pytest.raises(NothingToSendError):
            office.find()
    assert arrived(office) == 1 or step == "after the claim"


def kill_at(step: str, patch: pytest.MonkeyPatch) -> None:
    """Let the try die where a step begins or has ended."""
    name = {"after sending": "settle", "after settling": "settle"}.get(step, "claim")
    real = getattr(messages, name)

    def dying(*args: Any, **options: Any) -> None:
        if step in {"after the claim", "after settling"}:
            real(*args, **options)
        raise Killed

    patch.setattr(messages, name, dying)


def test_what_is_unsure_is_sent_once_a_person_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    [message] = office.find()
    with monkeypatch.context() as patch:
        kill_at("after the claim", patch)
        with pytest.raises(Killed):
            office.send(message)
    assert office.find(send_unsure=True) == [message]
    office.send(message, send_unsure=True)
    assert arrived(office) == 1
    with pytest.raises(NothingToSendError, match="was sent at"):
        office.send(message, send_unsure=True)


def test_a_lake_that_was_restored_knows_what_was_sent(office: Office, tmp_path: Path) -> None:
    """The lake is lost after the digest was sent; its backup is read into a new one."""
    [message] = office.find()
    office.send(message)
    [made] = sorted(Path(office.config.backup_folder).rglob("made.parquet"), key=lambda path: path.stat().st_mtime)[-1:]
    new = LakeConfig(f"sqlite:{tmp_path}/new/catalog.sqlite", f"{tmp_path}/new/data")
    with closing(connect(new)) as con:
        restore(con, new, folder=str(made.parent))
        assert messages.recorded(con, "team", "2026-W25")[message.place].is_sent


@pytest.mark.slow
def test_a_process_killed_while_slack_has_the_message_sends_nothing_twice(office: Office) -> None:
    """SIGKILL, when Slack has posted the message and not answered yet."""
    [message] = office.find()
    office.slack.fail("chat.postMessage", "hang_after")
    process = get_context("fork").Process(target=office.send, args=(message,))
    process.start()
    assert office.slack.accepted.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    with pytest.raises(MessageUnsureError, match="ended while it was sending"):
        office.send(message)
    assert len(office.slack.posts) == 1


@pytest.mark.parametrize(
    ("method", "fault", "posted"),
    [
        ("chat.postMessage", "lost_before", 0),
        ("chat.postMessage", "lost_after", 1),
        ("chat.postMessage", "internal_error", 0),
        ("webhook", "lost_after", 1),
        ("webhook", "500", 0),
    ],
)
def test_where_slacks_answer_is_lost_the_message_is_not_sent_again(
    office: Office, method: str, fault: str, posted: int
) -> None:
    office.set_audiences(TEAM if method != "webhook" else WEBHOOK)
    [message] = office.find()
    office.slack.fail(method, fault)
    for _ in range(2):
        with pytest.raises(MessageUnsureError, match=r"nobody knows whether it arrived|ended while it was sending"):
            office.send(message)
    assert office.slack.calls.count(method) == 1
    assert len(office.slack.posts) == posted


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        ("429", MessageBusyError, "Slack asks to wait"),
        ("channel_not_found", MessageRefusedError, "invite the bot"),
        ("missing_scope", MessageRefusedError, "chat:write, files:write and files:read"),
    ],
)
def test_what_slack_refuses_is_known_not_to_be_sent_and_tried_again(
    office: Office, fault: str, error: type[Exception], told: str
) -> None:
    [message] = office.find()
    office.slack.fail("chat.postMessage", fault)
    with pytest.raises(error, match=told):
        office.send(message)
    assert office.states == []
    office.send(message)
    assert arrived(office) == 1


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", "missing_scope"),
        ("files.completeUploadExternal", "500"),
        ("files.info", "lost_after"),
    ],
)
def test_without_its_picture_a_message_has_bars(office: Office, method: str, fault: str) -> None:
    [message] = office.find()
    office.slack.fail(method, fault)
    office.send(message)
    [post] = office.slack.posts
    assert "image" not in {block["type"] for block in post["blocks"]}
    assert "MRR      ▁" in office.slack.messages[0] or "█" in office.slack.messages[0]


def test_a_picture_that_slack_has_not_made_yet_is_waited_for(office: Office) -> None:
    office.slack.ready_after = 3
    send_all(office)
    [post] = office.slack.posts
    assert [block["type"] for block in post["blocks"]].count("image") == 1
    assert office.slack.looks == 3


def test_a_picture_that_slack_never_makes_is_left_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("close_kpis.messaging.slack_client.PATIENCE", 0.1)
    office.slack.ready_after = 99
    send_all(office)
    assert office.slack.calls.count("chat.postMessage") == 2
    [post] = office.slack.posts
    assert "image" not in {block["type"] for block in post["blocks"]}


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        ("451 greylisted, try again", MessageBusyError, "does not take the mail: 451 greylisted"),
        ("554 no spam here", MessageRefusedError, "does not take the mail: 554 no spam here"),
    ],
)
def test_a_mail_that_the_server_refuses_is_tried_again(
    office: Office, fault: str, error: type[Exception], told: str
) -> None:
    office.set_audiences(BOARD)
    message, _ = office.find()
    office.mailbox.faults.append(fault)
    with pytest.raises(error, match=told):
        office.send(message)
    assert office.states == []
    office.send(message)
    assert len(office.mailbox.mails) == 1


def test_a_mail_whose_confirmation_is_lost_is_not_sent_again(office: Office) -> None:
    office.set_audiences(BOARD)
    message, _ = office.find()
    office.mailbox.faults.append("lost_after")
    for _ in range(2):
        with pytest.raises(MessageUnsureError):
            office.send(message)
    assert len(office.mailbox.mails) == 1


@pytest.mark.parametrize(
    ("audience", "conn_id", "fields", "error", "told"),
    [
        (TEAM, "slack_default", {"conn_type": "slack"}, MessageRefusedError, "or it has no password"),
        (TEAM, "slack_default", {"base_url": "http://127.0.0.1:9/api/"}, MessageBusyError, "cannot reach Slack"),
        (WEBHOOK, "hook_default", {"conn_type": "slackwebhook"}, MessageRefusedError, "or it has no password"),
        (BOARD, "smtp_default", {"port": 9}, MessageBusyError, "cannot reach the SMTP server"),
        (BOARD, "smtp_default", {}, MessageRefusedError, "does not say from whom mail is"),
    ],
)
def test_a_connection_that_does_not_work_is_named_and_claims_nothing(
    office: Office,
    set_connection: Callable[..., None],
    audience: str,
    conn_id: str,
    fields: dict[str, Any],
    error: type[Exception],
    told: str,
) -> None:
    office.set_audiences(audience)
    message = office.find()[0]
    if "base_url" in fields:
        set_connection(
            conn_id, conn_type="slack", password="xoxb-secretsecret", extra=fields
        )  # pragma: allowlist secret
    elif conn_id == "smtp_default":
        port = fields.get("port") or _port(office)
        extra = {"disable_ssl": True, "disable_tls": True}
        set_connection(conn_id, conn_type="smtp", host="127.0.0.1", port=port, extra=extra)
    else:
        set_connection(conn_id, **fields)
    with pytest.raises(error, match=told) as refused:
        office.send(message)
    assert "secretsecret" not in str(refused.value)
    assert (
        office.rows("select count(*) from duckdb_tables() where table_name = 'digests'") == [(0,)] or not office.states
    )


def _port(office: Office) -> int:
    return int(json.loads(os.environ["AIRFLOW_CONN_SMTP_DEFAULT"])["port"])


def test_a_lake_that_cannot_be_written_sends_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    [message] = office.find()

    def refuse(*args: object, **options: object) -> None:
        raise LakeError("a disk is full")

    monkeypatch.setattr(messages, "run_transaction", refuse)
    with pytest.raises(LakeError):
        office.send(message)
    assert arrived(office) == 0


def test_a_late_sync_is_told_once_and_the_digest_follows(office: Office, clock: SetClock) -> None:
    clock(SATURDAY_AT_NINE + LATER)
    [notice] = office.find()
    assert notice.kind == "notice"
    office.send(notice)
    assert (
        "Not sent because the last sync with Close is late: it has read up to 19 Jun 2026, 23:59"
        in (office.slack.messages[0])
    )
    clock(SATURDAY_AT_NINE + LATER + timedelta(hours=1))
    with pytest.raises(NothingToSendError):
        office.find()
    with pytest.raises(NothingToSendError, match="was sent at"):
        office.send(notice)

    as_of = AS_OF + LATER
    set_synced(office.config, as_of)
    fill(office.config, young(), as_of, "c2")
    office.publish()
    [digest] = office.find()
    assert digest.kind == "digest"
    office.send(digest)
    assert [message.partition("\n")[0] for message in office.slack.messages] == [
        "Acme: digest not sent",
        "Acme: May 2026, June to date",
    ]


def test_a_notice_is_no_longer_sent_once_the_numbers_are_there(office: Office, clock: SetClock) -> None:
    clock(SATURDAY_AT_NINE + LATER)
    [notice] = office.find()
    clock(SATURDAY_AT_NINE)
    with pytest.raises(NothingToSendError, match="changed meanwhile"):
        office.send(notice)


def test_numbers_that_are_being_published_are_waited_for(office: Office, clock: SetClock) -> None:
    fill(office.config, young(), SATURDAY_AT_NINE - timedelta(minutes=2), "c2")
    with pytest.raises(NothingToSendError, match="team waits because the workbook has not been published"):
        office.find()
    clock(SATURDAY_AT_NINE + timedelta(hours=1))
    [notice] = office.find()
    office.send(notice)
    assert "Not sent because the workbook has not been published with the numbers of 20 Jun" in office.slack.messages[0]


def test_a_check_that_stopped_the_numbers_is_told(office: Office) -> None:
    stop_by_check(office)
    [notice] = office.find()
    office.send(notice)
    assert "Not sent because a check has stopped the numbers of 20 Jun 2026, 07:00" in office.slack.messages[0]
    assert "sales_kpis" in office.slack.messages[0]


def stop_by_check(office: Office) -> None:
    at = SATURDAY_AT_NINE - timedelta(hours=2, minutes=5)
    with closing(connect(office.config)) as con, transaction(con, office.config):
        con.execute(statement("release.schema"))
        con.execute(
            statement("release.computation"),
            {
                "computation_id": "stopped",
                "computed_at": at,
                "as_of": at,
                "snapshot_id": 1,
                "settings_hash": "",
                "models_hash": "",
                "run_id": "x",
                "settings": "{}",
            },
        )


def test_investors_are_not_told_of_a_month_before_it_is_closed(office: Office, clock: SetClock) -> None:
    """On the third of July the published numbers still end in June."""
    office.set_audiences("investors: {every: month, day: 1, hour: 0, addresses: [vc@example.com]}", "")
    clock(AS_OF + timedelta(days=11, hours=1))
    text = office.settings_file.read_text(encoding="utf-8") + "limits: {late_after_hours: 744}\n"
    office.settings_file.write_text(text, encoding="utf-8")
    [notice] = office.find()
    assert (notice.kind, notice.period) == ("notice", "2026-06")
    office.send(notice)
    body = office.mailbox.mails[0][1].get_body(("plain",)).get_content()
    assert "June 2026 is not closed in the published numbers" in " ".join(body.split())


def test_no_secret_reaches_a_log_or_an_error(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.set_audiences(TEAM, WEBHOOK)
    told: list[str] = []
    for fault in ("lost_before", "invalid_auth"):
        office.slack.fail("chat.postMessage", fault)
        office.slack.fail("webhook", fault)
        for message in office.find(send_unsure=True):
            with pytest.raises((MessageBusyError, MessageRefusedError, MessageUnsureError)) as error:
                office.send(message, send_unsure=True)
            told += [str(error.value), repr(error.value.__cause__)]
    everything = caplog.text + "".join(told)
    assert "loopback-token" not in everything
    assert "/services/T0" not in everything
