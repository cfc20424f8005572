"""Requests that look into the texts of cells: find and replace, trim, split into columns, paste from a clipboard."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.model import COLUMNS, ROWS
from sandbox.sheets_api.requests.dimensions import append_dimension
from sandbox.sheets_api.typing_in import enter
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.model import Book

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}
PASTED = ("PASTE_NORMAL", "PASTE_VALUES", "PASTE_NO_BORDERS", "PASTE_FORMULA")


def find_replace(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Replaces a text in what cells show, and in formulas where that is asked for.

    Source: discovery document, FindReplaceRequest
    """
    find, replacement = _pattern(payload)
    views, counts = Views(book), dict.fromkeys(("values", "formulas", "rows", "sheets", "occurrences"), 0)
    new: list[tuple[Box, int, int, str]] = []
    for block in _searched(book, payload):
        view, rows = views.of(block.sheet), set()
        for row, column in sorted(at for at in block.sheet.cells if block.contains(*at)):
            formula = view.formula(row, column)
            if formula is not None and not payload.get("includeFormulas"):
                continue
            text, times = find.subn(replacement, formula or view.shown(row, column).text)
            if times:
                new.append((block, row, column, text))
                counts["occurrences"] += times
                counts["values" if formula is None else "formulas"] += 1
                rows.add(row)
        counts["rows"] += len(rows)
        counts["sheets"] += bool(rows)
    for block, row, column, text in new:
        enter(block.sheet, row, column, text, typed=True)
    return {f"{name}Changed": count for name, count in counts.items() if count}


def _pattern(payload: dict[str, Any]) -> tuple[re.Pattern[str], str]:
    """What to search and what to put in its place, in Python's terms."""
    wanted, replacement = payload.get("find", ""), payload.get("replacement", "")
    if not wanted:
        raise RequestError("Must specify a text to find.")
    if payload.get("searchByRegex"):
        # Java's groups are $1.
        replacement = re.sub(r"\$(\d)", r"\\g<\1>", replacement.replace("\\", r"\\"))
    else:
        wanted, replacement = re.escape(wanted), replacement.replace("\\", r"\\")
    if payload.get("matchEntireCell"):
        wanted = rf"\A(?:{wanted})\Z"
    try:
        return re.compile(wanted, re.NOFLAG if payload.get("matchCase") else re.IGNORECASE), replacement
    except re.error:
        raise RequestError(f"Invalid regular expression: {payload['find']}") from None


def _searched(book: Book, payload: dict[str, Any]) -> list[Box]:
    scopes = [name for name in ("range", "sheetId", "allSheets") if name in payload]
    if len(scopes) != 1:
        raise RequestError("Must specify one of range, sheetId and allSheets.")
    if "range" in payload:
        return [box(book, payload["range"])]
    if "sheetId" in payload:
        return [box(book, {"sheetId": payload["sheetId"]})]
    return [box(book, {"sheetId": sheet.id}) for sheet in book.sheets if sheet.is_grid]


def trim_whitespace(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Takes the space around texts away, and makes each run of it inside them one blank."""
    block, count = box(book, payload.get("range", {})), 0
    for at, cell in list(block.sheet.cells.items()):
        text = cell.get("userEnteredValue", {}).get("stringValue", "")
        trimmed = " ".join(text.split())
        if block.contains(*at) and trimmed != text:
            enter(block.sheet, *at, trimmed, typed=False)
            count += 1
    return {"cellsChangedCount": count} if count else {}


def text_to_columns(book: Book, payload: dict[str, Any]) -> None:
    """Splits the texts of a column at a delimiter, over the cells to their right."""
    block = box(book, payload.get("source", {}))
    if block.right - block.left != 1:
        raise RequestError("The source must span exactly one column.")
    texts = {
        row: block.sheet.cells.get((row, block.left), {}).get("userEnteredValue", {}).get("stringValue", "")
        for row in block.rows()
    }
    delimiter = _delimiter(payload, list(texts.values()))
    for row, text in texts.items():
        for offset, part in enumerate(text.split(delimiter) if text else []):
            if block.left + offset >= block.sheet.column_count:
                _enlarge(book, block.sheet.id, COLUMNS)
            enter(block.sheet, row, block.left + offset, part, typed=True)


def _delimiter(payload: dict[str, Any], texts: list[str]) -> str:
    kind = payload.get("delimiterType", "AUTODETECT")
    if kind == "CUSTOM":
        if not payload.get("delimiter"):
            raise RequestError("Must specify a delimiter.")
        return str(payload["delimiter"])
    if kind == "AUTODETECT":
        return max(DELIMITERS.values(), key=lambda one: sum(text.count(one) for text in texts))
    return DELIMITERS[kind]


def paste_data(book: Book, payload: dict[str, Any]) -> None:
    """Writes what a clipboard holds, line by line, as if typed."""
    kind = payload.get("type", PASTED[0])
    if payload.get("html") or kind not in PASTED:
        raise RequestError("The sandbox pastes values of plain text only.")
    if not payload.get("delimiter"):
        raise RequestError("Must specify a delimiter, or html.")
    sheet, top, left = coordinate(book, payload.get("coordinate", {}))
    for down, line in enumerate(csv.reader(io.StringIO(payload.get("data", "")), delimiter=payload["delimiter"])):
        for along, part in enumerate(line):
            if top + down >= sheet.row_count:
                _enlarge(book, sheet.id, ROWS)
            if left + along >= sheet.column_count:
                _enlarge(book, sheet.id, COLUMNS)
            enter(sheet, top + down, left + along, part, typed=True)


def _enlarge(book: Book, sheet_id: int, dimension: str) -> None:
    append_dimension(book, {"sheetId": sheet_id, "dimension": dimension, "length": 1})


HANDLERS = {
    "findReplace": find_replace,
    "trimWhitespace": trim_whitespace,
    "textToColumns": text_to_columns,
    "pasteData": paste_data,
}
