"""A matrix: names down the side, the last months across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import EMPTY, Cell, Format, Row
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import Context, labels, month_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.tables import Record

    Show = Callable[[Record, Format], Cell]

HEAD_ROWS = 2
"""Rows of a matrix above the first name: title and months."""

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
    show: Show | None = None,
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
        show: makes the cell of a row of the table; None: its value as the KPI is shown.
    """
    show = show or _plainly(kpi, column, context)
    title = Cell(kpi.label + " by " + corner.lower() + " and month", styles.SECTION, note=kpi.note())
    first = Cell("", styles.SUBHEADER_LEFT)
    heads = [month_cell(month, styles.SUBHEADER, is_running=month == months.running) for month in months.days]
    heads = [Cell(cell.value, cell.format.but(align="CENTER")) for cell in heads]
    rows: list[Row] = [(title,), (first, *labels((corner,), styles.SUBHEADER_LEFT), *heads)]
    for name, by_month in names:
        rows.append((
            EMPTY,
            Cell(name, styles.BODY),
            *_line(show, by_month, months, styles.BODY),
        ))
    if total:
        name, by_month = total
        line = _line(show, by_month, months, styles.TOTAL)
        rows.append((Cell(None, styles.TOTAL), Cell(name, styles.TOTAL), *line))
    return rows


def _plainly(kpi: Kpi, column: str, context: Context) -> Show:
    pattern = styles.number(kpi.unit, context.currency)
    return lambda record, look: Cell(styles.shown(kpi.unit, record.get(column)), look.but(number=pattern))


def _line(show: Show, by_month: dict[date, Record], months: Months, look: Format) -> list[Cell]:
    running = look.but(italic=True, fill=look.fill or styles.RUNNING)
    return [show(by_month.get(month, {}), running if month == months.running else look) for month in months.days]
