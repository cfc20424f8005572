"""One month of streams, read again completely."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.close.errors import CloseUnavailableError
from close_kpis.close.windows import month_window
from close_kpis.lake.connection import opened
from close_kpis.sync.complete import complete_sync
from close_kpis.sync.load import read_again
from close_kpis.sync.start import is_started, start_sync
from close_kpis.sync.stream import finished, leave_out, load_missing, log_position, open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from close_kpis.sync.extraction import Extraction


def pull_month(extraction: Extraction, month: date, streams: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Read one month of streams again, completely, and bring all streams up to one instant.

    A stream that was never loaded is loaded whole first. A row that Close no longer shows stays as it is where the
    event log does not say that it was deleted.

    Args:
        extraction: from where into where.
        month: any day of the month.
        streams: their names; None for all that are read.

    Returns:
        For each stream as `sync_streams`.

    Raises:
        CloseVisibilityError: the API key sees far fewer leads than the lake has.
        CloseError: Close could not be read; what was stored stays.
    """
    as_of = now(extraction.zone)
    if not is_started(extraction.lake):
        start_sync(extraction)
    counts = asyncio.run(_pull(extraction, streams or extraction.streams, month, as_of))
    complete_sync(extraction)
    return counts


async def _pull(extraction: Extraction, streams: Sequence[str], month: date, as_of: datetime) -> list[dict[str, Any]]:
    counts = []
    with opened(extraction.lake) as con:
        for name in streams:
            async with open_session(extraction, name, con, as_of) as session:
                position = log_position(session)
                try:
                    if not await load_missing(extraction, session, position):
                        await read_again(session, month_window(month, extraction.zone), month.replace(day=1))
                except CloseUnavailableError as error:
                    leave_out(session, position, error)
                counts.append(await finished(session))
    return counts
