"""The diff, judged by the sandbox: what it sends turns any published workbook into any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from close_kpis.workbook.spec import (
    Area,
    Cell,
    Chart,
    Format,
    Line,
    NumberFormat,
    Scale,
    Series,
    Sign,
    Source,
    Tab,
    Workbook,
)
from tests.workbook.conftest import Book, snapshot
from tests.workbook.schema import faults

if TYPE_CHECKING:
    from close_kpis.workbook.google.transport import SheetsTransport
    from sandbox.sheets_api import SheetsSandbox

COLORS = st.sampled_from(["#000000", "#FFFFFF", "#1E3A5F", "#E8EEF5", "#424242"])
FORMATS = st.builds(
    Format,
    number=st.sampled_from([None, NumberFormat("NUMBER", "#,##0"), NumberFormat("PERCENT", "0.0%")]),
    fill=st.none() | COLORS,
    color=st.none() | COLORS,
    bold=st.booleans(),
    italic=st.booleans(),
    size=st.sampled_from([None, 9, 18]),
    align=st.sampled_from([None, "LEFT", "RIGHT"]),
    wrap=st.sampled_from([None, "WRAP"]),
    bottom=st.sampled_from([None, Line("SOLID", "#CBD5E1")]),
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(-1e9, 1e9)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
    | st.sampled_from(["=1+1", "+2", "2024-01-01"])
    | st.dates(date(2000, 1, 1), date(2040, 1, 1))
)
CELLS = st.builds(
    Cell,
    value=VALUES,
    format=FORMATS | st.just(Format()),
    note=st.sampled_from([None, None, "what it means", "how it is computed"]),
    link=st.sampled_from([None, None, "https://app.close.com/lead/lead_1/"]),
)
ROWS = st.lists(st.lists(CELLS, max_size=5).map(tuple), max_size=7).map(tuple)
AREAS = st.builds(lambda top, left: Area(top, left, top + 2, left + 1), st.integers(0, 4), st.integers(0, 3))
RULES = st.builds(Sign, areas=st.tuples(AREAS), above=st.booleans(), color=COLORS) | st.builds(
    Scale, areas=st.tuples(AREAS), low=COLORS, high=COLORS
)
GROUPS = st.sampled_from([(), ((1, 3),), ((1, 3), (4, 6)), ((2, 5),)])


def _chart(key: str, title: str, column: int, rows: int) -> Chart:
    def source(at: int) -> Source:
        return Source("first", Area(0, at, rows, at + 1))

    series = (Series(source(column), "#1E3A5F"),)
    return Chart(key, title, "COLUMN", source(0), series, 1, column + 3, 400, 300, "left", "a chart")


CHARTS = st.builds(
    lambda title, column, rows: (_chart("one", title, column, rows),),
    st.sampled_from(["a", "b"]),
    st.integers(1, 3),
    st.integers(2, 5),
)


def _tabs(key: str, title: str) -> st.SearchStrategy[Tab]:
    return st.builds(
        Tab,
        key=st.just(key),
        title=st.just(title),
        rows=ROWS,
        widths=st.sampled_from([(), (60, 90, 90)]),
        frozen_rows=st.integers(0, 3),
        rules=st.lists(RULES, max_size=2).map(tuple),
        groups=GROUPS,
        charts=st.just(()) | CHARTS if key == "first" else st.just(()),
        gridlines=st.booleans(),
    )


WORKBOOKS = st.builds(
    lambda first, second, has_second: Workbook((first, second) if has_second else (first,)),
    _tabs("first", "First"),
    _tabs("second", "Second"),
    st.booleans(),
)


def _difference(book: Book, workbook: Workbook) -> list[dict[str, Any]]:
    return list(diff(read_spreadsheet(book.client, book.id, workbook), workbook).requests)


def _titles(workbook: Workbook) -> list[str]:
    return [tab.title for tab in workbook.tabs]


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(one=WORKBOOKS, other=WORKBOOKS)
def test_any_published_workbook_becomes_any_other(
    shared_sandbox: SheetsSandbox, shared_client: SheetsTransport, one: Workbook, other: Workbook
) -> None:
    """apply(diff(a, b), a) == b, and diff(b, b) is empty."""
    changed, fresh = (
        Book(shared_sandbox, shared_client, shared_sandbox.create_spreadsheet(name)) for name in ("changed", "fresh")
    )
    for workbook in (one, other):
        if requests := _difference(changed, workbook):
            changed.edit(*requests)
        assert _difference(changed, workbook) == []
    fresh.edit(*_difference(fresh, other))
    for title in _titles(other):
        assert snapshot(changed.sheet(title)) == snapshot(fresh.sheet(title))


def test_a_workbook_like_the_real_one_sends_only_known_requests(book: Book, company_workbook: Workbook) -> None:
    requests = _difference(book, company_workbook)
    assert faults(requests) == []
    kinds = {next(iter(request)) for request in requests}
    assert kinds >= {
        "addSheet",
        "updateCells",
        "repeatCell",
        "addChart",
        "addConditionalFormatRule",
        "addDimensionGroup",
    }
    assert not kinds & {"deleteSheet", "deleteDimension", "deleteRange"}


def test_one_changed_number_is_one_request_for_one_cell(book: Book) -> None:
    def workbook(number: int) -> Workbook:
        rows = tuple(tuple(Cell(row * 10 + column) for column in range(5)) for row in range(5))
        rows = (*rows[:2], (rows[2][0], Cell(number), *rows[2][2:]), *rows[3:])
        return Workbook((Tab("first", "First", rows, labels=(0,)),))

    book.publish(workbook(1))
    (request,) = _difference(book, workbook(2))
    assert request["updateCells"]["range"] == {
        "startRowIndex": 2,
        "endRowIndex": 3,
        "startColumnIndex": 1,
        "endColumnIndex": 2,
    }
    assert request["updateCells"]["fields"] == "userEnteredValue"


def test_a_format_change_names_its_leaf_only(book: Book) -> None:
    book.publish(Workbook((Tab("first", "First", ((Cell(1, Format(bold=True, size=9)),),)),)))
    (request,) = _difference(book, Workbook((Tab("first", "First", ((Cell(1, Format(size=9)),),)),)))
    assert request["repeatCell"]["fields"] == "userEnteredFormat.textFormat.bold"
    assert request["repeatCell"]["cell"] == {}


def test_a_tab_gets_every_column_that_it_sizes(book: Book) -> None:
    narrow = Tab("first", "First", ((Cell(1),),), widths=(90,) * 40)
    book.publish(Workbook((narrow,)))
    assert book.sheet("First")["properties"]["gridProperties"]["columnCount"] == 40
    book.publish(Workbook((replace(narrow, widths=(90,) * 60),)))
    assert book.sheet("First")["properties"]["gridProperties"]["columnCount"] >= 60


def test_each_column_and_row_has_the_size_that_it_is_given(book: Book) -> None:
    widths, heights = (60, 90, 90, 120, 60, 60), (30, 21, 21, 40)
    rows = ((Cell(1),) * len(widths),) * len(heights)
    workbook = Workbook((Tab("first", "First", rows, widths=widths, heights=heights),))
    sized = [request for request in _difference(book, workbook) if "updateDimensionProperties" in request]
    assert len(sized) == 4 + 3, "neighbours of one size share a request"
    book.publish(workbook)
    [data] = book.sheet("First")["data"]
    assert tuple(column["pixelSize"] for column in data["columnMetadata"][: len(widths)]) == widths
    assert tuple(row["pixelSize"] for row in data["rowMetadata"][: len(heights)]) == heights


def test_the_values_of_bars_lie_below_those_of_columns_to_the_left(book: Book) -> None:
    """Google refuses the axis of the other kind."""
    rows = tuple((Cell(number), Cell(number)) for number in range(3))
    column = _chart("one", "a", 1, 3)
    bars = tuple(replace(one, axis="BOTTOM", kind="BAR") for one in column.series)
    bar = replace(column, key="two", kind="BAR", series=bars)
    book.publish(Workbook((Tab("first", "First", rows, charts=(column, bar)),)))
    charts = [chart["spec"]["basicChart"] for chart in book.sheet("First")["charts"]]
    axes = {
        chart["chartType"]: (chart["axis"][-1]["position"], *(one["targetAxis"] for one in chart["series"]))
        for chart in charts
    }
    assert axes == {"COLUMN": ("LEFT_AXIS", "LEFT_AXIS"), "BAR": ("BOTTOM_AXIS", "BOTTOM_AXIS")}


def test_the_wanted_ids_do_not_change_from_run_to_run() -> None:
    from close_kpis.workbook.diff.ownership import chart_id, metadata_id, sheet_id

    assert (sheet_id("reps"), chart_id("reps/mrr-added"), metadata_id("reps")) == (1940804798, CHART_ID, METADATA_ID)


CHART_ID, METADATA_ID = 1472627856, 1225422120
