"""What a version before left in a lake, and goes with the first release of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def leave_candidate_behind(con: DuckDBPyConnection, columns: list[tuple[str, str]]) -> None:
    """Drop the row that named a candidate of a version before, whose table has these columns: a new one is made."""
    if "from_month" in dict(columns):
        con.execute(statement("upgrade.drop_candidate"))


def leave_behind(con: DuckDBPyConnection) -> None:
    """Drop what this version has no use for, in the caller's transaction: never a published number or a past day."""
    if ("from_month",) in con.execute(statement("upgrade.computations_columns")).fetchall():
        con.execute(statement("upgrade.drop_from_month"))
    if "incremental.state" in existing_tables(con):
        con.execute(statement("upgrade.drop_incremental"))
