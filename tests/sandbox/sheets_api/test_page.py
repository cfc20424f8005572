"""The workbook's page: everything that was written is on it, escaped and self-contained."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import Book, area, formatted, http, lines
from tests.sandbox.sheets_api.workbook import NOTE, REPS, TITLE, workbook_requests

if TYPE_CHECKING:
    from sandbox.sheets_api import SheetsSandbox

VOID = {"meta", "link", "col", "input", "br"}


class Page(HTMLParser):
    """The page as flat lists of elements with their texts; knows whether tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}, []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}, []))

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert self.elements[opened][0] == tag

    def handle_data(self, data: str) -> None:
        for at in self._open:
            self.elements[at][2].append(data)

    def texts(self, tag: str, name: str = "") -> list[str]:
        return [
            "".join(parts)
            for element, attributes, parts in self.elements
            if element == tag and (not name or name in attributes.get("class", "").split())
        ]

    def having(self, tag: str, attribute: str) -> list[dict[str, str]]:
        return [attributes for element, attributes, _ in self.elements if element == tag and attribute in attributes]


@pytest.fixture
def filled(book: Book) -> Book:
    book.apply(*workbook_requests())
    return book


def test_every_shown_value_is_on_the_page(filled: Book) -> None:
    cells = set(Page(filled.page()).texts("td"))
    sheets = filled.get(includeGridData="true")["sheets"]
    expected = {
        cell["formattedValue"]
        for sheet in sheets
        for row in sheet["data"][0]["rowData"]
        for cell in row.get("values", [])
        if "formattedValue" in cell
    }
    assert {"Jan 2024", "25.0%", "$1,000.50", "115", "-10.0%", "Rep 19", "Open 3"} <= expected
    assert expected <= cells


def test_text_from_outside_is_escaped_everywhere(book: Book) -> None:
    evil = "\"><script>alert(1)</script>'&amp;"
    title = {"updateSheetProperties": {"properties": {"sheetId": 0, "title": evil}, "fields": "title"}}
    name = {"updateSpreadsheetProperties": {"properties": {"title": evil}, "fields": "title"}}
    note = {"range": area(0, 1, 0, 1), "rows": [{"values": [{"note": evil}]}], "fields": "note"}
    link = {"textFormat": {"link": {"uri": "javascript:alert(1)"}, "fontFamily": evil}}
    series = [{"series": {"sourceRange": {"sources": [area(0, 3, 1, 2)]}}}]
    domain = [{"domain": {"sourceRange": {"sources": [area(0, 3, 0, 1)]}}}]
    spec = {"title": evil, "altText": evil, "basicChart": {"chartType": "COLUMN", "series": series, "domains": domain}}
    book.write([evil, evil], [evil, 1], [evil, 2])
    book.apply(title, name, {"updateCells": note}, {"addChart": {"chart": {"spec": spec}}})
    book.apply(formatted(area(1, 2, 0, 1), link, "userEnteredFormat.textFormat(link,fontFamily)"))
    text = book.page()
    assert "<script>alert" not in text
    page = Page(text)
    assert len(page.texts("script")) == 1
    assert page.texts("h1") == [evil]
    assert page.texts("a", "tab") == [evil]
    assert page.having("td", "data-note")[0]["data-note"] == evil
    assert not [item for item in page.having("a", "href") if item["href"].startswith("javascript")]


def test_the_page_loads_nothing_from_elsewhere(filled: Book) -> None:
    text = filled.page()
    page = Page(text)
    assert not page.having("script", "src") + page.having("img", "src")
    assert [item["href"] for item in page.having("link", "href")] == ["data:,"]
    assert not re.search(r"url\(|@import", text)


def test_tabs_notes_links_and_formulas_are_there(filled: Book) -> None:
    page = Page(filled.page())
    assert page.texts("a", "tab") == ["Growth", "Reps & teams"]
    assert [item["href"] for item in page.having("a", "data-gid")] == ["#gid=0", "#gid=77"]
    assert [item["data-note"] for item in page.having("td", "data-note")] == [NOTE]
    links = [item["href"] for item in page.having("a", "href") if "app.close.com" in item["href"]]
    assert links == [f"https://app.close.com/user/{at}" for at in range(REPS)]
    formulas = [item["data-v"] for item in page.having("td", "data-v")]
    assert any(formula.startswith("=SPARKLINE(") for formula in formulas)
    assert (
        len([1 for tag, attributes, _ in page.elements if tag == "svg" and attributes.get("class") == "spark"]) == REPS
    )


def test_the_chart_has_its_title_legend_axes_and_alternative_text(filled: Book) -> None:
    page = Page(filled.page())
    charts = [item for item in page.having("svg", "aria-label") if item["aria-label"].startswith("Columns of MRR")]
    assert len(charts) == 1
    texts = page.texts("text")
    assert {"MRR <and> leads", "MRR", "Leads", "New leads", "Jan 2024"} <= set(texts)
    assert "$12,000" in texts
    assert "Jan 2024\nNew leads: 5" in page.texts("title")


def test_hidden_rows_columns_and_sheets_are_left_out(book: Book) -> None:
    book.write(["a", "secret column", "b"], ["secret row"], ["c"])
    for dimension, index in (("COLUMNS", 1), ("ROWS", 1)):
        hide = {
            "range": lines(dimension, index, index + 1),
            "properties": {"hiddenByUser": True},
            "fields": "hiddenByUser",
        }
        book.apply({"updateDimensionProperties": hide})
    book.apply({"addSheet": {"properties": {"title": "secret tab", "hidden": True}}})
    text = book.page()
    assert "secret" not in text
    assert ">C</th>" in text
    assert ">B</th>" not in text


def test_a_collapsed_group_can_be_opened(book: Book) -> None:
    book.write(*([at] for at in range(9)))
    group = {"range": lines("ROWS", 2, 5), "depth": 1, "collapsed": True}
    book.apply({"addDimensionGroup": {"range": lines("ROWS", 2, 5)}})
    book.apply({"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
    page = Page(book.page())
    buttons = page.having("button", "data-start")
    assert [(item["data-start"], item["data-end"], item["aria-expanded"]) for item in buttons] == [("2", "5", "false")]
    hidden = [item["data-r"] for item in page.having("tr", "data-r") if "hidden" in item]
    assert hidden == ["2", "3", "4"]


def test_an_empty_spreadsheet_has_a_page(book: Book) -> None:
    assert Page(book.page()).texts("h1") == ["Test"]


def test_the_start_page_lists_the_spreadsheets(filled: Book, open_sandbox: SheetsSandbox) -> None:
    page = Page(http.get(open_sandbox.url).text)
    assert f"/spreadsheets/d/{filled.id}/edit" in [item["href"] for item in page.having("a", "href")]


def test_a_missing_spreadsheet_has_no_page(open_sandbox: SheetsSandbox) -> None:
    assert http.get(open_sandbox.page_url("missing")).status_code == 404


def test_the_title_of_the_test_workbook_is_hostile(filled: Book) -> None:
    assert "<b>" in TITLE
    assert TITLE in Page(filled.page()).texts("td")
