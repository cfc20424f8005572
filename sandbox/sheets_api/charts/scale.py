"""Axes: round ticks, and numbers to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.charts.svg import LABEL_SIZE, text_width
from sandbox.sheets_api.numberformat import pattern_of, show_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.sheets_api.charts.data import Chart, Series


@dataclass(frozen=True)
class Axis:
    """A number axis.

    Attributes:
        start: the pixel of `low`; `end` that of `high` (for a vertical axis it is the smaller one).
    """

    low: float
    high: float
    ticks: list[float]
    number_format: dict[str, Any] | None
    start: float = 0.0
    end: float = 1.0

    def at(self, value: float) -> float:
        """The pixel of a value, inside the axis."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def placed(self, start: float, end: float) -> Axis:
        """The same axis between two pixels."""
        return replace(self, start=start, end=end)

    def in_percent(self) -> Axis:
        """The same axis with labels in percent."""
        return replace(self, number_format={"type": "PERCENT", "pattern": "0%"})

    def labels(self) -> list[str]:
        """The ticks as text, in the series' format without needless decimals."""
        return [show_number(tick, self.number_format).text for tick in self.ticks]

    def label_width(self) -> float:
        """The pixels the longest label takes."""
        return max((text_width(label, LABEL_SIZE) for label in self.labels()), default=0)


def axis(
    values: Iterable[float], options: dict[str, Any], series: list[Series], *, from_zero: bool, room: float
) -> Axis:
    """An axis over some values.

    Args:
        values: what must fit on it.
        options: the BasicChartAxis, for its view window.
        series: gives the format of the labels.
        from_zero: bars and areas start at zero.
        room: pixels, for the number of ticks.
    """
    known = list(values) or [0.0, 1.0]
    low, high = min(known), max(known)
    if from_zero or (low >= 0 and low < (high - low) * 2):
        low, high = min(low, 0.0), max(high, 0.0)
    window = options.get("viewWindowOptions", {})
    low, high = window.get("viewWindowMin", low), window.get("viewWindowMax", high)
    if high <= low:
        high = low + 1
    step = _round_step((high - low) / max(2, min(6, int(room / 45))), _least_step(series))
    if "viewWindowMin" not in window:
        low = math.floor(low / step + 1e-9) * step
    if "viewWindowMax" not in window:
        high = math.ceil(high / step - 1e-9) * step
    count = int((high - low) / step + 1e-9)
    ticks = [_clean(math.ceil(low / step - 1e-9) * step + at * step) for at in range(count + 1)]
    ticks = [tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
    return Axis(low, high, ticks, _tick_format(series, step))


def _round_step(step: float, least: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    factors = (1, 2, 5) if least else (1, 2, 2.5, 5)
    factor: float = next((factor for factor in factors if factor * power >= step * 0.999), 10)
    return max(factor * power, least)


def _least_step(series: list[Series]) -> float:
    """The smallest step that a format without decimals can show; 0 where it has decimals."""
    pattern = pattern_of(next((item.number_format for item in series if item.number_format), None))
    if not pattern or "." in pattern:
        return 0.0
    return 0.01 if "%" in pattern else 1.0


def _clean(value: float) -> float:
    return float(f"{value:.12g}")


def _tick_format(series: list[Series], step: float) -> dict[str, Any] | None:
    """The format of the first series, with only the decimals that the step needs."""
    number_format = next((item.number_format for item in series if item.number_format), None)
    pattern = pattern_of(number_format)
    if number_format is None or "0." not in pattern:
        return number_format
    percent = "%" in pattern
    places = max(0, -math.floor(math.log10(step * (100 if percent else 1)) + 1e-9))
    shown = "." + "0" * places if places else ""
    head, _, tail = pattern.partition("0.")
    first, second = head + "0" + shown, tail.lstrip("0#")
    short = (first + second).partition(";")[0]
    return {**number_format, "pattern": short}


def label_indices(chart: Chart, slot: float, *, size: float = LABEL_SIZE) -> list[int]:
    """The categories whose labels fit next to each other.

    Months are thinned to quarters, half years and years that start in January.

    Args:
        chart: the chart's data.
        size: of the labels, pixels.
        slot: pixels from one category to the next.
    """
    count = len(chart.categories)
    widest = max((text_width(text, size) for text in chart.categories), default=0) + 12
    wanted = max(1, math.ceil(widest / max(slot, 0.1)))
    if wanted == 1:
        return list(range(count))
    if chart.is_date:
        step = next((step for step in (2, 3, 6, 12, 24, 36, 60, 120) if step >= wanted), wanted)
        first = 0
        if step >= 3 and _monthly(chart):
            first = next((at for at in range(count) if chart.month(at) == 1), 0) % step
        return list(range(first, count, step))
    return list(range(0, count, wanted))


def _monthly(chart: Chart) -> bool:
    months = [chart.month(at) for at in range(len(chart.categories))]
    return all(a is not None and b is not None and b == a % 12 + 1 for a, b in pairwise(months))
