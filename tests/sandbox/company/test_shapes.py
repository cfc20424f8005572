from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.company.account import instant

if TYPE_CHECKING:
    from tests.sandbox.company.account import Folder, Row

PREFIXES = {
    "activities": "acti",
    "custom_activity_types": "actitype",
    "custom_fields": "cf",
    "events": "ev",
    "lead_statuses": "stat",
    "leads": "lead",
    "opportunities": "oppo",
    "organization": "orga",
    "outcomes": "outcome",
    "pipelines": "pipe",
    "tasks": "task",
    "users": "user",
}
BASE = {
    "id",
    "organization_id",
    "date_created",
    "date_updated",
    "created_by",
    "created_by_name",
    "updated_by",
    "updated_by_name",
}
ACTIVITY = BASE | {"_type", "lead_id", "contact_id", "user_id", "user_name", "users", "activity_at"}
REQUIRED = {
    "Call": {"direction", "status", "disposition", "duration", "outcome_id", "phone", "source", "cost"},
    "Created": {"source", "import_id"},
    "CustomActivity": {"custom_activity_type_id", "status", "last_published_at"},
    "Email": {
        "direction",
        "status",
        "subject",
        "date_sent",
        "sequence_id",
        "bulk_email_action_id",
        "message_ids",
    },
    "LeadMerge": {"source_lead_id", "destination_lead_id", "merge_status"},
    "LeadStatusChange": {"old_status_id", "old_status_label", "new_status_id", "new_status_label"},
    "Meeting": {"title", "status", "starts_at", "ends_at", "duration", "outcome_id", "source", "attendees"},
    "Note": {"note"},
    "OpportunityStatusChange": {
        "opportunity_id",
        "opportunity_value",
        "opportunity_value_period",
        "opportunity_date_won",
        "old_status_id",
        "old_status_type",
        "old_pipeline_id",
        "new_status_id",
        "new_status_type",
        "new_pipeline_id",
    },
    "TaskCompleted": {"task_id", "task_text", "task_assigned_to"},
}
OPPORTUNITY = BASE | {
    "lead_id",
    "user_id",
    "user_name",
    "pipeline_id",
    "status_id",
    "status_label",
    "status_type",
    "value",
    "value_period",
    "value_currency",
    "value_formatted",
    "confidence",
    "date_won",
    "date_lost",
}
LEAD = BASE | {
    "name",
    "display_name",
    "description",
    "url",
    "html_url",
    "status_id",
    "status_label",
    "contacts",
}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}000)?\+00:00")
NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


@pytest.mark.parametrize("resource", PREFIXES)
def test_ids_have_closes_form_and_occur_once(company: Folder, resource: str) -> None:
    form = re.compile(PREFIXES[resource] + r"_[0-9A-Za-z]{22,43}")
    counted = Counter(row["id"] for row in company[resource])
    assert [row_id for row_id in counted if not form.fullmatch(row_id)] == []
    assert [row_id for row_id, times in counted.items() if times > 1] == []


def test_rows_have_the_fields_that_the_api_returns(company: Folder) -> None:
    for row in company["activities"]:
        assert set(row) >= ACTIVITY | REQUIRED[row["_type"]], row["_type"]
    assert all(set(row) >= OPPORTUNITY for row in company["opportunities"])
    assert all(set(row) >= LEAD for row in company["leads"])
    assert set(REQUIRED) == {row["_type"] for row in company["activities"]}


def test_time_stamps_have_closes_forms(company: Folder) -> None:
    naive = {"pipelines", "custom_activity_types", "events"}
    for resource, rows in company.rows.items():
        form = NAIVE if resource in naive else STAMP
        for row in rows:
            for key in ("date_created", "date_updated"):
                if key in row:
                    assert form.fullmatch(row[key]), (resource, row[key])
    for row in company["activities"]:
        assert STAMP.fullmatch(row["activity_at"]), row["activity_at"]
    for row in company["opportunities"]:
        assert row["date_won"] is None or date.fromisoformat(row["date_won"])
        assert row["date_lost"] is None or STAMP.fullmatch(row["date_lost"])


