"""spreadsheets.batchUpdate as a whole: all or nothing, and what is refused before anything is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.sheets_api.support import area, formatted, http

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book

ADD = {"addSheet": {"properties": {"sheetId": 7, "title": "Growth"}}}


def write(value: str, sheet: int = 0) -> Body:
    rows = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
    return {"updateCells": {"range": area(0, 1, 0, 1, sheet), "rows": rows, "fields": "userEnteredValue"}}


def test_one_bad_request_leaves_nothing_of_the_batch(book: Book) -> None:
    before = book.get(includeGridData="true")
    message = book.refusal(ADD, write("x", 7), write("y", 99))
    assert message == "Invalid requests[2].updateCells: No grid with id: 99"
    assert book.get(includeGridData="true") == before


def test_later_requests_see_what_earlier_ones_did(book: Book) -> None:
    replies = book.apply(ADD, write("x", 7))
    assert replies[0]["addSheet"]["properties"]["sheetId"] == 7
    assert replies[1] == {}
    assert book.cell(0, 0, 1)["formattedValue"] == "x"


def test_a_batch_without_requests_is_refused(book: Book) -> None:
    assert book.refusal() == "Must specify at least one request."


def test_a_request_without_a_kind_is_refused(book: Book) -> None:
    assert book.refusal({}) == "Invalid requests[0]: No request set."


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        (
            {"addSheeet": {}},
            "Invalid JSON payload received. Unknown name \"addSheeet\" at 'requests[0]': Cannot find field.",
        ),
        (
            {"addSheet": {"properties": {"sheetid": 4}}},
            "Invalid JSON payload received. Unknown name \"sheetid\" at 'requests[0].add_sheet.properties': "
            "Cannot find field.",
        ),
        (
            {"mergeCells": {"range": area(0, 1, 0, 2), "mergeType": "MIDDLE"}},
            "Invalid value at 'requests[0].merge_cells.merge_type' "
            '(type.googleapis.com/google.apps.sheets.v4.MergeType), "MIDDLE"',
        ),
        (
            {"deleteSheet": {"sheetId": "first"}},
            "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"first\"",
        ),
        (
            {"deleteSheet": {"sheetId": 2**31}},
            "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), 2147483648",
        ),
        (
            {"deleteSheet": {"sheetId": 1}, "addSheet": {}},
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'addSheet'",
        ),
        (
            formatted(area(0, 1, 0, 1), {"textFormat": {"bold": "yes"}}, "userEnteredFormat"),
            "Invalid value at 'requests[0].repeat_cell.cell.user_entered_format.text_format.bold' (TYPE_BOOL), \"yes\"",
        ),
    ],
)
def test_a_body_that_is_not_the_schemas_is_refused_with_googles_text(
    book: Book, request_body: Body, message: str
) -> None:
    assert book.refusal(request_body) == message


def test_every_violation_is_listed(book: Book) -> None:
    answer = book.post({"addSheet": {"a": 1}}, {"deleteSheet": {"b": 2}}).json()["error"]
    fields = [item["field"] for item in answer["details"][0]["fieldViolations"]]
    assert fields == ["requests[0].add_sheet", "requests[1].delete_sheet"]
    assert len(answer["message"].splitlines()) == 2


def test_a_body_that_is_no_json_is_refused(book: Book) -> None:
    answer = http.post(f"{book.url}:batchUpdate", content="{requests")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received.")


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ("", "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ("userEnteredFormat.textformat", "Invalid field: userEnteredFormat.textformat"),
        ("userEnteredFormat(textFormat.bold,nothing)", "Invalid field: userEnteredFormat.nothing"),
        ("userEnteredFormat(", "Invalid field mask: userEnteredFormat("),
    ],
)
def test_a_mask_that_names_no_field_is_refused(book: Book, mask: str, message: str) -> None:
    refused = book.refusal(formatted(area(0, 1, 0, 1), {}, mask))
    assert refused == f"Invalid requests[0].repeatCell: {message}"


def test_a_kind_the_sandbox_does_not_know_is_named(book: Book) -> None:
    message = book.refusal({"refreshDataSource": {}})
    assert message == "Invalid requests[0].refreshDataSource: The sandbox does not support this kind of request."


@pytest.mark.parametrize("value", [None, "1", 1.0])
def test_null_means_default_and_numbers_may_be_texts(book: Book, value: Any) -> None:
    reply = book.apply({"addSheet": {"properties": {"title": "T", "index": value, "tabColor": None}}})
    assert "tabColor" not in reply[0]["addSheet"]["properties"]


def test_the_spreadsheet_comes_back_when_asked_for(book: Book) -> None:
    body = {
        "requests": [write("x")],
        "includeSpreadsheetInResponse": True,
        "responseIncludeGridData": True,
        "responseRanges": ["Sheet1!A1"],
    }
    answer = http.post(f"{book.url}:batchUpdate", json=body).json()
    data = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]
    assert data["rowData"][0]["values"][0]["userEnteredValue"] == {"stringValue": "x"}


def test_lists_of_requests_within_a_list_are_read_as_one(book: Book) -> None:
    def rename(title: str) -> Body:
        return {"updateSheetProperties": {"properties": {"title": title}, "fields": "title"}}

    body = {"requests": [[rename("A"), [rename("B")]], rename("C"), []]}
    answer = http.post(f"{book.url}:batchUpdate", json=body)
    assert answer.json()["replies"] == [{}, {}, {}]
    assert book.get()["sheets"][0]["properties"]["title"] == "C"


def test_one_request_stands_for_a_list_of_it(book: Book) -> None:
    rename = {"updateSheetProperties": {"properties": {"title": "Alone"}, "fields": "title"}}
    assert http.post(f"{book.url}:batchUpdate", json={"requests": rename}).json()["replies"] == [{}]
    assert book.get()["sheets"][0]["properties"]["title"] == "Alone"


def test_a_mask_through_a_list_replaces_the_list(book: Book) -> None:
    runs = [{"startIndex": 0, "format": {"bold": True}}, {"startIndex": 2, "format": {"italic": True}}]
    cell = {"userEnteredValue": {"stringValue": "text"}, "textFormatRuns": runs}
    mask = "userEnteredValue,textFormatRuns.startIndex,textFormatRuns.format.bold"
    book.apply({"repeatCell": {"range": area(0, 1, 0, 1), "cell": cell, "fields": mask}})
    assert [run.get("startIndex", 0) for run in book.cell(0, 0)["textFormatRuns"]] == [0, 2]
