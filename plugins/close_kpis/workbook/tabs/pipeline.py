"""The Pipeline tab: what is open by stage, how it has moved, what was created, won and lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from close_kpis.headlines.figures import figure_label
from close_kpis.month import months_after
from close_kpis.workbook.spec import EMPTY, Area, Cell, Chart, Formula, Reference, Row, Series, Source, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.inputs import attainment, target
from close_kpis.workbook.tabs.matrix import MONTHS
from close_kpis.workbook.tabs.parts import (
    HEAD_HEIGHTS,
    Context,
    blank_rows,
    comments_header,
    head,
    header,
    labels,
    month_cell,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.kpis.registry import Unit
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
MRR = ("arr_cents", "weighted_arr_cents")
"""Annual values, of which a month's worth is shown."""
SNAPSHOT_KPIS = STAGE_KPIS[:4]
MONTH_COUNTS = ("created_opportunities", "won_opportunities", "lost_opportunities")
RATES = ("win_rate", "created_win_rate")
FORECAST_KPIS = ("open_opportunities", "expected_wins", "won_opportunities")
INTERVAL = ("expected_wins_low", "expected_wins_high")
LEAST_LEARNED = 20
"""Opportunities that an expectation is learned from at least, as in ``staging.forecast_stages``."""

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
    rows += _stages(tables, context, header_row)
    rows += _coverage(tables, rows, context)
    rows += blank_rows(1)
    months_at = len(rows)
    months = records(tables.win_rate_monthly)[-MONTHS:]
    rows += _months(months, context)
    rows += blank_rows(1)
    rows += _forecasts(tables, context)
    rows += blank_rows(1)
    snapshots_at = len(rows)
    snapshots = _snapshots(records(tables.pipeline_daily))
    rows += _moves(snapshots, context)
    comments = _LEFT + len(STAGE_KPIS)
    beside = comments + 2
    return Tab(
        key=KEY,
        title="Pipeline",
        rows=tuple(rows),
        widths=(124, 128, *(80 for _ in STAGE_KPIS), 120, 12),
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
        comments=comments,
    )


def _stages(tables: Tables, context: Context, row: int) -> list[Row]:
    """Return the open opportunities by stage, a subtotal for each of several pipelines, the total.

    Args:
        tables: the KPI tables.
        context: texts, currency.
        row: the row of the tab in which the headings stand.
    """
    found = sorted(records(tables.pipeline_stages), key=lambda record: record["position"])
    cycle = next((record["sales_cycle_days"] for record in found if record["sales_cycle_days"] is not None), None)
    if cycle is None:
        found = [record | {"overdue_opportunities": None} for record in found]
    rows: list[Row] = [(*labels(("Pipeline", "Stage")), *_heads(STAGE_KPIS, context, styles.HEADER), comments_header())]
    subtotals: list[int] = []
    pipelines = [(name, list(group)) for name, group in groupby(found, key=lambda record: record["pipeline"])]
    for name, stages in pipelines:
        first = row + len(rows)
        for at, record in enumerate(stages):
            look = styles.BODY.but(bold=True) if at == 0 else styles.BODY.but(color=styles.FAINT)
            cells = (_cell(column, record[column], styles.BODY, context) for column in STAGE_KPIS)
            rows.append((Cell(name, look), Cell(record["status"], styles.BODY), *cells))
        names = (name, "Total") if len(pipelines) > 1 else ("Total", None)
        subtotals.append(row + len(rows))
        rows.append(_total(names, stages, "SUM({0})", [(first, first + len(stages))], context))
    if not found:
        rows.append((Cell("Nothing is open.", styles.BODY),))
    elif len(pipelines) > 1:
        text = "+".join(f"{{{number}}}" for number in range(len(subtotals)))
        rows.append(_total(("Total", None), found, text, [(at, at + 1) for at in subtotals], context))
    told = (
        "not known, since nothing was won in the last twelve months."
        if cycle is None
        else f"open for more than {2 * cycle:.0f} days, twice the median of {cycle:.0f} to a win."
    )
    return [*rows, (Cell(f"Overdue: {told}", styles.STAMP),)]


def _heads(columns: Sequence[str], context: Context, look: Format) -> list[Cell]:
    """Return the headings of stages, of which the tab shows the annual value as MRR."""
    heads = []
    for column in columns:
        cell = header(context.definitions.kpi("stages", column), look)
        if column in MRR:
            label = str(cell.value).replace("Annual value", "MRR").replace("annual value", "MRR")
            cell = replace(cell, value=label, note=f"{cell.note}\n\nShown is a month's worth of it, a twelfth.")
        heads.append(cell)
    return heads


def _cell(column: str, value: float | None, look: Format, context: Context) -> Cell:
    unit: Unit = "mrr" if column in MRR else context.definitions.kpi("stages", column).unit
    return Cell(styles.shown(unit, value), look.but(number=styles.number(unit, context.currency)))


def _total(
    names: tuple[str, str | None], stages: list[Record], text: str, spans: list[tuple[int, int]], context: Context
) -> Row:
    """Return the sum of stages.

    Args:
        names: what the row is called.
        stages: what is summed up.
        text: the formula that does so.
        spans: the rows that it means, from the first to before the last; each is one of its references.
        context: texts, currency.
    """
    cells = [Cell(name, styles.TOTAL) for name in names]
    for at, column in enumerate(STAGE_KPIS, start=_LEFT):
        if column not in SUMS:
            cells.append(Cell(None, styles.TOTAL))
            continue
        values = [record[column] for record in stages]
        cell = _cell(column, None if None in values else sum(values), styles.TOTAL, context)
        references = tuple(Reference(Area(top, at, bottom, at + 1)) for top, bottom in spans)
        cells.append(cell if cell.value is None else replace(cell, formula=Formula(text, references)))
    return tuple(cells)


