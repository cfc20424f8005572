"""Syncs from a Close over HTTP into a DuckLake: after each, every row is the account's."""

from __future__ import annotations

import itertools
import json
import os
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from close_kpis.close.errors import (
    CloseAuthError,
    CloseFilterIgnoredError,
    CloseUnavailableError,
    CloseVisibilityError,
)
from close_kpis.close.registry import contacts, stream_names
from close_kpis.lake.config import LostCatalogError
from close_kpis.sync.complete import complete_sync
from close_kpis.sync.extraction import WrongAccountError
from close_kpis.sync.missing import is_plausible
from close_kpis.sync.month import pull_month
from close_kpis.sync.start import start_sync
from close_kpis.sync.stream import sync_streams
from sandbox.close_api import CloseSandbox
from tests.close.account import FORMER, LAST_EVENT, NOW, USER
from tests.sync.conftest import pipeline_from
from tests.sync.truth import SYNCED, account_rows, assert_equal_to_account, lake_rows

if TYPE_CHECKING:
    from tests.sync.conftest import FirstLoad, Pipeline

pytestmark = pytest.mark.slow

RAW_CHANGES = "select count(*) from ducklake_table_changes('lake', 'raw', ?, ?::bigint, ?::bigint)"
REFERENCE_REQUESTS = 14


def test_a_sync_begins_with_removing_what_a_killed_one_left(pipeline: Pipeline) -> None:
    pipeline.start()
    with pipeline.lake() as con:
        con.execute("update sync.identity set created_at = created_at - interval 7 day")
    left = Path(pipeline.extraction.lake.data_path) / "raw" / "leads" / f"ducklake-{uuid4()}.parquet"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half a file")
    os.utime(left, (time.time() - 86_400,) * 2)
    pipeline.start()
    assert not left.exists()


def test_a_sync_does_not_take_a_lake_without_its_catalog_for_a_new_one(pipeline: Pipeline) -> None:
    pipeline.sync("leads")
    Path(pipeline.extraction.lake.location).unlink()
    asked = len(pipeline.sandbox.requests)
    with pytest.raises(LostCatalogError, match=r"has lost its catalog: .*catalog\.sqlite does not exist"):
        pipeline.start()
    assert len(pipeline.sandbox.requests) == asked
    assert not Path(pipeline.extraction.lake.location).exists()


def newest_snapshot(pipeline: Pipeline) -> int:
    return int(pipeline.query("select max(snapshot_id) from ducklake_snapshots('lake')")[0][0])


def raw_changes_since(pipeline: Pipeline, snapshot: int) -> dict[str, int]:
    newest = newest_snapshot(pipeline)
    if newest == snapshot:
        return {}
    with pipeline.lake() as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        counts = {
            table: con.execute(RAW_CHANGES, [table, snapshot + 1, newest]).fetchall()[0][0] for (table,) in tables
        }
    return {table: count for table, count in counts.items() if count}


def assert_complete(pipeline: Pipeline, *streams: str) -> None:
    """The streams hold the account's rows, and no bookmark has passed now."""
    with pipeline.lake() as con:
        assert_equal_to_account(con, pipeline.sandbox, list(streams or SYNCED))
        latest = con.execute("select max(updated_through), max(synced_through) from sync.streams").fetchall()[0]
        now = datetime.fromisoformat(f"{NOW.date()}T23:59:59.999999+00:00")
        assert all(at <= now for at in latest)


def test_first_sync_stores_every_row_of_the_account(synced: Pipeline, first_load: FirstLoad) -> None:
    assert_complete(synced)
    assert first_load.counts["calls"]["inserted"] == 700
    assert dict(synced.query("select id, is_active from raw.users")) == {USER: True, FORMER: False}
    fields = synced.query("select name, object_type from raw.custom_fields order by 1")
    assert fields == [("Region", "shared"), ("Source", "lead")]


def test_second_sync_sends_few_requests_and_changes_no_row(synced: Pipeline) -> None:
    snapshot = newest_snapshot(synced)
    synced.sync()
    requests = len(synced.sandbox.requests)
    print(f"a sync with nothing new: {requests} requests for {len(stream_names())} streams")
    assert requests <= REFERENCE_REQUESTS + 2 * len(stream_names())
    assert raw_changes_since(synced, snapshot) == {}
    assert_complete(synced)


