"""From Close to ``raw.*``: what the tasks of ``close_sync`` and ``close_history`` call."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.close.streams import STREAMS, Kind, names
from close_kpis.month import month_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.close.client import ClientConfig, CloseClient
    from close_kpis.close.events import EventLog, Mark
    from close_kpis.close.windows import Window
    from close_kpis.lake.bookmarks import EventPosition, Load
    from close_kpis.lake.connection import LakeConfig
    from close_kpis.pipeline.session import Session

log = logging.getLogger(__name__)

HISTORY_MARGIN = timedelta(days=31)
"""How long before ``history_start`` heavy streams are read: a call or a mail that was created (planned,
drafted) in the month before can have happened in it."""

TIMELESS = frozenset({"meetings", "custom_activities"})
"""Heavy streams whose rows happen at any time after they were created: read from their first row on."""


class WrongAccountError(RuntimeError):
    """The API key belongs to another Close organisation than the rows in the lake."""


@dataclass(frozen=True)
class Extraction:
    """From which account into which lake.

    Attributes:
        close: how to reach Close.
        lake: the lake.
        zone: the reporting time zone (IANA name).
        history_start: first day of the reports; None for the account's first record.
        batch_rows: rows after which a load commits.
    """

    close: ClientConfig
    lake: LakeConfig
    zone: str = "UTC"
    history_start: date | None = None
    batch_rows: int = 5_000


def stream_names() -> list[str]:
    """Return the streams that have a task each: the light ones, then the heavy ones."""
    return names(Kind.LIGHT, Kind.HEAVY)


def reporting_zone() -> str:
    """Return the time zone of the settings."""
    from close_kpis.paths import settings_path
    from close_kpis.settings import load

    return load(settings_path()).timezone


def start_sync(
    close_conn_id: str = "close_default", lake_conn_id: str = "lake_default", zone: str | None = None
) -> str:
    """Read the reference data and the event log, and fix the instant that the sync goes up to.

    Args:
        close_conn_id: Airflow connection of Close.
        lake_conn_id: Airflow connection of the lake.
        zone: the reporting time zone; None takes that of the settings.

    Returns:
        The instant as ISO 8601 in UTC.

    Raises:
        WrongAccountError: the lake holds another organisation's rows.
        CloseError: Close could not be read.
    """
    extraction = _extraction(close_conn_id, lake_conn_id)
    return start(replace(extraction, zone=zone) if zone else extraction).isoformat()


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
    return sync(_extraction(close_conn_id, lake_conn_id), stream, datetime.fromisoformat(as_of))


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
    stream: str,
    month: date,
    *,
    close_conn_id: str = "close_default",
    lake_conn_id: str = "lake_default",
) -> dict[str, Any]:
    """Read one month of a stream again, completely, and mark what Close has no more.

    A stream that was never loaded is loaded whole first.

    Args:
        stream: one of `stream_names`.
        month: any day of the month.
        close_conn_id: Airflow connection of Close.
        lake_conn_id: Airflow connection of the lake.

    Returns:
        As `sync_stream`.
    """
    return pull(_extraction(close_conn_id, lake_conn_id), stream, month)


def start(extraction: Extraction) -> datetime:
    """Do what `start_sync` says, without Airflow."""
    as_of = now(extraction.zone)
    asyncio.run(_start(extraction, as_of))
    return as_of


def sync(extraction: Extraction, stream: str, as_of: datetime) -> dict[str, Any]:
    """Do what `sync_stream` says, without Airflow."""
    return asyncio.run(_sync(extraction, stream, as_of))


def pull(extraction: Extraction, stream: str, month: date) -> dict[str, Any]:
    """Do what `pull_month` says, without Airflow."""
    return asyncio.run(_pull(extraction, stream, month))


def finish(lake: LakeConfig, zone: str) -> str | None:
    """Do what `finish_sync` says, without Airflow."""
    from close_kpis.lake.changes import earliest_changed_month
    from close_kpis.lake.connection import connect
    from close_kpis.lake.sql import statement

    with closing(connect(lake)) as con:
        today: date | None = con.execute(statement("sync/as_of"), {"zone": zone}).fetchall()[0][0]
        last = _last_computation(con, zone)
        snapshot, last_day = last or (None, None)
        changed = earliest_changed_month(con, snapshot, zone)
    days = [] if changed is None else [changed]
    if today is not None and today != last_day:
        # Time alone moves numbers: the running month grows, meetings end. The first run shows at
        # least the running month.
        days.append(min(last_day or today, today))
    return month_key(min(days)) if days else None


def _last_computation(con: DuckDBPyConnection, zone: str) -> tuple[int, date] | None:
    """Return the snapshot that the KPI tables were last computed from, and the local date of its as_of."""
    from close_kpis.lake.sql import statement

    tables = con.execute(statement("sync/existing_tables")).fetchall()
    if ("kpi.computations",) not in tables:
        return None
    rows = con.execute(statement("sync/last_computation"), {"zone": zone}).fetchall()
    return rows[0] if rows else None


async def _start(extraction: Extraction, as_of: datetime) -> None:
    from close_kpis.close.client import CloseClient
    from close_kpis.close.events import read_events
    from close_kpis.close.reference import read_reference
    from close_kpis.lake.bookmarks import event_position
    from close_kpis.lake.connection import connect, run_transaction

    with closing(connect(extraction.lake)) as con:
        async with CloseClient(extraction.close) as client:
            before = event_position(con)
            # The event log first: what happens after this reading is in the next one.
            events = await read_events(client, _mark(before), as_of)
            reference = await read_reference(client)
            _check_account(con, reference["organization"][0])
            reference["users"] += await _lapsed_users(con, client, reference["users"])
        run_transaction(con, extraction.lake, lambda con: _store_start(con, reference, events, as_of))
        log.info(
            "Reference data and %d events read with %d requests; sync up to %s",
            len(events.rows),
            client.requests,
            as_of.isoformat(timespec="seconds"),
        )


def _mark(before: EventPosition | None) -> Mark | None:
    from close_kpis.close.events import Mark

    return None if before is None else Mark(before.event_id, before.event_at, before.read_at)


def _check_account(con: DuckDBPyConnection, organization: Mapping[str, Any]) -> None:
    """Refuse to mix two organisations in one lake."""
    from close_kpis.lake.sql import statement

    for known_id, name in con.execute(statement("sync/organization_id")).fetchall():
        if known_id != organization["id"]:
            raise WrongAccountError(
                f"the API key belongs to the Close organisation {organization['name']!r} ({organization['id']}), but "
                f"the lake holds {name!r} ({known_id}): use that organisation's key, or another lake"
            )


async def _lapsed_users(
    con: DuckDBPyConnection, client: CloseClient, members: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of users who were members and are in none of Close's member lists any more."""
    from close_kpis.close.reference import read_users
    from close_kpis.lake.sql import statement

    active = {user_id for (user_id,) in con.execute(statement("sync/active_users")).fetchall()}
    rows, lost = await read_users(client, active - {member["id"] for member in members})
    return [*rows, *({"id": user_id, "is_active": False} for user_id in lost)]


