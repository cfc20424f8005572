"""Charts as inline SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts import bars, basic, pie, scorecard
from sandbox.sheets_api.charts.svg import Canvas

if TYPE_CHECKING:
    from sandbox.sheets_api.views import Views

__all__ = ["chart_svg"]


def chart_svg(views: Views, spec: dict[str, Any], width: int, height: int) -> str:
    """A chart as an SVG element.

    Args:
        views: where its data come from.
        spec: the ChartSpec; a kind that is not drawn leaves a frame with the title.
        width: pixels.
        height: pixels.
    """
    canvas = Canvas(spec, width, height)
    if "basicChart" in spec:
        draw = bars.draw if spec["basicChart"]["chartType"] == "BAR" else basic.draw
        draw(canvas, views, spec)
    elif "scorecardChart" in spec:
        scorecard.draw(canvas, views, spec)
    elif "pieChart" in spec:
        pie.draw(canvas, views, spec)
    else:
        canvas.heading()
        canvas.text(width / 2, height / 2, "The sandbox does not draw this kind of chart.", anchor="middle")
    return canvas.svg()
