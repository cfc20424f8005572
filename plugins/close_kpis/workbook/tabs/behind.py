"""The tab Behind the numbers: a reader chooses a number and sees the records that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from close_kpis.kpis.records import REPORTS, shown_kpis
from close_kpis.workbook.diff.ownership import sheet_id
from close_kpis.workbook.spec import EMPTY, Area, Cell, DropDown, Formula, Reference, Row, Tab
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, head, labels
from close_kpis.workbook.tabs.record_data import (
    ALL_TIME,
    ALWAYS,
    CLASS,
    DATE,
    EVERYONE,
    FIRST_VALUE,
    FROM,
    LAST_MONTH,
    LINK,
    LISTS,
    MEASURES,
    MOST_CLASSES,
    PERSON,
    THIS_MONTH,
    TO,
    WHAT,
    WHOSE,
    choices,
    person_names,
    records_tab,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.workbook.spec import Format, Value
    from close_kpis.workbook.tabs.record_data import Choice, RecordColumns

KEY = "behind"
TITLE = "Behind the numbers"
_ADDRESS = f"#gid={sheet_id(KEY)}"
"""Where a link to the tab leads: it has this id unless a reader has copied it."""

_CHOICE_ROW, _TOTAL_ROW, _MESSAGE_ROW, _HEADER_ROW = 4, 5, 6, 7
_REPORT, _MONTH, _WHOSE, _KPI, _COUNT, _REACH = range(6)

_CLIPPED = styles.BODY.but(wrap="CLIP")
_LOOKS = (
    *(_CLIPPED for _ in range(4)),
    styles.BODY.but(number=styles.WHOLE),
    styles.ANCHOR,
    styles.STAMP.but(wrap="CLIP"),
)
"""How the columns of the records look."""
_LINK_AT, _ADDRESS_AT = 5, 6
_FORMATTED = 300
"""Records whose cells have that look and a link; those below show the same values plainly, with the lead's address."""

_TABS = tuple(REPORTS)
_LISTS_AT = 1
"""Column of the tab of lists in which the KPIs of the first report stand; the people and sources of each follow."""
_OFFERED_AT = _LISTS_AT + 2 * len(_TABS)
"""Columns with the KPIs, and the people or sources, of the report that is chosen."""
_TABLE_AT = _OFFERED_AT + 3
_TABLE = ("Key", "Narrowed to", "Opening", "Value", "Value name", "Left out", "From", "Customers")
_KEY, _NARROWED, _OPENING, _VALUE, _VALUE_NAME, _LEFT_OUT, _FROM_DAY, _CUSTOMERS = range(len(_TABLE))
_CHOSEN_AT = _TABLE_AT + len(_TABLE) + MOST_CLASSES + 1
_NOTHING = "-"


def behind_tabs(tables: Tables, context: Context) -> tuple[Tab, tuple[Tab, Tab]]:
    """Return the tab Behind the numbers, and the hidden ones that it reads: lists and records.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
    """
    data, columns = records_tab(tables, context)
    lists = _Lists.of(tables, context, columns)
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


