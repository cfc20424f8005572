"""References follow when rows, columns or cells are inserted, deleted or moved."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.grid import is_grid_range, ranges_in
from sandbox.sheets_api.model import COLUMNS, OBJECT_LISTS, ROWS, Book, Sheet
from sandbox.sheets_api.requests.offsets import follow_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Item = dict[str, Any]


def shift_objects(
    book: Book, sheet: Sheet, dimension: str, at: int, by: int, strip: tuple[int, int] | None = None
) -> None:
    """Moves every range, anchor and group that refers to the sheet; what has no cell left disappears.

    Args:
        book: all its sheets may refer to the one that changes.
        sheet: the sheet that changes.
        dimension: "ROWS" or "COLUMNS".
        at: where rows or columns come in or go out.
        by: how many; negative for a deletion.
        strip: columns (of rows that move; else rows) in which cells move; None: all. Ranges that reach beyond stay,
            anchors too.
    """

    def shift(item: Item) -> bool:
        if dimension == COLUMNS and strip is None:
            follow_columns(item, sheet.id, lambda column: moved(column, at, by))
        return _shift_item(item, sheet.id, dimension, at, by, strip)

    for each in book.sheets:
        for name in OBJECT_LISTS:
            setattr(each, name, [item for item in getattr(each, name) if shift(item)])
        if each.basic_filter is not None and not shift(each.basic_filter):
            each.basic_filter = None
    for pivot in pivot_tables(book):
        if not shift(pivot):
            del pivot["source"]
    book.named_ranges = [item for item in book.named_ranges if shift(item)]
    book.metadata = [item for item in book.metadata if shift(item)]


def move_objects(
    book: Book, sheet: Sheet, dimension: str, source: tuple[int, int], at: int, places: Mapping[int, int]
) -> None:
    """Moves every range, anchor and group that refers to moved rows or columns.

    What lies within the source goes along; what is larger keeps the cells that it has besides.

    Args:
        book: all its sheets may refer to the one that changes.
        sheet: the sheet that changes.
        dimension: "ROWS" or "COLUMNS".
        source: the rows or columns that move.
        at: where they begin then.
        places: where each row or column is then.
    """
    count = source[1] - source[0]
    lists = [getattr(each, name) for each in book.sheets for name in OBJECT_LISTS]
    filters = [each.basic_filter for each in book.sheets if each.basic_filter is not None]
    objects = [*(item for items in lists for item in items), *filters, *pivot_tables(book)]
    for item in [*objects, *book.named_ranges, *book.metadata]:
        if dimension == COLUMNS:
            follow_columns(item, sheet.id, places.get)
        for node in ranges_in(item):
            if node.get("sheetId", 0) != sheet.id or ("startIndex" in node and node.get("dimension") != dimension):
                continue
            names = _names(node, dimension)
            start, end = node.get(names[0], 0), node.get(names[1]) if names[1] else node.get(names[0], 0) + 1
            if end is not None and source[0] <= start and end <= source[1]:
                new = start - source[0] + at, end - source[0] + at
            else:
                left = _without(start, source, count), None if end is None else _without(end, source, count)
                new_start = left[0] + count if left[0] >= at else left[0]
                new = new_start, None if left[1] is None else left[1] + count if left[1] > at else left[1]
            for name, index in zip(names, new, strict=True):
                if name and index is not None and (name in node or index):
                    node[name] = index


def pivot_tables(book: Book) -> Iterator[Item]:
    """The pivot tables of all cells, to be changed: their cells are made anew, since cells never change."""
    for sheet in book.sheets:
        for at, cell in [(at, cell) for at, cell in sheet.cells.items() if "pivotTable" in cell]:
            sheet.write(at, copy.deepcopy(cell))
            yield sheet.cells[at]["pivotTable"]


def moved(index: int, at: int, by: int) -> int | None:
    """Where a row or column is once `by` are inserted at a place, or `-by` deleted there; None: it is gone."""
    if index < at:
        return index
    return None if by < 0 and index < at - by else index + by


def shift_ends(node: Item, start_name: str, end_name: str, at: int, by: int) -> bool:
    """Moves the two ends of a half-open span; an unbounded end stays unbounded."""
    start, end = node.get(start_name), node.get(end_name)
    if start is not None:
        node[start_name] = start if start < at else start + by if by > 0 else max(at, start + by)
    if end is not None:
        node[end_name] = end if end <= at else end + by if by > 0 else max(at, end + by)
    return end is None or node[end_name] > (node.get(start_name) or 0)


def _names(node: Item, dimension: str) -> tuple[str, str]:
    """The names of a range's two ends; an anchor has only one."""
    axis = "Row" if dimension == ROWS else "Column"
    if is_grid_range(node):
        return f"start{axis}Index", f"end{axis}Index"
    return ("startIndex", "endIndex") if "startIndex" in node else (f"{axis.lower()}Index", "")


def _without(index: int, source: tuple[int, int], count: int) -> int:
    return index if index <= source[0] else max(source[0], index - count)


def _shift_item(item: Item, sheet_id: int, dimension: str, at: int, by: int, strip: tuple[int, int] | None) -> bool:
    """Moves the ranges of one object.

    Returns:
        Whether it still has cells: an object all of whose ranges are gone goes with them. Charts and slicers stay.
    """
    found = [node for node in ranges_in(item) if node.get("sheetId", 0) == sheet_id]
    alive = [
        (strip is not None and not _is_within(node, dimension, strip)) or _shift_range(node, dimension, at, by)
        for node in found
    ]
    if "spec" in item or not found or any(alive):
        if "ranges" in item:
            item["ranges"] = [node for node in item["ranges"] if not _is_empty(node)]
        return True
    return False


def _is_within(node: Item, dimension: str, strip: tuple[int, int]) -> bool:
    across = "Column" if dimension == ROWS else "Row"
    end = node.get(f"end{across}Index")
    return end is not None and strip[0] <= node.get(f"start{across}Index", 0) and end <= strip[1]


def _shift_range(node: Item, dimension: str, at: int, by: int) -> bool:
    if is_grid_range(node):
        axis = "Row" if dimension == ROWS else "Column"
        return shift_ends(node, f"start{axis}Index", f"end{axis}Index", at, by)
    if "startIndex" in node or "endIndex" in node:
        return node.get("dimension") != dimension or shift_ends(node, "startIndex", "endIndex", at, by)
    name = "rowIndex" if dimension == ROWS else "columnIndex"
    index = node.get(name, 0)
    if index >= at:
        index = index + by if by > 0 else max(at, index + by)
    if index:
        node[name] = index
    else:
        node.pop(name, None)
    return True


def _is_empty(node: Item) -> bool:
    return any(
        f"end{axis}Index" in node and node[f"end{axis}Index"] <= node.get(f"start{axis}Index", 0)
        for axis in ("Row", "Column")
    )
