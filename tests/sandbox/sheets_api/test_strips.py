"""Cells that are inserted or deleted within a sheet: the strip behind them moves, and what means its cells follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.sheets_api.support import area, http, lines

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book


def insert(dimension: str, block: Body) -> Body:
    return {"insertRange": {"range": block, "shiftDimension": dimension}}


def delete(dimension: str, block: Body) -> Body:
    return {"deleteRange": {"range": block, "shiftDimension": dimension}}


def values(book: Book) -> list[list[Any]]:
    query = {"valueRenderOption": "FORMULA"}
    return http.get(f"{book.url}/values/Sheet1", params=query).json().get("values", [])


def test_inserted_cells_push_the_strip_down(book: Book) -> None:
    book.write(["a", 1, "x"], ["b", 2, "y"], ["=SUM(B1:B2)", "=A1&C1", "=SUM(A1:C2)"])
    book.apply(insert("ROWS", area(0, 2, 1, 2)))
    assert values(book) == [
        ["a", "", "x"],
        ["b", "", "y"],
        ["=SUM(B3:B4)", 1, "=SUM(A1:C2)"],
        ["", 2],
        ["", "=A1&C1"],
    ]


def test_inserted_cells_push_the_strip_to_the_right(book: Book) -> None:
    book.write([1, 2, 3], ["=SUM(A1:C1)", "=B1", "=$C$1"])
    book.apply(insert("COLUMNS", area(0, 1, 1, 3)))
    assert values(book) == [[1, "", "", 2, 3], ["=SUM(A1:E1)", "=D1", "=$E$1"]]


def test_deleted_cells_are_replaced_by_those_below_or_to_the_right(book: Book) -> None:
    book.write([1, 2, 3], [4, 5, 6], ["=A2", "=B1", "=SUM(A1:A2)"])
    book.apply(delete("ROWS", area(0, 1, 0, 1)))
    assert values(book) == [[4, 2, 3], ["=A1", 5, 6], ["", "=B1", "=SUM(A1:A1)"]]
    book.apply(delete("COLUMNS", area(0, 1, 0, 1)))
    assert values(book) == [[2, 3], ["=#REF!", 5, 6], ["", "=A1", "=SUM(#REF!)"]]


def test_ranges_within_the_strip_move_and_wider_ones_stay(book: Book) -> None:
    band = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    metadata = {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": lines("ROWS", 5, 6)}}
    rule = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}
    book.apply(
        {"addNamedRange": {"namedRange": {"name": "inside", "range": area(4, 6, 1, 2)}}},
        {"addNamedRange": {"namedRange": {"name": "wider", "range": area(4, 6, 0, 2)}}},
        {"addBanding": {"bandedRange": {"range": area(4, 6, 1, 3), "rowProperties": band}}},
        {"addConditionalFormatRule": {"rule": {**rule, "ranges": [area(4, 6, 2, 3), area(4, 6, 8, 9)]}}},
        {"mergeCells": {"range": area(8, 9, 1, 3)}},
        {"createDeveloperMetadata": {"developerMetadata": metadata}},
        insert("ROWS", area(0, 3, 1, 3)),
    )
    found, sheet = book.get(), book.get()["sheets"][0]
    rows = {one["name"]: one["range"]["startRowIndex"] for one in found["namedRanges"]}
    assert rows == {"inside": 7, "wider": 4}
    assert sheet["bandedRanges"][0]["range"]["startRowIndex"] == 7
    assert [one["startRowIndex"] for one in sheet["conditionalFormats"][0]["ranges"]] == [7, 4]
    assert sheet["merges"][0]["startRowIndex"] == 11
    where = http.post(f"{book.url}/developerMetadata:search", json={"dataFilters": [{"a1Range": "A6"}]}).json()
    assert len(where["matchedDeveloperMetadata"]) == 1


def test_a_rule_loses_only_the_ranges_that_are_deleted(book: Book) -> None:
    rule = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}
    book.apply(
        {"addConditionalFormatRule": {"rule": {**rule, "ranges": [area(1, 2, 1, 2), area(1, 2, 5, 6)]}}},
        {"addNamedRange": {"namedRange": {"name": "gone", "range": area(1, 2, 1, 2)}}},
        delete("ROWS", area(0, 3, 0, 3)),
    )
    assert [one["startColumnIndex"] for one in book.get()["sheets"][0]["conditionalFormats"][0]["ranges"]] == [5]
    assert "namedRanges" not in book.get()


def test_the_grid_grows_for_what_would_leave_it(book: Book) -> None:
    small = {"properties": {"gridProperties": {"rowCount": 2}}, "fields": "gridProperties.rowCount"}
    book.apply({"updateSheetProperties": small})
    book.write(["a"], ["b"])
    book.apply(insert("ROWS", area(0, 2, 0, 1)))
    assert book.get()["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 4
    book.apply(insert("ROWS", area(0, 2, 5, 6)))
    assert book.get()["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 4


def test_a_range_is_cut_to_the_bounds_of_its_sheet(book: Book) -> None:
    book.write(["a"], ["b"])
    book.apply(delete("ROWS", area(1, 1_000_000, 0, 1)))
    assert values(book) == [["a"]]
    book.apply(delete("COLUMNS", {}))
    assert values(book) == []


@pytest.mark.parametrize(
    ("request_of", "text"),
    [
        ({"insertRange": {"shiftDimension": "ROWS"}}, "Must specify a range."),
        ({"deleteRange": {"range": area(0, 1, 0, 1)}}, "Must specify a shiftDimension."),
        (insert("ROWS", area(0, 1, 0, 1, sheet=9)), "No grid with id: 9"),
        (insert("ROWS", area(3, 3, 0, 1)), "must be greater than"),
        (insert("ROWS", area(5000, 5001, 0, 1)), "exceeds grid limits"),
    ],
)
def test_a_range_without_cells_or_direction_is_refused(book: Book, request_of: Body, text: str) -> None:
    assert text in book.refusal(request_of)


def test_merged_cells_are_not_torn_apart(book: Book) -> None:
    book.apply({"mergeCells": {"range": area(3, 5, 0, 2)}})
    assert "merged cells" in book.refusal(insert("ROWS", area(0, 1, 0, 1)))
    book.apply(insert("ROWS", area(5, 6, 0, 1)), insert("ROWS", area(0, 1, 0, 2)))
    assert book.get()["sheets"][0]["merges"][0]["startRowIndex"] == 4
