"""PIE charts and doughnuts."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts.data import points
from sandbox.sheets_api.colours import SERIES, WHITE

if TYPE_CHECKING:
    from sandbox.sheets_api.charts.svg import Canvas
    from sandbox.sheets_api.views import Views

LEAST_SHARE = 0.04


def draw(canvas: Canvas, views: Views, spec: dict[str, Any]) -> None:
    """Draws heading, legend and slices; what is not positive has no slice."""
    pie = spec["pieChart"]
    names, values = points(views, pie.get("domain", {}), spec), points(views, pie.get("series", {}), spec)
    pairs = [(name.text, value) for name, value in zip(names, values, strict=False) if (value.number or 0) > 0]
    canvas.heading()
    position = pie.get("legendPosition", "RIGHT_LEGEND").replace("LABELED_LEGEND", "RIGHT_LEGEND")
    canvas.legend([(name, SERIES[at % len(SERIES)], "box") for at, (name, _) in enumerate(pairs)], position)
    total = sum(value.number or 0 for _, value in pairs)
    x, y = (canvas.left + canvas.right) / 2, (canvas.top + canvas.bottom) / 2
    radius = min(canvas.right - canvas.left, canvas.bottom - canvas.top) / 2 - 4
    turned = 0.0
    for at, (name, value) in enumerate(pairs):
        share = (value.number or 0) / total
        tip = html.escape(f"{name}: {value.text} ({share:.1%})")
        colour = SERIES[at % len(SERIES)]
        canvas.add(f'<path d="{_slice(x, y, radius, turned, share)}" fill="{colour}"><title>{tip}</title></path>')
        if share >= LEAST_SHARE:
            middle = (turned + share / 2) * 2 * math.pi
            place = (x + radius * 0.7 * math.sin(middle), y - radius * 0.7 * math.cos(middle))
            canvas.text(*place, f"{share:.1%}", anchor="middle", colour=WHITE)
        turned += share
    if pie.get("pieHole"):
        canvas.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius * pie["pieHole"]:.1f}" fill="{WHITE}"/>')


def _slice(x: float, y: float, radius: float, turned: float, share: float) -> str:
    """The outline of a slice; angles as shares of a turn, clockwise from the top."""
    end = turned + min(share, 0.99999)
    places = [
        (x + radius * math.sin(2 * math.pi * at), y - radius * math.cos(2 * math.pi * at)) for at in (turned, end)
    ]
    (x1, y1), (x2, y2) = places
    return f"M{x:.1f} {y:.1f}L{x1:.2f} {y1:.2f}A{radius:.1f} {radius:.1f} 0 {int(share > 0.5)} 1 {x2:.2f} {y2:.2f}Z"
