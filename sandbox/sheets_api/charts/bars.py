"""BAR charts: categories down the left side, values to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts.data import Chart, read
from sandbox.sheets_api.charts.marks import GAP, tip
from sandbox.sheets_api.charts.scale import axis
from sandbox.sheets_api.charts.stacks import pieces
from sandbox.sheets_api.charts.svg import (
    AXIS_COLOUR,
    GRID_COLOUR,
    LABEL_SIZE,
    Canvas,
    shortened,
    text_width,
)

if TYPE_CHECKING:
    from sandbox.sheets_api.views import Views


def draw(canvas: Canvas, views: Views, spec: dict[str, Any]) -> None:
    """Draws heading, legend, axes and bars; the first category is on top."""
    chart = read(views, spec)
    canvas.heading()
    canvas.legend([(series.name, series.colour, "box") for series in chart.series], chart.legend)
    rows = pieces(chart, chart.series)
    ends = [end for row in rows for piece in row if piece is not None for end in piece]
    options = chart.axes.get("BOTTOM_AXIS", {})
    values = axis(ends, options, chart.series, from_zero=True, room=(canvas.right - canvas.left) / 1.6)
    if chart.stacked == "PERCENT_STACKED":
        values = values.in_percent()
    left, bottom = _corner(canvas, chart)
    values = values.placed(left, canvas.right - 10)
    top = canvas.top + 4
    for tick, label in zip(values.ticks, values.labels(), strict=True):
        canvas.line(values.at(tick), top, values.at(tick), bottom, GRID_COLOUR)
        canvas.text(values.at(tick), bottom + 16, label, anchor="middle")
    _categories(canvas, chart, left, top, bottom)
    slot = (bottom - top) / max(len(chart.categories), 1)
    group = slot * (1 - GAP)
    shares = 1 if chart.stacked != "NOT_STACKED" else len(chart.series)
    for at, (series, row) in enumerate(zip(chart.series, rows, strict=True)):
        height = group / shares
        for index, piece in enumerate(row):
            if piece is None:
                continue
            y = top + index * slot + (slot - group) / 2 + (at if shares > 1 else 0) * height
            first, last = sorted((values.at(piece[0]), values.at(piece[1])))
            thin = 1 if height > 4 else 0
            canvas.rect(first, y, last - first, height - thin, series.colour, tip(chart, series, index))
            value = series.values[index]
            if series.labels and value is not None and height >= 9:
                canvas.text(last + 4, y + height / 2 + 3.5, series.shown(value), size=10)
    canvas.line(values.at(0), top, values.at(0), bottom, AXIS_COLOUR)


def _corner(canvas: Canvas, chart: Chart) -> tuple[float, float]:
    """The left and the bottom of the plot."""
    widest = max((text_width(text, LABEL_SIZE) for text in chart.categories), default=0)
    left = canvas.left + min(widest + 10, canvas.width * 0.35)
    if chart.axes.get("LEFT_AXIS", {}).get("title"):
        left += 18
    bottom = canvas.bottom - 20
    if chart.axes.get("BOTTOM_AXIS", {}).get("title"):
        bottom -= 18
    return left, bottom


def _categories(canvas: Canvas, chart: Chart, left: float, top: float, bottom: float) -> None:
    slot = (bottom - top) / max(len(chart.categories), 1)
    every = max(1, int(13 / max(slot, 0.1)) + (1 if slot < 13 else 0))
    for at in range(0, len(chart.categories), every):
        label = shortened(chart.categories[at], LABEL_SIZE, canvas.width * 0.35)
        canvas.text(left - 7, top + (at + 0.5) * slot + 4, label, anchor="end")
    for name, x, y, turn in (
        ("LEFT_AXIS", canvas.left + 10, (top + bottom) / 2, -90),
        ("BOTTOM_AXIS", (left + canvas.right) / 2, canvas.bottom - 2, 0),
    ):
        title = chart.axes.get(name, {}).get("title")
        if title:
            canvas.text(x, y, title, size=LABEL_SIZE + 1, anchor="middle", turn=turn, italic=True)
