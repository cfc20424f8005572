"""Filters, tables, slicers, pivot tables and chart sheets that readers put beside and over our tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from tests.sandbox.sheets_api.support import area
from tests.workbook.test_readers import KPIS, MONTHS, Company, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.workbook.conftest import Book

Body = dict[str, Any]
HIDDEN = {"hiddenValues": ["nothing"]}
GROWING = ("basic filter", "filter view", "table")
"""What covers our whole block goes on doing so; the others keep their cells."""
OVER, BESIDE, BELOW = (0, 5, 0, 4), (0, 7, 6, 9), (8, 12, 0, 3)
"""Over our block of a header and four months; beside it, and further down than it reaches; below it."""


@dataclass(frozen=True)
class Neighbour:
    """What a reader adds.

    Attributes:
        requests: make it, of (a range on our tab, the tab's id).
        found: the ranges that it has, of our tab as it is read.
    """

    requests: Callable[[Body, int], list[Body]]
    found: Callable[[Body], list[Body]]


def basic_filter(span: Body, _: int) -> list[Body]:
    return [{"setBasicFilter": {"filter": {"range": span, "criteria": {str(span["startColumnIndex"]): HIDDEN}}}}]


def filter_view(span: Body, _: int) -> list[Body]:
    return [{"addFilterView": {"filter": {"title": "Mine", "range": span}}}]


def table(span: Body, _: int) -> list[Body]:
    return [{"addTable": {"table": {"name": "Mine", "range": span}}}]


def slicer(span: Body, gid: int) -> list[Body]:
    anchor = {"sheetId": gid, "rowIndex": 1, "columnIndex": 12}
    spec = {"dataRange": span, "columnIndex": 1, "title": "Mine"}
    return [{"addSlicer": {"slicer": {"spec": spec, "position": {"overlayPosition": {"anchorCell": anchor}}}}}]


def pivot_table(span: Body, gid: int) -> list[Body]:
    cell = {
        "pivotTable": {"source": span, "rows": [{"sourceColumnOffset": 1}], "values": [{"summarizeFunction": "SUM"}]}
    }
    start = {"sheetId": gid, "rowIndex": 3, "columnIndex": 11}
    return [{"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "pivotTable"}}]


def chart_sheet(span: Body, _: int) -> list[Body]:
    source = {"sourceRange": {"sources": [{**span, "endColumnIndex": span["startColumnIndex"] + 1}]}}
    spec = {"title": "Mine", "basicChart": {"chartType": "LINE", "series": [{"series": source}]}}
    return [{"addChart": {"chart": {"spec": spec, "position": {"newSheet": True}}}}]


def pivots(sheet: Body) -> list[Body]:
    rows = sheet["data"][0].get("rowData", [])
    cells = [cell for row in rows for cell in row.get("values", []) if "pivotTable" in cell]
    return [cell["pivotTable"]["source"] for cell in cells]


NEIGHBOURS = {
    "basic filter": Neighbour(basic_filter, lambda sheet: [sheet["basicFilter"]["range"]]),
    "filter view": Neighbour(filter_view, lambda sheet: [view["range"] for view in sheet["filterViews"]]),
    "table": Neighbour(table, lambda sheet: [one["range"] for one in sheet["tables"]]),
    "slicer": Neighbour(slicer, lambda sheet: [one["spec"]["dataRange"] for one in sheet["slicers"]]),
    "pivot table": Neighbour(pivot_table, pivots),
}


def inside(sheet: Body, span: Body) -> set[Any]:
    """What the cells of a range hold."""
    rows = sheet["data"][0].get("rowData", [])
    held = set()
    for row in rows[span["startRowIndex"] : span["endRowIndex"]]:
        for cell in row.get("values", [])[span["startColumnIndex"] : span["endColumnIndex"]]:
            held |= set(cell.get("userEnteredValue", {}).values())
    return held


def write_texts(book: Book, place: tuple[int, int, int, int], gid: int) -> set[str]:
    """The reader's own texts in a place, each another one, so that cells are told from each other."""
    top, bottom, left, right = place
    texts = {(row, column): f"mine {row} {column}" for row in range(top, bottom) for column in range(left, right)}
    rows = [
        {"values": [{"userEnteredValue": {"stringValue": texts[row, column]}} for column in range(left, right)]}
        for row in range(top, bottom)
    ]
    start = {"sheetId": gid, "rowIndex": top, "columnIndex": left}
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    return set(texts.values())


def all_texts(book: Book) -> set[Any]:
    return {value for row in book.values("Data") for value in row if isinstance(value, str)}


def expect_ours(book: Book, company: Company) -> None:
    """Our values stand once, each where its month and KPI say; a second publish sends nothing."""
    view = View.of(book.sheet("Data"), company)
    assert list(view.rows) == company.keys("Data")
    for key, row in view.rows.items():
        for kpi in company.kpis:
            assert view.cells[row, view.columns[kpi]] == company.value("data", *key, kpi)
    workbook = company.workbook()
    assert diff(read_spreadsheet(book.client, book.id, workbook), workbook).requests == ()


def a_month_later(book: Book, company: Company, where: str) -> None:
    if where == "last":
        company.months.append(MONTHS[5])
    elif where == "first":
        company.months.insert(0, MONTHS[0])
    elif where == "gone":
        company.months.remove(MONTHS[2])
    else:
        company.kpis.append(KPIS[3])
    book.publish(company.workbook())


@pytest.fixture
def company(book: Book) -> Company:
    """A company of four months, published; the reader has made the tab wide enough for more."""
    company = Company(months=MONTHS[1:5])
    book.publish(company.workbook())
    size = {"sheetId": book.gid("Data"), "gridProperties": {"columnCount": 16}}
    book.edit({"updateSheetProperties": {"properties": size, "fields": "gridProperties.columnCount"}})
    return company


@pytest.mark.parametrize("where", ["last", "first", "gone", "kpi"])
@pytest.mark.parametrize("place", [BESIDE, BELOW], ids=["beside", "below"])
@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_what_stands_beside_and_below_our_block_keeps_its_cells(
    book: Book, company: Company, kind: str, place: tuple[int, int, int, int], where: str
) -> None:
    gid, neighbour = book.gid("Data"), NEIGHBOURS[kind]
    texts = write_texts(book, place, gid)
    book.edit(*neighbour.requests(area(*place, gid), gid))
    a_month_later(book, company, where)
    sheet = book.sheet("Data")
    [span] = neighbour.found(sheet)
    assert texts <= all_texts(book)
    assert {text for text in inside(sheet, span) if str(text).startswith("mine")} == texts
    # Nothing of ours has come into what stood beside it.
    assert inside(sheet, span) == texts
    expect_ours(book, company)


@pytest.mark.parametrize("where", ["last", "first", "gone", "kpi"])
@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_what_covers_our_block_still_covers_what_it_did(book: Book, company: Company, kind: str, where: str) -> None:
    gid, neighbour = book.gid("Data"), NEIGHBOURS[kind]
    before = inside(book.sheet("Data"), area(*OVER))
    gone = {MONTHS[2], *(company.value("data", MONTHS[2], kpi) for kpi in company.kpis)} if where == "gone" else set()
    book.edit(*neighbour.requests(area(*OVER, gid), gid))
    a_month_later(book, company, where)
    sheet = book.sheet("Data")
    [span] = neighbour.found(sheet)
    assert before - gone <= inside(sheet, span)
    if where == "first" or (where == "last" and kind in GROWING):
        assert set(company.months) <= inside(sheet, span)
    if where == "kpi" and kind in GROWING:
        assert KPIS[3] in inside(sheet, span)
    expect_ours(book, company)


@pytest.mark.parametrize("kind", GROWING)
def test_what_covers_our_block_grows_month_by_month_and_a_smaller_one_stays(
    book: Book, company: Company, kind: str
) -> None:
    gid, neighbour = book.gid("Data"), NEIGHBOURS[kind]
    book.edit(*neighbour.requests(area(*OVER, gid), gid))
    for month in MONTHS[5:8]:
        company.months.append(month)
        book.publish(company.workbook())
    [span] = neighbour.found(book.sheet("Data"))
    assert (span["endRowIndex"], span["endColumnIndex"]) == (8, 4)
    [smaller] = [{**one, "endRowIndex": 6} for one in neighbour.found(book.sheet("Data"))]
    if kind == "table":
        number = book.sheet("Data")["tables"][0]["tableId"]
        book.edit({"updateTable": {"table": {"tableId": number, "range": smaller}, "fields": "range"}})
    elif kind == "filter view":
        number = book.sheet("Data")["filterViews"][0]["filterViewId"]
        book.edit({"updateFilterView": {"filter": {"filterViewId": number, "range": smaller}, "fields": "range"}})
    else:
        book.edit({"setBasicFilter": {"filter": {"range": smaller}}})
    company.months.append(MONTHS[8])
    book.publish(company.workbook())
    assert neighbour.found(book.sheet("Data")) == [smaller]
    expect_ours(book, company)


def test_a_filter_keeps_its_criteria_when_it_grows(book: Book, company: Company) -> None:
    gid = book.gid("Data")
    sort = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    said = {"range": area(*OVER, gid), "sortSpecs": sort, "filterSpecs": [{"columnIndex": 2, "filterCriteria": HIDDEN}]}
    book.edit({"setBasicFilter": {"filter": said}})
    a_month_later(book, company, "last")
    found = book.sheet("Data")["basicFilter"]
    assert (found["range"]["endRowIndex"], found["criteria"], found["sortSpecs"]) == (6, {"2": HIDDEN}, sort)


def test_a_table_over_our_block_stays_where_it_would_meet_another_one(book: Book, company: Company) -> None:
    gid = book.gid("Data")
    wide, other = area(0, 5, 0, 9, gid), {"table": {"name": "Other", "range": area(5, 9, 6, 9, gid)}}
    book.edit(*table(wide, gid), {"addTable": other})
    a_month_later(book, company, "last")
    assert [one["range"]["endRowIndex"] for one in book.sheet("Data")["tables"]] == [5, 9]
    expect_ours(book, company)


@pytest.mark.parametrize("where", ["last", "first", "gone", "kpi"])
def test_a_chart_on_a_sheet_of_its_own_draws_the_same_months(book: Book, company: Company, where: str) -> None:
    gid = book.gid("Data")
    book.edit(*chart_sheet(area(*OVER, gid), gid))
    a_month_later(book, company, where)
    chart = book.sheet("Chart1")["charts"][0]
    assert chart["spec"]["title"] == "Mine"
    [span] = chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"]
    months = inside(book.sheet("Data"), span) - {"Month"}
    assert months >= {*MONTHS[1:5]} - ({MONTHS[2]} if where == "gone" else set())
    expect_ours(book, company)


@pytest.mark.parametrize("row", [5, 6, 7])
def test_a_pivot_table_below_our_block_is_not_written_over(book: Book, company: Company, row: int) -> None:
    gid = book.gid("Data")
    cell = {"pivotTable": {"source": area(*OVER, gid), "rows": [{}]}}
    start = {"sheetId": gid, "rowIndex": row}
    book.edit({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "pivotTable"}})
    for month in MONTHS[5:9]:
        company.months.append(month)
        book.publish(company.workbook())
    held = [(at, cell) for at, line in enumerate(book.cells("Data")) for cell in line if "pivotTable" in cell]
    assert len(held) == 1
    assert held[0][0] > len(company.months)
    assert "userEnteredValue" not in held[0][1]
    expect_ours(book, company)


