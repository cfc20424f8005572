"""The Reps tab: a ranking, insights, rep x month, then a block per month with every rep and the team."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from close_kpis.kpis.insights import MIN_DECIDED
from close_kpis.workbook.spec import EMPTY, Cell, Chart, Format, Row, Series, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.insights import TEAM, insight_rows
from close_kpis.workbook.tabs.matrix import HEAD_ROWS, last_months, matrix
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    Context,
    blank_rows,
    column_header,
    comments_header,
    head,
    kpi_cells,
    labels,
    month_cell,
)
from close_kpis.workbook.tabs.people import rank_key, ranked_reps, rep_names
from close_kpis.workbook.tabs.ranking import height, ranking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from close_kpis.workbook.tabs.chart_data import ChartColumns
    from close_kpis.workbook.tabs.matrix import Months

INTERVAL_AFTER = "close_rate"
"""The KPI whose number of deals and interval stand beside it."""

MATRICES = ("arr_added_cents", "won_opportunities", "close_rate")
_INTERVAL_NOTE = (
    "Decided opportunities (won + lost), and the Wilson 95 % interval of the close rate. Few deals make it wide."
)
BLOCKS = 25
"""Months shown one by one, the running one among them; the tab Data reps has them all."""
_LEFT = 2
_MONTH_HEAD = "Month"
_CHART_ROWS = 16
_WIDE_CHART, _CHART, _CHART_HEIGHT = 540, 460, 320


def reps_tab(tables: Tables, context: Context, chart_columns: ChartColumns) -> Tab:
    """Return the Reps tab.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        chart_columns: where the charts find their data.
    """
    legend = (
        f"Money in {context.currency}. (MTD): month to date. (inactive): has left. Reps are ordered by MRR added "
        "in the completed months shown. Empty: not defined."
    )
    rows = head("Reps", legend, context)
    team = {record["month"]: record for record in records(tables.team_monthly)}
    months = last_months(list(team.values()))
    recent = [record for record in records(tables.rep_monthly) if record["month"] in months.days]
    of_rep: dict[str | None, dict[date, Record]] = {user_id: {} for user_id in ranked_reps(recent)}
    for record in recent:
        of_rep[record["user_id"]][record["month"]] = record
    names = rep_names(tables)
    insights = insight_rows(tables, context)
    trends_at = len(rows) + height(len(of_rep)) + len(insights) + HEAD_ROWS
    rows += ranking(of_rep, names, team, context, months, len(rows), trends_at)
    rows += insights
    rows += _matrices(of_rep, names, team, context, months)
    charts = _charts(chart_columns, row=len(rows) + 1)
    rows += blank_rows(_CHART_ROWS + 2 if charts else 1)
    earlier = len(tables.team_monthly) > BLOCKS
    rows += [(Cell("By month (earlier ones: tab Data reps)" if earlier else "By month", styles.SECTION),)]
    blocks, groups = _month_blocks(tables, names, context, start=len(rows))
    width = max(len(row) for row in (*rows, *blocks))
    # In the header of each block: that of one block is another's once a month begins.
    comments = comments_header(styles.SUBHEADER_LEFT)
    blocks = [(*row, *[EMPTY] * (width - len(row)), comments) if row[0].value == _MONTH_HEAD else row for row in blocks]
    return Tab(
        key="reps",
        title="Reps",
        rows=(*rows, *blocks),
        widths=(112, 144, *(86 for _ in range(width - _LEFT)), COMMENTS_WIDTH),
        heights=HEAD_HEIGHTS,
        frozen_rows=2,
        frozen_columns=_LEFT,
        charts=charts,
        groups=groups,
        color=styles.SERIES[2],
        header=len(rows) if blocks else None,
        labels=(0, 1),
        comments=width,
    )


def _matrices(
    of_rep: dict[str | None, dict[date, Record]],
    names: Mapping[str | None, str],
    team: dict[date, Record],
    context: Context,
    months: Months,
) -> list[Row]:
    """Return the rep x month view: MRR added, won deals, close rate."""
    reps = [(names[user_id], mine) for user_id, mine in of_rep.items()]
    rows: list[Row] = []
    for column in MATRICES:
        kpi = context.definitions.kpi("reps", column)
        show = _close_rate if column == INTERVAL_AFTER else None
        rows += matrix(kpi, column, reps, (TEAM, team), months, context, "Rep", show)
        rows += blank_rows(1)
    return rows


def _close_rate(record: Record, look: Format) -> Cell:
    """Return a close rate with its number of decided deals: grey where they are too few to say anything."""
    interval = interval_text(record)
    if interval is None:
        return Cell(None, look)
    n = decided(record)
    if n < MIN_DECIDED:
        look, note = look.but(color=styles.FAINT), f"n = {n}: too few deals to say."
    else:
        note = f"n = {n}, 95 % interval {interval.partition(', ')[2]}."
    return Cell(record["close_rate"], look.but(number=styles.rate_of(n)), note=note)


def _month_blocks(
    tables: Tables, names: Mapping[str | None, str], context: Context, start: int
) -> tuple[list[Row], tuple[tuple[int, int], ...]]:
    """Return a block per month, newest first, and the row ranges of the reps, which a reader can fold."""
    by_month: dict[date, list[Record]] = defaultdict(list)
    for record in records(tables.rep_monthly):
        by_month[record["month"]].append(record)
    rows: list[Row] = []
    groups = []
    newest_first = sorted(records(tables.team_monthly), key=lambda row: row["month"], reverse=True)
    for team in newest_first[:BLOCKS]:
        rows.append(_block_header(context, with_notes=not rows))
        first = start + len(rows)
        reps = sorted(by_month[team["month"]], key=rank_key)
        for position, record in enumerate(reps):
            look = styles.month(is_running=team["is_running"])
            rows.append(_row(record, names[record["user_id"]], look, context, is_first=position == 0))
        if reps:
            groups.append((first, start + len(rows)))
        rows.append(_row(team, TEAM, styles.TOTAL, context, is_first=not reps))
    return rows, tuple(groups)


def _block_header(context: Context, *, with_notes: bool) -> Row:
    """Return the header of a month's block. Each block has its own: a table of years outgrows any screen.

    Args:
        context: texts and currency.
        with_notes: whether the headings carry their definitions; those of the first block do.
    """
    interval = Cell(
        "n, 95 % interval",
        styles.SUBHEADER,
        note=_INTERVAL_NOTE,
    )
    heads = [column_header(kpi, context) for _, kpi in context.definitions.reports["reps"].shown()]
    cells = _with_interval(heads, interval, context)
    if not with_notes:
        cells = [Cell(cell.value, cell.format) for cell in cells]
    return (*labels((_MONTH_HEAD, "Rep"), styles.SUBHEADER_LEFT), *cells)


def _row(record: Record, name: str, look: Format, context: Context, *, is_first: bool) -> Row:
    cells = kpi_cells(record, context.definitions.reports["reps"].shown(), look, context)
    month_look = look.but(bold=True) if is_first else look.but(color=styles.FAINT, bold=False)
    return (
        month_cell(record["month"], month_look, is_running=bool(record["is_running"])),
        Cell(name, look),
        *_with_interval(cells, Cell(interval_text(record), look.but(align="CENTER")), context),
    )


def _with_interval(cells: list[Cell], interval: Cell, context: Context) -> list[Cell]:
    """Return a row's KPI cells with the interval after the close rate."""
    columns = [column for column, _ in context.definitions.reports["reps"].shown()]
    split = columns.index(INTERVAL_AFTER) + 1
    return [*cells[:split], interval, *cells[split:]]


