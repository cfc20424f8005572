"""From a question about a cell to the records behind it, and whether they add up to what was published."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Literal

from close_kpis.commands.records import lead_link, read
from close_kpis.kpis.insights import wilson_interval
from close_kpis.kpis.registry import MadeOf, Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from close_kpis.commands.records import Record
    from close_kpis.kpis.registry import Definitions


@dataclass(frozen=True)
class Question:
    """Which cell is asked about.

    Attributes:
        report: of the registry.
        column: of the report's table.
        month: first day of the month, or of the first one; of sources the month in which the leads were created. None:
            all time, or now.
        last_month: first day of the last month; None: the same one.
        year: of the months, where a year is asked about.
        age: of cohorts, how many months after the cohort's.
        row: which row of a year: ``year``, ``average`` or ``yoy``; None: of a month.
        is_of_rep: one rep's row of the rep report, else the team's.
        user_id: of the rep; None with ``is_of_rep``: unassigned.
        source: one source's row of the source report; None: the total row.
        pipeline: of the pipeline report; None: every one.
        stage: of the pipeline report; None: every one.
        whose: how a reader calls the rep, the source or the stage.
    """

    report: str
    column: str
    month: date | None
    last_month: date | None = None
    year: int | None = None
    age: int | None = None
    row: Literal["year", "average", "yoy"] | None = None
    is_of_rep: bool = False
    user_id: str | None = None
    source: str | None = None
    pipeline: str | None = None
    stage: str | None = None
    whose: str = ""

    def key(self) -> dict[str, Any]:
        """Return what tells the cell's row from the others of its table, by the columns of the table's grain."""
        key: dict[str, Any] = {}
        if self.row is not None:
            key |= {"year": self.year, "row_kind": self.row}
        elif self.year is not None and self.report == "mrr-years":
            key["year"] = self.year
        elif self.last_month is not None:
            # No table has a row for several months but that of years.
            key["last_month"] = self.last_month
        elif self.month is not None:
            key["cohort_month" if self.report in {"sources", "cohorts"} else "month"] = self.month
        if self.age is not None:
            key["age_months"] = self.age
        if self.is_of_rep:
            key["user_id"] = self.user_id
        if self.source is not None:
            key["source"] = self.source
        if self.stage is not None:
            key |= {"pipeline": self.pipeline, "status": self.stage}
        return key

    def values(self) -> dict[str, Any]:
        """Return what the queries of ``include/sql/explain`` can ask for, by parameter."""
        return {
            "month": self.month,
            "first_month": self.month,
            "last_month": self.last_month or self.month,
            "then_month": self._then(),
            "year": self.year,
            "age": self.age,
            "row": self.row,
            "every_rep": not self.is_of_rep,
            "user_id": self.user_id,
            "every_source": self.source is None,
            "source": self.source,
            "pipeline": self.pipeline,
            "stage": self.stage,
        }

    def _then(self) -> date | None:
        """Return the month at whose end the customers are looked up that retention is measured on."""
        if self.month is None:
            return None
        months = self.month.year * 12 + self.month.month - 1 - (12 if self.year is None else 1)
        return self.month.replace(year=months // 12, month=months % 12 + 1)


@dataclass(frozen=True)
class Listing:
    """The records of a part.

    Attributes:
        part: what they are.
        columns: of the records.
        records: with the lead's address under ``link``, where the record has a lead.
        counted: the numbers that count: a 1 a record, or the values of the measure.
    """

    part: Part
    columns: tuple[str, ...]
    records: list[Record]
    counted: list[int | float]

    @property
    def total(self) -> int | float:
        """What the part comes to."""
        return sum(self.counted)


@dataclass(frozen=True)
class Answer:
    """The records behind a cell.

    Attributes:
        over: the records, of a rate those above the line.
        under: of a rate the records below the line; of a growth those of the year before.
        under_is: what the records under the line are for: ``Divided by``, ``Compared with``.
        value: what they come to; None: undefined.
        published: the cell's value; None: empty.
        is_published: the workbook has such a cell.
    """

    over: list[Listing]
    under: list[Listing]
    value: float | int | None
    published: float | int | None
    is_published: bool
    under_is: str = "Divided by"

    @property
    def agrees(self) -> bool:
        """Whether the records come to what was published; true where nothing was."""
        if not self.is_published:
            return True
        if self.value is None or self.published is None:
            return self.value is self.published
        return math.isclose(self.value, self.published, rel_tol=1e-9, abs_tol=1e-9)


@dataclass
class Explainer:
    """Lists the records behind cells.

    Attributes:
        con: a lake as its last computation saw it.
        definitions: the registry.
    """

    con: DuckDBPyConnection
    definitions: Definitions
    _tables: dict[str, dict[tuple[Any, ...], Record]] = field(default_factory=dict, init=False, repr=False)
    _row: Question | None = field(default=None, init=False, repr=False)
    _read: dict[str, tuple[tuple[str, ...], list[Record]]] = field(default_factory=dict, init=False, repr=False)

    def answer(self, question: Question) -> Answer:
        """List the records behind a cell."""
        if question.row == "yoy":
            return self._growth(question)
        definition, parts = self.definitions.kpi(question.report, question.column), self.definitions.parts
        is_year = question.row == "year" and definition.year_made_of is not None
        kpi = definition.year_made_of if is_year and definition.year_made_of else definition.made_of
        if question.row == "average":
            kpi = MadeOf(over=("months",), how="mean")
            parts = {"months": Part(what="Completed months", query="completed_months", measure=question.column)}
        row = replace(question, column="")
        if row != self._row:
            # The cells of one row have most of their records in common.
            self._row, self._read = row, {}
        over = [self._listing(row, part) for part in map(parts.__getitem__, kpi.over)]
        under = [self._listing(row, part) for part in map(parts.__getitem__, kpi.under)]
        published = self._published(row)
        return Answer(
            over, under, _value(kpi, over, under), (published or {}).get(question.column), published is not None
        )

    def _growth(self, question: Question) -> Answer:
        """Compare the months that are completed in a year and in the one before."""
        _, [months] = read(self.con, "explain.compared_months", question.values())
        published = self._published(question)
        cell = published[question.column] if published else None
        if months["first_month"] is None:
            return Answer([], [], None, cell, bool(published), "Compared with")
        spans = [(months["first_month"], months["last_month"])]
        spans.append(tuple(month.replace(year=month.year - 1) for month in spans[0]))
        now, then = (self.answer(replace(question, month=first, last_month=last, row="year")) for first, last in spans)
        value = None
        is_rate = self.definitions.kpi(question.report, question.column).unit == "rate"
        if now.value is not None and then.value is not None and (is_rate or then.value):
            value = now.value - then.value if is_rate else now.value / then.value - 1
        over, under = (
            [
                replace(listing, part=listing.part.model_copy(update={"what": f"{_span(span)}: {listing.part.what}"}))
                for listing in of
            ]
            for span, of in zip(spans, ([*now.over, *now.under], [*then.over, *then.under]), strict=True)
        )
        return Answer(over, under, value, cell, bool(published), "Compared with")

    def _listing(self, row: Question, part: Part) -> Listing:
        key = f"{part.query} {sorted(part.given.items())}"
        if key not in self._read:
            self._read[key] = _with_links(*read(self.con, f"explain/{part.query}", row.values() | part.given))
        columns, records = self._read[key]
        counted = [record[part.measure] if part.measure else 1 for record in records]
        return Listing(part, columns, records, [value for value in counted if value is not None])

    def _published(self, question: Question) -> Record | None:
        """Return the row of a KPI table that the question is about, None where the workbook has none."""
        key = question.key()
        if question.report == "pipeline":
            key |= read(self.con, "explain.today", {})[1][0]
        tables = self.definitions.tables
        of_report = (name for name, table in tables.items() if table.report == question.report)
        table = next((name for name in of_report if set(tables[name].grain) == key.keys()), None)
        if table is None:
            return None
        grain = tables[table].grain
        if table not in self._tables:
            _, rows = read(self.con, "explain.table", {}, table)
            self._tables[table] = {tuple(row[column] for column in grain): row for row in rows}
        return self._tables[table].get(tuple(key[column] for column in grain))


def _with_links(columns: tuple[str, ...], records: list[Record]) -> tuple[tuple[str, ...], list[Record]]:
    if "lead_id" not in columns:
        return columns, records
    for record in records:
        record["link"] = lead_link(record["lead_id"])
    return (*columns, "link"), records


def _value(kpi: MadeOf, over: Sequence[Listing], under: Sequence[Listing]) -> float | int | None:
    above = sum(listing.part.sign * listing.total for listing in over)
    below = sum(listing.part.sign * listing.total for listing in under)
    if kpi.how in {"mean", "median"}:
        counted = [value for listing in over for value in listing.counted]
        return (mean(counted) if kpi.how == "mean" else median(counted)) if counted else None
    if kpi.how == "sum_of_known" and not any(listing.counted for listing in over):
        return None
    if kpi.how in {"compounded_loss", "compounded_gain"}:
        rates = [rate for listing in over for rate in listing.counted]
        if not rates:
            return None
        return (
            1 - math.prod(1 - rate for rate in rates)
            if kpi.how == "compounded_loss"
            else (math.prod(1 + rate for rate in rates) - 1)
        )
    if kpi.how == "rounded":
        # As SQL rounds: halves away from zero.
        return math.floor(abs(above) + 0.5) * (1 if above >= 0 else -1)
    if not under:
        return above / kpi.per if kpi.per != 1 else above
    if below == 0:
        return None
    if kpi.how == "sum":
        return above / below
    low, high = wilson_interval(int(above), int(below))
    return low if kpi.how == "wilson_low" else high


def _span(months: Sequence[date]) -> str:
    return f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"
