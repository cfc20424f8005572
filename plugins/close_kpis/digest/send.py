"""The two steps of the DAG ``kpi_digest``: find what is to be sent, and send one message."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from close_kpis.clock import now
from close_kpis.digest import messages
from close_kpis.digest.lake_state import obstacle, read_state
from close_kpis.digest.messages import Message
from close_kpis.digest.schedule import last_due
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.backup import back_up
from close_kpis.lake.connection import opened
from close_kpis.messaging.errors import MessageError, MessageUnsureError
from close_kpis.reporting import PipelineError, logger
from close_kpis.workbook.google.errors import SheetsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from close_kpis.digest.content import Digest, Notice
    from close_kpis.digest.lake_state import Obstacle
    from close_kpis.digest.messages import Kind, Recorded
    from close_kpis.digest.schedule import Due
    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.audience import Audience
    from close_kpis.settings.file import Settings
    from close_kpis.workbook.targets import TeamTargets

log = logger(__name__)

NO_AUDIENCE = "No audience is set: name who gets a digest in the section digest of kpis.yaml"


class NothingToSendError(PipelineError):
    """There is no message to send, and that is as it should be."""


@dataclass(frozen=True)
class Way:
    """How messages are sent.

    Attributes:
        slack_conn_id: Airflow connection of the Slack bot.
        mail_conn_id: Airflow connection of the SMTP server.
        sheets_conn_id: Airflow connection of the workbook, whose targets are told.
        dry_run: send and record nothing; log what would be sent.
        send_unsure: send, too, what an earlier try may have sent.
    """

    slack_conn_id: str
    mail_conn_id: str
    sheets_conn_id: str
    dry_run: bool = False
    send_unsure: bool = False


def find_messages(
    lake: Callable[[], LakeConfig],
    settings: Settings,
    *,
    audience: str | None = None,
    dry_run: bool = False,
    send_unsure: bool = False,
) -> list[Message]:
    """Return the messages that are due and have not been sent.

    Args:
        lake: gives the lake; asked only where there is an audience.
        settings: name the audiences.
        audience: look at this one only.
        dry_run: take every audience as due, whatever was sent before.
        send_unsure: return also those that an earlier try may have sent.

    Raises:
        NothingToSendError: there is none; with the reason.
        LakeError: the lake cannot be opened.
    """
    if not settings.digest:
        raise NothingToSendError(NO_AUDIENCE)
    if audience is not None and audience not in settings.digest:
        raise NothingToSendError(f"kpis.yaml has no audience {audience!r}: it has {', '.join(settings.digest)}")
    chosen = {name: one for name, one in settings.digest.items() if audience in {None, name}}
    at = now(settings.timezone)
    found: list[Message] = []
    waiting: list[str] = []
    with opened(lake()) as con:
        for name, one in chosen.items():
            due = last_due(one, at, settings.timezone)
            if not dry_run and not due.is_open(at):
                continue
            stopped = _obstacle(con, settings, due)
            if stopped is not None and stopped.is_passing and not dry_run:
                waiting.append(f"{name} waits because {stopped.reason}")
                continue
            known = {} if dry_run else messages.recorded(con, name, due.period)
            found += [one for one in _messages(name, one, due, stopped) if _is_open(known.get(one.place), send_unsure)]
    if not found:
        raise NothingToSendError("; ".join(waiting) or "No digest is due that has not been sent")
    return found


def send_message(lake: LakeConfig, settings: Settings, message: Message, way: Way, *, run_id: str) -> str:
    """Send one message, unless it was sent before.

    Args:
        lake: the lake; keeps the record.
        settings: name the audiences.
        message: one that `find_messages` returned, maybe long ago: whether it is still to be sent is looked up anew.
        way: how.
        run_id: of the DAG run.

    Returns:
        What the other side calls the message, empty where it does not say.

    Raises:
        NothingToSendError: it was sent before, its time has passed, or the lake has changed meanwhile.
        MessageBusyError: nothing was sent, and trying again may help.
        MessageRefusedError: nothing was sent before somebody mends something.
        MessageUnsureError: nobody knows whether it arrived.
        LakeError: the lake cannot be opened or written; nothing was sent unless the message says so.
    """
    from close_kpis.workbook.targets import TeamTargets

    audience = settings.digest.get(message.audience)
    if audience is None or (message.transport, message.recipient) not in audience.recipients():
        raise NothingToSendError("kpis.yaml no longer names this audience and recipient")
    at = now(settings.timezone)
    due = last_due(audience, at, settings.timezone)
    if not way.dry_run and (due.period != message.period or not due.is_open(at)):
        raise NothingToSendError(f"The time of the digest of {message.period} has passed: it is not sent any more")
    targets = read_targets(settings, way.sheets_conn_id) if message.kind == "digest" else TeamTargets()
    with opened(lake) as con:
        content, publish_id = _content(con, settings, audience, message, due, targets)
        if way.dry_run:
            _tell(message, content)
            return ""
        _refuse_known(con, lake, message, way)
        with _opened(message, content, way) as post:
            if known := messages.claim(con, lake, message, run_id=run_id, publish_id=publish_id):
                raise _known(message, known)
            return _posted(con, lake, message, post)


def read_targets(settings: Settings, sheets_conn_id: str) -> TeamTargets:
    """Return the targets that readers have set in the workbook; none, with a warning, where it cannot be read.

    Args:
        settings: may name the spreadsheet.
        sheets_conn_id: Airflow connection of the workbook.
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    from close_kpis.workbook.google.hook import GoogleSheetsHook
    from close_kpis.workbook.targets import TeamTargets, read_team_targets

    hook = GoogleSheetsHook(sheets_conn_id)
    try:
        return read_team_targets(hook.get_conn(), hook.spreadsheet_id(settings.workbook.spreadsheet_id))
    except (SheetsError, AirflowNotFoundException) as error:
        log.warning("Told without targets: %s", error)
        return TeamTargets()


