"""The tabs Targets and Spend: lists that belong to the readers, made once and never written over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.headlines.figures import HEADLINES, figure_label
from close_kpis.workbook.spec import LIST_ROWS, Area, Cell, DropDown, Entry, Formula, Reference, Row, Tab
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, head, labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.workbook.spec import NumberFormat, Value

TARGETS, SPEND = "targets", "spend"
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


def targets_tab(context: Context) -> Tab:
    """Return the Targets tab: a line for each month and KPI of the team."""
    month, amount = Entry("date"), Entry("amount")
    kpis = tuple(figure_label(context.definitions, table, column) for table, column in HEADLINES)
    fields = (
        _Field("Month", month, f"{_EXAMPLE}Jan 2027", styles.MONTH),
        _Field("KPI", DropDown(kpis), kpis[1]),
        _Field("Target", amount, 250_000, styles.PLAIN_NUMBER),
    )
    legend = (
        f"Yours: one line a month and KPI, in the unit that Summary shows ({context.currency}; rates as 5%). Summary "
        "shows target and attainment. Write over the example."
    )
    return _list(TARGETS, "Targets", legend, fields, context)


def spend_tab(tables: Tables, context: Context) -> Tab:
    """Return the Spend tab: what was spent on a source in a month."""
    sources = tuple(sorted(str(record["source"]) for record in records(tables.source_all_time)))[:500]
    entry = DropDown(sources) if sources else DropDown(("(none)",))
    fields = (
        _Field("Month", Entry("date"), f"{_EXAMPLE}Jan 2027", styles.MONTH),
        _Field("Source", entry, sources[0] if sources else "(none)"),
        _Field("Amount", Entry("amount"), 2_000, styles.money(context.currency)),
    )
    legend = (
        f"Yours: what was spent on each source in {context.currency}, a line a month and source. Sources shows what a "
        "won account has cost. Write over the example."
    )
    return _list(SPEND, "Spend", legend, fields, context)


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
        widths=(130, 220, 130, 260),
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
    return (*cells, _check(row, is_example=is_example))


def _check(row: int, *, is_example: bool) -> Cell:
    """Return what marks a line that cannot be read, beside it."""
    line, month, what, amount = (
        Reference(Area(row, left, row + 1, right), is_whole=True) for left, right in ((0, 3), (0, 1), (1, 2), (2, 3))
    )
    text = (
        f'IF(COUNTA({{0}})=0;"";IF(LEFT({{1}};{len(_EXAMPLE)})="{_EXAMPLE}";"an example: it does not count";'
        'IF(NOT(ISNUMBER({1}));"no month: write it as a date";IF(ISBLANK({2});"nothing chosen";'
        'IF(ISNUMBER({3});"";"no number")))))'
    )
    formula = Formula(text, (line, month, what, amount), is_checked=False)
    return Cell("an example: it does not count" if is_example else None, styles.STAMP, formula=formula)
