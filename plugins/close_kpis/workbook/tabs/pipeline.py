"""The Pipeline tab: what is open by stage, how it has moved, what was created, won and lost."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import EMPTY, Area, Cell, Chart, Formula, Reference, Row, Series, Source, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.matrix import MONTHS
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, blank_rows, head, header, labels, month_cell

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.workbook.spec import Format

KEY = "pipeline"
STAGE_KPIS = (
    "opportunities",
    "arr_cents",
    "weighted_arr_cents",
    "one_time_cents",
    "avg_age_days",
    "overdue_opportunities",
)
SUMS = tuple(column for column in STAGE_KPIS if column != "avg_age_days")
SNAPSHOT_KPIS = STAGE_KPIS[:4]
MONTH_COUNTS = ("created_opportunities", "won_opportunities", "lost_opportunities")
RATES = ("win_rate", "created_win_rate")

_LEFT = 2
_CHART_WIDTH, _CHART_HEIGHT = 440, 290


def pipeline_tab(tables: Tables, context: Context) -> Tab:
    """Return the Pipeline tab.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
    """
    legend = (
        f"Open opportunities as of the last run; values in {context.currency} of MRR, one-time deals at face value. "
        "In brackets: how many of the month's deals are decided. Renewals left out of win rates."
    )
    rows = head("Pipeline", legend, context)
    header_row = len(rows)
    rows += _stages(tables, context)
    rows += blank_rows(1)
    months_at = len(rows)
    months = records(tables.win_rate_monthly)[-MONTHS:]
    rows += _months(months, context)
    rows += blank_rows(1)
    snapshots_at = len(rows)
    snapshots = _snapshots(records(tables.pipeline_daily))
    rows += _moves(snapshots, context)
    beside = _LEFT + len(STAGE_KPIS) + 1
    return Tab(
        key=KEY,
        title="Pipeline",
        rows=tuple(rows),
        widths=(132, 150, *(84 for _ in STAGE_KPIS), 16),
        heights=(*HEAD_HEIGHTS, 44),
        frozen_rows=2,
        frozen_columns=_LEFT,
        charts=(
            *_win_rate_chart(months, months_at + 1, beside),
            *_value_chart(snapshots, snapshots_at + 1, max(snapshots_at, months_at + 16), beside),
        ),
        color=styles.SERIES[3],
        header=header_row,
        labels=(0, 1),
    )


def _stages(tables: Tables, context: Context) -> list[Row]:
    """Return the open opportunities by stage, a subtotal for each of several pipelines, the total."""
    kpis = [(column, context.definitions.kpi("stages", column)) for column in STAGE_KPIS]
    found = sorted(records(tables.pipeline_stages), key=lambda record: record["position"])
    heads = [header(kpi.model_copy(update={"label": _as_mrr(kpi.label)})) for _, kpi in kpis]
    rows: list[Row] = [(*labels(("Pipeline", "Stage")), *heads)]
    top = 4
    cycles = [record["sales_cycle_days"] for record in found if record["sales_cycle_days"] is not None]
    totals: list[tuple[int, list[Record]]] = []
    pipelines = [(name, list(group)) for name, group in groupby(found, key=lambda record: record["pipeline"])]
    for name, stages in pipelines:
        first = top + len(rows) - 1
        for at, record in enumerate(stages):
            look = styles.BODY.but(bold=True) if at == 0 else styles.BODY.but(color=styles.FAINT)
            rows.append((
                Cell(name, look),
                Cell(record["status"], styles.BODY),
                *(_cell(column, record[column], styles.BODY, context, has_cycle=bool(cycles)) for column in STAGE_KPIS),
            ))
        if len(pipelines) > 1:
            rows.append(_sum_row(name, stages, Area(first, 0, first + len(stages), 0), context, has_cycle=bool(cycles)))
            totals.append((top + len(rows) - 2, stages))
    if not found:
        rows.append((Cell("Nothing is open.", styles.BODY),))
    elif len(pipelines) == 1:
        area = Area(top, 0, top + len(found), 0)
        rows.append(_sum_row("Total", found, area, context, has_cycle=bool(cycles)))
    else:
        rows.append(_grand_total(totals, context, has_cycle=bool(cycles)))
    if cycles:
        told = f"Overdue: open for more than {2 * cycles[0]:.0f} days, twice the median of {cycles[0]:.0f} to a win."
    else:
        told = "Overdue: not known, since nothing was won in the last twelve months."
    return [*rows, (Cell(told, styles.STAMP),)]


def _as_mrr(label: str) -> str:
    return label.replace("Annual value", "MRR").replace("annual value", "MRR")


def _cell(column: str, value: float | None, look: Format, context: Context, *, has_cycle: bool) -> Cell:
    if column == "overdue_opportunities" and not has_cycle:
        value = None
    if column in {"arr_cents", "weighted_arr_cents"}:
        return Cell(styles.shown("mrr", value), look.but(number=styles.money(context.currency)))
    unit = context.definitions.kpi("stages", column).unit
    return Cell(styles.shown(unit, value), look.but(number=styles.number(unit, context.currency)))


def _sum_row(name: str, stages: list[Record], area: Area, context: Context, *, has_cycle: bool) -> Row:
    """Return the sum of neighbouring stages, as formulas over their rows."""
    cells = [Cell(name, styles.TOTAL), Cell("Total" if name != "Total" else None, styles.TOTAL)]
    for at, column in enumerate(STAGE_KPIS, start=_LEFT):
        if column not in SUMS:
            cells.append(Cell(None, styles.TOTAL))
            continue
        cell = _cell(column, sum(record[column] for record in stages), styles.TOTAL, context, has_cycle=has_cycle)
        reference = Reference(Area(area.top, at, area.bottom, at + 1))
        formula = Formula("SUM({0})", (reference,)) if cell.value is not None else None
        cells.append(Cell(cell.value, cell.format, formula=formula))
    return tuple(cells)


def _grand_total(totals: list[tuple[int, list[Record]]], context: Context, *, has_cycle: bool) -> Row:
    """Return the sum of the pipelines' sums."""
    cells = [Cell("Total", styles.TOTAL), Cell(None, styles.TOTAL)]
    for at, column in enumerate(STAGE_KPIS, start=_LEFT):
        if column not in SUMS:
            cells.append(Cell(None, styles.TOTAL))
            continue
        value = sum(record[column] for _, stages in totals for record in stages)
        cell = _cell(column, value, styles.TOTAL, context, has_cycle=has_cycle)
        text = "+".join(f"{{{number}}}" for number in range(len(totals)))
        references = tuple(Reference(Area(row, at, row + 1, at + 1)) for row, _ in totals)
        formula = Formula(text, references) if cell.value is not None else None
        cells.append(Cell(cell.value, cell.format, formula=formula))
    return tuple(cells)