def _coverage(tables: Tables, rows: Sequence[Row], context: Context) -> list[Row]:
    """Return what readers have set as targets of new MRR, and how often the open pipeline holds that.

    Args:
        tables: the KPI tables.
        rows: of the tab so far: the last but one has the totals.
        context: texts, currency.
    """
    running = [record["month"] for record in records(tables.win_rate_monthly) if record["is_running"]]
    if not running or tables.pipeline_stages.empty:
        return []
    [month] = running
    last = months_after(month, 2)
    total, at = len(rows) - 2, len(rows)
    first = _LEFT + STAGE_KPIS.index("arr_cents")
    label = figure_label(context.definitions, "mrr_movements_monthly", "new_arr_cents")
    aim = Cell(
        None,
        styles.BODY.but(number=styles.money(context.currency)),
        note=f"The team's targets of {label} in the tab Targets, the running month and the two after it.",
        formula=target(month, months_after(month, 3), f'"{label}"', ()),
    )
    aimed = Reference(Area(at, first, at + 1, first + 1))
    shares = [
        Cell(None, styles.BODY.but(number=styles.TIMES), formula=attainment(open_value, aimed))
        for open_value in (Reference(Area(total, left, total + 1, left + 1)) for left in (first, first + 1))
    ]
    gap = [EMPTY] * (first - _LEFT)
    names = (Cell("Coverage", styles.BODY), Cell("pipeline / target", styles.BODY.but(color=styles.MUTED)))
    span = f"{label}, {month:%b}-{last:%b}"
    return [
        (Cell("Target", styles.BODY), Cell(span, styles.BODY.but(color=styles.MUTED)), *gap, aim),
        (*names, *gap, *shares),
    ]


def _months(months: list[Record], context: Context) -> list[Row]:
    """Return what was created, won and lost in the last months, and the win rates."""
    kpis = [context.definitions.kpi("win-rate", column) for column in (*MONTH_COUNTS, *RATES)]
    heads = [header(kpi, styles.SUBHEADER) for kpi in kpis]
    rows: list[Row] = [
        (Cell("Created, won and lost by month", styles.SECTION),),
        (*labels(("Month", ""), styles.SUBHEADER_LEFT), *heads),
    ]
    for record in months:
        look = styles.month(is_running=record["is_running"])
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


def _forecasts(tables: Tables, context: Context) -> list[Row]:
    """Return how many of the open opportunities are expected to be won in three months, and what came of it before."""
    found = records(tables.forecast_monthly)[-MONTHS:]
    kpi = {column: context.definitions.kpi("forecast", column) for column in FORECAST_KPIS}
    note = kpi["expected_wins"].note()
    rows: list[Row] = [
        (Cell("Expected wins of the next three months", styles.SECTION, note=note),),
        (Cell(_told(found), styles.SENTENCE),),
        (
            *labels(("Said", "Of the months"), styles.SUBHEADER_LEFT),
            header(kpi["open_opportunities"], styles.SUBHEADER),
            header(kpi["expected_wins"], styles.SUBHEADER),
            *labels(("at least", "at most"), styles.SUBHEADER),
            header(kpi["won_opportunities"], styles.SUBHEADER),
            Cell("Within", styles.SUBHEADER, note="Whether what came lies within the 95 % interval."),
        ),
    ]
    for record in found:
        look = styles.month(is_running=record["is_running"])
        month = record["month"]
        until = months_after(month, 2)
        numbers = [Cell(record[column], look.but(number=styles.TENTH)) for column in ("expected_wins", *INTERVAL)]
        rows.append((
            Cell("now", look) if record["is_running"] else month_cell(month, look, is_running=False),
            Cell("three from today" if record["is_running"] else f"{month:%b}-{until:%b %Y}", look),
            Cell(record["open_opportunities"], look.but(number=styles.WHOLE)),
            *numbers,
            Cell(record["won_opportunities"], look.but(number=styles.WHOLE)),
            Cell(_within(record), look.but(align="CENTER")),
        ))
    return rows


def _within(record: Record) -> str | None:
    low, high, came = (record[column] for column in (*INTERVAL, "won_opportunities"))
    if low is None or high is None or came is None:
        return None
    return "yes" if low <= came <= high else "below" if came < low else "above"


def _told(found: list[Record]) -> str:
    """Return what is expected now and how such statements have held, in a sentence."""
    now = found[-1] if found else {}
    if now.get("expected_wins") is None:
        return (
            "Nothing is open."
            if not now.get("open_opportunities") and now.get("learned_from", 0) >= LEAST_LEARNED
            else f"Too little history: {now.get('learned_from', 0)} opportunities in the 24 months before, "
            f"{LEAST_LEARNED} with three months since are needed."
        )
    low, high = (now[column] for column in INTERVAL)
    judged = [said for said in map(_within, found) if said]
    held = f" In {judged.count('yes')} of {len(judged)} months what came lay within." if judged else ""
    return (
        f"{now['expected_wins']:.0f} of {now['open_opportunities']} open are expected to be won, 95 % interval "
        f"{low:.0f} to {high:.0f} (n = {now['learned_from']}).{held}"
    )


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
    heads = _heads(SNAPSHOT_KPIS, context, styles.SUBHEADER)
    note = "The last snapshot of each month; the tab Data pipeline has those of all days, by stage."
    rows: list[Row] = [
        (Cell("How the pipeline has moved", styles.SECTION, note=note),),
        (*labels(("", "As of"), styles.SUBHEADER_LEFT), *heads),
    ]
    for day, sums in snapshots:
        cells = [_cell(column, sums[column], styles.BODY, context) for column in SNAPSHOT_KPIS]
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
