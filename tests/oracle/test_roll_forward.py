"""What must hold between the recomputed tables, whatever the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.oracle.profile import examples, in_folder
from tests.oracle.recompute import recompute
from tests.oracle.strategies import MadeAccount, accounts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

Tables = dict[str, list[dict[str, Any]]]


@examples(100)
@given(accounts())
def test_roll_forwards_and_totals_hold_in_the_oracle(made: MadeAccount) -> None:
    def check(folder: Path) -> None:
        tables = recompute(folder, (folder / "kpis.yaml").read_text(), made.as_of, made.deleted)
        customers_roll_forward(tables)
        revenue_rolls_forward(tables)
        rows_sum_to_their_totals(tables)

    in_folder(made, check)


def customers_roll_forward(tables: Tables) -> None:
    for row in tables["growth_monthly"]:
        gained = row["new_customers"] + row["reactivated_customers"]
        assert row["opening_customers"] + gained - row["churned_customers"] == row["total_customers"]
    pairs = zip(tables["growth_monthly"], tables["growth_monthly"][1:], strict=False)
    assert all(this["total_customers"] == following["opening_customers"] for this, following in pairs)


def revenue_rolls_forward(tables: Tables) -> None:
    for growth, moves in zip(tables["growth_monthly"], tables["mrr_movements_monthly"], strict=True):
        gained = sum(moves[f"{name}_arr_cents"] for name in ("new", "reactivation", "expansion"))
        lost = moves["contraction_arr_cents"] + moves["churn_arr_cents"]
        assert moves["opening_arr_cents"] + gained - lost == moves["closing_arr_cents"] == growth["arr_cents"]


def rows_sum_to_their_totals(tables: Tables) -> None:
    for team in tables["team_monthly"]:
        reps = [row for row in tables["rep_monthly"] if row["month"] == team["month"]]
        for name in (
            "new_demos",
            "won_opportunities",
            "lost_opportunities",
            "cancelled_leads",
            "arr_added_cents",
        ):
            assert sum(row[name] for row in reps) == team[name], name
    (total,) = tables["source_total"]
    for name in (
        "total_leads",
        "won_opportunities",
        "lost_opportunities",
        "total_arr_cents",
        "current_arr_cents",
    ):
        assert sum(row[name] for row in tables["source_all_time"]) == total[name], name
    assert total["current_arr_cents"] == tables["growth_monthly"][-1]["arr_cents"]