def _store_start(
    con: DuckDBPyConnection, reference: Mapping[str, list[dict[str, Any]]], events: EventLog, as_of: datetime
) -> None:
    from close_kpis.lake.bookmarks import (
        EventPosition,
        Load,
        Position,
        event_position,
        put_event_position,
        put_stream,
    )
    from close_kpis.lake.loader import merge, tombstone
    from close_kpis.lake.sql import statement
    from close_kpis.pipeline.following import reached

    before = event_position(con)
    read_at = datetime.now(UTC)
    if before is not None:
        read_at = max(read_at, before.events_through + timedelta(microseconds=1))
    stages = dict(con.execute(statement("sync/stages")).fetchall())
    for name, rows in reference.items():
        merge(con, name, rows, synced_at=read_at)
        if name != "users":
            stored = {row_id for (row_id,) in con.execute(statement("sync/all_ids", name)).fetchall()}
            tombstone(con, name, stored - {row["id"] for row in rows}, read_at)
        put_stream(con, name, as_of, Position(None, None))
    merge(con, "events", events.rows, synced_at=read_at)
    log_position = EventPosition(events.mark.event_id, events.mark.at, as_of, read_at)
    put_event_position(con, log_position)
    put_stream(con, "events", as_of, Position(events.mark.at, read_at))
    again = set(stream_names()) if events.has_gap else set()
    if any(stages.get(key, value) != value for key, value in con.execute(statement("sync/stages")).fetchall()):
        # A status that is moved to another pipeline or type changes its opportunities without a trace.
        again.add("opportunities")
    _load_again(con, sorted(again), Load(reached(log_position, as_of), as_of), is_gap=events.has_gap)


def _load_again(con: DuckDBPyConnection, streams: list[str], load: Load, *, is_gap: bool) -> None:
    """Let streams be loaded again completely, those that have been loaded or are being loaded."""
    from close_kpis.lake.bookmarks import begin_load, load_under_way, stream_position

    for name in streams:
        if stream_position(con, name) is None and load_under_way(con, name) is None:
            continue
        begin_load(con, name, load)
        log.warning(
            "%s is loaded again completely: %s",
            name,
            "Close's event log no longer reaches back to the last sync" if is_gap else "a stage has moved",
        )


