"""Requests that write cells: values, formats, notes, borders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.colours import LINK_COLOUR
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import Path, merge, update_paths
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.references import displaced_cell

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book, Cell, Sheet

MAX_CHARACTERS = 50_000
READ_ONLY = frozenset({"effectiveValue", "effectiveFormat", "formattedValue", "hyperlink"})
UNSUPPORTED = frozenset({"dataSourceTable", "dataSourceFormula", "chipRuns"})


def update_cells(book: Book, payload: dict[str, Any]) -> None:
    """Writes rows of cells.

    With `range`, cells of the range that no row covers lose the masked fields; with `start`, nothing beyond the rows
    is touched. Source: discovery document, UpdateCellsRequest.
    """
    paths = cell_paths(payload.get("fields", ""))
    rows = [row.get("values", []) for row in payload.get("rows", [])]
    if "range" in payload:
        block = box(book, payload["range"])
        height, width = block.bottom - block.top, block.right - block.left
        if len(rows) > height:
            raise RequestError(
                f"Attempting to write row: {block.top + height}, beyond the last requested row of: {block.bottom - 1}"
            )
        for cells in rows:
            if len(cells) > width:
                raise RequestError(
                    f"Attempting to write column: {block.left + width}, "
                    f"beyond the last requested column of: {block.right - 1}"
                )
        rows += [[] for _ in range(height - len(rows))]
        for offset, cells in enumerate(rows):
            for column in block.columns():
                at = column - block.left
                cell = cells[at] if at < len(cells) else {}
                write(block.sheet, block.top + offset, column, cell, paths)
        return
    if "start" not in payload:
        raise RequestError("Must specify a range or a start.")
    sheet, top, left = coordinate(book, payload["start"])
    for offset, cells in enumerate(rows):
        coordinate(book, {"sheetId": sheet.id, "rowIndex": top + offset, "columnIndex": left})
        if left + len(cells) > sheet.column_count:
            raise RequestError(
                f"GridCoordinate.columnIndex[{sheet.column_count}] is after last column in "
                f"grid[{sheet.column_count - 1}]"
            )
        for at, cell in enumerate(cells):
            write(sheet, top + offset, left + at, cell, paths)


def repeat_cell(book: Book, payload: dict[str, Any]) -> None:
    """Writes one cell's masked fields to every cell of a range; references of a formula go along.

    Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#repeatcellrequest
    """
    paths = cell_paths(payload.get("fields", ""))
    block = box(book, payload.get("range", {}))
    cell = payload.get("cell", {})
    merged: dict[int, Cell] = {}
    sheet = block.sheet
    _refuse_content(cell)
    for row in block.rows():
        for column in block.columns():
            before = sheet.cells.get((row, column))
            written = displaced_cell(cell, row - block.top, column - block.left)
            if before is None and written is cell:
                result = merged.setdefault(0, _written({}, cell, paths))
            else:
                result = _written(before or {}, written, paths)
            sheet.write((row, column), result)


def _written(before: Cell, cell: Cell, paths: list[Path]) -> Cell:
    """A cell once the masked fields of another are written to it."""
    return clean(merge(_linked(before, cell, paths), cell, paths))


def _linked(before: Cell, cell: Cell, paths: list[Path]) -> Cell:
    """The cell as a link leaves it: coloured as links are and underlined, unless the request says otherwise.

    Source: discovery document, TextFormat.link.
    """
    text = ("userEnteredFormat", "textFormat")
    if (*text, "link") not in paths or not cell.get(text[0], {}).get(text[1], {}).get("link"):
        return before
    looks = {"foregroundColor": LINK_COLOUR, "foregroundColorStyle": {"rgbColor": LINK_COLOUR}, "underline": True}
    own = before.get(text[0], {})
    return {**before, text[0]: {**own, text[1]: {**own.get(text[1], {}), **looks}}}


def append_cells(book: Book, payload: dict[str, Any]) -> None:
    """Adds rows after the last row with data, enlarging the grid where it must."""
    paths = cell_paths(payload.get("fields", ""))
    sheet = box(book, {"sheetId": payload.get("sheetId", 0)}).sheet
    used = [row for (row, _), cell in sheet.cells.items() if "userEnteredValue" in cell]
    top = max(used, default=-1) + 1
    rows = [row.get("values", []) for row in payload.get("rows", [])]
    grid = sheet.properties["gridProperties"]
    grid["rowCount"] = max(grid["rowCount"], top + len(rows))
    grid["columnCount"] = max([grid["columnCount"], *map(len, rows)])
    for offset, cells in enumerate(rows):
        for at, cell in enumerate(cells):
            write(sheet, top + offset, at, cell, paths)


def update_borders(book: Book, payload: dict[str, Any]) -> None:
    """Sets the borders around and inside a range; a border of style NONE removes it."""
    block = box(book, payload.get("range", {}))
    for row in block.rows():
        for column in block.columns():
            sides = {
                "top": "top" if row == block.top else "innerHorizontal",
                "bottom": "bottom" if row == block.bottom - 1 else "innerHorizontal",
                "left": "left" if column == block.left else "innerVertical",
                "right": "right" if column == block.right - 1 else "innerVertical",
            }
            source: dict[str, Any] = {}
            paths: list[Path] = []
            for side, name in sides.items():
                if name in payload:
                    paths.append(("userEnteredFormat", "borders", side))
                    if payload[name].get("style", "NONE") != "NONE":
                        source[side] = payload[name]
            cell = {"userEnteredFormat": {"borders": source}}
            write(block.sheet, row, column, cell, paths)


def cell_paths(mask: str) -> list[Path]:
    """The paths of a mask over CellData, without the fields nobody can write.

    Raises:
        RequestError: a mask that is empty, unknown, or asks for what the sandbox does not keep.
    """
    paths = update_paths(mask, "CellData")
    for path in paths:
        if path[0] in UNSUPPORTED and mask != "*":
            raise RequestError(f"The sandbox does not keep {path[0]}.")
    return [path for path in paths if path[0] not in READ_ONLY | UNSUPPORTED]


def write(sheet: Sheet, row: int, column: int, cell: Cell, paths: list[Path]) -> None:
    """Writes the masked fields of a cell."""
    _refuse_content(cell)
    before = sheet.cells.get((row, column), {})
    sheet.write((row, column), _written(before, cell, paths))


def clean(cell: Cell) -> Cell:
    """A cell without what is empty: no text, no value, no format."""
    value = cell.get("userEnteredValue")
    if value is not None and (not value or value.get("stringValue") == ""):
        cell = {name: item for name, item in cell.items() if name != "userEnteredValue"}
    borders = cell.get("userEnteredFormat", {}).get("borders")
    if borders and any(side.get("style") == "NONE" for side in borders.values()):
        kept = {name: side for name, side in borders.items() if side.get("style") != "NONE"}
        cell = merge(cell, {"userEnteredFormat": {"borders": kept or None}}, [("userEnteredFormat", "borders")])
    return {name: item for name, item in cell.items() if item not in ("", {}, [])}


def _refuse_content(cell: Cell) -> None:
    value = cell.get("userEnteredValue", {})
    if len(value) > 1:
        raise RequestError("Only one kind of value may be set on a cell.")
    if "errorValue" in value:
        raise RequestError("Errors can't be entered: user_entered_value.error_value is read-only.")
    if len(value.get("stringValue", "")) > MAX_CHARACTERS:
        raise RequestError(
            f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell."
        )
    if "pivotTable" in cell and "source" not in cell["pivotTable"]:
        raise RequestError("Must specify a pivotTable.source.")
    number_format = cell.get("userEnteredFormat", {}).get("numberFormat")
    if number_format is not None and "type" not in number_format:
        raise RequestError("Must specify a number format type.")


HANDLERS = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "updateBorders": update_borders,
}
