"""The beginning of a sync: reference data, the event log, and which streams are to be loaded again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.close.client import CloseClient
from close_kpis.close.errors import CloseVisibilityError
from close_kpis.close.events import EventLog, Mark, read_events
from close_kpis.close.reference import Reference, read_reader, read_reference, read_users
from close_kpis.close.registry import STREAMS, names
from close_kpis.close.search import count
from close_kpis.close.stream import Kind
from close_kpis.lake.cleaning import clean_up
from close_kpis.lake.config import NoCatalogError
from close_kpis.lake.connection import opened, run_transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import statement
from close_kpis.reporting import logger
from close_kpis.sync.bookmarks import (
    EventPosition,
    Load,
    Position,
    Reader,
    begin_load,
    contact_fields,
    event_position,
    last_reader,
    load_under_way,
    put_contact_fields,
    put_event_position,
    put_reader,
    put_stream,
    stream_position,
)
from close_kpis.sync.extraction import Extraction, WrongAccountError
from close_kpis.sync.follow import reached
from close_kpis.sync.missing import REMEDY, is_plausible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

log = logger(__name__)


def start_sync(extraction: Extraction, *, accepts_missing: bool = False) -> datetime:
    """Read the event log and the reference data, and store both with how far they go.

    Args:
        extraction: from where into where.
        accepts_missing: whether rows that the API key no longer sees may be taken as deleted.

    Returns:
        The instant that the sync goes up to (UTC).

    Raises:
        WrongAccountError: the lake holds another organisation's rows.
        CloseVisibilityError: the API key sees far fewer leads than the lake has, or is another user's where all
            rows have to be compared with Close.
        CloseError: Close could not be read.
    """
    as_of = now(extraction.zone)
    asyncio.run(_start(extraction, as_of, accepts_missing=accepts_missing))
    return as_of


def is_started(lake: LakeConfig) -> bool:
    """Say whether there is a lake, and the reference data and the event log were ever read into it."""
    try:
        with opened(lake, read_only=True) as con:
            return event_position(con) is not None
    except NoCatalogError:
        return False


async def _start(extraction: Extraction, as_of: datetime, *, accepts_missing: bool) -> None:
    with opened(extraction.lake) as con:
        clean_up(con, extraction.lake)
        async with CloseClient(extraction.close) as client:
            before = event_position(con)
            # The event log first: what happens after this reading is in the next one.
            events = await read_events(client, log_mark(before), as_of)
            reference = await read_reference(client)
            _check_account(con, reference.rows["organization"][0])
            reader = Reader(*await read_reader(client))
            if events.has_gap and not accepts_missing:
                _check_reader(last_reader(con), reader)
            reference.rows["users"] += await _lapsed_users(con, client, reference.rows["users"])
            gone = sum(row["object_type"] == "lead" and row["action"] in {"deleted", "merged"} for row in events.rows)
            has_fewer_leads = not events.has_gap and await _check_leads(
                con, client, gone, accepts_missing=accepts_missing
            )

        def store(con: DuckDBPyConnection) -> None:
            _store_start(con, reference, events, as_of, has_fewer_leads=has_fewer_leads)
            put_reader(con, reader, as_of)
            _read_contact_fields(con, extraction.contact_fields, as_of)

        run_transaction(con, extraction.lake, store)
        log.info(
            "Reference data and %d events read with %d requests; sync up to %s",
            len(events.rows),
            client.requests,
            as_of.isoformat(timespec="seconds"),
        )


async def _check_leads(con: DuckDBPyConnection, client: CloseClient, gone: int, *, accepts_missing: bool) -> bool:
    """Say whether the API key sees far fewer leads than the lake has, where the user has accepted that.

    A key sees what its user may see, and a user who loses a role loses rows without any error. Source:
    developer.close.com "API Keys".

    Args:
        con: the lake.
        client: an open client.
        gone: leads that events name as deleted or merged since the last sync.
        accepts_missing: whether the user has accepted it.

    Raises:
        CloseVisibilityError: it does, and that has not been accepted.
    """
    [(stored,)] = con.execute(statement("stored.living_rows", "leads")).fetchall()
    visible = await count(client, STREAMS["leads"])
    if is_plausible(stored - gone - visible, stored - gone):
        return False
    if accepts_missing:
        return True
    raise CloseVisibilityError(
        f"the API key sees {visible} leads, the lake holds {stored}, and Close's event log names only {gone} that "
        f"were deleted or merged since the last sync. Nothing was changed. {REMEDY}"
    )


def log_mark(before: EventPosition | None) -> Mark | None:
    """Return how far the event log has been read as the mark to read on from."""
    return None if before is None else Mark(before.event_id, before.event_at, before.read_at)


def _check_reader(before: Reader | None, now: Reader) -> None:
    """Refuse to compare all rows with what another user, or the same one in another role, sees of them."""
    if before is not None and before != now:
        raise CloseVisibilityError(
            "Close's event log no longer reaches back to the last sync, so all rows have to be compared with what "
            f"Close shows; but the API key belongs to {now}, and the last sync read as {before}, who may have seen "
            "more. Nothing was changed. Put the key of the former user into the Close connection; or, if this user is "
            "an Admin, run close_sync with the parameter accept_missing"
        )


def _check_account(con: DuckDBPyConnection, organization: Mapping[str, Any]) -> None:
    """Refuse to mix two organisations in one lake."""
    for known_id, name in con.execute(statement("stored.organization_id")).fetchall():
        if known_id != organization["id"]:
            raise WrongAccountError(
                f"the API key belongs to the Close organisation {organization['name']!r} ({organization['id']}), but "
                f"the lake holds {name!r} ({known_id}): use that organisation's key, or another lake"
            )


async def _lapsed_users(
    con: DuckDBPyConnection, client: CloseClient, members: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of users who were members and are in none of Close's member lists any more."""
    active = {user_id for (user_id,) in con.execute(statement("stored.active_users")).fetchall()}
    rows, lost = await read_users(client, active - {member["id"] for member in members})
    return [*rows, *({"id": user_id, "is_active": False} for user_id in lost)]


