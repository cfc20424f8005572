"""The weekly comparison of the lake with Close: what no event told is found, within a budget of requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.sync import reconcile as reconciling
from close_kpis.sync.reconcile import reconcile
from close_kpis.sync.start import is_started
from tests.close.account import NOW
from tests.sync.truth import SYNCED, assert_equal_to_account

if TYPE_CHECKING:
    from tests.sync.conftest import Pipeline

PLENTY = 1_000_000


def compared(pipeline: Pipeline, requests: int = PLENTY, **options: Any) -> dict[str, dict[str, Any]]:
    counts = reconcile(pipeline.extraction, requests, **options)
    return {of_stream["stream"]: of_stream for of_stream in counts}


def drift(pipeline: Pipeline) -> None:
    """Change a row of each stream, and add one, without an event or a time that a filter would find."""
    account = pipeline.sandbox.account
    call, deal, lead = (
        account["activities"].rows["acti_Call_301"],
        account["opportunities"].rows["oppo_10"],
        account["leads"].rows["lead_10"],
    )
    account.put("activities", {**call, "duration": 5, "date_updated": NOW.isoformat()})
    account.put("activities", {**call, "id": "acti_Call_new"})
    account.put("opportunities", {**deal, "value": 123_400, "date_updated": NOW.isoformat()})
    account.put("leads", {**lead, "display_name": "Renamed", "date_updated": NOW.isoformat()})


@pytest.fixture
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of one page: the account is small."""
    monkeypatch.setattr(reconciling, "STRETCH_PAGES", 1)


@pytest.mark.usefixtures("short_stretches")
def test_what_no_event_told_is_stored(synced: Pipeline) -> None:
    drift(synced)
    counts = compared(synced)
    assert all(of_stream["is_whole"] for of_stream in counts.values())
    assert (counts["calls"]["inserted"], counts["calls"]["updated"]) == (1, 1)
    assert (counts["opportunities"]["updated"], counts["leads"]["updated"]) == (1, 1)
    with synced.lake() as con:
        assert_equal_to_account(con, synced.sandbox)


def test_an_account_without_drift_changes_no_row(synced: Pipeline) -> None:
    [(before,)] = synced.query("select max(_synced_at) from raw.calls")
    counts = compared(synced)
    assert set(counts) == set(SYNCED) & set(synced.extraction.streams)
    assert {(one["inserted"], one["updated"], one["deleted"]) for one in counts.values()} == {(0, 0, 0)}
    assert synced.query("select max(_synced_at) from raw.calls") == [(before,)]


def test_what_close_no_longer_shows_stays_until_it_is_confirmed(
    synced: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(40):
        synced.sandbox.account.remove("opportunities", f"oppo_{number}")
    [(before,)] = synced.query("select count(*) from raw.opportunities where _deleted_at is null")
    counts = compared(synced)["opportunities"]
    assert (counts["no_longer_visible"], counts["deleted"]) == (40, 0)
    assert "opportunities: 40 row(s) no longer visible to the API key (oppo_0, " in caplog.text
    assert synced.query("select count(*) from raw.opportunities where _deleted_at is null") == [(before,)]

    counts = compared(synced, accepts_missing=True)["opportunities"]
    assert (counts["no_longer_visible"], counts["deleted"]) == (0, 40)
    with synced.lake() as con:
        assert_equal_to_account(con, synced.sandbox)


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize("requests", [1, 10, 40])
def test_a_small_budget_goes_on_where_it_ended(synced: Pipeline, requests: int) -> None:
    drift(synced)
    whole, streams = set[str](), ("leads", "opportunities", "calls", "tasks")
    some = replace(synced, extraction=replace(synced.extraction, streams=streams))
    for _ in range(200):
        counts = compared(some, requests)
        # A stretch that was begun is compared to its end.
        assert 0 < sum(of_stream["requests"] for of_stream in counts.values()) < requests + 10
        whole |= {name for name, of_stream in counts.items() if of_stream["is_whole"]}
        if whole == set(streams):
            break
    with synced.lake() as con:
        assert_equal_to_account(con, synced.sandbox)


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize(
    ("requests", "used", "whole"),
    [
        (4, {"tasks": 1, "leads": 1, "opportunities": 1, "calls": 1}, {"tasks"}),
        (8, {"tasks": 1, "leads": 2, "opportunities": 2}, {"tasks", "leads", "opportunities"}),
    ],
)
def test_each_stream_has_its_share_of_a_budget(
    synced: Pipeline, requests: int, used: dict[str, int], whole: set[str]
) -> None:
    streams = ("leads", "opportunities", "calls", "tasks")
    counts = compared(replace(synced, extraction=replace(synced.extraction, streams=streams)), requests)
    assert used.items() <= {name: of_stream["requests"] for name, of_stream in counts.items()}.items()
    assert {name for name, of_stream in counts.items() if of_stream["is_whole"]} == whole


def test_what_the_event_log_says_was_deleted_is_no_difference(synced: Pipeline) -> None:
    """Deleted since the last sync: the next one follows it."""
    synced.sandbox.writer.delete("opportunities", "oppo_10")
    counts = compared(synced)["opportunities"]
    assert (counts["no_longer_visible"], counts["deleted"]) == (0, 0)
    assert synced.sync()["opportunities"]["deleted"] == 1


def test_no_budget_asks_nothing(synced: Pipeline) -> None:
    before = len(synced.sandbox.requests)
    assert reconcile(synced.extraction, 0) == []
    assert len(synced.sandbox.requests) == before


def test_what_is_not_to_be_read_is_not_compared(pipeline: Pipeline) -> None:
    """Calls before the reports begin, and streams that are not read."""
    pipeline.begin_history(date(2026, 1, 1))
    pipeline.sync()
    [(first, calls)] = pipeline.query("select min(date_created), count(*) from raw.calls")
    assert calls < sum(row["_type"] == "Call" for row in pipeline.sandbox.account["activities"].rows.values())
    counts = compared(pipeline)
    assert counts["calls"]["inserted"] == 0
    assert pipeline.query("select min(date_created), count(*) from raw.calls") == [(first, calls)]

    some = replace(pipeline.extraction, streams=("calls", "meetings"))
    assert {of_stream["stream"] for of_stream in reconcile(some, PLENTY)} == {"calls", "meetings"}


def test_before_the_first_sync_there_is_nothing_to_compare(pipeline: Pipeline) -> None:
    assert not is_started(pipeline.extraction.lake)
    with pipeline.lake():
        pass
    assert not is_started(pipeline.extraction.lake)
    pipeline.start()
    assert is_started(pipeline.extraction.lake)
    assert reconcile(pipeline.extraction, PLENTY) == []
