"""What became of the leads of each source, and the open pipeline (definitions, sections 7 and 8)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.kpis.small_account import SmallAccount, at

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> SmallAccount:
    account = SmallAccount(tmp_path_factory.mktemp("sources"), as_of="2026-06-10 12:00")
    account.lead("one", "2026-01-01", "Customer", custom={"cf_source": "Web"})
    account.deal("w1", "one", "2026-02-10", 1200, created="2026-01-20")
    account.deal("w2", "one", "2026-01-11", 500, value_period="one_time", created="2026-01-05")
    account.deal("l1", "one", status_type="lost", date_lost=at("2026-03-03"))
    account.deal("undated", "one", None, 100, status_type="won", date_won=None)
    account.lead("two", "2026-01-15", custom={"cf_source": ["Web", "Fair"]})
    account.deal("w3", "two", "2026-01-10", 100, created="2026-01-15")
    account.lead("three", "2026-02-01", custom={"cf_source": "unknown"})
    account.lead("four", "2026-02-01", custom={"cf_source": []})
    account.lead("five", "2026-02-02", custom={"cf_source": None})
    account.lead("six", "2026-02-02", custom={"cf_source": 7})
    account.deal("o1", "three", None, 1000, value_period="monthly", created="2026-06-01")
    account.deal("o2", "three", None, 500, created="2026-06-06", confidence=None)
    account.deal("o3", None, None, 300, value_period="one_time", created="2026-06-10")
    return account.run()


def test_source_is_the_first_value_and_unset_is_not_a_value(account: SmallAccount) -> None:
    leads = {row["source"]: row["total_leads"] for row in account.table("kpi.source_all_time")}
    assert leads == {"Web": 2, "unknown": 1, "(none)": 2, "7": 1}


def test_results_of_a_source_are_to_date(account: SmallAccount) -> None:
    web = next(row for row in account.table("kpi.source_all_time") if row["source"] == "Web")
    assert (web["won_opportunities"], web["lost_opportunities"]) == (4, 1)
    assert web["win_rate"] == 4 / 5
    assert web["lead_conversion"] == 1.0
    # one: first win on 11 January, ten days on; two: won before it was created, left out and listed.
    assert (web["avg_days_to_close"], web["median_days_to_close"]) == (10.0, 10.0)
    assert ("won_before_created", "two") in {
        (row["rule"], row["record_id"]) for row in account.table("kpi.data_quality")
    }
    assert web["total_arr_cents"] == 1200 + 100 + 100
    assert web["avg_arr_per_won_account_cents"] == 1400 / 2
    assert web["current_arr_cents"] == 1200


def test_cohorts_are_by_month_of_the_leads_creation(account: SmallAccount) -> None:
    cohorts = {(f"{row['cohort_month']:%Y-%m}", row["source"]): row for row in account.table("kpi.source_monthly")}
    assert set(cohorts) == {("2026-01", "Web"), ("2026-02", "unknown"), ("2026-02", "(none)"), ("2026-02", "7")}
    assert cohorts["2026-01", "Web"]["won_opportunities"] == 4
    assert cohorts["2026-02", "unknown"]["win_rate"] is None


def test_total_row_is_over_the_records(account: SmallAccount) -> None:
    (total,) = account.table("kpi.source_total")
    assert (total["total_leads"], total["won_opportunities"], total["current_arr_cents"]) == (6, 4, 1200)
    assert total["lead_conversion"] == 2 / 6


def test_share_of_leads_without_a_source_is_a_warning_above_its_limit(account: SmallAccount) -> None:
    details = [row["detail"] for row in account.table("kpi.data_quality") if row["rule"] == "unknown_source"]
    assert details == ["33.3 % of 6 leads have no source; the limit is 20.0 %"]


def test_open_opportunities_by_stage_weighted_by_confidence(account: SmallAccount) -> None:
    (row,) = account.table("kpi.pipeline_daily")
    assert (row["day"], row["pipeline"], row["status"]) == (date(2026, 6, 10), "New business", "Open")
    assert (row["opportunities"], row["arr_cents"], row["one_time_cents"]) == (3, 12500, 300)
    assert row["weighted_arr_cents"] == 6000
    assert row["avg_age_days"] == pytest.approx((9 + 4 + 0) / 3)


def test_an_opportunity_in_a_stage_of_unknown_kind_is_open(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of="2026-06-10 12:00")
    account.lead("one", "2026-01-01")
    account.deal("o1", "one", None, 100, created="2026-06-01", status_type=None)
    account.run()
    (row,) = account.table("kpi.pipeline_daily")
    assert (row["opportunities"], row["arr_cents"]) == (1, 100)
    (total,) = account.table("kpi.source_total")
    assert (total["won_opportunities"], total["lost_opportunities"]) == (0, 0)


def test_snapshot_of_a_day_is_replaced_and_earlier_days_stay(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of="2026-06-10 08:00")
    account.deal("o1", None, None, 100, created="2026-06-01")
    account.run()
    account.deal("o2", None, None, 100, created="2026-06-10")
    account.sync(as_of="2026-06-10 18:00")
    account.compute()
    account.sync(as_of="2026-06-11 08:00")
    account.compute()
    days = {f"{row['day']}": row["opportunities"] for row in account.table("kpi.pipeline_daily")}
    assert days == {"2026-06-10": 2, "2026-06-11": 2}
    rates = account.month("kpi.win_rate_monthly", "2026-06")
    assert (rates["created_opportunities"], rates["win_rate"]) == (2, None)


def test_months_begin_with_history_start_but_balances_know_what_was_before(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, settings={"history_start": "2026-05", "source_field": None})
    account.moves("early", "2026-01-01", ("2026-01-10", "Customer"))
    account.deal("e", "early", "2026-01-10", 1200)
    account.run()
    first = account.month("kpi.growth_monthly", "2026-05")
    assert (first["opening_customers"], first["arr_cents"]) == (1, 1200)
    assert len(account.table("kpi.growth_monthly")) == 2
    assert account.month("kpi.mrr_movements_monthly", "2026-05")["opening_arr_cents"] == 1200
    assert account.table("kpi.source_monthly") == []
    assert [row["source"] for row in account.table("kpi.source_all_time")] == ["(none)"]