def test_changes_between_syncs_arrive(synced: Pipeline) -> None:
    writer = synced.sandbox.writer
    lead = writer.create("leads", {"name": "New", "status_id": "stat_potential"})
    writer.create("opportunities", {"lead_id": lead["id"], "status_id": "stat_active", "value": 5})
    writer.update("leads", "lead_3", {"status_id": "stat_churned", "custom.cf_source": "Ads"})
    writer.update("opportunities", "oppo_0", {"status_id": "stat_won"})
    writer.update("activities", "acti_Call_200", {"note": "edited", "disposition": "answered", "duration": 77})
    writer.update("activities", "acti_Meeting_900", {"title": "Moved", "starts_at": "2027-04-01T10:00:00+00:00"})
    writer.update("tasks", "task_1", {"is_complete": True})
    writer.create("activities", {"_type": "Email", "lead_id": "lead_1", "direction": "outgoing", "status": "sent"})
    counts = synced.sync()
    assert_complete(synced)
    assert counts["calls"]["updated"] == 1
    assert counts["lead_status_changes"]["inserted"] == 1


def test_each_stream_counts_its_own_requests(synced: Pipeline) -> None:
    as_of = synced.start()
    synced.sandbox.requests.clear()
    counts = sync_streams(synced.extraction, as_of, ["calls", "emails", "leads"])
    assert all(one["requests"] for one in counts)
    assert sum(one["requests"] for one in counts) == len(synced.sandbox.requests)


def test_slow_stream_does_not_hold_up_the_others(synced: Pipeline) -> None:
    synced.sandbox.faults.add("slow", "/opportunity/", seconds=2.0)
    synced.sandbox.requests.clear()
    synced.sync()
    answered = [request.path for request in synced.sandbox.requests]
    assert answered.index("/task/") < answered.index("/opportunity/")


def test_mail_synced_later_with_an_old_date_arrives(synced: Pipeline) -> None:
    old = "2024-02-01T08:00:00+00:00"
    mail = synced.sandbox.writer.create(
        "activities", {"_type": "Email", "lead_id": "lead_1", "date_created": old, "activity_at": old, "status": "sent"}
    )
    synced.sync("emails")
    assert synced.query(f"select count(*) from raw.emails where id = '{mail['id']}'") == [(1,)]
    assert_complete(synced, "emails")


def test_call_that_its_list_has_shown_late_arrives_without_an_event(synced: Pipeline) -> None:
    [(through,)] = synced.query("select updated_through from sync.streams where stream = 'calls'")
    account, then = synced.sandbox.account, (through - timedelta(minutes=30)).isoformat()
    known = account["activities"].rows["acti_Call_301"]
    account.put("activities", {**known, "id": "acti_Call_late", "date_created": then, "activity_at": then})
    synced.sync("calls")
    assert_complete(synced, "calls")


def test_meeting_in_the_future_arrives_and_does_not_move_the_bookmark(synced: Pipeline) -> None:
    at = "2028-01-01T10:00:00+00:00"
    future = {"date_created": at, "starts_at": at, "status": "upcoming", "title": "Demo"}
    synced.sandbox.writer.create("activities", {"_type": "Meeting", "lead_id": "lead_1", **future})
    synced.sync("meetings")
    synced.sandbox.writer.create("activities", {"_type": "Meeting", "lead_id": "lead_2", "title": "Demo today"})
    synced.sync("meetings")
    assert_complete(synced, "meetings")


def test_meeting_whose_status_moves_by_itself_is_read_again(synced: Pipeline) -> None:
    yesterday = (NOW - timedelta(days=1)).isoformat()
    account = synced.sandbox.account
    meeting = synced.sandbox.writer.create(
        "activities", {"_type": "Meeting", "lead_id": "lead_1", "starts_at": yesterday, "status": "upcoming"}
    )
    synced.sync("meetings")
    account.put("activities", {**meeting, "status": "completed", "date_created": yesterday})
    synced.sync("meetings")
    assert synced.query(f"select status from raw.meetings where id = '{meeting['id']}'") == [("completed",)]