def test_rows_refer_to_rows_that_exist(company: Folder) -> None:
    ids, orphans = company.ids, Counter[str]()
    statuses = {status["id"]: pipeline["id"] for pipeline in company["pipelines"] for status in pipeline["statuses"]}
    for row in company["opportunities"]:
        assert row["lead_id"] in ids["leads"]
        assert statuses[row["status_id"]] == row["pipeline_id"]
        orphans["user"] += row["user_id"] not in ids["users"]
    for row in company["leads"]:
        assert row["status_id"] in ids["lead_statuses"]
    for row in company["activities"]:
        orphans[row["_type"]] += row["lead_id"] not in ids["leads"]
        if row["_type"] == "OpportunityStatusChange":
            assert row["opportunity_id"] in ids["opportunities"]
            assert row["new_status_id"] in statuses
        if row["_type"] == "TaskCompleted":
            assert row["task_id"] in ids["tasks"]
        if row["_type"] == "CustomActivity":
            assert row["custom_activity_type_id"] in ids["custom_activity_types"]
    # Meant: what merged leads left behind, a call of no lead, one of an unknown lead, a removed user.
    assert {kind: count for kind, count in orphans.items() if count} == {
        "Call": 6,
        "LeadMerge": 1,
        "Meeting": 4,
        "user": 1,
    }


def test_custom_values_are_flat_and_of_fields_that_exist(company: Folder) -> None:
    fields = {f"custom.{row['id']}": row for row in company["custom_fields"]}
    for resource, kinds in (("leads", {"lead", "shared"}), ("opportunities", {"opportunity"})):
        for row in company[resource]:
            for key in row:
                if key.startswith("custom"):
                    field = fields[key]
                    assert field["object_type"] in kinds
                    assert isinstance(row[key], list) == field["accepts_multiple_values"]
                    if field["type"] == "choices":
                        assert set(row[key] if isinstance(row[key], list) else [row[key]]) <= set(field["choices"])


def test_last_stage_change_leads_to_the_present_stage(company: Folder) -> None:
    last: dict[str, Row] = {}
    for row in sorted(company.activities("OpportunityStatusChange"), key=lambda row: row["activity_at"]):
        if row["opportunity_id"] in last:
            assert last[row["opportunity_id"]]["new_status_id"] == row["old_status_id"]
        last[row["opportunity_id"]] = row
    for deal in company["opportunities"]:
        if deal["id"] in last:
            assert last[deal["id"]]["new_status_id"] == deal["status_id"]


def test_status_changes_of_a_lead_join_up(company: Folder) -> None:
    for moves in company.moves.values():
        for before, after in pairwise(moves):
            assert before["new_status_id"] == after["old_status_id"]


def test_money_follows_from_value_period_and_confidence(company: Folder) -> None:
    for deal in company["opportunities"]:
        if deal["value"] is None:
            assert deal["annualized_value"] is None
            assert deal["expected_value"] is None
            continue
        assert deal["annualized_value"] == deal["value"] * (12 if deal["value_period"] == "monthly" else 1)
        exact = Fraction(deal["annualized_value"] * deal["confidence"], 100)
        assert abs(deal["annualized_expected_value"] - exact) <= Fraction(1, 2)


def test_events_are_of_the_last_thirty_days_newest_first(company: Folder) -> None:
    stamps = [instant(row["date_updated"]) for row in company["events"]]
    assert stamps == sorted(stamps, reverse=True)
    assert timedelta(days=29) < stamps[0] - stamps[-1] <= timedelta(days=30)
    assert stamps[0].tzinfo is UTC
    told = {(row["object_type"], row["action"]) for row in company["events"]}
    assert told >= {
        ("lead", "created"),
        ("lead", "updated"),
        ("lead", "deleted"),
        ("lead", "merged"),
        ("opportunity", "created"),
        ("opportunity", "updated"),
        ("activity.meeting", "completed"),
        ("activity.email", "sent"),
        ("activity.call", "created"),
        ("task.lead", "completed"),
    }
    for row in company["events"]:
        assert row["action"] not in {"updated"} or "date_updated" in row["changed_fields"]
        assert (row["data"] == {}) == (row["action"] == "deleted")
