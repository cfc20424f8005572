"""Sending alarms: each message once, and none that fails keeps another one from being sent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.alerts import record
from close_kpis.alerts.form import alarm_blocks, alarm_text
from close_kpis.messaging.blocks import fallback
from close_kpis.messaging.errors import MessageBusyError, MessageError, MessageRefusedError
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from duckdb import DuckDBPyConnection

    from close_kpis.alerts.causes import Alarm
    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.recipients import Transport

log = logger(__name__)

TIMEOUT = 8
"""Seconds that Slack may take to answer: see `record.PATIENCE`."""


@dataclass(frozen=True)
class Way:
    """The Airflow connections that alarms go through.

    Attributes:
        slack_conn_id: of the Slack bot.
        mail_conn_id: of the SMTP server.
    """

    slack_conn_id: str
    mail_conn_id: str


def deliver(con: DuckDBPyConnection, lake: LakeConfig, way: Way, recipients: Collection[tuple[Transport, str]]) -> None:
    """Send what is owed, also what an earlier process could not send; what cannot be sent now stays owed.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        way: the connections.
        recipients: who gets the alarms now; what is owed to others is forgotten.

    Raises:
        LakeError: the lake cannot be written.
    """
    unreachable: set[tuple[Transport, str]] = set()
    for message, alarm in record.owed(con):
        to = (message.transport, message.recipient)
        if to not in recipients:
            record.withdraw(con, lake, message)
        elif to not in unreachable:
            try:
                _send_once(con, lake, way, message, alarm)
            except MessageError as error:
                unreachable.add(to)
                log.error("An alarm could not be told to %s (%s): %s", message.recipient, message.transport, error)


def send_now(alarm: Alarm, way: Way, recipients: Collection[tuple[Transport, str]], key: str) -> None:
    """Send an alarm without a record: where there is no lake to keep one.

    Args:
        alarm: what it says.
        way: the connections.
        recipients: who is told.
        key: what tells the alarm from others.
    """
    for transport, recipient in recipients:
        try:
            with _opened(alarm, way, transport, recipient, key) as post:
                post()
        except MessageError as error:
            log.error("An alarm could not be told to %s (%s): %s", recipient, transport, error)


def _send_once(con: DuckDBPyConnection, lake: LakeConfig, way: Way, message: record.Owed, alarm: Alarm) -> None:
    """Send a message unless another process does; what is known not to have been sent is owed again."""
    key = f"{message.alarm_id}.{message.occasion}"
    with _opened(alarm, way, message.transport, message.recipient, key) as post:
        if not record.claim(con, lake, message):
            return
        try:
            message_id = post()
        except (MessageBusyError, MessageRefusedError):
            record.release(con, lake, message)
            raise
        record.settle(con, lake, message, message_id)
    log.info("Told %s (%s): %s", message.recipient, message.transport, alarm.subject)


@contextmanager
def _opened(alarm: Alarm, way: Way, transport: Transport, recipient: str, key: str) -> Iterator[Callable[[], str]]:
    """Connect, and yield what sends the message and returns its id: what fails before is known to have sent nothing."""
    if transport == "mail":
        from close_kpis.messaging.letter import letter
        from close_kpis.messaging.mail_client import mail_client

        with mail_client(way.mail_conn_id) as client:
            message_id = client.message_id("kpi-alarm", key, recipient)
            mail = letter(alarm.subject, client.sender, recipient, message_id, alarm_text(alarm))

            def post() -> str:
                client.send(mail, recipient)
                return message_id

            yield post
        return
    from close_kpis.messaging.slack_client import SlackBot, SlackWebhook

    slack = (
        SlackWebhook(recipient, TIMEOUT) if transport == "webhook" else SlackBot(way.slack_conn_id, recipient, TIMEOUT)
    )
    yield lambda: slack.post(alarm_blocks(alarm), fallback(alarm.subject))