def test_no_other_stream_asks_for_meetings_whose_status_moves(synced: Pipeline) -> None:
    yesterday = (NOW - timedelta(days=1)).isoformat()
    meeting = synced.sandbox.writer.create(
        "activities", {"_type": "Meeting", "lead_id": "lead_1", "starts_at": yesterday, "status": "upcoming"}
    )
    synced.sync()
    # The list of what is new leaves it out.
    synced.sandbox.account.put("activities", {**meeting, "date_created": yesterday})
    synced.sandbox.requests.clear()
    synced.sync()
    asked = [one for one in synced.sandbox.requests if meeting["id"] in f"{one.path}?{one.query} {one.body}"]
    assert {one.path.strip("/").split("/")[1] for one in asked} == {"meeting"}


def test_deleted_rows_are_marked(synced: Pipeline) -> None:
    writer = synced.sandbox.writer
    writer.delete("activities", "acti_Call_300")
    writer.delete("opportunities", "oppo_7")
    writer.delete("tasks", "task_5")
    synced.sync("calls", "opportunities", "tasks")
    assert_complete(synced, "calls", "opportunities", "tasks")
    assert synced.query("select _deleted_at is not null from raw.calls where id = 'acti_Call_300'") == [(True,)]


def test_deleted_lead_takes_its_children_along(synced: Pipeline) -> None:
    synced.sandbox.writer.delete("leads", "lead_5")
    synced.sync("leads", "opportunities", "calls", "lead_status_changes")
    assert_complete(synced, "leads", "opportunities", "calls", "lead_status_changes")
    children = synced.query("select count(*), count(_deleted_at) from raw.calls where lead_id = 'lead_5'")
    assert children == [(4, 4)]


def test_children_of_a_deleted_lead_are_marked_even_if_they_log_no_deletion(synced: Pipeline) -> None:
    account = synced.sandbox.account
    for resource in ("opportunities", "activities", "tasks"):
        for row in list(account[resource].of_lead("lead_6")):
            account.remove(resource, row["id"])
    synced.sandbox.writer.delete("leads", "lead_6")
    synced.sync("leads", "opportunities", "calls", "tasks")
    assert_complete(synced, "leads", "opportunities", "calls", "tasks")


def test_merged_lead_names_its_heir_who_has_its_children(synced: Pipeline) -> None:
    synced.sandbox.writer.merge("lead_8", "lead_9")
    synced.sandbox.writer.merge("lead_9", "lead_10")
    streams = ("leads", "opportunities", "calls", "tasks", "lead_merges")
    synced.sync(*streams)
    assert_complete(synced, *streams)
    merged = synced.query("select id, _merged_into from raw.leads where _merged_into is not null order by id")
    assert merged == [("lead_8", "lead_9"), ("lead_9", "lead_10")]
    assert synced.query("select count(*) from raw.calls where lead_id in ('lead_8', 'lead_9')") == [(0,)]
    assert synced.query("select count(*) from raw.lead_merges") == [(2,)]


def test_row_that_was_created_and_deleted_between_syncs_leaves_no_trace(synced: Pipeline) -> None:
    lead = synced.sandbox.writer.create("leads", {"name": "Short", "status_id": "stat_potential"})
    synced.sandbox.writer.delete("leads", lead["id"])
    synced.sync("leads")
    assert_complete(synced, "leads")


def test_deleted_lead_that_the_search_still_shows_stays_deleted(synced: Pipeline) -> None:
    synced.sandbox.writer.update("leads", "lead_5", {"name": "Edited, then deleted"})
    ghost = dict(synced.sandbox.account["leads"].rows["lead_5"])
    synced.sandbox.writer.delete("leads", "lead_5")
    synced.sync("leads")
    shown = {"__object_type": "lead", **ghost, "status_label": "customer", "display_name": "x", "html_url": "x"}
    body = json.dumps({"data": [shown], "cursor": None, "count": {"limited": 1, "total": 1}})
    synced.sandbox.faults.add(
        "status", "/data/search/", after=1, status=200, body=body, content_type="application/json"
    )
    synced.sync("leads")
    assert not synced.sandbox.faults.pending()
    assert_complete(synced, "leads")


