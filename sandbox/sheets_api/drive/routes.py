"""The routes of the Drive API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from sandbox.sheets_api.answers import file_answer, guarded, json_answer, json_body
from sandbox.sheets_api.drive import files, permissions
from sandbox.sheets_api.drive.errors import DriveError, of_file
from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.export import exported

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.sheets_api.answers import Endpoint
    from sandbox.sheets_api.store import Store

V3 = "/drive/v3/files"


def drive_routes(store: Store) -> list[Route]:
    """Every route of the Drive API that the sandbox answers."""

    async def every_file(request: Request) -> Response:
        if request.method == "POST":
            return json_answer(files.create(store, await json_body(request), _fields(request)))
        return json_answer(files.listed(store, dict(request.query_params)))

    async def one_file(request: Request) -> Response:
        book_id = request.path_params["id"]
        if request.method == "DELETE":
            store.delete(book_id)
            return Response(status_code=204)
        if request.method == "PATCH":
            if request.query_params.keys() & {"addParents", "removeParents"}:
                raise DriveError(400, "The sandbox's Drive has no folders.")
            return json_answer(files.update(store, book_id, await json_body(request), _fields(request)))
        return json_answer(files.get(store, book_id, _fields(request)))

    async def every_permission(request: Request) -> Response:
        book_id, fields = request.path_params["id"], _fields(request)
        if request.method == "POST":
            return json_answer(permissions.create(store, book_id, await json_body(request), fields))
        return json_answer(permissions.listed(store, book_id, fields))

    async def one_permission(request: Request) -> Response:
        book_id, permission_id = request.path_params["id"], request.path_params["permission"]
        if request.method == "DELETE":
            permissions.delete(store, book_id, permission_id)
            return Response(status_code=204)
        if request.method == "PATCH":
            body = await json_body(request)
            return json_answer(permissions.update(store, book_id, permission_id, body, _fields(request)))
        return json_answer(permissions.get(store, book_id, permission_id, _fields(request)))

    async def comments(request: Request) -> Response:
        store.get(request.path_params["id"])
        return json_answer({"comments": []})

    async def export(request: Request) -> Response:
        book = store.get(request.path_params["id"])
        return file_answer(await run_in_threadpool(exported, book, request.query_params.get("mimeType", "")))

    async def copy(request: Request) -> Response:
        return json_answer(files.copy(store, request.path_params["id"], await json_body(request), _fields(request)))

    async def upload(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        if kind != "text/csv" or request.query_params.get("uploadType") != "media":
            raise DriveError(400, "The sandbox's Drive imports CSV files that are sent whole (uploadType=media).")
        content = await request.body()
        return json_answer(await run_in_threadpool(files.import_csv, store, request.path_params["id"], content))

    served: list[tuple[str, Endpoint, list[str]]] = [
        (V3, every_file, ["GET", "POST"]),
        (f"{V3}/{{id}}", one_file, ["GET", "DELETE", "PATCH"]),
        (f"{V3}/{{id}}/permissions", every_permission, ["GET", "POST"]),
        (f"{V3}/{{id}}/permissions/{{permission}}", one_permission, ["GET", "DELETE", "PATCH"]),
        (f"{V3}/{{id}}/comments", comments, ["GET"]),
        (f"{V3}/{{id}}/export", export, ["GET"]),
        (f"{V3}/{{id}}/copy", copy, ["POST"]),
        ("/upload/drive/v2/files/{id}", upload, ["PUT"]),
    ]
    # google-spreadsheet for Node.js ends the address of a file in a slash.
    ends = ("", "/")
    return [Route(path + end, _told(serve), methods=methods) for path, serve, methods in served for end in ends]


def _fields(request: Request) -> str:
    return request.query_params.get("fields", "")


def _told(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose refusals have Drive's error bodies."""

    async def told(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            raise of_file(error, str(request.path_params.get("id", ""))) from None

    return guarded(told)
