"""The tab Behind the numbers: a reader chooses a number and sees the records that it is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from close_kpis.kpis.records import REPORTS, shown_kpis
from close_kpis.workbook.diff.ownership import sheet_id
from close_kpis.workbook.spec import EMPTY, Area, Cell, DropDown, Formula, Reference, Row, Tab
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, head, labels
from close_kpis.workbook.tabs.record_data import (
    CLASS,
    DATE,
    EVERYONE,
    FIRST_VALUE,
    FROM,
    LAST_MONTH,
    LINK,
    MEASURES,
    MOST_CLASSES,
    PERSON,
    TO,
    WHAT,
    WHOSE,
    records_tab,
)
from close_kpis.workbook.tabs.record_lists import (
    BEHIND,
    CHOICE_ROW,
    NOTHING,
    OFFERED_AT,
    REPORT,
    TABS,
    WHOSE_CHOICE,
    RecordLists,
    choice,
    chosen,
)

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Format
    from close_kpis.workbook.tables import Tables
    from close_kpis.workbook.tabs.record_data import RecordColumns

TITLE = "Behind the numbers"
_ADDRESS = f"#gid={sheet_id(BEHIND)}"
"""Where a link to the tab leads: it has this id unless a reader has copied it."""

_HEADER_ROW = CHOICE_ROW + 3

_CLIPPED = styles.BODY.but(wrap="CLIP")
_LOOKS = (
    *(_CLIPPED for _ in range(4)),
    styles.BODY.but(number=styles.WHOLE),
    styles.ANCHOR,
    styles.STAMP.but(wrap="CLIP"),
)
"""How the columns of the records look."""
_VALUE_AT, _LINK_AT, _ADDRESS_AT = 4, 5, 6
_FORMATTED = 300
"""Records whose cells have that look and a link; those below show the same values plainly, with the lead's address."""


def behind_tabs(tables: Tables, context: Context) -> tuple[Tab, tuple[Tab, Tab]]:
    """Return the tab Behind the numbers, and the hidden ones that it reads: lists and records.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
    """
    data, columns = records_tab(tables, context)
    lists = RecordLists.of(tables, context, columns)
    return _behind(lists, columns, context), (lists.tab(), data)


def with_links(tab: Tab, context: Context) -> Tab:
    """Return a tab of `REPORTS` whose headings of KPIs lead to Behind the numbers.

    A heading stands for all numbers below it: a link on each would double the size of a tab, and cannot say in
    Behind the numbers what is chosen there either.

    Args:
        tab: of any report.
        context: for the definitions.
    """
    notes = {kpi.note() for _, _, kpi in shown_kpis(context.definitions, tab.title)} if tab.title in REPORTS else set()
    rows = (
        tuple(replace(cell, link=_ADDRESS) if cell.note in notes and cell.value else cell for cell in row)
        for row in tab.rows
    )
    return replace(tab, rows=tuple(rows)) if notes else tab


def _behind(lists: RecordLists, columns: RecordColumns, context: Context) -> Tab:
    legend = (
        "Choose report, month, of whom and KPI in the blue cells: below stand the records that the number is made of, "
        "with links to Close; of a rate those that it divides by, too."
    )
    rows: list[Row] = head(TITLE, legend, context)
    heads = ("Report", "Month", "Rep, source or stage", "KPI", "Records", "All from here on")
    rows.append(tuple(labels(heads, styles.SUBHEADER_LEFT)))
    rows.append(_choice_row(lists, columns))
    rows.append(_total_row(columns))
    rows.append((Cell(None, styles.BODY.but(bold=True, color=styles.BAD), formula=_message()),))
    value_head = Formula(f'IF(OR({{0}}="{NOTHING}";{{0}}="");"Value";{{0}})', (chosen("value name"),), is_checked=False)
    rows.append((
        *labels(("Date", "Lead", "Rep or source", "What")),
        Cell(None, styles.HEADER, formula=value_head),
        *labels(("Close", "Address")),
    ))
    rows.append(_records_row(columns))
    rows += [_row_below(row) for row in range(len(rows), len(rows) + _FORMATTED - 1)]
    return Tab(
        key=BEHIND,
        title=TITLE,
        rows=tuple(rows),
        widths=(110, 230, 200, 190, 140, 110, 330),
        heights=(*HEAD_HEIGHTS, 24, 28, 20, 22, 28),
        frozen_rows=_HEADER_ROW + 1,
        color=styles.SERIES[0],
        header=_HEADER_ROW,
    )


def _choice_row(lists: RecordLists, columns: RecordColumns) -> Row:
    look = styles.BODY.but(bold=True, fill=styles.INPUT, valign="MIDDLE")
    month = look.but(number=styles.MONTH, align="LEFT")
    first = next((kpi.label for kpi in lists.kpis if kpi.label == "New customers"), lists.kpis[0].label)
    result = styles.BODY.but(bold=True, valign="MIDDLE", align="LEFT")
    count = f"IFERROR(ROWS(FILTER({{0}};{_condition(1)}));0)"
    reach = 'IF({0}=0;"the beginning";IF(ISNUMBER({1});IF({1}=0;"the beginning";{1}+1);""))'
    return (
        Cell(TABS[0], look, entry=DropDown(TABS), is_open=True),
        Cell(LAST_MONTH, month, entry=DropDown(lists.column(0)), is_open=True),
        Cell(EVERYONE, look, entry=DropDown(lists.column(OFFERED_AT + 1)), is_open=True),
        Cell(first, look, entry=DropDown(lists.column(OFFERED_AT)), is_open=True),
        _computed(count, (columns.column(CLASS), *_meant(columns)), result.but(number=styles.WHOLE)),
        _computed(reach, (chosen("left out"), chosen("reaches")), result.but(number=styles.DAY)),
    )


