"""What endpoints share: JSON bodies in and out, files, refusals as Google's error bodies."""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.middleware import pretty

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.sheets_api.export import File

Endpoint = Callable[["Request"], Awaitable[Response]]
JSON_TYPE = "application/json; charset=UTF-8"


def guarded(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose refusals become Google's error bodies (a plain page for a browser)."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            if request.url.path.startswith("/spreadsheets/"):
                return HTMLResponse(f"<title>Sheets sandbox</title><p>{html.escape(error.message)}", error.code)
            return json_answer(error.body(), error.code)
        except (TypeError, ValueError, KeyError) as error:
            if not request.url.path.startswith("/_sandbox/"):
                raise
            return json_answer(ApiError(400, f"{type(error).__name__}: {error}").body(), 400)

    return answered


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries; empty where it has no body.

    Raises:
        ApiError: 400 where it is none.
    """
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


def file_answer(file: File) -> Response:
    """A file to download."""
    return Response(file.content, media_type=file.media_type, headers=file.headers)


def json_answer(body: Any, status: int = 200) -> Response:
    """JSON as Google sends it."""
    return Response(pretty(body), status, media_type=JSON_TYPE)
