"""The oracle itself against numbers worked out by hand from the definitions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.handmade import account, activity, lead, won
from tests.oracle.recompute import recompute

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oracle.strategies import MadeAccount


def rows(made: MadeAccount, folder: Path, table: str) -> list[dict[str, Any]]:
    written = made.write(folder)
    return recompute(written, (written / "kpis.yaml").read_text(), made.as_of, made.deleted)[table]


def column(made: MadeAccount, folder: Path, table: str, name: str) -> list[Any]:
    return [row[name] for row in rows(made, folder, table)]


LOST_AND_WON_BACK = (
    *lead(
        "lead_1",
        "2024-01-05T10:00:00+00:00",
        ("2024-01-20T10:00:00+00:00", "customer"),
        ("2024-03-10T10:00:00+00:00", "churned"),
        ("2024-05-02T10:00:00+00:00", "customer"),
    ),
    won("oppo_1", "lead_1", "2024-01-20", 12000),
)


def test_customer_who_leaves_and_comes_back_is_churned_then_reactivated(tmp_path: Path) -> None:
    made = account(*LOST_AND_WON_BACK, as_of="2024-06-15")
    growth = rows(made, tmp_path, "growth_monthly")
    assert [row["total_customers"] for row in growth] == [1, 1, 0, 0, 1, 1]
    assert [row["new_customers"] for row in growth] == [1, 0, 0, 0, 0, 0]
    assert [row["churned_customers"] for row in growth] == [0, 0, 1, 0, 0, 0]
    assert [row["reactivated_customers"] for row in growth] == [0, 0, 0, 0, 1, 0]
    assert [row["churn_rate"] for row in growth] == [None, 0, 1, None, None, 0]
    assert [row["new_trials"] for row in growth] == [1, 0, 0, 0, 0, 0]
    assert [row["is_running"] for row in growth] == [False] * 5 + [True]


def test_value_before_the_churn_is_restored_without_a_new_deal(tmp_path: Path) -> None:
    made = account(*LOST_AND_WON_BACK, as_of="2024-06-15")
    assert column(made, tmp_path, "growth_monthly", "arr_cents") == [12000, 12000, 0, 0, 12000, 12000]
    assert {"rule": "reactivated_without_deal", "record_id": "lead_1"} in rows(made, tmp_path, "data_quality")


def test_after_a_churn_only_later_wins_count(tmp_path: Path) -> None:
    again = won("oppo_2", "lead_1", "2024-05-02", 500, "monthly")
    made = account(*LOST_AND_WON_BACK, again, as_of="2024-06-15")
    assert column(made, tmp_path, "growth_monthly", "arr_cents") == [12000, 12000, 0, 0, 6000, 6000]
    moves = rows(made, tmp_path, "mrr_movements_monthly")
    assert [row["churn_arr_cents"] for row in moves] == [0, 0, 12000, 0, 0, 0]
    assert [row["reactivation_arr_cents"] for row in moves] == [0, 0, 0, 0, 6000, 0]


def test_renewal_replaces_the_running_value_and_adds_only_its_increase(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2024-01-05T10:00:00+00:00", ("2024-01-10T10:00:00+00:00", "customer")),
        won("oppo_1", "lead_1", "2024-01-10", 100_000),
        won("oppo_2", "lead_1", "2024-02-10", 20_000, pipeline="exp"),
        won("oppo_3", "lead_1", "2024-03-10", 110_000, pipeline="ren"),
        won("oppo_4", "lead_1", "2024-04-10", 500, "monthly", pipeline="exp"),
        won("oppo_5", "lead_1", "2024-05-10", 150_000, pipeline="ren"),
        won("oppo_6", "lead_1", "2024-05-11", 7_000, "one_time"),
        as_of="2024-05-31",
    )
    assert column(made, tmp_path, "growth_monthly", "arr_cents") == [
        100_000,
        120_000,
        110_000,
        116_000,
        150_000,
    ]
    moves = rows(made, tmp_path, "mrr_movements_monthly")
    assert [row["expansion_arr_cents"] for row in moves] == [0, 20_000, 0, 6_000, 34_000]
    assert [row["contraction_arr_cents"] for row in moves] == [0, 0, 10_000, 0, 0]
    assert moves[2]["net_revenue_retention"] == pytest.approx(11 / 12)
    reps = rows(made, tmp_path, "rep_monthly")
    assert [row["arr_added_cents"] for row in reps] == [100_000, 20_000, 0, 6_000, 34_000]
    assert [row["one_time_won_cents"] for row in reps] == [0, 0, 0, 0, 7_000]


def test_change_at_local_midnight_belongs_to_the_month_that_begins(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2024-01-05T10:00:00+00:00", ("2024-02-01T05:00:00+00:00", "customer")),
        *lead("lead_2", "2024-01-05T10:00:00+00:00", ("2024-02-01T04:59:59.999999+00:00", "customer")),
        timezone="America/New_York",
        as_of="2024-02-29",
    )
    assert column(made, tmp_path, "growth_monthly", "new_customers") == [1, 1]


def test_customer_for_days_within_a_month_is_a_memo_only(tmp_path: Path) -> None:
    made = account(
        *lead(
            "lead_1",
            "2024-01-05T10:00:00+00:00",
            ("2024-01-10T10:00:00+00:00", "customer"),
            ("2024-01-12T10:00:00+00:00", "churned"),
            ("2024-02-01T10:00:00+00:00", "customer"),
            ("2024-03-05T10:00:00+00:00", "churned"),
            ("2024-03-06T10:00:00+00:00", "customer"),
        ),
        as_of="2024-03-31",
    )
    growth = rows(made, tmp_path, "growth_monthly")
    assert [row["joined_and_left"] for row in growth] == [1, 0, 0]
    assert [row["new_customers"] for row in growth] == [0, 1, 0]
    assert [row["left_and_returned"] for row in growth] == [0, 0, 1]


def test_history_of_a_merged_lead_is_the_destinations(tmp_path: Path) -> None:
    merge = {"source_lead_id": "lead_2", "destination_lead_id": "lead_1", "merge_status": "completed"}
    left = {"old_status_id": "stat_customer", "new_status_id": "stat_churned"}
    made = account(
        *lead("lead_1", "2024-01-05T10:00:00+00:00", ("2024-01-10T10:00:00+00:00", "customer")),
        activity("LeadStatusChange", "acti_x", "2024-02-02T10:00:00+00:00", "lead_2", **left),
        activity("LeadMerge", "acti_m", "2024-02-20T10:00:00+00:00", "lead_1", **merge),
        won("oppo_1", "lead_2", "2024-01-10", 5000),
        as_of="2024-02-29",
    )
    # Lead 1 still says customer, since 10 January: its status overrules the merged churn of 2 February.
    assert column(made, tmp_path, "source_all_time", "won_opportunities") == [1]
    assert {"rule": "status_mismatch", "record_id": "lead_1"} in rows(made, tmp_path, "data_quality")


def test_opportunity_basis_needs_a_recurring_win_and_no_churned_status(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2024-01-05T10:00:00+00:00", ("2024-03-10T10:00:00+00:00", "churned")),
        *lead("lead_2", "2024-01-05T10:00:00+00:00"),
        won("oppo_1", "lead_1", "2024-01-31", 5000),
        won("oppo_2", "lead_2", "2024-01-31", 5000, "one_time"),
        customer_basis="opportunity",
        as_of="2024-03-31",
    )
    assert column(made, tmp_path, "growth_monthly", "total_customers") == [1, 1, 0]


def test_rep_month_of_one_win_one_loss_three_calls(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2024-01-02T10:00:00+00:00"),
        won("oppo_1", "lead_1", "2024-01-12", 5000, date_created="2024-01-02T10:00:00+00:00"),
        won("oppo_2", "lead_1", "2024-01-20", 0, status_type="lost", date_lost="2024-01-20T10:00:00+00:00"),
        won("oppo_3", "lead_1", "2024-01-20", 900, status_type="active"),
        activity("Call", "acti_1", "2024-01-02T10:00:00+00:00", "lead_1", direction="outbound", status="no-answer"),
        activity("Call", "acti_2", "2024-01-12T23:59:59+00:00", "lead_1", direction="inbound", duration=9),
        activity("Call", "acti_3", "2024-01-13T00:00:00+00:00", "lead_1", direction="outbound", status="completed"),
        activity("Call", "acti_4", "2024-01-10T00:00:00+00:00", "lead_1", direction="outbound", status="failed"),
        holidays=[date(2024, 1, 1)],
        as_of="2024-01-31",
    )
    row = next(row for row in rows(made, tmp_path, "rep_monthly") if row["user_id"] == "user_ann")
    assert (row["won_opportunities"], row["lost_opportunities"], row["close_rate"]) == (1, 1, 0.5)
    assert row["close_rate_low"] == pytest.approx(0.0945, abs=1e-4)
    assert row["close_rate_high"] == pytest.approx(0.9055, abs=1e-4)
    assert (row["avg_days_to_close"], row["avg_calls"], row["calls"]) == (10, 2, 3)
    assert row["calls_per_working_day"] == pytest.approx(3 / 22)
    assert row["avg_deal_arr_cents"] == 5000


def test_two_demos_of_a_lead_on_a_day_are_one(tmp_path: Path) -> None:
    def meeting(number: int, at: str, **more: Any) -> dict[str, Any]:
        times = {"starts_at": f"{at}:00+00:00", "ends_at": f"{at}:30+00:00"}
        row = {"title": "Demo", "status": "completed"} | times | more
        return activity("Meeting", f"acti_{number}", f"{at}:00+00:00", "lead_1", **row)

    made = account(
        *lead("lead_1", "2024-01-02T10:00:00+00:00"),
        meeting(1, "2024-01-10T10:00"),
        meeting(2, "2024-01-10T15:00", user_id=None),
        meeting(3, "2024-01-11T10:00", status=None),
        meeting(4, "2024-01-12T10:00", status="canceled"),
        meeting(5, "2024-01-13T10:00", title="Kick-off"),
        as_of="2024-01-31",
    )
    assert column(made, tmp_path, "growth_monthly", "demos_done") == [2]
    demos = {row["user_id"]: row["new_demos"] for row in rows(made, tmp_path, "rep_monthly")}
    assert demos == {"user_ann": 2, None: 0}


def test_first_value_of_a_multi_value_source_counts_and_unset_is_none(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2024-01-02T10:00:00+00:00", source=["Referral", "Webinar"]),
        *lead("lead_2", "2024-02-02T10:00:00+00:00"),
        *lead("lead_3", "2024-02-02T10:00:00+00:00", source="unknown"),
        *lead("lead_4", "2024-02-02T10:00:00+00:00", source="Referral"),
        won("oppo_1", "lead_1", "2024-01-12", 5000),
        won("oppo_2", "lead_1", "2024-02-12", 100, "monthly"),
        as_of="2024-02-29",
    )
    found = {row["source"]: row for row in rows(made, tmp_path, "source_all_time")}
    assert {source: row["total_leads"] for source, row in found.items()} == {
        "Referral": 2,
        "(none)": 1,
        "unknown": 1,
    }
    referral = found["Referral"]
    assert (referral["lead_conversion"], referral["avg_days_to_close"], referral["win_rate"]) == (0.5, 10, 1)
    assert (referral["avg_arr_per_won_account_cents"], referral["total_arr_cents"]) == (6200, 6200)
    assert referral["current_arr_cents"] == 0
    assert found["(none)"]["win_rate"] is None


def test_year_rows_sum_flows_average_completed_months_and_compare_like_with_like(tmp_path: Path) -> None:
    made = account(
        *lead("lead_1", "2023-11-05T10:00:00+00:00", ("2023-11-10T10:00:00+00:00", "customer")),
        *lead("lead_2", "2024-11-05T10:00:00+00:00", ("2024-11-10T10:00:00+00:00", "customer")),
        *lead("lead_3", "2024-11-06T10:00:00+00:00", ("2024-12-10T10:00:00+00:00", "customer")),
        as_of="2024-12-31",
    )
    years = {(row["year"], row["row_kind"]): row for row in rows(made, tmp_path, "growth_yearly")}
    assert years[2024, "year"]["new_trials"] == 2
    assert years[2024, "year"]["total_customers"] == 3
    assert years[2024, "year"]["gross_growth_rate"] == 2
    assert years[2024, "average"]["total_customers"] == pytest.approx(12 / 11)
    # November alone is completed in both years: trials 2 against 1, customers 2 against 1.
    assert years[2024, "yoy"]["new_trials"] == 1
    assert years[2024, "yoy"]["total_customers"] == 1
    assert years[2024, "yoy"]["gross_growth_rate"] is None
    assert years[2023, "yoy"]["new_trials"] is None
