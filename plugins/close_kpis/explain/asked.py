"""What a person asks about, in their own words, and the cell that it means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from close_kpis.explain.errors import QuestionError, no_month
from close_kpis.explain.question import Question
from close_kpis.explain.reps import find_rep
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.sql import statement
from close_kpis.month import parse_month
from close_kpis.settings.errors import choices

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

ALL_TIME = "all"
NOW = "now"
OF_STAGES = ("pipeline", "stages")
"""The reports on the open pipeline, by stage."""
MRR_YEARS = "mrr-years"
"""The report of the MRR movements by year."""

OF_EVERY_QUESTION = ("explain.months", "explain.reps", "explain/completed_months")
"""The queries that tell months and reps, and what an average is made of."""


@dataclass(frozen=True)
class Asked:
    """What a person asks about.

    Attributes:
        report: of the registry.
        month: ``YYYY-MM``, ``YYYY``, ``all`` or ``now``.
        kpi: a column of the report's table, or its label in the workbook.
        rep: as a person calls a rep.
        source: one source.
        age: of cohorts, how many months after the cohort's.
        pipeline: one pipeline.
        stage: one of its stages.
        row: which row below the months of a year.
    """

    report: str
    month: str
    kpi: str
    rep: str | None = None
    source: str | None = None
    age: int | None = None
    pipeline: str | None = None
    stage: str | None = None
    row: Literal["year", "average", "yoy"] | None = None


def find_column(report: str, name: str) -> str:
    """Return the column that a name means: the column itself, without ``_cents`` too, or its label.

    Raises:
        QuestionError: there is none; with those that there are.
    """
    kpis = load_definitions().reports[report].kpis
    if name in kpis:
        return name
    for column, kpi in kpis.items():
        if name.lower() in {column, column.removesuffix("_cents"), kpi.label.lower()}:
            return column
    raise QuestionError(f"the report {report} has no KPI {name!r}; it has {choices(kpis)}")


def queries_of(report: str, column: str) -> frozenset[str]:
    """Return the queries that a question about a column of a report may run, by the names that `statement` knows."""
    definitions = load_definitions()
    # Of a year, a question about mrr is one about mrr-years.
    reports = {report, MRR_YEARS} if report == "mrr" else {report}
    kpis = [kpi for name in reports if (kpi := definitions.reports[name].kpis.get(column))]
    made_of = [made for kpi in kpis for made in (kpi.made_of, kpi.year_made_of) if made is not None]
    parts = {part for made in made_of for part in (*made.over, *made.under)}
    of_parts = {f"explain/{definitions.parts[part].query}" for part in parts}
    return frozenset({*of_parts, *OF_EVERY_QUESTION})


def check(asked: Asked) -> None:
    """Refuse what does not go together, before a lake is opened.

    Raises:
        QuestionError: it does not.
        NoMonthError: the month is none.
    """
    for option, reports in (
        ("rep", ("reps",)),
        ("source", ("sources",)),
        ("pipeline", OF_STAGES),
        ("stage", OF_STAGES),
        ("age", ("cohorts",)),
    ):
        if getattr(asked, option) is not None and asked.report not in reports:
            raise QuestionError(f"--{option} goes with the report {' or '.join(reports)}")
    if asked.report == "cohorts" and (asked.age is None or _is_year(asked.month)):
        raise QuestionError("the report cohorts goes with a month, as 2025-03, and --age, as 12")
    if (asked.pipeline is None) != (asked.stage is None):
        raise QuestionError("--pipeline and --stage go together")
    if asked.row and not (asked.report == "growth" and _is_year(asked.month)):
        raise QuestionError("--row goes with the report growth and a year, as 2025")
    if asked.report in OF_STAGES and asked.month != NOW:
        raise QuestionError(f"the report {asked.report} can be explained as of {NOW} only, not {asked.month!r}")
    if not (asked.month in {ALL_TIME, NOW} or _is_year(asked.month)):
        parse_month(asked.month)


def _is_year(text: str) -> bool:
    return len(text) == len("YYYY") and text.isdecimal()


def question_of(con: DuckDBPyConnection, asked: Asked, column: str) -> Question:
    """Return the cell that a person means.

    Args:
        con: a lake as its last computation saw it.
        asked: checked before.
        column: from `find_column`.

    Raises:
        QuestionError: the account has no such month, rep, source or stage; with those that it has.
    """
    if asked.report in OF_STAGES:
        return _pipeline_question(con, asked, column)
    question = Question(asked.report, column, *_months(con, asked), age=asked.age)
    if asked.report == "growth" and question.year is not None:
        question = replace(question, row=asked.row or "year")
    if asked.report == "mrr" and question.year is not None:
        if column not in load_definitions().reports[MRR_YEARS].kpis:
            raise QuestionError(f"{column} is of a month: name one, as {asked.month}-12")
        question = replace(question, report=MRR_YEARS)
    if asked.report == MRR_YEARS and question.year is None:
        raise QuestionError(f"the report {MRR_YEARS} has a row a year: name one, as {asked.month[:4]}")
    if asked.rep is not None:
        user_id, rep = find_rep(con, asked.rep)
        return replace(question, is_of_rep=True, user_id=user_id, whose=rep)
    source = _source(con, asked.source) if asked.source is not None else None
    return replace(question, source=source, whose=source or "")


def _months(con: DuckDBPyConnection, asked: Asked) -> tuple[date | None, date | None, int | None]:
    """Return the first and the last month that are asked about, and their year; of one month only the first."""
    if asked.report == "sources" and asked.month == ALL_TIME:
        return None, None, None
    years = dict(con.execute(statement("explain.months")).fetchall())
    months = list(years)
    of_year = [month for month in months if _is_year(asked.month) and years[month] == int(asked.month)]
    if of_year:
        return of_year[0], of_year[-1], years[of_year[0]]
    if _is_year(asked.month):
        raise no_month(f"of {asked.month}", con)
    month = parse_month(asked.month)
    if month not in months:
        raise no_month(asked.month, con)
    return month, None, None


def _pipeline_question(con: DuckDBPyConnection, asked: Asked, column: str) -> Question:
    if asked.stage is None:
        return Question(asked.report, column, None)
    named = f"{asked.pipeline} / {asked.stage}"
    stages = con.execute(statement("explain.stages")).fetchall()
    # A stage of exactly that name comes first.
    for pipeline, stage in sorted(stages, key=lambda known: named != f"{known[0]} / {known[1]}"):
        if named.lower() == f"{pipeline} / {stage}".lower():
            return Question(asked.report, column, None, pipeline=pipeline, stage=stage, whose=named)
    known = choices(f"{pipeline} / {stage}" for pipeline, stage in stages)
    raise QuestionError(f"no opportunity is open in {named!r}; there are some in {known}")


def _source(con: DuckDBPyConnection, name: str) -> str:
    sources = [source for (source,) in con.execute(statement("explain.sources")).fetchall()]
    if name in sources:
        return name
    for source in sources:
        if name.lower().split() == source.lower().split():
            return str(source)
    raise QuestionError(f"--source: there is no source {name!r}; there are {choices(sources)}")
