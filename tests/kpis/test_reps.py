"""What each rep did, won and lost in a month, and the team's total (definitions, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy.stats import binomtest

from tests.kpis.small_account import SmallAccount, at

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> SmallAccount:
    """Ann and Bo sell, Gone has left, as of Wednesday 10 June 2026; 25 May and 3 June are holidays."""
    account = SmallAccount(
        tmp_path_factory.mktemp("reps"),
        as_of="2026-06-10 12:00",
        settings={"owner_field": "Owner", "holidays": ["2026-05-25", "2026-06-03"]},
    )
    account.rows["users"] = [
        {"id": "ann", "first_name": "Ann", "last_name": "Ash", "email": "ann@example.com", "is_active": True},
        {"id": "bo", "first_name": " ", "last_name": None, "email": "bo@example.com", "is_active": True},
        {"id": "gone", "first_name": "Gus", "is_active": False},
    ]
    account.lead("acme", "2026-01-01")
    # Won in May: created 12, 21 and 40 days before; one dated before its creation.
    account.deal("a", "acme", "2026-05-13", 1200, created="2026-05-01", user_id="ann")
    account.deal("b", "acme", "2026-05-22", 600, created="2026-05-01 15:00", user_id="ann", value_period="monthly")
    account.deal("c", "acme", "2026-05-31", 500, created="2026-04-21", user_id="ann", value_period="one_time")
    account.deal("d", "acme", "2026-05-01", 100, created="2026-05-02 10:00", user_id="ann")
    lost = {"status_type": "lost", "date_won": at("2026-05-20").date(), "user_id": "ann", "created": "2026-05-01"}
    account.deal("lost", "acme", **lost, date_lost=at("2026-05-31 23:59"))
    account.deal("lost_without_day", "acme", **lost)
    account.deal("in_ignored_pipeline", "acme", "2026-05-13", 900, pipeline="Partnerships", user_id="ann")
    account.deal("nobodys", None, "2026-05-13", 300)
    account.deal("by_departed", "acme", "2026-05-13", 300, user_id="gone", created="2026-05-13")
    account.deal("by_unknown", "acme", "2026-05-13", 300, user_id="user_x", created="2026-05-13")

    # By anyone, on the lead, from the creation of `a` (1 May, 0:00) to the end of 13 May.
    account.activity("calls", "before", "2026-04-30 23:59:59", "acme", user_id="bo")
    account.activity("calls", "first", "2026-05-01", "acme", user_id="bo")
    account.activity("calls", "last", "2026-05-13 23:59:59", "acme", user_id="ann")
    account.activity("calls", "after", "2026-05-14", "acme", user_id="ann")
    account.activity("calls", "elsewhere", "2026-05-05", "other_lead", user_id="ann")
    for number, columns in enumerate([
        {"status": "failed"},
        {"status": "cancel"},
        {"status": "created"},
        {"status": "in-progress"},
        {"direction": "inbound", "disposition": "vm-left", "duration": 60},
        {"direction": "inbound", "disposition": None, "duration": 0},
    ]):
        account.activity("calls", f"uncounted_{number}", "2026-05-05", "acme", user_id="ann", **columns)
    account.activity(
        "calls", "answered", "2026-05-05", "acme", user_id="ann", direction="inbound", disposition="answered"
    )
    account.activity("calls", "spoken", "2026-05-05", "acme", user_id="ann", direction="inbound", duration=9)
    account.activity("calls", "no_answer", "2026-05-05", "acme", user_id="ann", status="no-answer")
    account.activity("emails", "mail", "2026-05-06", "acme", user_id="bo")
    account.activity("emails", "of_sequence", "2026-05-06", "acme", user_id="bo", sequence_id="seq_1")
    account.activity("emails", "bulk", "2026-05-06", "acme", user_id="bo", bulk_email_action_id="bulk_1")
    account.activity("emails", "draft", "2026-05-06", "acme", user_id="bo", status="draft")
    account.activity("emails", "received", "2026-05-06", "acme", user_id="bo", direction="incoming", status="inbox")
    account.activity("calls", "june_1", "2026-06-01", "acme", user_id="bo")
    account.activity("calls", "unassigned", "2026-05-07", "acme")
    account.activity("custom_activities", "only_present", "2026-02-07", "acme", user_id="bo")

    by_boss = {"user_id": "boss"}
    account.lead("owned", "2026-01-01", "Lost", custom={"cf_owner": "bo"})
    account.change("owned", "2026-03-05", "Potential", "Lost", **by_boss)
    account.change("owned", "2026-03-09", "Lost", "Churned", **by_boss)
    account.change("owned", "2026-03-10", "Churned", "Lost", **by_boss)
    account.lead("owned_by_mail", "2026-01-01", "Lost", custom={"cf_owner": ["ANN@example.com", "bo"]})
    account.change("owned_by_mail", "2026-03-05", "Potential", "Lost", **by_boss)
    account.lead("has_deals", "2026-01-01", "Lost")
    account.change("has_deals", "2026-03-05", "Potential", "Lost", **by_boss)
    account.deal("old", "has_deals", created="2026-02-01", user_id="bo")
    account.deal("newest", "has_deals", created="2026-03-04", user_id="ann")
    account.deal("too_late", "has_deals", created="2026-03-05", user_id="gone")
    account.lead("no_deals", "2026-01-01", "Lost")
    account.change("no_deals", "2026-03-05", "Potential", "Lost", **by_boss)
    account.lead("born_lost", "2026-03-02", "Lost")
    return account.run()


def test_won_and_lost_count_by_date_won_and_date_lost(account: SmallAccount) -> None:
    may = account.month("kpi.rep_monthly", "2026-05", "ann")
    assert (may["won_opportunities"], may["lost_opportunities"]) == (4, 1)
    assert may["close_rate"] == 4 / 5
    wilson = binomtest(4, 5).proportion_ci(0.95, method="wilson")
    assert (may["close_rate_low"], may["close_rate_high"]) == pytest.approx((wilson.low, wilson.high), abs=1e-12)


def test_values_of_the_months_wins(account: SmallAccount) -> None:
    may = account.month("kpi.rep_monthly", "2026-05", "ann")
    assert may["arr_added_cents"] == 1200 + 600 * 12 + 100
    assert may["one_time_won_cents"] == 500
    assert may["avg_deal_arr_cents"] == (1200 + 7200 + 100) / 3


def test_days_to_close_leave_out_wins_before_the_creation(account: SmallAccount) -> None:
    may = account.month("kpi.rep_monthly", "2026-05", "ann")
    assert may["avg_days_to_close"] == pytest.approx((12 + 21 + 40) / 3)
    assert may["median_days_to_close"] == 21
    listed = [row["record_id"] for row in account.table("kpi.data_quality") if row["rule"] == "won_before_created"]
    assert listed == ["d"]


def test_calls_of_a_deal_are_by_anyone_from_creation_to_the_end_of_the_day_of_the_win(account: SmallAccount) -> None:
    efforts = {row["opportunity_id"]: row for row in account.table("staging.decided_opportunities")}
    # first, last, answered, spoken, no_answer, unassigned; the e-mail of 6 May.
    assert (efforts["a"]["calls"], efforts["a"]["emails"]) == (6, 1)
    assert efforts["d"]["calls"] == 0
    assert efforts["nobodys"]["calls"] == 0
    departed = account.month("kpi.rep_monthly", "2026-05", "gone")
    assert (departed["avg_calls"], departed["avg_emails"]) == (1.0, 0.0)


def test_only_counted_calls_and_emails_count_for_their_user(account: SmallAccount) -> None:
    ann, bo = (account.month("kpi.rep_monthly", "2026-05", user) for user in ("ann", "bo"))
    assert ann["calls"] == 6  # last, after, elsewhere, answered, spoken, no_answer
    assert bo["emails"] == 1


def test_working_days_leave_out_holidays_and_in_the_running_month_days_to_come(account: SmallAccount) -> None:
    may, june = (account.month("kpi.rep_monthly", month, "bo") for month in ("2026-05", "2026-06"))
    assert may["emails_per_working_day"] == 1 / 20  # 21 weekdays in May 2026
    assert june["calls_per_working_day"] == 1 / 7  # 1 to 10 June without the 3rd
    assert june["is_running"] is True


def test_cancelled_lead_counts_once_a_month_and_is_credited_along_the_chain(account: SmallAccount) -> None:
    rows = {row["user_id"]: row for row in account.table("kpi.rep_monthly") if f"{row['month']:%Y-%m}" == "2026-03"}
    assert {user: row["cancelled_leads"] for user, row in rows.items()} == {"bo": 1, "ann": 2, "boss": 1}
    assert account.month("kpi.team_monthly", "2026-03")["cancelled_leads"] == 4


def test_reps_are_named_and_departed_ones_keep_their_rows(account: SmallAccount) -> None:
    rows = {row["user_id"]: (row["rep"], row["is_active"]) for row in account.table("kpi.rep_monthly")}
    assert rows == {
        "ann": ("Ann Ash", True),
        "bo": ("bo@example.com", True),
        "gone": ("Gus", False),
        "user_x": ("user_x", False),
        "boss": ("boss", False),
        None: ("Unassigned", None),
    }


def test_rep_has_a_row_in_every_month_with_any_activity(account: SmallAccount) -> None:
    february = account.month("kpi.rep_monthly", "2026-02", "bo")
    assert (february["calls"], february["close_rate"], february["avg_calls"]) == (0, None, None)


def test_team_is_computed_over_the_records(account: SmallAccount) -> None:
    team = account.month("kpi.team_monthly", "2026-05")
    assert (team["won_opportunities"], team["lost_opportunities"]) == (7, 1)
    assert team["avg_days_to_close"] == pytest.approx((12 + 21 + 40 + 0 + 0 + 0) / 6)
    assert team["median_days_to_close"] == 6.0
    assert len(account.table("kpi.team_monthly")) == len(account.table("kpi.growth_monthly"))


def test_automated_emails_count_where_the_settings_say_so(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, settings={"count_automated_emails": True, "history_start": "2026-05"})
    account.activity("emails", "of_sequence", "2026-05-06", user_id="bo", sequence_id="seq_1")
    account.activity("emails", "bulk", "2026-05-06", user_id="bo", bulk_email_action_id="bulk_1")
    account.run()
    assert account.month("kpi.rep_monthly", "2026-05", "bo")["emails"] == 2


def test_counted_activities_are_what_the_settings_name(tmp_path: Path) -> None:
    streams = {"sms": True, "notes": True}
    counted = ["emails", "notes", "sms"]
    account = SmallAccount(
        tmp_path, settings={"streams": streams, "counted_activities": counted, "history_start": "2026-05"}
    )
    account.activity("calls", "call", "2026-05-06", user_id="bo", direction="outbound", status="completed")
    account.activity("emails", "mail", "2026-05-06", user_id="bo", direction="outgoing", status="sent")
    account.activity("sms", "sent", "2026-05-06", user_id="bo", direction="outbound", status="sent")
    account.activity("sms", "received", "2026-05-06", user_id="bo", direction="inbound", status="inbox")
    account.activity("notes", "note", "2026-05-06", user_id="bo")
    account.activity("whatsapp_messages", "left over", "2026-05-06", user_id="ann", direction="outgoing")
    account.run()
    of_bo = account.month("kpi.rep_monthly", "2026-05", "bo")
    assert (of_bo["calls"], of_bo["emails"], of_bo["activities"]) == (1, 1, 3)
    assert of_bo["activities_per_working_day"] == pytest.approx(3 / 21)
    assert account.month("kpi.team_monthly", "2026-05")["activities"] == 3
    months = account.table("select month from kpi.rep_monthly where user_id = 'ann'")
    assert months == [], "a stream that is no longer read makes no row"
