"""What a spreadsheet holds, as far as the pipeline has to know.

One read of our own tabs, where they still have their titles; else two: the structure of the whole spreadsheet without
any cell, then the cells of our tabs. What readers keep in tabs of their own is never downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gspread.utils import rowcol_to_a1

from close_kpis.workbook.diff.cell_data import READ_MASK, is_blank
from close_kpis.workbook.diff.objects import PlacedChart
from close_kpis.workbook.diff.ownership import METADATA_KEY, Owned, sheet_id
from close_kpis.workbook.google.errors import SheetsRequestError
from close_kpis.workbook.spec import Area
from close_kpis.workbook.version import VERSION_MASK, read_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from close_kpis.workbook.diff.cell_data import CellValue
    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook

STRUCTURE_MASK = (
    f"spreadsheetId,{VERSION_MASK},namedRanges(namedRangeId,name,range),"
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount)),"
    "developerMetadata(metadataId,metadataKey,metadataValue),conditionalFormats,"
    "charts(chartId,position.overlayPosition.anchorCell,"
    "spec.basicChart(domains.domain.sourceRange,series.series.sourceRange)),"
    "rowGroups(range,depth),bandedRanges.bandedRangeId,protectedRanges(protectedRangeId,range),merges,"
    "basicFilter,filterViews(filterViewId,range,tableId,namedRangeId),slicers.slicerId,tables(tableId,range))"
)
OBJECTS = (
    "conditionalFormats",
    "charts",
    "rowGroups",
    "bandedRanges",
    "protectedRanges",
    "merges",
    "basicFilter",
    "filterViews",
    "slicers",
    "tables",
)
"""What a tab without any cell may carry that is somebody's work."""
VALUES_MASK = "sheets(properties.title,data(startRow,startColumn,rowData.values(userEnteredValue,effectiveValue)))"
TABS_MASK = (
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataId,metadataKey,metadataValue))"
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
        frozen_rows: rows that stay in view.
        frozen_columns: columns that stay in view.
        owned: what was published there last, None for a tab that is not ours.
        metadata_id: id of our developer metadata, None where there is none.
        rules: its conditional formats, as the API returns them.
        charts: what each of its charts draws, and where it stands, by the chart's id.
        groups: row ranges of its groups.
        protected: its protected ranges by their id.
        basic_filter: its filter, as the API returns it.
        filter_views: ids and ranges of its filter views.
        tables: ids and ranges of its tables.
        merges: ranges of merged cells.
        cells: CellData, row by row from the first cell on; empty where the cells were not read.
        has_objects: whether it carries any of `OBJECTS`.
    """

    sheet_id: int
    title: str
    rows: int
    columns: int
    frozen_rows: int
    frozen_columns: int
    owned: Owned | None
    metadata_id: int | None
    rules: tuple[Mapping[str, Any], ...]
    charts: Mapping[int, PlacedChart]
    groups: tuple[tuple[int, int], ...]
    protected: Mapping[int, Mapping[str, int]]
    cells: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    has_objects: bool = False
    basic_filter: Mapping[str, Any] | None = None
    filter_views: tuple[Mapping[str, Any], ...] = ()
    tables: tuple[Mapping[str, Any], ...] = ()
    merges: tuple[Mapping[str, Any], ...] = ()

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
        names: its named ranges, by id: name and range.
        versions: numbers of the versions that it remembers (`close_kpis.workbook.version`).
    """

    spreadsheet_id: str
    url: str
    sheets: tuple[Sheet, ...]
    names: Mapping[str, tuple[str, Mapping[str, int]]]
    versions: frozenset[int]


