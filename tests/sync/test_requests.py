"""What a sync asks Close for: how far its filters reach back, and how a long read is shared out."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from close_kpis.close.errors import CloseError, CloseVisibilityError
from close_kpis.close.windows import ALL_TIME
from close_kpis.lake.connection import opened
from close_kpis.sync import load as loading
from close_kpis.sync.bookmarks import Load, begin_load, stream_position
from close_kpis.sync.load import load
from close_kpis.sync.stream import open_session
from tests.close.account import NOW
from tests.sync.test_sync import newest_snapshot
from tests.sync.truth import assert_equal_to_account

if TYPE_CHECKING:
    from tests.sync.conftest import Pipeline

pytestmark = pytest.mark.slow


def queries(pipeline: Pipeline, path: str) -> list[dict[str, str]]:
    """Return the parameters of the requests for a path."""
    asked = pipeline.sandbox.requests.matching(path)
    return [{name: values[0] for name, values in parse_qs(one.query).items()} for one in asked]


def searched(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Return what was searched, counts aside."""
    bodies = [json.loads(one.body) for one in pipeline.sandbox.requests.matching("/data/search/")]
    return [body for body in bodies if body["_limit"]]


def ranges(body: Any) -> list[tuple[str | None, str | None]]:
    """Return the ends of the ranges of time that a search names."""
    if isinstance(body, list):
        return [found for one in body for found in ranges(one)]
    if not isinstance(body, dict):
        return []
    if body.get("type") == "moment_range":
        return [tuple((body.get(end) or {}).get("value") for end in ("on_or_after", "before"))]  # type: ignore[list-item]
    return [found for one in body.values() for found in ranges(one)]


def through(pipeline: Pipeline, stream: str) -> datetime:
    [(at,)] = pipeline.query(f"select updated_through from sync.streams where stream = '{stream}'")
    assert isinstance(at, datetime)
    return at


@pytest.mark.parametrize(
    ("stream", "path", "name", "overlap"),
    [
        ("calls", "/activity/call/", "date_created__gte", timedelta(hours=1)),
        ("tasks", "/task/", "date_updated__gte", timedelta(minutes=10)),
    ],
)
def test_lists_are_asked_for_what_is_new_and_a_little_more(
    synced: Pipeline, stream: str, path: str, name: str, overlap: timedelta
) -> None:
    since = through(synced, stream) - overlap
    synced.sandbox.requests.clear()
    synced.sync(stream)
    assert {datetime.fromisoformat(query[name]) for query in queries(synced, path)} == {since}


def test_searches_are_asked_for_what_is_new_and_a_little_more(synced: Pipeline) -> None:
    since = through(synced, "leads") - timedelta(minutes=10)
    synced.sandbox.requests.clear()
    synced.sync("leads")
    found = {at for body in searched(synced) for at in ranges(body)}
    assert {datetime.fromisoformat(start) for start, _ in found if start} == {since}


@pytest.mark.parametrize(
    ("begin", "first"),
    [(date(2026, 1, 20), "2025-12-01"), (date(2026, 5, 2), "2026-03-01"), (date(2026, 3, 31), "2026-01-01")],
)
def test_heavy_streams_are_read_from_a_month_before_the_reports_begin(
    pipeline: Pipeline, begin: date, first: str
) -> None:
    """A call of the first month can have been planned in the month before; deals are here none that are older."""
    for row in list(pipeline.sandbox.account["opportunities"]):
        pipeline.sandbox.account.remove("opportunities", row["id"])
    pipeline.begin_history(begin)
    pipeline.sync("calls")
    [won] = queries(pipeline, "/opportunity/")
    assert (won["date_won__gte"], won["status_type"], won["_limit"]) == (begin.replace(day=1).isoformat(), "won", "1")
    starts = {query["date_created__gte"] for query in queries(pipeline, "/activity/call/")}
    assert min(starts) == f"{first}T00:00:00+00:00"


