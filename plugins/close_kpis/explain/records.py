"""Records of the lake, as answers list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.lake.sql import run, statement
from close_kpis.links import lead_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

Record = dict[str, Any]


def lead_link(lead_id: str | None) -> str | None:
    """Return the address of a lead in Close; none for what has no lead."""
    return lead_page(lead_id) if lead_id else None


def read(
    con: DuckDBPyConnection, name: str, values: Mapping[str, object], table: str | None = None
) -> tuple[tuple[str, ...], list[Record]]:
    """Run a query of ``include/sql`` with those of some values that it names.

    Args:
        con: a lake as its last computation saw it.
        name: of the query, and ``table``: as for `statement`.
        values: by parameter.
        table: see ``name``.

    Returns:
        The columns, and the rows by column.
    """
    result = run(con, statement(name, table), values)
    columns = tuple(column[0] for column in result.description or ())
    return columns, [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
