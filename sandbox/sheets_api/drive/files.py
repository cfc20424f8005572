"""files.create, get, list, update, copy and delete of spreadsheets, and their content from a CSV file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import defaults, values
from sandbox.sheets_api.a1 import quoted
from sandbox.sheets_api.drive.errors import DriveError
from sandbox.sheets_api.drive.query import MIME_TYPE, condition
from sandbox.sheets_api.drive.resource import USUAL, file_of, masked
from sandbox.sheets_api.model import Book, Sheet
from sandbox.sheets_api.requests.copies import copied_metadata
from sandbox.sheets_api.requests.ids import fresh
from sandbox.sheets_api.requests.sheets import LONGEST_TITLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sheets_api.store import Store

LARGEST_PAGE, USUAL_PAGE = 1000, 100
ORDERS: dict[str, Callable[[Book], str]] = {
    "name": lambda book: book.title.lower(),
    "createdTime": lambda book: book.created_at,
    "modifiedTime": lambda book: book.modified_at,
    "recency": lambda book: book.modified_at,
}
IMPORTED_TIME_ZONE = "America/Los_Angeles"
"""What a spreadsheet has whose content was imported. Source: recorded traffic."""


def create(store: Store, body: dict[str, Any], fields: str = "") -> dict[str, Any]:
    """files.create of an empty spreadsheet."""
    if body.get("mimeType") != MIME_TYPE:
        raise DriveError(400, "The sandbox's Drive keeps spreadsheets only.")
    return masked(file_of(store.create(body.get("name") or "Untitled")), fields or USUAL)


def copy(store: Store, book_id: str, body: dict[str, Any], fields: str = "") -> dict[str, Any]:
    """files.copy of a spreadsheet with all its content; its sheets keep their ids, who may open it is not copied."""
    source = store.get(book_id)
    target = store.create(body.get("name") or f"Copy of {source.title}")
    draft = source.copy()
    draft.id, draft.created_at, draft.permissions = target.id, target.created_at, []
    draft.properties["title"] = target.title
    draft.metadata = copied_metadata(draft.metadata, store.copied_metadata, set())
    store.add(draft)
    return masked(file_of(draft), fields or USUAL)


def get(store: Store, book_id: str, fields: str) -> dict[str, Any]:
    """files.get with the asked fields."""
    return masked(file_of(store.get(book_id)), fields or USUAL)


def listed(store: Store, query: dict[str, str]) -> dict[str, Any]:
    """files.list, the spreadsheet that was changed last first where no order is asked for.

    Args:
        store: the spreadsheets.
        query: `q`, `orderBy`, `pageSize`, `pageToken`, `fields`.
    """
    is_meant = condition(query.get("q", ""))
    books = sorted(
        (book for book in store.books() if book.shared and is_meant(book)), key=ORDERS["modifiedTime"], reverse=True
    )
    for part in reversed([part.strip() for part in query.get("orderBy", "").split(",") if part.strip()]):
        name, _, direction = part.partition(" ")
        if name not in ORDERS or direction not in {"", "desc"}:
            raise DriveError(400, f"The sandbox sorts by {', '.join(ORDERS)}, not {part!r}.", "invalid")
        books.sort(key=ORDERS[name], reverse=direction == "desc")
    start = _number(query, "pageToken", 0, most=len(books))
    end = start + _number(query, "pageSize", USUAL_PAGE, most=LARGEST_PAGE)
    found: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
    if end < len(books):
        found["nextPageToken"] = str(end)
    found["files"] = [file_of(book) for book in books[start:end]]
    return masked(found, query.get("fields") or f"kind,incompleteSearch,nextPageToken,files({USUAL})")


def update(store: Store, book_id: str, body: dict[str, Any], fields: str = "") -> dict[str, Any]:
    """files.update of the name."""
    others = sorted(set(body) - {"name", "mimeType"})
    if others:
        raise DriveError(400, f"The sandbox changes the name of a file, not {', '.join(others)}.")

    def edit(book: Book) -> None:
        if body.get("name"):
            book.properties["title"] = body["name"]

    store.change(book_id, edit)
    return get(store, book_id, fields)


def import_csv(store: Store, book_id: str, content: bytes) -> dict[str, Any]:
    """A file's content anew from a CSV: one sheet under the file's title, as files.update of version 2 with `convert`.

    Returns:
        The File of version 2, with a part of its fields.

    Source: recorded traffic
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    def edit(book: Book) -> None:
        title = book.title[:LONGEST_TITLE]
        properties = defaults.sheet_properties(fresh(sheet.id for sheet in book.sheets), title, 0)
        grid = properties["gridProperties"]
        grid["rowCount"] = max(grid["rowCount"], len(rows))
        grid["columnCount"] = max(grid["columnCount"], max(map(len, rows), default=0))
        book.properties = {**defaults.spreadsheet_properties(book.title), "timeZone": IMPORTED_TIME_ZONE}
        book.sheets, book.named_ranges, book.metadata = [Sheet(properties)], [], []
        values.update(book, f"{quoted(title)}!A1", rows, entered=True)

    store.change(book_id, edit)
    book = store.get(book_id)
    return {
        "kind": "drive#file",
        "id": book.id,
        "title": book.title,
        "mimeType": MIME_TYPE,
        "createdDate": book.created_at,
        "modifiedDate": book.modified_at,
        "version": str(book.revision),
        "alternateLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
    }


def _number(query: dict[str, str], name: str, usual: int, *, most: int) -> int:
    """A number of the query, or the usual one.

    Raises:
        DriveError: 400 where it is none, or too large.
    """
    text = query.get(name) or str(usual)
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise DriveError(400, f"Invalid value '{text}' for {name}.", "invalid")
    return int(text)
