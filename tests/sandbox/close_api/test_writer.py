"""Changes through the writer and through the API, with what Close does by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.close_api import ApiError
from tests.sandbox.close_api.small_account import NOW

if TYPE_CHECKING:
    import httpx


def rows(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    return client.get(path).json()["data"]


def test_new_lead_status_leaves_a_status_change(sandbox, client):
    sandbox.writer.update("leads", "lead_a", {"status_id": "stat_trial"}, by="user_bob")
    change = rows(client, "/activity/status_change/lead/?lead_id=lead_a")[0]
    assert (change["old_status_id"], change["new_status_id"]) == ("stat_potential", "stat_trial")
    assert (change["old_status_label"], change["new_status_label"]) == ("Potential", "Trial")
    assert (change["user_id"], change["lead_id"]) == ("user_bob", "lead_a")
    lead = client.get("/lead/lead_a/").json()
    assert (lead["status_label"], lead["date_updated"]) == ("Trial", change["date_created"])
    order = [(event["object_type"], event["action"]) for event in rows(client, "/event/")]
    assert order == [("lead", "updated"), ("activity.lead_status_change", "created")]


def test_quick_status_changes_are_one_row_where_consolidated(serve, connect):
    sandbox = serve(status_consolidation=10)
    client = connect(sandbox)
    for seconds, status in ((0, "stat_trial"), (5, "stat_customer")):
        sandbox.writer.update("leads", "lead_a", {"status_id": status}, at=NOW + timedelta(seconds=seconds))
    (change,) = rows(client, "/activity/status_change/lead/?lead_id=lead_a")
    assert (change["old_status_id"], change["new_status_id"]) == ("stat_potential", "stat_customer")
    assert change["activity_at"] == "2026-06-15T12:00:00+00:00"
    assert change["date_created"] == "2026-06-15T12:00:05+00:00"


def test_winning_a_deal_fills_today_and_leaves_a_status_change(sandbox, client):
    sandbox.writer.update("opportunities", "oppo_a", {"status_id": "stat_won"})
    row = client.get("/opportunity/oppo_a/").json()
    assert (row["status_type"], row["date_won"]) == ("won", "2026-06-15")
    (change,) = rows(client, "/activity/status_change/opportunity/")
    assert (change["opportunity_id"], change["old_status_type"], change["new_status_type"]) == (
        "oppo_a",
        "active",
        "won",
    )
    assert (change["opportunity_value"], change["opportunity_value_formatted"]) == (5000, "$50 monthly")
    assert change["opportunity_date_won"] == "2026-06-15T00:00:00+00:00"
    assert change["new_pipeline_name"] == "Sales"


def test_given_date_of_winning_is_kept(sandbox):
    row = sandbox.writer.update("opportunities", "oppo_a", {"status_id": "stat_won", "date_won": "2026-05-31"})
    assert row["date_won"] == "2026-05-31"


def test_today_is_that_of_the_request(serve, connect):
    sandbox = serve(as_of="2026-06-15T23:30:00+00:00")
    client = connect(sandbox)
    body = {"status_id": "stat_won"}
    reply = client.put("/opportunity/oppo_a/", json=body, headers={"x-tz-offset": "2"})
    assert reply.json()["date_won"] == "2026-06-16"
    assert sandbox.writer.update("opportunities", "oppo_c", body, tz_offset=-4)["date_won"] == "2026-06-15"


def test_losing_a_deal_dates_it_and_reopening_keeps_both_dates(sandbox, client):
    sandbox.writer.update("opportunities", "oppo_b", {"status_id": "stat_lost"})
    sandbox.writer.update("opportunities", "oppo_b", {"status_id": "stat_open"})
    row = client.get("/opportunity/oppo_b/").json()
    assert (row["status_type"], row["date_won"]) == ("active", "2026-04-02")
    assert row["date_lost"].startswith("2026-06-15T12:00:")


def test_deal_made_as_won_is_won_today_without_a_status_change(sandbox, client):
    made = sandbox.writer.create("opportunities", {"lead_id": "lead_a", "status_id": "stat_won", "value": 100})
    assert (made["date_won"], made["user_id"]) == ("2026-06-15", "user_ada")
    assert rows(client, "/activity/status_change/opportunity/") == []


def test_finished_task_leaves_a_task_completed(sandbox, client):
    sandbox.writer.update("tasks", "task_open", {"is_complete": True}, by="user_bob")
    (done,) = rows(client, "/activity/task_completed/")
    assert (done["task_id"], done["task_text"]) == ("task_open", "Demo")
    assert (done["task_assigned_to"], done["task_assigned_to_name"]) == ("user_ada", "Ada Byron")
    assert done["user_id"] == "user_bob"
    assert client.get("/task/task_open/").json()["object_id"] == done["id"]
    assert rows(client, "/event/")[0]["action"] == "completed"


def test_new_contact_shows_on_its_lead(sandbox, client):
    made = sandbox.writer.create("contacts", {"lead_id": "lead_b", "name": "Bea"})
    assert client.get("/lead/lead_b/").json()["contact_ids"] == [made["id"]]
    event = rows(client, "/event/?lead_id=lead_b&object_type=lead&action=updated")[0]
    assert event["previous_data"]["contact_ids"] == []


def test_back_dated_email_is_created_now_in_the_log_only(sandbox, client):
    at = "2025-02-01T08:00:00+00:00"
    made = sandbox.writer.create("activities", {"_type": "Email", "lead_id": "lead_a", "date_created": at})
    assert rows(client, "/activity/email/")[-1]["id"] == made["id"]
    assert rows(client, "/event/")[0]["date_created"].startswith("2026-06-15T12:00:")


def test_change_can_be_dated(sandbox, client):
    sandbox.writer.update("leads", "lead_a", {"name": "Old"}, at="2026-06-01T00:00:00+00:00")
    assert client.get("/lead/lead_a/").json()["date_updated"] == "2026-06-01T00:00:00+00:00"
    assert rows(client, "/event/")[0]["date_updated"] == "2026-06-01T00:00:00"


def test_null_unsets_a_custom_field_and_multi_values_grow_and_shrink(sandbox, client):
    sandbox.writer.update("leads", "lead_a", {"custom.cf_source": None, "custom.cf_tags.add": "a"})
    sandbox.writer.update("leads", "lead_a", {"custom.cf_tags.add": "b"})
    sandbox.writer.update("leads", "lead_a", {"custom.cf_tags.remove": "a"})
    assert client.get("/lead/lead_a/?_fields=custom").json() == {"custom.cf_tags": ["b"]}


@pytest.mark.parametrize(
    ("resource", "data", "field"),
    [
        ("opportunities", {"lead_id": "lead_x"}, "lead"),
        ("opportunities", {"lead_id": "lead_a", "status_id": "stat_x"}, "status"),
        ("activities", {"_type": "Call", "lead_id": "lead_x"}, "lead"),
        ("leads", {"status_id": "stat_open"}, "status"),
    ],
)
def test_reference_to_nothing_is_refused(sandbox, resource, data, field):
    with pytest.raises(ApiError) as refused:
        sandbox.writer.create(resource, data)
    assert (refused.value.status, refused.value.body) == (
        400,
        {"errors": [], "field-errors": {field: "Object does not exist."}},
    )


def test_statuses_come_and_go_while_history_keeps_their_labels(sandbox, client):
    made = sandbox.writer.create("lead_statuses", {"label": "Churned"})
    sandbox.writer.update("leads", "lead_a", {"status_id": made["id"]})
    sandbox.writer.delete("lead_statuses", made["id"])
    assert "Churned" not in [row["label"] for row in rows(client, "/status/lead/")]
    assert rows(client, "/activity/status_change/lead/?lead_id=lead_a")[0]["new_status_label"] == "Churned"
    added = sandbox.writer.create(
        "opportunity_statuses", {"pipeline_id": "pipe_sales", "label": "New", "type": "active"}
    )
    assert [row["label"] for row in rows(client, "/pipeline/")[0]["statuses"]] == ["Open", "Won", "Lost", "New"]
    sandbox.writer.delete("opportunity_statuses", added["id"])
    assert len(rows(client, "/status/opportunity/")) == 3


def test_objects_can_be_written_through_the_api(client):
    lead = client.post("/lead/", json={"name": "Delta", "contacts": [{"name": "Dan"}]}).json()
    assert [contact["name"] for contact in lead["contacts"]] == ["Dan"]
    deal = client.post("/opportunity/", json={"lead_id": lead["id"], "value": 500, "value_period": "monthly"}).json()
    assert (deal["value_formatted"], deal["status_label"]) == ("$5 monthly", "Open")
    call = client.post("/activity/call/", json={"lead_id": lead["id"], "duration": 5}).json()
    assert (call["_type"], call["duration"]) == ("Call", 5)
    assert client.put(f"/activity/call/{call['id']}/", json={"duration": 6}).json()["duration"] == 6
    reply = client.delete(f"/activity/call/{call['id']}/")
    assert (reply.status_code, reply.json()) == (200, {})
    assert client.delete(f"/lead/{lead['id']}/").json() == {}
    assert client.get(f"/opportunity/{deal['id']}/").status_code == 404
    assert rows(client, "/event/")[-1]["meta"] == {"request_method": "POST", "request_path": "/api/v1/lead/"}


def test_opportunity_on_an_unknown_lead_is_refused_by_the_api(client):
    reply = client.post("/opportunity/", json={"lead_id": "lead_x"})
    assert (reply.status_code, reply.json()["field-errors"]) == (400, {"lead": "Object does not exist."})


def test_any_event_can_be_put_into_the_log(sandbox, client):
    sandbox.writer.log_event({"object_type": "activity.meeting", "action": "completed", "object_id": "acti_meeting"})
    assert rows(client, "/event/")[0]["action"] == "completed"


def test_value_is_a_whole_number_of_cents(client):
    made = client.post("/opportunity/", json={"lead_id": "lead_a", "value": 500.0})
    assert (made.status_code, made.json()["value"]) == (200, 500)
    for method, path in (("POST", "/opportunity/"), ("PUT", f"/opportunity/{made.json()['id']}/")):
        refused = client.request(method, path, json={"lead_id": "lead_a", "value": 12.5})
        assert refused.status_code == 400
        assert refused.json()["field-errors"] == {"value": "This value should be an integer."}
