"""From a question about a cell to the records behind it, and whether they add up to what was published."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Literal

from close_kpis.commands.explain.registry import average_of_year
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from close_kpis.commands.explain.registry import Kpi, Part

Record = dict[str, Any]
Row = Literal["year", "average", "yoy"]

LEAD_PAGE = "https://app.close.com/lead/{}/"
"""Where people open a lead. Source: developer.close.com "Leads", ``html_url``."""


@dataclass(frozen=True)
class Question:
    """Which cell is asked about.

    Attributes:
        report: of `REPORTS`.
        column: of the report's table.
        month: first day of the month, or of the first one; of sources the month in which the leads were created. None:
            all time, or now.
        last_month: first day of the last month; None: the same one.
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
    row: Row | None = None
    is_of_rep: bool = False
    user_id: str | None = None
    source: str | None = None
    pipeline: str | None = None
    stage: str | None = None
    whose: str = ""


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
    """

    con: DuckDBPyConnection
    _row: Question | None = field(default=None, init=False, repr=False)
    _read: dict[str, tuple[tuple[str, ...], list[Record]]] = field(default_factory=dict, init=False, repr=False)

    def answer(self, question: Question, kpi: Kpi) -> Answer:
        """List the records behind a cell.

        Args:
            question: which cell.
            kpi: how its value follows from records.
        """
        if question.row == "yoy":
            return self._growth(question, kpi)
        if question.row == "average":
            kpi = average_of_year(question.column)
        row = replace(question, column="")
        if row != self._row:
            # The cells of one row have most of their records in common.
            self._row, self._read = row, {}
        over = [self._listing(row, part) for part in kpi.over]
        under = [self._listing(row, part) for part in kpi.under]
        published = self._published(row)
        return Answer(
            over, under, _value(kpi, over, under), (published or {}).get(question.column), published is not None
        )

    def _growth(self, question: Question, kpi: Kpi) -> Answer:
        """Compare the months that are completed in a year and in the one before."""
        _, [months] = _query(self.con, "explain/queries/compared_months", question, {})
        _, published = _query(self.con, "explain/cells/growth_year", question, {})
        cell = published[0][question.column] if published else None
        if months["first_month"] is None:
            return Answer([], [], None, cell, bool(published), "Compared with")
        spans = [(months["first_month"], months["last_month"])]
        spans.append(tuple(month.replace(year=month.year - 1) for month in spans[0]))
        now, then = (
            self.answer(replace(question, month=first, last_month=last, row="year"), kpi) for first, last in spans
        )
        value = None
        if now.value is not None and then.value:
            value = now.value - then.value if kpi.under else now.value / then.value - 1
        over, under = (
            [replace(listing, part=replace(listing.part, what=f"{_span(span)}: {listing.part.what}")) for listing in of]
            for span, of in zip(spans, ([*now.over, *now.under], [*then.over, *then.under]), strict=True)
        )
        return Answer(over, under, value, cell, bool(published), "Compared with")

    def _listing(self, row: Question, part: Part) -> Listing:
        key = f"{part.model} {sorted(part.given.items())}"
        if key not in self._read:
            self._read[key] = _with_links(*_query(self.con, f"explain/{part.model}", row, part.given))
        columns, records = self._read[key]
        counted = [record[part.measure] if part.measure else 1 for record in records]
        return Listing(part, columns, records, [value for value in counted if value is not None])

    def _published(self, row: Question) -> Record | None:
        """Return the row of the KPI table that the question is about, None where there is none."""
        name = _cell_query(row)
        key = f"cells/{name}"
        if name and key not in self._read:
            self._read[key] = _query(self.con, f"explain/{key}", row, {})
        records = self._read[key][1] if name else []
        return records[0] if records else None


def _with_links(columns: tuple[str, ...], records: list[Record]) -> tuple[tuple[str, ...], list[Record]]:
    if "lead_id" not in columns:
        return columns, records
    for record in records:
        record["link"] = LEAD_PAGE.format(record["lead_id"]) if record["lead_id"] else None
    return (*columns, "link"), records


def _cell_query(question: Question) -> str:
    """Return the query for the row that a question is about, empty where the workbook has none."""
    match question.report:
        case "growth" if question.row:
            return "growth_year"
        case "growth":
            return "growth"
        case "pipeline":
            return "pipeline" if question.stage is not None else ""
        case _ if question.last_month is not None:
            return ""
        case "mrr":
            return "movements"
        case "win-rate":
            return "win_rate"
        case "reps":
            return "reps" if question.is_of_rep else "team"
        case _ if question.source is None:
            return "sources" if question.month is None else ""
        case _:
            return "source" if question.month is None else "cohort"


def _query(con: DuckDBPyConnection, name: str, question: Question, given: Any) -> tuple[tuple[str, ...], list[Record]]:
    """Run a query of ``include/sql`` with those of the question's values that it names."""
    text = statement(name)
    values = {
        "month": question.month,
        "first_month": question.month,
        "last_month": question.last_month or question.month,
        "row": question.row,
        "every_rep": not question.is_of_rep,
        "user_id": question.user_id,
        "every_source": question.source is None,
        "source": question.source,
        "pipeline": question.pipeline,
        "stage": question.stage,
        **given,
    }
    named = con.extract_statements(text)[0].named_parameters
    result = con.execute(text, {key: value for key, value in values.items() if key in named})
    columns = tuple(column[0] for column in result.description or ())
    return columns, [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _value(kpi: Kpi, over: Sequence[Listing], under: Sequence[Listing]) -> float | int | None:
    above = sum(listing.part.sign * listing.total for listing in over)
    below = sum(listing.part.sign * listing.total for listing in under)
    if kpi.how in {"mean", "median"}:
        counted = [value for listing in over for value in listing.counted]
        return (mean(counted) if kpi.how == "mean" else median(counted)) if counted else None
    if kpi.how == "rounded":
        # As SQL rounds: halves away from zero.
        return math.floor(abs(above) + 0.5) * (1 if above >= 0 else -1)
    if not under:
        return above / kpi.per if kpi.per != 1 else above
    if below == 0:
        return None
    if kpi.how == "sum":
        return above / below
    low, high = _wilson(int(above), int(below))
    return low if kpi.how == "wilson_low" else high


def _span(months: Sequence[date]) -> str:
    return f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"


def _wilson(won: int, decided: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    interval = binomtest(won, decided).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