def test_lead_that_the_search_shows_as_it_was_is_read_by_its_id(synced: Pipeline) -> None:
    before = dict(synced.sandbox.account["leads"].rows["lead_5"], date_updated=LAST_EVENT.isoformat())
    synced.sandbox.writer.update("leads", "lead_5", {"custom.cf_source": "Fresh"})
    body = json.dumps({"data": [before], "cursor": None, "count": {"limited": 1, "total": 1}})
    synced.sandbox.faults.add(
        "status", "/data/search/", after=1, status=200, body=body, content_type="application/json"
    )
    synced.sync("leads")
    assert_complete(synced, "leads")


def test_change_that_the_search_does_not_show_yet_arrives(
    small_account: Path, first_load: FirstLoad, clock: None
) -> None:
    with CloseSandbox(small_account, as_of=NOW, rate=0, search_rate=0, search_delay=60) as sandbox:
        lagging = pipeline_from(sandbox, first_load.restored())
        sandbox.writer.update("leads", "lead_5", {"custom.cf_source": "Fresh"})
        sandbox.writer.create("leads", {"name": "New", "status_id": "stat_potential"})
        lagging.sync("leads")
        assert_complete(lagging, "leads")


def test_change_during_the_first_load_arrives_with_the_next_sync(pipeline: Pipeline) -> None:
    writer = pipeline.sandbox.writer
    as_of = pipeline.start()
    writer.update("activities", "acti_Call_500", {"duration": 1})
    writer.delete("activities", "acti_Call_501")
    pipeline.stream("calls", as_of)
    writer.update("activities", "acti_Call_502", {"duration": 3})
    writer.delete("activities", "acti_Call_503")
    pipeline.sync("calls")
    assert_complete(pipeline, "calls")


def test_event_log_that_no_longer_reaches_back_loads_everything_again(synced: Pipeline) -> None:
    account = synced.sandbox.account
    account.remove("activities", "acti_Call_300")
    call = account["activities"].rows["acti_Call_301"]
    account.put("activities", {**call, "duration": 99, "date_updated": NOW.isoformat()})
    account.remove("leads", "lead_20")
    age_events(synced, days=40)
    synced.sandbox.writer.update("leads", "lead_2", {"name": "After the gap"})
    synced.sync("leads", "calls")
    assert_complete(synced, "leads", "calls")
    assert ("calls",) not in synced.query("select stream from sync.loads")


def test_after_a_gap_only_what_differs_is_read_whole(synced: Pipeline) -> None:
    account = synced.sandbox.account
    account.put(
        "activities", {**account["activities"].rows["acti_Call_301"], "duration": 9, "date_updated": NOW.isoformat()}
    )
    age_events(synced, days=40)
    synced.sandbox.writer.update("leads", "lead_2", {"name": "After the gap"})
    as_of = synced.start()
    synced.sandbox.requests.clear()
    counts = synced.stream("calls", as_of)
    assert (counts["updated"], counts["rows"]) == (1, 1)
    asked = [parse_qs(request.query) for request in synced.sandbox.requests]
    walks = [query for query in asked if "id__in" not in query]
    assert all("duration" not in query["_fields"][0] for query in walks if "date_created__gte" not in query)
    assert_complete(synced, "calls")


def test_key_that_sees_far_fewer_leads_is_refused_and_nothing_is_marked_as_deleted(synced: Pipeline) -> None:
    for number in range(0, 150):
        synced.sandbox.account.remove("leads", f"lead_{number}")
    with pytest.raises(CloseVisibilityError, match="sees 80 leads, the lake holds 230"):
        synced.sync()
    pull_month(synced.extraction, NOW.date(), ["leads"])
    assert synced.query("select count(*) from raw.leads where _deleted_at is null") == [(230,)]


