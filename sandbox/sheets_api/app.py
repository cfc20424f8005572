"""The ASGI application: Google's routes, the token endpoint, the pages, the sandbox's own controls."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.sheets_api import drive
from sandbox.sheets_api.api import SheetsApi
from sandbox.sheets_api.auth import GrantError
from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.export import File, exported
from sandbox.sheets_api.middleware import Gate, compact, pretty
from sandbox.sheets_api.model import COPIED_METADATA
from sandbox.sheets_api.page import choosing, spreadsheet_page, start_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.sheets_api.state import SandboxState

Endpoint = Callable[["Request"], Awaitable[Response]]
JSON_TYPE = "application/json; charset=UTF-8"


def build(state: SandboxState) -> ASGIApp:
    """The whole sandbox as one ASGI application."""
    api = SheetsApi(state.store)
    routes = [*_sheets_routes(api), *_drive_routes(state), *_own_routes(state)]
    return Gate(Starlette(routes=routes), auth=state.auth, faults=state.faults, quota=state.quota, log=state.requests)


def _sheets_routes(api: SheetsApi) -> list[Route]:
    """Google's custom verbs (`:batchUpdate`) are part of the last path segment, so one route takes them all."""

    async def create(request: Request) -> Response:
        return _json(api.create(await _body(request)))

    async def dispatch(request: Request) -> Response:
        body = await _body(request) if request.method in {"POST", "PUT"} else {}
        raw = request.scope.get("raw_path", b"").decode().partition("?")[0]
        path = unquote(_plain(raw)).removeprefix("/v4/spreadsheets/")
        # A batch may take a while; the loop stays free for other requests.
        result = await run_in_threadpool(api.call, request.method, path, request.query_params, body)
        render = compact if request.query_params.get("prettyPrint") == "false" else pretty
        content = await run_in_threadpool(render, result)
        return Response(content, media_type=JSON_TYPE)

    return [
        Route("/v4/spreadsheets", _guarded(create), methods=["POST"]),
        Route("/v4/spreadsheets/{rest:path}", _guarded(dispatch), methods=["GET", "POST", "PUT"]),
    ]


def _drive_routes(state: SandboxState) -> list[Route]:
    store = state.store

    async def files(request: Request) -> Response:
        if request.method == "POST":
            return _json(drive.create(store, await _body(request)))
        return _json(drive.listed(store, request.query_params.get("q", ""), request.query_params.get("fields", "")))

    async def file(request: Request) -> Response:
        book_id = request.path_params["id"]
        if request.method == "DELETE":
            store.delete(book_id)
            return Response(status_code=204)
        if request.method == "PATCH":
            return _json(drive.rename(store, book_id, await _body(request)))
        return _json(drive.get(store, book_id, request.query_params.get("fields", "")))

    async def comments(request: Request) -> Response:
        store.get(request.path_params["id"])
        return _json({"comments": []})

    async def export(request: Request) -> Response:
        book = store.get(request.path_params["id"])
        return _file(await run_in_threadpool(exported, book, request.query_params.get("mimeType", "")))

    async def copy(request: Request) -> Response:
        return _json(drive.copy(store, request.path_params["id"], await _body(request)))

    return [
        Route("/drive/v3/files", _guarded(files), methods=["GET", "POST"]),
        Route("/drive/v3/files/{id}", _guarded(file), methods=["GET", "DELETE", "PATCH"]),
        Route("/drive/v3/files/{id}/comments", _guarded(comments), methods=["GET"]),
        Route("/drive/v3/files/{id}/export", _guarded(export), methods=["GET"]),
        Route("/drive/v3/files/{id}/copy", _guarded(copy), methods=["POST"]),
    ]


