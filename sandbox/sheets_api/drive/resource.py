"""A spreadsheet as Drive tells it, and answers under a `fields` parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.auth import EMAIL
from sandbox.sheets_api.drive.errors import DriveError
from sandbox.sheets_api.drive.query import MIME_TYPE
from sandbox.sheets_api.fieldmask import parse, select, tree_of

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

USUAL = "kind,id,name,mimeType"
"""Fields that come without a mask. Source: recorded traffic."""


def file_of(book: Book) -> dict[str, Any]:
    """The File of a spreadsheet, with the fields that clients of spreadsheets ask for."""
    owner = {"kind": "drive#user", "displayName": EMAIL.partition("@")[0], "me": True, "emailAddress": EMAIL}
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": MIME_TYPE,
        "createdTime": book.created_at,
        "modifiedTime": book.modified_at,
        "parents": ["root"],
        "trashed": False,
        "shared": bool(book.permissions),
        "owners": [owner],
        "version": str(book.revision),
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
    }


def masked(answer: dict[str, Any], fields: str) -> dict[str, Any]:
    """The part of an answer that a mask names.

    Raises:
        DriveError: 400 where the mask is not well formed.
    """
    try:
        tree = tree_of(parse(fields))
    except ValueError:
        raise DriveError(400, f"Invalid field selection {fields}", "invalidParameter") from None
    return dict(select(answer, tree))
