"""Requests that merge cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.a1 import Box
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, overlap

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book


def merge_cells(book: Book, payload: dict[str, Any]) -> None:
    """Merges a range, or each of its rows or columns; only the first cell keeps its value."""
    block = box(book, payload.get("range", {}))
    kind = payload.get("mergeType", "MERGE_ALL")
    if kind == "MERGE_ROWS":
        blocks = [Box(block.sheet, row, row + 1, block.left, block.right) for row in block.rows()]
    elif kind == "MERGE_COLUMNS":
        blocks = [Box(block.sheet, block.top, block.bottom, column, column + 1) for column in block.columns()]
    else:
        blocks = [block]
    _take_out(block)
    grid = block.sheet.properties["gridProperties"]
    for each in blocks:
        if each.bottom - each.top == 1 and each.right - each.left == 1:
            continue
        if each.top < grid.get("frozenRowCount", 0) < each.bottom:
            raise RequestError("You can't merge frozen and non-frozen rows")
        if each.left < grid.get("frozenColumnCount", 0) < each.right:
            raise RequestError("You can't merge frozen and non-frozen columns")
        block.sheet.merges.append(grid_range(each))
        _keep_first(each)


def unmerge_cells(book: Book, payload: dict[str, Any]) -> None:
    """Takes the merges of a range apart."""
    _take_out(box(book, payload.get("range", {})))


def grid_range(block: Box) -> dict[str, Any]:
    """The GridRange of a block in canonical form."""
    place = {"sheetId": block.sheet.id} if block.sheet.id else {}
    return place | {
        "startRowIndex": block.top,
        "endRowIndex": block.bottom,
        "startColumnIndex": block.left,
        "endColumnIndex": block.right,
    }


def _take_out(block: Box) -> None:
    wanted = grid_range(block)
    kept = []
    for merge in block.sheet.merges:
        if not overlap(merge, wanted):
            kept.append(merge)
            continue
        inside = (
            block.top <= merge["startRowIndex"]
            and merge["endRowIndex"] <= block.bottom
            and block.left <= merge["startColumnIndex"]
            and merge["endColumnIndex"] <= block.right
        )
        if not inside:
            raise RequestError("You must select all cells in a merged range to merge or unmerge them.")
    block.sheet.merges = kept


def _keep_first(block: Box) -> None:
    """The first value of the block moves to its first cell; the others lose theirs."""
    sheet = block.sheet
    filled = [
        (row, column)
        for row in block.rows()
        for column in block.columns()
        if "userEnteredValue" in sheet.cells.get((row, column), {})
    ]
    if not filled:
        return
    value = sheet.cells[filled[0]]["userEnteredValue"]
    for at in filled:
        sheet.write(at, {name: item for name, item in sheet.cells[at].items() if name != "userEnteredValue"})
    first = (block.top, block.left)
    sheet.write(first, {**sheet.cells.get(first, {}), "userEnteredValue": value})


HANDLERS = {"mergeCells": merge_cells, "unmergeCells": unmerge_cells}
