"""The lake as the computation that readers see found it: for questions about its numbers."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.kpis.changes import last_release
from close_kpis.kpis.models import fill_staging, staging_behind
from close_kpis.kpis.workspace import account_names, copy_small, open_workspace, show_snapshot, write_settings
from close_kpis.lake.config import LakeError
from close_kpis.lake.sql import kpi_tables, statement
from close_kpis.lake.trouble import explained
from close_kpis.settings.account import resolve
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.account import ResolvedSettings


@dataclass(frozen=True)
class Computed:
    """A workspace with the staging models of the last release.

    Attributes:
        con: reads ``raw.*``, ``settings.*`` and the staging models asked for of the computation, ``kpi.*`` as released.
        settings: the settings that the staging models follow.
        as_of: the instant that the computation's data is complete up to (UTC).
        settings_have_changed: the KPI tables were computed with other settings than these.
    """

    con: DuckDBPyConnection
    settings: ResolvedSettings
    as_of: datetime
    settings_have_changed: bool


@contextmanager
def last_computation(lake: LakeConfig, settings_file: Path, queries: Iterable[str] | None = None) -> Iterator[Computed]:
    """Open a lake, read only, with the staging models built anew from the snapshot that the last release read.

    What a sync has brought since is not seen, so that the records are those behind the KPI tables.

    Args:
        lake: the lake.
        settings_file: the settings.
        queries: what will be asked, by the names that `statement` knows: only the staging models behind it are built,
            which on a large lake takes a fraction of the time; None for every one.

    Raises:
        LakeError: there is no lake, nothing has been computed, or the snapshot is no longer kept.
        SettingsError: the settings are not possible, or do not fit the account.
    """
    settings = load(settings_file)
    with explained(lake), closing(open_workspace(lake, read_only=True)) as con:
        con.execute("begin transaction")
        last = last_release(con)
        if last is None:
            raise LakeError("the lake has no KPI tables yet: run the DAG close_sync, then sales_kpis")
        show_snapshot(con, last.snapshot_id)
        copy_small(con)
        resolved = resolve(settings, account_names(con))
        write_settings(con, resolved, last.as_of)
        fill_staging(con, None if queries is None else staging_behind(queries))
        for table in kpi_tables():
            con.execute(statement("workspace.released_view", table))
        yield Computed(con, resolved, last.as_of, last.settings_hash != resolved.digest())
