"""The rep-months behind an insight, and whether they come to what was published."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.commands.output import as_csv, as_json, table
from close_kpis.explain.records import Record, read
from close_kpis.explain.reps import find_rep
from close_kpis.kpis.insights import completed_months, insights
from close_kpis.settings.errors import choices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.insights import Insight, RepMonth

COLUMNS = (
    "month",
    "rep",
    "won_opportunities",
    "lost_opportunities",
    "close_rate",
    "calls_per_decided",
    "contacts_per_working_day",
    "avg_deal_arr_cents",
)
"""What is listed of a rep-month."""


@dataclass(frozen=True)
class ExplainedInsight:
    """An insight as its rep-months give it, beside the one that was published.

    Attributes:
        found: computed from the released rep report.
        published: the row of ``kpi.insights``.
    """

    found: Insight
    published: Record

    @property
    def agrees(self) -> bool:
        """Whether the rep-months come to what was published."""
        row = self.found.row()
        return all(
            math.isclose(value, published, rel_tol=1e-9, abs_tol=1e-12)
            if isinstance(value, float) and isinstance(published, float)
            else value == published
            for value, published in ((row[column], self.published[column]) for column in self.published)
        )


def explained_insights(con: DuckDBPyConnection, currency: str) -> Iterator[ExplainedInsight]:
    """Explain every published insight.

    Args:
        con: a lake as its last computation saw it.
        currency: of the sentences.
    """
    found = {(one.insight, one.user_id): one for one in insights(completed_months(con), currency)}
    _, published = read(con, "explain.table", {}, "insights")
    for row in sorted(published, key=lambda row: (row["insight"], row["user_id"] or "")):
        yield ExplainedInsight(found[row["insight"], row["user_id"]], row)


def explain_insight(
    con: DuckDBPyConnection, currency: str, insight: str, rep: str | None, form: str
) -> tuple[str, bool]:
    """Return the rep-months behind an insight as text, and whether they come to what was published.

    Args:
        con: a lake as its last computation saw it.
        currency: of the sentences.
        insight: its name.
        rep: as a person calls a rep; None: the team.
        form: ``table``, ``csv`` or ``json``.

    Raises:
        CommandError: there is no such insight; with those that there are.
    """
    user_id = find_rep(con, rep)[0] if rep is not None else None
    explained = list(explained_insights(con, currency))
    of_whom = [one for one in explained if one.found.user_id == user_id and (rep is None or user_id is not None)]
    named = [one for one in of_whom if one.found.insight == insight]
    if not named:
        there_are = choices(one.found.insight for one in of_whom) if of_whom else "none"
        raise CommandError(f"there is no insight {insight!r} of {rep or 'the team'}; there are {there_are}")
    return _shown(named[0], form), named[0].agrees


def _shown(explained: ExplainedInsight, form: str) -> str:
    found = explained.found
    rows = [_rep_month(row) for row in found.behind]
    if form == "csv":
        return as_csv(COLUMNS, rows)
    if form == "json":
        return as_json({**found.row(), "published": explained.published, "agrees": explained.agrees, "rows": rows})
    same = (
        "The published insight is the same."
        if explained.agrees
        else f"THE PUBLISHED ONE: {_figures(explained.published)}"
    )
    body = table(COLUMNS, rows) if rows else "none"
    return f"{found.sentence}\n\n{body}\n\n= {len(rows)} rep-months: {_figures(found.row())}\n{same}"


def _figures(row: Record) -> str:
    figures = ", ".join(
        f"{column} {row[column]:.6g}" for column in ("estimate", "low", "high") if row[column] is not None
    )
    return f"{row.get('verdict', 'no verdict')} (n = {row['n']}{', ' if figures else ''}{figures})"


def _rep_month(row: RepMonth) -> Record:
    values = (
        row.month,
        row.rep,
        row.won,
        row.lost,
        row.close_rate,
        row.calls_per_decided,
        row.contacts,
        row.avg_deal,
    )
    return dict(zip(COLUMNS, values, strict=True))