def read_spreadsheet(client: SheetsTransport, spreadsheet_id: str, workbook: Workbook) -> Spreadsheet:
    """Read what has to be known to write the workbook: in one request where our tabs still have their titles.

    Args:
        client: where to read.
        spreadsheet_id: which one.
        workbook: what is to be written; its tabs' cells are read.

    Raises:
        SheetsError: it cannot be read.
    """
    url = client.page_url(spreadsheet_id)
    keys = workbook.needed()
    state = _read_at_once(client, spreadsheet_id, workbook, keys)
    if state and keys != (more := workbook.needed(_left_out(state))):
        keys = more
        state = _read_at_once(client, spreadsheet_id, workbook, keys)
    if state and _is_all(state, workbook, keys):
        return state
    structure = client.get_spreadsheet(spreadsheet_id, {"fields": STRUCTURE_MASK})
    ranges = [_whole(properties) for properties in _tabs_to_read(structure, workbook)]
    if not ranges:
        return spreadsheet_from_json(structure, {}, url)
    cells = client.get_spreadsheet(spreadsheet_id, {"fields": CELLS_MASK, "ranges": ranges})
    return spreadsheet_from_json(structure, _grids(cells), url)


def _read_at_once(
    client: SheetsTransport, spreadsheet_id: str, workbook: Workbook, keys: Collection[str]
) -> Spreadsheet | None:
    """Read some tabs by their titles; None where one of these is not there."""
    titles = [tab.title for tab in workbook.tabs if tab.key in keys]
    asked = {"fields": f"{STRUCTURE_MASK},{CELLS_MASK}", "ranges": [quoted(title) for title in titles]}
    try:
        everything = client.get_spreadsheet(spreadsheet_id, asked)
    except SheetsRequestError:
        # A range of the request names a tab that is not there.
        return None
    return spreadsheet_from_json(everything, _grids(everything), client.page_url(spreadsheet_id))


def _left_out(state: Spreadsheet) -> frozenset[str]:
    """Return the keys of the tabs that the settings left out and that stood there when the tabs were published."""
    return frozenset(key for sheet in state.sheets if sheet.owned for key in sheet.owned.left_out)


def _is_all(state: Spreadsheet, workbook: Workbook, keys: Collection[str]) -> bool:
    """Whether the tabs of the workbook's titles are all that concerns it.

    Each is ours, has all of its charts, and was published when the settings showed the same tabs.
    """
    by_title = {sheet.title: sheet for sheet in state.sheets}
    charts = {str(chart) for sheet in state.sheets for chart in sheet.charts}
    for tab in (tab for tab in workbook.tabs if tab.key in keys):
        sheet = by_title.get(tab.title)
        if sheet is None or sheet.owned is None or sheet.owned.order != workbook.order:
            return False
        if (sheet.owned.tab, sheet.owned.sheet) != (tab.key, sheet.sheet_id) or not charts.issuperset(
            sheet.owned.charts
        ):
            return False
    return True


def read_values(
    client: SheetsTransport, spreadsheet_id: str, areas: Mapping[str, Area]
) -> dict[str, dict[tuple[int, int], Mapping[str, Any]]]:
    """Read the values of one area of each of some tabs.

    Args:
        client: where to read.
        spreadsheet_id: which spreadsheet.
        areas: what to read, by the tab's title.

    Returns:
        CellData of each cell with what was entered and what it is worth, by title and (row, column).
    """
    ranges = [f"{quoted(title)}!{a1(area)}" for title, area in areas.items()]
    answer = client.get_spreadsheet(spreadsheet_id, {"fields": VALUES_MASK, "ranges": ranges})
    found: dict[str, dict[tuple[int, int], Mapping[str, Any]]] = {}
    for sheet in answer.get("sheets", ()):
        values = found.setdefault(sheet["properties"]["title"], {})
        for block in sheet.get("data", ()):
            for row, line in enumerate(block.get("rowData", ()), start=block.get("startRow", 0)):
                for column, cell in enumerate(line.get("values", ()), start=block.get("startColumn", 0)):
                    values[row, column] = cell
    return found


