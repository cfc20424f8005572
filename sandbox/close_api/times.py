"""Instants: Close's forms of a time stamp, comparable integers, and the sandbox's clock."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse(value: Any, *, zone: timezone = UTC) -> datetime:
    """Return an instant from any form the API writes or reads.

    Args:
        value: ISO 8601 text, with or without offset, or a date alone (midnight).
        zone: the zone of a date alone; a naive date and time is UTC.

    Raises:
        ValueError: the value is not a time.
    """
    if not isinstance(value, str):
        raise ValueError(f"not a time: {value!r}")
    read = datetime.fromisoformat(value)
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    is_date = len(value) <= len("2024-01-01")
    return read.replace(tzinfo=zone if is_date else UTC).astimezone(UTC)


def aware(at: datetime | str) -> datetime:
    """Return an instant given as text or as a datetime, of which a naive one is UTC."""
    if isinstance(at, str):
        return parse(at)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def micros(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970, which sort and compare fast."""
    return (at - EPOCH) // _MICROSECOND


def stamp(at: datetime) -> str:
    """Return Close's usual form, ``2021-07-13T11:39:04.817000+00:00``: the fraction goes when zero."""
    return at.astimezone(UTC).isoformat()


def naive_stamp(at: datetime) -> str:
    """Return the form without offset that events, pipelines and activity types have."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()


def offset_zone(hours: str | float | None) -> timezone:
    """Return the zone of an ``x-tz-offset`` header (hours, may be fractional); UTC without one.

    Source: developer.close.com "Timezone Offsets".
    """
    try:
        return timezone(timedelta(hours=float(hours or 0)))
    except ValueError:
        return UTC


class Clock:
    """The sandbox's now: real time, moved so that it began at a chosen instant."""

    def __init__(self, as_of: datetime | str | None = None) -> None:
        self._shift = timedelta()
        if as_of is not None:
            self.set(as_of)

    def set(self, as_of: datetime | str) -> None:
        """Let now be ``as_of``, from which it goes on."""
        self._shift = aware(as_of) - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Move now ahead."""
        self._shift += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Return the instant, in whole milliseconds as Close keeps them."""
        at = datetime.now(UTC) + self._shift
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def today(self, zone: timezone = UTC) -> date:
        """Return the day of now in a zone."""
        return self.now().astimezone(zone).date()


def monotonic() -> float:
    """Return seconds for the limits that belong to the connection, not to the account's time."""
    return time.monotonic()
