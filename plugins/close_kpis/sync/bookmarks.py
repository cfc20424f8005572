"""How far each stream is read: the tables of the schema ``sync``.

Every function works inside the caller's transaction, so that a bookmark and its rows are stored
together or not at all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from close_kpis.close.windows import Window
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Position:
    """Up to where changes have been followed.

    Attributes:
        updated_through: by Close's clock; None where Close has logged nothing yet.
        events_through: the newest reading of the event log that has been followed.
    """

    updated_through: datetime | None
    events_through: datetime | None


@dataclass(frozen=True)
class Load:
    """A load of a whole stream that is under way.

    Attributes:
        position: at which it began; changes since then are to be followed once it has ended.
        as_of: of the sync that began it.
    """

    position: Position
    as_of: datetime


@dataclass(frozen=True)
class Reader:
    """Whose API key reads Close.

    Attributes:
        user_id: the key's user.
        role_id: their role in the organisation, None where Close does not tell.
    """

    user_id: str
    role_id: str | None

    def __str__(self) -> str:
        """Return the user and the role for an error."""
        return f"user {self.user_id} with the role {self.role_id or '(unknown)'}"


@dataclass(frozen=True)
class EventPosition:
    """How far the event log has been read.

    Attributes:
        event_id: the newest event then, None where there was none.
        event_at: its ``date_updated``.
        read_at: as_of of the sync that read it.
        events_through: ``_synced_at`` of that reading.
    """

    event_id: str | None
    event_at: datetime | None
    read_at: datetime
    events_through: datetime


def event_position(con: DuckDBPyConnection) -> EventPosition | None:
    """Return how far the event log has been read, None before the first sync."""
    row = con.execute(statement("bookmarks.event_log")).fetchone()
    return EventPosition(*row) if row else None


def put_event_position(con: DuckDBPyConnection, position: EventPosition) -> None:
    """Store how far the event log has been read."""
    con.execute(statement("bookmarks.forget_event_log"))
    con.execute(
        statement("bookmarks.put_event_log"),
        {
            "event_id": position.event_id,
            "event_at": position.event_at,
            "read_at": position.read_at,
            "events_through": position.events_through,
        },
    )


def stream_position(con: DuckDBPyConnection, stream: str) -> Position | None:
    """Return up to where a stream is complete, None before its first load has ended."""
    row = con.execute(statement("bookmarks.stream"), {"stream": stream}).fetchone()
    return Position(*row) if row else None


def put_stream(con: DuckDBPyConnection, stream: str, synced_through: datetime, position: Position) -> None:
    """Store up to where a stream is complete. Bookmarks never move back."""
    con.execute(
        statement("bookmarks.put_stream"),
        {
            "stream": stream,
            "synced_through": synced_through,
            "updated_through": position.updated_through,
            "events_through": position.events_through,
        },
    )


def load_under_way(con: DuckDBPyConnection, stream: str) -> Load | None:
    """Return the load of a stream that is under way, None without one."""
    row = con.execute(statement("bookmarks.load"), {"stream": stream}).fetchone()
    if row is None:
        return None
    updated_through, events_through, started_at = row
    return Load(Position(updated_through, events_through), started_at)


def begin_load(con: DuckDBPyConnection, stream: str, load: Load) -> None:
    """Begin to load a stream, from the start even if a load was under way."""
    end_load(con, stream)
    con.execute(statement("bookmarks.forget_windows"), {"stream": stream})
    con.execute(
        statement("bookmarks.begin_load"),
        {
            "stream": stream,
            "updated_through": load.position.updated_through,
            "events_through": load.position.events_through,
            "started_at": load.as_of,
        },
    )


def end_load(con: DuckDBPyConnection, stream: str) -> None:
    """Note that the load of a stream has ended."""
    con.execute(statement("bookmarks.end_load"), {"stream": stream})
    con.execute(statement("bookmarks.forget_missing"), {"stream": stream})


def loaded_windows(con: DuckDBPyConnection, stream: str) -> list[Window]:
    """Return the windows of ``date_created`` of a stream that have been loaded."""
    rows = con.execute(statement("bookmarks.windows"), {"stream": stream}).fetchall()
    return [Window(start, end) for start, end in rows]


def put_windows(con: DuckDBPyConnection, stream: str, windows: Sequence[Window], at: datetime) -> None:
    """Note windows of a stream as loaded."""
    if windows:
        con.execute(statement("bookmarks.put_windows"), {"stream": stream, "loaded_at": at, **bounds(windows)})


def bounds(windows: Sequence[Window]) -> dict[str, list[datetime | None]]:
    """Return windows as the parameters of a query: ``starts`` and ``ends``."""
    return {"starts": [window.start for window in windows], "ends": [window.end for window in windows]}


def put_missing(con: DuckDBPyConnection, stream: str, ids: Iterable[str]) -> None:
    """Note rows of a stream that a comparison did not find in Close."""
    if listed := sorted(ids):
        con.execute(statement("bookmarks.put_missing"), {"stream": stream, "ids": listed})


def reconciled_through(con: DuckDBPyConnection, stream: str) -> datetime | None:
    """Return the ``date_created`` from which on a stream is to be compared next, None for its first row."""
    row = con.execute(statement("bookmarks.reconciled"), {"stream": stream}).fetchone()
    return row[0] if row else None


def put_reconciled(con: DuckDBPyConnection, stream: str, through: datetime | None, at: datetime) -> None:
    """Note up to where a stream was compared, None for its end, and when that comparison began."""
    con.execute(statement("bookmarks.put_reconciled"), {"stream": stream, "through": through, "compared_at": at})


def contact_fields(con: DuckDBPyConnection) -> tuple[str, ...] | None:
    """Return what has been read of contacts up to now, None where that was not noted."""
    row = con.execute(statement("bookmarks.contact_fields")).fetchone()
    return tuple(row[0]) if row else None


def put_contact_fields(con: DuckDBPyConnection, fields: Sequence[str]) -> None:
    """Note what is read of contacts from now on, and empty the columns of the rest."""
    con.execute(statement("bookmarks.put_contact_fields"), {"fields": list(fields)})
    con.execute(statement("bookmarks.forget_contact_fields"))


def last_reader(con: DuckDBPyConnection) -> Reader | None:
    """Return whose API key read Close last, None where that was not noted."""
    row = con.execute(statement("bookmarks.reader")).fetchone()
    return Reader(*row) if row else None


def put_reader(con: DuckDBPyConnection, reader: Reader, at: datetime) -> None:
    """Note whose API key reads Close now."""
    con.execute(statement("bookmarks.put_reader"), {**asdict(reader), "read_at": at})