def test_a_month_that_goes_leaves_the_pivot_table_beside_it(book: Book, company: Company) -> None:
    gid = book.gid("Data")
    book.edit(*pivot_table(area(*OVER, gid), gid))
    company.months.remove(MONTHS[3])
    book.publish(company.workbook())
    assert len(pivots(book.sheet("Data"))) == 1
    expect_ours(book, company)


@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_an_empty_tab_with_a_readers_object_does_not_become_ours(book: Book, kind: str) -> None:
    title = {"properties": {"title": "Data"}, "fields": "title"}
    other = {"addSheet": {"properties": {"title": "Other"}}}
    book.edit({"updateSheetProperties": title}, other, *NEIGHBOURS[kind].requests(area(0, 4, 0, 3), 0))
    book.publish(Company().workbook())
    assert all(not row for row in book.values("Data"))
    assert len(NEIGHBOURS[kind].found(book.sheet("Data"))) == 1
    assert book.values("Data (KPIs)")[0][0] == "Month"


def test_all_of_them_at_once_over_several_months(book: Book, company: Company) -> None:
    gid = book.gid("Data")
    texts = write_texts(book, BESIDE, gid) | write_texts(book, BELOW, gid)
    book.edit(
        *table(area(*BESIDE, gid), gid),
        *basic_filter(area(*OVER, gid), gid),
        *filter_view(area(*BELOW, gid), gid),
        *slicer(area(*OVER, gid), gid),
        *pivot_table(area(*OVER, gid), gid),
        *chart_sheet(area(*OVER, gid), gid),
    )
    for where in ("last", "first", "gone", "kpi"):
        a_month_later(book, company, where)
        expect_ours(book, company)
    assert texts <= all_texts(book)
    sheet = book.sheet("Data")
    assert [len(neighbour.found(sheet)) for neighbour in NEIGHBOURS.values()] == [1] * len(NEIGHBOURS)
    assert len(book.sheets) == 3