def _store_start(
    con: DuckDBPyConnection,
    reference: Reference,
    events: EventLog,
    as_of: datetime,
    *,
    has_fewer_leads: bool,
) -> None:
    before = event_position(con)
    read_at = datetime.now(UTC)
    if before is not None:
        read_at = max(read_at, before.events_through + timedelta(microseconds=1))
    stages = dict(con.execute(statement("stored.stages")).fetchall())
    for name, rows in reference.rows.items():
        merge(con, name, rows, synced_at=read_at)
        if name != "users" and name not in reference.partial:
            stored = {row_id for (row_id,) in con.execute(statement("stored.all_ids", name)).fetchall()}
            tombstone(con, name, stored - {row["id"] for row in rows}, read_at)
        put_stream(con, name, as_of, Position(None, None))
    merge(con, "events", events.rows, synced_at=read_at)
    log_position = EventPosition(events.mark.event_id, events.mark.at, as_of, read_at)
    put_event_position(con, log_position)
    put_stream(con, "events", as_of, reached(log_position, as_of))
    load = Load(reached(log_position, as_of), as_of)
    if events.has_gap:
        reason = "Close's event log no longer reaches back to the last sync"
        _load_again(con, names(Kind.LIGHT, Kind.HEAVY), load, reason)
        return
    if any(stages.get(key, value) != value for key, value in con.execute(statement("stored.stages")).fetchall()):
        # A status that is moved to another pipeline or type changes its opportunities without a trace.
        _load_again(con, ["opportunities"], load, "a stage has moved")
    if has_fewer_leads:
        _load_again(con, ["leads"], load, "leads are gone that the event log does not name")


def _read_contact_fields(con: DuckDBPyConnection, fields: tuple[str, ...], as_of: datetime) -> None:
    """Take in that other fields of contacts are to be read than up to now."""
    log_position = event_position(con)
    known = contact_fields(con)
    if log_position is None or (known is not None and {*known} == {*fields}):
        return
    put_contact_fields(con, fields)
    _load_again(con, ["contacts"], Load(reached(log_position, as_of), as_of), "contact_fields has changed")


def _load_again(con: DuckDBPyConnection, streams: Iterable[str], load: Load, reason: str) -> None:
    """Let streams be compared with Close completely, those that have been loaded or are being loaded."""
    for name in streams:
        if stream_position(con, name) is None and load_under_way(con, name) is None:
            continue
        begin_load(con, name, load)
        log.warning("%s is compared with Close completely: %s", name, reason)
