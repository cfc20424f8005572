"""Giving KPI tables that an older version made the columns that their models define now."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from close_kpis.kpis.models import in_order
from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)

HISTORY = frozenset({"pipeline_daily"})
"""Tables with rows of earlier days, which cannot be computed again: they are kept."""


@dataclass(frozen=True)
class Column:
    """A column of a KPI table.

    Attributes:
        name: its name.
        type: its DuckDB type.
        is_nullable: whether it may be empty.
    """

    name: str
    type: str
    is_nullable: bool


Columns: TypeAlias = "dict[str, list[Column]]"


def is_outdated(stored: Columns, name: str) -> bool:
    """Say whether a KPI table of the lake has other columns than its model.

    Args:
        stored: what `stored_columns` returned.
        name: of a table that the lake has.
    """
    return stored[name] != _defined()[name]


def bring_past_days(con: DuckDBPyConnection, stored: Columns, name: str) -> None:
    """Bring an outdated KPI table into the workspace if its rows are of earlier days; all others are computed anew.

    Args:
        con: a connection in which the workspace has the table, still empty.
        stored: what `stored_columns` returned.
        name: of the table.

    Raises:
        LakeError: rows of earlier days have nothing for a new column that must not be empty.
    """
    log.warning("kpi.%s has the columns of an older version: it is built anew", name)
    if name not in HISTORY:
        return
    defined, had = _defined()[name], {column.name for column in stored[name]}
    if lacking := [column.name for column in defined if column.name not in had and not column.is_nullable]:
        raise LakeError(
            f"kpi.{name} keeps rows of earlier days, which have no {', '.join(lacking)}: "
            f"let the column be null in include/sql/kpis/{name}.sql"
        )
    con.execute(statement("upgrade/bring", name), {"columns": [c.name for c in defined if c.name in had]})


def stored_columns(con: DuckDBPyConnection) -> Columns:
    """Return the columns of the KPI tables that a lake has."""
    existing = existing_tables(con)
    return {name: _columns(con, name) for name in in_order("kpis") if f"kpi.{name}" in existing}


def definition(con: DuckDBPyConnection, name: str) -> str:
    """Return the first statement of a KPI model: the one that creates its table."""
    return con.extract_statements(statement(f"kpis/{name}"))[0].query


@cache
def _defined() -> Columns:
    """Return the columns that the models define, by table."""
    import duckdb

    with duckdb.connect() as empty:
        empty.execute("attach ':memory:' as lake")
        empty.execute("use lake")
        empty.execute("create schema kpi")
        for name in in_order("kpis"):
            empty.execute(definition(empty, name))
        return {name: _columns(empty, name) for name in in_order("kpis")}


def _columns(con: DuckDBPyConnection, name: str) -> list[Column]:
    return [Column(*column) for column in con.execute(statement("upgrade/columns", name)).fetchall()]
