"""What is said when a question does not fit the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.lake.sql import statement
from close_kpis.month import month_key
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class QuestionError(PipelineError, ValueError):
    """There is no such cell; with what there is."""


def no_month(asked: str, con: DuckDBPyConnection) -> QuestionError:
    """Return the error that the reports do not have a month, with those that they have.

    Args:
        asked: what was asked for.
        con: a lake as its last computation saw it.
    """
    months = [month for month, _ in con.execute(statement("explain.months")).fetchall()]
    span = f"from {month_key(months[0])} to {month_key(months[-1])}" if months else "empty"
    return QuestionError(f"the reports have no month {asked}: they are {span}")
