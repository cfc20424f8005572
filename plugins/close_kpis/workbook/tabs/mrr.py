"""The MRR tab: how recurring revenue moves, month by month and by year, and how much of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Chart, Row, Series, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.chart_data import LOSSES, MOVEMENTS, RETENTION
from close_kpis.workbook.tabs.computed import Computed, is_one_block, over
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    Context,
    comments_header,
    head,
    header,
    kpi_cells,
    labels,
)
from close_kpis.workbook.tabs.years import by_year, month_rows, summary_label, year_label

if TYPE_CHECKING:
    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.tabs.chart_data import ChartColumns

_LEFT = 2
_WIDE = frozenset({"reactivation_arr_cents", "contraction_arr_cents"})
_MOVEMENTS = (*MOVEMENTS, *LOSSES)


def mrr_tab(tables: Tables, context: Context, chart_columns: ChartColumns) -> Tab:
    """Return the MRR tab.

    Years and months stand as in Growth; a year's row closes it, with the retention of the customers that it began
    with.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        chart_columns: where the charts find their data.
    """
    kpis = context.definitions.reports["mrr"].shown()
    legend = (
        f"Money in {context.currency} a month. Opening and gains less losses are closing. (MTD): month to date. "
        "Empty: not defined. Point at a heading for its definition."
    )
    rows = head("MRR", legend, context)
    rows.append((*labels(("Year", "Month")), *(header(kpi) for _, kpi in kpis), comments_header()))
    header_row = len(rows) - 1
    begins = tables.choices.fiscal_year_start
    yearly = {record["year"]: record for record in records(tables.mrr_movements_yearly)}
    blocks: list[tuple[list[int], int | None]] = []
    for year, months in by_year(records(tables.mrr_movements_monthly), begins):
        months_at = [len(rows) + at for at in range(len(months))]
        rows += month_rows(year_label(year, begins), months, kpis, context)
        blocks.append((months_at, len(rows) if year in yearly else None))
        if year in yearly:
            rows.append(_year_row(year_label(year, begins), yearly[year], kpis, context))
    _compute(Computed(rows, {column: at for at, (column, _) in enumerate(kpis, start=_LEFT)}), blocks)
    return Tab(
        key="mrr",
        title="MRR",
        rows=tuple(rows),
        widths=(50, 118, *(84 if column in _WIDE else 74 for column, _ in kpis), COMMENTS_WIDTH, 20),
        heights=(*HEAD_HEIGHTS, 74),
        frozen_rows=header_row + 1,
        frozen_columns=_LEFT,
        charts=_charts(tables, chart_columns, header_row + 1, _LEFT + len(kpis) + 2),
        color=styles.NAVY,
        header=header_row,
        labels=(0, 1),
        comments=_LEFT + len(kpis),
    )


def _year_row(year: int | str, record: Record, kpis: list[tuple[str, Kpi]], context: Context) -> Row:
    text = context.definitions.summary_rows["year"]
    label = f"{text.label} (YTD)" if record["is_running"] else text.label
    definitions = context.definitions.reports["mrr-years"].kpis
    note = "\n".join(f"{kpi.label}: {kpi.note()}" for kpi in definitions.values() if kpi.unit != "mrr")
    return (
        *summary_label(year, label, note, styles.TOTAL),
        *kpi_cells(record, kpis, styles.TOTAL, context),
    )


def _compute(cells: Computed, blocks: list[tuple[list[int], int | None]]) -> None:
    """Put the formulas: each month begins where the one before ended, and a year sums up its months.

    Args:
        cells: of the tab.
        blocks: of each year, the newest first, the rows of its months and the row below them.
    """
    months = [row for rows, _ in reversed(blocks) for row in rows]
    for before, row in zip([None, *months[:-1]], months, strict=True):
        if before is not None:
            closing = (before, "closing_arr_cents")
            cells.put((row, "opening_arr_cents"), "{0}", cells.value(closing), closing)
        _add_up(cells, row)
        _retention(cells, row)
    for rows, year in blocks:
        if year is None or not is_one_block(rows):
            continue
        opening = (rows[0], "opening_arr_cents")
        cells.put((year, "opening_arr_cents"), "{0}", cells.value(opening), opening)
        for column in _MOVEMENTS:
            places = [(row, column) for row in rows]
            cells.put((year, column), "SUM({0})", sum(map(cells.value, places)), places)
        _add_up(cells, year)


def _add_up(cells: Computed, row: int) -> None:
    """Put what follows from the movements of a row: its closing, and gains for each unit lost."""
    opening, *moves = [(row, column) for column in ("opening_arr_cents", *_MOVEMENTS)]
    gained = sum(cells.value((row, column)) for column in MOVEMENTS)
    lost = sum(cells.value((row, column)) for column in LOSSES)
    closing = cells.value(opening) + gained - lost
    cells.put((row, "closing_arr_cents"), "{0}+{1}+{2}+{3}-{4}-{5}", closing, opening, *moves)
    cells.put((row, "quick_ratio"), "({0}+{1}+{2})/({3}+{4})", over(gained, lost), *moves)


def _retention(cells: Computed, row: int) -> None:
    opening, more, less, gone = (
        (row, column)
        for column in ("opening_arr_cents", "expansion_arr_cents", "contraction_arr_cents", "churn_arr_cents")
    )
    began = cells.value(opening)
    kept = began - cells.value(less) - cells.value(gone)
    net = over(kept + cells.value(more), began)
    cells.put((row, "net_revenue_retention"), "({0}+{1}-{2}-{3})/{0}", net, opening, more, less, gone)
    cells.put((row, "gross_revenue_retention"), "({0}-{1}-{2})/{0}", over(kept, began), opening, less, gone)


def _charts(tables: Tables, columns: ChartColumns, row: int, at: int) -> tuple[Chart, ...]:
    if not columns.months:
        return ()
    months = [record for record in records(tables.mrr_movements_monthly) if not record["is_running"]]
    movements = Chart(
        key="mrr/movements",
        title="MRR movements",
        kind="COLUMN",
        domain=columns.month,
        series=tuple(
            Series(columns.source(column), color)
            for column, color in (
                ("new_arr_cents", styles.SERIES[0]),
                ("reactivation_arr_cents", styles.SERIES[5]),
                ("expansion_arr_cents", styles.SERIES[2]),
                ("contraction_arr_cents", styles.SERIES[1]),
                ("churn_arr_cents", styles.SERIES[4]),
            )
        ),
        row=row,
        column=at,
        width=520,
        height=310,
        left_title="MRR gained and lost",
        stacked=True,
        description="MRR gained (above zero) and lost (below zero) in each completed month, by kind.",
    )
    retention = Chart(
        key="mrr/retention",
        title="Retention over twelve months",
        kind="LINE",
        domain=columns.month,
        series=tuple(
            Series(columns.source(column), color, "LINE")
            for column, color in zip(RETENTION, styles.SERIES, strict=False)
        ),
        row=row + 16,
        column=at,
        width=520,
        height=310,
        left_title="Share kept",
        description="Share of the revenue, and of the customers, of twelve months before that is still there.",
    )
    is_old_enough = any(record[column] is not None for record in months for column in RETENTION)
    return (movements, retention) if is_old_enough else (movements,)
