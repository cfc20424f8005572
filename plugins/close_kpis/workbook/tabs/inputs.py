"""The tabs Targets and Spend: lists that belong to the readers, made once and never written over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.headlines.figures import HEADLINES, figure_label
from close_kpis.workbook.spec import LIST_ROWS, Area, Cell, DropDown, Entry, Formula, Reference, Row, Tab
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.insights import TEAM
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, NO_SOURCE, Context, head, labels
from close_kpis.workbook.tabs.people import INACTIVE, people, ranked_reps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.workbook.spec import NumberFormat, Value

TARGETS, SPEND = "targets", "spend"
TARGET_HEADS = ("Month", "KPI", "Target", "Rep")
"""The headings of the targets' columns."""
REP_TARGETS = ("arr_added_cents", "won_opportunities")
"""KPIs of the rep report that targets can be set for."""
LINES = 100
"""Lines that have lists and checks from the beginning; those below count as well."""

_TOP = 4
_EXAMPLE = "e.g. "
"""Begins the month of an example, which therefore is none."""


@dataclass(frozen=True)
class _Field:
    """A column of a list.

    Attributes:
        name: its heading.
        entry: what is entered or chosen.
        example: what the first line begins with.
        number: how it is shown.
    """

    name: str
    entry: DropDown | Entry
    example: Value
    number: NumberFormat | None = None


def targets_tab(tables: Tables, context: Context) -> Tab:
    """Return the Targets tab: a line for each month and KPI of the team, or of a rep."""
    month, amount = Entry("date"), Entry("amount")
    kpis = tuple(figure_label(context.definitions, table, column) for table, column in HEADLINES)
    of_rep = tuple(context.definitions.kpi("reps", column).label for column in REP_TARGETS)
    # By name alone: a target stays set when a rep leaves and is marked as inactive.
    names = people(tables)
    reps = [names[user] for user in ranked_reps(records(tables.rep_monthly)) if user is not None]
    month_head, kpi_head, target_head, rep_head = TARGET_HEADS
    fields = (
        _Field(month_head, month, f"{_EXAMPLE}Jan 2027", styles.MONTH),
        _Field(kpi_head, DropDown((*kpis, *of_rep)), kpis[1]),
        _Field(target_head, amount, 250_000),
        _Field(rep_head, DropDown((TEAM, *reps)[:500]), TEAM),
    )
    legend = (
        f"Yours: a line for each month and KPI, in the unit that Summary shows ({context.currency}; rates as 5%), of "
        f"the team or of a rep. Of reps count {' and '.join(of_rep)}. Lines of one month and KPI add up. Write "
        "over the example."
    )
    return _list(TARGETS, "Targets", legend, fields, context)


def spend_tab(tables: Tables, context: Context) -> Tab:
    """Return the Spend tab: what was spent on a source in a month."""
    found = (str(record["source"]) for record in records(tables.source_all_time))
    sources = tuple(sorted(found, key=lambda source: (source == NO_SOURCE, source.casefold())))[:500]
    sources = sources or (NO_SOURCE,)
    fields = (
        _Field("Month", Entry("date"), f"{_EXAMPLE}Jan 2027", styles.MONTH),
        _Field("Source", DropDown(sources), sources[0]),
        _Field("Amount", Entry("amount"), 2_000, styles.money(context.currency)),
    )
    legend = (
        f"Yours: what was spent on each source in {context.currency}, a line a month and source; several add up. "
        "Sources shows what a won account has cost. Write over the example."
    )
    return _list(SPEND, "Spend", legend, fields, context)


def target(first: date, after: date, kpi: str, of: Sequence[Reference], *, is_of_rep: bool = False) -> Formula:
    """Return what readers have set as the target of a KPI; empty where they have set none.

    Args:
        first: the first day of the months that are summed up.
        after: the first day after them.
        kpi: its name as the list has it, in quotes, or the reference that holds it, such as ``{4}``.
        of: the references that ``kpi`` names, from ``{4}`` on; before them that of the rep's name, marked or not.
        is_of_rep: whether the target is of a rep, else of the team: then the list says so, or names nobody.
    """
    days = (f"DATE({day.year};{day.month};1)" for day in (first, after))
    lines = '{{1}};">="&{};{{1}};"<"&{};{{2}};{}'.format(*days, kpi)
    # A line whose target is no number, or one below 0, sets none.
    lines = f'{{0}};">=0";{lines}'
    both = ("COUNTIFS(", "SUMIFS({0};")
    if is_of_rep:
        count, total = (f'{what}{lines};{{3}};SUBSTITUTE({{4}};"{INACTIVE}";""))' for what in both)
    else:
        named, team = f'{lines};{{3}};"<>"', f'{lines};{{3}};"{TEAM}"'
        count, total = (f"{what}{lines})-{what}{named})+{what}{team})" for what in both)
    return Formula(f'IF({count}=0;"";{total})', (*(column(TARGETS, at) for at in (2, 0, 1, 3)), *of), is_checked=False)


def attainment(value: Reference, aim: Reference, *, is_less_better: bool = False) -> Formula:
    """Return how far a target is reached; empty where none is set, nothing is known, or nothing can be divided.

    Args:
        value: what was reached.
        aim: the target.
        is_less_better: whether a smaller value is the better one.
    """
    share = "{1}/{0}" if is_less_better else "{0}/{1}"
    return Formula(f'IFERROR(IF(OR({{0}}="";{{1}}="");"";{share});"")', (value, aim), is_checked=False)


def column(tab: str, at: int) -> Reference:
    """Return a column of a list, from its first line on."""
    return Reference(Area(_TOP, at, LIST_ROWS, at + 1), tab, is_whole=True)


def _list(key: str, title: str, legend: str, fields: Sequence[_Field], context: Context) -> Tab:
    rows: list[Row] = head(title, legend, context)
    rows.append((*labels([field.name for field in fields]), Cell("Check", styles.HEADER_LEFT)))
    return Tab(
        key=key,
        title=title,
        rows=tuple(rows),
        widths=(130, 220, *(130 for _ in fields[2:]), 260),
        heights=HEAD_HEIGHTS,
        frozen_rows=_TOP,
        color=styles.SERIES[6],
        header=_TOP - 1,
        once=tuple(_line(row, fields, is_example=row == _TOP) for row in range(_TOP, _TOP + LINES)),
    )


def _line(row: int, fields: Sequence[_Field], *, is_example: bool) -> Row:
    color = styles.FAINT if is_example else styles.INK
    cells = (
        Cell(
            field.example if is_example else None,
            styles.BODY.but(number=field.number, align="LEFT", color=color),
            entry=field.entry,
        )
        for field in fields
    )
    return (*cells, _check(row, len(fields), is_example=is_example))


def _check(row: int, fields: int, *, is_example: bool) -> Cell:
    """Return what marks a line that cannot be read, beside it."""
    line = Reference(Area(row, 0, row + 1, fields), is_whole=True)
    month, what, amount = (Reference(Area(row, at, row + 1, at + 1)) for at in range(3))
    text = (
        f'IF(COUNTA({{0}})=0;"";IF(LEFT({{1}};{len(_EXAMPLE)})="{_EXAMPLE}";"an example: it does not count";'
        'IF(NOT(ISNUMBER({1}));"no month: write it as a date";IF(ISBLANK({2});"nothing chosen";'
        'IF(ISNUMBER({3});IF({3}<0;"below 0: it does not count";"");"no number")))))'
    )
    formula = Formula(text, (line, month, what, amount), is_checked=False)
    return Cell("an example: it does not count" if is_example else None, styles.STAMP, formula=formula)
