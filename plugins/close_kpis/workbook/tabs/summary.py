"""The Summary tab: the headline KPIs on one screen, what changed in the last completed month, how far the data go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.month import month_before
from close_kpis.workbook.spec import EMPTY, Area, Cell, Formula, Reference, Row, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import is_one_block
from close_kpis.workbook.tabs.data import column_name
from close_kpis.workbook.tabs.news import news
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, head, labels, sign_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.kpis.registry import Kpi

HEADLINES = (
    ("growth_monthly", "total_customers"),
    ("growth_monthly", "mrr_cents"),
    ("growth_monthly", "arr_cents"),
    ("mrr_movements_monthly", "new_arr_cents"),
    ("growth_monthly", "net_growth_rate"),
    ("growth_monthly", "churn_rate"),
    ("mrr_movements_monthly", "net_revenue_retention_12m"),
    ("win_rate_monthly", "win_rate"),
)
"""The KPIs of the tab, each as (table, column), in its order; the open pipeline follows them."""

TREND = 13
"""Completed months of a sparkline: a year, and the month a year before."""

_CHANGES = (2, 3)
"""The columns that tell a change."""


@dataclass(frozen=True)
class _Months:
    """The months of the tab: the last completed one, those that it is compared with, the running one."""

    last: date
    before: date
    year_before: date
    running: date | None
    trend: frozenset[date]


def summary_tab(tables: Tables, context: Context, data: Sequence[Tab]) -> Tab:
    """Return the Summary tab.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        data: the plain data tabs, of which the sparklines are drawn.
    """
    rows = head("Summary", _state(tables), context, context.stamp.run_url)
    months = _months(records(tables.growth_monthly))
    signs: list[tuple[str, Area]] = []
    if months is None:
        rows += [(EMPTY,), (Cell("No month is completed yet: see Growth for the running one.", styles.BODY),)]
    else:
        rows.append(_heads(months, context))
        for table, column in HEADLINES:
            kpi = context.definitions.kpis_of(table)[column]
            signs += [(kpi.better, Area(len(rows), at, len(rows) + 1, at + 1)) for at in _CHANGES]
            rows.append(_headline(tables, table, column, kpi, months, context, data))
        rows.append(_pipeline(tables, months, context))
        if said := news(tables, context, months.last):
            rows += [(EMPTY,), (Cell("What changed", styles.SECTION),)]
            rows += [(Cell(sentence, styles.BODY),) for sentence in said]
    higher, lower = (tuple(area for better, area in signs if better == way) for way in ("higher", "lower"))
    return Tab(
        key="summary",
        title="Summary",
        rows=tuple(rows),
        widths=(230, 140, 130, 130, 130, 190),
        heights=(*HEAD_HEIGHTS, 36),
        frozen_columns=1,
        rules=sign_rules(higher, lower),
        color=styles.NAVY,
        header=3 if months else None,
        labels=(0,),
    )


def _months(growth: list[Record]) -> _Months | None:
    completed = sorted(record["month"] for record in growth if not record["is_running"])
    running = [record["month"] for record in growth if record["is_running"]]
    if not completed:
        return None
    last = completed[-1]
    trend = frozenset(completed[-TREND:])
    return _Months(last, month_before(last), last.replace(year=last.year - 1), running[0] if running else None, trend)


def _heads(months: _Months, context: Context) -> Row:
    # The months stand in brackets: what a column is called must not change with them.
    to_date = f"To date ({months.running:%b %Y})" if months.running else "To date"
    completed = f"Completed ({months.last:%b %Y})"
    heads = (completed, "Against the month before", "Against the year before", to_date, f"Last {TREND} months")
    note = f"Money in {context.currency}. Rates change in percentage points. Point at a name for its definition."
    return (Cell("KPI", styles.HEADER_LEFT, note=note), *labels(heads, styles.HEADER))


def _headline(
    tables: Tables,
    table: str,
    column: str,
    kpi: Kpi,
    months: _Months,
    context: Context,
    data: Sequence[Tab],
) -> Row:
    by_month = {record["month"]: record.get(column) for record in records(getattr(tables, table))}
    number = styles.BODY.but(number=styles.number(kpi.unit, context.currency))
    value = by_month.get(months.last)
    running = by_month.get(months.running) if months.running else None
    label = f"{kpi.label} MRR" if column == "new_arr_cents" else kpi.label
    return (
        Cell(label, styles.BODY.but(bold=True), note=kpi.note()),
        Cell(styles.shown(kpi.unit, value), number.but(bold=True)),
        _change(kpi, value, by_month.get(months.before)),
        _change(kpi, value, by_month.get(months.year_before)),
        Cell(styles.shown(kpi.unit, running), number.but(italic=True, color=styles.MUTED)),
        Cell(None, styles.BODY, formula=_sparkline(table, column, months.trend, data)),
    )


def _change(kpi: Kpi, value: float | None, before: float | None) -> Cell:
    """Return how a value has changed: relatively, rates in percentage points."""
    if kpi.unit == "rate":
        points = None if value is None or before is None else (value - before) * 100
        return Cell(points, styles.BODY.but(number=styles.POINTS))
    grown = None if value is None or not before else value / before - 1
    return Cell(grown, styles.BODY.but(number=styles.CHANGE))


def _sparkline(table: str, column: str, months: frozenset[date], data: Sequence[Tab]) -> Formula | None:
    tab = next(one for one in data if one.key == f"data_{table}")
    heads = [cell.value for cell in tab.rows[0]]
    at, month_at = heads.index(column_name(column)), heads.index("month")
    rows = [index for index, row in enumerate(tab.rows) if row[month_at].value in months]
    if not is_one_block(rows) or len(rows) < 2:
        return None
    area = Area(rows[0], at, rows[-1] + 1, at + 1)
    return Formula("SPARKLINE({0})", (Reference(area, tab.key, is_whole=True),), is_checked=False)


def _pipeline(tables: Tables, months: _Months, context: Context) -> Row:
    """Return the open pipeline, weighted by confidence: at the end of the month, where that day was kept, and now."""
    kpi = context.definitions.kpi("pipeline", "weighted_arr_cents")
    by_day: dict[date, float] = {}
    for record in records(tables.pipeline_daily):
        by_day[record["day"]] = by_day.get(record["day"], 0) + (record["weighted_arr_cents"] or 0)
    at_end = [day for day in by_day if day.replace(day=1) == months.last]
    look = styles.BODY.but(number=styles.number(kpi.unit, context.currency))
    value = by_day[max(at_end)] if at_end else None
    now = by_day[max(by_day)] if by_day else None
    note = f"{kpi.note()}\n\nOn the last day of the month that a run has seen; in the running month, today."
    return (
        Cell("Open pipeline, weighted", styles.BODY.but(bold=True), note=note),
        Cell(styles.shown(kpi.unit, value), look.but(bold=True)),
        Cell(None, styles.BODY.but(number=styles.CHANGE)),
        Cell(None, styles.BODY.but(number=styles.CHANGE)),
        Cell(styles.shown(kpi.unit, now), look.but(italic=True, color=styles.MUTED)),
    )


def _state(tables: Tables) -> str:
    """Return in a line what a reader should know before trusting the numbers."""
    warnings = len(tables.data_quality)
    found = [] if tables.restatements is None else records(tables.restatements)
    restated = next((record["all_rows"] for record in found if not record["is_to_date"]), 0)
    return (
        f"{_told(warnings, 'record')} to mend in Close (Data quality). "
        f"{_told(restated, 'published number')} of completed months changed since (Changes)."
    )


def _told(count: int, what: str) -> str:
    return f"{count or 'No'} {what}{'' if count == 1 else 's'}"