@pytest.mark.parametrize(
    ("missing", "known", "expected"),
    [
        (0, 0, True),
        (0, 1, True),
        (1, 1, False),
        (1, 2, True),
        (2, 3, False),
        (2, 10, True),
        (3, 10, False),
        (18, 18, False),
        (18, 120, False),
        (6, 120, True),
        (1_000, 1_000_000, True),
        (1_001, 1_000_000, False),
    ],
)
def test_how_many_rows_can_have_been_deleted_unseen(missing: int, known: int, *, expected: bool) -> None:
    assert is_plausible(missing, known) == expected


def test_gap_in_the_event_log_lets_no_stream_lose_more_rows_than_is_plausible(synced: Pipeline) -> None:
    for number in range(40):
        synced.sandbox.account.remove("opportunities", f"oppo_{number}")
    synced.sandbox.account.remove("tasks", "task_3")
    age_events(synced, days=40)
    synced.sandbox.writer.update("leads", "lead_2", {"name": "After the gap"})
    as_of = synced.start()
    with pytest.raises(CloseVisibilityError, match=r"40 are missing .*Nothing was marked .*accept_missing"):
        synced.stream("opportunities", as_of)
    assert synced.query("select count(*) from raw.opportunities where _deleted_at is not null") == [(0,)]
    # What is missing is held against Close again, not read anew.
    with pytest.raises(CloseVisibilityError, match="40 are missing"):
        synced.stream("opportunities", as_of)
    assert synced.stream("tasks", as_of)["deleted"] == 1
    sync_streams(synced.extraction, as_of, ["opportunities"], accepts_missing=True)
    assert_complete(synced, "opportunities", "tasks")


def test_rows_are_not_compared_with_what_another_user_sees(synced: Pipeline) -> None:
    synced.start()
    age_events(synced, days=40)
    synced.sandbox.writer.update("leads", "lead_2", {"name": "After the gap"})
    with synced.lake() as con:
        con.execute("update sync.reader set user_id = 'user_admin'")
    with pytest.raises(CloseVisibilityError, match="the last sync read as user user_admin"):
        synced.start()
    assert synced.query("select count(*) from sync.loads") == [(0,)]
    start_sync(synced.extraction, accepts_missing=True)
    assert synced.query("select count(*) > 0 from sync.loads") == [(True,)]


def test_fewer_leads_can_be_accepted(synced: Pipeline) -> None:
    for number in range(0, 150):
        synced.sandbox.account.remove("leads", f"lead_{number}")
    as_of = start_sync(synced.extraction, accepts_missing=True)
    sync_streams(synced.extraction, as_of, ["leads"], accepts_missing=True)
    assert_complete(synced, "leads")


def test_leads_deleted_in_bulk_are_no_lost_rights(synced: Pipeline) -> None:
    for number in range(0, 60):
        synced.sandbox.writer.delete("leads", f"lead_{number}")
    synced.sync("leads")
    assert_complete(synced, "leads")


def test_quiet_month_is_no_gap(synced: Pipeline) -> None:
    with synced.lake() as con:
        con.execute("update sync.event_log set event_at = event_at - interval 30 day")
    age_events(synced, days=31)
    synced.start()
    assert synced.query("select count(*) from sync.loads") == [(0,)]


def age_events(pipeline: Pipeline, days: int) -> None:
    """Move all events into the past, as if the account had been quiet since."""
    for event in list(pipeline.sandbox.account["events"]):
        at = (datetime.fromisoformat(event["date_updated"]) - timedelta(days=days)).isoformat()
        pipeline.sandbox.writer.recorder.log.put({**event, "date_updated": at, "date_created": at})


def test_stage_that_moves_to_another_pipeline_takes_its_opportunities_along(synced: Pipeline) -> None:
    statuses = [{"id": f"stat_{kind}", "label": kind, "type": kind} for kind in ("active", "lost", "won")]
    synced.sandbox.writer.update("pipelines", "pipe_sales", {"statuses": statuses[:2]})
    synced.sandbox.writer.update("pipelines", "pipe_upsell", {"statuses": statuses[2:]})
    synced.sync("opportunities")
    assert_complete(synced, "opportunities")
    assert ("pipe_upsell",) in synced.query("select distinct pipeline_id from raw.opportunities")