def read_tab(client: SheetsTransport, spreadsheet_id: str, key: str) -> list[list[CellValue]]:
    """Read what the cells of a tab of ours are worth, wherever it stands and whatever it is called by now.

    Args:
        client: where to read.
        spreadsheet_id: which spreadsheet.
        key: the tab's.

    Returns:
        The rows, which differ in length; dates as serial numbers, None for empty cells and errors. No row where the
        spreadsheet has no such tab.

    Raises:
        SheetsError: it cannot be read.
    """
    structure = client.get_spreadsheet(spreadsheet_id, {"fields": TABS_MASK})
    for sheet in filter(_is_grid, structure["sheets"]):
        owned, _ = _owned(sheet)
        if owned and (owned.tab, owned.sheet) == (key, _id(sheet)):
            ranges = [_whole(sheet["properties"])]
            answer = client.get_spreadsheet(spreadsheet_id, {"fields": VALUES_MASK, "ranges": ranges})
            rows = _cells(answer["sheets"][0].get("data", ()))
            return [[_worth(cell) for cell in row] for row in rows]
    return []


def _worth(cell: Mapping[str, Any]) -> CellValue:
    value = cell.get("effectiveValue") or {}
    return next((value[kind] for kind in ("numberValue", "stringValue", "boolValue") if kind in value), None)


def a1(area: Area) -> str:
    """Return an area in A1 notation, without its tab."""
    first, last = rowcol_to_a1(area.top + 1, area.left + 1), rowcol_to_a1(area.bottom, area.right)
    return first if first == last else f"{first}:{last}"


def _grids(answer: Mapping[str, Any]) -> dict[int, Sequence[Mapping[str, Any]]]:
    return {_id(sheet): sheet.get("data", []) for sheet in answer.get("sheets", [])}


def quoted(title: str) -> str:
    """Return a tab's title as a range is written: in quotes, so that none reads like a cell's address."""
    return "'" + title.replace("'", "''") + "'"


def _whole(properties: Mapping[str, Any]) -> str:
    """Return the range of a whole tab. With its corners: a title alone that ends in an exclamation mark is no range."""
    grid = properties["gridProperties"]
    return f"{quoted(properties['title'])}!{a1(Area(0, 0, grid['rowCount'], grid['columnCount']))}"


def _tabs_to_read(structure: Mapping[str, Any], workbook: Workbook) -> list[Mapping[str, Any]]:
    """Return the properties of the tabs that are ours or may become ours."""
    keys = {tab.key for tab in workbook.tabs}
    ids = {sheet_id(tab.key) for tab in workbook.tabs}
    titles = {tab.title.lower() for tab in workbook.tabs}
    grids = [sheet for sheet in structure["sheets"] if _is_grid(sheet)]
    if len(structure["sheets"]) == 1:
        return [sheet["properties"] for sheet in grids]
    found = []
    for sheet in grids:
        owned, _ = _owned(sheet)
        if (owned and owned.tab in keys) or _id(sheet) in ids or sheet["properties"]["title"].lower() in titles:
            found.append(sheet["properties"])
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
        names={
            named["namedRangeId"]: (named["name"], named.get("range", {})) for named in structure.get("namedRanges", ())
        },
        versions=read_versions(structure),
    )


def _sheet(sheet: Mapping[str, Any], data: Sequence[Mapping[str, Any]]) -> Sheet:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    owned, metadata = _owned(sheet)
    return Sheet(
        sheet_id=_id(sheet),
        title=properties["title"],
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        frozen_rows=grid.get("frozenRowCount", 0),
        frozen_columns=grid.get("frozenColumnCount", 0),
        owned=owned,
        metadata_id=metadata,
        rules=tuple(sheet.get("conditionalFormats", ())),
        charts={chart["chartId"]: PlacedChart.from_json(chart) for chart in sheet.get("charts", ())},
        groups=tuple(
            (group["range"].get("startIndex", 0), group["range"]["endIndex"]) for group in sheet.get("rowGroups", ())
        ),
        protected={
            protected["protectedRangeId"]: protected.get("range", {}) for protected in sheet.get("protectedRanges", ())
        },
        cells=_cells(data),
        has_objects=any(name in sheet for name in OBJECTS),
        basic_filter=sheet.get("basicFilter"),
        filter_views=tuple(sheet.get("filterViews", ())),
        tables=tuple(sheet.get("tables", ())),
        merges=tuple(sheet.get("merges", ())),
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
