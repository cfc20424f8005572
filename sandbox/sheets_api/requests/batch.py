"""spreadsheets.batchUpdate: everything is validated, then applied in order to one copy, then committed together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.sheets_api.errors import ApiError, RequestError
from sandbox.sheets_api.model import Book
from sandbox.sheets_api.requests import (
    banding,
    cells,
    charts,
    conditional,
    copies,
    dimensions,
    fill,
    filters,
    groups,
    merges,
    metadata,
    move,
    named,
    protection,
    sheets,
    slicers,
    strips,
    tables,
    texts,
)

Handler = Callable[[Book, dict[str, Any]], dict[str, Any] | None]

HANDLERS: dict[str, Handler] = {
    kind: handler
    for family in (
        sheets,
        copies,
        cells,
        dimensions,
        groups,
        merges,
        conditional,
        charts,
        banding,
        protection,
        named,
        metadata,
        filters,
        move,
        strips,
        tables,
        slicers,
        texts,
        fill,
    )
    for kind, handler in family.HANDLERS.items()
}


def apply(book: Book, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Applies the requests of a batch to a book in order; later ones see what earlier ones did.

    Args:
        book: a draft; where this raises, it is half changed and must be dropped.
        requests: canonical `Request` messages.

    Returns:
        A reply a request.

    Raises:
        ApiError: 400 that names the first request which is refused.
    """
    if not requests:
        raise ApiError(400, "Must specify at least one request.")
    for index, request in enumerate(requests):
        if not request:
            raise ApiError(400, f"Invalid requests[{index}]: No request set.")
        kind = next(iter(request))
        if kind not in HANDLERS:
            text = f"Invalid requests[{index}].{kind}: The sandbox does not support this kind of request."
            raise ApiError(400, text)
    replies: list[dict[str, Any]] = []
    for index, request in enumerate(requests):
        kind, payload = next(iter(request.items()))
        try:
            reply = HANDLERS[kind](book, payload)
        except RequestError as error:
            raise ApiError(400, f"Invalid requests[{index}].{kind}: {error}") from error
        replies.append({} if reply is None else {kind: reply})
    return replies
