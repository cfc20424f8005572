"""What a demo is: one rule, from the settings (definitions, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kpis.small_account import SmallAccount, at

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> SmallAccount:
    account = SmallAccount(tmp_path_factory.mktemp("demos"))
    account.rows["outcomes"] = [{"id": "outcome_1", "name": "No-show"}]
    account.rows["custom_activity_types"] = [{"id": "type_1", "name": "Demo held"}, {"id": "type_2", "name": "Survey"}]
    account.rows["opportunity_statuses"] = [{"id": "stat_demo", "label": "Demo done", "type": "active"}]
    for lead in ("acme", "other"):
        account.lead(lead, "2026-01-01")
    account.lead("gone", "2026-01-01")

    def meeting(name: str, moment: str, lead: str | None = "acme", **columns: Any) -> None:
        account.activity("meetings", name, moment, lead, **{"user_id": "ann", **columns})

    meeting("first_of_day", "2026-03-05 09:00")
    meeting("again_same_day", "2026-03-05 15:00", user_id="bo")
    meeting("other_lead", "2026-03-05 10:00", "other", user_id="bo")
    meeting("no_lead", "2026-03-05 10:00", None)
    meeting("no_lead_either", "2026-03-05 11:00", None)
    meeting("other_title", "2026-03-06", title="Kick-off")
    meeting("untitled", "2026-03-06", title=None)
    meeting("canceled", "2026-03-06", status="canceled")
    meeting("missed", "2026-03-06", outcome_id="outcome_1")
    meeting("of_deleted_lead", "2026-03-06", "gone")
    meeting("by_hand", "2026-04-06", status=None, title="DEMO")
    meeting("by_hand_to_come", "2026-06-30 23:30", status=None, ends_at=at("2026-07-01 00:30"))
    meeting("dated_by_start", "2026-05-31", starts_at=at("2026-06-01"), date_created=at("2026-02-01"))

    def custom(name: str, moment: str, **columns: Any) -> None:
        account.activity("custom_activities", name, moment, "acme", **{"custom_activity_type_id": "type_1", **columns})

    custom("held", "2026-03-05", user_id="ann")
    custom("draft", "2026-03-06", status="draft")
    custom("survey", "2026-03-07", custom_activity_type_id="type_2")

    account.deal("deal", "acme", created="2026-01-05")
    account.deal("ignored", "acme", created="2026-01-05", pipeline="Partnerships")
    for number, (moment, columns) in enumerate([
        ("2026-03-09", {}),
        ("2026-02-05", {"user_id": "ann"}),
        ("2026-02-08", {"opportunity_id": "ignored"}),
        ("2026-02-09", {"new_status_id": "stat_x"}),
    ]):
        account.activity(
            "opportunity_status_changes", f"change_{number}", moment, "acme",
            **{"opportunity_id": "deal", "new_status_id": "stat_demo", **columns},
        )  # fmt: skip

    def done(name: str, moment: str, **columns: Any) -> None:
        account.activity(
            "task_completions", name, moment, "acme", **{"task_id": name, "task_text": "Give demo", **columns}
        )

    done("done", "2026-03-05", user_id="ann")
    done("done_again", "2026-04-05", task_id="done", user_id="bo")
    done("other_text", "2026-03-06", task_text="Call back")
    account.sync(deleted=("gone",))
    return account


def demos(account: SmallAccount, rule: dict[str, Any]) -> dict[str, int]:
    account.settings["demo"] = rule
    account.compute()
    reps = account.table("kpi.rep_monthly")
    growth = {f"{row['month']:%Y-%m}": row["demos_done"] for row in account.table("kpi.growth_monthly")}
    by_user = {f"{row['month']:%Y-%m} {row['user_id']}": row["new_demos"] for row in reps if row["new_demos"]}
    assert sum(growth.values()) == sum(by_user.values())
    return by_user


def test_meetings_that_took_place_one_a_lead_and_day(account: SmallAccount) -> None:
    # Ann: first_of_day and the two without a lead; Bo's second meeting of acme's day does not count.
    assert demos(account, {"rule": "meeting", "exclude_outcomes": ["No-show"]}) == {
        "2026-03 ann": 3,
        "2026-03 bo": 1,
        "2026-04 ann": 1,
        "2026-06 ann": 1,
    }


def test_meeting_by_hand_counts_once_it_has_ended_also_in_a_month_that_is_over(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of="2026-07-01 00:15", settings={"history_start": "2026-06"})
    account.activity("meetings", "late", "2026-06-30 23:30", status=None, ends_at=at("2026-07-01 00:30"))
    account.run()
    assert account.month("kpi.growth_monthly", "2026-06")["demos_done"] == 0
    account.sync(as_of="2026-07-02 00:15")
    account.compute()
    assert account.month("kpi.growth_monthly", "2026-06")["demos_done"] == 1


def test_published_custom_activities_of_the_type(account: SmallAccount) -> None:
    assert demos(account, {"rule": "custom_activity", "type": "Demo held"}) == {"2026-03 ann": 1}


def test_first_change_of_an_opportunity_into_the_status(account: SmallAccount) -> None:
    assert demos(account, {"rule": "opportunity_status", "status": "Demo done"}) == {"2026-02 ann": 1}


def test_task_completed_again_counts_once_by_its_last_completion(account: SmallAccount) -> None:
    assert demos(account, {"rule": "task"}) == {"2026-04 bo": 1}


def test_pattern_is_the_settings(account: SmallAccount) -> None:
    by_pattern = demos(account, {"rule": "meeting", "title_pattern": "^Kick"})
    assert by_pattern == {"2026-03 ann": 1}
