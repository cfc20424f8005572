"""The formulas of the Growth tab: rates, sums, averages and growth as readers would compute them from what they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.month import month_before
from close_kpis.workbook.tabs.computed import is_one_block, over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from close_kpis.workbook.tabs.computed import Computed

BALANCES = frozenset({"total_customers", "arr_cents", "mrr_cents"})
"""KPIs of which a year has the last month's; it has the sum of all others that are no rates."""


@dataclass(frozen=True)
class Summary:
    """A row below the months of a year.

    Attributes:
        row: where it stands.
        kind: year, average or yoy.
        months: the months that it is about; of ``yoy`` those that are completed in both years.
    """

    row: int
    kind: str
    months: Sequence[date]


@dataclass(frozen=True)
class GrowthFormulas:
    """What the formulas of the tab are made of.

    Attributes:
        cells: of the tab.
        months: the row of each month.
        rates: the KPIs that are rates.
        is_on_opening: whether a month's rates divide by the customers at its start, else by those at its end.
    """

    cells: Computed
    months: Mapping[date, int]
    rates: frozenset[str]
    is_on_opening: bool

    def put(self, summaries: Sequence[Summary]) -> None:
        """Put the formulas into the months and into the rows below them."""
        for month in self.months:
            self._month(month)
        for summary in summaries:
            rows = [self.months[month] for month in summary.months]
            if not is_one_block(rows):
                continue
            for column in self.cells.columns:
                if summary.kind == "average":
                    self._average(summary.row, column, rows)
                elif column not in self.rates and summary.kind == "year":
                    self._year(summary.row, column, rows)
                elif column not in self.rates:
                    self._growth(summary, column, rows)

    def _month(self, month: date) -> None:
        cells, row = self.cells, self.months[month]
        base = self.months.get(month_before(month)) if self.is_on_opening else row
        new, back, gone = (row, "new_customers"), (row, "reactivated_customers"), (row, "churned_customers")
        if base is not None:
            customers = (base, "total_customers")
            came, left, all_ = cells.value(new) + cells.value(back), cells.value(gone), cells.value(customers)
            cells.put((row, "churn_rate"), "{0}/{1}", over(left, all_), gone, customers)
            cells.put((row, "gross_growth_rate"), "({0}+{1})/{2}", over(came, all_), new, back, customers)
            cells.put(
                (row, "net_growth_rate"), "({0}+{1}-{2})/{3}", over(came - left, all_), new, back, gone, customers
            )
        mrr = (row, "mrr_cents")
        cells.put((row, "arr_cents"), "{0}*12", cells.value(mrr) * 12, mrr)

    def _average(self, at: int, column: str, rows: list[int]) -> None:
        places = [(row, column) for row in rows]
        values = [value for place in places if (value := self.cells.shown(place)) is not None]
        self.cells.put((at, column), "AVERAGE({0})", over(sum(values), len(values)), places)

    def _year(self, at: int, column: str, rows: list[int]) -> None:
        places = [(row, column) for row in rows]
        if column in BALANCES:
            self.cells.put((at, column), "{0}", self.cells.value(places[-1]), places[-1])
        else:
            self.cells.put((at, column), "SUM({0})", sum(map(self.cells.value, places)), places)

    def _growth(self, summary: Summary, column: str, rows: list[int]) -> None:
        last_year = [self.months.get(month.replace(year=month.year - 1)) for month in summary.months]
        before = [row for row in last_year if row is not None]
        if not is_one_block(before) or len(before) != len(rows):
            return
        text = "SUM({0})/SUM({1})-1"
        if column in BALANCES:
            rows, before, text = rows[-1:], before[-1:], "{0}/{1}-1"
        now, then = ([(row, column) for row in several] for several in (rows, before))
        grown = over(sum(map(self.cells.value, now)), sum(map(self.cells.value, then)))
        self.cells.put((summary.row, column), text, None if grown is None else grown - 1, now, then)
