"""The files behind exports' links: JSON or CSV, always gzipped.

Source: developer.close.com "Exports". What is inside a lead's ``activities`` is not documented: here
they are as the list of activities shows them.
"""

from __future__ import annotations

import csv
import io
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.close_api import times
from sandbox.close_api.errors import ApiError
from sandbox.close_api.exports import DOWNLOADS
from sandbox.close_api.paging import wanted_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context
    from sandbox.close_api.export_store import Export

_BATCH = 200
_GZIP = 16 + zlib.MAX_WBITS
_EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
_DATE = len("2024-01-01")


class Downloads:
    """Serves the files, without a key: the link is the secret."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [Route(f"{DOWNLOADS}/{{export_id}}/{{secret}}", self.fetch)]

    async def fetch(self, request: Request) -> Response:
        """Return a file, 403 once its link has expired."""
        try:
            export = self._context.exports[request.path_params["export_id"]]
        except ApiError:
            return Response(_EXPIRED, 403, media_type="application/xml")
        if not export.may_fetch(request.path_params["secret"], self._context.clock.now()):
            return Response(_EXPIRED, 403, media_type="application/xml")
        is_csv = export.row["format"] == "csv"
        text = _csv(self._context, export) if is_csv else _json(self._context, export)
        headers = {"content-encoding": "gzip", "content-type": "text/csv" if is_csv else "application/json"}
        return StreamingResponse(_zipped(text), headers=headers)


def _objects(context: Context, export: Export) -> Iterator[Row]:
    """Yield what an export has a line or object for."""
    rows = context.account[export.resource]
    kind = export.row["type"]
    render = context.renderer.opportunity if kind == "opportunities" else context.renderer.lead
    pick = wanted_fields(export.row["fields"])
    for start in range(0, len(export.ids), _BATCH):
        with context.account.lock:
            found = rows.shown(export.ids[start : start + _BATCH], None, render)
            for shown in found:
                if kind == "leads" and export.row["include_activities"]:
                    of_lead = context.account["activities"].of_lead(shown["id"])
                    shown["activities"] = [context.renderer.activity(row) for row in of_lead]
        for shown in found:
            nested = {"contacts": "contacts", "lead_opps": "opportunities"}.get(kind)
            parts = [shown] if nested is None else shown[nested]
            yield from (pick(part) for part in parts)


def _json(context: Context, export: Export) -> Iterator[bytes]:
    yield b"["
    for place, shown in enumerate(_objects(context, export)):
        yield (b",\n" if place else b"") + msgspec.json.encode(shown)
    yield b"]"


def _csv(context: Context, export: Export) -> Iterator[bytes]:
    form = export.row["date_format"]
    names: list[str] = list(export.row["fields"] or ())
    is_begun = False
    for shown in _objects(context, export):
        flat = {name: value for name, value in shown.items() if not isinstance(value, dict | list)}
        if not is_begun:
            names = names or list(flat)
            yield _line(names)
            is_begun = True
        yield _line([_cell(name, flat.get(name), form) for name in names])
    if not is_begun and names:
        yield _line(names)


def _line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(name: str, value: Any, form: str) -> Any:
    """Return a CSV value; a date with a time in the form that was asked for."""
    if not name.startswith("date_") or not isinstance(value, str) or len(value) <= _DATE:
        return value
    with suppress(ValueError):
        at = times.parse(value)
        if form == "excel":
            return at.strftime("%Y-%m-%d %I:%M:%S %p")
        if form == "iso8601":
            return at.replace(microsecond=0).isoformat()
        return at.isoformat(" ", "microseconds")
    return value


async def _zipped(parts: Iterator[bytes]) -> Any:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    for part in parts:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
