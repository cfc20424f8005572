"""What an object looks like when it is read."""

from __future__ import annotations

import pytest

from sandbox.close_api import money


@pytest.mark.parametrize(
    ("value", "period", "confidence", "expected", "annualized", "annualized_expected", "formatted"),
    [
        (300000, "one_time", 75, 225000, 300000, 225000, "$3,000"),
        (50000, "one_time", 75, 37500, 50000, 37500, "$500"),
        (50000, "annual", 75, 37500, 50000, 37500, "$500"),
        (5000, "monthly", 50, 2500, 60000, 30000, "$50 monthly"),
        (50000, "monthly", 90, 45000, 600000, 540000, "$500 monthly"),
        (50000, "monthly", 100, 50000, 600000, 600000, "$500 monthly"),
        (10000, "one_time", 50, 5000, 10000, 5000, "$100"),
        (7500000, "one_time", 80, 6000000, 7500000, 6000000, "$75,000"),
        (0, "one_time", 50, 0, 0, 0, ""),
        (None, "one_time", 50, None, None, None, ""),
        (1, "one_time", 50, 0, 1, 0, "$0.01"),
        (3, "one_time", 50, 2, 3, 2, "$0.03"),
        (-50000, "one_time", 50, -25000, -50000, -25000, "-$500"),
    ],
)
def test_money_is_derived_as_recorded(value, period, confidence, expected, annualized, annualized_expected, formatted):
    assert money.derived(value, period, confidence, "USD") == {
        "expected_value": expected,
        "annualized_value": annualized,
        "annualized_expected_value": annualized_expected,
        "value_formatted": formatted,
    }


def test_other_currencies_have_their_symbols():
    assert money.formatted(8900, "monthly", "EUR") == "€89 monthly"
    assert money.formatted(500, "monthly", "GBP") == "£5 monthly"


def test_empty_opportunity_list_has_zero_totals(serve, connect):
    reply = connect(serve({"leads": [{"id": "lead_a"}]})).get("/opportunity/").json()
    totals = [key for key in reply if key.startswith(("total_value", "expected_value"))]
    assert len(totals) == 16
    assert {reply[key] for key in totals if key.endswith("_formatted")} == {None}
    assert {reply[key] for key in totals if not key.endswith("_formatted")} == {0}
    assert (reply["total_results"], reply["count_by_value_period"]) == (0, {})


def test_opportunity_shows_its_status_and_pipeline_of_now(sandbox, client):
    sandbox.writer.update("opportunity_statuses", "stat_open", {"label": "In talks"})
    row = client.get("/opportunity/oppo_a/").json()
    assert row["status_label"] == row["status_display_name"] == "In talks"
    assert (row["status_type"], row["pipeline_id"], row["pipeline_name"]) == ("active", "pipe_sales", "Sales")


def test_names_are_those_of_now_on_old_rows(sandbox, client):
    assert client.get("/opportunity/oppo_a/").json()["user_name"] == "Ada Byron"
    sandbox.writer.update("users", "user_ada", {"last_name": "Lovelace"})
    sandbox.writer.update("leads", "lead_a", {"name": "Alpha Inc"})
    row = client.get("/opportunity/oppo_a/").json()
    assert (row["user_name"], row["lead_name"]) == ("Ada Lovelace", "Alpha Inc")


def test_missing_fields_get_the_default_of_the_api(reader):
    call = reader.get("/activity/call/acti_call/").json()
    assert (call["direction"], call["disposition"], call["outcome_id"]) == ("outbound", None, None)
    assert call["activity_at"] == call["date_created"] == call["date_updated"]
    lead = reader.get("/lead/lead_b/").json()
    assert (lead["url"], lead["contacts"], lead["integration_links"]) == (None, [], [])
    assert "custom.cf_source" not in lead


def test_meeting_happens_when_it_starts(reader):
    meeting = reader.get("/activity/meeting/acti_meeting/").json()
    assert meeting["activity_at"] == "2026-07-01T09:00:00+00:00"
    assert meeting["status"] is None


def test_time_stamps_drop_a_zero_fraction_and_pipelines_are_naive(reader):
    assert reader.get("/lead/lead_a/").json()["date_created"] == "2026-01-10T10:00:00+00:00"
    assert reader.get("/lead/lead_b/").json()["date_created"] == "2026-02-10T10:00:00.250000+00:00"
    assert reader.get("/pipeline/pipe_sales/").json()["date_created"] == "2021-07-13T11:36:04.983404"