def _months(months: list[Record], context: Context) -> list[Row]:
    """Return what was created, won and lost in the last months, and the win rates."""
    kpis = [context.definitions.kpi("win-rate", column) for column in (*MONTH_COUNTS, *RATES)]
    heads = [header(kpi, styles.SUBHEADER) for kpi in kpis]
    rows: list[Row] = [
        (Cell("Created, won and lost by month", styles.SECTION),),
        (*labels(("Month", ""), styles.SUBHEADER_LEFT), *heads),
    ]
    for record in months:
        look = styles.BODY.but(italic=True, fill=styles.RUNNING) if record["is_running"] else styles.BODY
        rows.append((
            month_cell(record["month"], look, is_running=bool(record["is_running"])),
            Cell(None, look),
            *(Cell(record[column], look.but(number=styles.WHOLE)) for column in MONTH_COUNTS),
            Cell(record["win_rate"], look.but(number=styles.PERCENT)),
            _created_rate(record, look),
        ))
    return rows


def _created_rate(record: Record, look: Format) -> Cell:
    """Return the win rate of the month's deals with how many of them are decided, which no column tells."""
    n = int(record["created_won_opportunities"] + record["created_lost_opportunities"])
    return Cell(record["created_win_rate"], look.but(number=styles.rate_of(n)) if n else look)


def _snapshots(found: list[Record]) -> list[tuple[date, dict[str, float]]]:
    """Return the whole pipeline as of the last snapshot of each month, the newest months."""
    days = {day: list(group) for day, group in groupby(found, key=lambda record: record["day"])}
    last_of_month = {(day.year, day.month): day for day in sorted(days)}
    return [
        (day, {column: sum(record[column] for record in days[day]) for column in SNAPSHOT_KPIS})
        for day in sorted(last_of_month.values())[-MONTHS:]
    ]


def _moves(snapshots: list[tuple[date, dict[str, float]]], context: Context) -> list[Row]:
    """Return how the pipeline has moved, a row for the last snapshot of each month."""
    heads = [header(context.definitions.kpi("stages", column), styles.SUBHEADER) for column in SNAPSHOT_KPIS]
    heads = [Cell(_as_mrr(str(cell.value)), cell.format, note=cell.note) for cell in heads]
    note = "The last snapshot of each month; the tab Data pipeline has those of all days, by stage."
    rows: list[Row] = [
        (Cell("How the pipeline has moved", styles.SECTION, note=note),),
        (*labels(("", "As of"), styles.SUBHEADER_LEFT), *heads),
    ]
    for day, sums in snapshots:
        cells = [_cell(column, sums[column], styles.BODY, context, has_cycle=True) for column in SNAPSHOT_KPIS]
        rows.append((EMPTY, Cell(day, styles.BODY.but(number=styles.DAY, align="LEFT")), *cells))
    return rows


def _win_rate_chart(months: list[Record], top: int, column: int) -> tuple[Chart, ...]:
    count = len(months)
    if not count:
        return ()

    def source(at: int) -> Source:
        return Source(KEY, Area(top, at, top + 1 + count, at + 1))

    counts = ((1, styles.SERIES[2]), (2, styles.SERIES[4]))
    return (
        Chart(
            key="pipeline/win-rate",
            title="Won, lost and win rate",
            kind="COMBO",
            domain=source(0),
            series=(
                *(Series(source(_LEFT + at), color, "COLUMN", "LEFT") for at, color in counts),
                Series(source(_LEFT + len(MONTH_COUNTS)), styles.SERIES[0], "LINE", "RIGHT"),
            ),
            row=top - 1,
            column=column,
            width=_CHART_WIDTH,
            height=_CHART_HEIGHT,
            left_title="Deals",
            right_title="Win rate",
            description="Won and lost deals (columns) and the win rate (line) by month of the decision.",
        ),
    )


def _value_chart(snapshots: list[tuple[date, dict[str, float]]], top: int, row: int, column: int) -> tuple[Chart, ...]:
    if len(snapshots) < 2:
        return ()
    end = top + 1 + len(snapshots)
    drawn = ((1, styles.SERIES[5]), (2, styles.SERIES[0]))
    return (
        Chart(
            key="pipeline/value",
            title="MRR in the open pipeline",
            kind="LINE",
            domain=Source(KEY, Area(top, 1, end, 2)),
            series=tuple(
                Series(Source(KEY, Area(top, _LEFT + at, end, _LEFT + at + 1)), color, "LINE") for at, color in drawn
            ),
            row=row,
            column=column,
            width=_CHART_WIDTH,
            height=_CHART_HEIGHT,
            left_title="MRR",
            description="MRR of the open opportunities, whole and weighted by confidence, at the end of each month.",
        ),
    )
