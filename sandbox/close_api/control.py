"""``/_sandbox/...``: the writer, the faults, the clock and the request log over HTTP.

For tests and tools in another process than the server. All bodies are JSON.

- ``GET /_sandbox/health``: ``{"now": ..., "api_key": ..., "rows": {"leads": 12, ...}}``.
- ``POST /_sandbox/writer``: ``{"action": "create", "resource": "leads", "data": {...}}``,
  ``{"action": "update", "resource": ..., "id": ..., "data": {...}}``,
  ``{"action": "delete", "resource": ..., "id": ...}``,
  ``{"action": "merge", "source": ..., "destination": ...}`` or
  ``{"action": "log_event", "data": {...}}``; optionally ``by`` (user id), ``at`` (ISO instant) and,
  on create and update, ``tz_offset`` (hours). Replies the stored row, ``{}`` for a deletion.
- ``POST /_sandbox/changes``: ``{"edits": 600, "creates": 300, "deletes": 100, "seed": 1}``, the arguments of
  ``changes.apply``. Replies the ids by kind of change and resource.
- ``GET /_sandbox/rows/leads?fields=id,date_updated``: all rows as the API shows them now, as JSON Lines;
  ``_type`` chooses one type of activities or tasks.
- ``POST /_sandbox/faults``: ``{"kind": "status", "path": "/activity/*", "count": 2, ...}``, the fields
  of ``faults.Fault``; ``GET`` lists what is still to come, ``DELETE`` clears it.
- ``GET /_sandbox/requests``: the requests served; ``DELETE`` forgets them.
- ``POST /_sandbox/knobs``: ``{"latency": 0.3, "rate": 160}``, fields of ``config.SandboxConfig``.
- ``POST /_sandbox/clock``: ``{"set": "2026-06-30T23:00:00+00:00"}`` or ``{"advance": 3600}``.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.close_api import changes, times, truth
from sandbox.close_api.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request

    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context
    from sandbox.close_api.faults import Faults
    from sandbox.request_log import RequestLog

PREFIX = "/_sandbox"
_FRAME = ("by", "at")


class Control:
    """The handlers of one sandbox."""

    def __init__(self, context: Context, faults: Faults, requests: RequestLog) -> None:
        self._context = context
        self._faults = faults
        self._requests = requests

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route(f"{PREFIX}/health", self.health),
            Route(f"{PREFIX}/writer", self.write, methods=["POST"]),
            Route(f"{PREFIX}/changes", self.change, methods=["POST"]),
            Route(f"{PREFIX}/rows/{{resource}}", self.rows),
            Route(f"{PREFIX}/faults", self.fault, methods=["GET", "POST", "DELETE"]),
            Route(f"{PREFIX}/requests", self.served, methods=["GET", "DELETE"]),
            Route(f"{PREFIX}/knobs", self.knobs, methods=["POST"]),
            Route(f"{PREFIX}/clock", self.clock, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """Tell that the server is up, and what it serves."""
        rows = {name: len(rows) for name, rows in self._context.account.collections.items()}
        now = times.stamp(self._context.clock.now())
        return JSONResponse({"now": now, "api_key": self._context.config.api_key, "rows": rows})

    async def write(self, request: Request) -> Response:
        """Change the account."""
        body = await request.json()
        try:
            return JSONResponse(self._write(body))
        except ApiError as error:
            return JSONResponse(error.body, error.status)
        except (KeyError, ValueError) as error:
            return _refused(error)

    async def change(self, request: Request) -> Response:
        """Change many rows."""
        try:
            return JSONResponse(changes.apply(self._context, **await request.json()))
        except (TypeError, ValueError) as error:
            return _refused(error)

    async def rows(self, request: Request) -> Response:
        """Tell what the account holds, a row a line."""
        names = request.query_params.get("fields")
        found = truth.batches(
            self._context,
            request.path_params["resource"],
            names.split(",") if names else None,
            request.query_params.get("_type"),
        )
        try:
            first = next(found, [])
        except ValueError as error:
            return _refused(error)
        return StreamingResponse(_lines(first, found), media_type="application/x-ndjson")

    async def fault(self, request: Request) -> Response:
        """Order, list or clear faults."""
        if request.method == "POST":
            try:
                return JSONResponse(asdict(self._faults.add(**await request.json())))
            except (TypeError, ValueError) as error:
                return _refused(error)
        if request.method == "DELETE":
            self._faults.clear()
        return JSONResponse([asdict(fault) for fault in self._faults.pending()])

    async def served(self, request: Request) -> Response:
        """List or forget the requests."""
        if request.method == "DELETE":
            self._requests.clear()
        return JSONResponse([asdict(served) for served in self._requests])

    async def knobs(self, request: Request) -> Response:
        """Turn knobs."""
        try:
            self._context.config.turn(**await request.json())
        except (TypeError, ValueError) as error:
            return _refused(error)
        return JSONResponse({})

    async def clock(self, request: Request) -> Response:
        """Move the sandbox's now."""
        body = await request.json()
        try:
            if "set" in body:
                self._context.clock.set(body["set"])
            self._context.clock.advance(float(body.get("advance", 0)))
        except ValueError as error:
            return _refused(error)
        return JSONResponse({"now": times.stamp(self._context.clock.now())})

    def _write(self, body: dict[str, Any]) -> Any:
        writer = self._context.writer
        frame = {name: body[name] for name in _FRAME if name in body}
        zone: dict[str, Any] = {"tz_offset": float(body["tz_offset"])} if "tz_offset" in body else {}
        match body["action"]:
            case "create":
                return writer.create(body["resource"], body["data"], **frame, **zone)
            case "update":
                return writer.update(body["resource"], body["id"], body["data"], **frame, **zone)
            case "delete":
                writer.delete(body["resource"], body["id"], **frame)
                return {}
            case "merge":
                return writer.merge(body["source"], body["destination"], **frame)
            case "log_event":
                return writer.log_event(body["data"])
            case other:
                raise ValueError(f"unknown action {other!r}")


async def _lines(first: list[Row], more: Iterator[list[Row]]) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    yield encoder.encode_lines(first)
    for batch in more:
        yield encoder.encode_lines(batch)
        await asyncio.sleep(0)


def _refused(error: Exception) -> Response:
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
