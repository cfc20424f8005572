"""From a question about a cell to the records behind it, and whether they add up to what was published."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from close_kpis.explain.records import lead_link, read
from close_kpis.kpis.insights import wilson_interval
from close_kpis.kpis.registry import MadeOf, Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from close_kpis.explain.question import Question
    from close_kpis.explain.records import Record
    from close_kpis.kpis.registry import Definitions


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
