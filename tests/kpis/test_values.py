"""The running annual value of customers and its movements (definitions, section 3 and 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kpis.small_account import SmallAccount

if TYPE_CHECKING:
    from collections.abc import Callable

MOVES = ("new", "reactivation", "expansion", "contraction", "churn", "closing")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> SmallAccount:
    """Each year from 2020 on, one lead's story of value; amounts are annual cents."""
    account = SmallAccount(tmp_path_factory.mktemp("values"))
    account.user("ann")
    ann = {"user_id": "ann"}

    account.moves("grows", "2020-01-01", ("2020-01-10", "Customer"), ("2020-12-10", "Churned"))
    account.deal("g1", "grows", "2020-01-10", 100, value_period="monthly", **ann)
    account.deal("g2", "grows", "2020-02-29", 300, pipeline="Expansion", **ann)
    account.deal("g3", "grows", "2020-03-31", 1000, pipeline="Renewal", **ann)
    account.deal("g4", "grows", "2020-04-01", 50, pipeline="Expansion", **ann)
    account.deal("g5", "grows", "2020-05-05", 2000, pipeline="Renewal", **ann)
    account.deal("g6", "grows", "2020-06-06", 9999, value_period="one_time", **ann)
    account.deal("g7", "grows", None, 7777, status_type="active", date_won="2020-06-06", created="2020-06-01", **ann)
    account.deal("g8", "grows", "2020-07-07", None, **ann)
    account.deal("g9", "grows", "2020-08-08", -500, pipeline="Expansion", **ann)

    # Two wins on a day count in the order of their creation: the renewal replaces what came before it.
    account.moves("same_day", "2021-01-01", ("2021-01-10", "Customer"), ("2021-12-10", "Churned"))
    account.deal("s1", "same_day", "2021-02-02", 500, pipeline="Expansion", created="2021-01-20")
    account.deal("s2", "same_day", "2021-02-02", 1000, pipeline="Renewal", created="2021-01-21")

    account.moves(
        "returns_with_a_deal", "2022-01-01",
        ("2022-01-10", "Customer"), ("2022-03-10", "Churned"), ("2022-05-10", "Customer"), ("2022-12-10", "Churned"),
    )  # fmt: skip
    account.deal("r1", "returns_with_a_deal", "2022-01-10", 1200)
    account.deal("r2", "returns_with_a_deal", "2022-03-10", 700)

    account.moves(
        "returns_without_a_deal", "2023-01-01",
        ("2023-01-10", "Customer"), ("2023-03-10", "Churned"), ("2023-05-10", "Customer"), ("2023-12-10", "Churned"),
    )  # fmt: skip
    account.deal("w1", "returns_without_a_deal", "2023-01-10", 1200)
    account.deal("w2", "returns_without_a_deal", "2023-03-09", 300, pipeline="Expansion")
    account.deal("w3", "returns_without_a_deal", "2023-07-01", 900, pipeline="Renewal", **ann)

    account.moves(
        "restored_now", "2024-01-01", ("2024-01-10", "Customer"), ("2024-03-10", "Churned"), ("2024-05-10", "Customer")
    )
    account.deal("n1", "restored_now", "2024-01-10", 600)
    account.moves("pays_nothing", "2025-01-01", ("2025-01-10", "Customer"))
    account.deal("p1", "pays_nothing", "2025-01-10", 0)
    account.lead("prospect", "2025-02-01")
    account.deal("q1", "prospect", "2025-02-10", 800, created="2025-02-20")
    account.deal("q2", "prospect", "2026-07-10", 800, created="2026-06-20")
    return account.run()


@pytest.fixture(scope="module")
def moves(account: SmallAccount) -> Callable[[str], dict[str, int]]:
    rows = {f"{row['month']:%Y-%m}": row for row in account.table("kpi.mrr_movements_monthly")}
    return lambda month: {move: rows[month][f"{move}_arr_cents"] for move in MOVES if rows[month][f"{move}_arr_cents"]}


def test_new_and_expansion_add_up_and_a_monthly_value_counts_twelve_times(
    moves: Callable[[str], dict[str, int]],
) -> None:
    assert moves("2020-01") == {"new": 1200, "closing": 1200}
    assert moves("2020-02") == {"expansion": 300, "closing": 1500}


