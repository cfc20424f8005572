"""Cells with a list to choose from: what is offered, and what choosing writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.a1 import parse_range
from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book, Cell

LISTS = frozenset({"ONE_OF_LIST", "ONE_OF_RANGE"})
MOST_OFFERED = 1000
"""Choices that the page offers at most."""


def has_list(cell: Cell) -> bool:
    """Whether a cell shows a list to choose from."""
    rule = cell.get("dataValidation", {})
    return bool(rule.get("showCustomUi")) and rule.get("condition", {}).get("type") in LISTS


def offered(views: Views, cell: Cell) -> list[tuple[str, dict[str, Any]]]:
    """The choices of a cell's list as they are shown, each once, with their ExtendedValue.

    Raises:
        ApiError: the range that they stand in cannot be read.
    """
    condition = cell["dataValidation"]["condition"]
    texts = [value["userEnteredValue"] for value in condition["values"]]
    if condition["type"] == "ONE_OF_LIST":
        return [(text, {"stringValue": text}) for text in texts]
    block = parse_range(views.book, texts[0].removeprefix("="))
    view = views.of(block.sheet)
    found: dict[str, dict[str, Any]] = {}
    for row in block.rows():
        for column in block.columns():
            value, text = view.value(row, column), view.shown(row, column).text
            if value and text and "errorValue" not in value:
                found.setdefault(text, value)
    return list(found.items())[:MOST_OFFERED]


def choosing(book: Book, sheet_id: int, row: int, column: int, text: str) -> dict[str, Any]:
    """The batchUpdate request that choosing from a cell's list comes to.

    Raises:
        ApiError: 400: the cell has no list, or the list has no such choice.
    """
    sheet = book.sheet(sheet_id)
    cell = sheet.cells.get((row, column), {}) if sheet else {}
    value = dict(offered(Views(book), cell)).get(text) if has_list(cell) else None
    if value is None:
        raise ApiError(400, f"There is no {text!r} to choose here.")
    place = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": value}]}]
    return {"updateCells": {"start": place, "rows": rows, "fields": "userEnteredValue"}}
