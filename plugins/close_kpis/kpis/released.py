"""The lake as the last computation of the KPI tables saw it: for questions about its numbers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.kpis.compute import write_settings
from close_kpis.kpis.gates import account_names
from close_kpis.kpis.models import create_settings_tables, fill_workspace, lake_bytes, take_cores
from close_kpis.lake.connection import LakeError, connect, existing_tables
from close_kpis.lake.sql import raw_tables, statement
from close_kpis.settings.account import resolve
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.connection import LakeConfig
    from close_kpis.settings.account import ResolvedSettings


@dataclass(frozen=True)
class Computed:
    """An open lake with the staging models of its last computation.

    Attributes:
        con: reads ``kpi.*`` and ``raw.*`` of the lake, ``staging.*`` and ``settings.*`` of the computation.
        settings: the settings that the staging models follow.
        as_of: the instant that the computation's data is complete up to (UTC).
        settings_have_changed: the KPI tables were computed with other settings than these.
    """

    con: DuckDBPyConnection
    settings: ResolvedSettings
    as_of: datetime
    settings_have_changed: bool


@contextmanager
def last_computation(config: LakeConfig, settings_file: Path) -> Iterator[Computed]:
    """Open a lake, read only, with the staging models built anew from the snapshot that the last computation read.

    What a sync has brought since is not seen, so that the records are those behind the KPI tables.

    Args:
        config: the lake.
        settings_file: the settings.

    Raises:
        LakeError: there is no lake, nothing has been computed, or the snapshot is no longer kept.
        SettingsError: the settings are not possible, or do not fit the account.
    """
    settings = load(settings_file)
    con = connect(config, read_only=True)
    try:
        con.execute("begin transaction")
        as_of, snapshot_id, settings_hash = _last(con)
        resolved = resolve(settings, account_names(con))
        _fill(con, resolved, as_of, snapshot_id)
        yield Computed(con, resolved, as_of, settings_hash != resolved.digest())
    finally:
        con.close()


def _last(con: DuckDBPyConnection) -> tuple[datetime, int, str]:
    is_computed = "kpi.computations" in existing_tables(con)
    row = con.execute(statement("explain/queries/last_computation")).fetchone() if is_computed else None
    if row is None:
        raise LakeError("the lake has no KPI tables yet: run the DAG close_sync, then sales_kpis")
    return row[0], row[1], row[2]


def _fill(con: DuckDBPyConnection, settings: ResolvedSettings, as_of: datetime, snapshot_id: int) -> None:
    """Build the workspace as a computation does, on the raw tables of a snapshot."""
    import duckdb

    take_cores(con, lake_bytes(con))
    con.execute(statement("workspace/schemas"))
    con.execute(statement("workspace/set_snapshot"), {"snapshot_id": snapshot_id})
    try:
        for table in raw_tables():
            con.execute(statement("workspace/raw_view_at", table))
    except duckdb.Error as error:
        raise LakeError(
            f"the lake no longer keeps snapshot {snapshot_id}, which the KPI tables were computed from: run the DAG "
            f"sales_kpis, then ask again ({str(error).splitlines()[0]})"
        ) from None
    con.execute(statement("workspace/enter"))
    create_settings_tables(con)
    write_settings(con, settings, as_of, None)
    fill_workspace(con)
    con.execute(statement("workspace/leave"))
    con.execute(statement("workspace/ask"))
