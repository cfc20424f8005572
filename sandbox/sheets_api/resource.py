"""spreadsheets.get: a stored spreadsheet as the API returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.a1 import Box
from sandbox.sheets_api.fieldmask import Tree, select, wants
from sandbox.sheets_api.model import COLUMNS, OBJECT_LISTS, ROWS, Sheet
from sandbox.sheets_api.requests import tables

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView
    from sandbox.sheets_api.views import Views

URL = "https://docs.google.com/spreadsheets/d/{}/edit"


def spreadsheet(
    views: Views,
    *,
    grid_data: bool = False,
    blocks: list[Box] | None = None,
    tree: Tree | None = None,
    tables_as_bands: bool = True,
) -> dict[str, Any]:
    """The Spreadsheet message.

    Args:
        views: of the spreadsheet.
        grid_data: include cells; decided by the tree where there is one.
        blocks: only these blocks, and only their sheets.
        tree: the read mask; None for everything.
        tables_as_bands: list tables among the banded ranges, too.
    """
    with views.lock:
        return _spreadsheet(views, grid_data=grid_data, blocks=blocks, tree=tree, tables_as_bands=tables_as_bands)


def _spreadsheet(
    views: Views, *, grid_data: bool, blocks: list[Box] | None, tree: Tree | None, tables_as_bands: bool
) -> dict[str, Any]:
    book = views.book
    if tree is not None:
        grid_data = wants(tree, "sheets", "data")
    shown = [sheet for sheet in book.sheets if not blocks or any(block.sheet is sheet for block in blocks)]
    resource: dict[str, Any] = {
        "spreadsheetId": book.id,
        "properties": book.properties,
        "sheets": [_sheet(views, sheet, grid_data=grid_data, blocks=blocks, tree=tree) for sheet in shown],
    }
    for sheet, resource_of in zip(shown, resource["sheets"], strict=True):
        if sheet.tables:
            resource_of["tables"] = tables.shown(views.of(sheet))
            if tables_as_bands:
                resource_of["bandedRanges"] = [*sheet.banded_ranges, *tables.as_bands(views.of(sheet))]
    if book.named_ranges:
        resource["namedRanges"] = book.named_ranges
    resource["spreadsheetUrl"] = URL.format(book.id)
    own = [item for item in book.metadata if item["location"].get("spreadsheet")]
    if own:
        resource["developerMetadata"] = own
    return resource if tree is None else dict(select(resource, tree))


def whole(sheet: Sheet) -> Box:
    """The block of all cells of a sheet."""
    return Box(sheet, 0, sheet.row_count, 0, sheet.column_count)


def _sheet(
    views: Views, sheet: Sheet, *, grid_data: bool, blocks: list[Box] | None, tree: Tree | None
) -> dict[str, Any]:
    book = views.book
    resource: dict[str, Any] = {"properties": sheet.properties}
    if grid_data and sheet.is_grid:
        own = [block for block in blocks or [] if block.sheet is sheet] or [whole(sheet)]
        view = views.of(sheet)
        resource["data"] = [_grid(view, block, book.metadata, tree) for block in own]
    for attribute, name in OBJECT_LISTS.items():
        items = getattr(sheet, attribute)
        if items:
            resource[name] = items
    if sheet.basic_filter is not None:
        resource["basicFilter"] = sheet.basic_filter
    metadata = [item for item in book.metadata if item["location"]["locationType"] == "SHEET"]
    metadata = [item for item in metadata if item["location"].get("sheetId", 0) == sheet.id]
    if metadata:
        resource["developerMetadata"] = metadata
    return resource


def _grid(view: SheetView, block: Box, metadata: list[dict[str, Any]], tree: Tree | None) -> dict[str, Any]:
    """The GridData of a block: trailing empty rows and cells are left out."""
    grid: dict[str, Any] = {}
    if block.top:
        grid["startRow"] = block.top
    if block.left:
        grid["startColumn"] = block.left
    if wants(tree, "sheets", "data", "rowData"):
        rows = _rows(view, block)
        if tree is not None and not _has_full_branch(tree):
            rows = _trimmed(select(rows, tree.get("sheets", {}).get("data", {}).get("rowData", {})))
        if rows:
            grid["rowData"] = rows
    for dimension, name in ((ROWS, "rowMetadata"), (COLUMNS, "columnMetadata")):
        if wants(tree, "sheets", "data", name):
            indices = block.rows() if dimension == ROWS else block.columns()
            own = _on_lines(metadata, view.sheet, dimension)
            grid[name] = [_dimension(view.sheet, dimension, index, own.get(index, [])) for index in indices]
    return grid


def _has_full_branch(tree: Tree) -> bool:
    """Whether the mask takes row data whole."""
    branch = tree
    for name in ("sheets", "data", "rowData"):
        if not branch or "*" in branch:
            return True
        branch = branch.get(name, {})
    return not branch


def _rows(view: SheetView, block: Box) -> list[dict[str, Any]]:
    """Row data up to the last cell that is not plain; banded and conditional cells count."""
    inside = [at for at in view.filled if block.contains(*at)]
    bottom = max((row for row, _ in inside), default=block.top - 1) + 1
    ends: dict[int, int] = {}
    for row, column in inside:
        ends[row] = max(ends.get(row, 0), column + 1)
    return [
        {"values": [view.cell_data(row, column) for column in range(block.left, ends[row])]} if row in ends else {}
        for row in range(block.top, bottom)
    ]


def _trimmed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the trailing cells and rows in which the mask left nothing."""
    for row in rows:
        values = row.get("values", [])
        while values and not values[-1]:
            values.pop()
        if not values:
            row.pop("values", None)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _dimension(sheet: Sheet, dimension: str, index: int, own: list[dict[str, Any]]) -> dict[str, Any]:
    default = defaults.ROW_HEIGHT if dimension == ROWS else defaults.COLUMN_WIDTH
    properties = {"pixelSize": default, **sheet.dimensions[dimension].get(index, {})}
    return properties | ({"developerMetadata": own} if own else {})


def _on_lines(metadata: list[dict[str, Any]], sheet: Sheet, dimension: str) -> dict[int, list[dict[str, Any]]]:
    """The metadata on rows or columns of a sheet, by their first one."""
    found: dict[int, list[dict[str, Any]]] = {}
    for item in metadata:
        place = item["location"].get("dimensionRange")
        if place is not None and place.get("sheetId", 0) == sheet.id and place["dimension"] == dimension:
            found.setdefault(place.get("startIndex", 0), []).append(item)
    return found
