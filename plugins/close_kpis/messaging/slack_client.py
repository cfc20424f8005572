"""Posting to Slack through Airflow's connections, in one try: as a bot, or through an incoming webhook."""

from __future__ import annotations

import socket
import ssl
import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.error import URLError

from close_kpis.masking import keep_connection
from close_kpis.messaging.errors import MessageBusyError, MessageError, MessageRefusedError, MessageUnsureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from close_kpis.messaging.blocks import Block

T = TypeVar("T")

TIMEOUT = 30
"""Seconds that Slack may take to answer a request."""

PATIENCE = 20.0
"""Seconds in which Slack has made a picture of an uploaded file; until then a message cannot show it."""

_REMEDIES = {
    "account_inactive": "the app was removed: install it again, and put its new token into the connection",
    "channel_not_found": "there is no such channel, or it is private and the bot is not in it: invite the bot",
    "invalid_auth": "the token of the connection is not valid",
    "is_archived": "the channel is archived",
    "missing_scope": "the app needs the scopes chat:write, files:write and files:read",
    "not_authed": "the connection has no token",
    "not_in_channel": "invite the bot to the channel, or give the app the scope chat:write.public",
    "token_revoked": "the token of the connection was revoked",
    "no_service": "the webhook was switched off: make a new one, and put its address into the connection",
}
"""What to do about what Slack says. Source: docs.slack.dev/reference/methods/chat.postMessage, "Errors"."""

_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Errors after which a part of the request may have succeeded. Source: as above."""

_NOT_CONNECTED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
"""What goes wrong before a request is sent."""


class SlackBot:
    """Posts as the bot of a Slack app.

    Args:
        conn_id: Airflow connection of type ``slack``, with the bot's token.
        channel: name or id.
        timeout: seconds that Slack may take to answer a request.

    Raises:
        MessageRefusedError: there is no such connection, or no token in it.
    """

    def __init__(self, conn_id: str, channel: str, timeout: int = TIMEOUT) -> None:
        from airflow.providers.slack.hooks.slack import SlackHook

        # Without handlers: the client's own would send a message again after a lost connection, when Slack may have it.
        hook = SlackHook(slack_conn_id=conn_id, timeout=timeout, retry_handlers=[])
        self._client = _connected(conn_id, "Slack API", lambda: hook.client)
        self._channel = channel

    def upload(self, picture: bytes, alt_text: str) -> str:
        """Upload a picture that nobody sees before a message shows it, and return its id in Slack.

        Args:
            picture: PNG.
            alt_text: what it shows, in words.

        Raises:
            MessageError: Slack does not take it; nothing was posted.
        """

        def send() -> str:
            reply = self._client.files_upload_v2(content=picture, filename="kpis.png", title="KPIs", alt_txt=alt_text)
            return str(reply["files"][0]["id"])

        file_id = _called(send)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not _called(lambda: self._is_ready(file_id)):
            time.sleep(0.5)
        return file_id

    def post(self, blocks: list[Block], text: str) -> str:
        """Post a message and return its id (``ts``).

        Args:
            blocks: what it shows.
            text: what a notification shows, escaped.

        Raises:
            PictureError: Slack cannot show the picture; nothing was posted.
            MessageBusyError: Slack asks to wait, or cannot be reached; nothing was posted.
            MessageRefusedError: Slack refuses; nothing was posted.
            MessageUnsureError: nobody knows whether it was posted.
        """
        what = {"channel": self._channel, "blocks": blocks, "text": text, "unfurl_links": False, "unfurl_media": False}
        return _called(lambda: str(self._client.api_call("chat.postMessage", json=what)["ts"]))

    def _is_ready(self, file_id: str) -> bool:
        file: dict[str, Any] = self._client.files_info(file=file_id)["file"]
        return bool(file.get("mimetype"))


class PictureError(MessageRefusedError):
    """Slack cannot show an uploaded picture."""


class SlackWebhook:
    """Posts through an incoming webhook: to its own channel, and without pictures.

    Args:
        conn_id: Airflow connection of type ``slackwebhook``, with the webhook's address.
        timeout: seconds that Slack may take to answer a request.

    Raises:
        MessageRefusedError: there is no such connection, or no address in it.
    """

    def __init__(self, conn_id: str, timeout: int = TIMEOUT) -> None:
        from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

        hook = SlackWebhookHook(slack_webhook_conn_id=conn_id, timeout=timeout, retry_handlers=[])
        self._client = _connected(conn_id, "Slack Incoming Webhook", lambda: hook.client)

    def post(self, blocks: list[Block], text: str) -> str:
        """Post a message; a webhook tells no id, so that the one returned is empty.

        Args:
            blocks: what it shows.
            text: what a notification shows, escaped.

        Raises:
            MessageBusyError: Slack asks to wait, or cannot be reached; nothing was posted.
            MessageRefusedError: Slack refuses; nothing was posted.
            MessageUnsureError: nobody knows whether it was posted.
        """
        body = {"blocks": blocks, "text": text, "unfurl_links": False, "unfurl_media": False}

        def send() -> str:
            reply = self._client.send_dict(body)
            if reply.status_code != 200:
                raise _error(reply.status_code, reply.body)
            return ""

        return _called(send)


def _connected(conn_id: str, kind: str, connect: Callable[[], T]) -> T:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        conn = BaseHook.get_connection(conn_id)
        keep_connection(conn.password, conn.extra_dejson)
        return connect()
    except AirflowNotFoundException:
        raise MessageRefusedError(
            f"Airflow has no connection {conn_id}, or it has no password: create one of type {kind}; the password is "
            "the bot's token or the webhook's address"
        ) from None


def _called(call: Callable[[], T]) -> T:
    """Call Slack, and say what it means where that fails: never with the address or the token."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        return call()
    except SlackApiError as error:
        status = getattr(error.response, "status_code", 200)
        said = error.response.get("error") if hasattr(error.response, "get") else None
        told = error.response.get("errors") if said == "invalid_blocks" else None
        if told and any("slack" in str(one) and "file" in str(one) for one in told):
            raise PictureError("Slack cannot show the picture") from None
        raise _error(status, said) from None
    except URLError as error:
        raise _lost(error.reason if isinstance(error.reason, Exception) else error) from None
    except (OSError, HTTPException, SlackClientError) as error:
        raise _lost(error) from None


def _error(status: int, said: str | None) -> MessageError:
    """Return what a reply means."""
    told = " ".join(str(said or f"status {status}").split())[:200]
    if status == 429 or told in {"ratelimited", "rate_limited"}:
        return MessageBusyError("Slack asks to wait: too many messages")
    if status >= 500 or told in _UNSURE:
        return MessageUnsureError(f"Slack answers {told}")
    return MessageRefusedError(f"Slack refuses: {told}. {_REMEDIES.get(told, '')}".strip())


def _lost(error: Exception) -> MessageError:
    if isinstance(error, _NOT_CONNECTED):
        return MessageBusyError(f"cannot reach Slack ({type(error).__name__})")
    return MessageUnsureError(f"the connection to Slack was lost ({type(error).__name__})")
