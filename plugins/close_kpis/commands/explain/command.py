"""The command ``explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.commands.explain.answer import Explainer, Question
from close_kpis.commands.explain.registry import REPORTS
from close_kpis.commands.explain.show import shown
from close_kpis.commands.lakes import find_lake
from close_kpis.commands.output import quietly
from close_kpis.definitions import load_definitions
from close_kpis.lake.sql import statement
from close_kpis.month import month_key, parse_month
from close_kpis.paths import settings_path
from close_kpis.pipeline.computed import last_computation
from close_kpis.settings_errors import choices

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from duckdb import DuckDBPyConnection

ALL_TIME = "all"
UNASSIGNED = "Unassigned"


def explain(options: argparse.Namespace) -> int:
    """Print the records behind a cell.

    Returns:
        0 when they come to what was published, 1 when they do not.

    Raises:
        CommandError: the report has no such cell; with what it has.
    """
    column = find_column(options.report, options.kpi)
    month = _month(options)
    with quietly(), last_computation(find_lake(options.lake), options.settings or settings_path()) as computed:
        question = _question(computed.con, options, column, month)
        found = Explainer(computed.con).answer(question, REPORTS[options.report].kpis[column])
        text = shown(question, found, computed, options.format)
    print(text)
    return 0 if found.agrees else 1


def find_column(report: str, name: str) -> str:
    """Return the column that a name means: the column itself, without ``_cents`` too, or its label.

    Raises:
        CommandError: there is none; with those that there are.
    """
    known = REPORTS[report]
    for column in known.kpis:
        label = load_definitions().kpi(known.texts, column).label
        if name.lower() in {column, column.removesuffix("_cents"), label.lower()}:
            return column
    raise CommandError(f"the report {report} has no KPI {name!r}; it has {choices(known.kpis)}")


def _month(options: argparse.Namespace) -> date | None:
    if options.rep is not None and options.report != "reps":
        raise CommandError("--rep goes with the report reps")
    if options.source is not None and options.report != "sources":
        raise CommandError("--source goes with the report sources")
    if options.report == "sources" and options.month == ALL_TIME:
        return None
    return parse_month(options.month)


def _question(con: DuckDBPyConnection, options: argparse.Namespace, column: str, month: date | None) -> Question:
    months = [first for (first,) in con.execute(statement("explain/queries/months")).fetchall()]
    if month is not None and month not in months:
        span = f"from {month_key(months[0])} to {month_key(months[-1])}" if months else "empty"
        raise CommandError(f"the reports have no month {options.month}: they are {span}")
    if options.rep is not None:
        user_id, rep = _rep(con, options.rep)
        return Question(options.report, column, month, is_of_rep=True, user_id=user_id, whose=rep)
    source = _source(con, options.source) if options.source is not None else None
    return Question(options.report, column, month, source=source, whose=source or "")


def _rep(con: DuckDBPyConnection, name: str) -> tuple[str | None, str]:
    """Return a rep's id and name; no id for what has no user."""
    if name.lower() == UNASSIGNED.lower():
        return None, UNASSIGNED
    reps = con.execute(statement("explain/queries/reps")).fetchall()
    found = {row[0]: row[1] for row in reps if name.lower() in {str(word).lower() for word in row if word}}
    if len(found) == 1:
        return next(iter(found.items()))
    if found:
        raise CommandError(f"--rep: {name!r} are {len(found)} users: name one by its id, {choices(found)}")
    raise CommandError(
        f"--rep: there is no user {name!r}; there are {choices([UNASSIGNED, *(row[1] for row in reps)])}"
    )


def _source(con: DuckDBPyConnection, name: str) -> str:
    sources = [source for (source,) in con.execute(statement("explain/queries/sources")).fetchall()]
    for source in sources:
        if name == source or name.lower().split() == source.lower().split():
            return str(source)
    raise CommandError(f"--source: there is no source {name!r}; there are {choices(sources)}")
