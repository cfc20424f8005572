"""Requests that insert or delete cells of a range, where the cells below it or to its right move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, grid_sheet
from sandbox.sheets_api.model import COLUMNS, ROWS
from sandbox.sheets_api.references import follow
from sandbox.sheets_api.requests.shift import moved, shift_ends, shift_objects

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.model import Book


def insert_range(book: Book, payload: dict[str, Any]) -> None:
    """Inserts cells; those there move down or to the right, and the grid grows where filled ones would leave it.

    Whether Google grows the grid then is not documented.
    """
    block, dimension = _asked(book, payload)
    at, count = (block.top, block.bottom - block.top) if dimension == ROWS else (block.left, block.right - block.left)
    _shift(book, block, dimension, at, count)
    sheet, axis = block.sheet, 0 if dimension == ROWS else 1
    name = "rowCount" if dimension == ROWS else "columnCount"
    needed = max((position[axis] for position in sheet.cells), default=-1) + 1
    sheet.properties["gridProperties"][name] = max(sheet.count(dimension), needed)


def delete_range(book: Book, payload: dict[str, Any]) -> None:
    """Deletes cells; those below or to the right take their place."""
    block, dimension = _asked(book, payload)
    at, count = (block.top, block.bottom - block.top) if dimension == ROWS else (block.left, block.right - block.left)
    _shift(book, block, dimension, at, -count)


def _asked(book: Book, payload: dict[str, Any]) -> tuple[Box, str]:
    """The block, within the bounds of its sheet, and the dimension in which cells move.

    Source: discovery document, InsertRangeRequest
    """
    if "range" not in payload:
        raise RequestError("Must specify a range.")
    dimension = payload.get("shiftDimension")
    if dimension not in {ROWS, COLUMNS}:
        raise RequestError("Must specify a shiftDimension.")
    asked = payload["range"]
    sheet = grid_sheet(book, asked.get("sheetId", 0))
    bounds = {"endRowIndex": sheet.row_count, "endColumnIndex": sheet.column_count}
    return box(book, asked | {name: min(asked.get(name, end), end) for name, end in bounds.items()}), dimension


def _shift(book: Book, block: Box, dimension: str, at: int, by: int) -> None:
    """Moves the strip of cells behind the block, and what refers to cells within it alone."""
    rows = dimension == ROWS
    strip = (block.left, block.right) if rows else (block.top, block.bottom)
    _refuse_merges(block, dimension, at, strip)
    sheet = block.sheet
    cells = {}
    for (row, column), cell in sheet.cells.items():
        index, across = (row, column) if rows else (column, row)
        place = moved(index, at, by) if strip[0] <= across < strip[1] else index
        if place is not None:
            cells[(place, across) if rows else (across, place)] = cell
    sheet.cells = cells
    shift_objects(book, sheet, dimension, at, by, strip)

    def shifted(first: int, last: int) -> tuple[int, int] | None:
        ends = {"start": first, "end": last + 1}
        return (ends["start"], ends["end"] - 1) if shift_ends(ends, "start", "end", at, by) else None

    follow(book, sheet, dimension, shifted, strip)


def _refuse_merges(block: Box, dimension: str, at: int, strip: tuple[int, int]) -> None:
    """Refuses to tear merged cells apart; the words are the sandbox's."""
    along, across = ("Row", "Column") if dimension == ROWS else ("Column", "Row")
    for merge in block.sheet.merges:
        start, end = merge[f"start{across}Index"], merge[f"end{across}Index"]
        is_touched = merge[f"end{along}Index"] > at and start < strip[1] and strip[0] < end
        if is_touched and not (strip[0] <= start and end <= strip[1]):
            raise RequestError("Cells cannot be shifted through a part of merged cells.")


HANDLERS = {"insertRange": insert_range, "deleteRange": delete_range}
