"""The marks of a series: columns, lines, areas, dots."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.sheets_api.charts.data import Chart, Series
    from sandbox.sheets_api.charts.plot import Plot
    from sandbox.sheets_api.charts.scale import Axis
    from sandbox.sheets_api.charts.stacks import Piece
    from sandbox.sheets_api.charts.svg import Canvas

GAP = 0.28
LABEL_ROOM = 26


def columns(
    canvas: Canvas,
    chart: Chart,
    plot: Plot,
    series: Series,
    row: list[Piece | None],
    values: Axis,
    place: tuple[int, int],
) -> None:
    """Upright bars.

    Args:
        canvas: where to draw.
        chart: the chart's data.
        plot: the area of the values.
        series: the series to draw.
        row: where each bar begins and ends.
        values: the axis the series is measured by.
        place: which of how many bars of a category this one is.
    """
    group = plot.slot * (1 - GAP)
    width = group / place[1]
    for at, piece in enumerate(row):
        if piece is None:
            continue
        x = plot.x(chart, at) - group / 2 + place[0] * width
        first, last = sorted((values.at(piece[0]), values.at(piece[1])))
        canvas.rect(x, first, width - (1 if width > 4 else 0), last - first, series.colour, tip(chart, series, at))
        if series.labels and width >= LABEL_ROOM:
            label(canvas, chart, series, at, x + width / 2, first - 4)


def line(canvas: Canvas, chart: Chart, plot: Plot, series: Series, values: Axis, *, joined: bool) -> None:
    """A line with a dot under the pointer at every value; a gap breaks it unless values are joined over it."""
    commands: list[str] = []
    pen = "M"
    for at, value in enumerate(series.values):
        if value is None:
            pen = pen if joined and commands else "M"
            continue
        commands.append(f"{pen}{plot.x(chart, at):.1f} {values.at(value):.1f}")
        pen = "L"
    dash = f' stroke-dasharray="{series.dash}"' if series.dash else ""
    canvas.add(
        f'<path d="{" ".join(commands)}" fill="none" stroke="{series.colour}" stroke-width="{series.line_width:g}" '
        f'stroke-linejoin="round" stroke-linecap="round"{dash}/>'
    )
    dots(canvas, chart, plot, series, values, radius=3 if series.points else 2)


def dots(canvas: Canvas, chart: Chart, plot: Plot, series: Series, values: Axis, radius: float = 4) -> None:
    """A dot a value."""
    close = plot.slot < 7
    for at, value in enumerate(series.values):
        if value is None:
            continue
        x, y = plot.x(chart, at), values.at(value)
        shown = series.points or not close
        look = f'fill="{series.colour}"' if shown else 'fill="transparent"'
        size = radius if shown else 4
        canvas.add(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" {look}>'
            f"<title>{html.escape(tip(chart, series, at))}</title></circle>"
        )
        if series.labels and plot.slot >= LABEL_ROOM:
            label(canvas, chart, series, at, x, y - 8)


def area(canvas: Canvas, chart: Chart, plot: Plot, series: Series, row: list[Piece | None], values: Axis) -> None:
    """A filled area under a line, or under steps."""
    stepped = series.kind == "STEPPED_AREA"
    for run in _runs(row):
        upper, lower = [], []
        for at, piece in run:
            x, half = plot.x(chart, at), plot.slot / 2
            edges = (x - half, x + half) if stepped else (x,)
            upper += [(edge, values.at(piece[1])) for edge in edges]
            lower += [(edge, values.at(piece[0])) for edge in edges]
        outline = " ".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(upper))
        back = " ".join(f"L{x:.1f} {y:.1f}" for x, y in reversed(lower))
        opacity = 0.75 if chart.stacked != "NOT_STACKED" else 0.3
        canvas.add(f'<path d="{outline} {back}Z" fill="{series.colour}" fill-opacity="{opacity}"/>')
        canvas.add(f'<path d="{outline}" fill="none" stroke="{series.colour}" stroke-width="{series.line_width:g}"/>')
        for at, piece in run:
            canvas.add(
                f'<circle cx="{plot.x(chart, at):.1f}" cy="{values.at(piece[1]):.1f}" r="5" fill="transparent">'
                f"<title>{html.escape(tip(chart, series, at))}</title></circle>"
            )


def label(canvas: Canvas, chart: Chart, series: Series, index: int, x: float, y: float) -> None:
    """A value written at its mark."""
    value = series.values[index]
    if value is not None:
        canvas.text(x, max(y, canvas.top), series.shown(value), size=10, anchor="middle")


def tip(chart: Chart, series: Series, index: int) -> str:
    """What a mark says when the pointer is over it."""
    value = series.values[index]
    return f"{chart.categories[index]}\n{series.name}: {'' if value is None else series.shown(value)}"


def _runs(row: list[Piece | None]) -> list[list[tuple[int, Piece]]]:
    """The stretches without gaps."""
    runs: list[list[tuple[int, Piece]]] = []
    for at, piece in enumerate(row):
        if piece is None:
            continue
        if runs and runs[-1][-1][0] == at - 1:
            runs[-1].append((at, piece))
        else:
            runs.append([(at, piece)])
    return runs
