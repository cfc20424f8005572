"""Formulas over the cells of a tab, put only where they give the value of the KPI table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Area, Cell, Formula, Reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from close_kpis.workbook.spec import Row

Place = tuple[int, str]
"""Row of a tab and KPI of its column."""


@dataclass(frozen=True)
class Computed:
    """The rows of a tab whose cells get formulas.

    Attributes:
        rows: of the tab; cells are replaced in them.
        columns: the column of each KPI.
    """

    rows: list[Row]
    columns: Mapping[str, int]

    def shown(self, place: Place) -> float | None:
        """Return the number that a cell shows, None where it shows none."""
        cell: Cell = self.rows[place[0]][self.columns[place[1]]]
        return float(cell.value) if isinstance(cell.value, int | float) else None

    def value(self, place: Place) -> float:
        """Return the number that a cell counts with: 0 where it shows none."""
        return self.shown(place) or 0.0

    def put(self, at: Place, text: str, given: float | None, *meant: Place | Sequence[Place]) -> None:
        """Put a formula into a cell whose value it gives; another value stays the number that it is.

        Args:
            at: the cell.
            text: see `Formula`.
            given: what the formula gives, None for an error.
            meant: the cells that it means; several neighbours of a column as a sequence.
        """
        row, column = at[0], self.columns[at[1]]
        value = self.rows[row][column].value
        if given is None or not isinstance(value, int | float) or not isclose(value, given, rel_tol=1e-9):
            return
        formula = Formula(text, tuple(self._reference(one) for one in meant))
        cells = list(self.rows[row])
        cells[column] = replace(cells[column], formula=formula)
        self.rows[row] = tuple(cells)

    def _reference(self, meant: Place | Sequence[Place]) -> Reference:
        first, last = (meant, meant) if isinstance(meant[0], int) else (meant[0], meant[-1])
        assert isinstance(first, tuple)
        assert isinstance(last, tuple)
        left = self.columns[str(first[1])]
        return Reference(Area(int(first[0]), left, int(last[0]) + 1, left + 1))


def sparkline(area: Area, tab: str = "") -> Formula:
    """Return what draws a row or a column of cells.

    Args:
        area: the cells.
        tab: the key of their tab; empty for the tab of the formula.
    """
    return Formula("SPARKLINE({0})", (Reference(area, tab, is_whole=True),), is_checked=False)


def over(top: float, bottom: float) -> float | None:
    """Return a share as a formula gives it: None where it divides by nothing."""
    return top / bottom if bottom else None


def is_one_block(rows: Sequence[int]) -> bool:
    """Whether rows stand below each other without a gap."""
    return bool(rows) and list(rows) == list(range(rows[0], rows[0] + len(rows)))
