"""What has to be sent to turn a spreadsheet as it is into the workbook as it should be.

A pure function: the same two arguments give the same requests, and a spreadsheet that already is as it should be
gives none. Only tabs of ours, and in them only our block and our objects, are named in the requests.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.cell_data import color_to_json, is_blank
from close_kpis.workbook.diff.cell_requests import cell_requests
from close_kpis.workbook.diff.object_requests import chart_requests, group_requests, rule_requests
from close_kpis.workbook.diff.objects import (
    chart_fingerprints,
    layout_fingerprint,
    rule_fingerprint,
    rules_to_json,
)
from close_kpis.workbook.diff.ownership import METADATA_KEY, Owned, fingerprint, metadata_id
from close_kpis.workbook.diff.placement import Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.workbook.diff.state import Sheet, Spreadsheet
    from close_kpis.workbook.spec import Tab, Workbook

Request: TypeAlias = dict[str, Any]

SPARE_ROWS, SPARE_COLUMNS = 20, 4
"""Room that a new tab has below and beside the block, for readers."""
ROW_PIXELS, COLUMN_PIXELS = 21, 100
DEFAULT_WIDTH = 100


@dataclass(frozen=True)
class Difference:
    """What has to be sent.

    Attributes:
        requests: in the order in which they have to be carried out.
        cells: how many cells get another value.
    """

    requests: tuple[Request, ...]
    cells: int


def diff(state: Spreadsheet, workbook: Workbook) -> Difference:
    """Compare a spreadsheet with the workbook that it should hold.

    Args:
        state: the spreadsheet as it is.
        workbook: what it should hold.
    """
    places = place(state, workbook)
    sheets = {one.tab.key: one.sheet_id for one in places}
    structure = [request for one in places for request in _structure(one)]
    cells: list[Request] = []
    changed = 0
    for one in places:
        inserted = _insertion(one)
        structure += [request for request, _ in inserted]
        found = cell_requests(one, [at for _, at in inserted])
        cells += found.requests
        changed += found.cells
    layout = [request for one in places for request in _layout(one)]
    objects: list[Request] = []
    for one in places:
        objects += group_requests(one) + rule_requests(one) + chart_requests(one, sheets, state)
    memory = [request for one in places for request in _metadata(one, sheets)]
    return Difference((*structure, *cells, *layout, *objects, *memory), changed)


def _needed_grid(tab: Tab) -> tuple[int, int]:
    """Return the rows and columns that a tab's block and charts take, with room to spare."""
    rows = [tab.height + SPARE_ROWS, *(c.row + c.height // ROW_PIXELS + 3 for c in tab.charts)]
    columns = [
        tab.width + SPARE_COLUMNS,
        len(tab.widths),
        *(c.column + c.width // COLUMN_PIXELS + 2 for c in tab.charts),
    ]
    return max(rows), max(columns)


def _structure(one: Place) -> Iterator[Request]:
    """Yield what makes the tab exist, with enough rows and columns. A grid never shrinks."""
    rows, columns = _needed_grid(one.tab)
    if one.sheet is None:
        grid = {"rowCount": rows, "columnCount": columns}
        properties = {
            "sheetId": one.sheet_id,
            "title": one.title,
            "sheetType": "GRID",
            "gridProperties": grid,
        }
        yield {"addSheet": {"properties": properties}}
        return
    if one.title != one.sheet.title:
        yield _properties(one, {"title": one.title}, "title")
    grown = {}
    if one.sheet.rows < max(one.tab.height, *(c.row + 1 for c in one.tab.charts), 1):
        grown["rowCount"] = rows
    if one.sheet.columns < max(one.tab.width, len(one.tab.widths), *(c.column + 1 for c in one.tab.charts), 1):
        grown["columnCount"] = columns
    if grown:
        yield _properties(one, {"gridProperties": grown}, ",".join(f"gridProperties.{name}" for name in grown))


def _insertion(one: Place) -> list[tuple[Request, tuple[str, int, int]]]:
    """Return what makes room where the block grows over something that a reader put there."""
    sheet, tab = one.sheet, one.tab
    if sheet is None or sheet.owned is None:
        return []
    found = []
    for dimension, before, after in (
        ("ROWS", sheet.owned.rows, tab.height),
        ("COLUMNS", sheet.owned.columns, tab.width),
    ):
        if 0 < before < after and _is_used(sheet, dimension, before, after):
            span = {"sheetId": one.sheet_id, "dimension": dimension, "startIndex": before, "endIndex": after}
            found.append((
                {"insertDimension": {"range": span, "inheritFromBefore": False}},
                (dimension, before, after),
            ))
    return found


def _is_used(sheet: Sheet, dimension: str, start: int, end: int) -> bool:
    if dimension == "ROWS":
        return any(not is_blank(cell) for row in sheet.cells[start:end] for cell in row)
    return any(not is_blank(cell) for row in sheet.cells for cell in row[start:end])


def _layout(one: Place) -> Iterator[Request]:
    """Yield widths, heights, frozen panes and the like, where this version wants others than the last one did."""
    tab, sheet = one.tab, one.sheet
    if sheet and sheet.owned and sheet.owned.layout == layout_fingerprint(tab):
        return
    grid = {
        "frozenRowCount": tab.frozen_rows,
        "frozenColumnCount": tab.frozen_columns,
        "hideGridlines": not tab.gridlines,
    }
    mask = ",".join(f"gridProperties.{name}" for name in grid)
    properties: Request = {"gridProperties": grid}
    if tab.color:
        properties["tabColorStyle"] = color_to_json(tab.color)
        mask += ",tabColorStyle"
    yield _properties(one, properties, mask)
    yield from _sizes(one, "COLUMNS", tab.widths)
    yield from _sizes(one, "ROWS", tab.heights)


def _sizes(one: Place, dimension: str, sizes: tuple[int, ...]) -> Iterator[Request]:
    start = 0
    for index, size in enumerate(sizes):
        if index + 1 == len(sizes) or sizes[index + 1] != size:
            span = {
                "sheetId": one.sheet_id,
                "dimension": dimension,
                "startIndex": start,
                "endIndex": index + 1,
            }
            yield {
                "updateDimensionProperties": {
                    "range": span,
                    "properties": {"pixelSize": size},
                    "fields": "pixelSize",
                }
            }
            start = index + 1


def _properties(one: Place, properties: Request, mask: str) -> Request:
    return {"updateSheetProperties": {"properties": {"sheetId": one.sheet_id, **properties}, "fields": mask}}


def _metadata(one: Place, sheets: dict[str, int]) -> Iterator[Request]:
    """Yield what makes the tab remember what is published now."""
    tab = one.tab
    notes = {fingerprint(cell.note) for row in tab.rows for cell in row if cell.note}
    now = Owned(
        tab=tab.key,
        sheet=one.sheet_id,
        rows=tab.height,
        columns=tab.width,
        notes=tuple(sorted(notes)),
        rules=tuple(rule_fingerprint(rule) for rule in rules_to_json(tab, one.sheet_id)),
        charts=chart_fingerprints(tab, sheets),
        groups=tab.groups,
        layout=layout_fingerprint(tab),
    )
    if one.sheet and one.sheet.owned == now:
        return
    if one.sheet and one.sheet.metadata_id is not None:
        yield {
            "updateDeveloperMetadata": {
                "dataFilters": [{"developerMetadataLookup": {"metadataId": one.sheet.metadata_id}}],
                "developerMetadata": {"metadataValue": now.to_text()},
                "fields": "metadataValue",
            }
        }
        return
    yield {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataId": metadata_id(tab.key),
                "metadataKey": METADATA_KEY,
                "metadataValue": now.to_text(),
                "location": {"sheetId": one.sheet_id},
                "visibility": "DOCUMENT",
            }
        }
    }
