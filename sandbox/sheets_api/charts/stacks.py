"""Stacked values: where each piece begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.sheets_api.charts.data import Chart, Series

Piece = tuple[float, float]
STACKABLE = frozenset({"COLUMN", "BAR", "AREA", "STEPPED_AREA"})


def pieces(chart: Chart, group: list[Series]) -> list[list[Piece | None]]:
    """From and to of every value of the series of one axis; values stand on zero where the chart is not stacked.

    Args:
        chart: says whether its values are stacked.
        group: series of the same axis and kind of mark.
    """
    stacked = chart.stacked in {"STACKED", "PERCENT_STACKED"}
    percent = chart.stacked == "PERCENT_STACKED"
    count = len(chart.categories)
    above, below = [0.0] * count, [0.0] * count
    totals = [sum(abs(series.values[at] or 0) for series in group) or 1.0 for at in range(count)]
    placed: list[list[Piece | None]] = []
    for series in group:
        row: list[Piece | None] = []
        for at, value in enumerate(series.values):
            if value is None:
                row.append(None)
                continue
            amount = value / totals[at] if percent else value
            if not stacked:
                row.append((0.0, amount))
            elif amount >= 0:
                row.append((above[at], above[at] + amount))
                above[at] += amount
            else:
                row.append((below[at], below[at] + amount))
                below[at] += amount
        placed.append(row)
    return placed
