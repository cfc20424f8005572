"""The way in: redirects, keys, rates and faults, then the resource.

An ASGI application for everything below /api/v1.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import json
import re
import socket
import struct
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.close_api import errors
from sandbox.close_api.busy import Users
from sandbox.close_api.calls import Call, Reply
from sandbox.close_api.limits import Budget
from sandbox.close_api.routes import dispatch
from sandbox.request_log import RequestLog, ServedRequest

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.close_api.context import Context
    from sandbox.close_api.faults import Fault, Faults
    from sandbox.close_api.limits import RateLimiter
    from sandbox.close_api.oauth import Tokens

BASE = "/api/v1"
OVERRIDE = "x-http-method-override"
CONNECTION: ContextVar[asyncio.Transport | None] = ContextVar("connection", default=None)
"""The connection that the present request came through, set by the server's protocol."""

_SKIP = re.compile(r"(?:^|&)_skip=(\d+)")
_CLOSING_SECONDS = 0.01
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Gateway:
    """Serves the API of one sandbox."""

    def __init__(
        self, context: Context, limiter: RateLimiter, tokens: Tokens, faults: Faults, requests: RequestLog
    ) -> None:
        self._context = context
        self._limiter = limiter
        self._tokens = tokens
        self._faults = faults
        self._requests = requests
        self._users = Users(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        raw_path: str = scope["path"]
        path = raw_path.removeprefix(BASE)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _read(receive)
        method = _method(scope["method"], headers)
        fault = self._faults.take(method, path)
        delay = self._context.config.latency + (fault.seconds if fault and fault.kind == "slow" else 0)
        query = scope["query_string"].decode("latin-1")
        delay += self._context.config.skip_seconds * _skipped(query) / 100_000
        if delay:
            await asyncio.sleep(delay)
        if fault is not None and fault.kind == "reset":
            self._note(method, path, query, 0, body)
            await _drop(is_reset=True)
            return
        reply = self._reply(method, path, query, headers, body, fault)
        self._note(method, path, query, reply.status, body)
        await self._send(reply, headers, send, fault)

    def _reply(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes, fault: Fault | None
    ) -> Reply:
        if fault is not None and fault.kind == "status":
            return Reply(fault.body.encode(), fault.status, {"content-type": fault.content_type})
        if not path.endswith("/"):
            target = f"{BASE}{path}/" + (f"?{query}" if query else "")
            return Reply(b"", 308, {"location": target, "content-type": "text/html; charset=utf-8"})
        budget: Budget | None = None
        try:
            key = self._key(headers)
            if key is None or (fault is not None and fault.kind == "unauthorized"):
                raise errors.unauthorized()
            if fault is not None and fault.kind == "rate_limit":
                told = Budget(path, self._context.config.rate, 0, fault.seconds, fault.seconds, is_exceeded=True)
                return Reply(told.body(fault.rate_body), 429, told.headers(fault.headers))
            budget = self._limiter.take(method, path, key)
            style = self._context.config.rate_headers
            told_headers = budget.headers(style) if budget else {}
            if budget is not None and budget.is_exceeded:
                return Reply(budget.body(self._context.config.rate_body), 429, told_headers)
            if (status := self._refusal(path)) is not None:
                raise errors.not_offered(status)
            user = self._context.config.restricted_keys.get(key)
            call = Call(method, path, _params(query, headers, body), body, headers, user)
            with self._context.account.lock:
                self._users.catch_up()
                reply = dispatch(self._context, call)
            return Reply(reply.body, reply.status, {**told_headers, **reply.headers})
        except errors.ApiError as error:
            style = self._context.config.rate_headers
            return Reply(error.body, error.status, budget.headers(style) if budget else {})

    def _refusal(self, path: str) -> int | None:
        """Return the status with which a path is refused that is not offered, None for any other."""
        offered = self._context.config.not_offered.items()
        return next((status for pattern, status in offered if fnmatchcase(path, pattern)), None)

    def _key(self, headers: dict[str, str]) -> str | None:
        """Return the key or token of a request, None where it does not let in."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return token if self._tokens.is_good(token) else None
        if scheme.lower() != "basic":
            return None
        try:
            user = base64.b64decode(token, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
        config = self._context.config
        return user if user == config.api_key or user in config.restricted_keys else None

    def _note(self, method: str, path: str, query: str, status: int, body: bytes) -> None:
        self._requests.add(ServedRequest(method, path, query, status, body.decode("utf-8", "replace")))

    async def _send(self, reply: Reply, asked: dict[str, str], send: Send, fault: Fault | None) -> None:
        body = reply.encoded()
        if fault is not None and fault.kind == "truncate":
            body = body[: len(body) // 2]
        headers = {"content-type": "application/json", **reply.headers}
        if self._context.config.gzip and body and "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
        await send({
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        })
        if fault is not None and fault.kind == "cut":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _drop(is_reset=False)
            return
        await send({"type": "http.response.body", "body": body})


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _method(sent: str, headers: dict[str, str]) -> str:
    override = headers.get(OVERRIDE, "").upper()
    return override if sent == "POST" and override else sent


def _params(query: str, headers: dict[str, str], body: bytes) -> dict[str, list[str]]:
    """Return the query parameters, with those that a method override carries in the body.

    Source: developer.close.com "Filter parameters": the body is ``{"_params": {...}}``.
    """
    params: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        params.setdefault(name, []).append(value)
    if OVERRIDE in headers and body:
        try:
            read = json.loads(body)
        except ValueError:
            raise errors.invalid_json() from None
        given = read.get("_params") if isinstance(read, dict) else None
        for name, value in (given or {}).items():
            params[name] = [_text(item) for item in (value if isinstance(value, list) else [value])]
    return params


def _skipped(query: str) -> int:
    match = _SKIP.search(query)
    return int(match[1]) if match else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def _drop(*, is_reset: bool) -> None:
    """Close the connection of the present request, or reset it so that the network seems to fail."""
    connection = CONNECTION.get()
    if connection is None:
        return
    if is_reset:
        bound: socket.socket | None = connection.get_extra_info("socket")
        if bound is not None:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        connection.abort()
    else:
        connection.close()
    await asyncio.sleep(_CLOSING_SECONDS)
