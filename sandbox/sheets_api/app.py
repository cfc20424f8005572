"""The ASGI application: Google's routes, the token endpoint, the pages, the sandbox's own controls."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.sheets_api.answers import JSON_TYPE, file_answer, guarded, json_answer, json_body
from sandbox.sheets_api.api import SheetsApi
from sandbox.sheets_api.auth import GrantError
from sandbox.sheets_api.drive.routes import drive_routes
from sandbox.sheets_api.export import exported
from sandbox.sheets_api.middleware import Gate, compact, pretty
from sandbox.sheets_api.model import COPIED_METADATA
from sandbox.sheets_api.page import choosing, spreadsheet_page, start_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.sheets_api.state import SandboxState


def build(state: SandboxState) -> ASGIApp:
    """The whole sandbox as one ASGI application."""
    api = SheetsApi(state.store)
    routes = [*_sheets_routes(api), *drive_routes(state.store), *_own_routes(state)]
    return Gate(Starlette(routes=routes), auth=state.auth, faults=state.faults, quota=state.quota, log=state.requests)


def _sheets_routes(api: SheetsApi) -> list[Route]:
    """Google's custom verbs (`:batchUpdate`) are part of the last path segment, so one route takes them all."""

    async def dispatch(request: Request) -> Response:
        body = await json_body(request) if request.method in {"POST", "PUT"} else {}
        raw = request.scope.get("raw_path", b"").decode().partition("?")[0]
        path = unquote(_plain(raw)).removeprefix("/v4/spreadsheets").removeprefix("/")
        # A batch may take a while; the loop stays free for other requests.
        result = await run_in_threadpool(api.call, request.method, path, request.query_params, body)
        render = compact if request.query_params.get("prettyPrint") == "false" else pretty
        content = await run_in_threadpool(render, result)
        return Response(content, media_type=JSON_TYPE)

    return [
        Route("/v4/spreadsheets", guarded(dispatch), methods=["POST"]),
        Route("/v4/spreadsheets/{rest:path}", guarded(dispatch), methods=["GET", "POST", "PUT"]),
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
        book, body = state.store.get(request.path_params["id"]), await json_body(request)
        at = (int(body["sheetId"]), int(body["row"]), int(body["column"]))
        chosen = await run_in_threadpool(choosing, book, *at, str(body["text"]))
        SheetsApi(state.store).call("POST", f"{book.id}:batchUpdate", QueryParams(), {"requests": [chosen]})
        return Response(status_code=204)

    async def export(request: Request) -> Response:
        book, query = state.store.get(request.path_params["id"]), request.query_params
        return file_answer(await run_in_threadpool(exported, book, query.get("format", "xlsx"), query.get("gid")))

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            state.faults.clear()
        elif request.method == "POST":
            state.faults.add(**await json_body(request))
        return json_answer({"faults": [asdict(fault) for fault in state.faults.waiting()]})

    async def quota(request: Request) -> Response:
        body = await json_body(request)
        state.quota.reads, state.quota.writes = body.get("reads"), body.get("writes")
        return json_answer(body)

    async def copies(request: Request) -> Response:
        how = (await json_body(request))["metadata"]
        if how not in COPIED_METADATA:
            raise ValueError(f"{how!r} is none of {', '.join(COPIED_METADATA)}.")
        state.store.copied_metadata = how
        return json_answer({"metadata": how})

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            state.requests.clear()
        return json_answer({"requests": [asdict(served) for served in state.requests]})

    async def spreadsheets(request: Request) -> Response:
        body = await json_body(request)
        book = state.store.create(body["title"], body.get("id"), shared=body.get("shared", True))
        return json_answer({"spreadsheetId": book.id})

    async def revoke(request: Request) -> Response:
        state.auth.revoke_all()
        return json_answer({})

    return [
        Route("/token", token, methods=["POST"]),
        Route("/", guarded(start)),
        Route("/spreadsheets/d/{id}/edit", guarded(page)),
        Route("/spreadsheets/d/{id}/choose", guarded(choose), methods=["POST"]),
        Route("/spreadsheets/d/{id}/export", guarded(export)),
        Route("/_sandbox/faults", guarded(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/quota", guarded(quota), methods=["POST"]),
        Route("/_sandbox/copies", guarded(copies), methods=["POST"]),
        Route("/_sandbox/requests", guarded(requests), methods=["GET", "DELETE"]),
        Route("/_sandbox/spreadsheets", guarded(spreadsheets), methods=["POST"]),
        Route("/_sandbox/revoke", guarded(revoke), methods=["POST"]),
    ]


def _plain(path: str) -> str:
    """An encoded path without a slash at its end, before a verb or doubled; Google reads it the same.

    Source: google-spreadsheet for Node.js asks for `/<id>/` and `/<id>/:batchUpdate`.
    """
    return re.sub(r"(?<=/)/+|/+(?=:)|/+$", "", path)
