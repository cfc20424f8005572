"""What a new spreadsheet looks like. Source: recorded Sheets traffic."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api.messages import THEME

ROW_HEIGHT = 21
COLUMN_WIDTH = 100
ROW_COUNT = 1000
COLUMN_COUNT = 26
CHART_WIDTH = 600
CHART_HEIGHT = 371

WHITE: dict[str, Any] = {"red": 1, "green": 1, "blue": 1}

DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}


def spreadsheet_properties(title: str) -> dict[str, Any]:
    """The properties of a new spreadsheet with that title."""
    return {
        "title": title,
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": {
            "primaryFontFamily": "Arial",
            "themeColors": [{"colorType": name, "color": {"rgbColor": rgb}} for name, rgb in THEME.items()],
        },
    }


def sheet_properties(sheet_id: int, title: str, index: int) -> dict[str, Any]:
    """The properties of a new grid sheet."""
    return {
        "sheetId": sheet_id,
        "title": title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": ROW_COUNT, "columnCount": COLUMN_COUNT},
    }
