"""What each list can be filtered by, and what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.close_api.small_account import ACCOUNT

if TYPE_CHECKING:
    import httpx


def ids(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["data"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["oppo_c", "oppo_b", "oppo_a"]),
        ("lead_id=lead_b", ["oppo_c", "oppo_b"]),
        ("status_type=won", ["oppo_b"]),
        ("status_type__in=won,lost", ["oppo_c", "oppo_b"]),
        ("status_id__in=stat_open", ["oppo_a"]),
        ("status_label=Lost", ["oppo_c"]),
        ("status=Won", ["oppo_b"]),
        ("user_id=user_gone", ["oppo_b"]),
        ("value_period=monthly", ["oppo_a"]),
        ("date_created__gte=2026-03-02T00:00:00%2B00:00", ["oppo_c", "oppo_b"]),
        ("date_created__gt=2026-03-02T00:00:00%2B00:00", ["oppo_c"]),
        ("date_created__lt=2026-03-02", ["oppo_a"]),
        ("date_created=2026-03-02", ["oppo_b"]),
        ("date_updated__gte=2026-04-02&date_updated__lte=2026-04-30", ["oppo_b"]),
        ("date_won__gte=2026-04-02&date_won__lt=2026-09-01", ["oppo_b"]),
        ("date_won=2026-09-01", ["oppo_a"]),
        ("_order_by=date_created", ["oppo_a", "oppo_b", "oppo_c"]),
        ("_order_by=-date_updated", ["oppo_a", "oppo_b", "oppo_c"]),
        ("_order_by=value", ["oppo_a", "oppo_b", "oppo_c"]),
        ("_order_by=-annualized_value", ["oppo_b", "oppo_a", "oppo_c"]),
    ],
)
def test_opportunity_filters(reader, query, found):
    assert ids(reader.get(f"/opportunity/?{query}")) == found


def test_opportunity_totals_cover_all_matches_not_the_page(reader):
    reply = reader.get("/opportunity/?_limit=1").json()
    assert len(reply["data"]) == 1
    assert reply["total_results"] == 3
    assert reply["count_by_value_period"] == {"monthly": 1, "one_time": 2}
    assert reply["total_value_annualized"] == 300000 + 12 * 5000
    assert reply["expected_value_annualized"] == 225000 + 30000
    assert reply["total_value_annual_formatted"] is None
    assert reply["total_value_one_time_formatted"] == "$3,000"


def test_date_alone_is_read_in_the_offset_of_the_request(reader):
    query = "/opportunity/?date_created__gte=2026-03-03"
    assert ids(reader.get(query)) == ["oppo_c"]
    assert ids(reader.get(query, headers={"x-tz-offset": "2.5"})) == ["oppo_c"]
    assert ids(reader.get(query, headers={"x-tz-offset": "-4"})) == []


def test_bound_that_is_no_time_is_refused(reader):
    assert reader.get("/opportunity/?date_created__gte=soon").status_code == 400


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/activity/", "", ["acti_change", "acti_meeting", "acti_email", "acti_call"]),
        ("/activity/", "lead_id=lead_a", ["acti_email", "acti_call"]),
        ("/activity/", "id__in=acti_call,acti_change,acti_none", ["acti_change", "acti_call"]),
        ("/activity/", "date_created__gte=2026-03-06&date_created__lt=2026-03-08", ["acti_meeting", "acti_email"]),
        ("/activity/", "lead_id=lead_a&_type=Call", ["acti_call"]),
        ("/activity/", "lead_id=lead_a&user_id__in=user_bob", ["acti_email"]),
        ("/activity/", "lead_id=lead_b&_order_by=-activity_at", ["acti_meeting", "acti_change"]),
        (
            "/activity/",
            "lead_id=lead_b&_order_by=-activity_at&activity_at__gte=2026-06-01",
            ["acti_meeting"],
        ),
        ("/activity/call/", "user_id=user_ada", ["acti_call"]),
        ("/activity/call/", "user_id=user_bob", []),
        ("/activity/call/", "id__in=acti_email", []),
        ("/activity/status_change/lead/", "", ["acti_change"]),
        ("/activity/meeting/", "date_created__lte=2026-03-07T09:00:00Z", ["acti_meeting"]),
        ("/activity/custom/", "", []),
    ],
)
def test_activity_filters(reader, path, query, found):
    assert ids(reader.get(f"{path}?{query}")) == found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/activity/", "user_id=user_ada"),
        ("/activity/", "_type=Call"),
        ("/activity/", "_type__in=Call,Email"),
        ("/activity/", "contact_id__in=cont_a"),
        ("/activity/", "user_id=user_ada&lead_id=lead_a&lead_id=lead_b"),
        ("/activity/", "_order_by=-activity_at"),
        ("/activity/call/", "activity_at__gte=2026-01-01"),
        ("/activity/call/", "lead_id=lead_a&activity_at__gte=2026-01-01"),
        ("/activity/custom/", "custom_activity_type_id=actitype_demo"),
    ],
)
def test_activity_filters_that_need_one_lead_are_refused_without(reader, path, query):
    reply = reader.get(f"{path}?{query}")
    assert reply.status_code == 400
    assert "error" in reply.json()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["task_done", "task_open"]),
        ("_type=all", ["noti_missed", "task_done", "task_open"]),
        ("_type__in=missed_call", ["noti_missed"]),
        ("is_complete=false", ["task_open"]),
        ("is_complete=true", ["task_done"]),
        ("assigned_to=user_ada", ["task_open"]),
        ("id__in=task_done", ["task_done"]),
        ("date__lt=2026-06-15", ["task_done"]),
        ("date_created__gte=2026-06-02", ["task_done"]),
        ("_order_by=date", ["task_done", "task_open"]),
        ("_order_by=date_created", ["task_open", "task_done"]),
    ],
)
def test_task_filters(reader, query, found):
    assert ids(reader.get(f"/task/?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('date_updated>="2026-02-01T00:00" sort:updated', ["lead_b"]),
        ("created < 2026-02-01 sort:-created", ["lead_a"]),
        ("sort:created", ["lead_a", "lead_b"]),
        ("alpha sort:created", ["lead_a"]),
        ("id:lead_b", ["lead_b"]),
        ('status:"Customer" sort:created', ["lead_b"]),
        ("lead_status:Customer alpha", []),
    ],
)
def test_legacy_lead_query(reader, query, found):
    assert ids(reader.get("/lead/", params={"query": query})) == found


@pytest.mark.parametrize("query", ["calls > 3", 'custom.cf_x:"Ads" sort:created', "email:ada@example.com"])
def test_a_term_of_the_lead_query_that_is_not_understood_is_refused(reader, query):
    reply = reader.get("/lead/", params={"query": query})
    assert reply.status_code == 400
    assert query.split(maxsplit=1)[0] in reply.json()["error"]


def test_slices_of_the_lead_query_are_disjoint_and_complete(reader):
    parts = [ids(reader.get("/lead/", params={"query": f"slice:{n}/3 sort:created"})) for n in range(3)]
    assert sorted(row_id for part in parts for row_id in part) == ["lead_a", "lead_b"]


def test_contacts_of_leads_are_a_resource_of_their_own(reader):
    assert ids(reader.get("/contact/?lead_id=lead_a")) == ["cont_a"]
    assert reader.get("/contact/cont_a/").json()["lead_id"] == "lead_a"


def test_long_query_goes_as_overridden_post(reader):
    reply = reader.post(
        "/activity/",
        headers={"x-http-method-override": "GET"},
        json={"_params": {"id__in": "acti_call,acti_email", "_limit": 1}},
    )
    assert ids(reply) == ["acti_email"]
    assert reply.json()["has_more"] is True


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ("", {"Email", "Call"}),
        ("?thread_emails=true", {"Email", "Call", "EmailThread"}),
        ("?thread_emails=only", {"Call", "EmailThread"}),
    ],
)
def test_all_activities_have_threads_only_if_asked(serve, connect, asked, kinds):
    rows = [{"id": f"acti_{kind}", "_type": kind, "lead_id": "lead_a"} for kind in ("Email", "EmailThread", "Call")]
    client = connect(serve({**ACCOUNT, "activities": rows}, rate=0))
    assert {row["_type"] for row in client.get(f"/activity/{asked}").json()["data"]} == kinds
    assert len(client.get("/activity/emailthread/").json()["data"]) == 1
