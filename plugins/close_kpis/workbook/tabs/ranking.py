"""The ranking of the reps: the last twelve completed months and the running one, a row a rep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.kpis.insights import MIN_DECIDED, wilson_interval
from close_kpis.workbook.spec import EMPTY, Area, Cell, Row
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import sparkline
from close_kpis.workbook.tabs.insights import TEAM
from close_kpis.workbook.tabs.parts import Context, labels
from close_kpis.workbook.tabs.people import rep_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from close_kpis.workbook.spec import Format
    from close_kpis.workbook.tables import Record
    from close_kpis.workbook.tabs.matrix import Months

SUMMED = (
    "arr_added_cents",
    "won_opportunities",
    "lost_opportunities",
    "new_demos",
    "cancelled_leads",
    "won_renewals",
    "lost_renewals",
)
THIS_MONTH = ("arr_added_cents", "won_opportunities")
_INTERVAL = "95 % interval"
_CLOSE_RATE_NOTE = "Of the deals decided in the twelve months, with their number; grey where they are too few to say."


def ranking(
    of_rep: Mapping[str | None, Mapping[date, Record]],
    of_team: Mapping[date, Record],
    context: Context,
    months: Months,
    trends_at: int,
) -> list[Row]:
    """Return the table, the rep who added most MRR first, and the team below.

    Args:
        of_rep: the rows of each rep by month, in the order of the table.
        of_team: those of the team.
        context: texts, currency.
        months: the completed months that are summed up, and the running one.
        trends_at: the row of the tab in which the MRR by month of the first rep stands; those of the others follow in
            the same order, then the team's.
    """
    year = frozenset(month for month in months.days if month != months.running)
    rows: list[Row] = [
        (Cell(f"Reps ranked: the last {len(year)} completed months", styles.SECTION),),
        _heads(context, months.running),
    ]
    reps = [(rank, rep_name(mine[max(mine)]), mine) for rank, mine in enumerate(of_rep.values(), start=1)]
    for at, (rank, name, mine) in enumerate([*reps, (None, TEAM, of_team)]):
        look = styles.TOTAL if rank is None else styles.BODY
        trend = Area(trends_at + at, 2, trends_at + at + 1, 2 + len(months.days))
        rows.append(_row(rank, name, mine, months, trend, look, context))
    return [*rows, (EMPTY,)]


def height(reps: int) -> int:
    """Return how many rows the table of some reps takes, with the empty one below it."""
    return reps + 4


def _heads(context: Context, running: date | None) -> Row:
    kpi = {column: context.definitions.kpi("reps", column) for column in (*SUMMED, "close_rate")}

    def head(column: str) -> Cell:
        return Cell(kpi[column].label, styles.SUBHEADER, note=kpi[column].note())

    added, *others = SUMMED
    close_rate = Cell(
        kpi["close_rate"].label, styles.SUBHEADER, note=f"{kpi['close_rate'].note()}\n\n{_CLOSE_RATE_NOTE}"
    )
    month = f"{running:%b}" if running else "this month"
    return (
        *labels(("#", "Rep"), styles.SUBHEADER_LEFT),
        head(added),
        Cell("Trend", styles.SUBHEADER, note="MRR added, month by month, as below."),
        *map(head, others[:2]),
        close_rate,
        Cell(_INTERVAL, styles.SUBHEADER),
        *map(head, others[2:]),
        *(Cell(f"{kpi[column].label} ({month})", styles.SUBHEADER) for column in THIS_MONTH),
    )


def _row(
    rank: int | None,
    name: str,
    by_month: Mapping[date, Record],
    months: Months,
    trend: Area,
    look: Format,
    context: Context,
) -> Row:
    past = [by_month[month] for month in months.days if month in by_month and month != months.running]
    sums = {column: sum(record[column] or 0 for record in past) for column in SUMMED}
    now: Record = by_month.get(months.running, {}) if months.running else {}
    muted = look.but(italic=True, color=styles.MUTED)

    def cell(column: str, value: float | None, shade: Format) -> Cell:
        unit = context.definitions.kpi("reps", column).unit
        return Cell(styles.shown(unit, value), shade.but(number=styles.number(unit, context.currency)))

    added, *others = SUMMED
    return (
        Cell(rank, look.but(align="LEFT", color=styles.FAINT)),
        Cell(name, look),
        cell(added, sums[added], look.but(bold=True)),
        Cell(None, look, formula=sparkline(trend)),
        *(cell(column, sums[column], look) for column in others[:2]),
        *_rate(sums, look),
        *(cell(column, sums[column], look) for column in others[2:]),
        *(cell(column, now.get(column), muted) for column in THIS_MONTH),
    )


def _rate(sums: dict[str, int], look: Format) -> tuple[Cell, Cell]:
    """Return the close rate with its number of deals, and its interval; grey where they are too few to say."""
    won, n = sums["won_opportunities"], sums["won_opportunities"] + sums["lost_opportunities"]
    if not n:
        return Cell(None, look), Cell(None, look)
    shade = look.but(color=styles.FAINT) if n < MIN_DECIDED else look
    interval = "–".join(f"{end:.0%}" for end in wilson_interval(won, n))
    return Cell(won / n, shade.but(number=styles.rate_of(n))), Cell(interval, shade.but(align="CENTER"))
