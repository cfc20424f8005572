"""Ranges of a request resolved to blocks of the grid, with Google's refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.a1 import Box, column_letters, quoted
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.model import COLUMNS, ROWS, Book, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator


def grid_sheet(book: Book, sheet_id: int) -> Sheet:
    """The sheet of a range.

    Raises:
        RequestError: there is none.
    """
    sheet = book.sheet(sheet_id)
    if sheet is None or not sheet.is_grid:
        raise RequestError(f"No grid with id: {sheet_id}")
    return sheet


def box(book: Book, grid_range: dict[str, Any]) -> Box:
    """The block of a GridRange; missing bounds are the grid's.

    Raises:
        RequestError: no such sheet, an empty or reversed range, or one that leaves the grid.
    """
    sheet = grid_sheet(book, grid_range.get("sheetId", 0))
    top, bottom = grid_range.get("startRowIndex", 0), grid_range.get("endRowIndex", sheet.row_count)
    left, right = grid_range.get("startColumnIndex", 0), grid_range.get("endColumnIndex", sheet.column_count)
    for name, value in grid_range.items():
        if value < 0:
            raise RequestError(f"range.{name}[{value}] must not be less than zero.")
    if bottom > sheet.row_count or right > sheet.column_count or top >= sheet.row_count or left >= sheet.column_count:
        first, last = f"{column_letters(left)}{top + 1}", f"{column_letters(max(right - 1, 0))}{bottom}"
        raise RequestError(
            f"Range ({quoted(sheet.title)}!{first}:{last}) exceeds grid limits. "
            f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    if top >= bottom:
        raise RequestError(f"range.endRowIndex[{bottom}] must be greater than range.startRowIndex[{top}]")
    if left >= right:
        raise RequestError(f"range.endColumnIndex[{right}] must be greater than range.startColumnIndex[{left}]")
    return Box(sheet, top, bottom, left, right)


def coordinate(book: Book, start: dict[str, Any]) -> tuple[Sheet, int, int]:
    """The sheet, row and column of a GridCoordinate.

    Raises:
        RequestError: no such sheet, or a place outside its grid.
    """
    sheet = grid_sheet(book, start.get("sheetId", 0))
    row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
    if not 0 <= row < sheet.row_count:
        raise RequestError(f"GridCoordinate.rowIndex[{row}] is after last row in grid[{sheet.row_count - 1}]")
    if not 0 <= column < sheet.column_count:
        raise RequestError(
            f"GridCoordinate.columnIndex[{column}] is after last column in grid[{sheet.column_count - 1}]"
        )
    return sheet, row, column


def span(book: Book, dimension_range: dict[str, Any]) -> tuple[Sheet, str, int, int]:
    """The sheet, "ROWS" or "COLUMNS", start and end of a DimensionRange.

    Raises:
        RequestError: no such sheet, no dimension, or a range that leaves the grid.
    """
    sheet = grid_sheet(book, dimension_range.get("sheetId", 0))
    dimension = dimension_range.get("dimension", "")
    if dimension not in {ROWS, COLUMNS}:
        raise RequestError("Must specify a dimension.")
    count = sheet.count(dimension)
    start, end = dimension_range.get("startIndex", 0), dimension_range.get("endIndex", count)
    what = "row" if dimension == ROWS else "column"
    if start < 0 or start >= end:
        raise RequestError(f"range.endIndex[{end}] must be greater than range.startIndex[{start}]")
    if end > count:
        raise RequestError(f"range.endIndex[{end}] is after last {what} in grid[{count}]")
    return sheet, dimension, start, end


def ranges_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every GridRange, GridCoordinate and DimensionRange inside an object, as the dicts themselves.

    A range that covers a whole sheet has no bounds and is left out.
    """
    if isinstance(node, list):
        for item in node:
            yield from ranges_in(item)
    elif isinstance(node, dict):
        if is_grid_range(node) or _is_place(node):
            yield node
        else:
            for name, child in node.items():
                if name == "anchorCell":
                    # The first cell of the first sheet is an empty message.
                    yield child
                else:
                    yield from ranges_in(child)


def is_grid_range(node: dict[str, Any]) -> bool:
    """Whether a dict is a bounded GridRange."""
    return any(name in node for name in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"))


def _is_place(node: dict[str, Any]) -> bool:
    """Whether a dict is a GridCoordinate or a DimensionRange; other messages have a columnIndex, too."""
    names = set(node)
    if "startIndex" in names or "endIndex" in names:
        return names <= {"sheetId", "dimension", "startIndex", "endIndex"}
    return bool(names & {"rowIndex", "columnIndex"}) and names <= {"sheetId", "rowIndex", "columnIndex"}


def overlap(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two GridRanges share a cell."""
    if first.get("sheetId", 0) != second.get("sheetId", 0):
        return False
    return all(
        first.get(f"start{axis}Index", 0) < second.get(f"end{axis}Index", 2**31)
        and second.get(f"start{axis}Index", 0) < first.get(f"end{axis}Index", 2**31)
        for axis in ("Row", "Column")
    )
