"""What happens to every request before the API sees it: the log, faults, quota, the token."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from sandbox.request_log import ServedRequest
from sandbox.sheets_api.errors import ApiError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.request_log import RequestLog
    from sandbox.sheets_api.auth import Auth
    from sandbox.sheets_api.faults import Fault, Faults, Quota

API_PREFIXES = ("/v4/", "/drive/v3/", "/upload/drive/")
FRONT_END_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} (Server Error)!!1</title>\n"
    "<p><b>{status}.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not "
    "complete your request.<p>Please try again in 30 seconds.\n"
)


class Gate:
    """ASGI middleware in front of the API; the sandbox's own pages pass untouched."""

    def __init__(self, app: ASGIApp, *, auth: Auth, faults: Faults, quota: Quota, log: RequestLog) -> None:
        self._app, self._auth, self._faults, self._quota, self._log = app, auth, faults, quota, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        is_api = scope["type"] == "http" and scope["path"].startswith(API_PREFIXES)
        if not is_api and scope.get("path") != "/token":
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], unquote(scope["path"])
        fault = self._faults.take(method, path)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        status = [0]

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._serve(scope, receive, note, fault, is_api=is_api)
        finally:
            self._log.add(ServedRequest(method, path, scope["query_string"].decode(), status[0]))

    async def _serve(self, scope: Scope, receive: Receive, send: Send, fault: Fault | None, *, is_api: bool) -> None:
        kind = fault.kind if fault else ""
        if fault is not None and kind in {"status", "html"}:
            await _answer(send, fault)
            return
        if kind == "reset":
            await _drop(send)
            return
        if is_api and (refusal := self._refusal(scope)):
            await _send(send, refusal.code, pretty(refusal.body()), "application/json; charset=UTF-8")
            return
        if fault is not None and kind in {"status_after", "reset_after"}:
            await self._app(scope, receive, _swallow)
            await (_answer(send, fault) if kind == "status_after" else _drop(send))
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> ApiError | None:
        write = scope["method"] != "GET"
        header = dict(scope["headers"]).get(b"authorization")
        try:
            self._auth.check(header.decode("latin-1") if header else None, write=write)
            if scope["path"].startswith("/v4/"):
                self._quota.spend(write=write)
        except ApiError as error:
            return error
        return None


async def _swallow(message: Message) -> None:
    """Takes an answer that the client never sees."""


async def _answer(send: Send, fault: Fault) -> None:
    if fault.kind == "html":
        page = FRONT_END_PAGE.format(status=fault.status)
        await _send(send, fault.status, page.encode(), "text/html; charset=UTF-8")
    else:
        await _send(send, fault.status, pretty(fault.error().body()), "application/json; charset=UTF-8")


async def _send(send: Send, status: int, body: bytes, content_type: str) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _drop(send: Send) -> None:
    """Closes the connection without an answer."""
    raise ConnectionDroppedError


class ConnectionDroppedError(Exception):
    """Tells the server's outermost layer to close the connection."""


def pretty(body: Any) -> bytes:
    """JSON as Google sends it: two spaces, a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"


def compact(body: Any) -> bytes:
    """JSON without white space, for callers that send ``prettyPrint=false``.

    Source: https://cloud.google.com/apis/docs/system-parameters
    """
    return msgspec.json.encode(body)
