"""Sending mail through the Airflow connection of an SMTP server, in one try."""

from __future__ import annotations

import hashlib
import smtplib
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk.exceptions import AirflowException

from close_kpis.masking import keep_connection
from close_kpis.messaging.errors import MessageBusyError, MessageRefusedError, MessageUnsureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

_PERMANENT = 500
"""From this reply on a server says that it will refuse again. Source: RFC 5321, 4.2.1."""


class _OneTry(SmtpHook):
    """The provider's hook, for one message.

    Its own ``send_email_smtp`` knows no picture inside the HTML, and sends again after any error, also after one that
    came when the server had the message: the reader would get it twice.
    """

    def send(self, message: EmailMessage, recipient: str) -> None:
        client = cast("smtplib.SMTP", self._smtp_client)
        client.send_message(message, self.from_email, [recipient])


class MailClient:
    """An open connection to the SMTP server.

    Attributes:
        sender: the address that mails are from.
    """

    def __init__(self, hook: _OneTry, sender: str) -> None:
        self._hook = hook
        self.sender = sender

    def message_id(self, kind: str, *parts: str) -> str:
        """Return the ``Message-ID`` of a mail, the same whenever it is sent.

        Args:
            kind: what it is.
            parts: what tells it from others of its kind.
        """
        name = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        return f"<{kind}.{name}@{self.sender.rpartition('@')[2].rstrip('>')}>"

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Send a mail.

        Args:
            message: the mail.
            recipient: an address.

        Raises:
            MessageBusyError: the server asks to try later; it has not taken the mail.
            MessageRefusedError: the server refuses the mail, or this recipient.
            MessageUnsureError: the connection was lost: the server may have it.
        """
        try:
            self._hook.send(message, recipient)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise _refused(code, reply, "the recipient") from None
        except smtplib.SMTPServerDisconnected:
            raise MessageUnsureError("the connection to the SMTP server was lost") from None
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error, "the mail") from None
        except smtplib.SMTPNotSupportedError:
            raise MessageRefusedError("the SMTP server cannot send to an address that is not ASCII") from None
        except OSError as error:
            raise MessageUnsureError(f"the connection to the SMTP server was lost ({type(error).__name__})") from None


@contextmanager
def mail_client(conn_id: str) -> Iterator[MailClient]:
    """Connect to the SMTP server of an Airflow connection.

    Args:
        conn_id: connection of type ``smtp``; its extra ``from_email`` is the sender.

    Raises:
        MessageRefusedError: there is no such connection, no sender in it, or the login is refused.
        MessageBusyError: the server cannot be reached.
    """
    hook = _OneTry(conn_id)
    try:
        hook.get_conn()
        conn = hook.get_connection(conn_id)
        keep_connection(conn.password, conn.extra_dejson)
    except smtplib.SMTPAuthenticationError as error:
        raise MessageRefusedError(
            f"the SMTP server refuses the login of the connection {conn_id} ({error.smtp_code}): mend its user and "
            "password"
        ) from None
    except AirflowException as error:
        if "is not found" not in str(error):
            raise MessageBusyError("the SMTP server ends the connection at once") from None
        raise MessageRefusedError(
            f"Airflow has no connection {conn_id}: create one of type SMTP, with the extra from_email"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise MessageBusyError(
            f"cannot reach the SMTP server of the connection {conn_id} ({type(error).__name__}): check its host and "
            "port, and disable_ssl and disable_tls in its extra"
        ) from None
    with hook:
        if not hook.from_email:
            raise MessageRefusedError(
                f'the connection {conn_id} does not say from whom mail is: add {{"from_email": ...}} to its extra'
            )
        yield MailClient(hook, hook.from_email)


def _refused(code: int, reply: bytes | str, what: str) -> MessageBusyError | MessageRefusedError:
    said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    kind = MessageRefusedError if code >= _PERMANENT else MessageBusyError
    return kind(f"the SMTP server does not take {what}: {code} {' '.join(said.split())[:200]}")
