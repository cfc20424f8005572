"""The hidden tab of the lists that Behind the numbers offers, and of what follows from what is chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.kpis.records import REPORTS
from close_kpis.workbook.spec import EMPTY, Area, Cell, Formula, Reference, Tab
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.people import UNASSIGNED, people
from close_kpis.workbook.tabs.record_data import (
    ALL_TIME,
    ALWAYS,
    EVERYONE,
    LAST_MONTH,
    LISTS,
    MOST_CLASSES,
    THIS_MONTH,
    choices,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from close_kpis.workbook.spec import Value
    from close_kpis.workbook.tabs.parts import Context
    from close_kpis.workbook.tabs.record_data import Choice, RecordColumns

BEHIND = "behind"
"""Key of the tab on which readers choose."""
CHOICE_ROW = 4
"""Its row in which they do."""
REPORT, MONTH, WHOSE_CHOICE, KPI = range(4)
"""The columns in which they do."""

TABS = tuple(REPORTS)
_LISTS_AT = 1
"""Column of the tab of lists in which the KPIs of the first report stand; the people and sources of each follow."""
OFFERED_AT = _LISTS_AT + 2 * len(TABS)
"""Columns with the KPIs, and the people or sources, of the report that is chosen."""
_TABLE_AT = OFFERED_AT + 3
_TABLE = ("Key", "Narrowed to", "Opening", "Value", "Value name", "Months", "Left out", "From", "Customers")
_KEY, _NARROWED, _OPENING, _VALUE, _VALUE_NAME, _MONTHS, _LEFT_OUT, _FROM_DAY, _CUSTOMERS = range(len(_TABLE))
_CHOSEN_AT = _TABLE_AT + len(_TABLE) + MOST_CLASSES + 1
NOTHING = "-"


@dataclass(frozen=True)
class RecordLists:
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
    def of(cls, tables: Tables, context: Context, columns: RecordColumns) -> RecordLists:
        """Return the lists of some tables."""
        growth = sorted(records(tables.growth_monthly), key=lambda record: record["month"], reverse=True)
        names = sorted(people(tables).values(), key=str.casefold)
        stages = [f"{record['pipeline']} / {record['status']}" for record in records(tables.pipeline_stages)]
        sources = sorted((str(record["source"]) for record in records(tables.source_all_time)), key=str.casefold)
        whose = {"Reps": [*names, UNASSIGNED], "Sources": sources, "Pipeline": stages}
        completed = [record["month"] for record in growth if not record["is_running"]]
        return cls(
            months=(LAST_MONTH, THIS_MONTH, ALL_TIME, *(record["month"] for record in growth)),
            kpis=tuple(choices(tables, context, columns)),
            whose={tab: [EVERYONE, *whose.get(tab, ())] for tab in TABS},
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
        columns += [_column(tab, [kpi.label for kpi in self.kpis if kpi.report == tab]) for tab in TABS]
        columns += [_column(f"{tab}, whose", self.whose[tab]) for tab in TABS]
        columns += [
            [Cell(text, styles.DATA_HEADER), Cell(None, formula=self._offered(first))]
            for text, first in (("KPIs offered", _LISTS_AT), ("Whose offered", _LISTS_AT + len(TABS)))
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
        area = Reference(Area(1, first, self.height, first + len(TABS)), LISTS, is_whole=True)
        column = "INDEX({0};0;{1})"
        text = f'IFERROR(FILTER({column};{column}<>"");"{NOTHING}")'
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
                kpi.value_name or NOTHING,
                kpi.months,
                kpi.left_out,
                reaches,
                kpi.customers or NOTHING,
                *kpi.classes,
                *(NOTHING for _ in range(MOST_CLASSES - len(kpi.classes))),
            ])
        looks = [styles.DATA_HEADER, *(styles.BODY for _ in self.kpis)]
        return [[Cell(row[at], look) for row, look in zip(rows, looks, strict=True)] for at in range(len(rows[0]))]

    def _chosen(self) -> list[Cell]:
        """Return what follows from the choice, in the order of `_CHOSEN`."""
        report, month, whose, kpi = map(choice, (REPORT, MONTH, WHOSE_CHOICE, KPI))
        names = Reference(Area(0, _LISTS_AT, 1, _LISTS_AT + len(TABS)), LISTS, is_whole=True)

        def of_kpi(at: int) -> Formula:
            text = f'IF({{0}}=0;"{NOTHING}";INDEX({{1}};{{0}}))'
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
                (whose, chosen("narrowed"), self.column(OFFERED_AT + 1)),
            ),
        }
        fixed: dict[str, Value] = {"last month": self.last or 0, "running month": self.running or 0}
        of_table = {
            "narrowed": _NARROWED,
            "opening": _OPENING,
            "value": _VALUE,
            "value name": _VALUE_NAME,
            "months": _MONTHS,
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
    "months",
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


def choice(at: int) -> Reference:
    """Return the cell in which a reader chooses, by its column."""
    return Reference(Area(CHOICE_ROW, at, CHOICE_ROW + 1, at + 1), BEHIND)


def _key(report: str, label: str) -> str:
    return f"{report}: {label}"


def _column(title: str, values: Sequence[Value]) -> list[Cell]:
    month = styles.BODY.but(number=styles.MONTH, align="LEFT")
    return [
        Cell(title, styles.DATA_HEADER),
        *(Cell(value) if isinstance(value, str) else Cell(value, month) for value in values),
    ]
