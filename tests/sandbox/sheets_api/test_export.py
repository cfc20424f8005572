"""Spreadsheets as files, read again by another program."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from gspread.utils import ExportFormat
from openpyxl import load_workbook

from tests.sandbox.sheets_api.support import area, formatted, gspread_client, http, lines
from tests.sandbox.sheets_api.workbook import NOTE, TITLE, workbook_requests

if TYPE_CHECKING:
    import httpx
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from sandbox.sheets_api import SheetsSandbox
    from tests.sandbox.sheets_api.support import Body, Book


def export(book: Book, **query: Any) -> httpx.Response:
    return http.get(f"{book.sandbox.url}/spreadsheets/d/{book.id}/export", params=query)


def workbook(book: Book, *, values: bool = False) -> Workbook:
    """The exported workbook; with values, what the cells are worth without anything being computed."""
    answer = export(book, format="xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content), data_only=values)


def sheet(book: Book, *, values: bool = False) -> Worksheet:
    return workbook(book, values=values).worksheets[0]


def rename(title: str, sheet_id: int = 0) -> Body:
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "title": title}, "fields": "title"}}


def test_a_workbook_has_what_the_spreadsheet_shows(book: Book) -> None:
    book.apply(*workbook_requests())
    growth, reps = workbook(book).worksheets
    assert (growth["A1"].value, growth["C4"].value, growth["D5"].value) == (TITLE, 5, 0.05)
    assert growth["B4"].is_date
    assert growth["B4"].number_format == "mmm yyyy"
    assert growth["E4"].number_format == '"$"#,##0.00'
    assert (growth["A1"].font.bold, growth["A1"].font.sz) == (True, 16)
    assert (growth["A3"].fill.fgColor.rgb, growth["A3"].font.color.rgb) == ("FF194CA5", "FFFFFFFF")
    assert (growth["A3"].alignment.horizontal, growth["A3"].alignment.wrap_text) == ("center", True)
    assert growth["A3"].border.bottom.style == "medium"
    assert NOTE in growth["C3"].comment.text
    assert growth.freeze_panes == "C4"
    assert growth.column_dimensions["A"].width < growth.column_dimensions["B"].width
    assert growth.row_dimensions[4].outlineLevel == 1
    assert growth.sheet_properties.tabColor.rgb == "FF0066FF"
    assert reps.title == "Reps & teams"
    # The header of the alternating colours.
    assert reps["A1"].fill.fgColor.rgb == "FFCCE5CC"
    assert reps["E2"].value == '=HYPERLINK("https://app.close.com/user/0", "Open 0")'


def test_a_reader_that_computes_nothing_sees_numbers(book: Book) -> None:
    book.write([1, 2, "=A1+B1", '="a"&A1', "=A1>0", "=1/0", "=SPARKLINE(A1:B1)", '=HYPERLINK("https://x.y","go")'])
    worth, typed = sheet(book, values=True), sheet(book)
    assert [worth.cell(1, at).value for at in (3, 4, 5, 6, 8)] == [3, "a1", True, "#DIV/0!", "go"]
    assert [typed.cell(1, at).value for at in (3, 6)] == ["=A1+B1", "=1/0"]
    # As Google tells a function that Excel lacks.
    assert typed["G1"].value == '=IFERROR(__xludf.DUMMYFUNCTION("SPARKLINE(A1:B1)"),"")'


def test_formulas_of_a_locale_with_decimal_commas_read_as_in_every_workbook(book: Book) -> None:
    book.apply({"updateSpreadsheetProperties": {"properties": {"locale": "de_DE"}, "fields": "locale"}})
    book.write([2, "=SUM(A1;0,5;1)", '=IF(A1>1;"a;b";"")'])
    assert [sheet(book)["B1"].value, sheet(book)["C1"].value] == ["=SUM(A1,0.5,1)", '=IF(A1>1,"a;b","")']
    assert sheet(book, values=True)["B1"].value == 3.5


def test_titles_that_excel_refuses_are_replaced_and_formulas_follow(book: Book) -> None:
    long = "A title of more than thirty-one characters"
    added = [
        {"addSheet": {"properties": {"sheetId": at, "title": f"{long}{end}"}}} for at, end in ((5, " one"), (6, " two"))
    ]
    book.apply(*added, rename("Q1: a/b [x]?*"))
    book.write([7], sheet=6)
    book.write([1, f"='{long} two'!A1*2", "='Q1: a/b [x]?*'!A1"])
    assert [one.title for one in workbook(book)] == [
        "Q1_ a_b _x___",
        "A title of more than thirty-one",
        "A title of more than thirty (2)",
    ]
    assert sheet(book)["B1"].value == "='A title of more than thirty (2)'!A1*2"
    assert (sheet(book, values=True)["B1"].value, sheet(book, values=True)["C1"].value) == (14, 1)


@pytest.mark.parametrize("title", ["'", "''", "History", "=A1", "été 🙂", "a" * 100, "<&>", "A1", " "])
def test_any_title_makes_a_workbook(book: Book, title: str) -> None:
    book.apply(rename(title))
    book.write(["x", "=A1"])
    assert sheet(book, values=True)["B1"].value == "x"


def test_merges_hidden_sheets_links_and_names(book: Book) -> None:
    link = {"textFormat": {"link": {"uri": "https://example.org/?a=1&b=2"}}}
    inside = {"textFormat": {"link": {"uri": "#gid=5"}}}
    mask = "userEnteredFormat.textFormat.link"
    book.write(["far", None, "near", 12])
    book.apply(
        {"addSheet": {"properties": {"sheetId": 5, "title": "Hidden", "hidden": True}}},
        {"mergeCells": {"range": area(0, 2, 0, 2)}},
        formatted(area(0, 1, 0, 1), link, mask),
        formatted(area(0, 1, 2, 4), inside, mask),
        {"addNamedRange": {"namedRange": {"name": "near_ones", "range": area(0, 1, 2, 4)}}},
        {
            "updateDimensionProperties": {
                "range": lines("ROWS", 4, 5),
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
    )
    found = workbook(book)
    first = found.worksheets[0]
    assert [str(one) for one in first.merged_cells.ranges] == ["A1:B2"]
    assert (first["A1"].value, first["A1"].hyperlink.target) == ("far", "https://example.org/?a=1&b=2")
    assert (first["C1"].hyperlink.location, first["D1"].value) == ("'Hidden'!A1", 12)
    assert first.row_dimensions[5].hidden
    assert [one.sheet_state for one in found.worksheets] == ["visible", "hidden"]
    assert found.defined_names["near_ones"].attr_text == "'Sheet1'!$C$1:$D$1"


def test_texts_stay_texts(book: Book) -> None:
    texts = ["'=1+1", "https://example.org", "0012", "x" * 40_000]
    cells = [{"userEnteredValue": {"stringValue": text}} for text in ["=1+1", *texts[1:]]]
    book.apply({"updateCells": {"start": {}, "rows": [{"values": cells}], "fields": "userEnteredValue"}})
    first = sheet(book)
    assert [first.cell(1, at).data_type for at in range(1, 5)] == ["s", "s", "s", "s"]
    assert [first["B1"].value, first["C1"].value, len(first["D1"].value)] == ["https://example.org", "0012", 32_767]


def test_an_empty_spreadsheet_is_an_empty_workbook(book: Book) -> None:
    assert (sheet(book).max_row, sheet(book)["A1"].value) == (1, None)
    assert export(book, format="csv").content == b""


def test_a_csv_is_what_the_sheet_shows(book: Book) -> None:
    book.write(["a,b", 'say "x"'], [], [None, 0.5, None], ["é\nè"])
    book.apply(
        formatted(
            area(2, 3, 1, 2), {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}, "userEnteredFormat.numberFormat"
        )
    )
    answer = export(book, format="csv", gid="0")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''Test%20-%20Sheet1.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    assert rows == [["a,b", 'say "x"'], ["", ""], ["", "50%"], ["é\nè", ""]]


def test_a_csv_is_of_the_asked_tab(book: Book) -> None:
    book.apply({"addSheet": {"properties": {"sheetId": 8, "title": "Other"}}})
    book.write(["x"], sheet=8)
    assert export(book, format="csv", gid=8).content == b"x"
    assert export(book, format="csv", gid=9).status_code == 400
    assert export(book, format="pdf").status_code == 400


def test_a_spreadsheet_that_is_not_there_is_a_404(book: Book) -> None:
    assert http.get(f"{book.sandbox.url}/spreadsheets/d/nothing/export?format=xlsx").status_code == 404


def test_gspread_exports_through_drive(sandbox: SheetsSandbox) -> None:
    client = gspread_client(sandbox, ["https://www.googleapis.com/auth/drive"])
    made = client.create("Close KPIs")
    made.sheet1.update([["a", 1]], "A1")
    assert load_workbook(io.BytesIO(made.export(ExportFormat.EXCEL))).worksheets[0]["B1"].value == 1
    assert made.export(ExportFormat.CSV) == b"a,1"
