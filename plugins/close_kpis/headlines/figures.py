"""Headline figures: a KPI of the last completed month, what it is compared with, the running month to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.month import month_before
from close_kpis.workbook.tables import Record, Tables, records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from close_kpis.kpis.registry import Definitions, Kpi

HEADLINES = (
    ("growth_monthly", "total_customers"),
    ("growth_monthly", "mrr_cents"),
    ("growth_monthly", "arr_cents"),
    ("mrr_movements_monthly", "new_arr_cents"),
    ("growth_monthly", "net_growth_rate"),
    ("growth_monthly", "churn_rate"),
    ("mrr_movements_monthly", "net_revenue_retention_12m"),
    ("win_rate_monthly", "win_rate"),
    ("pipeline_daily", "weighted_arr_cents"),
)
"""The KPIs of the Summary tab, each as (table, column), in its order."""

MONTHLY = ("growth_monthly", "mrr_movements_monthly", "team_monthly", "win_rate_monthly")
"""The tables with one row a month, of which any KPI can be a headline."""

OF_A_DAY = ("opportunities", "arr_cents", "one_time_cents", "weighted_arr_cents")
"""The KPIs of the pipeline's days that can be summed over its stages."""

TREND = 13
"""Completed months of a trend: a year, and the month a year before."""


@dataclass(frozen=True)
class HeadlineMonths:
    """The months that headlines are about, by their first days.

    Attributes:
        last: the last completed one.
        before: the one before it.
        year_before: the one a year before it.
        running: the running one, None where there is none.
        trend: the last `TREND` completed ones.
    """

    last: date
    before: date
    year_before: date
    running: date | None
    trend: frozenset[date]


@dataclass(frozen=True)
class Figure:
    """A headline KPI, with the values as the KPI's table holds them (cents, annual cents, fractions).

    Attributes:
        table: of schema ``kpi``.
        column: of the table.
        label: what readers call it, also where no report stands around it.
        note: its definition.
        kpi: its entry in the registry.
        value: of the last completed month; None where it is not defined.
        before: of the month before that.
        year_before: of the month a year before that.
        to_date: of the running month.
    """

    table: str
    column: str
    label: str
    note: str
    kpi: Kpi
    value: float | None
    before: float | None
    year_before: float | None
    to_date: float | None


def choices(definitions: Definitions) -> dict[str, tuple[str, str]]:
    """Return what can be a headline, as (table, column), by report and column, such as ``growth.mrr``.

    Args:
        definitions: the registry.
    """
    found = {
        f"{definitions.tables[table].report}.{column.removesuffix('_cents')}": (table, column)
        for table in MONTHLY
        for column in definitions.kpis_of(table)
    }
    pipeline = definitions.tables["pipeline_daily"].report
    return found | {f"{pipeline}.{column.removesuffix('_cents')}": ("pipeline_daily", column) for column in OF_A_DAY}


def months_of(tables: Tables) -> HeadlineMonths | None:
    """Return the months that headlines are about, None before a month is completed."""
    growth = records(tables.growth_monthly)
    completed = sorted(record["month"] for record in growth if not record["is_running"])
    running = [record["month"] for record in growth if record["is_running"]]
    if not completed:
        return None
    last = completed[-1]
    trend = frozenset(completed[-TREND:])
    return HeadlineMonths(
        last, month_before(last), last.replace(year=last.year - 1), running[0] if running else None, trend
    )


def figure(tables: Tables, definitions: Definitions, table: str, column: str, months: HeadlineMonths) -> Figure:
    """Return a headline.

    Args:
        tables: the KPI tables.
        definitions: the registry.
        table: one of `MONTHLY`, or ``pipeline_daily``.
        column: of the table.
        months: which months.
    """
    kpi = definitions.kpis_of(table)[column]
    if table == "pipeline_daily":
        return _open_pipeline(tables, definitions, column, months)
    by_month = values_by_month(tables, table, column)
    return Figure(
        table=table,
        column=column,
        label=figure_label(definitions, table, column),
        note=kpi.note(),
        kpi=kpi,
        value=by_month.get(months.last),
        before=by_month.get(months.before),
        year_before=by_month.get(months.year_before),
        to_date=by_month.get(months.running) if months.running else None,
    )


def values_by_month(tables: Tables, table: str, column: str) -> Mapping[date, float | None]:
    """Return a KPI's values by month, the running one among them."""
    return {record["month"]: record.get(column) for record in records(getattr(tables, table))}


def change(kpi: Kpi, value: float | None, before: float | None) -> float | None:
    """Return how a value has changed: as a fraction, rates in percentage points; None where nobody can say."""
    if kpi.unit == "rate":
        return None if value is None or before is None else (value - before) * 100
    return None if value is None or not before else value / before - 1


def figure_label(definitions: Definitions, table: str, column: str) -> str:
    """Return what readers call a headline, also where no report stands around it."""
    kpi = definitions.kpis_of(table)[column]
    if table == "pipeline_daily":
        return "Open pipeline, weighted ARR" if column == "weighted_arr_cents" else f"Open pipeline: {kpi.label}"
    is_move = table == "mrr_movements_monthly" and kpi.unit == "mrr"
    return f"{kpi.label} MRR" if is_move and not kpi.label.endswith("MRR") else kpi.label


def _open_pipeline(tables: Tables, definitions: Definitions, column: str, months: HeadlineMonths) -> Figure:
    """Return the open pipeline: on the last day of the month, where a run has seen one, and now."""
    kpi = definitions.kpis_of("pipeline_daily")[column]
    by_day: dict[date, float] = {}
    record: Record
    for record in records(tables.pipeline_daily):
        by_day[record["day"]] = by_day.get(record["day"], 0) + (record[column] or 0)
    at_end = [day for day in by_day if day.replace(day=1) == months.last]
    return Figure(
        table="pipeline_daily",
        column=column,
        label=figure_label(definitions, "pipeline_daily", column),
        note=f"{kpi.note()}\n\nOn the last day of the month that a run has seen; in the running month, today.",
        kpi=kpi,
        value=by_day[max(at_end)] if at_end else None,
        before=None,
        year_before=None,
        to_date=by_day[max(by_day)] if by_day else None,
    )
