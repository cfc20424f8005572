"""The formulas of the Growth tab: rates, sums, averages and growth as readers would compute them from what they see.

A cell gets its formula only where this gives the value of the KPI table: a rate whose month before is not shown, or an
average without a month, stays a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Area, Cell, Formula, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from close_kpis.workbook.spec import Row

BALANCES = frozenset({"total_customers", "arr_cents", "mrr_cents"})
"""KPIs of which a year has the last month's; it has the sum of all others that are no rates."""

Candidate = tuple[int, str, Formula, float | None]
"""Row and column of a cell, its formula, and what that gives."""


@dataclass(frozen=True)
class Summary:
    """A row below the months of a year.

    Attributes:
        row: where it stands.
        kind: year, average or yoy.
        months: the months that it is about, without gaps; of ``yoy`` those that are completed in both years.
    """

    row: int
    kind: str
    months: Sequence[date]


@dataclass(frozen=True)
class GrowthFormulas:
    """What the formulas of the tab are made of.

    Attributes:
        rows: of the tab.
        months: the row of each month.
        columns: the column of each KPI.
        rates: the KPIs that are rates.
        is_on_opening: whether a month's rates divide by the customers at its start, else by those at its end.
    """

    rows: Sequence[Row]
    months: Mapping[date, int]
    columns: Mapping[str, int]
    rates: frozenset[str]
    is_on_opening: bool

    def put(self, summaries: Sequence[Summary]) -> list[Row]:
        """Return the rows with formulas.

        Args:
            summaries: the rows below the months of the years.
        """
        rows = [list(row) for row in self.rows]
        candidates = [one for month in self.months for one in self._of_month(month)]
        candidates += [one for summary in summaries for one in self._of_summary(summary)]
        for row, column, formula, given in candidates:
            at = self.columns[column]
            value = rows[row][at].value
            if given is not None and isinstance(value, int | float) and isclose(value, given, rel_tol=1e-9):
                rows[row][at] = replace(rows[row][at], formula=formula)
        return [tuple(row) for row in rows]

    def _of_month(self, month: date) -> Iterator[Candidate]:
        row = self.months[month]
        before = self.months.get(_month_before(month))
        base = before if self.is_on_opening else row
        new, back, gone = ((row, name) for name in ("new_customers", "reactivated_customers", "churned_customers"))
        if base is not None:
            base_customers = self._value(base, "total_customers")
            for column, text, places in (
                ("churn_rate", "{0}/{1}", (gone,)),
                ("gross_growth_rate", "({0}+{1})/{2}", (new, back)),
                ("net_growth_rate", "({0}+{1}-{2})/{3}", (new, back, gone)),
            ):
                signs = (1, 1, -1) if len(places) == 3 else (1, 1)
                moved = sum(sign * self._value(*place) for sign, place in zip(signs, places, strict=False))
                given = moved / base_customers if base_customers else None
                yield row, column, self._formula(text, *places, (base, "total_customers")), given
        yield row, "arr_cents", self._formula("{0}*12", (row, "mrr_cents")), self._value(row, "mrr_cents") * 12

    def _of_summary(self, summary: Summary) -> Iterator[Candidate]:
        rows = [self.months[month] for month in summary.months]
        if not rows or rows != list(range(rows[0], rows[0] + len(rows))):
            return
        for column in self.columns:
            if summary.kind == "average":
                values = [value for row in rows if (value := self._shown(row, column)) is not None]
                given = sum(values) / len(values) if values else None
                yield summary.row, column, self._over("AVERAGE({0})", (rows, column)), given
            elif column not in self.rates and summary.kind == "year":
                yield self._year(summary.row, column, rows)
            elif column not in self.rates:
                yield from self._growth(summary, column, rows)

    def _year(self, at: int, column: str, rows: list[int]) -> Candidate:
        if column in BALANCES:
            return at, column, self._formula("{0}", (rows[-1], column)), self._value(rows[-1], column)
        return at, column, self._over("SUM({0})", (rows, column)), sum(self._value(row, column) for row in rows)

    def _growth(self, summary: Summary, column: str, rows: list[int]) -> Iterator[Candidate]:
        last_year = [self.months.get(month.replace(year=month.year - 1)) for month in summary.months]
        before = [row for row in last_year if row is not None]
        if before != list(range(before[0], before[0] + len(rows))):
            return
        if column in BALANCES:
            rows, before = rows[-1:], before[-1:]
        now, then = (sum(self._value(row, column) for row in several) for several in (rows, before))
        text = "{0}/{1}-1" if column in BALANCES else "SUM({0})/SUM({1})-1"
        formula = self._over(text, (rows, column), (before, column))
        yield summary.row, column, formula, now / then - 1 if then else None

    def _formula(self, text: str, *places: tuple[int, str]) -> Formula:
        return self._over(text, *(([row], column) for row, column in places))

    def _over(self, text: str, *places: tuple[list[int], str]) -> Formula:
        areas = [(rows, self.columns[column]) for rows, column in places]
        return Formula(text, tuple(Reference(Area(rows[0], at, rows[-1] + 1, at + 1)) for rows, at in areas))

    def _shown(self, row: int, column: str) -> float | None:
        cell: Cell = self.rows[row][self.columns[column]]
        return float(cell.value) if isinstance(cell.value, int | float) else None

    def _value(self, row: int, column: str) -> float:
        return self._shown(row, column) or 0.0


def _month_before(month: date) -> date:
    return month.replace(year=month.year - 1, month=12) if month.month == 1 else month.replace(month=month.month - 1)