def _own_routes(state: SandboxState) -> list[Route]:
    async def token(request: Request) -> Response:
        form = await request.form()
        try:
            return JSONResponse(state.auth.grant({name: str(value) for name, value in form.items()}))
        except GrantError as error:
            return JSONResponse(error.body, status_code=400)

    async def start(request: Request) -> Response:
        return HTMLResponse(start_page(state.store.books()))

    async def page(request: Request) -> Response:
        book = state.store.get(request.path_params["id"])
        return HTMLResponse(await run_in_threadpool(spreadsheet_page, book))

    async def choose(request: Request) -> Response:
        book, body = state.store.get(request.path_params["id"]), await _body(request)
        at = (int(body["sheetId"]), int(body["row"]), int(body["column"]))
        chosen = await run_in_threadpool(choosing, book, *at, str(body["text"]))
        SheetsApi(state.store).call("POST", f"{book.id}:batchUpdate", QueryParams(), {"requests": [chosen]})
        return Response(status_code=204)

    async def export(request: Request) -> Response:
        book, query = state.store.get(request.path_params["id"]), request.query_params
        return _file(await run_in_threadpool(exported, book, query.get("format", "xlsx"), query.get("gid")))

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            state.faults.clear()
        elif request.method == "POST":
            state.faults.add(**await _body(request))
        return _json({"faults": [asdict(fault) for fault in state.faults.waiting()]})

    async def quota(request: Request) -> Response:
        body = await _body(request)
        state.quota.reads, state.quota.writes = body.get("reads"), body.get("writes")
        return _json(body)

    async def copies(request: Request) -> Response:
        how = (await _body(request))["metadata"]
        if how not in COPIED_METADATA:
            raise ValueError(f"{how!r} is none of {', '.join(COPIED_METADATA)}.")
        state.store.copied_metadata = how
        return _json({"metadata": how})

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            state.requests.clear()
        return _json({"requests": [asdict(served) for served in state.requests]})

    async def spreadsheets(request: Request) -> Response:
        body = await _body(request)
        book = state.store.create(body["title"], body.get("id"), shared=body.get("shared", True))
        return _json({"spreadsheetId": book.id})

    async def revoke(request: Request) -> Response:
        state.auth.revoke_all()
        return _json({})

    return [
        Route("/token", token, methods=["POST"]),
        Route("/", _guarded(start)),
        Route("/spreadsheets/d/{id}/edit", _guarded(page)),
        Route("/spreadsheets/d/{id}/choose", _guarded(choose), methods=["POST"]),
        Route("/spreadsheets/d/{id}/export", _guarded(export)),
        Route("/_sandbox/faults", _guarded(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/quota", _guarded(quota), methods=["POST"]),
        Route("/_sandbox/copies", _guarded(copies), methods=["POST"]),
        Route("/_sandbox/requests", _guarded(requests), methods=["GET", "DELETE"]),
        Route("/_sandbox/spreadsheets", _guarded(spreadsheets), methods=["POST"]),
        Route("/_sandbox/revoke", _guarded(revoke), methods=["POST"]),
    ]


def _plain(path: str) -> str:
    """An encoded path without a slash at its end, before a verb or doubled; Google reads it the same.

    Source: google-spreadsheet for Node.js asks for `/<id>/` and `/<id>/:batchUpdate`.
    """
    return re.sub(r"(?<=/)/+|/+(?=:)|/+$", "", path)


def _guarded(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose refusals become Google's error bodies (a plain page for a browser)."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            if request.url.path.startswith("/spreadsheets/"):
                return HTMLResponse(f"<title>Sheets sandbox</title><p>{html.escape(error.message)}", error.code)
            return _json(error.body(), error.code)
        except (TypeError, ValueError, KeyError) as error:
            if not request.url.path.startswith("/_sandbox/"):
                raise
            return _json(ApiError(400, f"{type(error).__name__}: {error}").body(), 400)

    return guarded


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        text = "Invalid JSON payload received. Unexpected token."
        raise ApiError(400, text, [bad_request([("", text)])]) from None
    if not isinstance(body, dict):
        text = "Invalid JSON payload received. The root element must be an object."
        raise ApiError(400, text, [bad_request([("", text)])])
    return body


def _file(file: File) -> Response:
    return Response(file.content, media_type=file.media_type, headers=file.headers)


def _json(body: Any, status: int = 200) -> Response:
    return Response(pretty(body), status, media_type=JSON_TYPE)
