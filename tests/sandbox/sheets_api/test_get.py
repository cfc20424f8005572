"""spreadsheets.get: proto3 JSON as Google sends it, masks, ranges, trimming."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, colour, formatted, http

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Book

NEW_SHEET = {
    "sheetId": 0,
    "title": "Sheet1",
    "index": 0,
    "sheetType": "GRID",
    "gridProperties": {"rowCount": 1000, "columnCount": 26},
}


def test_a_new_spreadsheet_is_googles(book: Book) -> None:
    resource = book.get()
    assert resource["spreadsheetUrl"] == f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    assert resource["sheets"] == [{"properties": NEW_SHEET}]
    properties = resource["properties"]
    assert (properties["locale"], properties["timeZone"]) == ("en_US", "Etc/GMT")
    assert properties["defaultFormat"]["textFormat"]["bold"] is False
    assert properties["defaultFormat"]["textFormat"]["foregroundColorStyle"] == {"rgbColor": {}}
    accent = properties["spreadsheetTheme"]["themeColors"][2]
    assert accent == {
        "colorType": "ACCENT1",
        "color": {"rgbColor": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275}},
    }


def test_json_is_pretty_printed_with_a_final_newline(book: Book) -> None:
    answer = http.get(book.url, params={"fields": "properties.title"})
    assert answer.text == '{\n  "properties": {\n    "title": "Test"\n  }\n}\n'
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"


def test_json_is_compact_on_request(book: Book) -> None:
    answer = http.get(book.url, params={"fields": "properties.title", "prettyPrint": "false"})
    assert answer.text == '{"properties":{"title":"Test"}}'


def test_zeros_vanish_but_not_where_they_were_given_a_meaning(book: Book) -> None:
    named = {"name": "corner", "range": area(0, 1, 0, 1)}
    book.apply({"addNamedRange": {"namedRange": named}})
    assert book.get(fields="namedRanges.range") == {
        "namedRanges": [{"range": {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}}]
    }
    book.write([0, False])
    assert book.cell(0, 0)["effectiveValue"] == {"numberValue": 0}
    assert book.cell(0, 1)["effectiveValue"] == {"boolValue": False}


def test_colours_are_float32_of_256_levels_and_mirrored_into_their_style(book: Book) -> None:
    block = area(0, 1, 0, 1)
    book.apply(formatted(block, {"backgroundColor": colour(0.5, 0.26, 0)}, "userEnteredFormat.backgroundColor"))
    own = book.cell(0, 0)["userEnteredFormat"]
    assert own["backgroundColor"] == {"red": 0.49803922, "green": 0.25882354}
    assert own["backgroundColorStyle"] == {"rgbColor": own["backgroundColor"]}


def test_a_style_wins_over_the_colour_and_theme_colours_are_resolved(book: Book) -> None:
    look = {"backgroundColor": colour(1), "backgroundColorStyle": {"themeColor": "ACCENT4"}}
    book.apply(formatted(area(0, 1, 0, 1), look, "userEnteredFormat(backgroundColor,backgroundColorStyle)"))
    own = book.cell(0, 0)["userEnteredFormat"]
    assert own["backgroundColor"] == {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902}
    assert own["backgroundColorStyle"] == {"themeColor": "ACCENT4"}


def test_grid_data_stops_at_the_last_cell_and_keeps_inner_gaps(book: Book) -> None:
    book.write([1], row=2, column=1)
    data = book.sheet()["data"][0]
    assert data["rowData"][:2] == [{}, {}]
    assert len(data["rowData"]) == 3
    assert data["rowData"][2]["values"][0] == {}
    assert data["rowData"][2]["values"][1]["formattedValue"] == "1"
    assert len(data["rowMetadata"]) == 1000
    assert data["columnMetadata"][0] == {"pixelSize": 100}


def test_ranges_choose_sheets_and_blocks(book: Book) -> None:
    book.apply({"addSheet": {"properties": {"title": "Other"}}})
    book.write(["a", "b"], ["c", "d"])
    sheets = book.get(ranges="Sheet1!B2:C3", includeGridData="true")["sheets"]
    assert len(sheets) == 1
    data = sheets[0]["data"][0]
    assert (data["startRow"], data["startColumn"]) == (1, 1)
    assert data["rowData"][0]["values"][0]["formattedValue"] == "d"
    assert len(data["rowMetadata"]) == 2


@pytest.mark.parametrize("mask", ["sheets.data.rowData.values.note", "sheets/data/rowData/values/note"])
def test_a_mask_reaches_grid_data_without_the_flag_and_trims_what_it_left_empty(book: Book, mask: str) -> None:
    assert book.get(fields=mask) == {"sheets": [{"data": [{}]}]}
    rows = [{"values": [{"note": "why"}]}]
    book.apply({"updateCells": {"range": area(1, 2, 1, 2), "rows": rows, "fields": "note"}})
    book.write(["x", "y", "z"])
    assert book.get(fields=mask) == {"sheets": [{"data": [{"rowData": [{}, {"values": [{}, {"note": "why"}]}]}]}]}


def test_a_mask_with_parentheses_selects_several_paths(book: Book) -> None:
    answer = book.get(fields="spreadsheetId,sheets(properties(sheetId,title),charts.chartId)")
    assert answer == {"spreadsheetId": book.id, "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}]}


def test_an_unknown_path_of_a_mask_is_refused(book: Book) -> None:
    answer = http.get(book.url, params={"fields": "sheets.property.title"})
    assert answer.status_code == 400
    violation = answer.json()["error"]["details"][0]["fieldViolations"][0]
    assert violation["description"] == (
        "Error expanding 'fields' parameter. Cannot find matching fields for path 'sheets.property.title'."
    )


def test_a_missing_spreadsheet_is_googles_404(book: Book) -> None:
    answer = http.get(f"{book.sandbox.url}/v4/spreadsheets/nowhere")
    assert answer.status_code == 404
    error = {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    assert json.loads(answer.text) == {"error": error}


def test_what_a_cell_shows_follows_from_value_and_format(book: Book) -> None:
    book.write([0.256])
    number_format = {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}}
    book.apply(formatted(area(0, 1, 0, 1), number_format, "userEnteredFormat.numberFormat"))
    cell = book.cell(0, 0)
    assert cell["formattedValue"] == "25.6%"
    assert cell["effectiveFormat"]["numberFormat"] == number_format["numberFormat"]
    assert cell["effectiveFormat"]["horizontalAlignment"] == "RIGHT"
    assert cell["effectiveFormat"]["textFormat"]["fontSize"] == 10


def test_create_makes_a_spreadsheet_with_the_asked_sheets(book: Book) -> None:
    body = {"properties": {"title": "New"}, "sheets": [{"properties": {"title": "A"}}, {"properties": {"sheetId": 9}}]}
    created = http.post(f"{book.sandbox.url}/v4/spreadsheets", json=body).json()
    assert created["properties"]["title"] == "New"
    assert [sheet["properties"]["title"] for sheet in created["sheets"]] == ["A", "Sheet2"]
    assert created["sheets"][1]["properties"]["sheetId"] == 9