def interval_text(record: Record) -> str | None:
    """Return the close rate's n and interval, such as "14, 31-62 %"; None without a decided opportunity."""
    if not record or not (n := decided(record)):
        return None
    return f"{n}, {record['close_rate_low']:.0%}–{record['close_rate_high']:.0%}".replace("%–", "–")


def decided(record: Record) -> int:
    """Return how many opportunities were won or lost in a row of the rep report."""
    return int((record["won_opportunities"] or 0) + (record["lost_opportunities"] or 0))


def _charts(columns: ChartColumns, row: int) -> tuple[Chart, ...]:
    if not columns.rep_months:
        return ()
    charts = []
    if columns.rep_columns:
        charts.append(
            Chart(
                key="reps/mrr-added",
                title="MRR added by rep",
                kind="COLUMN",
                domain=columns.rep_month,
                series=tuple(
                    Series(source, styles.SERIES[index % len(styles.SERIES)])
                    for index, source in enumerate(columns.reps())
                ),
                column=_LEFT,
                left_title="MRR added",
                stacked=True,
                description="MRR added in each of the last completed months, stacked by rep.",
                row=row,
                width=_WIDE_CHART,
                height=_CHART_HEIGHT,
            )
        )
    charts.append(
        Chart(
            key="reps/close-rate",
            title="Team: won deals and close rate",
            kind="COMBO",
            domain=columns.rep_month,
            series=(
                Series(columns.team("won_opportunities"), styles.SERIES[5], "COLUMN", "LEFT"),
                Series(columns.team("close_rate"), styles.SERIES[4], "LINE", "RIGHT"),
            ),
            column=_LEFT + 7,
            left_title="Won deals",
            right_title="Close rate",
            description="Won deals (columns) and close rate (line) of the team in each of the last completed months.",
            row=row,
            width=_CHART,
            height=_CHART_HEIGHT,
        )
    )
    return tuple(charts)
