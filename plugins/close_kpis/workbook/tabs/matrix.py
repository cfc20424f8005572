"""A matrix: names down the side, the last months across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import EMPTY, Cell, Format, Row
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import Context, labels, month_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.tables import Record

MONTHS = 13
"""A year of completed months and the running one."""


@dataclass(frozen=True)
class Months:
    """The months across: first days, oldest first, and the running one among them."""

    days: tuple[date, ...]
    running: date | None


def last_months(rows: Sequence[Record]) -> Months:
    """Return the last months of a table that has a row for each.

    Args:
        rows: rows with ``month`` and ``is_running``.
    """
    ordered = sorted(rows, key=lambda row: row["month"])[-MONTHS:]
    running = [row["month"] for row in ordered if row["is_running"]]
    return Months(tuple(row["month"] for row in ordered), running[0] if running else None)


def matrix(
    kpi: Kpi,
    column: str,
    names: Sequence[tuple[str, dict[date, Record]]],
    total: tuple[str, dict[date, Record]] | None,
    months: Months,
    context: Context,
    corner: str,
) -> list[Row]:
    """Return a title, a header and a row for each name, then the total.

    Args:
        kpi: what the cells hold.
        column: the KPI's column in the table.
        names: each name with its rows by month, in the order of the matrix.
        total: the label and the rows of the last line, taken from a table of totals.
        months: the months across.
        context: for the currency.
        corner: what the names are.
    """
    title = Cell(kpi.label + " by " + corner.lower() + " and month", styles.SECTION, note=kpi.note())
    first = Cell("", styles.SUBHEADER_LEFT)
    heads = [month_cell(month, styles.SUBHEADER, is_running=month == months.running) for month in months.days]
    heads = [Cell(cell.value, cell.format.but(align="CENTER")) for cell in heads]
    rows: list[Row] = [(title,), (first, *labels((corner,), styles.SUBHEADER_LEFT), *heads)]
    for name, by_month in names:
        rows.append((
            EMPTY,
            Cell(name, styles.BODY),
            *_line(kpi, column, by_month, months, styles.BODY, context),
        ))
    if total:
        name, by_month = total
        line = _line(kpi, column, by_month, months, styles.TOTAL, context)
        rows.append((Cell(None, styles.TOTAL), Cell(name, styles.TOTAL), *line))
    return rows


def _line(
    kpi: Kpi, column: str, by_month: dict[date, Record], months: Months, look: Format, context: Context
) -> list[Cell]:
    pattern = styles.number(kpi.unit, context.currency)
    cells = []
    for month in months.days:
        is_running = month == months.running
        shade = look.but(italic=True, fill=look.fill or styles.RUNNING) if is_running else look
        value = styles.shown(kpi.unit, by_month.get(month, {}).get(column))
        cells.append(Cell(value, shade.but(number=pattern)))
    return cells
