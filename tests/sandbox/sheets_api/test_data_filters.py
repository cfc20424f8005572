"""Cells and metadata told by data filters: a range, or the developer metadata on a sheet, a row or a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, http, lines

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book

KEY = {"developerMetadataLookup": {"metadataKey": "kpi"}}


def marked(number: int, value: str, location: Body) -> Body:
    item = {"metadataId": number, "metadataKey": "kpi", "metadataValue": value, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**item, "location": location}}}


@pytest.fixture
def filled(book: Book) -> Book:
    """Two rows and two columns; metadata on the second row, the second column, another sheet and the spreadsheet."""
    book.write(["a", 1], ["b", 2.5])
    book.apply(
        {"addSheet": {"properties": {"sheetId": 7, "title": "It's 'B1'", "gridProperties": {"rowCount": 2}}}},
        marked(1, "row", {"dimensionRange": lines("ROWS", 1, 2)}),
        marked(2, "column", {"dimensionRange": lines("COLUMNS", 1, 2)}),
        marked(3, "sheet", {"sheetId": 7}),
        marked(4, "book", {"spreadsheet": True}),
    )
    return book


def post(book: Book, method: str, body: Body, status: int = 200) -> Body:
    answer = http.post(f"{book.url}{method}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def value(text: str) -> Body:
    return {"developerMetadataLookup": {"metadataValue": text}}


def test_values_are_read_by_range_and_by_metadata(filled: Book) -> None:
    filters = [{"a1Range": "A1:B1"}, {"gridRange": area(0, 2, 0, 2)}, value("row")]
    body = {"dataFilters": filters, "valueRenderOption": "UNFORMATTED_VALUE"}
    found = post(filled, "/values:batchGetByDataFilter", body)["valueRanges"]
    assert [one["valueRange"]["range"] for one in found] == ["Sheet1!A1:B1", "Sheet1!A1:B2", "Sheet1!A2:Z2"]
    assert [one["valueRange"]["values"] for one in found] == [[["a", 1]], [["a", 1], ["b", 2.5]], [["b", 2.5]]]
    assert [len(one["dataFilters"]) for one in found] == [1, 1, 1]
    assert [found[0]["dataFilters"], found[2]["dataFilters"]] == [[filters[0]], [filters[2]]]


def test_a_range_that_two_filters_select_is_told_once_with_both(filled: Book) -> None:
    filters = [{"a1Range": "Sheet1!A1"}, {"a1Range": "A1:A1"}, {"gridRange": {"endRowIndex": 1, "endColumnIndex": 1}}]
    [found] = post(filled, "/values:batchGetByDataFilter", {"dataFilters": filters})["valueRanges"]
    assert found["dataFilters"] == filters


def test_metadata_follows_its_row(filled: Book) -> None:
    filled.apply({"insertDimension": {"range": lines("ROWS", 0, 3)}})
    [found] = post(filled, "/values:batchGetByDataFilter", {"dataFilters": [value("row")]})["valueRanges"]
    assert (found["valueRange"]["range"], found["valueRange"]["values"]) == ("Sheet1!A5:Z5", [["b", "2.5"]])


def test_a_filter_that_selects_nothing_gives_nothing(filled: Book) -> None:
    body = {"dataFilters": [value("nobody's")]}
    assert post(filled, "/values:batchGetByDataFilter", body) == {"spreadsheetId": filled.id}
    assert post(filled, "/values:batchClearByDataFilter", body) == {"spreadsheetId": filled.id}
    assert post(filled, ":getByDataFilter", body)["sheets"] == []


def test_a_grid_range_is_read_within_the_sheets_bounds(filled: Book) -> None:
    million = {"gridRange": area(0, 1_000_000, 0, 1_000_000)}
    [found] = post(filled, "/values:batchGetByDataFilter", {"dataFilters": [million]})["valueRanges"]
    assert found["valueRange"]["range"] == "Sheet1!A1:Z1000"


@pytest.mark.parametrize(
    ("one", "text"),
    [
        ({}, "Must specify"),
        ({"gridRange": {"sheetId": 99}}, "No grid with id: 99"),
        ({"gridRange": area(1000, 1001, 0, 1)}, "no cell"),
        ({"a1Range": "Nobody!A1"}, "Unable to parse range: Nobody!A1"),
        ({"a1Range": "A1", "gridRange": {}}, "oneof field 'filter' is already set"),
    ],
)
def test_a_filter_without_cells_is_refused(filled: Book, one: Body, text: str) -> None:
    for method in (":getByDataFilter", "/values:batchGetByDataFilter", "/values:batchClearByDataFilter"):
        assert text in post(filled, method, {"dataFilters": [one]}, 400)["error"]["message"]


def test_values_are_written_to_every_range_that_a_filter_selects(filled: Book) -> None:
    filled.apply(marked(5, "row", {"dimensionRange": lines("ROWS", 4, 5)}))
    data = {"dataFilter": value("row"), "majorDimension": "ROWS", "values": [["=1+1", None, 3]]}
    body = {"valueInputOption": "USER_ENTERED", "data": [data], "includeValuesInResponse": True}
    answer = post(filled, "/values:batchUpdateByDataFilter", body)
    assert [one["updatedRange"] for one in answer["responses"]] == ["Sheet1!A2:C2", "Sheet1!A5:C5"]
    assert [one["updatedData"]["values"] for one in answer["responses"]] == [[["2", "2.5", "3"]], [["2", "", "3"]]]
    assert all(one["dataFilter"] == value("row") for one in answer["responses"])
    totals = {name: answer[name] for name in ("totalUpdatedRows", "totalUpdatedCells", "totalUpdatedSheets")}
    assert totals == {"totalUpdatedRows": 2, "totalUpdatedCells": 4, "totalUpdatedSheets": 1}


def test_values_beyond_the_selected_range_are_refused_and_nothing_is_written(filled: Book) -> None:
    data = [
        {"dataFilter": {"a1Range": "D1"}, "values": [["x"]]},
        {"dataFilter": {"a1Range": "A1"}, "values": [["x", "y"]]},
    ]
    body = {"valueInputOption": "RAW", "data": data}
    message = post(filled, "/values:batchUpdateByDataFilter", body, 400)["error"]["message"]
    assert "tried writing to column [B]" in message
    assert filled.cell(0, 3) == {}


def test_values_are_cleared_by_filter(filled: Book) -> None:
    cleared = post(filled, "/values:batchClearByDataFilter", {"dataFilters": [value("column"), {"a1Range": "A2"}]})
    assert cleared["clearedRanges"] == ["Sheet1!B1:B1000", "Sheet1!A2"]
    assert http.get(f"{filled.url}/values/Sheet1").json()["values"] == [["a"]]


def test_a_spreadsheet_is_read_by_filter(filled: Book) -> None:
    found = post(filled, ":getByDataFilter", {"dataFilters": [value("row"), value("sheet")], "includeGridData": True})
    assert [sheet["properties"]["title"] for sheet in found["sheets"]] == ["Sheet1", "It's 'B1'"]
    assert found["sheets"][0]["data"][0]["startRow"] == 1
    assert len(found["sheets"][1]["data"][0]["rowMetadata"]) == 2
    without = post(filled, ":getByDataFilter", {"dataFilters": [{"a1Range": "A1"}]})
    assert "data" not in without["sheets"][0]
    assert post(filled, ":getByDataFilter", {}) == filled.get()
    masked = http.post(f"{filled.url}:getByDataFilter", json={}, params={"fields": "sheets.properties.title"}).json()
    assert masked["sheets"][1] == {"properties": {"title": "It's 'B1'"}}


def test_metadata_of_the_spreadsheet_stands_for_all_its_cells(filled: Book) -> None:
    found = post(filled, "/values:batchGetByDataFilter", {"dataFilters": [value("book")]})["valueRanges"]
    assert [one["valueRange"]["range"] for one in found] == ["Sheet1!A1:Z1000", "'It''s ''B1'''!A1:Z2"]


@pytest.mark.parametrize(
    ("one", "ids"),
    [
        (KEY, [1, 2, 3, 4]),
        ({"developerMetadataLookup": {"metadataKey": "kpi", "locationType": "ROW"}}, [1]),
        ({"a1Range": "Sheet1!A1:A2"}, [1]),
        ({"gridRange": area(0, 1, 1, 2)}, [2]),
        ({"gridRange": {"sheetId": 7}}, [3]),
        # The second column meets the second row.
        ({"developerMetadataLookup": {"metadataLocation": {"dimensionRange": lines("ROWS", 1, 2)}}}, [1, 2]),
        ({"developerMetadataLookup": {"metadataLocation": {"sheetId": 7}}}, [3]),
        ({"developerMetadataLookup": {"metadataLocation": {"spreadsheet": True}}}, [4]),
        (
            {
                "developerMetadataLookup": {
                    "metadataLocation": {"dimensionRange": lines("ROWS", 1, 2)},
                    "locationMatchingStrategy": "EXACT_LOCATION",
                }
            },
            [1],
        ),
    ],
)
def test_metadata_is_searched_by_lookup_and_by_range(filled: Book, one: Body, ids: list[int]) -> None:
    found = post(filled, "/developerMetadata:search", {"dataFilters": [one]}).get("matchedDeveloperMetadata", [])
    assert [item["developerMetadata"]["metadataId"] for item in found] == ids


def test_metadata_is_read_by_its_id(filled: Book) -> None:
    assert http.get(f"{filled.url}/developerMetadata/3").json()["location"] == {"locationType": "SHEET", "sheetId": 7}
    assert http.get(f"{filled.url}/developerMetadata/99").status_code == 404


def test_metadata_is_changed_and_deleted_where_it_stands(filled: Book) -> None:
    change = {"dataFilters": [{"a1Range": "A2"}], "developerMetadata": {"metadataValue": "new"}}
    [changed, deleted] = filled.apply(
        {"updateDeveloperMetadata": {**change, "fields": "metadataValue"}},
        {"deleteDeveloperMetadata": {"dataFilter": {"a1Range": "B1"}}},
    )
    assert [one["metadataId"] for one in changed["updateDeveloperMetadata"]["developerMetadata"]] == [1]
    assert [one["metadataId"] for one in deleted["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]] == [2]
    assert "Must specify a data filter" in filled.refusal({"deleteDeveloperMetadata": {}})


@pytest.mark.parametrize("place", ["spreadsheet", "sheet", "row"])
def test_metadata_beyond_thirty_thousand_characters_a_place_are_refused(book: Book, place: str) -> None:
    locations = {
        "spreadsheet": {"spreadsheet": True},
        "sheet": {"sheetId": 0},
        "row": {"dimensionRange": lines("ROWS", 0, 1)},
    }

    def noted(key: str, size: int, where: Body) -> Body:
        said = {
            "metadataKey": key,
            "metadataValue": "x" * (size - len(key)),
            "visibility": "DOCUMENT",
            "location": where,
        }
        return {"createDeveloperMetadata": {"developerMetadata": said}}

    book.apply(noted("full", 30_000, locations[place]))
    refusal = book.refusal(noted("k", 1, locations[place]))
    assert "more than 30000 characters" in refusal
    # Rows count with their sheet; the spreadsheet counts for itself.
    other = "spreadsheet" if place != "spreadsheet" else "sheet"
    book.apply(noted("full", 30_000, locations[other]))
    lookup = {"developerMetadataLookup": {"metadataKey": "full"}}
    longer = {"developerMetadata": {"metadataValue": "x" * 30_001}, "dataFilters": [lookup], "fields": "metadataValue"}
    assert "more than 30000 characters" in book.refusal({"updateDeveloperMetadata": longer})


def test_metadata_changed_under_a_mask_of_everything_keep_id_and_place(filled: Book) -> None:
    address = f"{filled.url}/developerMetadata/3"
    item = http.get(address).json()
    lookup = {"developerMetadataLookup": {"metadataId": 3}}
    said = {"metadataKey": "new", "visibility": "DOCUMENT"}
    filled.apply({"updateDeveloperMetadata": {"developerMetadata": said, "dataFilters": [lookup], "fields": "*"}})
    changed = http.get(address).json()
    assert (changed["metadataKey"], changed["location"]) == ("new", item["location"])
    assert "metadataValue" not in changed
