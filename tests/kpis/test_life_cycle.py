"""Customers at month start and end, and the moves between them (definitions, section 2 and 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kpis.small_account import SmallAccount, at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kpis.small_account import Row

FLOWS = ("new_customers", "reactivated_customers", "churned_customers", "joined_and_left", "left_and_returned")


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Row]:
    """The growth report of an account with one life cycle a lead, as of noon on 15 December 2024."""
    account = SmallAccount(tmp_path_factory.mktemp("life"), as_of="2024-12-15 12:00")
    account.moves(
        "steady", "2024-01-02",
        ("2024-01-05", "Customer"), ("2024-03-05", "Churned"), ("2024-03-09", "Customer"),
        ("2024-04-10", "Churned"), ("2024-07-20", "Customer"),
    )  # fmt: skip
    account.moves("blip", "2024-01-02", ("2024-02-03", "Customer"), ("2024-02-20", "Churned"))
    account.moves("at_midnight", "2024-01-02", ("2024-06-01", "Customer"))
    account.lead("born_in_trial", "2024-02-10", "Trial")
    account.moves(
        "twice_in_trial", "2024-01-02", ("2024-03-03", "Trial"), ("2024-04-03", "Lost"), ("2024-05-03", "Trial")
    )
    account.change("contradicted", "2024-05-05", "Trial", "Potential")
    account.lead("contradicted", "2024-05-01", "Customer", date_updated=at("2024-08-10"))
    account.moves("merged_away", "2024-01-02", ("2024-09-09", "Customer"))
    account.lead("takes_over", "2024-01-02", "Customer")
    account.rows["lead_merges"] = [
        {
            "id": "merge",
            "source_lead_id": "merged_away",
            "destination_lead_id": "takes_over",
            "merge_status": "completed",
        }
    ]
    account.moves("deleted", "2024-01-02", ("2024-09-09", "Customer"))
    account.moves("just_now", "2024-11-02", ("2024-12-15 12:00", "Customer"))
    account.moves("tomorrow", "2024-11-02", ("2024-12-16", "Customer"))
    account.moves("trial_tomorrow", "2024-11-02", ("2024-12-16", "Trial"))
    account.sync(deleted=("deleted",))
    account.compute()
    return lambda month: account.month("kpi.growth_monthly", month)


def test_customer_between_month_ends_only_is_a_memo(growth: Callable[[str], Row]) -> None:
    february = growth("2024-02")
    assert february["joined_and_left"] == 1
    assert [february[flow] for flow in FLOWS[:3]] == [0, 0, 0]


def test_customer_at_both_ends_but_not_throughout_is_a_memo(growth: Callable[[str], Row]) -> None:
    march = growth("2024-03")
    assert march["left_and_returned"] == 1
    assert [march[flow] for flow in FLOWS[:3]] == [0, 0, 0]


def test_customer_is_new_once_and_reactivated_after_a_churn(growth: Callable[[str], Row]) -> None:
    assert growth("2024-01")["new_customers"] == 1
    assert growth("2024-04")["churned_customers"] == 1
    july = growth("2024-07")
    assert (july["new_customers"], july["reactivated_customers"]) == (0, 1)


def test_change_at_local_midnight_belongs_to_the_month_that_begins(growth: Callable[[str], Row]) -> None:
    assert growth("2024-05")["new_customers"] == 0
    assert growth("2024-06")["new_customers"] == 1


def test_first_trial_counts_once_and_creation_in_trial_counts(growth: Callable[[str], Row]) -> None:
    # born_in_trial; twice_in_trial; contradicted was created in Trial (the old status of its first change).
    assert [growth(f"2024-{month:02}")["new_trials"] for month in (2, 3, 5)] == [1, 1, 1]


def test_current_status_wins_over_the_last_change_from_date_updated_on(growth: Callable[[str], Row]) -> None:
    assert growth("2024-08")["new_customers"] == 1


def test_history_of_a_merged_lead_is_its_destinations_and_a_deleted_lead_counts_nowhere(
    growth: Callable[[str], Row],
) -> None:
    # takes_over has no changes of its own: merged_away's change makes it a customer in September, once.
    assert growth("2024-09")["new_customers"] == 1


def test_running_month_closes_at_as_of_but_counts_flows_of_the_whole_month(growth: Callable[[str], Row]) -> None:
    december = growth("2024-12")
    assert december["is_running"] is True
    assert growth("2024-11")["is_running"] is False
    assert december["new_customers"] == 1
    assert december["new_trials"] == 1


def test_rates_divide_by_the_opening_customers_and_are_empty_without_any(growth: Callable[[str], Row]) -> None:
    january, april = growth("2024-01"), growth("2024-04")
    assert [january[rate] for rate in ("churn_rate", "gross_growth_rate", "net_growth_rate")] == [None, None, None]
    assert [april[rate] for rate in ("churn_rate", "gross_growth_rate", "net_growth_rate")] == [1.0, 0.0, -1.0]


def test_month_begins_at_local_midnight_also_where_the_clocks_change(tmp_path: Path) -> None:
    """New York leaves daylight saving on 3 November 2024: midnight is 04:00 UTC on 1 November, 05:00 on 1 December."""
    account = SmallAccount(
        tmp_path, as_of="2025-01-15", settings={"timezone": "America/New_York", "rate_denominator": "closing"}
    )
    account.moves("october", "2024-10-02", ("2024-11-01 03:59:59", "Customer"))
    account.moves("november", "2024-10-02", ("2024-11-01 04:00", "Customer"), ("2024-12-01 04:59:59", "Churned"))
    account.moves("december", "2024-10-02", ("2024-12-01 05:00", "Customer"))
    # A day that begins twice, and one that lasts 25 hours, are one local day each.
    account.activity("meetings", "first", "2024-11-03 04:30", "october")
    account.activity("meetings", "again", "2024-11-04 04:30", "october")
    account.run()
    new = {f"{row['month']:%Y-%m}": row["new_customers"] for row in account.table("kpi.growth_monthly")}
    assert new == {"2024-10": 1, "2024-11": 0, "2024-12": 1, "2025-01": 0}
    november = account.month("kpi.growth_monthly", "2024-11")
    assert november["joined_and_left"] == 1
    assert november["demos_done"] == 1
    assert account.month("kpi.growth_monthly", "2024-12")["gross_growth_rate"] == 0.5


def test_opportunity_basis_needs_a_recurring_win_and_no_churned_status(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, settings={"customer_basis": "opportunity"})
    account.lead("won", "2026-01-02")
    account.deal("d1", "won", "2026-02-28", 1200)
    account.lead("one_time_only", "2026-01-02")
    account.deal("d2", "one_time_only", "2026-02-28", 1200, value_period="one_time")
    account.lead("ignored_pipeline", "2026-01-02")
    account.deal("d3", "ignored_pipeline", "2026-02-28", 1200, pipeline="Partnerships")
    account.moves("left", "2026-01-02", ("2026-04-03", "Churned"))
    account.deal("d4", "left", "2026-03-31", 1200)
    account.lead("not_yet", "2026-01-02")
    account.deal("d5", "not_yet", "2026-07-01", 1200, created="2026-06-01")
    account.run()
    months = {f"{row['month']:%Y-%m}": row for row in account.table("kpi.growth_monthly")}
    assert [months[f"2026-{month:02}"]["total_customers"] for month in range(1, 7)] == [0, 1, 2, 1, 1, 1]
    assert [months[f"2026-{month:02}"]["arr_cents"] for month in range(1, 7)] == [0, 1200, 2400, 1200, 1200, 1200]
    assert months["2026-04"]["churned_customers"] == 1


def test_year_rows_sum_flows_take_last_balances_and_compare_completed_months(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of="2025-03-15")
    for number, month in enumerate(["2024-01", "2024-02", "2024-11", "2025-01", "2025-01", "2025-03"]):
        account.moves(f"lead_{number}", "2024-01-01", (f"{month}-10", "Customer"))
    account.run()
    rows = {(row["year"], row["row_kind"]): row for row in account.table("kpi.growth_yearly")}
    assert rows[2024, "year"]["new_customers"] == 3
    assert rows[2024, "year"]["total_customers"] == 3
    # From February on there are customers at the start: 1 of 1, then 1 of 2 in November, else none.
    assert rows[2024, "year"]["gross_growth_rate"] == pytest.approx(2 * 1.5 - 1)
    assert rows[2024, "year"]["net_growth_rate"] is None
    # 2 of 3 in January, none in February, 1 of 5 in March.
    assert rows[2025, "year"]["gross_growth_rate"] == pytest.approx(5 / 3 * 6 / 5 - 1)
    assert rows[2025, "year"]["net_growth_rate"] == 6 / 3 - 1
    assert rows[2025, "year"]["is_running"] is True
    # January and February are completed, March is running.
    assert rows[2025, "average"]["new_customers"] == 1.0
    # January and February of 2025 against January and February of 2024.
    assert rows[2025, "yoy"]["new_customers"] == 2 / 2 - 1
    assert rows[2025, "yoy"]["total_customers"] == 5 / 2 - 1
    # January and February compounded, against February of 2024: 2 of 3, against 1 of 1.
    assert rows[2025, "yoy"]["gross_growth_rate"] == pytest.approx(2 / 3 - 1)
    assert rows[2025, "yoy"]["net_growth_rate"] is None
    assert rows[2024, "yoy"]["new_customers"] is None
