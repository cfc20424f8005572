"""The command ``explain``."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from close_kpis.commands.connections import find_lake
from close_kpis.commands.errors import CommandError
from close_kpis.commands.explain.insights import explain_insight
from close_kpis.commands.explain.show import shown
from close_kpis.commands.output import quietly
from close_kpis.explain.answer import Explainer
from close_kpis.explain.asked import NOW, Asked, check, find_column, queries_of, question_of
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation

if TYPE_CHECKING:
    import argparse

INSIGHTS = "insights"
"""What is asked about in place of a report."""


def explain(options: argparse.Namespace) -> int:
    """Print the records behind a cell.

    Returns:
        0 when they come to what was published, 1 when they do not.

    Raises:
        QuestionError: the report has no such cell; with what it has.
    """
    if options.report == INSIGHTS:
        return _explain_insight(options)
    asked = Asked(**{one.name: getattr(options, one.name) for one in fields(Asked)})
    column = find_column(asked.report, asked.kpi)
    check(asked)
    lake, settings = find_lake(options.lake), options.settings
    with quietly(), last_computation(lake, settings, queries_of(asked.report, column)) as computed:
        question = question_of(computed.con, asked, column)
        found = Explainer(computed.con, load_definitions()).answer(question)
        text = shown(question, found, computed, options.format)
    print(text)
    return 0 if found.agrees else 1


def _explain_insight(options: argparse.Namespace) -> int:
    if options.month != NOW:
        raise CommandError(f"insights can be explained as of {NOW} only, not {options.month!r}")
    if any(option is not None for option in (options.source, options.pipeline, options.stage, options.row)):
        raise CommandError("insights go with --rep only")
    with quietly(), last_computation(find_lake(options.lake), options.settings) as computed:
        text, agrees = explain_insight(
            computed.con, computed.settings.currency, options.kpi, options.rep, options.format
        )
    print(text)
    return 0 if agrees else 1
