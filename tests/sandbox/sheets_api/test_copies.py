"""Copies of tabs and spreadsheets, with each of the readings of what Google does with developer metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sheets_api import SheetsSandbox
from tests.sandbox.sheets_api.support import Book, area, gspread_client, http, lines
from tests.sandbox.sheets_api.workbook import workbook_requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.sheets_api.support import Body

DRIVE = ["https://www.googleapis.com/auth/drive"]


@pytest.fixture
def copying(tmp_path: Path) -> Iterator[SheetsSandbox]:
    """A sandbox of the test's own, without tokens."""
    with SheetsSandbox(tmp_path / "state", anonymous=True) as running:
        yield running


def ids(sheet: Body) -> list[int]:
    return [item["metadataId"] for item in sheet.get("developerMetadata", [])]


def choose(sandbox: SheetsSandbox, how: str) -> int:
    return http.post(f"{sandbox.url}/_sandbox/copies", json={"metadata": how}).status_code


def filled(sandbox: SheetsSandbox, title: str) -> Book:
    """A spreadsheet with a tab of everything; metadata 5 is on the tab, 6 on a row of it."""
    book = Book(sandbox, sandbox.create_spreadsheet(title))
    row = {
        "metadataId": 6,
        "metadataKey": "kpi",
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": lines("ROWS", 3, 4)},
    }
    book.apply(*workbook_requests(), {"createDeveloperMetadata": {"developerMetadata": row}})
    return book


def rows_marked(book: Book, sheet: int) -> list[int]:
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "kpi"}}]}
    found = http.post(f"{book.url}/developerMetadata:search", json=body).json().get("matchedDeveloperMetadata", [])
    spans = [one["developerMetadata"]["location"]["dimensionRange"] for one in found]
    return [span["startIndex"] for span in spans if span.get("sheetId", 0) == sheet]


@pytest.mark.parametrize("how", ["same_ids", "new_ids", "none"])
def test_a_duplicate_has_the_metadata_that_is_chosen(copying: SheetsSandbox, how: str) -> None:
    book = filled(copying, "Source")
    assert choose(copying, how) == 200
    book.apply({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 9, "insertSheetIndex": 1}})
    source, copy, _ = book.get()["sheets"]
    assert (ids(source), rows_marked(book, 0)) == ([5], [3])
    assert (len(ids(copy)), rows_marked(book, 9)) == ((0, []) if how == "none" else (1, [3]))
    # Ids are unique in a spreadsheet.
    assert ids(copy) != [5]


@pytest.mark.parametrize(("how", "kept"), [("same_ids", [5]), ("new_ids", None), ("none", [])])
def test_a_tab_copied_to_another_spreadsheet(copying: SheetsSandbox, how: str, kept: list[int] | None) -> None:
    source, target = filled(copying, "Source"), Book(copying, copying.create_spreadsheet("Target"))
    choose(copying, how)
    answer = http.post(f"{source.url}/sheets/0:copyTo", json={"destinationSpreadsheetId": target.id})
    properties = answer.json()
    assert (answer.status_code, properties["title"], properties["index"]) == (200, "Copy of Growth", 1)
    copy = target.sheet(1)
    assert copy["properties"] == properties
    assert copy["data"][0]["rowData"] == source.sheet(0)["data"][0]["rowData"]
    assert [one["range"]["sheetId"] for one in copy["protectedRanges"]] == [properties["sheetId"]]
    assert copy["charts"][0]["position"]["overlayPosition"]["anchorCell"]["sheetId"] == properties["sheetId"]
    assert ids(copy) == kept if kept is not None else ids(copy) != [5]
    assert len(source.get()["sheets"]) == 2


def test_a_copy_of_a_copy_is_numbered(copying: SheetsSandbox) -> None:
    book = filled(copying, "Source")
    for _ in range(3):
        http.post(f"{book.url}/sheets/77:copyTo", json={"destinationSpreadsheetId": book.id})
    book.apply({"duplicateSheet": {"sourceSheetId": 77}})
    titles = [sheet["properties"]["title"] for sheet in book.get()["sheets"]]
    wanted = {"Copy of Reps & teams", *(f"Copy of Reps & teams {number}" for number in (2, 3, 4))}
    assert {*titles} == {"Growth", "Reps & teams"} | wanted


