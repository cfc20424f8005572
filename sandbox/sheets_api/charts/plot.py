"""Where a chart's values are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.sheets_api.charts.data import Chart
    from sandbox.sheets_api.charts.scale import Axis


@dataclass(frozen=True)
class Plot:
    """The area where values are drawn.

    Attributes:
        domain: a number axis for SCATTER, else None: categories then share the width in equal slots.
    """

    left: float
    top: float
    right: float
    bottom: float
    count: int
    domain: Axis | None

    @property
    def slot(self) -> float:
        """Pixels of one category."""
        return (self.right - self.left) / max(self.count, 1)

    def x(self, chart: Chart, index: int) -> float:
        """The middle of a category, or the place of its number."""
        position = chart.positions[index]
        if self.domain is not None and position is not None:
            return self.domain.at(position)
        return self.left + (index + 0.5) * self.slot