def _posted(con: DuckDBPyConnection, lake: LakeConfig, message: Message, post: Callable[[], str]) -> str:
    """Send a claimed message and settle it; forget the claim where nothing was sent."""
    try:
        message_id = post()
    except MessageUnsureError as error:
        raise _unsure(message, f"{error}, so that nobody knows whether it arrived") from None
    except MessageError:
        messages.withdraw(con, lake, message)
        raise
    messages.settle(con, lake, message, message_id)
    back_up(con, lake, datetime.now(UTC))
    log.info("Sent the %s of %s to %s (%s)", message.kind, message.period, message.recipient, message.transport)
    return message_id


def _refuse_known(con: DuckDBPyConnection, lake: LakeConfig, message: Message, way: Way) -> None:
    known = messages.recorded(con, message.audience, message.period).get(message.place)
    if known is None:
        return
    if known.is_sent or not way.send_unsure:
        raise _known(message, known)
    messages.withdraw(con, lake, message)


def _known(message: Message, known: Recorded) -> Exception:
    if known.is_sent:
        return NothingToSendError(f"The {message.kind} of {message.period} was sent at {known.at:%Y-%m-%d %H:%M} UTC")
    return _unsure(message, f"the try of {known.at:%Y-%m-%d %H:%M} UTC ended while it was sending")


def _unsure(message: Message, why: str) -> MessageUnsureError:
    return MessageUnsureError(
        f"The {message.kind} of {message.period} to {message.recipient} is not sent again: {why}. Look whether it is "
        "there. If not, trigger kpi_digest with send_unsure, which sends it although it may arrive twice"
    )


def _obstacle(con: DuckDBPyConnection, settings: Settings, due: Due) -> Obstacle | None:
    late_after = timedelta(hours=settings.limits.late_after_hours)
    return obstacle(read_state(con), due, now(settings.timezone), late_after, settings.timezone)


def _messages(name: str, audience: Audience, due: Due, stopped: Obstacle | None) -> list[Message]:
    kind: Kind = "notice" if stopped else "digest"
    return [Message(name, due.period, kind, transport, recipient) for transport, recipient in audience.recipients()]


