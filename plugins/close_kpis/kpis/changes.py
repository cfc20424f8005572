"""Whether anything has changed that the numbers which readers see depend on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.kpis.models import models_hash, raw_tables_read
from close_kpis.kpis.workspace import account_names, open_workspace, show_snapshot
from close_kpis.lake.connection import existing_tables, opened
from close_kpis.lake.sql import statement
from close_kpis.lake.trouble import explained
from close_kpis.settings.account import resolve

if TYPE_CHECKING:
    from datetime import date, datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.file import Settings


@dataclass(frozen=True)
class Release:
    """The computation that readers see.

    Attributes:
        computation_id: its name.
        as_of: the instant that its data was complete up to (UTC).
        snapshot_id: the lake's snapshot that it read.
        settings_hash: of the resolved settings.
        models_hash: of the SQL.
    """

    computation_id: str
    as_of: datetime
    snapshot_id: int
    settings_hash: str
    models_hash: str


@dataclass(frozen=True)
class CompleteState:
    """A state of the lake that numbers may be computed from.

    Attributes:
        snapshot_id: the lake's snapshot.
        as_of: the instant that every stream was read up to (UTC).
    """

    snapshot_id: int
    as_of: datetime


def last_complete(con: DuckDBPyConnection) -> CompleteState | None:
    """Return the newest complete state of a lake, None before the first sync has ended.

    What a sync has brought that is under way, or that ended half-way, is not in it.
    """
    row = con.execute(statement("bookmarks.complete")).fetchone()
    return CompleteState(*row) if row else None


def last_release(con: DuckDBPyConnection) -> Release | None:
    """Return the computation that readers of a lake see, None before the first one."""
    if "kpi.computations" not in existing_tables(con):
        return None
    row = con.execute(statement("release.last")).fetchone()
    return Release(*row) if row else None


def news(lake: LakeConfig, settings: Settings) -> str | None:
    """Say why the numbers that readers see are to be computed anew.

    Args:
        lake: the lake.
        settings: as they stand in kpis.yaml now.

    Returns:
        The reason, None where nothing has changed that a number depends on: records that a model reads, the
        settings, the SQL models, the local day.

    Raises:
        SettingsError: the settings do not fit the account.
        LakeError: the lake cannot be opened.
    """
    with explained(lake), closing(open_workspace(lake)) as con:
        con.execute("begin transaction")
        state = last_complete(con)
        if state is not None:
            show_snapshot(con, state.snapshot_id)
        return what_is_new(con, settings, state)


def what_is_new(con: DuckDBPyConnection, settings: Settings, state: CompleteState | None) -> str | None:
    """Do what :func:`news` does, in a workspace that shows the newest complete state and within its transaction."""
    last = last_release(con)
    if last is None or state is None:
        return "nothing has been computed yet" if last is None else None
    if last.settings_hash != resolve(settings, account_names(con)).digest():
        return "the settings have changed"
    if last.models_hash != models_hash():
        return "the SQL models have changed"
    if changed := _changed_tables(con, last.snapshot_id, state.snapshot_id):
        return f"records have changed: {', '.join(changed)}"
    if _day(state.as_of, settings.timezone) != _day(last.as_of, settings.timezone):
        return f"a new day has begun: {_day(state.as_of, settings.timezone)}"
    return None


def has_new_records(lake: LakeConfig) -> bool:
    """Say whether a complete state has records that the numbers which readers see were not computed from.

    Args:
        lake: the lake; true also where it has no numbers yet.
    """
    with opened(lake) as con:
        last, state = last_release(con), last_complete(con)
        return last is None or (state is not None and bool(_changed_tables(con, last.snapshot_id, state.snapshot_id)))


def changed_tables(con: DuckDBPyConnection, first: int, last: int) -> set[str]:
    """Return the tables of schema ``raw`` that snapshots of the lake changed.

    Args:
        con: a connection to the lake.
        first: the first snapshot.
        last: the last one.
    """
    found = con.execute(statement("changes.tables"), {"from": first, "to": last}).fetchall()
    return {name for (name,) in found}


def _changed_tables(con: DuckDBPyConnection, since: int, until: int) -> list[str]:
    """Return the raw tables that models read and that a snapshot after one changed, up to another."""
    [(oldest,)] = con.execute(statement("changes.oldest_snapshot")).fetchall()
    if since + 1 < oldest:
        return ["the lake no longer has the snapshots since then"]
    return sorted(changed_tables(con, since + 1, until) & raw_tables_read())


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
