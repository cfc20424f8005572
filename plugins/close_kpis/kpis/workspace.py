"""The workspace: a database in memory in which models see one snapshot of the lake and one state of the settings."""

from __future__ import annotations

import json
from datetime import date
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin, get_type_hints

from close_kpis.kpis.models import create_macros, raw_tables_read, select
from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import raw_tables, settings_tables, statement
from close_kpis.settings.account import Named, ResolvedSettings
from close_kpis.settings.sources import source_key, spelling

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

LARGE = 16 * 2**20
"""Bytes of data from which on a computation is worth more than one thread, and its rows are read where they lie."""


def open_workspace(lake: LakeConfig, *, read_only: bool = False) -> DuckDBPyConnection:
    """Return a connection to a lake in which names without a catalog mean an empty workspace; macros are there.

    Args:
        lake: the lake, attached as ``lake``.
        read_only: refuse writes to the lake.

    Raises:
        LakeError: the lake cannot be opened.
    """
    con = connect(lake, read_only=read_only)
    con.execute(statement("workspace.open"))
    create_macros(con)
    return con


def show_snapshot(con: DuckDBPyConnection, snapshot_id: int) -> None:
    """Show the raw tables of a snapshot in the workspace, and take all cores where the lake is worth it.

    Raises:
        LakeError: the lake no longer keeps the snapshot.
    """
    import duckdb

    if _is_large(con):
        con.execute(statement("workspace.all_cores"))
    con.execute(statement("workspace.choose_snapshot"), {"snapshot_id": snapshot_id})
    has_grown = dict(con.execute(statement("workspace.raw_tables_then"), {"at": snapshot_id}).fetchall())
    views = {None: "workspace.no_raw_view", False: "workspace.raw_view", True: "workspace.grown_raw_view"}
    try:
        for table in raw_tables():
            con.execute(statement(views[has_grown.get(table)], table))
    except duckdb.Error as error:
        raise LakeError(
            f"the lake no longer keeps snapshot {snapshot_id}, which the KPI tables were computed from: run the DAG "
            f"sales_kpis, then ask again ({str(error).splitlines()[0]})"
        ) from None


def copy_small(con: DuckDBPyConnection) -> None:
    """Hold the rows that numbers depend on in memory, if the lake is small.

    Each scan of a lake's table asks the catalog where its rows lie, which takes longer than reading a few of them; the
    models scan some tables many times.

    Args:
        con: a workspace that shows a snapshot.
    """
    if not _is_large(con):
        for table in sorted(raw_tables_read()):
            con.execute(statement("workspace.raw_copy", table))


def _is_large(con: DuckDBPyConnection) -> bool:
    [(size,)] = con.execute(statement("workspace.lake_bytes")).fetchall()
    return bool(size > LARGE)


def write_settings(con: DuckDBPyConnection, settings: ResolvedSettings, as_of: datetime) -> None:
    """Put settings into the workspace's tables of schema ``settings``.

    Args:
        con: an open workspace.
        settings: fitted to the account.
        as_of: the instant that the data is complete up to (UTC).
    """
    said = {
        **settings.model_dump(mode="json"),
        "as_of": as_of.isoformat(),
        "recorded_sources": _recorded_sources(con, settings),
    }
    values = {"settings": json.dumps(said)}
    for table in settings_tables():
        columns = {"columns": json.dumps(_single_values())} if table == "run" else {}
        con.execute(statement(f"settings.{table}"), {**values, **columns})


def _recorded_sources(con: DuckDBPyConnection, settings: ResolvedSettings) -> list[dict[str, str | None]]:
    """Return the values that the source field has, with what makes spellings of one source the same."""
    if settings.source_field_id is None:
        return []
    aliases = dict(settings.source_names)
    values = con.execute(statement("workspace.source_values"), {"field": settings.source_field_id}).fetchall()
    return [
        {
            "value": value,
            "spelling": spelling(value),
            "source_key": key,
            "alias": aliases.get(key),
        }
        for (value,) in values
        for key in [source_key(value)]
    ]


def _single_values() -> dict[str, str]:
    """Return the resolved settings that are no list, with the DuckDB type of each."""
    types = {str: "VARCHAR", bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", date: "DATE"}
    columns = {"as_of": "TIMESTAMPTZ"}
    for name, kind in get_type_hints(ResolvedSettings).items():
        if get_origin(kind) in {Union, UnionType}:
            [kind] = [part for part in get_args(kind) if part is not NoneType]
        if get_origin(kind) is Literal:
            kind = str
        if kind in types:
            columns[name] = types[kind]
    return columns


def account_names(con: DuckDBPyConnection) -> list[Named]:
    """Return what the settings can name in the account, whose raw tables the connection's ``raw.*`` means."""
    return [Named(*row) for row in con.execute(select("staging/account_names")).fetchall()]
