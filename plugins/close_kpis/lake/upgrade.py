"""Giving KPI tables that an older version made the columns that their models define now."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeError
from close_kpis.lake.models import in_order
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


def upgrade_kpis(con: DuckDBPyConnection) -> list[str]:
    """Create the KPI tables anew whose columns are not those of their models, in the caller's transaction.

    They are then empty, but for those of ``HISTORY``: compute every month afterwards.

    Args:
        con: a connection whose current database is the lake.

    Returns:
        The names of the tables.

    Raises:
        LakeError: rows of earlier days have nothing for a new column that must not be empty.
    """
    stored, defined = _columns(con), _defined()
    outdated = [name for name in in_order("kpis") if name in stored and stored[name] != defined[name]]
    for name in outdated:
        log.warning("kpi.%s has the columns of an older version: it is built anew", name)
        if name in HISTORY:
            con.execute(statement("upgrade/keep", name))
        con.execute(statement("upgrade/drop", name))
        con.execute(_definition(con, name))
        if name in HISTORY:
            _restore(con, name, stored[name], defined[name])
    return outdated


def _restore(con: DuckDBPyConnection, name: str, stored: list[Column], defined: list[Column]) -> None:
    had = {column.name for column in stored}
    if lacking := [column.name for column in defined if column.name not in had and not column.is_nullable]:
        raise LakeError(
            f"kpi.{name} keeps rows of earlier days, which have no {', '.join(lacking)}: "
            f"let the column be null in include/sql/kpis/{name}.sql"
        )
    con.execute(statement("upgrade/restore", name), {"columns": [c.name for c in defined if c.name in had]})


def _defined() -> dict[str, list[Column]]:
    """Return the columns that the models define, by table."""
    import duckdb

    with duckdb.connect() as empty:
        empty.execute("create schema kpi")
        for name in in_order("kpis"):
            empty.execute(_definition(empty, name))
        return _columns(empty)


def _columns(con: DuckDBPyConnection) -> dict[str, list[Column]]:
    tables: defaultdict[str, list[Column]] = defaultdict(list)
    for table, *column in con.execute(statement("upgrade/columns")).fetchall():
        tables[table].append(Column(*column))
    return tables


def _definition(con: DuckDBPyConnection, name: str) -> str:
    """Return the first statement of a KPI model: the one that creates its table."""
    return con.extract_statements(statement(f"kpis/{name}"))[0].query
