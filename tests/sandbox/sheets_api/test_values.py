"""spreadsheets.values through gspread and plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, gspread_client, http

if TYPE_CHECKING:
    import gspread

    from sandbox.sheets_api import SheetsSandbox
    from tests.sandbox.sheets_api.support import Book


@pytest.fixture
def worksheet(open_sandbox: SheetsSandbox) -> gspread.Worksheet:
    return gspread_client(open_sandbox).open_by_key(open_sandbox.create_spreadsheet("Values")).sheet1


def test_gspread_writes_and_reads_back(worksheet: gspread.Worksheet) -> None:
    worksheet.update([["Rep", "Won"], ["Anna", 3], ["Ben", 1.5]], "A1")
    assert worksheet.get_all_values() == [["Rep", "Won"], ["Anna", "3"], ["Ben", "1.5"]]
    assert worksheet.get_all_records() == [{"Rep": "Anna", "Won": 3}, {"Rep": "Ben", "Won": 1.5}]
    assert worksheet.acell("B3").numeric_value == 1.5
    assert worksheet.find("Ben").address == "A3"


def test_gspread_appends_below_the_table(worksheet: gspread.Worksheet) -> None:
    worksheet.update([["a", "b"], ["c", "d"]], "B2")
    answer = worksheet.append_rows([["e", "f"]], table_range="A1:C3")
    assert answer["tableRange"] == "Sheet1!B2:C3"
    assert answer["updates"]["updatedRange"] == "Sheet1!B4:C4"


def test_gspread_formats_notes_merges_and_freezes(worksheet: gspread.Worksheet) -> None:
    worksheet.format("A1:B1", {"textFormat": {"bold": True}})
    worksheet.update_note("A1", "why")
    worksheet.merge_cells("A2:B2")
    worksheet.freeze(rows=1)
    assert worksheet.get_note("A1") == "why"
    metadata = worksheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]
    assert metadata["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert len(metadata["merges"]) == 1


def test_gspread_adds_resizes_hides_and_deletes_tabs(worksheet: gspread.Worksheet) -> None:
    spreadsheet = worksheet.spreadsheet
    added = spreadsheet.add_worksheet("New", rows=5, cols=3)
    added.resize(rows=7)
    assert (added.row_count, spreadsheet.worksheet("New").row_count) == (7, 7)
    added.hide()
    assert [item.title for item in spreadsheet.worksheets(exclude_hidden=True)] == ["Sheet1"]
    spreadsheet.del_worksheet(added)
    assert [item.title for item in spreadsheet.worksheets()] == ["Sheet1"]


def test_empty_cells_at_the_end_are_left_out_and_inner_rows_stay(book: Book) -> None:
    book.write(["a", None, None], [None, None, None], [None, "b", None])
    answer = http.get(f"{book.url}/values/Sheet1!A1:E9").json()
    assert answer == {
        "range": "Sheet1!A1:E9",
        "majorDimension": "ROWS",
        "values": [["a"], [], ["", "b"]],
    }


def test_without_any_value_there_is_no_values_member(book: Book) -> None:
    assert http.get(f"{book.url}/values/A:B").json() == {"range": "Sheet1!A1:B1000", "majorDimension": "ROWS"}


@pytest.mark.parametrize(
    ("render", "dates", "expected"),
    [
        ("FORMATTED_VALUE", "SERIAL_NUMBER", ["2", "2020-01-01", "text", "53"]),
        ("UNFORMATTED_VALUE", "SERIAL_NUMBER", [2, 43831, "text", 53]),
        ("UNFORMATTED_VALUE", "FORMATTED_STRING", [2, "2020-01-01", "text", 53]),
        ("FORMULA", "SERIAL_NUMBER", ["=4/2", 43831, "text", 53]),
    ],
)
def test_render_options(book: Book, render: str, dates: str, expected: list[object]) -> None:
    body = {"values": [["=4/2", "2020-01-01", "text", "53"]]}
    http.put(f"{book.url}/values/A1", params={"valueInputOption": "USER_ENTERED"}, json=body).raise_for_status()
    query = {"valueRenderOption": render, "dateTimeRenderOption": dates}
    assert http.get(f"{book.url}/values/A1:D1", params=query).json()["values"] == [expected]


def test_raw_keeps_texts_as_they_are(book: Book) -> None:
    body = {"values": [["=4/2", "2020-01-01", True, None]]}
    answer = http.put(f"{book.url}/values/A1", params={"valueInputOption": "RAW"}, json=body).json()
    assert answer["updatedCells"] == 3
    assert [book.cell(0, at)["userEnteredValue"] for at in range(3)] == [
        {"stringValue": "=4/2"},
        {"stringValue": "2020-01-01"},
        {"boolValue": True},
    ]


def test_null_leaves_a_cell_alone_and_an_empty_text_empties_it(book: Book) -> None:
    book.write(["a", "b"])
    body = {"values": [[None, ""]]}
    http.put(f"{book.url}/values/A1", params={"valueInputOption": "RAW"}, json=body).raise_for_status()
    assert http.get(f"{book.url}/values/A1:B1").json()["values"] == [["a"]]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("values/Nowhere!A1", "Unable to parse range: Nowhere!A1"),
        ("values/Sheet1!AB1", "Range (Sheet1!AB1) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_a_range_that_is_none_is_refused(book: Book, path: str, message: str) -> None:
    answer = http.get(f"{book.url}/{path}")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


def test_values_that_are_no_lists_are_refused_with_googles_text(book: Book) -> None:
    answer = http.put(f"{book.url}/values/A1", params={"valueInputOption": "RAW"}, json={"values": ["X"]})
    expected = "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    assert answer.json()["error"]["message"] == expected


def test_clear_and_batch_calls(book: Book) -> None:
    book.write(["a", "b"], ["c", "d"])
    query = {"ranges": ["A1", "Sheet1!B2"]}
    read = http.get(f"{book.url}/values:batchGet", params=query).json()["valueRanges"]
    assert [item["values"] for item in read] == [[["a"]], [["d"]]]
    cleared = http.post(f"{book.url}/values:batchClear", json={"ranges": ["A1:B1"]}).json()
    assert cleared["clearedRanges"] == ["Sheet1!A1:B1"]
    assert http.post(f"{book.url}/values/Sheet1:clear").json()["clearedRange"] == "Sheet1!A1:Z1000"
    body = {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [[1]]}, {"range": "C3", "values": [[2]]}]}
    totals = http.post(f"{book.url}/values:batchUpdate", json=body).json()
    assert (totals["totalUpdatedCells"], totals["totalUpdatedSheets"]) == (2, 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"includeValuesInResponse": "false"}, None),
        ({"includeValuesInResponse": "true"}, ["2", "12.50%", "7/1/2024"]),
        ({"includeValuesInResponse": "true", "responseValueRenderOption": "UNFORMATTED_VALUE"}, [2, 0.125, 45474]),
        ({"includeValuesInResponse": "true", "responseValueRenderOption": "FORMULA"}, ["=1+1", 0.125, 45474]),
        (
            {
                "includeValuesInResponse": "true",
                "responseValueRenderOption": "UNFORMATTED_VALUE",
                "responseDateTimeRenderOption": "FORMATTED_STRING",
            },
            [2, 0.125, "7/1/2024"],
        ),
    ],
)
def test_appended_and_updated_values_come_back_as_they_are_asked_for(
    book: Book, options: dict[str, str], expected: list[object] | None
) -> None:
    query, body = {"valueInputOption": "USER_ENTERED", **options}, {"values": [["=1+1", "12.50%", "7/1/2024"]]}
    added = http.post(f"{book.url}/values/A1:append", params=query, json=body).json()["updates"]
    written = http.put(f"{book.url}/values/A5:C5", params=query, json=body).json()
    for answer, place in ((added, "Sheet1!A1:C1"), (written, "Sheet1!A5:C5")):
        told = answer.get("updatedData")
        assert told == (expected and {"range": place, "majorDimension": "ROWS", "values": [expected]})


def test_an_unknown_way_to_show_appended_values_is_refused_before_anything_is_written(book: Book) -> None:
    query = {"valueInputOption": "RAW", "includeValuesInResponse": "true", "responseValueRenderOption": "NICE"}
    answer = http.post(f"{book.url}/values/A1:append", params=query, json={"values": [["x"]]})
    assert answer.status_code == 400
    assert "response_value_render_option" in answer.text or "responseValueRenderOption" in answer.text
    assert book.cell(0, 0) == {}


def test_values_of_a_batch_come_back_when_asked_for(book: Book) -> None:
    data = [{"range": "A1", "values": [["=1+1"]]}, {"range": "C3", "values": [[True]]}]
    body = {"valueInputOption": "USER_ENTERED", "data": data, "includeValuesInResponse": True}
    responses = http.post(f"{book.url}/values:batchUpdate", json=body).json()["responses"]
    assert [one["updatedData"]["values"] for one in responses] == [[["2"]], [["TRUE"]]]


def test_paths_may_end_in_a_slash_and_have_one_before_the_verb(book: Book) -> None:
    """As google-spreadsheet for Node.js writes them."""
    assert http.get(f"{book.url}/").json()["spreadsheetId"] == book.id
    request = {"updateCells": {"start": {}, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}}
    assert http.post(f"{book.url}/:batchUpdate", json={"requests": [request]}).status_code == 200
    assert http.post(f"{book.url}//values/:batchClear/", json={"ranges": ["A1"]}).status_code == 200
    query = {"valueInputOption": "RAW"}
    assert http.put(f"{book.url}/values/A1/", params=query, json={"values": [["x"]]}).status_code == 200
    assert http.get(f"{book.url}/values//A1").json()["values"] == [["x"]]


@pytest.mark.parametrize("title", ["a/b", "50%25", "a:b", "a!b", "it's", "/", "é🙂", "A1"])
def test_values_are_reached_under_any_title(open_sandbox: SheetsSandbox, title: str) -> None:
    spreadsheet = gspread_client(open_sandbox).open_by_key(open_sandbox.create_spreadsheet("Titles"))
    tab = spreadsheet.add_worksheet(title, rows=3, cols=3)
    tab.update([["x", 1]], "A1")
    tab.append_row(["y", 2], table_range="A1:B1")
    assert tab.get_all_values()[:2] == [["x", "1"], ["y", "2"]]
    tab.batch_clear(["A1:B1"])
    assert tab.acell("B2").value == "2"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("D3", "'D3'"),
        ("KPI26", "'KPI26'"),
        ("r1c1", "'r1c1'"),
        ("RC", "'RC'"),
        ("true", "'true'"),
        ("two words", "'two words'"),
        ("it's", "'it''s'"),
        ("2026", "'2026'"),
        ("Data", "Data"),
        ("ABCD1", "ABCD1"),
        ("D3_", "D3_"),
    ],
)
def test_a_title_that_reads_like_a_cell_comes_back_in_quotes(book: Book, title: str, written: str) -> None:
    properties = {"properties": {"title": title}, "fields": "title"}
    book.apply({"updateSheetProperties": properties})
    ranges = [f"{written}!A1:D4"]
    answer = http.get(f"{book.url}/values:batchGet", params={"ranges": ranges}).json()
    assert [one["range"] for one in answer["valueRanges"]] == ranges
    # The answer is a range that is understood again, in formulas, too.
    book.write([3])
    book.write([f"={written}!A1+1"], row=1)
    assert book.cell(1, 0)["effectiveValue"] == {"numberValue": 4}


@pytest.mark.parametrize("text", ["deals", "Sheet1!deals", "'Sheet1'!deals", "'Sheet1'!DEALS"])
def test_a_named_range_is_read_with_and_without_a_title(book: Book, text: str) -> None:
    book.write([1, 2], [3, 4])
    book.apply({"addNamedRange": {"namedRange": {"name": "deals", "range": area(0, 2, 1, 2)}}})
    answer = http.get(f"{book.url}/values/{text}").json()
    assert (answer["range"], answer["values"]) == ("Sheet1!B1:B2", [["2"], ["4"]])


def test_a_mask_narrows_every_answer_and_a_wrong_one_stops_the_write(book: Book) -> None:
    body = {"values": [["x"]]}
    address = f"{book.url}/values/A1"
    refused = http.put(address, params={"valueInputOption": "RAW", "fields": "updated"}, json=body)
    assert (refused.status_code, book.cell(0, 0)) == (400, {})
    written = http.put(address, params={"valueInputOption": "RAW", "fields": "updatedCells"}, json=body).json()
    assert written == {"updatedCells": 1}
    assert http.get(address, params={"fields": "values"}).json() == {"values": [["x"]]}
    rename = {"updateSheetProperties": {"properties": {"title": "T"}, "fields": "title"}}
    answer = http.post(f"{book.url}:batchUpdate", params={"fields": "replies"}, json={"requests": [rename]}).json()
    assert answer == {"replies": [{}]}
