"""The One rep tab: the months of a rep whom the reader chooses, beside the team's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import EMPTY, Area, Cell, DropDown, Formula, Reference, Row, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import sparkline
from close_kpis.workbook.tabs.data import column_at
from close_kpis.workbook.tabs.matrix import MONTHS
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, blank_rows, head, labels, month_cell
from close_kpis.workbook.tabs.people import people, ranked_reps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.kpis.registry import Kpi

KPIS = {
    "won_opportunities": "Won",
    "lost_opportunities": "Lost",
    "close_rate": "Close rate",
    "arr_added_cents": "MRR added",
    "avg_days_to_close": "Days to close",
    "new_demos": "Demos",
    "cancelled_leads": "Cancelled",
    "avg_calls": "Calls a win",
    "avg_emails": "E-mails a win",
}
"""The KPIs of the tab, with names that fit above their narrow columns."""
REP_DATA = "data_rep_monthly"

_CHOICE_ROW, _TOP = 3, 5


@dataclass(frozen=True)
class _Layout:
    """Where the formulas find what they are made of.

    Attributes:
        data: the tab Data reps.
        names: the names that can be chosen.
        ids: the user ids beside them.
        user_id: the cell with the id of the rep who is chosen.
    """

    data: Tab
    names: Reference
    ids: Reference
    user_id: Reference

    def column(self, column: str) -> Reference:
        """Return a column of the tab Data reps."""
        at = column_at(self.data, column)
        return Reference(Area(1, at, self.data.height, at + 1), REP_DATA, is_whole=True)


def one_rep_tab(tables: Tables, context: Context, data: Sequence[Tab]) -> Tab:
    """Return the One rep tab.

    The reps stand below the months, with the ids by which the formulas find them; the one whom a reader has chosen
    stays chosen.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
        data: the plain data tabs, which the formulas read.
    """
    legend = f"Choose a rep in the list. Money in {context.currency}. Empty: not defined. (MTD): month to date."
    rows = head("One rep", legend, context)
    months = records(tables.team_monthly)[-MONTHS:]
    rep_months = records(tables.rep_monthly)
    names = people(tables)
    reps = [(names[user_id], user_id) for user_id in ranked_reps(rep_months) if user_id is not None]
    if not reps or not months:
        rows += [(Cell("No deal or activity has a user yet.", styles.BODY),)]
        return Tab("one_rep", "One rep", tuple(rows), widths=(150,), heights=HEAD_HEIGHTS, color=styles.SERIES[2])
    bottom = _TOP + len(months)
    first = bottom + 4
    width = 1 + 2 * len(KPIS)
    layout = _Layout(
        next(tab for tab in data if tab.key == REP_DATA),
        Reference(Area(first, 0, first + len(reps), 1), is_whole=True),
        Reference(Area(first, 1, first + len(reps), 2), is_whole=True),
        Reference(Area(_CHOICE_ROW, width - 1, _CHOICE_ROW + 1, width)),
    )
    chosen_name, chosen_id = reps[0]
    rows.append(_choice(chosen_name, chosen_id, layout, width))
    kpis = [(column, context.definitions.kpi("reps", column)) for column in KPIS]
    rows.append(_heads(kpis))
    mine = {record["month"]: record for record in rep_months if record["user_id"] == chosen_id}
    for team in months:
        rows.append(_month(len(rows), team, mine.get(team["month"], {}), kpis, layout, context))
    rows.append(_trends(bottom))
    rows += blank_rows(1)
    rows += [(Cell("Reps to choose from", styles.SECTION),), tuple(labels(("Rep", "User id"), styles.SUBHEADER_LEFT))]
    rows += [(Cell(name, styles.BODY), Cell(user_id, styles.STAMP)) for name, user_id in reps]
    return Tab(
        key="one_rep",
        title="One rep",
        rows=tuple(rows),
        widths=(158, *(62 for _ in range(width - 1))),
        heights=(*HEAD_HEIGHTS, 28, 58, *(21 for _ in months), 30),
        frozen_rows=_TOP,
        frozen_columns=1,
        color=styles.SERIES[2],
        header=_TOP - 1,
        labels=(0,),
    )


def _choice(name: str, user_id: str, layout: _Layout, width: int) -> Row:
    own = Reference(Area(_CHOICE_ROW, 0, _CHOICE_ROW + 1, 1))
    found = Formula('IFERROR(INDEX({0};MATCH({1};{2};0));"nobody")', (layout.ids, own, layout.names), is_checked=False)
    choice = Cell(
        name,
        styles.BODY.but(bold=True, fill=styles.INPUT, size=12, valign="MIDDLE"),
        entry=DropDown(layout.names),
        is_open=True,
    )
    hint = Cell("← the rep whom these months are about, beside the team in grey", styles.STAMP)
    gap = [EMPTY] * (width - 3)
    return (choice, hint, *gap, Cell(user_id, styles.STAMP.but(align="RIGHT", wrap="CLIP"), formula=found))


def _heads(kpis: list[tuple[str, Kpi]]) -> Row:
    cells = labels(("Month",))
    for column, kpi in kpis:
        cells.append(Cell(KPIS[column], styles.HEADER, note=kpi.note()))
        cells.append(Cell(f"{KPIS[column]}, team", styles.SUBHEADER, note=kpi.note()))
    return tuple(cells)


def _month(
    row: int, team: Record, record: Record, kpis: list[tuple[str, Kpi]], layout: _Layout, context: Context
) -> Row:
    look = styles.month(is_running=team["is_running"])
    cells = [month_cell(team["month"], look, is_running=bool(team["is_running"]))]
    month = Reference(Area(row, 0, row + 1, 1))
    for column, kpi in kpis:
        number = look.but(number=styles.number(kpi.unit, context.currency))
        shown = styles.shown(kpi.unit, record.get(column))
        cells.append(Cell(shown, number, formula=_found(column, kpi, month, layout)))
        cells.append(Cell(styles.shown(kpi.unit, team[column]), number.but(color=styles.MUTED)))
    return tuple(cells)


def _found(column: str, kpi: Kpi, month: Reference, layout: _Layout) -> Formula:
    """Return what looks a rep's KPI up; empty where the rep has none in the month."""
    rows = "{1};{2};{3};{4}"
    per = "/12" if kpi.unit == "mrr" else ""
    references = (layout.column(column), layout.column("month"), month, layout.column("user_id"), layout.user_id)
    text = f'IF(COUNTIFS({rows};{{0}};"<>")=0;"";SUMIFS({{0}};{rows}){per})'
    return Formula(text, references, is_checked=False)


def _trends(bottom: int) -> Row:
    """Return a sparkline below each column."""
    cells = [Cell("Trend", styles.STAMP)]
    for column in range(1, 1 + 2 * len(KPIS)):
        cells.append(Cell(None, styles.BODY, formula=sparkline(Area(_TOP, column, bottom, column + 1))))
    return tuple(cells)
