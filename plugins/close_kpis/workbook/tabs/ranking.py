"""The ranking of the reps: the last twelve completed months and the running one, a row a rep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from close_kpis.kpis.insights import MIN_DECIDED, wilson_interval
from close_kpis.month import months_after
from close_kpis.workbook.spec import EMPTY, Area, Cell, Formula, Reference, Row
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import sparkline
from close_kpis.workbook.tabs.inputs import REP_TARGETS, attainment, target
from close_kpis.workbook.tabs.insights import TEAM
from close_kpis.workbook.tabs.parts import Context, labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
    "calls",
    "emails",
    "won_renewals",
    "lost_renewals",
)
DAYS = "avg_days_to_close"
_DAYS_NOTE = "Over the twelve months: the mean of each month, by its won deals."
_INTERVAL = "95 % interval"
_CLOSE_RATE_NOTE = "Of the deals decided in the twelve months, with their number; grey where they are too few to say."


def ranking(
    of_rep: Mapping[str | None, Mapping[date, Record]],
    names: Mapping[str | None, str],
    of_team: Mapping[date, Record],
    context: Context,
    months: Months,
    row_at: int,
    trends_at: int,
) -> list[Row]:
    """Return the table, the rep who added most MRR first, and the team below.

    Args:
        of_rep: the rows of each rep by month, in the order of the table.
        names: of the reps, by user id.
        of_team: those of the team.
        context: texts, currency.
        months: the completed months that are summed up, and the running one.
        row_at: the row of the tab in which the table begins.
        trends_at: the row of the tab in which the MRR by month of the first rep stands; those of the others follow in
            the same order, then the team's.
    """
    year = frozenset(month for month in months.days if month != months.running)
    over = f"the last {len(year)} completed months" if len(year) > 1 else "the last completed month"
    rows: list[Row] = [
        (Cell(f"Reps ranked: {over if year else 'no month is completed yet'}", styles.SECTION),),
        _heads(context, months.running),
    ]
    reps = [(names[user_id], mine) for user_id, mine in of_rep.items()]
    for at, (name, mine) in enumerate([*reps, (TEAM, of_team)]):
        look = styles.BODY if at < len(reps) else styles.TOTAL
        trend = Area(trends_at + at, 2, trends_at + at + 1, 2 + len(months.days))
        rows.append(_row(row_at + len(rows), name, mine, months, trend, look, context))
    return [*rows, (EMPTY,)]


def height(reps: int) -> int:
    """Return how many rows the table of some reps takes, with the empty one below it."""
    return reps + 4


def _heads(context: Context, running: date | None) -> Row:
    kpi = {column: context.definitions.kpi("reps", column) for column in (*SUMMED, "close_rate", DAYS)}

    def head(column: str) -> Cell:
        return Cell(kpi[column].label, styles.SUBHEADER, note=kpi[column].note())

    added, *others = SUMMED
    close_rate = Cell(
        kpi["close_rate"].label, styles.SUBHEADER, note=f"{kpi['close_rate'].note()}\n\n{_CLOSE_RATE_NOTE}"
    )
    days = Cell(kpi[DAYS].label, styles.SUBHEADER, note=f"{kpi[DAYS].note()}\n\n{_DAYS_NOTE}")
    return (
        *labels(("", "Rep"), styles.SUBHEADER_LEFT),
        head(added),
        Cell("Trend", styles.SUBHEADER, note="MRR added, month by month, as below."),
        *map(head, others[:2]),
        close_rate,
        Cell(_INTERVAL, styles.SUBHEADER),
        days,
        *map(head, others[2:]),
        *(cell for column in REP_TARGETS for cell in _month_heads(kpi[column].label, running)),
    )


def _month_heads(label: str, running: date | None) -> Iterator[Cell]:
    month = f"{running:%b}" if running else "this month"
    yield Cell(f"{label} ({month})", styles.SUBHEADER)
    yield Cell(f"{label}: target", styles.SUBHEADER, note="Of the running month, from the tab Targets.")
    yield Cell(f"{label}: attainment", styles.SUBHEADER, note="What the running month has reached of its target.")


def _row(
    at: int,
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
    cells = [
        Cell(None, look),
        Cell(name, look),
        cell(added, sums[added], look.but(bold=True)),
        Cell(None, look, formula=sparkline(trend)),
        *(cell(column, sums[column], look) for column in others[:2]),
        *_rate(sums, look),
        cell(DAYS, _days(past), look),
        *(cell(column, sums[column], look) for column in others[2:]),
    ]
    for column in REP_TARGETS:
        value, aim = (Reference(Area(at, left, at + 1, left + 1)) for left in (len(cells), len(cells) + 1))
        cells += [
            cell(column, now.get(column), muted),
            replace(cell(column, None, muted), formula=_target(at, column, months.running, name, context)),
            Cell(None, muted.but(number=styles.SHARE), formula=attainment(value, aim) if months.running else None),
        ]
    return tuple(cells)


def _target(at: int, column: str, running: date | None, name: str, context: Context) -> Formula | None:
    """Return what looks up the target of a rep, or of the team, in the running month."""
    if running is None:
        return None
    label = f'"{context.definitions.kpi("reps", column).label}"'
    whose = () if name == TEAM else (Reference(Area(at, 1, at + 1, 2)),)
    return target(running, months_after(running), label, whose, is_of_rep=bool(whose))


def _days(past: Sequence[Record]) -> float | None:
    """Return the mean days to close of some months, each by its won deals."""
    told = [(record[DAYS], record["won_opportunities"]) for record in past if record.get(DAYS) is not None]
    won = sum(count for _, count in told)
    return sum(days * count for days, count in told) / won if won else None


def _rate(sums: dict[str, int], look: Format) -> tuple[Cell, Cell]:
    """Return the close rate with its number of deals, and its interval; grey where they are too few to say."""
    won, n = sums["won_opportunities"], sums["won_opportunities"] + sums["lost_opportunities"]
    if not n:
        return Cell(None, look), Cell(None, look)
    shade = look.but(color=styles.FAINT) if n < MIN_DECIDED else look
    interval = "–".join(f"{end:.0%}" for end in wilson_interval(won, n))
    return Cell(won / n, shade.but(number=styles.rate_of(n))), Cell(interval, shade.but(align="CENTER"))
