"""Walks of lists and searches: complete whatever happens meanwhile, and far from every cap."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.close.errors import CloseFilterIgnoredError, CloseIncompleteError, CloseResponseError
from close_kpis.close.lists import by_ids, newest_first
from close_kpis.close.registry import STREAMS
from close_kpis.close.search import oldest_first
from close_kpis.close.windows import ALL_TIME, Window, joined
from sandbox.close_api import CloseSandbox
from tests.close.account import NOW, write_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from close_kpis.close.lists import Page

CALLS, LEADS, OPPORTUNITIES = STREAMS["calls"], STREAMS["leads"], STREAMS["opportunities"]


def walk(
    sandbox: CloseSandbox, read: Callable[[CloseClient], Any], meanwhile: Callable[[int], None] | None = None
) -> list[Page]:
    """Return the pages of a walk; `meanwhile` is called with the number of each."""

    async def run() -> list[Page]:
        pages: list[Page] = []
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url, wait_initial=0.01)) as client:
            async for page in read(client):
                pages.append(page)
                if meanwhile is not None:
                    meanwhile(len(pages))
        return pages

    return asyncio.run(run())


def ids(pages: list[Page]) -> set[str]:
    return {obj["id"] for page in pages for obj in page.objects}


def stored(sandbox: CloseSandbox, kind: str, window: Window = ALL_TIME) -> set[str]:
    rows = sandbox.account["activities"] if kind == "Call" else sandbox.account[kind]
    return {
        row["id"]
        for row in rows
        if row.get("_type", kind) == kind and datetime.fromisoformat(row["date_created"]) in window
    }


def test_list_walk_reads_every_row_once_and_says_what_it_covered(sandbox: CloseSandbox) -> None:
    pages = walk(sandbox, lambda client: newest_first(client, CALLS, ALL_TIME))
    assert ids(pages) == stored(sandbox, "Call")
    assert joined(page.covered for page in pages) == [ALL_TIME]
    for page in pages:
        assert stored(sandbox, "Call", page.covered) <= ids([page])


def test_list_walk_of_a_window_leaves_out_its_end(sandbox: CloseSandbox) -> None:
    rows = sorted(row["date_created"] for row in sandbox.account["activities"] if row["_type"] == "Call")
    window = Window(datetime.fromisoformat(rows[300]), datetime.fromisoformat(rows[550]))
    pages = walk(sandbox, lambda client: newest_first(client, CALLS, window))
    assert ids(pages) == stored(sandbox, "Call", window)
    assert len(ids(pages)) == 250


def test_rows_deleted_and_created_during_a_walk_shift_nothing_away(sandbox: CloseSandbox) -> None:
    there = stored(sandbox, "Call")
    gone = [f"acti_Call_{number}" for number in range(690, 640, -10)]

    def meanwhile(page: int) -> None:
        if page <= len(gone):
            sandbox.writer.delete("activities", gone[page - 1])
            sandbox.writer.create("activities", {"_type": "Call", "lead_id": "lead_1"})

    pages = walk(sandbox, lambda client: newest_first(client, CALLS, ALL_TIME), meanwhile)
    assert there - set(gone) <= ids(pages)


def test_row_at_the_edge_of_two_pages_may_be_deleted_between_them(sandbox: CloseSandbox) -> None:
    there = stored(sandbox, "Call")

    def read(client: CloseClient) -> Any:
        return newest_first(client, CALLS, ALL_TIME)

    first = walk(sandbox, read)[0]
    edge = first.objects[-1]["id"]
    pages = walk(sandbox, read, lambda page: sandbox.writer.delete("activities", edge) if page == 1 else None)
    assert there - {edge} <= ids(pages)


def test_no_walk_comes_near_the_cap_of_offsets(small_account: Path) -> None:
    with CloseSandbox(small_account, as_of=NOW, rate=0, max_skip=100) as sandbox:
        walk(sandbox, lambda client: newest_first(client, CALLS, ALL_TIME))
        walk(sandbox, lambda client: newest_first(client, OPPORTUNITIES, ALL_TIME))
        assert sandbox.requests.count(status=400) == 0


def test_more_rows_at_one_instant_than_offsets_reach_is_an_error(small_account: Path) -> None:
    with (
        CloseSandbox(small_account, as_of=NOW, rate=0, max_skip=50) as sandbox,
        pytest.raises(CloseIncompleteError, match="share the instant 2000-01-01"),
    ):
        walk(sandbox, lambda client: newest_first(client, CALLS, ALL_TIME))


def test_changed_opportunities_are_read_by_their_update(sandbox: CloseSandbox) -> None:
    sandbox.writer.update("opportunities", "oppo_3", {"value": 1})
    since = {"date_updated__gte": (NOW - timedelta(minutes=5)).isoformat()}
    pages = walk(sandbox, lambda client: newest_first(client, OPPORTUNITIES, ALL_TIME, since))
    assert ids(pages) == {"oppo_3"}


def test_ids_that_are_gone_do_not_come(sandbox: CloseSandbox) -> None:
    async def run(stream: str, asked: list[str]) -> set[str]:
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url)) as client:
            return {obj["id"] for obj in await by_ids(client, STREAMS[stream], asked)}

    calls = [f"acti_Call_{number}" for number in range(150)]
    assert asyncio.run(run("calls", [*calls, "acti_none"])) == set(calls)
    assert asyncio.run(run("opportunities", ["oppo_1", "oppo_none"])) == {"oppo_1"}
    assert asyncio.run(run("leads", ["lead_1", "lead_none"])) == {"lead_1"}


def test_ignored_filter_by_ids_is_an_error(sandbox: CloseSandbox) -> None:
    async def run() -> None:
        async with CloseClient(ClientConfig(sandbox.api_key, sandbox.url)) as client:
            await by_ids(client, replace(CALLS, path="/activity/note/"), ["acti_Call_1"])

    body = '{"has_more": false, "data": [{"id": "acti_Note_1"}]}'
    sandbox.faults.add("status", "/activity/note/", status=200, body=body, content_type="application/json")
    with pytest.raises(CloseFilterIgnoredError, match="id__in was ignored"):
        asyncio.run(run())


def test_rows_in_another_order_are_an_error(sandbox: CloseSandbox) -> None:
    rows = [{"id": "a", "date_created": "2025-01-01T00:00:00Z"}, {"id": "b", "date_created": "2025-02-01T00:00:00Z"}]
    body = json.dumps({"has_more": False, "data": rows})
    sandbox.faults.add("status", "/activity/call/", status=200, body=body, content_type="application/json")
    with pytest.raises(CloseResponseError, match="newest first"):
        walk(sandbox, lambda client: newest_first(client, CALLS, ALL_TIME))


@pytest.mark.parametrize("by", ["date_created", "date_updated"])
@pytest.mark.parametrize("size", [200, 60, 7, 1])
def test_search_walk_is_complete_however_small_its_pages_are(sandbox: CloseSandbox, size: int, by: str) -> None:
    pages = walk(sandbox, lambda client: oldest_first(client, replace(LEADS, page_size=size), ALL_TIME, by))
    assert ids(pages) == stored(sandbox, "leads")
    assert joined(page.covered for page in pages) == [ALL_TIME]


def test_search_walk_goes_on_where_a_search_ends_at_its_cap(small_account: Path) -> None:
    with CloseSandbox(small_account, as_of=NOW, rate=0, search_rate=0, search_cap=100) as sandbox:
        pages = walk(sandbox, lambda client: oldest_first(client, LEADS, ALL_TIME))
        assert ids(pages) == stored(sandbox, "leads")


@pytest.mark.parametrize("shows", ["live", "frozen"])
@pytest.mark.parametrize("by", ["date_created", "date_updated"])
def test_leads_edited_created_and_deleted_during_a_search_hide_no_other(
    sandbox: CloseSandbox, by: str, shows: str
) -> None:
    sandbox.config.turn(search_shows=shows)
    before = stored(sandbox, "leads")
    order = sorted(before, key=lambda lead_id: sandbox.account["leads"].rows[lead_id][by])

    def meanwhile(number: int) -> None:
        sandbox.clock.advance(1)
        alive = [lead_id for lead_id in order if sandbox.account["leads"].get(lead_id)]
        for lead_id in alive[number * 7 % 31 :: 31]:
            sandbox.writer.update("leads", lead_id, {"name": f"Edited {number}"})
        if number % 3 == 0:
            sandbox.writer.delete("leads", alive[number % len(alive)])
        if number < 30:
            sandbox.writer.create("leads", {"name": f"New {number}"})

    small = replace(LEADS, page_size=20)
    pages = walk(sandbox, lambda client: oldest_first(client, small, ALL_TIME, by), meanwhile)
    assert ids(pages) >= before & stored(sandbox, "leads")


def leads_of_one_instant(folder: Path, number: int) -> Path:
    write_account(folder)
    at = datetime(2025, 5, 1, tzinfo=UTC).isoformat()
    rows = [
        {"id": f"lead_{n}", "status_id": "stat_customer", "date_created": at, "date_updated": at} for n in range(number)
    ]
    (folder / "leads.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def test_expired_cursor_begins_the_search_of_an_instant_again(tmp_path: Path) -> None:
    body = json.dumps({"errors": [], "field-errors": {"cursor": "Invalid or expired cursor."}})
    folder = leads_of_one_instant(tmp_path / "account", 500)
    with CloseSandbox(folder, as_of=NOW, rate=0, search_rate=0) as sandbox:
        sandbox.faults.add("status", "/data/search/", status=400, body=body, content_type="application/json", after=3)
        pages = walk(sandbox, lambda client: oldest_first(client, LEADS, ALL_TIME))
        assert not sandbox.faults.pending()
        assert len(ids(pages)) == 500


def test_more_leads_of_one_instant_than_a_search_shows_are_an_error(tmp_path: Path) -> None:
    folder = leads_of_one_instant(tmp_path / "account", 500)
    with (
        CloseSandbox(folder, as_of=NOW, rate=0, search_rate=0, search_cap=300) as sandbox,
        pytest.raises(CloseIncompleteError, match="500 leads share the instant"),
    ):
        walk(sandbox, lambda client: oldest_first(client, LEADS, ALL_TIME))
