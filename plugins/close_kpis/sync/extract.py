"""From Close to ``raw.*``: what the tasks of ``close_sync`` and ``close_history`` call."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from close_kpis.clock import now
from close_kpis.close.registry import Kind, names
from close_kpis.sync.extraction import Extraction, WrongAccountError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from close_kpis.lake.config import LakeConfig

__all__ = [
    "Extraction",
    "WrongAccountError",
    "finish",
    "finish_sync",
    "pull",
    "pull_month",
    "reporting_zone",
    "start",
    "start_sync",
    "stream_names",
    "sync",
    "sync_stream",
    "totals",
]

COUNTS = ("rows", "inserted", "updated", "deleted", "requests")


def stream_names() -> list[str]:
    """Return the streams that have a task each: the light ones, then the heavy ones."""
    return names(Kind.LIGHT, Kind.HEAVY)


def reporting_zone() -> str:
    """Return the time zone of the settings."""
    from close_kpis.paths import settings_path
    from close_kpis.settings.file import load

    return load(settings_path()).timezone


def start_sync(
    close_conn_id: str = "close_default",
    lake_conn_id: str = "lake_default",
    zone: str | None = None,
    *,
    accepts_fewer_leads: bool = False,
) -> str:
    """Read the reference data and the event log, and fix the instant that the sync goes up to.

    Args:
        close_conn_id: Airflow connection of Close.
        lake_conn_id: Airflow connection of the lake.
        zone: the reporting time zone; None takes that of the settings.
        accepts_fewer_leads: whether leads that the API key no longer sees may be taken as deleted.

    Returns:
        The instant as ISO 8601 in UTC.

    Raises:
        WrongAccountError: the lake holds another organisation's rows.
        CloseVisibilityError: the API key sees far fewer leads than the lake has.
        CloseError: Close could not be read.
    """
    extraction = _extraction(close_conn_id, lake_conn_id)
    given = replace(extraction, zone=zone or extraction.zone, accepts_fewer_leads=accepts_fewer_leads)
    return start(given).isoformat()


def sync_stream(
    stream: str,
    as_of: str,
    *,
    close_conn_id: str = "close_default",
    lake_conn_id: str = "lake_default",
) -> dict[str, Any]:
    """Load a stream, or go on with a load that was interrupted; then follow its changes.

    Args:
        stream: one of `stream_names`.
        as_of: what `start_sync` returned.
        close_conn_id: Airflow connection of Close.
        lake_conn_id: Airflow connection of the lake.

    Returns:
        stream, rows (read), inserted, updated, deleted, requests, seconds.

    Raises:
        CloseError: Close could not be read; what was stored stays and is not read again.
    """
    [counts] = sync(_extraction(close_conn_id, lake_conn_id), datetime.fromisoformat(as_of), [stream])
    return counts


def finish_sync(lake_conn_id: str = "lake_default", zone: str | None = None) -> str | None:
    """Return the first month whose numbers can have changed since the last computation.

    Args:
        lake_conn_id: Airflow connection of the lake.
        zone: the reporting time zone; None takes that of the settings.

    Returns:
        ``YYYY-MM``; None where nothing that a KPI reads has changed and the local date is that of the
        last computation's as_of.
    """
    from close_kpis.lake.hook import LakeHook

    return finish(LakeHook(lake_conn_id).config, zone or reporting_zone())


def pull_month(
    month: date, *, close_conn_id: str = "close_default", lake_conn_id: str = "lake_default"
) -> list[dict[str, Any]]:
    """Read one month of every stream again, completely, and mark what Close has no more.

    A stream that was never loaded is loaded whole first.

    Args:
        month: any day of the month.
        close_conn_id: Airflow connection of Close.
        lake_conn_id: Airflow connection of the lake.

    Returns:
        For each stream as `sync_stream`.
    """
    return pull(_extraction(close_conn_id, lake_conn_id), month)


def totals(streams: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums of what `sync_stream` or `pull_month` returned: rows, inserted, ..., requests, seconds."""
    listed = list(streams)
    sums = {name: sum(counts[name] for counts in listed) for name in COUNTS}
    return {**sums, "seconds": round(sum(counts["seconds"] for counts in listed), 1)}


def start(extraction: Extraction) -> datetime:
    """Do what `start_sync` says, without Airflow."""
    from close_kpis.sync import start as starting

    as_of = now(extraction.zone)
    asyncio.run(starting.start(extraction, as_of))
    return as_of


def sync(extraction: Extraction, as_of: datetime, streams: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Do what `sync_stream` says for streams (None for all), without Airflow."""
    from close_kpis.sync import stream as syncing

    return asyncio.run(syncing.sync(extraction, streams or stream_names(), as_of))


def pull(extraction: Extraction, month: date, streams: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Do what `pull_month` says, without Airflow.

    Args:
        extraction: from where into where.
        month: any day of the month.
        streams: their names; None for all.
    """
    from close_kpis.sync import start as starting
    from close_kpis.sync import stream as syncing

    as_of = now(extraction.zone)
    if not _is_started(extraction.lake):
        asyncio.run(starting.start(extraction, as_of))
    return asyncio.run(syncing.pull(extraction, streams or stream_names(), month, as_of))


def _is_started(lake: LakeConfig) -> bool:
    """Say whether the reference data and the event log were ever read into a lake."""
    from close_kpis.lake.connection import connect
    from close_kpis.sync.bookmarks import event_position

    with closing(connect(lake)) as con:
        return event_position(con) is not None


def finish(lake: LakeConfig, zone: str) -> str | None:
    """Do what `finish_sync` says, without Airflow."""
    from close_kpis.kpis.changes import news
    from close_kpis.paths import settings_path
    from close_kpis.settings.file import load

    return None if news(lake, load(settings_path())) is None else f"{now(zone).astimezone(ZoneInfo(zone)):%Y-%m}"


def _extraction(close_conn_id: str, lake_conn_id: str) -> Extraction:
    from close_kpis.close.hook import CloseHook
    from close_kpis.lake.hook import LakeHook
    from close_kpis.paths import settings_path
    from close_kpis.settings.file import load

    settings = load(settings_path())
    return Extraction(
        CloseHook(close_conn_id).config,
        LakeHook(lake_conn_id).config,
        settings.timezone,
        settings.history_start,
    )
