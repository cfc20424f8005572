"""Charts with an upright value axis: LINE, AREA, STEPPED_AREA, COLUMN, COMBO, SCATTER."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts import marks
from sandbox.sheets_api.charts.data import Chart, read
from sandbox.sheets_api.charts.plot import Plot
from sandbox.sheets_api.charts.scale import Axis, axis, label_indices
from sandbox.sheets_api.charts.stacks import STACKABLE, Piece, pieces
from sandbox.sheets_api.charts.svg import (
    AXIS_COLOUR,
    GRID_COLOUR,
    LABEL_SIZE,
    Canvas,
    shortened,
    text_width,
)
from sandbox.sheets_api.numberformat import show_number

if TYPE_CHECKING:
    from sandbox.sheets_api.views import Views

TURN_AT = 10


def draw(canvas: Canvas, views: Views, spec: dict[str, Any]) -> None:
    """Draws heading, legend, axes and series."""
    chart = read(views, spec)
    canvas.heading()
    canvas.legend([(series.name, series.colour, series.mark) for series in chart.series], chart.legend)
    stacks = _stacks(chart)
    axes = _axes(chart, stacks, canvas.bottom - canvas.top)
    plot, axes = _plot(canvas, chart, axes)
    _value_axes(canvas, chart, plot, axes)
    _domain_axis(canvas, chart, plot)
    columns = [series for series in chart.series if series.kind == "COLUMN"]
    for at, series in enumerate(chart.series):
        values = axes["RIGHT_AXIS" if series.right else "LEFT_AXIS"]
        if series.kind == "COLUMN":
            place = (0, 1) if _is_stacked(chart) else (columns.index(series), len(columns))
            marks.columns(canvas, chart, plot, series, stacks[at], values, place)
    for at, series in enumerate(chart.series):
        values = axes["RIGHT_AXIS" if series.right else "LEFT_AXIS"]
        if series.kind in {"AREA", "STEPPED_AREA"}:
            marks.area(canvas, chart, plot, series, stacks[at], values)
        elif series.kind == "SCATTER":
            marks.dots(canvas, chart, plot, series, values)
    for series in chart.series:
        if series.kind == "LINE":
            values = axes["RIGHT_AXIS" if series.right else "LEFT_AXIS"]
            marks.line(canvas, chart, plot, series, values, joined=bool(spec["basicChart"].get("interpolateNulls")))


def _is_stacked(chart: Chart) -> bool:
    return chart.stacked != "NOT_STACKED"


def _stacks(chart: Chart) -> list[list[Piece | None]]:
    """The pieces of every series, in the order of the series; only marks of the same kind and axis stack."""
    placed: list[list[Piece | None]] = [[] for _ in chart.series]
    for kind in {series.kind for series in chart.series}:
        for right in (False, True):
            group = [at for at, series in enumerate(chart.series) if (series.kind, series.right) == (kind, right)]
            members = [chart.series[at] for at in group]
            if kind in STACKABLE:
                rows = pieces(chart, members)
            else:
                rows = [[None if value is None else (value, value) for value in item.values] for item in members]
            for at, row in zip(group, rows, strict=True):
                placed[at] = row
    return placed


def _axes(chart: Chart, stacks: list[list[Piece | None]], room: float) -> dict[str, Axis]:
    """The left value axis, and the right one where a series uses it."""
    axes = {}
    for name, right in (("LEFT_AXIS", False), ("RIGHT_AXIS", True)):
        own = [(series, stacks[at]) for at, series in enumerate(chart.series) if series.right == right]
        if not own:
            continue
        values = [end for _, row in own for piece in row if piece is not None for end in piece]
        series = [item for item, _ in own]
        filled = any(item.kind in STACKABLE for item in series)
        made = axis(values, chart.axes.get(name, {}), series, from_zero=filled, room=room)
        if chart.stacked == "PERCENT_STACKED" and filled:
            made = made.in_percent()
        axes[name] = made
    return axes


def _plot(canvas: Canvas, chart: Chart, axes: dict[str, Axis]) -> tuple[Plot, dict[str, Axis]]:
    """The plot area that leaves room for labels and axis titles."""
    left, right, bottom = canvas.left, canvas.right, canvas.bottom
    if "LEFT_AXIS" in axes:
        left += axes["LEFT_AXIS"].label_width() + 8 + (18 if chart.axes.get("LEFT_AXIS", {}).get("title") else 0)
    if "RIGHT_AXIS" in axes:
        right -= axes["RIGHT_AXIS"].label_width() + 8 + (18 if chart.axes.get("RIGHT_AXIS", {}).get("title") else 0)
    if chart.axes.get("BOTTOM_AXIS", {}).get("title"):
        bottom -= 18
    count = len(chart.categories)
    bottom -= _label_height(chart, (right - left) / max(count, 1), bottom - canvas.top)
    domain = None
    positions = [position for position in chart.positions if position is not None]
    if any(series.kind == "SCATTER" for series in chart.series) and positions:
        domain = axis(positions, chart.axes.get("BOTTOM_AXIS", {}), [], from_zero=False, room=(right - left) / 1.5)
        domain = domain.placed(left, right)
    top = canvas.top + 6
    placed = {name: item.placed(bottom, top) for name, item in axes.items()}
    return Plot(left, top, right, bottom, count, domain), placed


def _turned(chart: Chart, slot: float) -> bool:
    """Whether category labels stand aslant: names that do not fit and cannot be thinned."""
    widest = max((text_width(text, LABEL_SIZE) for text in chart.categories), default=0)
    return not chart.is_date and widest + TURN_AT > slot and any(position is None for position in chart.positions)


def _label_height(chart: Chart, slot: float, room: float) -> float:
    if not _turned(chart, slot):
        return 20
    widest = max(text_width(text, LABEL_SIZE) for text in chart.categories)
    return min(widest * 0.52 + 14, room * 0.35)


def _value_axes(canvas: Canvas, chart: Chart, plot: Plot, axes: dict[str, Axis]) -> None:
    """Grid lines, labels and titles of the value axes."""
    main = axes.get("LEFT_AXIS") or axes["RIGHT_AXIS"]
    for tick in main.ticks:
        canvas.line(plot.left, main.at(tick), plot.right, main.at(tick), GRID_COLOUR)
    if main.low <= 0 <= main.high:
        canvas.line(plot.left, main.at(0), plot.right, main.at(0), AXIS_COLOUR)
    middle = (plot.top + plot.bottom) / 2
    for name, values in axes.items():
        left = name == "LEFT_AXIS"
        x, anchor = (plot.left - 7, "end") if left else (plot.right + 7, "start")
        for tick, label in zip(values.ticks, values.labels(), strict=True):
            canvas.text(x, values.at(tick) + 4, label, anchor=anchor)
        title = chart.axes.get(name, {}).get("title")
        if title:
            place = canvas.left + 10 if left else canvas.right - 4
            text = shortened(title, LABEL_SIZE + 1, plot.bottom - plot.top)
            canvas.text(
                place, middle, text, size=LABEL_SIZE + 1, anchor="middle", turn=-90 if left else 90, italic=True
            )


def _domain_axis(canvas: Canvas, chart: Chart, plot: Plot) -> None:
    """The labels below, as many as fit."""
    y = plot.bottom + 16
    if plot.domain is not None:
        canvas.line(plot.left, plot.bottom, plot.right, plot.bottom, AXIS_COLOUR)
        for tick in plot.domain.ticks:
            label = show_number(tick, None).text
            canvas.text(plot.domain.at(tick), y, label, anchor="middle")
    elif _turned(chart, plot.slot):
        room = (canvas.bottom - plot.bottom) / 0.55
        for at, category in enumerate(chart.categories):
            x = plot.x(chart, at) + 4
            canvas.text(x, plot.bottom + 12, shortened(category, LABEL_SIZE, room), anchor="end", turn=-35)
    else:
        for at in label_indices(chart, plot.slot):
            x = plot.x(chart, at)
            canvas.line(x, plot.bottom, x, plot.bottom + 4, AXIS_COLOUR)
            half = text_width(chart.categories[at], LABEL_SIZE) / 2
            # The first and the last label stay inside the picture.
            x = min(max(x, half + 2), canvas.width - half - 2)
            canvas.text(x, y, chart.categories[at], anchor="middle")
    title = chart.axes.get("BOTTOM_AXIS", {}).get("title")
    if title:
        middle = (plot.left + plot.right) / 2
        canvas.text(middle, canvas.bottom - 2, title, size=LABEL_SIZE + 1, anchor="middle", italic=True)
