"""Rows by year: the newest year first, so that the present is in view; within a year its months from the first on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Cell
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import kpi_cells, month_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.spec import Format, Row
    from close_kpis.workbook.tables import Record
    from close_kpis.workbook.tabs.parts import Context


def by_year(months: Sequence[Record], begins: int) -> list[tuple[int, list[Record]]]:
    """Return the years, newest first, each with its months in calendar order.

    Args:
        months: records with a month.
        begins: the month that a year begins with; another than January names it after the year in which it ends.
    """

    def year_of(record: Record) -> int:
        month: date = record["month"]
        return month.year + (begins > 1 and month.month >= begins)

    ordered = sorted(months, key=lambda record: record["month"])
    years = [(year, list(group)) for year, group in groupby(ordered, key=year_of)]
    return years[::-1]


def year_label(year: int, begins: int) -> int | str:
    """Return what a year is called: the number, or as FY2026 where it does not begin in January."""
    return year if begins == 1 else f"FY{year}"


def month_rows(
    year: int | str, months: Sequence[Record], kpis: Sequence[tuple[str, Kpi]], context: Context
) -> list[Row]:
    """Return a row for each month of a year.

    Args:
        year: what the year is called.
        months: their records.
        kpis: (column, KPI), in the order of the tab.
        context: for the currency.
    """
    rows: list[Row] = []
    for position, record in enumerate(months):
        look = styles.month(is_running=record["is_running"])
        rows.append((
            _year_cell(year, look, is_first=position == 0),
            month_cell(record["month"], look, is_running=bool(record["is_running"])),
            *kpi_cells(record, kpis, look, context),
        ))
    return rows


def _year_cell(year: int | str, look: Format, *, is_first: bool) -> Cell:
    """Return the year: bold where the block begins, faint below: every row can be looked up by it."""
    shade = look.but(bold=True) if is_first else look.but(color=styles.FAINT)
    return Cell(year, shade.but(align="LEFT"))


def summary_label(year: int | str, label: str, note: str, look: Format) -> list[Cell]:
    """Return the first two cells of a row below the months of a year."""
    return [Cell(year, look.but(align="LEFT", color=styles.FAINT)), Cell(label, look, note=note)]
