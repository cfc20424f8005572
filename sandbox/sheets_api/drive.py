"""The little of the Drive API that creating, finding and deleting a spreadsheet takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.requests.copies import copied_metadata

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book
    from sandbox.sheets_api.store import Store

MIME_TYPE = "application/vnd.google-apps.spreadsheet"


def create(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """files.create of an empty spreadsheet."""
    if body.get("mimeType") != MIME_TYPE:
        raise ApiError(400, "The sandbox's Drive keeps spreadsheets only.")
    book = store.create(body.get("name") or "Untitled")
    return _file(book)


def copy(store: Store, book_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """files.copy of a spreadsheet with all its content; its sheets keep their ids."""
    source = store.get(book_id)
    target = store.create(body.get("name") or f"Copy of {source.title}")
    draft = source.copy()
    draft.id, draft.created_at = target.id, target.created_at
    draft.properties["title"] = target.title
    draft.metadata = copied_metadata(draft.metadata, store.copied_metadata, set())
    store.add(draft)
    return _file(draft)


def get(store: Store, book_id: str, fields: str) -> dict[str, Any]:
    """files.get with the asked fields."""
    return _asked(store.get(book_id), fields or "kind,id,name,mimeType")


def listed(store: Store, query: str, fields: str) -> dict[str, Any]:
    """files.list; of the query language only `name = "..."` is read."""
    match = re.search(r'name\s*=\s*["\'](.*?)["\']\s*(?:and|$)', query)
    books = [book for book in store.books() if match is None or book.title == match[1]]
    inner = re.search(r"files\((.*)\)", fields)
    names = inner[1] if inner else "id,name,createdTime,modifiedTime"
    return {"kind": "drive#fileList", "files": [_asked(book, names) for book in books]}


def rename(store: Store, book_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """files.update of the name."""

    def edit(book: Book) -> None:
        if body.get("name"):
            book.properties["title"] = body["name"]

    store.change(book_id, edit)
    return _file(store.get(book_id))


def _file(book: Book) -> dict[str, Any]:
    return {"kind": "drive#file", "id": book.id, "name": book.title, "mimeType": MIME_TYPE}


def _asked(book: Book, fields: str) -> dict[str, Any]:
    known = {**_file(book), "createdTime": book.created_at, "modifiedTime": book.modified_at}
    return {name: known[name] for name in known if name in fields.split(",")}
