"""The data of a chart: names, values, categories, colours, formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import dateformat
from sandbox.sheets_api.colours import SERIES, hex_colour
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box
from sandbox.sheets_api.model import COLUMNS, ROWS
from sandbox.sheets_api.numberformat import is_date, show_number

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.formulas import Value
    from sandbox.sheets_api.views import Views

NumberFormat = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """A cell that a chart reads."""

    value: Value
    text: str
    number_format: NumberFormat | None

    @property
    def number(self) -> float | None:
        """The value if it is a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            return None
        return float(self.value)


@dataclass(frozen=True)
class Series:
    """One series as drawn.

    Attributes:
        values: one a category; None leaves a gap.
        kind: LINE, AREA, COLUMN, STEPPED_AREA or SCATTER.
        right: measured by the right axis.
    """

    name: str
    values: list[float | None]
    kind: str
    colour: str
    right: bool
    number_format: NumberFormat | None
    line_width: float
    dash: str
    points: bool
    labels: bool

    def shown(self, value: float) -> str:
        """A value as the sheet shows it."""
        return show_number(value, self.number_format).text

    @property
    def mark(self) -> str:
        """The mark in the legend."""
        return {"LINE": "line", "SCATTER": "dot"}.get(self.kind, "box")


@dataclass(frozen=True)
class Chart:
    """A basic chart's data.

    Attributes:
        categories: what stands on the domain axis.
        positions: the numbers of a numeric domain, such as dates.
        is_date: the domain is dates.
    """

    categories: list[str]
    positions: list[float | None]
    is_date: bool
    series: list[Series]
    stacked: str
    axes: dict[str, dict[str, Any]]
    legend: str

    def month(self, index: int) -> int | None:
        """The month of a category that is a date."""
        position = self.positions[index] if self.is_date else None
        return None if position is None else dateformat.from_serial(position).month


DASHES = {
    "DOTTED": "1 4",
    "MEDIUM_DASHED": "6 4",
    "MEDIUM_DASHED_DOTTED": "6 3 1 3",
    "LONG_DASHED": "10 5",
    "LONG_DASHED_DOTTED": "10 4 1 4",
}


def read(views: Views, spec: dict[str, Any]) -> Chart:
    """The data of a ChartSpec with a basicChart."""
    chart = spec["basicChart"]
    columns = [points(views, item["series"], spec) for item in chart["series"]]
    domain = points(views, chart["domains"][0]["domain"], spec) if chart.get("domains") else []
    headers = chart.get("headerCount")
    if headers is None:
        headers = _guessed_headers(columns)
    names = [" ".join(point.text for point in column[:headers]) for column in columns]
    columns, domain = [column[headers:] for column in columns], domain[headers:]
    count = max([len(domain), *map(len, columns)])
    if chart.get("domains") and chart["domains"][0].get("reversed"):
        domain, columns = domain[::-1], [column[::-1] for column in columns]
    return Chart(
        categories=[point.text for point in domain] + [""] * (count - len(domain)),
        positions=[point.number for point in domain] + [None] * (count - len(domain)),
        is_date=bool(domain) and any(is_date(point.number_format) for point in domain),
        series=[_series(item, chart, names[at], columns[at], at, count) for at, item in enumerate(chart["series"])],
        stacked=chart.get("stackedType", "NOT_STACKED"),
        axes={axis.get("position", ""): axis for axis in chart.get("axis", [])},
        legend=chart.get("legendPosition", "BOTTOM_LEGEND"),
    )


def points(views: Views, data: dict[str, Any], spec: dict[str, Any]) -> list[Point]:
    """The cells of a ChartData in order; hidden ones only where the chart shows all."""
    found = []
    for source in data.get("sourceRange", {}).get("sources", []):
        try:
            block = box(views.book, source)
        except RequestError:
            continue
        view = views.of(block.sheet)
        for row, column in _cells(block, spec.get("hiddenDimensionStrategy", "")):
            cell = block.sheet.cells.get((row, column), {})
            number_format = cell.get("userEnteredFormat", {}).get("numberFormat")
            found.append(Point(view.plain(row, column), view.shown(row, column).text, number_format))
    return found


def _cells(block: Box, strategy: str) -> list[tuple[int, int]]:
    dimensions = block.sheet.dimensions
    skip_rows = strategy not in {"SHOW_ALL", "SKIP_HIDDEN_COLUMNS"}
    skip_columns = strategy not in {"SHOW_ALL", "SKIP_HIDDEN_ROWS"}
    return [
        (row, column)
        for row in block.rows()
        if not (skip_rows and dimensions[ROWS].get(row, {}).get("hiddenByUser"))
        for column in block.columns()
        if not (skip_columns and dimensions[COLUMNS].get(column, {}).get("hiddenByUser"))
    ]


def _guessed_headers(columns: list[list[Point]]) -> int:
    """One header where every series starts with a text."""
    return int(bool(columns) and all(column and isinstance(column[0].value, str) for column in columns))


def _series(item: dict[str, Any], chart: dict[str, Any], name: str, column: list[Point], at: int, count: int) -> Series:
    kind = item.get("type") or chart["chartType"]
    style = item.get("lineStyle", {})
    colour = hex_colour(item["color"]) if "color" in item else SERIES[at % len(SERIES)]
    values = [point.number for point in column]
    return Series(
        name=name or f"Series {at + 1}",
        values=values + [None] * (count - len(values)),
        kind=kind,
        colour=colour,
        right=item.get("targetAxis") == "RIGHT_AXIS",
        number_format=next((point.number_format for point in column if point.number is not None), None),
        line_width=style.get("width", 2),
        dash=DASHES.get(style.get("type", ""), ""),
        points="pointStyle" in item or kind == "SCATTER" or (kind == "LINE" and count <= 3),
        labels=item.get("dataLabel", {}).get("type") == "DATA",
    )