@dataclass(frozen=True)
class _Lists:
    """The lists to choose from, and what follows from what is chosen.

    Attributes:
        months: phrases and months that can be chosen.
        kpis: the KPIs that can be chosen.
        whose: of each report the people, sources or stages that can be chosen.
        last: the last completed month, None before there is one.
        running: the running month.
    """

    months: tuple[Value, ...]
    kpis: tuple[Choice, ...]
    whose: dict[str, list[str]]
    last: date | None
    running: date | None

    @classmethod
    def of(cls, tables: Tables, context: Context, columns: RecordColumns) -> _Lists:
        """Return the lists of some tables."""
        growth = sorted(records(tables.growth_monthly), key=lambda record: record["month"], reverse=True)
        found = records(tables.records)
        users = {record["user_id"]: record for record in [*records(tables.rep_monthly), *found]}
        people = sorted(person_names(users.values()).values(), key=str.casefold)
        stages = [f"{record['pipeline']} / {record['status']}" for record in records(tables.pipeline_stages)]
        sources = sorted((str(record["source"]) for record in records(tables.source_all_time)), key=str.casefold)
        whose = {"Reps": [*people, "Unassigned"], "Sources": sources, "Pipeline": stages}
        completed = [record["month"] for record in growth if not record["is_running"]]
        return cls(
            months=(LAST_MONTH, THIS_MONTH, ALL_TIME, *(record["month"] for record in growth)),
            kpis=tuple(choices(tables, context, columns)),
            whose={tab: [EVERYONE, *whose.get(tab, ())] for tab in _TABS},
            last=completed[0] if completed else None,
            running=next((record["month"] for record in growth if record["is_running"]), None),
        )

    @property
    def height(self) -> int:
        """Rows of the tab of lists, its heading among them."""
        longest = max(len(self.months), len(self.kpis), *map(len, self.whose.values()), len(_CHOSEN))
        return longest + 1

    def column(self, at: int) -> Reference:
        """Return a column of the tab of lists, below its heading."""
        return Reference(Area(1, at, self.height, at + 1), LISTS, is_whole=True)

    def tab(self) -> Tab:
        """Return the tab of lists."""
        columns: list[list[Cell]] = [_column("Months", self.months)]
        columns += [_column(tab, [kpi.label for kpi in self.kpis if kpi.report == tab]) for tab in _TABS]
        columns += [_column(f"{tab}, whose", self.whose[tab]) for tab in _TABS]
        columns += [
            [Cell(text, styles.DATA_HEADER), Cell(None, formula=self._offered(first))]
            for text, first in (("KPIs offered", _LISTS_AT), ("Whose offered", _LISTS_AT + len(_TABS)))
        ]
        columns += [[EMPTY], *self._table(), [EMPTY], [Cell("Chosen", styles.DATA_HEADER), *self._chosen()]]
        rows = tuple(
            tuple(column[row] if row < len(column) else EMPTY for column in columns) for row in range(self.height)
        )
        return Tab(
            key=LISTS,
            title="Record lists",
            rows=rows,
            widths=tuple(130 for _ in columns),
            frozen_rows=1,
            color=styles.FAINT,
            gridlines=True,
            is_hidden=True,
            header=0,
        )

    def _offered(self, first: int) -> Formula:
        """Return what lists the texts of the chosen report, of the columns from one on."""
        area = Reference(Area(1, first, self.height, first + len(_TABS)), LISTS, is_whole=True)
        column = "INDEX({0};0;{1})"
        text = f'IFERROR(FILTER({column};{column}<>"");"{_NOTHING}")'
        return Formula(text, (area, chosen("report")), is_checked=False)

    def _table(self) -> list[list[Cell]]:
        """Return what is to be known of each KPI, a column for each of `_TABLE` and of its classes."""
        rows: list[list[Value]] = [[*_TABLE, *(f"Class {at}" for at in range(1, MOST_CLASSES + 1))]]
        for kpi in self.kpis:
            if len(kpi.classes) > MOST_CLASSES:
                raise AssertionError(f"{kpi.label}: records of {len(kpi.classes)} classes; write more columns for them")
            reaches = 0 if kpi.left_out_on is None else kpi.left_out_on
            narrowed = {"person": 1, "whose": 2}.get(kpi.whose, 0)
            rows.append([
                _key(kpi.report, kpi.label),
                narrowed,
                int(kpi.is_opening),
                kpi.value,
                kpi.value_name or _NOTHING,
                kpi.left_out,
                reaches,
                kpi.customers or _NOTHING,
                *kpi.classes,
                *(_NOTHING for _ in range(MOST_CLASSES - len(kpi.classes))),
            ])
        looks = [styles.DATA_HEADER, *(styles.BODY for _ in self.kpis)]
        return [[Cell(row[at], look) for row, look in zip(rows, looks, strict=True)] for at in range(len(rows[0]))]

    def _chosen(self) -> list[Cell]:
        """Return what follows from the choice, in the order of `_CHOSEN`."""
        report, month, whose, kpi = map(_choice, (_REPORT, _MONTH, _WHOSE, _KPI))
        names = Reference(Area(0, _LISTS_AT, 1, _LISTS_AT + len(_TABS)), LISTS, is_whole=True)

        def of_kpi(at: int) -> Formula:
            text = f'IF({{0}}=0;"{_NOTHING}";INDEX({{1}};{{0}}))'
            return Formula(text, (chosen("kpi"), self.column(_TABLE_AT + at)), is_checked=False)

        balance = 'AND({0}<>"-";{1}="-")'
        text_of = {
            "report": ("IFERROR(MATCH({0};{1};0);0)", (report, names)),
            "kpi": ('IFERROR(MATCH({0}&": "&{1};{2};0);0)', (report, kpi, self.column(_TABLE_AT + _KEY))),
            "first": (
                f'IF(ISNUMBER({{0}});EOMONTH({{0}};-1)+1;IF({{0}}="{LAST_MONTH}";{{1}};IF({{0}}="{THIS_MONTH}";{{2}};'
                f"IF({balance.format('{3}', '{4}')};{{2}};0))))",
                (month, chosen("last month"), chosen("running month"), chosen("customers"), chosen("class 1")),
            ),
            "last": (f"IF({{0}}=0;{ALWAYS};{{0}})", (chosen("first"),)),
            "instant": (
                "IF({0}=1;EDATE(IF({1}=0;{2};{1});-1);IF({1}=0;{2};{1}))",
                (chosen("opening"), chosen("first"), chosen("running month")),
            ),
            "mode": (f'IF({{0}}="{EVERYONE}";0;IF({{1}}=0;-1;{{1}}))', (whose, chosen("narrowed"))),
            "fits": (
                f'OR({{0}}="{EVERYONE}";AND({{1}}<>0;SUMPRODUCT(({{2}}={{0}})*1)>0))',
                (whose, chosen("narrowed"), self.column(_OFFERED_AT + 1)),
            ),
        }
        fixed: dict[str, Value] = {"last month": self.last or 0, "running month": self.running or 0}
        of_table = {
            "narrowed": _NARROWED,
            "opening": _OPENING,
            "value": _VALUE,
            "value name": _VALUE_NAME,
            "left out": _LEFT_OUT,
            "reaches": _FROM_DAY,
            "customers": _CUSTOMERS,
            **{f"class {at}": len(_TABLE) + at - 1 for at in range(1, MOST_CLASSES + 1)},
        }
        cells = []
        for name in _CHOSEN:
            if name in fixed:
                cells.append(Cell(fixed[name]))
            elif name in of_table:
                cells.append(Cell(None, formula=of_kpi(of_table[name])))
            else:
                text, references = text_of[name]
                cells.append(Cell(None, formula=Formula(text, references, is_checked=False)))
        return cells


