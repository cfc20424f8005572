"""The Summary tab: the headline KPIs on one screen, what changed in the last completed month, how far the data go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.headlines.figures import HEADLINES, TREND, change, figure, months_of
from close_kpis.headlines.news import news
from close_kpis.headlines.phrases import WorkbookPhrases
from close_kpis.headlines.upkeep import upkeep
from close_kpis.month import months_after
from close_kpis.workbook.spec import EMPTY, Area, Cell, Formula, Reference, Row, Tab
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import is_one_block, sparkline
from close_kpis.workbook.tabs.data import column_at
from close_kpis.workbook.tabs.inputs import attainment, target
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, head, labels, sign_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.headlines.figures import Figure, HeadlineMonths
    from close_kpis.kpis.registry import Kpi
    from close_kpis.workbook.spec import Format
    from close_kpis.workbook.tables import Tables

_CHANGES = (2, 3)
"""The columns that tell a change."""

_TARGET = 4
"""The column of the target."""


def summary_tab(tables: Tables, context: Context, data: Sequence[Tab]) -> Tab:
    """Return the Summary tab.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        data: the plain data tabs, of which the sparklines are drawn.
    """
    rows = head("Summary", upkeep(tables), context, context.stamp.run_url)
    months = months_of(tables)
    signs: list[tuple[str, Area]] = []
    if months is None:
        rows += [(EMPTY,), (Cell("No month is completed yet: see Growth for the running one.", styles.BODY),)]
    else:
        rows.append(_heads(months, context))
        for table, name in HEADLINES:
            shown = figure(tables, context.definitions, table, name, months)
            if shown.table != "pipeline_daily":
                signs += [(shown.kpi.better, Area(len(rows), at, len(rows) + 1, at + 1)) for at in _CHANGES]
            rows.append(_headline(shown, len(rows), months, context, data))
        if said := news(tables, WorkbookPhrases(context.currency), months.last):
            rows += [(EMPTY,), (Cell("What changed", styles.SECTION),)]
            rows += [(Cell(sentence, styles.BODY),) for sentence in said]
    higher, lower = (tuple(area for better, area in signs if better == way) for way in ("higher", "lower"))
    return Tab(
        key="summary",
        title="Summary",
        rows=tuple(rows),
        # The first two are what a phone shows.
        widths=(230, 112, 120, 120, 110, 100, 120, 190),
        heights=(*HEAD_HEIGHTS, 36),
        frozen_columns=1,
        rules=sign_rules(higher, lower),
        color=styles.NAVY,
        header=3 if months else None,
        labels=(0,),
    )


def _heads(months: HeadlineMonths, context: Context) -> Row:
    # The months stand in brackets: what a column is called must not change with them.
    to_date = f"To date ({months.running:%b %Y})" if months.running else "To date"
    completed = f"Completed ({months.last:%b %Y})"
    compared = ("Against the month before", "Against the year before")
    heads = (completed, *compared, "Target", "Attainment", to_date, f"Last {TREND} months")
    note = f"Money in {context.currency}. Rates change in percentage points. Point at a name for its definition."
    return (Cell("KPI", styles.HEADER_LEFT, note=note), *labels(heads, styles.HEADER))


def _headline(shown: Figure, at: int, months: HeadlineMonths, context: Context, data: Sequence[Tab]) -> Row:
    kpi = shown.kpi
    number = styles.BODY.but(number=styles.number(kpi.unit, context.currency))
    row = (
        Cell(shown.label, styles.BODY.but(bold=True), note=shown.note),
        Cell(styles.shown(kpi.unit, shown.value), number.but(bold=True)),
        _change(kpi, shown.value, shown.before),
        _change(kpi, shown.value, shown.year_before),
        *_target(shown, at, months.last, number),
        Cell(styles.shown(kpi.unit, shown.to_date), number.but(italic=True, color=styles.MUTED)),
    )
    if shown.table == "pipeline_daily":
        return row
    return (*row, Cell(None, styles.BODY, formula=_sparkline(shown, months.trend, data)))


def _target(shown: Figure, at: int, month: date, number: Format) -> tuple[Cell, Cell]:
    """Return what readers have set as the target of the month in the tab Targets, and how far it is reached."""
    name, value, aim = (Reference(Area(at, column, at + 1, column + 1)) for column in (0, 1, _TARGET))
    reached = attainment(value, aim, is_less_better=shown.kpi.better == "lower")
    return (
        Cell(None, number, formula=target(month, months_after(month), "{4}", (name,))),
        Cell(None, styles.BODY.but(number=styles.SHARE), formula=reached),
    )


def _change(kpi: Kpi, value: float | None, before: float | None) -> Cell:
    """Return how a value has changed: relatively, rates in percentage points."""
    look = styles.BODY.but(number=styles.POINTS if kpi.unit == "rate" else styles.CHANGE)
    return Cell(change(kpi, value, before), look)


def _sparkline(shown: Figure, months: frozenset[date], data: Sequence[Tab]) -> Formula | None:
    tab = next(one for one in data if one.key == f"data_{shown.table}")
    at, month_at = column_at(tab, shown.column), column_at(tab, "month")
    rows = [index for index, row in enumerate(tab.rows) if row[month_at].value in months]
    if not is_one_block(rows) or len(rows) < 2:
        return None
    return sparkline(Area(rows[0], at, rows[-1] + 1, at + 1), tab.key)
