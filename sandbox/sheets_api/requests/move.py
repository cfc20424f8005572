"""Requests that copy, move or sort cells; the references of a formula that is pasted go along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.references import displaced_cell
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView
    from sandbox.sheets_api.model import Book, Cell

PARTS = {
    "PASTE_VALUES": ("userEnteredValue",),
    "PASTE_FORMULA": ("userEnteredValue",),
    "PASTE_FORMAT": ("userEnteredFormat",),
    "PASTE_DATA_VALIDATION": ("dataValidation",),
}
EVERYTHING = ("userEnteredValue", "userEnteredFormat", "note", "textFormatRuns", "dataValidation", "pivotTable")


def copy_paste(book: Book, payload: dict[str, Any]) -> None:
    """Copies a range, repeated as often as it fits into the destination."""
    source, target = box(book, payload.get("source", {})), box(book, payload.get("destination", {}))
    parts = PARTS.get(payload.get("pasteType", ""), EVERYTHING)
    transposed = payload.get("pasteOrientation") == "TRANSPOSE"
    height, width = source.bottom - source.top, source.right - source.left
    is_plain = payload.get("pasteType") == "PASTE_VALUES"
    view = Views(book).of(source.sheet)
    copied = {
        (row, column): _worth(view, row, column) if is_plain else source.sheet.cells.get((row, column), {})
        for row in source.rows()
        for column in source.columns()
    }
    if transposed:
        height, width = width, height
    rows = max(target.bottom - target.top, height)
    columns = max(target.right - target.left, width)
    for down in range(rows):
        for along in range(columns):
            offset = (down % height, along % width)
            row, column = offset[::-1] if transposed else offset
            cell = displaced_cell(
                copied[source.top + row, source.left + column],
                target.top + down - source.top - row,
                target.left + along - source.left - column,
            )
            at = (target.top + down, target.left + along)
            if at[0] < target.sheet.row_count and at[1] < target.sheet.column_count:
                target.sheet.write(at, _paste(target.sheet.cells.get(at, {}), cell, parts))


def cut_paste(book: Book, payload: dict[str, Any]) -> None:
    """Moves a range."""
    source = box(book, payload.get("source", {}))
    sheet, top, left = coordinate(book, payload.get("destination", {}))
    parts = PARTS.get(payload.get("pasteType", ""), EVERYTHING)
    moved = {
        (row - source.top, column - source.left): source.sheet.cells.get((row, column), {})
        for row in source.rows()
        for column in source.columns()
    }
    coordinate(
        book,
        {
            "sheetId": sheet.id,
            "rowIndex": top + source.bottom - source.top - 1,
            "columnIndex": left + source.right - source.left - 1,
        },
    )
    for row in source.rows():
        for column in source.columns():
            source.sheet.write((row, column), _paste(source.sheet.cells.get((row, column), {}), {}, parts))
    for (row, column), cell in moved.items():
        at = (top + row, left + column)
        sheet.write(at, _paste(sheet.cells.get(at, {}), cell, parts))


def sort_range(book: Book, payload: dict[str, Any]) -> None:
    """Sorts the rows of a range: numbers, then texts, then booleans, empty cells last."""
    block = box(book, payload.get("range", {}))
    specs = payload.get("sortSpecs", [])
    if not specs:
        raise RequestError("Must specify at least one sort spec.")
    sheet = block.sheet
    rows = [[sheet.cells.get((row, column), {}) for column in block.columns()] for row in block.rows()]
    for spec in reversed(specs):
        at = spec.get("dimensionIndex", 0) - block.left
        if not 0 <= at < block.right - block.left:
            raise RequestError(f"Sort column {spec.get('dimensionIndex', 0)} is outside of the range.")
        filled = [row for row in rows if "userEnteredValue" in row[at]]
        empty = [row for row in rows if "userEnteredValue" not in row[at]]
        filled.sort(key=lambda row: _sort_key(row[at]), reverse=spec.get("sortOrder") == "DESCENDING")
        rows = filled + empty
    for row, cells in zip(block.rows(), rows, strict=True):
        for column, cell in zip(block.columns(), cells, strict=True):
            sheet.write((row, column), cell)


def _sort_key(cell: Cell) -> tuple[int, float, str]:
    value = cell["userEnteredValue"]
    if "numberValue" in value:
        return 0, value["numberValue"], ""
    if "boolValue" in value:
        return 2, value["boolValue"], ""
    return 1, 0, str(next(iter(value.values()))).lower()


def _worth(view: SheetView, row: int, column: int) -> Cell:
    """A cell with what it is worth in place of its formula; an error as the text that it shows."""
    value = view.value(row, column)
    if value and "errorValue" in value:
        value = {"stringValue": view.shown(row, column).text}
    return {"userEnteredValue": value} if value else {}


def _paste(before: Cell, cell: Cell, parts: tuple[str, ...]) -> Cell:
    kept = {name: item for name, item in before.items() if name not in parts}
    return kept | {name: item for name, item in cell.items() if name in parts}


HANDLERS = {"copyPaste": copy_paste, "cutPaste": cut_paste, "sortRange": sort_range}