_CHOSEN = (
    "report",
    "kpi",
    "last month",
    "running month",
    "narrowed",
    "opening",
    "value",
    "value name",
    "left out",
    "reaches",
    "customers",
    *(f"class {at}" for at in range(1, MOST_CLASSES + 1)),
    "first",
    "last",
    "instant",
    "mode",
    "fits",
)
"""What follows from the choice: cells below each other in the last column of the tab of lists."""


def chosen(name: str) -> Reference:
    """Return the cell of the tab of lists that holds what follows from the choice."""
    row = 1 + _CHOSEN.index(name)
    return Reference(Area(row, _CHOSEN_AT, row + 1, _CHOSEN_AT + 1), LISTS)


def _choice(at: int) -> Reference:
    return Reference(Area(_CHOICE_ROW, at, _CHOICE_ROW + 1, at + 1), KEY)


def _key(report: str, label: str) -> str:
    return f"{report}: {label}"


def _column(title: str, values: Sequence[Value]) -> list[Cell]:
    month = styles.BODY.but(number=styles.MONTH, align="LEFT")
    return [
        Cell(title, styles.DATA_HEADER),
        *(Cell(value) if isinstance(value, str) else Cell(value, month) for value in values),
    ]


def _behind(lists: _Lists, columns: RecordColumns, context: Context) -> Tab:
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
    value_head = Formula(
        f'IF(OR({{0}}="{_NOTHING}";{{0}}="");"Value";{{0}})', (chosen("value name"),), is_checked=False
    )
    rows.append((
        *labels(("Date", "Lead", "Rep or source", "What")),
        Cell(None, styles.HEADER, formula=value_head),
        *labels(("Close", "Address")),
    ))
    rows.append(_records_row(columns))
    rows += [_row_below(row) for row in range(len(rows), len(rows) + _FORMATTED - 1)]
    return Tab(
        key=KEY,
        title=TITLE,
        rows=tuple(rows),
        widths=(110, 230, 200, 190, 140, 110, 330),
        heights=(*HEAD_HEIGHTS, 24, 28, 20, 22, 28),
        frozen_rows=_HEADER_ROW + 1,
        color=styles.SERIES[0],
        header=_HEADER_ROW,
    )


def _choice_row(lists: _Lists, columns: RecordColumns) -> Row:
    look = styles.BODY.but(bold=True, fill=styles.INPUT, valign="MIDDLE")
    month = look.but(number=styles.MONTH, align="LEFT")
    first = next((kpi.label for kpi in lists.kpis if kpi.label == "New customers"), lists.kpis[0].label)
    result = styles.BODY.but(bold=True, valign="MIDDLE", align="LEFT")
    count = f"IFERROR(ROWS(FILTER({{0}};{_condition(1)}));0)"
    reach = 'IF({0}=0;"the beginning";IF(ISNUMBER({1});IF({1}=0;"the beginning";{1}+1);""))'
    return (
        Cell(_TABS[0], look, entry=DropDown(_TABS), is_open=True),
        Cell(LAST_MONTH, month, entry=DropDown(lists.column(0)), is_open=True),
        Cell(EVERYONE, look, entry=DropDown(lists.column(_OFFERED_AT + 1)), is_open=True),
        Cell(first, look, entry=DropDown(lists.column(_OFFERED_AT)), is_open=True),
        _computed(count, (columns.column(CLASS), *_meant(columns)), result.but(number=styles.WHOLE)),
        _computed(reach, (chosen("left out"), chosen("reaches")), result.but(number=styles.DAY)),
    )


def _total_row(columns: RecordColumns) -> Row:
    """Return the month that a phrase means, and the sum of the values."""
    faint = styles.STAMP.but(align="LEFT")
    values = columns.column(FIRST_VALUE, FIRST_VALUE + len(MEASURES) - 1)
    total = f'IF(N({{1}})=0;"";IFERROR(SUM(FILTER(INDEX({{0}};0;{{1}});{_condition(2)}));""))'
    return (
        Cell(None, faint),
        _computed('IF({0}=0;"";{0})', (chosen("first"),), faint.but(number=styles.MONTH)),
        EMPTY,
        EMPTY,
        _computed(total, (values, chosen("value"), *_meant(columns)), faint.but(number=styles.TOGETHER)),
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
        _choice(_WHOSE),
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
