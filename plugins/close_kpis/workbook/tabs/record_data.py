"""The hidden tabs that Behind the numbers reads: the records, and the lists to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.kpis.records import REPORTS, kind_of, kinds, shown_kpis
from close_kpis.links import lead_page
from close_kpis.month import last_day, months_after
from close_kpis.workbook.spec import EMPTY, Area, Cell, Reference, Row, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.people import UNASSIGNED, people

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from close_kpis.kpis.registry import Definitions, Kpi
    from close_kpis.workbook.spec import Value
    from close_kpis.workbook.tabs.parts import Context

RECORDS, LISTS = "records", "record_lists"
_CUSTOMERS = "customers"
"""The kind of records that count at an instant, not in months."""

NONE = "–"
"""Stands where a record has nothing: spreadsheets differ in what they make of an empty cell that is looked up."""
EVERYONE = "Everyone"
LAST_MONTH, THIS_MONTH, ALL_TIME = "Last completed month", "Month to date", "All time"

ALWAYS = 2_958_465
"""The last day that spreadsheets know: 31 December 9999."""

MEASURES = (
    ("current_annual_cents", "added_annual_cents", "annual_cents"),
    ("one_time_cents",),
    ("deal_annual_cents", "weighted_annual_cents", "won"),
    ("days_to_close", "age_days", "lost"),
    ("calls", "is_overdue"),
    ("emails",),
)
"""What the value columns hold: the first of these that a record has. No record has two that are asked for."""

MEASURE_NAMES = {
    "current_annual_cents": "Annual value now",
    "added_annual_cents": "Annual value added",
    "annual_cents": "Annual value",
    "one_time_cents": "One-time value",
    "deal_annual_cents": "Annual value",
    "weighted_annual_cents": "Weighted annual value",
    "won": "Won by now",
    "lost": "Lost by now",
    "days_to_close": "Days to close",
    "age_days": "Age in days",
    "calls": "Calls",
    "emails": "E-mails",
    "is_overdue": "Overdue",
}
_AVERAGED = frozenset({"days_to_close", "age_days"})
"""Measures whose sum says nothing."""

_VALUE_OF = {
    _CUSTOMERS: "annual_cents",
    "customer_moves": "annual_cents",
    "opportunities_created": "annual_cents",
    "opportunities_won": "added_annual_cents",
    "opportunities_lost": "annual_cents",
    "opportunities_open": "annual_cents",
    "source_leads": "current_annual_cents",
    "source_opportunities": "added_annual_cents",
}
"""What is shown beside a record that only counts, by the query that lists it."""

_NARROWED = {"reps": "person", "sources": "whose", "stages": "whose"}
"""What the numbers of a report can be narrowed to."""

MOST_CLASSES = 16
"""Classes that the records of a KPI are of at most."""

_HEADS = ("Kind", "From", "To", "Of", "Date", "Lead", "Rep or source", "What", "Address")
CLASS, FROM, TO, WHOSE, DATE, LEAD, PERSON, WHAT, LINK = range(len(_HEADS))
FIRST_VALUE = len(_HEADS)
_WIDTHS = (60, 70, 70, 160, 90, 220, 150, 130, 300)


@dataclass(frozen=True)
class RecordColumns:
    """Where the formulas find the records.

    Attributes:
        height: rows of the tab, its heading among them.
        classes: what the records are, by the code of each class: a class is a set of kinds.
    """

    height: int
    classes: Mapping[frozenset[str], str]

    def column(self, first: int, last: int | None = None) -> Reference:
        """Return a column of the records, or several."""
        return Reference(Area(1, first, self.height, (first if last is None else last) + 1), RECORDS, is_whole=True)


def records_tab(tables: Tables, context: Context) -> tuple[Tab, RecordColumns]:
    """Return the tab of the records, the newest first, and where formulas find them."""
    found = records(tables.records)
    letters = {kind.name: f"{at:02x}" for at, kind in enumerate(kinds(context.definitions))}
    sets = {record["kinds"] for record in found}
    classes = {one: "".join(sorted(letters[kind] for kind in one.split() if kind in letters)) for one in sets}
    names = people(tables)
    used = _used(found)
    rows: list[Row] = [tuple(Cell(text, styles.DATA_HEADER) for text in _heads())]
    rows += [_row(record, classes[record["kinds"]], names, used[record["query"]]) for record in found]
    if not found:
        rows.append((EMPTY,))
    tab = Tab(
        key=RECORDS,
        title="Records",
        rows=tuple(rows),
        widths=(*_WIDTHS, *(100 for _ in MEASURES)),
        frozen_rows=1,
        color=styles.FAINT,
        gridlines=True,
        is_hidden=True,
        header=0,
        labels=(DATE, WHAT, LINK),
    )
    return tab, RecordColumns(len(rows), {frozenset(one.split()): code for one, code in classes.items()})


def _heads() -> list[str]:
    return [*_HEADS, *(f"Value {at}" for at, _ in enumerate(MEASURES, start=1))]


def _used(found: Iterable[Record]) -> dict[str, frozenset[int]]:
    """Return the value columns that the records of each query fill."""
    used: dict[str, set[int]] = {}
    for record in found:
        mine = used.setdefault(record["query"], set())
        mine.update(at for at, measures in enumerate(MEASURES) if _value(record, measures) is not None)
    return {query: frozenset(columns) for query, columns in used.items()}


def _value(record: Record, measures: Sequence[str]) -> float | None:
    name = next((name for name in measures if record[name] is not None), None)
    if name is None:
        return None
    value: float = record[name]
    return value / 100 if name.endswith("_cents") else value


def _row(record: Record, code: str, names: Mapping[str, str], used: frozenset[int]) -> Row:
    first, last = _months(record)
    values = [_value(record, measures) for measures in MEASURES]
    cells: list[Value] = [
        code,
        first,
        last,
        record["whose"] or NONE,
        NONE if record["dated_on"] is None else record["dated_on"].isoformat(),
        record["lead"] or NONE,
        _person(record, names),
        record["what"],
        lead_page(record["lead_id"]) if record["lead_id"] else NONE,
        *(NONE if value is None and at in used else value for at, value in enumerate(values)),
    ]
    while cells[-1] is None:
        cells.pop()
    return tuple(map(Cell, cells))


def _months(record: Record) -> tuple[Value, Value]:
    """Return the months in which a record counts; without any, it is open now, or counts in no month."""
    if record["first_month"] is not None:
        return record["first_month"], record["last_month"]
    return (0, ALWAYS) if record["query"] == "opportunities_open" else (ALWAYS, 0)


_WITHOUT_PERSON = frozenset({_CUSTOMERS, "customer_moves", "trials"})


def _person(record: Record, names: Mapping[str, str]) -> str:
    if record["query"] == "source_leads":
        return str(record["whose"])
    if record["query"] in _WITHOUT_PERSON:
        return NONE
    return UNASSIGNED if record["user_id"] is None else names[record["user_id"]]


@dataclass(frozen=True)
class Choice:
    """A KPI that can be chosen.

    Attributes:
        report: the tab that shows it.
        label: what it is called there.
        classes: codes of the records that it is made of, customers left out.
        whose: what it can be narrowed to: ``person``, ``whose``, or empty for nothing.
        customers: code of the customers that it is made of, empty without.
        is_opening: whether these are the customers at the start of the month.
        value: which value column counts, from 1 on; 0 for none.
        value_name: what that column holds.
        months: how many months' worth the values are: 12 where the KPI is told a month, else 1; 0 where they are not
            added up.
        left_out: how many of its records are not in the workbook, at least.
        left_out_on: the last day of which some may be lacking, None without one.
    """

    report: str
    label: str
    whose: str
    classes: tuple[str, ...]
    customers: str
    is_opening: bool
    value: int
    value_name: str
    months: int
    left_out: int
    left_out_on: date | None


def choices(tables: Tables, context: Context, columns: RecordColumns) -> list[Choice]:
    """Return the KPIs that can be chosen, in the order of the tabs."""
    counts = {record["kind"]: record for record in records(tables.record_kinds)}
    is_on_opening = tables.choices.rate_denominator == "opening"
    return [
        _choice(tab, report, kpi, context.definitions, columns, counts, is_on_opening=is_on_opening)
        for tab in REPORTS
        for report, _, kpi in shown_kpis(context.definitions, tab)
    ]


def _choice(
    tab: str,
    report: str,
    kpi: Kpi,
    definitions: Definitions,
    columns: RecordColumns,
    counts: Mapping[str, Record],
    *,
    is_on_opening: bool,
) -> Choice:
    parts = [definitions.parts[name] for name in (*kpi.made_of.over, *kpi.made_of.under)]
    of_kinds = {kind: part for part in reversed(parts) if (kind := kind_of(part, definitions)) is not None}
    instants = {part.given["instant"] for part in parts if "instant" in part.given}
    codes = {code for kinds_, code in columns.classes.items() if kinds_.intersection(of_kinds)}
    customers = columns.classes.get(frozenset({_CUSTOMERS}), "")
    found = {kind: counts[kind] for kind in of_kinds if kind in counts}
    is_opening = "opening" in instants or ("rates" in instants and is_on_opening)
    queries = {part.query for part in of_kinds.values()}
    value = _VALUE_OF.get(parts[0].query, "") if len(queries) == 1 else "annual_cents"
    measure = parts[0].measure or value
    days = [
        # A customer is one at the start of the month that follows its last one, too.
        last_day(months_after(day.replace(day=1))) if is_opening and kind == _CUSTOMERS else day
        for kind, record in found.items()
        if (day := record["left_out_on"]) is not None
    ]
    return Choice(
        report=tab,
        label=kpi.label,
        whose=_NARROWED.get(report, ""),
        classes=tuple(sorted(codes - {customers})),
        customers=customers if customers in codes else "",
        is_opening=is_opening,
        value=next((at for at, names in enumerate(MEASURES, start=1) if measure in names), 0),
        value_name=MEASURE_NAMES.get(measure, ""),
        months=0 if measure in _AVERAGED else 12 if kpi.unit == "mrr" else 1,
        left_out=sum(int(record["records"] - record["shown"]) for record in found.values()),
        left_out_on=max(days, default=None),
    )