def _is_open(known: Recorded | None, send_unsure: bool) -> bool:
    return known is None or (send_unsure and not known.is_sent)


def _content(
    con: DuckDBPyConnection,
    settings: Settings,
    audience: Audience,
    message: Message,
    due: Due,
    targets: TeamTargets,
) -> tuple[Digest | Notice, int | None]:
    """Read what a message says, with the publish whose numbers it tells, all of it from one snapshot of the lake."""
    from close_kpis.digest.content import Notice, read_digest

    con.execute("begin transaction")
    state = read_state(con)
    stopped = _obstacle(con, settings, due)
    if (stopped is not None) != (message.kind == "notice"):
        raise NothingToSendError("The lake has changed meanwhile: the next run looks again")
    published, title = state.published, settings.workbook.title
    content: Digest | Notice | None
    if stopped is not None:
        content, publish_id = Notice(title, stopped.reason, published.url if published else ""), None
    else:
        assert published is not None
        content = read_digest(con, published, audience, load_definitions(), title, targets)
        publish_id = published.publish_id
    con.execute("commit")
    if content is None:
        raise NothingToSendError("No month is completed yet")
    return content, publish_id


@contextmanager
def _opened(message: Message, content: Digest | Notice, way: Way) -> Iterator[Callable[[], str]]:
    """Connect, and yield what sends the message: what fails before is known to have sent nothing."""
    if message.transport == "mail":
        with _mail(message, content, way.mail_conn_id) as post:
            yield post
    elif message.transport == "webhook":
        yield _webhook(message, content)
    else:
        yield _bot(message, content, way.slack_conn_id)


@contextmanager
def _mail(message: Message, content: Digest | Notice, conn_id: str) -> Iterator[Callable[[], str]]:
    from close_kpis.digest.content import Digest
    from close_kpis.digest.mail import mail
    from close_kpis.digest.picture import picture
    from close_kpis.messaging.mail_client import mail_client

    drawn = picture(content) if isinstance(content, Digest) else None
    with mail_client(conn_id) as client:
        # The same for each try: a mailbox that gets one twice after all shows it once.
        message_id = client.message_id("kpi-digest", message.audience, message.period, *message.place)
        letter = mail(content, client.sender, message.recipient, message_id, drawn)

        def post() -> str:
            client.send(letter, message.recipient)
            return message_id

        yield post


def _webhook(message: Message, content: Digest | Notice) -> Callable[[], str]:
    from close_kpis.digest.slack import blocks_of
    from close_kpis.messaging.blocks import fallback
    from close_kpis.messaging.slack_client import SlackWebhook

    webhook = SlackWebhook(message.recipient)
    return lambda: webhook.post(blocks_of(content, None), fallback(content.subject))


def _bot(message: Message, content: Digest | Notice, conn_id: str) -> Callable[[], str]:
    from close_kpis.digest.content import Digest
    from close_kpis.digest.picture import alternative, picture
    from close_kpis.digest.slack import blocks_of
    from close_kpis.messaging.blocks import fallback
    from close_kpis.messaging.slack_client import PictureError, SlackBot

    bot = SlackBot(conn_id, message.recipient)
    file_id: str | None = None
    if isinstance(content, Digest):
        try:
            file_id = bot.upload(picture(content), alternative(content))
        except MessageError as error:
            log.warning("Sent without the picture: %s", error)

    def post() -> str:
        try:
            return bot.post(blocks_of(content, file_id), fallback(content.subject))
        except PictureError as error:
            log.warning("Sent without the picture: %s", error)
            return bot.post(blocks_of(content, None), fallback(content.subject))

    return post


def _tell(message: Message, content: Digest | Notice) -> None:
    from close_kpis.digest.mail import text

    log.info(
        "Dry run: nothing is sent. To %s (%s), audience %s, the %s of %s:\n%s",
        message.recipient,
        message.transport,
        message.audience,
        message.kind,
        message.period,
        text(content),
    )