def test_long_lists_are_shared_out(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SLICE_PAGES", 1)
    as_of = pipeline.start()
    pipeline.sandbox.requests.clear()
    pipeline.stream("calls", as_of)
    asked = queries(pipeline, "/activity/call/")
    windows = {(query.get("date_created__gte"), query.get("date_created__lt")) for query in asked}
    starts = {start for start, _ in windows if start}
    ends = {end for _, end in windows if end}
    assert len(starts) > 3
    assert starts <= ends, "where one part begins another one ends"
    with pipeline.lake() as con:
        assert_equal_to_account(con, pipeline.sandbox, ["calls"])


def test_long_searches_are_shared_out(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    # A page of 200 holds most of the account.
    monkeypatch.setattr(loading, "SLICE_PAGES", 0.1)
    as_of = pipeline.start()
    pipeline.sandbox.requests.clear()
    pipeline.stream("leads", as_of)
    found = {at for body in searched(pipeline) for at in ranges(body)}
    starts, ends = {start for start, _ in found if start}, {end for _, end in found if end}
    assert starts & ends, "where one part begins another one ends"
    with pipeline.lake() as con:
        assert_equal_to_account(con, pipeline.sandbox, ["leads"])


def test_streams_are_loaded_one_after_the_other(pipeline: Pipeline) -> None:
    """A load alone uses what memory and Close's limits allow."""
    pipeline.sync("calls", "tasks", "opportunities")
    asked = [one.path for one in pipeline.sandbox.requests]
    last_call = max(at for at, path in enumerate(asked) if path == "/activity/call/")
    assert last_call < asked.index("/task/")
    assert max(at for at, path in enumerate(asked) if path == "/task/") < asked.index("/opportunity/")


def test_a_stream_that_fails_beside_others_is_the_error_of_the_sync(synced: Pipeline) -> None:
    synced.sandbox.faults.add("slow", "/task/", seconds=1.0, count=None)
    synced.sandbox.faults.add("status", "/activity/call/", status=400, body="no such field", count=None)
    with pytest.raises(CloseError, match=r"/activity/call/.*400"):
        synced.sync()


def test_a_slow_load_stores_what_it_has_after_some_seconds(pipeline: Pipeline) -> None:
    """And not only once a batch is full."""

    async def read(seconds: float) -> None:
        with opened(pipeline.extraction.lake) as con:
            async with open_session(pipeline.extraction, "calls", con, as_of) as session:
                session.batch_seconds = seconds
                await load(session, [ALL_TIME])

    def commits(seconds: float) -> int:
        before = newest_snapshot(pipeline)
        asyncio.run(read(seconds))
        return newest_snapshot(pipeline) - before

    as_of = pipeline.start()
    assert commits(0.0) > 2
    assert commits(60.0) == 1


def test_counts_are_of_new_changed_and_unchanged_rows(synced: Pipeline) -> None:
    writer = synced.sandbox.writer
    writer.create("tasks", {"_type": "lead", "lead_id": "lead_1", "text": "new"})
    for number in (1, 2):
        writer.update("tasks", f"task_{number}", {"text": "changed"})
    counts = synced.sync("tasks")["tasks"]
    assert (counts["rows"], counts["inserted"], counts["updated"], counts["deleted"]) == (3, 1, 2, 0)
    again = synced.sync("tasks")["tasks"]
    assert (again["rows"], again["inserted"], again["updated"]) == (3, 0, 0), "within the overlap"


def test_deletions_of_other_objects_excuse_no_lead_that_is_gone(synced: Pipeline) -> None:
    for number in range(150):
        synced.sandbox.account.remove("leads", f"lead_{number}")
    for number in range(150):
        synced.sandbox.writer.delete("activities", f"acti_Call_{200 + number}")
    for number in range(50):
        synced.sandbox.writer.delete("tasks", f"task_{number}")
    with pytest.raises(CloseVisibilityError, match=r"sees 80 leads, the lake holds 230, .* names only 0 that"):
        synced.start()


def test_what_happened_before_this_clock_went_back_is_followed(synced: Pipeline) -> None:
    """The last sync ran on a machine whose clock was an hour ahead."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with synced.lake() as con:
        for table in ("event_log", "streams"):
            con.execute(f"update sync.{table} set events_through = ?", [ahead])
    synced.sandbox.writer.delete("activities", "acti_Call_300")
    synced.sync("calls")
    with synced.lake() as con:
        assert_equal_to_account(con, synced.sandbox, ["calls"])


@pytest.mark.parametrize(
    ("gone", "named"),
    [(3, r"\(oppo_0, oppo_1, oppo_10\)"), (4, r"\(oppo_0, oppo_1, oppo_10, \.\.\.\)")],
)
def test_a_refusal_counts_what_is_missing_and_names_some(synced: Pipeline, gone: int, named: str) -> None:
    account = synced.sandbox.account
    kept = {"oppo_0", "oppo_1", "oppo_10", "oppo_100", "oppo_2", "oppo_3"}
    for row in list(account["opportunities"]):
        if row["id"] not in kept:
            synced.sandbox.writer.delete("opportunities", row["id"])
    synced.sync("opportunities")
    for row_id in sorted(kept)[:gone]:
        account.remove("opportunities", row_id)
    with synced.lake() as con:
        position = stream_position(con, "opportunities")
        assert position is not None
        begin_load(con, "opportunities", Load(position, NOW))
    expected = rf"opportunities: Close shows {6 - gone} of the 6 rows that the lake holds; {gone} are missing {named}"
    with pytest.raises(CloseVisibilityError, match=expected):
        synced.sync("opportunities")