def test_renewal_replaces_the_value_and_later_expansions_add_to_it(moves: Callable[[str], dict[str, int]]) -> None:
    assert moves("2020-03") == {"contraction": 500, "closing": 1000}
    assert moves("2020-04") == {"expansion": 50, "closing": 1050}
    assert moves("2020-05") == {"expansion": 950, "closing": 2000}
    assert moves("2021-02") == {"expansion": 1000, "closing": 1000}


def test_one_time_reopened_and_missing_values_add_nothing_and_a_negative_one_subtracts(
    moves: Callable[[str], dict[str, int]],
) -> None:
    assert moves("2020-06") == {"closing": 2000}
    assert moves("2020-07") == {"closing": 2000}
    assert moves("2020-08") == {"contraction": 500, "closing": 1500}
    assert moves("2020-12") == {"churn": 1500}


def test_after_a_churn_only_wins_since_the_day_it_left_count(moves: Callable[[str], dict[str, int]]) -> None:
    assert moves("2022-03") == {"churn": 1200}
    assert moves("2022-05") == {"reactivation": 700, "closing": 700}
    assert moves("2022-12") == {"churn": 700}


def test_value_before_the_churn_is_restored_without_a_deal_until_one_is_won(
    moves: Callable[[str], dict[str, int]],
) -> None:
    assert moves("2023-03") == {"churn": 1200}
    assert moves("2023-05") == {"reactivation": 1500, "closing": 1500}
    assert moves("2023-07") == {"contraction": 600, "closing": 900}


def test_renewal_adds_only_its_increase_to_the_rep(account: SmallAccount) -> None:
    added = {
        f"{row['month']:%Y-%m}": row["arr_added_cents"]
        for row in account.table("kpi.rep_monthly")
        if row["user_id"] == "ann" and (row["won_opportunities"] or row["won_renewals"])
    }
    assert added["2020-03"] == 0  # 1000 after 1500
    assert added["2020-05"] == 950  # 2000 after 1050
    assert added["2020-06"] == 0
    assert added["2020-08"] == -500
    assert added["2023-07"] == 0  # 900 after the restored 1500
    june = account.month("kpi.rep_monthly", "2020-06", "ann")
    assert (june["one_time_won_cents"], june["won_opportunities"], june["avg_deal_arr_cents"]) == (9999, 1, None)


def test_revenue_retention_and_quick_ratio_are_empty_without_a_base(account: SmallAccount) -> None:
    january = account.month("kpi.mrr_movements_monthly", "2020-01")
    assert [january[rate] for rate in ("net_revenue_retention", "gross_revenue_retention", "quick_ratio")] == [None] * 3
    march = account.month("kpi.mrr_movements_monthly", "2020-03")
    assert march["net_revenue_retention"] == march["gross_revenue_retention"] == 1000 / 1500
    assert march["quick_ratio"] == 0.0
    february = account.month("kpi.mrr_movements_monthly", "2020-02")
    assert (february["net_revenue_retention"], february["gross_revenue_retention"]) == (1.25, 1.0)


def test_mrr_is_a_twelfth_of_arr_and_not_rounded(account: SmallAccount) -> None:
    march = account.month("kpi.growth_monthly", "2020-03")
    assert march["arr_cents"] == 1000
    assert march["mrr_cents"] == pytest.approx(83.3333333)


def test_warnings_list_the_records(account: SmallAccount) -> None:
    found = {
        (row["rule"], row["record_type"], row["record_id"], row["lead_id"]) for row in account.table("kpi.data_quality")
    }
    assert found == {
        ("missing_value", "opportunity", "g8", "grows"),
        ("reactivated_without_deal", "lead", "restored_now", "restored_now"),
        ("customer_without_mrr", "lead", "pays_nothing", "pays_nothing"),
        ("won_without_customer", "opportunity", "q1", "prospect"),
        ("won_before_created", "opportunity", "q1", "prospect"),
        ("won_in_future", "opportunity", "q2", "prospect"),
        ("unknown_source", "source", "(none)", None),
        ("annual_not_renewed", "lead", "pays_nothing", "pays_nothing"),
        ("annual_not_renewed", "lead", "restored_now", "restored_now"),
    }
    assert {row["severity"] for row in account.table("kpi.data_quality")} == {"warning"}