def test_a_copied_title_is_as_long_as_a_title_may_be(copying: SheetsSandbox) -> None:
    book = Book(copying, copying.create_spreadsheet("Source"))
    long = {"properties": {"title": "x" * 100}, "fields": "title"}
    book.apply({"updateSheetProperties": long}, {"duplicateSheet": {}}, {"duplicateSheet": {}})
    titles = [sheet["properties"]["title"] for sheet in book.get()["sheets"]]
    assert sorted(map(len, titles)) == [100, 100, 100]
    assert len(set(titles)) == 3


def test_a_whole_protected_tab_is_copied_with_its_protection(copying: SheetsSandbox) -> None:
    book = Book(copying, copying.create_spreadsheet("Source"))
    book.apply(
        {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "warningOnly": True}}},
        {"duplicateSheet": {"newSheetId": 4}},
    )
    copy = next(sheet for sheet in book.get()["sheets"] if sheet["properties"]["sheetId"] == 4)
    assert copy["protectedRanges"][0]["range"] == {"sheetId": 4}


def test_charts_over_other_tabs_are_not_copied_to_another_spreadsheet(copying: SheetsSandbox) -> None:
    source, target = Book(copying, copying.create_spreadsheet("A")), Book(copying, copying.create_spreadsheet("B"))
    data = {"sourceRange": {"sources": [area(0, 3, 0, 1, sheet=3)]}}
    spec = {"basicChart": {"chartType": "LINE", "series": [{"series": data}]}}
    source.apply({"addSheet": {"properties": {"sheetId": 3}}}, {"addChart": {"chart": {"spec": spec}}})
    http.post(f"{source.url}/sheets/0:copyTo", json={"destinationSpreadsheetId": target.id})
    assert "charts" not in target.get()["sheets"][1]
    source.apply({"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1}})
    assert len(source.get()["sheets"][1]["charts"]) == 1


@pytest.mark.parametrize(
    ("path", "to", "status"), [("9", None, 400), ("0", "nothing", 404), ("0", "", 404), ("x", None, 404)]
)
def test_what_is_not_there_is_not_copied(copying: SheetsSandbox, path: str, to: str | None, status: int) -> None:
    book = Book(copying, copying.create_spreadsheet("Source"))
    body = {"destinationSpreadsheetId": book.id if to is None else to}
    assert http.post(f"{book.url}/sheets/{path}:copyTo", json=body).status_code == status


def test_no_more_cells_are_copied_than_a_spreadsheet_may_have(copying: SheetsSandbox) -> None:
    book = Book(copying, copying.create_spreadsheet("Source"))
    grid = {"rowCount": 1_000_000, "columnCount": 6}
    mask = "gridProperties.rowCount,gridProperties.columnCount"
    book.apply({"updateSheetProperties": {"properties": {"gridProperties": grid}, "fields": mask}})
    answer = http.post(f"{book.url}/sheets/0:copyTo", json={"destinationSpreadsheetId": book.id})
    assert answer.status_code == 400
    assert "10000000 cells" in answer.json()["error"]["message"]
    assert "10000000 cells" in book.refusal({"duplicateSheet": {}})
    assert len(book.get()["sheets"]) == 1


@pytest.mark.parametrize(("how", "kept"), [("same_ids", [5]), ("new_ids", None), ("none", [])])
def test_a_copied_spreadsheet_keeps_the_ids_of_its_tabs(
    sandbox: SheetsSandbox, how: str, kept: list[int] | None
) -> None:
    client = gspread_client(sandbox, DRIVE)
    source = client.create("Source")
    source.batch_update({"requests": workbook_requests()})
    sandbox.store.copied_metadata = how
    copied = client.copy(source.id, title="Second")
    sheets = copied.fetch_sheet_metadata()["sheets"]
    assert [one["properties"]["sheetId"] for one in sheets] == [0, 77]
    assert ids(sheets[0]) == kept if kept is not None else ids(sheets[0]) != [5]
    assert ids(source.fetch_sheet_metadata()["sheets"][0]) == [5]


def test_gspread_copies_a_tab(sandbox: SheetsSandbox) -> None:
    client = gspread_client(sandbox, DRIVE)
    source, target = client.create("Source"), client.create("Target")
    source.sheet1.update([["x"]], "A1")
    properties = source.sheet1.copy_to(target.id)
    assert target.get_worksheet_by_id(properties["sheetId"]).acell("A1").value == "x"


def test_an_unknown_choice_is_refused(copying: SheetsSandbox) -> None:
    assert choose(copying, "some") == 400
