"""What a spreadsheet holds, as far as the pipeline has to know.

Two reads: the structure of the whole spreadsheet without any cell, then the cells of our own tabs. What
readers keep in tabs of their own is never downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.cell_data import READ_MASK, is_blank
from close_kpis.workbook.diff.objects import chart_sources
from close_kpis.workbook.diff.ownership import METADATA_KEY, Owned, sheet_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from close_kpis.workbook.diff.objects import ChartSources
    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook

STRUCTURE_MASK = (
    "spreadsheetId,"
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataId,metadataKey,metadataValue),conditionalFormats,"
    "charts(chartId,spec.basicChart(domains.domain.sourceRange,series.series.sourceRange)),"
    "rowGroups(range,depth),bandedRanges.bandedRangeId,protectedRanges.protectedRangeId,merges)"
)
CELLS_MASK = f"sheets(properties.sheetId,data(startRow,startColumn,rowData.values({READ_MASK})))"


@dataclass(frozen=True)
class Sheet:
    """A tab as it is in the spreadsheet.

    Attributes:
        sheet_id: its id, for ever.
        title: what it is called now.
        rows: grid size.
        columns: grid size.
        owned: what was published there last, None for a tab that is not ours.
        metadata_id: id of our developer metadata, None where there is none.
        rules: its conditional formats, as the API returns them.
        charts: the ranges that each of its charts draws, by the chart's id.
        groups: row ranges of its groups.
        cells: CellData, row by row from the first cell on; empty where the cells were not read.
        has_objects: whether it carries rules, charts, groups, bands, protected ranges or merged cells.
    """

    sheet_id: int
    title: str
    rows: int
    columns: int
    owned: Owned | None
    metadata_id: int | None
    rules: tuple[Mapping[str, Any], ...]
    charts: Mapping[int, ChartSources]
    groups: tuple[tuple[int, int], ...]
    cells: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    has_objects: bool = False

    def cell(self, row: int, column: int) -> Mapping[str, Any]:
        """Return a cell's CellData; empty beyond what was read."""
        if row < len(self.cells) and column < len(self.cells[row]):
            return self.cells[row][column]
        return {}

    @property
    def is_blank(self) -> bool:
        """Whether nobody has put anything into the tab."""
        return not self.has_objects and all(is_blank(cell) for row in self.cells for cell in row)


@dataclass(frozen=True)
class Spreadsheet:
    """A spreadsheet as it is.

    Attributes:
        spreadsheet_id: its id.
        url: its address.
        sheets: its tabs, in order.
    """

    spreadsheet_id: str
    url: str
    sheets: tuple[Sheet, ...]


def read_spreadsheet(client: SheetsTransport, spreadsheet_id: str, workbook: Workbook) -> Spreadsheet:
    """Read what has to be known to write the workbook.

    Args:
        client: where to read.
        spreadsheet_id: which one.
        workbook: what is to be written; its tabs' cells are read.

    Raises:
        SheetsError: it cannot be read.
    """
    structure = client.get_spreadsheet(spreadsheet_id, {"fields": STRUCTURE_MASK})
    wanted = _tabs_to_read(structure, workbook)
    if wanted:
        cells = client.get_spreadsheet(
            spreadsheet_id, {"fields": CELLS_MASK, "ranges": [_whole_tab(title) for title in wanted]}
        )
        grids = {_id(sheet): sheet.get("data", []) for sheet in cells.get("sheets", [])}
    else:
        grids = {}
    return spreadsheet_from_json(structure, grids, client.page_url(spreadsheet_id))


def _whole_tab(title: str) -> str:
    """Return the range of a whole tab; in quotes, so that no title reads like a cell's address."""
    return "'" + title.replace("'", "''") + "'"


def _tabs_to_read(structure: Mapping[str, Any], workbook: Workbook) -> list[str]:
    """Return the titles of the tabs that are ours or may become ours."""
    keys = {tab.key for tab in workbook.tabs}
    ids = {sheet_id(tab.key) for tab in workbook.tabs}
    titles = {tab.title.lower() for tab in workbook.tabs}
    grids = [sheet for sheet in structure["sheets"] if _is_grid(sheet)]
    if len(structure["sheets"]) == 1:
        return [sheet["properties"]["title"] for sheet in grids]
    found = []
    for sheet in grids:
        owned, _ = _owned(sheet)
        title = sheet["properties"]["title"]
        if (owned and owned.tab in keys) or _id(sheet) in ids or title.lower() in titles:
            found.append(title)
    return found


def spreadsheet_from_json(
    structure: Mapping[str, Any], grids: Mapping[int, Sequence[Mapping[str, Any]]], url: str
) -> Spreadsheet:
    """Build the state from two answers of the API.

    Args:
        structure: the spreadsheet without its cells.
        grids: GridData of each tab that was read, by sheet id.
        url: address of the spreadsheet for readers.
    """
    return Spreadsheet(
        spreadsheet_id=structure["spreadsheetId"],
        url=url,
        sheets=tuple(_sheet(sheet, grids.get(_id(sheet), ())) for sheet in structure["sheets"]),
    )


def _sheet(sheet: Mapping[str, Any], data: Sequence[Mapping[str, Any]]) -> Sheet:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    owned, metadata = _owned(sheet)
    objects = ("conditionalFormats", "charts", "rowGroups", "bandedRanges", "protectedRanges", "merges")
    return Sheet(
        sheet_id=_id(sheet),
        title=properties["title"],
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        owned=owned,
        metadata_id=metadata,
        rules=tuple(sheet.get("conditionalFormats", ())),
        charts={chart["chartId"]: chart_sources(chart.get("spec", {})) for chart in sheet.get("charts", ())},
        groups=tuple(
            (group["range"].get("startIndex", 0), group["range"]["endIndex"]) for group in sheet.get("rowGroups", ())
        ),
        cells=_cells(data),
        has_objects=any(sheet.get(name) for name in objects),
    )


def _cells(data: Iterable[Mapping[str, Any]]) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    """Return CellData row by row; a whole tab comes as one block from the first cell on."""
    for block in data:
        if not block.get("startRow") and not block.get("startColumn"):
            return tuple(tuple(row.get("values", ())) for row in block.get("rowData", ()))
    return ()


def _owned(sheet: Mapping[str, Any]) -> tuple[Owned | None, int | None]:
    """Return what a tab remembers, and where; None for what was published there where that cannot be read."""
    ours = [
        (Owned.from_text(metadata.get("metadataValue", "")), metadata["metadataId"])
        for metadata in sheet.get("developerMetadata", ())
        if metadata.get("metadataKey") == METADATA_KEY
    ]
    readable = [(owned, number) for owned, number in ours if owned]
    return next(iter([*readable, *ours]), (None, None))


def _id(sheet: Mapping[str, Any]) -> int:
    return int(sheet["properties"].get("sheetId", 0))


def _is_grid(sheet: Mapping[str, Any]) -> bool:
    return bool(sheet["properties"].get("sheetType", "GRID") == "GRID")