def test_history_start_bounds_heavy_streams_by_the_oldest_deal_won_since(pipeline: Pipeline) -> None:
    pipeline.begin_history(date(2026, 1, 1))
    pipeline.sync("opportunities", "meetings", "calls")
    assert_complete(pipeline, "opportunities", "meetings")
    oldest_deal = pipeline.query(
        "select min(date_created) from raw.opportunities where status_type = 'won' and date_won >= '2026-01-01'"
    )[0][0]
    first_call = pipeline.query("select min(date_created) from raw.calls")[0][0]
    assert oldest_deal - timedelta(days=70) < first_call < oldest_deal


def test_deal_that_is_won_late_brings_the_calls_since_its_creation(pipeline: Pipeline) -> None:
    pipeline.begin_history(date(2026, 1, 1))
    pipeline.sync("calls")
    pipeline.sandbox.writer.update("opportunities", "oppo_30", {"status_id": "stat_won", "date_won": "2026-06-14"})
    pipeline.sync("calls")
    created = pipeline.sandbox.account["opportunities"].rows["oppo_30"]["date_created"]
    assert pipeline.query(f"select min(date_created) < '{created}' from raw.calls") == [(True,)]
    pipeline.begin_history(date(1999, 1, 1))
    pipeline.sync("calls")
    assert_complete(pipeline, "calls")


def test_month_is_pulled_again_and_finds_what_no_event_told(synced: Pipeline) -> None:
    account = synced.sandbox.account
    call = account["activities"].rows["acti_Call_301"]
    account.put("activities", {**call, "duration": 5, "date_updated": NOW.isoformat()})
    pull_month(synced.extraction, datetime.fromisoformat(call["date_created"]).date(), ["calls"])
    assert_complete(synced, "calls")


