"""The tab that the charts draw from: completed months only, in order, losses below zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import EMPTY, Area, Cell, Row, Source, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.people import ranked_reps, rep_names

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from close_kpis.kpis.registry import Unit
    from close_kpis.workbook.tabs.parts import Context

KEY = "chart_data"
MONTHS = 36
REP_MONTHS = 12
MOST_REPS = 8

GROWTH = ("total_customers", "mrr_cents")
MOVEMENTS = ("new_arr_cents", "reactivation_arr_cents", "expansion_arr_cents")
LOSSES = ("contraction_arr_cents", "churn_arr_cents")
RETENTION = ("net_revenue_retention_12m", "gross_revenue_retention_12m", "customer_retention_12m")
TEAM = ("won_opportunities", "close_rate")


@dataclass(frozen=True)
class ChartColumns:
    """Where the charts find their data.

    Attributes:
        months: completed months that the growth charts show.
        rep_months: completed months that the rep charts show.
        columns: column of the tab of each growth and movements column.
        team_columns: column of the tab of each team column.
        rep_columns: column of the tab of each rep, by name.
        rep_month_column: column of the rep block's months.
    """

    months: int
    rep_months: int
    columns: dict[str, int]
    team_columns: dict[str, int]
    rep_columns: dict[str, int]
    rep_month_column: int

    @property
    def month(self) -> Source:
        """The months of the growth charts."""
        return _column(0, self.months)

    @property
    def rep_month(self) -> Source:
        """The months of the rep charts."""
        return _column(self.rep_month_column, self.rep_months)

    def source(self, column: str) -> Source:
        """The data of a growth or movements column."""
        return _column(self.columns[column], self.months)

    def team(self, column: str) -> Source:
        """The data of a team column."""
        return _column(self.team_columns[column], self.rep_months)

    def reps(self) -> list[Source]:
        """The data of each rep, in the order of the tab."""
        return [_column(column, self.rep_months) for column in self.rep_columns.values()]


def _column(column: int, months: int) -> Source:
    return Source(KEY, Area(0, column, months + 1, column + 1))


def chart_data_tab(tables: Tables, context: Context) -> tuple[Tab, ChartColumns]:
    """Return the tab, and where the charts find their data in it."""
    growth = {record["month"]: record for record in _completed(tables.growth_monthly)}
    movements = {record["month"]: record for record in _completed(tables.mrr_movements_monthly)}
    team = {record["month"]: record for record in _completed(tables.team_monthly)}
    months = sorted(growth)[-MONTHS:]
    rep_months = sorted(team)[-REP_MONTHS:]
    left = _growth_columns(months, growth, movements, context)
    right, names = _rep_columns(rep_months, team, tables, context)
    gap = [EMPTY] * (max(len(months), len(rep_months)) + 1)
    all_columns = [*left, gap, *right]
    start = len(left) + 1
    names_start = start + 1 + len(TEAM)
    columns = ChartColumns(
        months=len(months),
        rep_months=len(rep_months),
        columns={name: 1 + index for index, name in enumerate((*GROWTH, *MOVEMENTS, *LOSSES, *RETENTION))},
        team_columns={name: start + 1 + index for index, name in enumerate(TEAM)},
        rep_columns={name: names_start + index for index, name in enumerate(names)},
        rep_month_column=start,
    )
    tab = Tab(
        key=KEY,
        title="Chart data",
        rows=_transposed(all_columns),
        widths=(90, *(104 for _ in all_columns[1:])),
        frozen_rows=1,
        color=styles.FAINT,
        gridlines=True,
        is_hidden=True,
        header=0,
        labels=(0,),
    )
    return tab, columns


def _completed(frame: pd.DataFrame) -> list[Record]:
    return [record for record in records(frame) if not record["is_running"]]


def _growth_columns(
    months: list[date], growth: dict[date, Record], movements: dict[date, Record], context: Context
) -> list[list[Cell]]:
    kpi = context.definitions.kpi
    columns = [_months(months)]
    for name in GROWTH:
        columns.append(_numbers(kpi("growth", name).label, name, months, growth, kpi("growth", name).unit, context))
    for name in (*MOVEMENTS, *LOSSES, *RETENTION):
        told = kpi("mrr", name)
        columns.append(
            _numbers(told.label, name, months, movements, told.unit, context, sign=-1 if name in LOSSES else 1)
        )
    return columns


def _rep_columns(
    months: list[date], team: dict[date, Record], tables: Tables, context: Context
) -> tuple[list[list[Cell]], list[str]]:
    """Return months, team columns and a column of MRR added per rep, with the reps' names.

    The reps beyond the largest are added up, so that the columns still sum to the team.
    """
    kpi = context.definitions.kpi
    columns = [_months(months)]
    for name in TEAM:
        columns.append(_numbers(kpi("reps", name).label, name, months, team, kpi("reps", name).unit, context))
    rows = [record for record in records(tables.rep_monthly) if record["month"] in set(months)]
    ranked = ranked_reps(rows)
    shown = ranked if len(ranked) <= MOST_REPS else ranked[: MOST_REPS - 1]
    others = ranked[len(shown) :]
    name_of = rep_names(tables)
    names: list[str] = []
    for user_ids in [*([user_id] for user_id in shown), *([others] if others else [])]:
        mine = [record for record in rows if record["user_id"] in user_ids]
        name = "Other reps" if len(user_ids) > 1 else name_of[user_ids[0]]
        added = {
            month: {"sum": sum(r["arr_added_cents"] or 0 for r in mine if r["month"] == month)} for month in months
        }
        columns.append(_numbers(name, "sum", months, added, "mrr", context))
        names.append(name if name not in names else f"{name} {len(names)}")
    return columns, names


def _months(months: list[date]) -> list[Cell]:
    return [
        Cell("Month", styles.DATA_HEADER),
        *(Cell(month, styles.BODY.but(number=styles.MONTH)) for month in months),
    ]


def _numbers(
    label: str,
    name: str,
    months: list[date],
    by_month: dict[date, Record],
    unit: Unit,
    context: Context,
    sign: int = 1,
) -> list[Cell]:
    look = styles.BODY.but(number=styles.number(unit, context.currency))
    cells = [Cell(label, styles.DATA_HEADER)]
    for month in months:
        value = by_month.get(month, {}).get(name)
        cells.append(Cell(styles.shown(unit, None if value is None else sign * value), look))
    return cells


def _transposed(columns: list[list[Cell]]) -> tuple[Row, ...]:
    height = max(len(column) for column in columns)
    return tuple(tuple(column[row] if row < len(column) else EMPTY for column in columns) for row in range(height))