def _total_row(columns: RecordColumns) -> Row:
    """Return the month that a phrase means, and the sum of the values, of annual ones also what they are a month."""
    faint = styles.STAMP.but(align="LEFT")
    values = columns.column(FIRST_VALUE, FIRST_VALUE + len(MEASURES) - 1)
    total = f'IF(N({{1}})*N({{2}})=0;"";IFERROR(SUM(FILTER(INDEX({{0}};0;{{1}});{_condition(3)}));""))'
    sum_at = Reference(Area(CHOICE_ROW + 1, _VALUE_AT, CHOICE_ROW + 2, _VALUE_AT + 1))
    report, months = choice(REPORT), chosen("months")
    return (
        Cell(None, faint),
        _computed(
            'IF({1}="Pipeline";"now, whatever the month";IF({0}=0;"";{0}))',
            (chosen("first"), report),
            faint.but(number=styles.MONTH),
        ),
        EMPTY,
        _computed('IF(AND(N({0})=12;ISNUMBER({1}));{1}/12;"")', (months, sum_at), faint.but(number=styles.A_MONTH)),
        _computed(total, (values, chosen("value"), months, *_meant(columns)), faint.but(number=styles.TOGETHER)),
        Cell("first day from which on all are here", faint),
    )


def _message() -> Formula:
    """Return what is wrong with the choice, or lacking in the records."""
    text = (
        'IF({0}=0;"Choose a KPI of this report.";IF({1}=FALSE;"Choose again of whom: this is none of those listed for '
        'this KPI.";IF(AND({2}>0;{3}<={4});"Not all of them are here: python -m close_kpis explain lists the earlier '
        'ones.";"")))'
    )
    references = tuple(map(chosen, ("kpi", "fits", "left out", "first", "reaches")))
    return Formula(text, references, is_checked=False)


def _meant(columns: RecordColumns) -> tuple[Reference, ...]:
    """Return the cells that `_condition` means."""
    return (
        *map(columns.column, (CLASS, FROM, TO, PERSON, WHOSE)),
        *map(chosen, ("first", "last", "customers", "instant", "mode")),
        choice(WHOSE_CHOICE),
        *(chosen(f"class {at}") for at in range(1, MOST_CLASSES + 1)),
    )


def _condition(first: int) -> str:
    """Return which records are meant: of the KPI's classes in its months, of the customers at its instant, of whom.

    Args:
        first: the number of the first of the references of `_meant` among those of the formula.
    """
    kind, begins, ends, person, whose, since, until, customers, instant, mode, name, *classes = (
        f"{{{first + at}}}" for at in range(11 + MOST_CLASSES)
    )
    is_meant = "+".join(f"({kind}={one})" for one in classes)
    events = f"({is_meant}>0)*({begins}<={until})*({ends}>={since})"
    balances = f"({kind}={customers})*({begins}<={instant})*({ends}>={instant})"
    narrowed = f"({mode}=0)+({mode}=1)*({person}={name})+({mode}=2)*({whose}={name})"
    return f"({events}+{balances}>0)*({narrowed}>0)"


def _records_row(columns: RecordColumns) -> Row:
    """Return the formulas from whose cells the records spread to the right and down."""
    values = columns.column(FIRST_VALUE, FIRST_VALUE + len(MEASURES) - 1)
    shown = f'IFERROR(FILTER({{0}};{_condition(1)});"none")'
    value = f'IF(N({{1}})=0;"";IFERROR(FILTER(INDEX({{0}};0;{{1}});{_condition(2)});""))'
    link = f'IFERROR(FILTER({{0}};{_condition(1)});"")'
    return (
        _computed(shown, (columns.column(DATE, WHAT), *_meant(columns)), _LOOKS[0]),
        *(Cell(None, look) for look in _LOOKS[1:4]),
        _computed(value, (values, chosen("value"), *_meant(columns)), _LOOKS[4]),
        _link(_HEADER_ROW + 1),
        _computed(link, (columns.column(LINK), *_meant(columns)), _LOOKS[_ADDRESS_AT]),
    )


def _row_below(row: int) -> Row:
    """Return a row into which the records spread, with the link that belongs to it."""
    cells = [Cell(None, look) for look in _LOOKS]
    cells[_LINK_AT] = _link(row)
    return tuple(cells)


def _link(row: int) -> Cell:
    address = Reference(Area(row, _ADDRESS_AT, row + 1, _ADDRESS_AT + 1))
    return _computed('IF(LEFT({0};4)="http";HYPERLINK({0};"Open");"")', (address,), _LOOKS[_LINK_AT])


def _computed(text: str, references: tuple[Reference, ...], look: Format) -> Cell:
    return Cell(None, look, formula=Formula(text, references, is_checked=False))
