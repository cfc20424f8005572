"""Expected wins: how many open deals are won within three months, by what was known on the day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from scipy.stats import CensoredData, ecdf

from tests.kpis.small_account import SmallAccount, at

if TYPE_CHECKING:
    from pathlib import Path

MADE_ON = "2026-05"
STAGES = {"Demo": "active", "Offer": "active", "Won": "won", "Lost": "lost"}
EXPECTED = ("expected_wins", "expected_wins_low", "expected_wins_high", "learned_from")


def moves(account: SmallAccount, deal: str, created: str, *path: tuple[str, str], start: str = "Demo") -> None:
    """A deal that begins in a stage and moves on: (day, stage) each."""
    stage = start
    for number, (day, entered) in enumerate(path):
        account.rows["opportunity_status_changes"].append({
            "id": f"change_{deal}_{number}",
            "opportunity_id": deal,
            "old_status_id": f"stage_{stage}",
            "old_status_type": STAGES[stage],
            "new_status_id": f"stage_{entered}",
            "new_status_type": STAGES[entered],
            "activity_at": at(day),
            "date_created": at(day),
        })
        stage = entered
    account.deal(deal, None, created=created, status_id=f"stage_{stage}", status_type=STAGES[stage])
    if stage == "Won":
        account.rows["opportunities"][-1]["date_won"] = date.fromisoformat(path[-1][0])


def history(account: SmallAccount, *later: tuple[str, str], wait: int = 8) -> SmallAccount:
    """Twenty deals of January: 5 won in February, 3 lost then, 4 won in March; the others wait, and come to `later`."""
    ends = [("2026-02-10", "Won")] * 5 + [("2026-02-20", "Lost")] * 3 + [("2026-03-05", "Won")] * 4
    for number, end in enumerate(ends):
        moves(account, f"d{number:02}", "2026-01-15", end)
    for number in range(wait):
        moves(account, f"w{number:02}", "2026-01-15", *later)
    return account


def test_chances_follow_what_deals_of_the_stage_came_to(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path)).run()
    # Looked at on 1 February 20 were in the stage, on 1 March 12, on 1 April 8. Of these 40 were won in the month
    # after 5 + 4 + 0; of the 15 and 8 not won by then in the second one 4 + 0, the lost among them; of the 11 that
    # were watched for a third one none.
    chance = 1 - (1 - 9 / 40) * (1 - 4 / 23)
    row = account.month("kpi.forecast_monthly", MADE_ON)
    assert (row["open_opportunities"], row["learned_from"], row["won_opportunities"]) == (8, 20, None)
    assert row["expected_wins"] == pytest.approx(8 * chance)
    assert 0 < row["expected_wins_low"] < row["expected_wins"] < row["expected_wins_high"] < 8


def test_the_chance_is_the_kaplan_meier_estimate_of_scipy(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path)).run()
    # Months until the win, and months that were watched without one: those of 1 February for three, and so on.
    won, watched = [1] * (5 + 4) + [2] * 4, [3] * (20 - 9) + [2] * (12 - 4) + [1] * 8
    estimate = ecdf(CensoredData(uncensored=won, right=watched))
    [row] = account.table(
        "select distinct win_chance from staging.forecast_opportunities where month = date '2026-05-01'"
    )
    assert row["win_chance"] == pytest.approx(estimate.cdf.probabilities[-1])


def test_before_three_months_have_passed_there_is_too_little_history(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path)).run()
    row = account.month("kpi.forecast_monthly", "2026-03")
    assert (row["open_opportunities"], row["won_opportunities"], row["expected_wins"]) == (12, 4, None)


@pytest.mark.parametrize(("wait", "is_told"), [(8, True), (7, False)])
def test_below_twenty_deals_there_is_too_little_history(tmp_path: Path, wait: int, *, is_told: bool) -> None:
    account = history(SmallAccount(tmp_path), wait=wait).run()
    row = account.month("kpi.forecast_monthly", MADE_ON)
    assert row["learned_from"] == 12 + wait
    assert (row["expected_wins"] is not None) == is_told


@pytest.mark.parametrize("later", [[("2026-05-01", "Won")], [("2026-05-20", "Lost")], [("2026-06-02", "Offer")]])
def test_what_came_later_does_not_change_what_was_expected(tmp_path: Path, later: list[tuple[str, str]]) -> None:
    as_it_was = history(SmallAccount(tmp_path / "then")).run().month("kpi.forecast_monthly", MADE_ON)
    since = history(SmallAccount(tmp_path / "now"), *later).run().month("kpi.forecast_monthly", MADE_ON)
    assert [since[column] for column in EXPECTED] == [as_it_was[column] for column in EXPECTED]


def test_what_came_is_told_once_three_months_are_over(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path, as_of="2026-08-01 12:00"), ("2026-07-31", "Won")).run()
    assert account.month("kpi.forecast_monthly", MADE_ON)["won_opportunities"] == 8
    assert account.month("kpi.forecast_monthly", "2026-06")["won_opportunities"] is None


def test_a_deal_won_back_and_forth_within_a_day_is_not_won(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path, as_of="2026-08-01 12:00"))
    moves(account, "slip", "2026-01-15", ("2026-06-03 10:00", "Won"), ("2026-06-03 10:05", "Demo"))
    row = account.run().month("kpi.forecast_monthly", MADE_ON)
    assert (row["open_opportunities"], row["won_opportunities"]) == (9, 0)


def test_a_rare_stage_takes_the_chances_of_all_stages(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path))
    moves(account, "rare", "2026-04-02", ("2026-04-20", "Offer"))
    account.run()
    rows = account.table(
        "select status_id, win_chance, is_pooled from staging.forecast_opportunities where month = date '2026-05-01'"
    )
    by_stage = {row["status_id"]: row for row in rows}
    assert (by_stage["stage_Demo"]["is_pooled"], by_stage["stage_Offer"]["is_pooled"]) == (False, True)
    assert by_stage["stage_Offer"]["win_chance"] == pytest.approx(by_stage["stage_Demo"]["win_chance"])


def test_renewals_and_ignored_pipelines_are_left_out(tmp_path: Path) -> None:
    account = history(SmallAccount(tmp_path))
    account.deal("renewal", None, created="2026-02-01", pipeline="Renewal", status_id="stage_Demo")
    account.deal("partner", None, created="2026-02-01", pipeline="Partnerships", status_id="stage_Demo")
    account.run()
    assert {row["open_opportunities"] for row in account.table("kpi.forecast_monthly")[-2:]} == {8}


@pytest.mark.parametrize("deals", [0, 1])
def test_an_account_without_history_is_told_nothing(tmp_path: Path, deals: int) -> None:
    account = SmallAccount(tmp_path)
    for number in range(deals):
        moves(account, f"d{number}", "2026-06-12")
    account.run()
    [row] = account.table("kpi.forecast_monthly")
    assert [row[column] for column in EXPECTED] == [None, None, None, 0]
    assert (row["is_running"], row["open_opportunities"]) == (True, deals)


def test_where_nobody_ever_won_none_is_expected_and_some_are_possible(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    for number in range(30):
        moves(account, f"d{number:02}", "2026-01-15")
    row = account.run().month("kpi.forecast_monthly", "2026-06")
    assert (row["expected_wins"], row["expected_wins_low"]) == (0, 0)
    assert 0 < row["expected_wins_high"] < 10
