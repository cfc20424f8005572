"""Spreadsheets as files: what File > Download gives, and the addresses and the Drive API that answer with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.export.text import separated
from sandbox.sheets_api.export.xlsx import xlsx_bytes
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

__all__ = ["XLSX_TYPE", "File", "exported"]

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {XLSX_TYPE: "xlsx", "text/csv": "csv", "text/tab-separated-values": "tsv"}
TEXTS = {"csv": ("text/csv", ","), "tsv": ("text/tab-separated-values", "\t")}
"""Formats of one sheet: media type, and what parts its columns."""


class File(NamedTuple):
    """A file to download: its bytes, its media type, and the headers that name it."""

    content: bytes
    media_type: str
    headers: dict[str, str]


def exported(book: Book, kind: str, gid: str | None = None) -> File:
    """A spreadsheet as a file.

    Args:
        book: the spreadsheet.
        kind: "xlsx", "csv" or "tsv", or the media type of one of them.
        gid: id of the one sheet of a text; the first visible one where left out.

    Raises:
        ApiError: 400 for another kind, or where there is no such sheet.
    """
    wanted = FORMATS.get(kind, kind)
    if wanted == "xlsx":
        return File(xlsx_bytes(book), XLSX_TYPE, _named(f"{book.title}.xlsx"))
    if wanted not in TEXTS:
        raise ApiError(400, f"The sandbox exports xlsx, csv and tsv, not {kind!r}.")
    grids = [sheet for sheet in book.sheets if sheet.is_grid]
    if gid is None:
        chosen = next((sheet for sheet in grids if not sheet.properties.get("hidden")), grids[0] if grids else None)
    else:
        chosen = next((sheet for sheet in grids if str(sheet.id) == gid), None)
    if chosen is None:
        raise ApiError(400, f"The spreadsheet has no sheet with the gid {gid}.")
    media_type, delimiter = TEXTS[wanted]
    text = separated(Views(book).of(chosen), delimiter)
    return File(text.encode(), media_type, _named(f"{book.title} - {chosen.title}.{wanted}"))


def _named(name: str) -> dict[str, str]:
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_. ") else "" for one in name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
