"""The beginning of a sync: reference data, the event log, and which streams are to be loaded again."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.close.client import CloseClient
from close_kpis.close.events import EventLog, Mark, read_events
from close_kpis.close.reference import read_reference, read_users
from close_kpis.close.streams import Kind, names
from close_kpis.lake.bookmarks import (
    EventPosition,
    Load,
    Position,
    begin_load,
    event_position,
    load_under_way,
    put_event_position,
    put_stream,
    stream_position,
)
from close_kpis.lake.connection import connect, run_transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import statement
from close_kpis.pipeline.extraction import Extraction, WrongAccountError
from close_kpis.pipeline.following import reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)


async def start(extraction: Extraction, as_of: datetime) -> None:
    """Read the event log and the reference data, and store both with how far they go.

    Args:
        extraction: from where into where.
        as_of: the sync's instant.

    Raises:
        WrongAccountError: the lake holds another organisation's rows.
    """
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
    return None if before is None else Mark(before.event_id, before.event_at, before.read_at)


def _check_account(con: DuckDBPyConnection, organization: Mapping[str, Any]) -> None:
    """Refuse to mix two organisations in one lake."""
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
    active = {user_id for (user_id,) in con.execute(statement("sync/active_users")).fetchall()}
    rows, lost = await read_users(client, active - {member["id"] for member in members})
    return [*rows, *({"id": user_id, "is_active": False} for user_id in lost)]


def _store_start(
    con: DuckDBPyConnection, reference: Mapping[str, list[dict[str, Any]]], events: EventLog, as_of: datetime
) -> None:
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
    put_stream(con, "events", as_of, reached(log_position, as_of))
    again = set(names(Kind.LIGHT, Kind.HEAVY)) if events.has_gap else set()
    if any(stages.get(key, value) != value for key, value in con.execute(statement("sync/stages")).fetchall()):
        # A status that is moved to another pipeline or type changes its opportunities without a trace.
        again.add("opportunities")
    _load_again(con, sorted(again), Load(reached(log_position, as_of), as_of), is_gap=events.has_gap)


def _load_again(con: DuckDBPyConnection, streams: list[str], load: Load, *, is_gap: bool) -> None:
    """Let streams be loaded again completely, those that have been loaded or are being loaded."""
    for name in streams:
        if stream_position(con, name) is None and load_under_way(con, name) is None:
            continue
        begin_load(con, name, load)
        log.warning(
            "%s is loaded again completely: %s",
            name,
            "Close's event log no longer reaches back to the last sync" if is_gap else "a stage has moved",
        )
