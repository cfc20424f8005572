"""The command ``explain``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from close_kpis.commands.connections import find_lake
from close_kpis.commands.errors import CommandError, no_month
from close_kpis.commands.explain.answer import Explainer, Question
from close_kpis.commands.explain.insights import explain_insight
from close_kpis.commands.explain.reps import find_rep
from close_kpis.commands.explain.show import shown
from close_kpis.commands.output import quietly
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation
from close_kpis.lake.sql import statement
from close_kpis.month import parse_month
from close_kpis.paths import settings_path
from close_kpis.settings.errors import choices

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from duckdb import DuckDBPyConnection

ALL_TIME = "all"
NOW = "now"
INSIGHTS = "insights"
"""What is asked about in place of a report."""
OF_STAGES = ("pipeline", "stages")
"""The reports on the open pipeline, by stage."""
MRR_YEARS = "mrr-years"
"""The report of the MRR movements by year."""


def explain(options: argparse.Namespace) -> int:
    """Print the records behind a cell.

    Returns:
        0 when they come to what was published, 1 when they do not.

    Raises:
        CommandError: the report has no such cell; with what it has.
    """
    if options.report == INSIGHTS:
        return _explain_insight(options)
    column = find_column(options.report, options.kpi)
    _check(options)
    with quietly(), last_computation(find_lake(options.lake), options.settings or settings_path()) as computed:
        question = _question(computed.con, options, column)
        found = Explainer(computed.con, load_definitions()).answer(question)
        text = shown(question, found, computed, options.format)
    print(text)
    return 0 if found.agrees else 1


def _explain_insight(options: argparse.Namespace) -> int:
    if options.month != NOW:
        raise CommandError(f"insights can be explained as of {NOW} only, not {options.month!r}")
    if any(option is not None for option in (options.source, options.pipeline, options.stage, options.row)):
        raise CommandError("insights go with --rep only")
    with quietly(), last_computation(find_lake(options.lake), options.settings or settings_path()) as computed:
        text, agrees = explain_insight(
            computed.con, computed.settings.currency, options.kpi, options.rep, options.format
        )
    print(text)
    return 0 if agrees else 1


def find_column(report: str, name: str) -> str:
    """Return the column that a name means: the column itself, without ``_cents`` too, or its label.

    Raises:
        CommandError: there is none; with those that there are.
    """
    kpis = load_definitions().reports[report].kpis
    if name in kpis:
        return name
    for column, kpi in kpis.items():
        if name.lower() in {column, column.removesuffix("_cents"), kpi.label.lower()}:
            return column
    raise CommandError(f"the report {report} has no KPI {name!r}; it has {choices(kpis)}")


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, before the lake is opened."""
    for option, reports in (
        ("rep", ("reps",)),
        ("source", ("sources",)),
        ("pipeline", OF_STAGES),
        ("stage", OF_STAGES),
        ("age", ("cohorts",)),
    ):
        if getattr(options, option) is not None and options.report not in reports:
            raise CommandError(f"--{option} goes with the report {' or '.join(reports)}")
    if options.report == "cohorts" and (options.age is None or _is_year(options.month)):
        raise CommandError("the report cohorts goes with a month, as 2025-03, and --age, as 12")
    if (options.pipeline is None) != (options.stage is None):
        raise CommandError("--pipeline and --stage go together")
    if options.row and not (options.report == "growth" and _is_year(options.month)):
        raise CommandError("--row goes with the report growth and a year, as 2025")
    if options.report in OF_STAGES and options.month != NOW:
        raise CommandError(f"the report {options.report} can be explained as of {NOW} only, not {options.month!r}")
    if not (options.month in {ALL_TIME, NOW} or _is_year(options.month)):
        parse_month(options.month)


def _is_year(text: str) -> bool:
    return len(text) == len("YYYY") and text.isdecimal()


def _question(con: DuckDBPyConnection, options: argparse.Namespace, column: str) -> Question:
    if options.report in OF_STAGES:
        return _pipeline_question(con, options, column)
    question = Question(options.report, column, *_months(con, options), age=options.age)
    if options.report == "growth" and question.year is not None:
        question = replace(question, row=options.row or "year")
    if options.report == "mrr" and question.year is not None:
        if column not in load_definitions().reports[MRR_YEARS].kpis:
            raise CommandError(f"{column} is of a month: name one, as {options.month}-12")
        question = replace(question, report=MRR_YEARS)
    if options.report == MRR_YEARS and question.year is None:
        raise CommandError(f"the report {MRR_YEARS} has a row a year: name one, as {options.month[:4]}")
    if options.rep is not None:
        user_id, rep = find_rep(con, options.rep)
        return replace(question, is_of_rep=True, user_id=user_id, whose=rep)
    source = _source(con, options.source) if options.source is not None else None
    return replace(question, source=source, whose=source or "")


def _months(con: DuckDBPyConnection, options: argparse.Namespace) -> tuple[date | None, date | None, int | None]:
    """Return the first and the last month that are asked about, and their year; of one month only the first."""
    if options.report == "sources" and options.month == ALL_TIME:
        return None, None, None
    years = dict(con.execute(statement("explain.months")).fetchall())
    months = list(years)
    of_year = [month for month in months if _is_year(options.month) and years[month] == int(options.month)]
    if of_year:
        return of_year[0], of_year[-1], years[of_year[0]]
    if _is_year(options.month):
        raise no_month(f"of {options.month}", con)
    month = parse_month(options.month)
    if month not in months:
        raise no_month(options.month, con)
    return month, None, None


def _pipeline_question(con: DuckDBPyConnection, options: argparse.Namespace, column: str) -> Question:
    if options.stage is None:
        return Question(options.report, column, None)
    asked = f"{options.pipeline} / {options.stage}"
    stages = con.execute(statement("explain.stages")).fetchall()
    # A stage of exactly that name comes first.
    for pipeline, stage in sorted(stages, key=lambda known: asked != f"{known[0]} / {known[1]}"):
        if asked.lower() == f"{pipeline} / {stage}".lower():
            return Question(options.report, column, None, pipeline=pipeline, stage=stage, whose=asked)
    known = choices(f"{pipeline} / {stage}" for pipeline, stage in stages)
    raise CommandError(f"no opportunity is open in {asked!r}; there are some in {known}")


def _source(con: DuckDBPyConnection, name: str) -> str:
    sources = [source for (source,) in con.execute(statement("explain.sources")).fetchall()]
    if name in sources:
        return name
    for source in sources:
        if name.lower().split() == source.lower().split():
            return str(source)
    raise CommandError(f"--source: there is no source {name!r}; there are {choices(sources)}")