def test_stamps_in_other_forms_are_served_in_closes_form(serve, connect):
    leads = [{"id": "lead_z", "date_created": "2026-01-10T10:00:00Z", "date_updated": "2026-01-10T12:00:00+02:00"}]
    row = connect(serve({"leads": leads})).get("/lead/lead_z/").json()
    assert row["date_created"] == row["date_updated"] == "2026-01-10T10:00:00+00:00"


def test_lead_nests_only_open_tasks(reader):
    lead = reader.get("/lead/lead_a/").json()
    assert {task["id"] for task in lead["tasks"]} == {"task_open", "noti_missed"}
    assert [opportunity["id"] for opportunity in lead["opportunities"]] == ["oppo_a"]
    assert lead["contact_ids"] == [contact["id"] for contact in lead["contacts"]] == ["cont_a"]


def test_lead_without_name_shows_its_contact(serve, connect):
    client = connect(serve({"leads": [{"id": "lead_x", "contacts": [{"id": "cont_x", "name": "Xia"}]}]}))
    row = client.get("/lead/lead_x/").json()
    assert (row["name"], row["display_name"]) == (None, "Xia")


def test_status_change_keeps_ids_and_shows_labels(reader):
    row = reader.get("/activity/status_change/lead/acti_change/").json()
    assert (row["old_status_label"], row["new_status_label"]) == ("Trial", "Customer")


def test_departed_user_is_only_in_the_inactive_memberships_and_by_id(reader):
    assert [row["id"] for row in reader.get("/user/").json()["data"]] == ["user_ada", "user_bob"]
    organization = reader.get("/organization/orga_1/").json()
    assert [member["user_id"] for member in organization["inactive_memberships"]] == ["user_gone"]
    assert organization["inactive_memberships"][0]["user_full_name"] == "Gus Left"
    assert [member["user_id"] for member in organization["memberships"]] == ["user_ada", "user_bob"]
    departed = reader.get("/user/user_gone/").json()
    assert departed["first_name"] == "Gus"
    assert "is_active" not in departed


def test_users_are_sorted_by_the_two_allowed_orders_only(reader):
    by_last = reader.get("/user/", params={"_order_by": "last_name,first_name"}).json()["data"]
    assert [row["last_name"] for row in by_last] == ["Ames", "Byron"]
    assert [row["id"] for row in reader.get("/user/?_order_by=-email").json()["data"]] == ["user_ada", "user_bob"]


def test_organization_expands_its_members(reader):
    params = {"_expand": "memberships__user,inactive_memberships__user"}
    organization = reader.get("/organization/orga_1/", params=params).json()
    assert organization["inactive_memberships"][0]["user"]["id"] == "user_gone"
    assert organization["currency"] == "USD"


def test_me_names_the_organization(reader):
    me = reader.get("/me/").json()
    assert (me["id"], me["organizations"][0]["id"]) == ("user_ada", "orga_1")


def test_statuses_use_type_and_name_their_pipeline(reader):
    rows = reader.get("/status/opportunity/").json()["data"]
    assert rows[1] == {
        "id": "stat_won",
        "label": "Won",
        "organization_id": "orga_1",
        "pipeline_id": "pipe_sales",
        "type": "won",
    }
    assert [row["label"] for row in reader.get("/status/lead/").json()["data"]] == ["Potential", "Trial", "Customer"]


def test_shared_field_is_in_the_schema_but_not_in_the_list_of_its_kind(reader):
    def names(path: str, key: str) -> list[str]:
        return [row["name"] for row in reader.get(path).json()[key]]

    assert names("/custom_field/lead/", "data") == ["Source"]
    assert names("/custom_field/shared/", "data") == ["Owner"]
    assert names("/custom_field_schema/lead/", "fields") == ["Source", "Owner"]
    assert names("/custom_field_schema/contact/", "fields") == []
    assert names("/custom_field_schema/activity/actitype_demo/", "fields") == ["Result"]


def test_custom_activity_type_lists_its_fields(reader):
    (demo,) = reader.get("/custom_activity/").json()["data"]
    assert [field["id"] for field in demo["fields"]] == ["cf_demo"]


def test_outcomes_are_listed(reader):
    (outcome,) = reader.get("/outcome/").json()["data"]
    assert (outcome["name"], outcome["type"]) == ("Showed up", "custom")


def test_empty_folder_is_an_empty_account(serve, connect):
    client = connect(serve({"outcomes": []}, rate=0))
    for path in ("/lead/", "/opportunity/", "/activity/", "/task/", "/event/", "/user/", "/status/lead/"):
        assert client.get(path).json()["data"] == []
