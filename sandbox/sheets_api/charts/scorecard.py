"""SCORECARD charts: one big number, with its difference to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts.data import Point, points
from sandbox.sheets_api.charts.svg import LABEL_COLOUR, TITLE_COLOUR, Canvas, text_width
from sandbox.sheets_api.colours import hex_colour
from sandbox.sheets_api.numberformat import show_number

if TYPE_CHECKING:
    from sandbox.sheets_api.views import Views

POSITIVE, NEGATIVE = "#137333", "#c5221f"
BIGGEST = 54.0


def draw(canvas: Canvas, views: Views, spec: dict[str, Any]) -> None:
    """Draws the key value in the middle and the baseline under it."""
    card = spec["scorecardChart"]
    canvas.heading()
    key = _aggregate(points(views, card.get("keyValueData", {}), spec), card.get("aggregateType"))
    base = _aggregate(points(views, card.get("baselineValueData", {}), spec), card.get("aggregateType"))
    text = key.text if key else ""
    size = min(BIGGEST, (canvas.bottom - canvas.top) * 0.45)
    size = min(size, size * (canvas.right - canvas.left) / max(text_width(text, size), 1))
    middle = (canvas.left + canvas.right) / 2
    y = (canvas.top + canvas.bottom) / 2 + size * (0.15 if base else 0.35)
    canvas.text(middle, y, text, size=size, colour=TITLE_COLOUR, anchor="middle", weight=500)
    if key is None or base is None or key.number is None or base.number is None:
        return
    shown, change = _baseline(card.get("baselineValueFormat", {}), key, base)
    options = card.get("baselineValueFormat", {})
    colour = LABEL_COLOUR
    if change:
        name, otherwise = ("positiveColor", POSITIVE) if change > 0 else ("negativeColor", NEGATIVE)
        colour = hex_colour(options[name]) if name in options else otherwise
    arrow = "▲ " if change > 0 else "▼ " if change < 0 else ""
    label = f"{arrow}{shown} {options.get('description', '')}".strip()
    canvas.text(middle, y + 26, label, size=14, colour=colour, anchor="middle")


def _baseline(options: dict[str, Any], key: Point, base: Point) -> tuple[str, float]:
    """The baseline as text, and its sign."""
    kind = options.get("comparisonType", "ABSOLUTE_DIFFERENCE")
    assert key.number is not None
    assert base.number is not None
    change = key.number - base.number
    if kind == "PERCENTAGE_DIFFERENCE":
        share = change / abs(base.number) if base.number else 0.0
        return show_number(abs(share), {"type": "PERCENT", "pattern": "0.0%"}).text, change
    if kind == "PERCENTAGE":
        share = key.number / base.number if base.number else 0.0
        return show_number(share, {"type": "PERCENT", "pattern": "0.0%"}).text, 0.0
    if kind == "RATIO":
        return f"{key.text}/{base.text}", 0.0
    return show_number(abs(change), key.number_format).text, change


def _aggregate(cells: list[Point], kind: str | None) -> Point | None:
    """The value of a range: its first cell, or what the aggregate type makes of its numbers."""
    filled = [cell for cell in cells if cell.number is not None]
    if not filled:
        return cells[0] if cells else None
    numbers = [cell.number or 0.0 for cell in filled]
    aggregates = {
        "SUM": sum(numbers),
        "AVERAGE": sum(numbers) / len(numbers),
        "MAX": max(numbers),
        "MIN": min(numbers),
        "COUNT": float(len(numbers)),
        "MEDIAN": sorted(numbers)[len(numbers) // 2],
    }
    if kind not in aggregates:
        return filled[0]
    value = aggregates[kind]
    return Point(value, show_number(value, filled[0].number_format).text, filled[0].number_format)
