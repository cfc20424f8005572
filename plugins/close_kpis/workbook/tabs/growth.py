"""The Growth tab: years and months down the left side, KPIs across."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Area, Cell, Chart, Format, Row, Series, Sign, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import Computed
from close_kpis.workbook.tabs.growth_formulas import GrowthFormulas, Summary
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    Context,
    comments_header,
    head,
    header,
    kpi_cells,
    labels,
    sign_rules,
)
from close_kpis.workbook.tabs.years import by_year, month_rows, summary_label, year_label

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.tabs.chart_data import ChartColumns

HEAD_ROWS = 4
_WIDE = {"opened_opportunities": 88, "arr_cents": 80, "mrr_cents": 80}
_LEFT = 2


def growth_tab(tables: Tables, context: Context, chart_columns: ChartColumns) -> Tab:
    """Return the Growth tab.

    The newest year comes first, so that the present is in view when the tab opens; within a year the months run
    from January on, as a year is read, and its Year, Average and Growth YoY rows close it.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        chart_columns: where the charts find their data.
    """
    kpis = context.definitions.reports["growth"].shown()
    legend = (
        f"Money in {context.currency}. (MTD): month to date, left out of averages and year over year. "
        "Empty: not defined. Point at a heading for its definition, follow it to the records."
    )
    rows = head("Growth", legend, context)
    rows.append((*labels(("Year", "Month")), *(header(kpi) for _, kpi in kpis), comments_header()))
    months_at: dict[date, int] = {}
    summaries: list[Summary] = []
    monthly, yearly = records(tables.growth_monthly), records(tables.growth_yearly)
    begins = tables.choices.fiscal_year_start
    for year, months in by_year(monthly, begins):
        months_at |= {record["month"]: len(rows) + at for at, record in enumerate(months)}
        rows += month_rows(year_label(year, begins), months, kpis, context)
        compared = _compared(months, monthly)
        about = {"year": [record["month"] for record in months], "average": _completed(months), "yoy": compared}
        for record in _summaries(year, yearly):
            summaries.append(Summary(len(rows), record["row_kind"], about[record["row_kind"]]))
            rows.append(_summary_row(record, begins, compared, kpis, context))
    GrowthFormulas(
        cells=Computed(rows, {column: at for at, (column, _) in enumerate(kpis, start=_LEFT)}),
        months=months_at,
        rates=frozenset(column for column, kpi in kpis if kpi.unit == "rate"),
        is_on_opening=tables.choices.rate_denominator == "opening",
    ).put(summaries)
    return Tab(
        key="growth",
        title="Growth",
        rows=tuple(rows),
        widths=(50, 148, *(_WIDE.get(column, 75) for column, _ in kpis), COMMENTS_WIDTH, 20),
        heights=(*HEAD_HEIGHTS, 44),
        frozen_rows=HEAD_ROWS,
        frozen_columns=_LEFT,
        rules=_yoy_rules([summary.row for summary in summaries if summary.kind == "yoy"], kpis),
        charts=_charts(chart_columns, _LEFT + len(kpis) + 2),
        color=styles.NAVY,
        header=HEAD_ROWS - 1,
        labels=(0, 1),
        comments=_LEFT + len(kpis),
    )


def _compared(months: list[Record], monthly: list[Record]) -> list[date]:
    """Return the months of a year that are completed in it and in the year before."""
    completed = set(_completed(monthly))
    mine = sorted(completed.intersection(_completed(months)))
    return [month for month in mine if month.replace(year=month.year - 1) in completed]


def _completed(months: list[Record]) -> list[date]:
    return [record["month"] for record in months if not record["is_running"]]


def _summaries(year: int, yearly: list[Record]) -> list[Record]:
    order = ("year", "average", "yoy")
    found = [record for record in yearly if record["year"] == year]
    return sorted(found, key=lambda record: order.index(record["row_kind"]))


def _summary_row(
    record: Record, begins: int, compared: list[date], kpis: list[tuple[str, Kpi]], context: Context
) -> Row:
    """Return the row Year, Average or Growth YoY below the months of a year."""
    kind = record["row_kind"]
    text = context.definitions.summary_rows[kind]
    look = {"year": styles.TOTAL, "average": styles.AVERAGE, "yoy": styles.YOY}[kind]
    label = f"{text.label} (YTD)" if kind == "year" and record["is_running"] else text.label
    if kind == "yoy" and 0 < len(compared) < 12:
        first, last = (f"{compared[at]:%b}" for at in (0, -1))
        label += f" ({first})" if first == last else f" ({first}-{last})"
    cells = {"year": kpi_cells, "average": _average_cells, "yoy": _yoy_cells}[kind](record, kpis, look, context)
    return (*summary_label(year_label(int(record["year"]), begins), label, text.definition, look), *cells)


def _average_cells(record: Record, kpis: list[tuple[str, Kpi]], look: Format, context: Context) -> list[Cell]:
    cells = kpi_cells(record, kpis, look, context)
    return [
        Cell(cell.value, look.but(number=styles.TENTH)) if kpi.unit == "count" else cell
        for cell, (_, kpi) in zip(cells, kpis, strict=True)
    ]


def _yoy_cells(record: Record, kpis: list[tuple[str, Kpi]], look: Format, context: Context) -> list[Cell]:
    """Return relative changes; for rates the difference in percentage points."""
    cells = []
    for column, kpi in kpis:
        value = record.get(column)
        if kpi.unit == "rate":
            cells.append(Cell(None if value is None else value * 100, look.but(number=styles.POINTS)))
        else:
            cells.append(Cell(value, look.but(number=styles.CHANGE)))
    return cells


def _yoy_rules(rows: list[int], kpis: list[tuple[str, Kpi]]) -> tuple[Sign, ...]:
    """Return the colours of the year over year rows: good news and bad news, by the direction of each KPI."""

    def areas(better: str) -> tuple[Area, ...]:
        columns = [_LEFT + index for index, (_, kpi) in enumerate(kpis) if kpi.better == better]
        spans: list[list[int]] = []
        for column in columns:
            if spans and spans[-1][1] == column:
                spans[-1][1] = column + 1
            else:
                spans.append([column, column + 1])
        return tuple(Area(row, left, row + 1, right) for row in rows for left, right in spans)

    return sign_rules(areas("higher"), areas("lower"))


def _charts(columns: ChartColumns, at: int) -> tuple[Chart, ...]:
    if not columns.months:
        return ()
    customers = Chart(
        key="growth/customers-mrr",
        title="Customers and MRR",
        kind="COMBO",
        domain=columns.month,
        series=(
            Series(columns.source("total_customers"), styles.SERIES[5], "COLUMN", "LEFT"),
            Series(columns.source("mrr_cents"), styles.SERIES[0], "LINE", "RIGHT"),
        ),
        row=HEAD_ROWS,
        column=at,
        width=520,
        height=310,
        left_title="Customers",
        right_title="MRR",
        description="Total customers (columns) and MRR (line) at the end of each completed month.",
    )
    return (customers,)
