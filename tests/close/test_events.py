"""Reading the event log: how far back, and whether something is missing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.close.events import EventLog, Mark, read_events
from tests.close.account import LAST_EVENT, NOW

if TYPE_CHECKING:
    from sandbox.close_api import CloseSandbox


def read(sandbox: CloseSandbox, since: Mark | None) -> EventLog:
    async def run() -> EventLog:
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url)) as client:
            return await read_events(client, since, NOW)

    return asyncio.run(run())


def log_event(sandbox: CloseSandbox, event_id: str, hours_ago: float) -> None:
    at = (NOW - timedelta(hours=hours_ago)).isoformat()
    sandbox.writer.log_event(
        {"id": event_id, "object_type": "lead", "action": "updated", "object_id": "lead_1"}
        | {
            "date_created": at,
            "date_updated": at,
        }
    )


def test_first_reading_takes_the_newest_page_only(sandbox: CloseSandbox) -> None:
    for number in range(70):
        log_event(sandbox, f"ev_{number}", hours_ago=2 + number / 100)
    log = read(sandbox, None)
    assert (len(log.rows), log.mark.event_id, log.mark.at, log.has_gap) == (50, "ev_first", LAST_EVENT, False)


def test_reading_goes_back_to_the_mark_and_five_minutes_further(sandbox: CloseSandbox) -> None:
    for number in range(200):
        log_event(sandbox, f"ev_{number:03}", hours_ago=number / 60)
    mark = Mark("ev_100", NOW - timedelta(minutes=100), NOW - timedelta(minutes=90))
    log = read(sandbox, mark)
    found = {row["id"] for row in log.rows}
    assert {f"ev_{number:03}" for number in range(106)} <= found
    assert len(found) <= 150
    assert (log.mark.event_id, log.has_gap) == ("ev_000", False)


def test_log_without_news_keeps_its_mark(sandbox: CloseSandbox) -> None:
    log = read(sandbox, Mark("ev_first", LAST_EVENT, NOW))
    assert (log.mark.event_id, log.mark.at, log.has_gap) == ("ev_first", LAST_EVENT, False)


@pytest.mark.parametrize(
    ("mark", "has_gap"),
    [
        # Folded into a later event of the same id: its time has moved.
        (Mark("ev_first", LAST_EVENT - timedelta(hours=5), NOW), False),
        # An older event is still there.
        (Mark("ev_x", LAST_EVENT + timedelta(minutes=1), NOW), False),
        # The marked event is gone, and was young enough to be there.
        (Mark("ev_x", LAST_EVENT - timedelta(days=3), NOW), True),
        # The marked event has expired, but the log was read yesterday.
        (Mark("ev_x", NOW - timedelta(days=35), NOW - timedelta(days=1)), False),
        # The log was last read before what it still holds.
        (Mark("ev_x", NOW - timedelta(days=35), NOW - timedelta(days=34)), True),
        (Mark(None, None, NOW - timedelta(days=34)), True),
        (Mark(None, None, NOW - timedelta(days=3)), False),
    ],
)
def test_gap_is_noticed(sandbox: CloseSandbox, mark: Mark, has_gap: bool) -> None:
    assert read(sandbox, mark).has_gap == has_gap
