"""A small workbook with one of everything the page shows, as batchUpdate requests."""

from __future__ import annotations

from typing import Any

from tests.sandbox.sheets_api.support import area, colour, formatted, lines, value_cell

Body = dict[str, Any]
TITLE = "Growth & more <b>"
NOTE = 'New leads\n\nCounts "leads" <of the month> & more.'
REPS = 20
JANUARY_2024 = 45292
MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def months() -> list[int]:
    """The first days of 2024's months as serial numbers."""
    return [JANUARY_2024 + sum(MONTH_LENGTHS[:at]) for at in range(12)]


def workbook_requests() -> list[Body]:
    """The batch; it fits a new spreadsheet."""
    return [*_growth(), *_looks(), *_objects(), *_reps()]


def _growth() -> list[Body]:
    head = ["Year", "Month", "New leads", "Rate", "MRR"]
    rows = [[TITLE], ["Data through Jun 30, 2024, refreshed 2024-07-01 06:12 UTC by run scheduled__1"], head]
    rows += [[2024, day, 10 * at + 5, at / 20, 1000.5 * at] for at, day in enumerate(months())]
    rows += [["Growth YoY", None, 0.25, -0.1, 0]]
    cells = [{"values": [value_cell(value) for value in row]} for row in rows]
    grid = {"rowCount": 60, "columnCount": 45, "frozenRowCount": 3, "frozenColumnCount": 2}
    mask = "title,tabColorStyle,gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount)"
    properties = {
        "sheetId": 0,
        "title": "Growth",
        "tabColorStyle": {"rgbColor": colour(0, 0.4, 1)},
        "gridProperties": grid,
    }
    return [
        {"updateSheetProperties": {"properties": properties, "fields": mask}},
        {"updateCells": {"start": {"sheetId": 0}, "rows": cells, "fields": "userEnteredValue"}},
    ]


def _looks() -> list[Body]:
    head = {
        "backgroundColorStyle": {"rgbColor": colour(0.1, 0.3, 0.65)},
        "textFormat": {"bold": True, "foregroundColorStyle": {"rgbColor": colour(1, 1, 1)}},
        "horizontalAlignment": "CENTER",
        "wrapStrategy": "WRAP",
    }
    note = {"rows": [{"values": [{"note": NOTE}]}], "range": area(2, 3, 2, 3), "fields": "note"}
    return [
        formatted(area(0, 1, 0, 1), {"textFormat": {"fontSize": 16, "bold": True}}, "userEnteredFormat.textFormat"),
        formatted(
            area(2, 3, 0, 5),
            head,
            "userEnteredFormat(backgroundColorStyle,textFormat,horizontalAlignment,wrapStrategy)",
        ),
        _numbers(1, "DATE", "mmm yyyy"),
        _numbers(2, "NUMBER", "#,##0"),
        _numbers(3, "PERCENT", "0.0%"),
        _numbers(4, "CURRENCY", '"$"#,##0.00'),
        {"updateCells": note},
        {
            "updateBorders": {
                "range": area(2, 3, 0, 5),
                "bottom": {"style": "SOLID_MEDIUM", "colorStyle": {"rgbColor": colour(0.5)}},
            }
        },
        {
            "updateDimensionProperties": {
                "range": lines("COLUMNS", 0, 1),
                "properties": {"pixelSize": 80},
                "fields": "pixelSize",
            }
        },
    ]


def _numbers(column: int, kind: str, pattern: str) -> Body:
    mask = "userEnteredFormat.numberFormat"
    return formatted(area(3, 16, column, column + 1), {"numberFormat": {"type": kind, "pattern": pattern}}, mask)


def _objects() -> list[Body]:
    green, white = {"rgbColor": colour(0.2, 0.7, 0.4)}, {"rgbColor": colour(1, 1, 1)}
    condition = {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "0"}]}
    red_text = {"textFormat": {"foregroundColorStyle": {"rgbColor": colour(0.8)}}}
    rule = {"ranges": [area(15, 16, 2, 5)], "booleanRule": {"condition": condition, "format": red_text}}
    gradient = {"minpoint": {"type": "MIN", "colorStyle": white}, "maxpoint": {"type": "MAX", "colorStyle": green}}
    months_source = {"sourceRange": {"sources": [area(2, 15, 1, 2)]}}
    series = [
        {"series": {"sourceRange": {"sources": [area(2, 15, 4, 5)]}}, "type": "COLUMN", "targetAxis": "LEFT_AXIS"},
        {"series": {"sourceRange": {"sources": [area(2, 15, 2, 3)]}}, "type": "LINE", "targetAxis": "RIGHT_AXIS"},
    ]
    chart = {
        "chartId": 11,
        "position": {"overlayPosition": {"anchorCell": {"rowIndex": 17, "columnIndex": 2}, "widthPixels": 640}},
        "spec": {
            "title": "MRR <and> leads",
            "altText": "Columns of MRR, a line of leads",
            "hiddenDimensionStrategy": "SHOW_ALL",
            "basicChart": {
                "chartType": "COMBO",
                "legendPosition": "TOP_LEGEND",
                "headerCount": 1,
                "axis": [{"position": "LEFT_AXIS", "title": "MRR"}, {"position": "RIGHT_AXIS", "title": "Leads"}],
                "domains": [{"domain": months_source}],
                "series": series,
            },
        },
    }
    metadata = {
        "metadataId": 5,
        "metadataKey": "kpi_report",
        "metadataValue": "growth",
        "visibility": "PROJECT",
        "location": {"sheetId": 0},
    }
    protected = {
        "protectedRangeId": 6,
        "range": area(0, 3, 0, 5),
        "warningOnly": True,
        "description": "Written by the run",
    }
    return [
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area(3, 15, 3, 4)], "gradientRule": gradient}, "index": 1}},
        {"addChart": {"chart": chart}},
        {"createDeveloperMetadata": {"developerMetadata": metadata}},
        {"addProtectedRange": {"protectedRange": protected}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "leads", "range": area(3, 15, 2, 3)}}},
        {"addDimensionGroup": {"range": lines("ROWS", 3, 9)}},
        {"addDimensionGroup": {"range": lines("COLUMNS", 3, 5)}},
    ]


def _reps() -> list[Body]:
    rows: list[list[Any]] = [["Rep", "Calls", "Demos", "Trend", "Profile"]]
    for at in range(REPS):
        spark = f'=SPARKLINE(B{at + 2}:C{at + 2}, {{"charttype","column";"color","#188038"}})'
        rows.append([f"Rep {at}", 10 * at, at, spark, f'=HYPERLINK("https://app.close.com/user/{at}", "Open {at}")'])
    cells = [{"values": [value_cell(value) for value in row]} for row in rows]
    bands = {
        "headerColorStyle": {"rgbColor": colour(0.8, 0.9, 0.8)},
        "firstBandColorStyle": {"rgbColor": colour(1, 1, 1)},
        "secondBandColorStyle": {"rgbColor": colour(0.95, 0.97, 0.95)},
    }
    banded = {"bandedRangeId": 21, "range": area(0, REPS + 1, 0, 5, 77), "rowProperties": bands}
    return [
        {"addSheet": {"properties": {"sheetId": 77, "title": "Reps & teams", "gridProperties": {"frozenRowCount": 1}}}},
        {"updateCells": {"start": {"sheetId": 77}, "rows": cells, "fields": "userEnteredValue"}},
        {"addBanding": {"bandedRange": banded}},
    ]
