"""The one clock of the pipeline."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def now(zone: str = "UTC") -> datetime:
    """Return the present instant.

    ``CLOSE_KPIS_AS_OF=YYYY-MM-DD`` stands the clock still at the last microsecond of that local
    day, to show an account as of a past date.

    Args:
        zone: the reporting time zone (IANA name) that the day is local to.

    Returns:
        An aware instant in UTC.

    Raises:
        ValueError: ``CLOSE_KPIS_AS_OF`` is not a date.
    """
    as_of = os.environ.get("CLOSE_KPIS_AS_OF")
    if not as_of:
        return datetime.now(UTC)
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise ValueError(f"CLOSE_KPIS_AS_OF={as_of!r} is not a date: write it as YYYY-MM-DD") from None
    return datetime.combine(day, time.max, ZoneInfo(zone)).astimezone(UTC)


def told(moment: datetime, zone: str) -> str:
    """Return an instant as a reader is told it, such as 17 Jun 2026, 08:15.

    Args:
        moment: aware.
        zone: the reporting time zone (IANA name).
    """
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M}"
