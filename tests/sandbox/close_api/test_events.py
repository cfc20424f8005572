"""The event log: what is asked of it, and what it says about each change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.close_api.small_account import NOW

if TYPE_CHECKING:
    import httpx


def events(client: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    reply = client.get("/event/", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()["data"]


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["object_type"], event["action"]) for event in found]


def logged(count: int, **fields: Any) -> list[dict[str, Any]]:
    """Return events a second apart, oldest first, the last one at NOW."""
    return [
        {
            "id": f"ev_{place:03d}",
            "object_type": "lead",
            "action": "updated",
            "object_id": f"lead_{place:03d}",
            "lead_id": f"lead_{place:03d}",
            "date_updated": (NOW - timedelta(seconds=count - 1 - place)).replace(tzinfo=None).isoformat(),
            **fields,
        }
        for place in range(count)
    ]


def walk(client: httpx.Client, **params: Any) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get("/event/", params={**params, **({"_cursor": cursor} if cursor else {})}).json()
        seen += [event["id"] for event in page["data"]]
        cursor = page["cursor_next"]
        if cursor is None:
            return seen


def test_newest_event_comes_first_fifty_a_page(serve, connect):
    client = connect(serve({"events": logged(120)}))
    page = client.get("/event/").json()
    assert [event["id"] for event in page["data"]] == [f"ev_{n:03d}" for n in range(119, 69, -1)]
    assert page["cursor_previous"] is None
    assert page["data"][0]["date_updated"] == "2026-06-15T12:00:00"


@pytest.mark.parametrize("newest_first", [True, False])
def test_cursor_walks_the_log_to_its_end_whichever_way_the_file_is(serve, connect, newest_first):
    rows = logged(120)
    client = connect(serve({"events": rows[::-1] if newest_first else rows}))
    assert walk(client) == [f"ev_{n:03d}" for n in range(119, -1, -1)]


def test_cursor_pages_back_towards_newer(serve, connect):
    client = connect(serve({"events": logged(30)}))
    first = client.get("/event/?_limit=10").json()
    second = client.get("/event/", params={"_limit": 10, "_cursor": first["cursor_next"]}).json()
    back = client.get("/event/", params={"_limit": 10, "_cursor": second["cursor_previous"]}).json()
    assert back["data"] == first["data"]
    assert back["cursor_previous"] is None


def test_cursor_carries_the_time_window(serve, connect):
    client = connect(serve({"events": logged(30)}))
    window = {"date_updated__gte": "2026-06-15T11:59:40", "date_updated__lt": "2026-06-15T11:59:55"}
    page = client.get("/event/", params={"_limit": 10, **window}).json()
    rest = client.get("/event/", params={"_limit": 10, "_cursor": page["cursor_next"]}).json()
    assert [event["id"] for event in page["data"] + rest["data"]] == [f"ev_{n:03d}" for n in range(23, 8, -1)]
    assert rest["cursor_next"] is None


def test_events_of_one_millisecond_keep_their_order(serve, connect):
    rows = [row | {"date_updated": "2026-06-15T11:00:00.123000"} for row in logged(60)]
    assert walk(connect(serve({"events": rows})), _limit=7) == [f"ev_{n:03d}" for n in range(59, -1, -1)]


def test_new_events_do_not_disturb_a_walk(serve, connect):
    sandbox = serve({"events": logged(60)})
    client = connect(sandbox)
    page = client.get("/event/").json()
    sandbox.writer.create("leads", {"name": "New"})
    rest = client.get("/event/", params={"_cursor": page["cursor_next"]}).json()
    assert [event["id"] for event in rest["data"]] == [f"ev_{n:03d}" for n in range(9, -1, -1)]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ("object_type=lead&action=deleted", 200),
        ("object_type=lead&object_id=lead_a", 200),
        ("lead_id=lead_a&object_type=lead&action=updated", 200),
        ("user_id=user_ada&object_id=lead_a&action=updated", 200),
        ("request_id=req_1", 200),
        ("object_type=lead&action=deleted&date_updated__gte=2026-06-01", 200),
        ("object_type=lead", 400),
        ("action=deleted", 400),
        ("object_id=lead_a", 400),
        ("lead_id=lead_a&action=deleted", 400),
        ("request_id=req_1&user_id=user_ada", 400),
        ("object_type=lead&object_id=lead_a&action=deleted", 400),
    ],
)
def test_only_some_sets_of_filters_are_allowed(reader, params, status):
    assert reader.get(f"/event/?{params}").status_code == status


def test_cursor_that_is_none_is_refused(reader):
    assert reader.get("/event/?_cursor=x").status_code == 400


def test_events_older_than_thirty_days_are_gone(serve, connect):
    rows = logged(3)
    rows[0]["date_updated"] = (NOW - timedelta(days=31)).replace(tzinfo=None).isoformat()
    sandbox = serve({"events": rows})
    client = connect(sandbox)
    assert walk(client) == ["ev_002", "ev_001"]
    assert client.get("/event/ev_000/").status_code == 404
    assert client.get("/event/ev_001/").json()["object_id"] == "lead_001"
    sandbox.clock.advance(30 * 86400)
    assert walk(client) == []


def test_creation_is_logged_with_the_whole_object(sandbox, client):
    made = sandbox.writer.create("leads", {"name": "Gamma", "custom.cf_source": "Web"}, by="user_bob")
    created_activity, created = events(client)
    assert (created["object_type"], created["action"]) == ("lead", "created")
    assert created["object_id"] == created["lead_id"] == made["id"]
    assert (created["user_id"], created["previous_data"], created["changed_fields"]) == ("user_bob", {}, [])
    assert created["data"]["custom.cf_source"] == "Web"
    assert created["data"]["contact_ids"] == []
    assert not {"contacts", "opportunities", "tasks", "html_url"} & set(created["data"])
    assert "+" not in created["date_updated"]
    assert created_activity["object_type"] == "activity.created"


def test_update_is_logged_with_the_changed_fields_only(sandbox, client):
    sandbox.writer.update("opportunities", "oppo_a", {"value": 10000})
    (event,) = events(client)
    assert event["changed_fields"] == [
        "annualized_expected_value",
        "annualized_value",
        "date_updated",
        "expected_value",
        "updated_by",
        "updated_by_name",
        "value",
        "value_formatted",
    ]
    assert event["previous_data"]["value"] == 5000
    assert set(event["previous_data"]) <= set(event["changed_fields"])
    assert event["data"]["value"] == 10000


def test_change_that_changes_nothing_is_not_logged(sandbox, client):
    sandbox.writer.update("opportunities", "oppo_a", {"value": 5000})
    assert events(client) == []
    assert client.get("/opportunity/oppo_a/").json()["date_updated"] == "2026-05-01T00:00:00+00:00"


def test_quick_updates_by_one_user_are_one_event(sandbox, client):
    writer = sandbox.writer
    writer.update("opportunities", "oppo_a", {"value": 1}, by="user_ada")
    (first,) = events(client)
    writer.update("opportunities", "oppo_a", {"note": "x"}, by="user_ada", at=NOW + timedelta(seconds=30))
    (folded,) = events(client)
    assert (folded["id"], folded["date_created"]) == (first["id"], first["date_created"])
    assert folded["date_updated"] > first["date_updated"]
    assert {"value", "note"} <= set(folded["changed_fields"])
    assert folded["previous_data"]["value"] == 5000
    assert folded["data"]["note"] == "x"


def test_updates_by_others_or_later_stay_apart(sandbox, client):
    writer = sandbox.writer
    writer.update("opportunities", "oppo_a", {"value": 1}, by="user_ada")
    writer.update("opportunities", "oppo_a", {"value": 2}, by="user_bob")
    writer.update("opportunities", "oppo_a", {"value": 3}, by="user_bob", at=NOW + timedelta(hours=1))
    assert len(events(client)) == 3


def test_deletion_shows_the_last_state_and_no_data(sandbox, client):
    sandbox.writer.delete("opportunities", "oppo_a")
    (event,) = events(client)
    assert (event["action"], event["data"]) == ("deleted", {})
    assert event["previous_data"]["value"] == 5000
    assert client.get("/opportunity/oppo_a/").status_code == 404


def test_lead_deletion_takes_its_children_in_one_request(sandbox, client):
    sandbox.writer.delete("leads", "lead_a")
    found = events(client, lead_id="lead_a")
    assert kinds(found) == [
        ("lead", "deleted"),
        ("opportunity", "deleted"),
        ("task.missed_call", "deleted"),
        ("task.lead", "deleted"),
        ("task.lead", "deleted"),
        ("activity.email", "deleted"),
        ("activity.call", "deleted"),
        ("contact", "deleted"),
    ]
    assert len({event["request_id"] for event in found}) == 1
    assert client.get("/activity/?lead_id=lead_a").json()["data"] == []
    assert client.get("/lead/lead_a/").status_code == 404


def test_merge_moves_the_children_and_tells_every_one(sandbox, client):
    reply = client.post("/lead/merge/", json={"source": "lead_a", "destination": "lead_b"})
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
    found = events(client)
    meta = {"merge_source_lead_id": "lead_a", "merge_destination_lead_id": "lead_b"}
    assert {tuple(event["meta"].items()) for event in found} == {tuple(meta.items())}
    assert len({event["request_id"] for event in found}) == 1
    by_kind = {(event["object_type"], event["action"]): event for event in found}
    merged = by_kind["lead", "merged"]
    assert merged["object_id"] == merged["lead_id"] == merged["data"]["id"] == "lead_b"
    assert by_kind["lead", "deleted"]["object_id"] == "lead_a"
    assert "contact_ids" in by_kind["lead", "updated"]["changed_fields"]
    moved = by_kind["opportunity", "updated"]
    assert (moved["lead_id"], moved["previous_data"]["lead_id"]) == ("lead_b", "lead_a")
    assert {"lead_id", "date_updated"} <= set(moved["changed_fields"])
    assert ("opportunity", "deleted") not in by_kind

    assert client.get("/lead/lead_a/").status_code == 404
    children = client.get("/opportunity/?lead_id=lead_b").json()["data"]
    assert {row["id"] for row in children} == {"oppo_a", "oppo_b", "oppo_c"}
    (log,) = client.get("/activity/lead_merge/").json()["data"]
    assert (log["source_lead_id"], log["destination_lead_id"]) == ("lead_a", "lead_b")
    assert (log["source_display_name"], log["lead_id"], log["merge_status"]) == ("Alpha", "lead_b", "completed")


@pytest.mark.parametrize(
    ("source", "destination", "status", "errors"),
    [
        ("lead_x", "lead_b", 404, ["Source lead does not exist."]),
        ("lead_a", "lead_x", 404, ["Destination lead does not exist."]),
        ("lead_a", "lead_a", 400, ["A lead cannot be merged into itself."]),
    ],
)
def test_merge_of_unknown_leads_is_refused(client, source, destination, status, errors):
    reply = client.post("/lead/merge/", json={"source": source, "destination": destination})
    assert (reply.status_code, reply.json()) == (status, {"errors": errors})
