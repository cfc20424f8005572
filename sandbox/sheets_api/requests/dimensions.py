"""Requests about rows and columns: sizes, inserting, deleting, appending."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import grid_sheet, span
from sandbox.sheets_api.model import COLUMNS, ROWS, Book, Sheet
from sandbox.sheets_api.references import follow
from sandbox.sheets_api.requests.shift import move_objects, moved, shift_ends, shift_objects

CHARACTER_WIDTH = 7


def update_dimension_properties(book: Book, payload: dict[str, Any]) -> None:
    """Sets sizes and visibility of rows or columns under a mask."""
    paths = update_paths(payload.get("fields", ""), "DimensionProperties")
    if any(path[0] not in {"pixelSize", "hiddenByUser"} for path in paths) and payload["fields"] != "*":
        raise RequestError("Only pixelSize and hiddenByUser can be updated.")
    if "range" not in payload:
        raise RequestError("Must specify a range.")
    sheet, dimension, start, end = span(book, payload["range"])
    asked = payload.get("properties", {})
    if asked.get("pixelSize", 1) < 1:
        raise RequestError("properties.pixelSize must be greater than zero.")
    for index in range(start, end):
        changed = merge(sheet.dimensions[dimension].get(index, {}), asked, paths)
        _set(sheet, dimension, index, changed)


def auto_resize_dimensions(book: Book, payload: dict[str, Any]) -> None:
    """Sizes columns by their longest shown text; rows go back to the default height."""
    sheet, dimension, start, end = span(book, payload.get("dimensions", {}))
    longest: dict[int, int] = {}
    if dimension == COLUMNS:
        for (_, column), cell in sheet.cells.items():
            if start <= column < end and "userEnteredValue" in cell:
                text = str(next(iter(cell["userEnteredValue"].values())))
                width = max(len(line) for line in text.split("\n"))
                longest[column] = max(longest.get(column, 0), width)
    for index in range(start, end):
        changed = dict(sheet.dimensions[dimension].get(index, {}))
        changed.pop("pixelSize", None)
        if index in longest:
            changed["pixelSize"] = max(21, longest[index] * CHARACTER_WIDTH + 14)
        _set(sheet, dimension, index, changed)


def append_dimension(book: Book, payload: dict[str, Any]) -> None:
    """Adds rows or columns at the end."""
    sheet = grid_sheet(book, payload.get("sheetId", 0))
    length = payload.get("length", 0)
    if length < 1:
        raise RequestError("length must be greater than zero.")
    if payload.get("dimension") not in {ROWS, COLUMNS}:
        raise RequestError("Must specify a dimension.")
    sheet.properties["gridProperties"][_count_name(payload["dimension"])] += length


def insert_dimension(book: Book, payload: dict[str, Any]) -> None:
    """Inserts rows or columns; what lies after moves, references follow."""
    wanted = payload.get("range", {})
    sheet = grid_sheet(book, wanted.get("sheetId", 0))
    dimension, start, end = wanted.get("dimension", ""), wanted.get("startIndex", 0), wanted.get("endIndex", 0)
    if dimension not in {ROWS, COLUMNS}:
        raise RequestError("Must specify a dimension.")
    if not 0 <= start < end:
        raise RequestError(f"range.endIndex[{end}] must be greater than range.startIndex[{start}]")
    if start > sheet.count(dimension) or (start == sheet.count(dimension) and not payload.get("inheritFromBefore")):
        what = "row" if dimension == ROWS else "column"
        raise RequestError(f"range.startIndex[{start}] is after last {what} in grid[{sheet.count(dimension) - 1}]")
    if payload.get("inheritFromBefore") and start == 0:
        raise RequestError("inheritFromBefore cannot be true if inserting at the first row or column.")
    count = end - start
    sheet.properties["gridProperties"][_count_name(dimension)] += count
    _shift(book, sheet, dimension, start, count)
    _inherit(sheet, dimension, start, end, start - 1 if payload.get("inheritFromBefore") else end)


def delete_dimension(book: Book, payload: dict[str, Any]) -> None:
    """Deletes rows or columns; what lies after moves up."""
    sheet, dimension, start, end = span(book, payload.get("range", {}))
    what = "rows" if dimension == ROWS else "columns"
    grid = sheet.properties["gridProperties"]
    if end - start >= sheet.count(dimension):
        raise RequestError(f"You can't delete all the {what} on the sheet.")
    frozen_name = f"frozen{what[:-1].title()}Count"
    frozen = grid.get(frozen_name, 0)
    gone = max(0, min(end, frozen) - start) if start < frozen else 0
    if sheet.count(dimension) - (end - start) <= frozen - gone:
        raise RequestError(f"Sorry, it is not possible to delete all non-frozen {what}.")
    if gone:
        grid[frozen_name] = frozen - gone
    grid[_count_name(dimension)] -= end - start
    _shift(book, sheet, dimension, start, start - end)


def move_dimension(book: Book, payload: dict[str, Any]) -> None:
    """Moves rows or columns to another place of their sheet; what refers to them follows."""
    sheet, dimension, start, end = span(book, payload.get("source", {}))
    to = payload.get("destinationIndex", 0)
    if not 0 <= to <= sheet.count(dimension):
        raise RequestError(f"destinationIndex[{to}] is outside of the grid.")
    if start <= to <= end:
        if start < to < end:
            raise RequestError("The destination of the move lies within its source.")
        return
    count = end - start
    order = [index for index in range(sheet.count(dimension)) if not start <= index < end]
    at = to if to < start else to - count
    order[at:at] = range(start, end)
    new = {before: after for after, before in enumerate(order)}
    axis = 0 if dimension == ROWS else 1
    sheet.cells = {
        (new[row], column) if axis == 0 else (row, new[column]): cell for (row, column), cell in sheet.cells.items()
    }
    sheet.dimensions[dimension] = {new[index]: item for index, item in sheet.dimensions[dimension].items()}
    move_objects(book, sheet, dimension, (start, end), at, new)

    def mapped(first: int, last: int) -> tuple[int, int]:
        return min(new[first], new[last]), max(new[first], new[last])

    follow(book, sheet, dimension, mapped)


def _shift(book: Book, sheet: Sheet, dimension: str, at: int, by: int) -> None:
    """Moves cells, sizes and references: `by` > 0 makes room at `at`, `by` < 0 drops `-by` rows or columns there."""
    axis = 0 if dimension == ROWS else 1
    cells = {}
    for position, cell in sheet.cells.items():
        index = moved(position[axis], at, by)
        if index is not None:
            cells[(index, position[1]) if axis == 0 else (position[0], index)] = cell
    sheet.cells = cells
    sheet.dimensions[dimension] = {
        index: item
        for before, item in sheet.dimensions[dimension].items()
        if (index := moved(before, at, by)) is not None
    }
    shift_objects(book, sheet, dimension, at, by)

    def shifted(first: int, last: int) -> tuple[int, int] | None:
        ends = {"start": first, "end": last + 1}
        return (ends["start"], ends["end"] - 1) if shift_ends(ends, "start", "end", at, by) else None

    follow(book, sheet, dimension, shifted)


def _inherit(sheet: Sheet, dimension: str, start: int, end: int, source: int) -> None:
    """New rows or columns take formats and size of their neighbour."""
    if size := sheet.dimensions[dimension].get(source):
        for index in range(start, end):
            _set(sheet, dimension, index, {name: item for name, item in size.items() if name == "pixelSize"})
    axis = 0 if dimension == ROWS else 1
    formats = {
        position[1 - axis]: cell["userEnteredFormat"]
        for position, cell in sheet.cells.items()
        if position[axis] == source and "userEnteredFormat" in cell
    }
    for index in range(start, end):
        for other, cell_format in formats.items():
            sheet.write((index, other) if axis == 0 else (other, index), {"userEnteredFormat": cell_format})


def _set(sheet: Sheet, dimension: str, index: int, properties: dict[str, Any]) -> None:
    default = defaults.ROW_HEIGHT if dimension == ROWS else defaults.COLUMN_WIDTH
    kept = {name: item for name, item in properties.items() if item and (name, item) != ("pixelSize", default)}
    if kept:
        sheet.dimensions[dimension][index] = kept
    else:
        sheet.dimensions[dimension].pop(index, None)


def _count_name(dimension: str) -> str:
    return "rowCount" if dimension == ROWS else "columnCount"


HANDLERS = {
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
}