def test_row_that_a_month_no_longer_shows_stays_and_is_counted(
    synced: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    unseen = {"acti_Call_300": "calls", "oppo_100": "opportunities", "lead_100": "leads"}
    for row_id, stream in unseen.items():
        [(at,)] = synced.query(f"select date_created from raw.{stream} where id = '{row_id}'")
        synced.sandbox.account.remove("activities" if stream == "calls" else stream, row_id)
        [counts] = pull_month(synced.extraction, at.date(), [stream])
        assert (counts["deleted"], counts["no_longer_visible"]) == (0, 1)
        assert f"no longer visible to the API key ({row_id})" in caplog.text
        assert synced.query(f"select _deleted_at from raw.{stream} where id = '{row_id}'") == [(None,)]


def test_an_optional_stream_is_loaded_whole_once_it_is_asked_for(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a state is complete, though its rows change; with it they are there, also those of before."""
    quiet = replace(pipeline, extraction=replace(pipeline.extraction, streams=stream_names(())))
    quiet.sync()
    complete_sync(quiet.extraction)
    note = quiet.sandbox.writer.create("activities", {"_type": "Note", "lead_id": "lead_1"})
    complete_sync(quiet.extraction)
    assert not any("/activity/note/" in request.path for request in quiet.sandbox.requests)
    assert quiet.query("select count(*) from raw.notes") == [(0,)]

    wanted = replace(quiet, extraction=replace(quiet.extraction, streams=stream_names(["notes"])))
    wanted.sync()
    as_of = complete_sync(wanted.extraction)
    assert (note["id"],) in wanted.query("select id from raw.notes")
    with wanted.lake() as con:
        assert_equal_to_account(con, wanted.sandbox, ["notes"])
    monkeypatch.setenv("CLOSE_KPIS_AS_OF", (NOW + timedelta(days=1)).date().isoformat())
    quiet.sync()
    assert complete_sync(quiet.extraction) > as_of, "a stream that is no longer read does not hold the others back"


def test_contacts_have_the_fields_that_are_asked_for_and_no_others(
    synced: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Further fields are read of all contacts once they are asked for; what is no longer asked for is emptied."""
    days, writer = itertools.count(1), synced.sandbox.writer

    def searches(*fields: str) -> int:
        monkeypatch.setenv("CLOSE_KPIS_AS_OF", (NOW + timedelta(days=next(days))).date().isoformat())
        before = len(synced.sandbox.requests)
        pipeline = replace(synced, extraction=replace(synced.extraction, contact_fields=fields))
        pipeline.sync()
        complete_sync(pipeline.extraction)
        expected = account_rows(synced.sandbox, contacts(fields))
        with synced.lake() as con:
            assert lake_rows(con, "contacts") == expected
        return sum("/search/" in request.path for request in list(synced.sandbox.requests)[before:])

    writer.update("contacts", "cont_1", {"custom.cf_1": "yes"})
    gone = writer.create("contacts", {"lead_id": "lead_1", "name": "Gone", "emails": [{"email": "g@example.com"}]})
    usual = searches("name", "title")
    assert searches("title", "emails", "custom") > usual
    assert synced.query("select further_fields->'custom'->>'cf_1' from raw.contacts where id = 'cont_1'") == [("yes",)]
    writer.delete("contacts", gone["id"])
    assert searches("emails", "custom", "title") == usual, "the same fields in another order are no change"
    searches()
    searches("name")
    assert synced.query("select name, further_fields from raw.contacts where _deleted_at is not null") == [(None, None)]


def test_row_that_is_deleted_before_its_month_is_pulled_is_marked(synced: Pipeline) -> None:
    [(at,)] = synced.query("select date_created from raw.leads where id = 'lead_100'")
    synced.sandbox.writer.delete("leads", "lead_100")
    pull_month(synced.extraction, at.date(), ["leads"])
    assert_complete(synced)


def test_wins_of_a_month_are_asked_for_by_its_days(synced: Pipeline) -> None:
    synced.sandbox.requests.clear()
    pull_month(synced.extraction, date(2025, 12, 1), ["opportunities"])
    asked = [parse_qs(one.query) for one in synced.sandbox.requests if "date_won__gte" in one.query]
    assert asked
    for one in asked:
        assert (one["date_won__gte"], one["date_won__lt"]) == (["2025-12-01"], ["2026-01-01"])


def test_month_that_is_pulled_twice_changes_no_row(synced: Pipeline) -> None:
    snapshot = newest_snapshot(synced)
    for stream in ("leads", "opportunities", "calls", "tasks"):
        pull_month(synced.extraction, date(2025, 3, 1), [stream])
    assert raw_changes_since(synced, snapshot) == {}


def test_stream_that_was_never_loaded_is_loaded_before_its_month_is_pulled(pipeline: Pipeline) -> None:
    pull_month(pipeline.extraction, date(2025, 3, 1), ["calls"])
    assert_complete(pipeline, "calls")


def test_user_whom_no_member_list_names_is_asked_for_once(synced: Pipeline) -> None:
    synced.sandbox.writer.update("activities", "acti_Call_200", {"user_id": "user_nobody"})
    synced.sync("calls")
    found = synced.query("select is_active, _deleted_at is not null from raw.users where id = 'user_nobody'")
    assert found == [(False, True)]
    synced.sync("calls")
    assert synced.sandbox.requests.count("/user/user_nobody/") == 1


def test_refused_key_fails_at_once(synced: Pipeline) -> None:
    synced.sandbox.faults.add("unauthorized", count=None)
    with pytest.raises(CloseAuthError, match="valid API key") as caught:
        synced.start()
    assert synced.sandbox.api_key not in str(caught.value)
    assert len(synced.sandbox.requests) == 1


def test_trouble_on_the_way_changes_nothing_in_the_result(pipeline: Pipeline) -> None:
    faults = pipeline.sandbox.faults
    for path in ("/activity/call/", "/data/search/", "/event/"):
        faults.add("status", path, status=502)
        faults.add("truncate", path)
        faults.add("cut", path)
        faults.add("reset", path)
        faults.add("rate_limit", path, seconds=0.1)
    pipeline.sync("leads", "calls")
    assert not faults.pending()
    assert_complete(pipeline, "leads", "calls")


def test_another_organisation_is_refused(synced: Pipeline) -> None:
    account = synced.sandbox.account
    account.organization["id"] = "orga_other"
    for status in list(account["lead_statuses"]):
        account.put("lead_statuses", {**status, "organization_id": "orga_other"})
    with pytest.raises(WrongAccountError, match="orga_other"):
        synced.start()


def test_ignored_window_filter_is_an_error(synced: Pipeline) -> None:
    body = '{"has_more": false, "data": [{"id": "acti_x", "date_created": "2001-01-01T00:00:00+00:00"}]}'
    synced.sandbox.faults.add("status", "/activity/call/", status=200, body=body, content_type="application/json")
    with pytest.raises(CloseFilterIgnoredError, match="the filter was ignored"):
        synced.sync("calls")


@pytest.mark.parametrize("status", [402, 403])
def test_what_the_plan_does_not_offer_stays_empty_until_it_does(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    hidden = {"/activity/custom/*": status, "/custom_activity/": status, "/custom_field/shared/": status}
    pipeline.sandbox.config.turn(not_offered=hidden)
    pipeline.sync()
    complete_sync(pipeline.extraction)
    assert "custom_activities stay as they are: GET /activity/custom/" in caplog.text
    assert "custom_fields stay as they are: GET /custom_field/shared/" in caplog.text
    assert pipeline.query("select count(*) from raw.custom_activities") == [(0,)]
    pipeline.sandbox.config.turn(not_offered={})
    pipeline.sync()
    assert_complete(pipeline)
    assert pipeline.query("select count(*) from raw.custom_fields where is_shared") == [(1,)]
    pipeline.sandbox.config.turn(not_offered=hidden)
    pipeline.sync()
    pull_month(pipeline.extraction, NOW.date())
    pipeline.sandbox.config.turn(not_offered={})
    assert_complete(pipeline)
    assert pipeline.query("select count(*) from raw.custom_fields where _deleted_at is not null") == [(0,)]


def test_leads_that_are_not_offered_are_an_error(pipeline: Pipeline) -> None:
    as_of = pipeline.start()
    pipeline.sandbox.config.turn(not_offered={"/data/search/": 403})
    with pytest.raises(CloseUnavailableError, match="role Admin"):
        pipeline.stream("leads", as_of)


def test_former_user_who_may_not_be_read_is_left_unnamed(synced: Pipeline) -> None:
    synced.sandbox.writer.update("activities", "acti_Call_200", {"user_id": "user_nobody"})
    synced.sandbox.config.turn(not_offered={"/user/user_nobody/": 403})
    synced.sync("calls")
    assert synced.query("select is_active from raw.users where id = 'user_nobody'") == [(False,)]


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+00:00", "0026-05-03T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"]
)
def test_mistyped_dates_stop_no_stream(synced: Pipeline, at: str) -> None:
    account = synced.sandbox.account
    call = account["activities"].rows["acti_Call_300"]
    synced.sandbox.writer.update("activities", "acti_Call_300", {"activity_at": at})
    synced.sandbox.writer.create("activities", {**call, "id": "acti_Odd", "date_created": at})
    synced.sandbox.writer.create("leads", {"name": "Odd", "date_created": at})
    synced.sandbox.writer.update("opportunities", "oppo_1", {"date_won": at[:10], "date_lost": at})
    synced.sync()
    assert_complete(synced)
    pull_month(synced.extraction, NOW.date())
    age_events(synced, days=40)
    synced.sandbox.writer.update("leads", "lead_2", {"name": "After the gap"})
    synced.sync()
    assert_complete(synced)


def test_key_of_a_restricted_user_deletes_nothing(synced: Pipeline) -> None:
    synced.sandbox.account.put("users", {"id": "user_junior", "first_name": "Jo", "email": "jo@example.com"})
    synced.sandbox.config.turn(restricted_keys={"api_restricted": "user_junior"})
    seen_by_all = synced.query("select count(*) from raw.leads where _deleted_at is null")
    restricted = replace(synced.extraction, close=replace(synced.extraction.close, api_key="api_restricted"))
    with pytest.raises(CloseVisibilityError, match="Nothing was changed"):
        start_sync(restricted)
    [counts] = pull_month(restricted, date(2025, 3, 1), ["leads"])
    assert counts["no_longer_visible"] > 0
    assert synced.query("select count(*) from raw.leads where _deleted_at is null") == seen_by_all