async def _sync(extraction: Extraction, name: str, as_of: datetime) -> dict[str, Any]:
    from close_kpis.lake.bookmarks import event_position, stream_position
    from close_kpis.pipeline.following import follow

    async with _session(extraction, name, as_of) as session:
        position = event_position(session.con)
        if position is None:
            raise RuntimeError("the event log was never read: run the task start_sync first")
        is_fresh = await _load_missing(extraction, session, position)
        complete = stream_position(session.con, name)
        if complete is None:
            raise AssertionError(f"{name} is loaded but has no position")
        if not is_fresh:
            await follow(session, complete, position)
        await session.store_unknown_users()
        return session.counts()


async def _load_missing(extraction: Extraction, session: Session, log_position: EventPosition) -> bool:
    """Load what of a stream is not in the lake yet.

    Returns:
        Whether all of it was loaded now, so that there are no changes to follow yet.
    """
    from close_kpis.lake.bookmarks import Load, begin_load, end_load, load_under_way, put_stream, stream_position
    from close_kpis.lake.connection import run_transaction
    from close_kpis.pipeline.following import reached
    from close_kpis.pipeline.loading import load, unloaded

    name = session.stream.name
    under_way = load_under_way(session.con, name)
    is_new = under_way is None and stream_position(session.con, name) is None
    if is_new:
        new = Load(reached(log_position, session.as_of), session.as_of)
        run_transaction(session.con, extraction.lake, lambda con: begin_load(con, name, new))
        under_way = new
    windows = unloaded(session, await _wanted(extraction, session))
    if windows:
        await load(session, windows)
    if under_way is not None:
        ended = under_way

        def end(con: DuckDBPyConnection) -> None:
            put_stream(con, name, ended.as_of, ended.position)
            end_load(con, name)

        run_transaction(session.con, extraction.lake, end)
    return is_new


async def _wanted(extraction: Extraction, session: Session) -> Window:
    """Return the window of ``date_created`` that the reports need of a stream.

    Heavy streams begin at ``history_start``, but not later than the oldest deal won since: the calls
    and mails of a deal count from its creation on.
    """
    from close_kpis.close.columns import read_instant
    from close_kpis.close.windows import ALL_TIME, Window, month_window

    first, stream = extraction.history_start, session.stream
    if first is None or stream.kind is not Kind.HEAVY or stream.name in TIMELESS:
        return ALL_TIME
    body = await session.client.get(
        STREAMS["opportunities"].path,
        {
            "status_type": "won",
            "date_won__gte": first.replace(day=1).isoformat(),
            "_order_by": "date_created",
            "_limit": 1,
            "_fields": "id,date_created",
        },
    )
    oldest = [at for obj in body.get("data") or () if (at := read_instant(obj.get("date_created"))) is not None]
    begin = month_window(first, extraction.zone).start
    candidates = [at for at in (begin, *oldest) if at is not None]
    day = (min(candidates) - HISTORY_MARGIN).date()
    return Window(month_window(day, extraction.zone).start)


async def _pull(extraction: Extraction, name: str, month: date) -> dict[str, Any]:
    from close_kpis.close.windows import month_window
    from close_kpis.lake.bookmarks import event_position
    from close_kpis.lake.connection import connect
    from close_kpis.pipeline.loading import read_again

    as_of = now(extraction.zone)
    with closing(connect(extraction.lake)) as con:
        is_started = event_position(con) is not None
    if not is_started:
        await _start(extraction, as_of)
    async with _session(extraction, name, as_of) as session:
        position = event_position(session.con)
        if position is None:
            raise AssertionError("the event log has just been read")
        is_fresh = await _load_missing(extraction, session, position)
        if not is_fresh:
            await read_again(session, month_window(month, extraction.zone), month.replace(day=1))
        await session.store_unknown_users()
        return session.counts()


@asynccontextmanager
async def _session(extraction: Extraction, name: str, as_of: datetime) -> AsyncIterator[Session]:
    from close_kpis.close.client import CloseClient
    from close_kpis.lake.connection import connect
    from close_kpis.pipeline.session import Session

    if name not in stream_names():
        raise ValueError(f"{name!r} is no stream; choose from {', '.join(stream_names())}")
    with closing(connect(extraction.lake)) as con:
        async with CloseClient(extraction.close) as client:
            yield Session(client, con, extraction.lake, STREAMS[name], as_of, batch_rows=extraction.batch_rows)


def _extraction(close_conn_id: str, lake_conn_id: str) -> Extraction:
    from close_kpis.close.hook import CloseHook
    from close_kpis.lake.hook import LakeHook
    from close_kpis.paths import settings_path
    from close_kpis.settings import load

    settings = load(settings_path())
    return Extraction(
        CloseHook(close_conn_id).config,
        LakeHook(lake_conn_id).config,
        settings.timezone,
        settings.history_start,
    )
