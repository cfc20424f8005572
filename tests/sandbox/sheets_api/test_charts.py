"""Charts as SVG, by what a reader can find in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.sheets_api.charts import chart_svg
from sandbox.sheets_api.charts.data import read
from sandbox.sheets_api.charts.scale import axis, label_indices
from sandbox.sheets_api.dateformat import to_serial
from sandbox.sheets_api.views import Views
from tests.sandbox.sheets_api.support import area, formatted

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book

SVG = "{http://www.w3.org/2000/svg}"
ROWS = 37


@pytest.fixture
def views(book: Book) -> Views:
    """Three years of months with two series; one value is missing, one negative."""
    days = [to_serial(date(2023 + at // 12, at % 12 + 1, 1)) for at in range(ROWS - 1)]
    rows: list[list[Any]] = [["Month", "New", "Lost"]]
    rows += [[day, None if at == 4 else 10 + at, -at if at == 9 else at / 2] for at, day in enumerate(days)]
    book.write(*rows)
    months = {"numberFormat": {"type": "DATE", "pattern": "mmm yyyy"}}
    book.apply(formatted(area(1, ROWS, 0, 1), months, "userEnteredFormat.numberFormat"))
    return Views(book.sandbox.store.get(book.id))


def spec(kind: str, **options: Any) -> Body:
    def source(column: int) -> Body:
        return {"sourceRange": {"sources": [area(0, ROWS, column, column + 1)]}}

    series: list[Body] = [{"series": source(1)}, {"series": source(2)}]
    if kind == "COMBO":
        series[0]["type"], series[1]["type"] = "COLUMN", "LINE"
        series[1]["targetAxis"] = "RIGHT_AXIS"
    chart = {"chartType": kind, "domains": [{"domain": source(0)}], "series": series, "headerCount": 1, **options}
    return {"title": f"A {kind} chart", "basicChart": chart}


def drawn(views: Views, chart: Body, width: int = 700, height: int = 360) -> ET.Element:
    svg = chart_svg(views, chart, width, height)
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", ["LINE", "AREA", "STEPPED_AREA", "COLUMN", "COMBO", "SCATTER", "BAR"])
@pytest.mark.parametrize("stacked", ["NOT_STACKED", "STACKED", "PERCENT_STACKED"])
def test_every_kind_is_drawn_inside_its_picture(views: Views, kind: str, stacked: str) -> None:
    svg = drawn(views, spec(kind, stackedType=stacked))
    assert texts(svg)[0] == f"A {kind} chart"
    assert {"New", "Lost"} <= set(texts(svg))
    for element in svg.iter():
        for name, limit in (("x", 700), ("cx", 700), ("y", 360), ("cy", 360)):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= limit + 1


def test_months_on_the_axis_are_thinned_to_januaries(views: Views) -> None:
    chart = read(views, spec("LINE"))
    wide = [chart.categories[at] for at in label_indices(chart, 100)]
    assert len(wide) == ROWS - 1
    narrow = [chart.categories[at] for at in label_indices(chart, 8)]
    assert narrow == ["Jan 2023", "Jan 2024", "Jan 2025"]


def test_a_missing_value_breaks_a_line_unless_gaps_are_joined(views: Views) -> None:
    broken = [path.attrib["d"] for path in drawn(views, spec("LINE")).iter(f"{SVG}path")]
    joined = [path.attrib["d"] for path in drawn(views, spec("LINE", interpolateNulls=True)).iter(f"{SVG}path")]
    assert (broken[0].count("M"), joined[0].count("M")) == (2, 1)


def test_a_mark_tells_its_value(views: Views) -> None:
    tips = [element.text for element in drawn(views, spec("COLUMN")).iter(f"{SVG}title")]
    assert "Jan 2023\nNew: 10" in tips
    assert len(tips) == 2 * (ROWS - 1) - 1


@pytest.mark.parametrize(
    ("kind", "axis", "is_valid"),
    [
        ("COLUMN", "LEFT_AXIS", True),
        ("LINE", "RIGHT_AXIS", True),
        ("COLUMN", "BOTTOM_AXIS", False),
        ("BAR", "BOTTOM_AXIS", True),
        ("BAR", "LEFT_AXIS", False),
        ("BAR", "RIGHT_AXIS", False),
    ],
)
def test_a_series_is_measured_on_a_minor_axis(book: Book, kind: str, axis: str, is_valid: bool) -> None:
    series = {"series": {"sourceRange": {"sources": [area(0, 4, 1, 2)]}}, "targetAxis": axis}
    chart = {"spec": {"basicChart": {"chartType": kind, "series": [series]}}, "position": {"overlayPosition": {}}}
    answer = book.post({"addChart": {"chart": chart}})
    assert (answer.status_code == 200) == is_valid
    assert is_valid or f"targetAxis {axis} is no minor axis" in answer.json()["error"]["message"]


def test_two_axes_have_their_own_scales_and_titles(views: Views) -> None:
    axes = [{"position": "LEFT_AXIS", "title": "New"}, {"position": "RIGHT_AXIS", "title": "Lost a month"}]
    found = texts(drawn(views, spec("COMBO", axis=axes)))
    assert {"Lost a month", "50", "20"} <= set(found)


def test_columns_stand_on_zero_and_stack_up(views: Views) -> None:
    svg = drawn(views, spec("COLUMN", stackedType="STACKED", legendPosition="NO_LEGEND"))
    bars: dict[str, list[tuple[float, float]]] = {}
    for rect in svg.iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None and title.text and title.text.startswith("Dec 2025"):
            y, height = float(rect.attrib["y"]), float(rect.attrib["height"])
            bars[re.split(r"[\n:]", title.text)[1]] = [(y, y + height)]
    (new_top, _), (_, lost_bottom) = bars["New"][0], bars["Lost"][0]
    assert lost_bottom == pytest.approx(new_top, abs=0.2)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 97], [0, 20, 40, 60, 80, 100]),
        ([0, 0.043], [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        ([-30, 55], [-40, -20, 0, 20, 40, 60]),
        ([5, 5], [0, 1, 2, 3, 4, 5]),
        ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_ticks_are_round(values: list[float], ticks: list[float]) -> None:
    assert axis(values, {}, [], from_zero=True, room=270).ticks == pytest.approx(ticks)


def test_whole_numbers_have_whole_ticks(book: Book) -> None:
    book.write(["Won"], [3], [12])
    whole = {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}}
    book.apply(formatted(area(1, 3, 0, 1), whole, "userEnteredFormat.numberFormat"))
    source = {"sourceRange": {"sources": [area(0, 3, 0, 1)]}}
    chart = {"basicChart": {"chartType": "COLUMN", "series": [{"series": source}]}}
    numbers = [text for text in texts(drawn(Views(book.sandbox.store.get(book.id)), chart)) if text.isdigit()]
    assert numbers == ["0", "2", "4", "6", "8", "10", "12"]


def test_a_view_window_is_kept() -> None:
    window = {"viewWindowOptions": {"viewWindowMin": 10, "viewWindowMax": 50}}
    made = axis([0, 97], window, [], from_zero=True, room=200)
    assert (made.low, made.high) == (10, 50)


def test_a_scorecard_shows_the_value_and_its_difference(views: Views) -> None:
    def cell(row: int) -> Body:
        return {"sourceRange": {"sources": [area(row, row + 1, 1, 2)]}}

    card = {
        "keyValueData": cell(11),
        "baselineValueData": cell(1),
        "baselineValueFormat": {"comparisonType": "PERCENTAGE_DIFFERENCE", "description": "in ten months"},
    }
    found = texts(drawn(views, {"title": "New", "scorecardChart": card}, 240, 160))
    assert found == ["New", "20", "▲ 100.0% in ten months"]


def test_a_kind_that_is_not_drawn_says_so(views: Views) -> None:
    found = texts(drawn(views, {"title": "Tree", "treemapChart": {}}))
    assert found == ["Tree", "The sandbox does not draw this kind of chart."]


def test_hidden_rows_are_skipped_unless_the_chart_shows_all(book: Book, views: Views) -> None:
    hide = {
        "range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 13},
        "properties": {"hiddenByUser": True},
        "fields": "hiddenByUser",
    }
    book.apply({"updateDimensionProperties": hide})
    fresh = Views(book.sandbox.store.get(book.id))
    assert len(read(fresh, spec("LINE")).categories) == 24
    assert len(read(fresh, {**spec("LINE"), "hiddenDimensionStrategy": "SHOW_ALL"}).categories) == 36
