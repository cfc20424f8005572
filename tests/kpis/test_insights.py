"""Statistics over completed months, and the words for them (definitions, section 5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from close_kpis.kpis.insights import (
    Insight,
    RepMonth,
    busier_closing_less,
    close_rate,
    correlations,
    deal_size,
    importance,
    insights,
)

MONTHS = [date(2025 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(1, 16)]


def rep_month(number: int, user_id: str | None = "ann", **columns: Any) -> RepMonth:
    values: dict[str, Any] = {
        "month": MONTHS[number],
        "user_id": user_id,
        "rep": "Ann" if user_id else "The team",
        "is_active": True,
        "won": 4,
        "lost": 4,
        "close_rate": 0.5,
        "calls_per_decided": 5.0,
        "contacts": 10.0,
        "avg_deal": 120000.0,
    }
    return RepMonth(**{**values, **columns})


def test_busier_and_closing_less_two_months_running() -> None:
    rows = [rep_month(number, won=won, contacts=contacts) for number, (won, contacts) in enumerate(
        [(6, 10), (5, 10), (4, 10), (3, 12), (2, 14)]
    )]  # fmt: skip
    found = busier_closing_less(rows, MONTHS[:5])
    assert found.n == 20
    assert found.estimate == pytest.approx((3 + 2) / (5 + 4) - 1)
    assert found.sentence.startswith("Ann: busier and closing less in 2025-04 and 2025-05")
    assert "n = 20 wins" in found.sentence


@pytest.mark.parametrize(
    "last_two",
    [[(3, 12), (5, 14)], [(3, 12), (2, 9)], [(5, 12), (2, 14)]],
    ids=["won more in the second", "fewer calls in the second", "as many wins as before in the first"],
)
def test_one_month_alone_is_not_busier_and_closing_less(last_two: list[tuple[int, int]]) -> None:
    rows = [
        rep_month(number, won=won, contacts=contacts)
        for number, (won, contacts) in enumerate([(6, 10), (5, 10), (4, 10), *last_two])
    ]
    assert "not both busier and closing less" in busier_closing_less(rows, MONTHS[:5]).sentence


def test_few_wins_are_too_few_to_compare() -> None:
    rows = [rep_month(number, won=0) for number in range(4)] + [rep_month(4, won=1)]
    found = busier_closing_less(rows, MONTHS[:5])
    assert (found.n, found.estimate) == (1, None)
    assert "too few deals to say (n = 1" in found.sentence


def test_deal_size_has_a_slope_in_cents_a_month_with_its_interval() -> None:
    rows = [rep_month(number, avg_deal=100000.0 + 5000 * number) for number in range(12)]
    found = deal_size(rows, MONTHS[:12], "USD")
    assert (found.n, found.estimate, found.low, found.high) == (12, 5000.0, 5000.0, 5000.0)
    assert "+50 USD ARR a month" in found.sentence
    few = deal_size(rows[:5], MONTHS[:12], "USD")
    assert (few.n, few.estimate) == (5, None)
    assert "too few deals to say" in few.sentence


def by_name(found: list[Insight]) -> dict[str, Insight]:
    return {insight.insight: insight for insight in found}


def test_correlation_within_rep_can_differ_from_the_pooled_one() -> None:
    """Within each rep more calls go with a lower close rate; Bo calls more and closes more than Ann."""
    rows = [
        rep_month(number, user, calls_per_decided=base + number, close_rate=rate - number / 100)
        for user, base, rate in (("ann", 0.0, 0.3), ("bo", 20.0, 0.8))
        for number in range(10)
    ]
    found = by_name(correlations(rows))
    pooled, within = found["calls_and_close_rate_pooled"], found["calls_and_close_rate_within_rep"]
    assert (pooled.n, within.n) == (20, 20)
    assert pooled.estimate is not None
    assert within.estimate is not None
    assert pooled.estimate > 0.4
    assert within.estimate == pytest.approx(-1.0)
    assert pooled.low is not None
    assert pooled.high is not None
    assert -1 <= pooled.low < pooled.estimate < pooled.high <= 1
    assert "This does not say which of the two brings about the other" in pooled.sentence


def test_correlation_has_the_interval_of_bonett_and_wright() -> None:
    """Twelve ranks of which each two neighbours are swapped: rho = 1 - 6 x 12 / (12 x 143), standard error 0.403."""
    rates = (0.2, 0.1, 0.4, 0.3, 0.6, 0.5, 0.8, 0.7, 0.92, 0.9, 0.96, 0.94)
    rows = [rep_month(number, calls_per_decided=float(number), close_rate=rate) for number, rate in enumerate(rates)]
    found = by_name(correlations(rows))["calls_and_close_rate_pooled"]
    assert (found.estimate, found.low, found.high) == pytest.approx((0.958042, 0.811837, 0.991196), abs=1e-6)


def test_correlation_needs_twelve_rep_months_with_five_decisions() -> None:
    rows = [rep_month(number, calls_per_decided=float(number)) for number in range(11)]
    rows += [rep_month(number, won=2, lost=2) for number in range(11, 15)]
    pooled = by_name(correlations(rows))["calls_and_close_rate_pooled"]
    assert (pooled.n, pooled.estimate) == (11, None)
    assert "too few deals to say (n = 11 rep-months" in pooled.sentence


def test_correlation_of_equal_values_is_not_a_number_and_not_shown() -> None:
    rows = [rep_month(number, calls_per_decided=0.1 * 3, close_rate=number / 20) for number in range(12)]
    found = by_name(correlations(rows))
    assert found["calls_and_close_rate_pooled"].estimate is None
    assert found["calls_and_close_rate_within_rep"].estimate is None


def test_reps_who_left_are_not_spoken_of_and_the_team_is() -> None:
    rows = [rep_month(number, user, is_active=user != "gone") for number in range(6) for user in (None, "ann", "gone")]
    found = insights(rows, "USD")
    assert {insight.user_id for insight in found} == {None, "ann"}
    assert len({(insight.insight, insight.user_id) for insight in found}) == len(found)
    rate = next(insight for insight in found if insight.insight == "close_rate" and insight.user_id == "ann")
    assert (rate.n, rate.estimate) == (48, 0.5)
    assert "24 of 48" in rate.sentence
    assert insights([], "USD")[0].n == 0


@pytest.mark.parametrize(
    ("won", "lost", "verdict"),
    [
        (0, 0, "too few deals to say"),
        (4, 0, "too few deals to say"),
        (30, 30, "no clear difference to the team"),
        (50, 10, "closing more than the team"),
        (10, 50, "closing less than the team"),
    ],
)
def test_a_close_rate_is_held_against_the_teams(won: int, lost: int, verdict: str) -> None:
    team = [rep_month(0, None, won=500, lost=500)]
    assert close_rate([rep_month(0, won=won, lost=lost)], team).verdict == verdict
    assert close_rate(team, team).verdict == "50% of decided deals won"


def test_verdicts_are_short_and_findings_come_first() -> None:
    rising = [rep_month(number, avg_deal=100000.0 + 5000 * number) for number in range(12)]
    falling = [rep_month(number, avg_deal=100000.0 - 5000 * number) for number in range(12)]
    unclear = [rep_month(number, avg_deal=100000.0 + 5000 * (number % 2)) for number in range(12)]
    sizes = [deal_size(rows, MONTHS[:12], "USD") for rows in (rising, unclear, rising[:5], falling)]
    assert [one.verdict for one in sizes] == [
        "deals are growing",
        "no clear change",
        "too few deals to say",
        "deals are shrinking",
    ]
    assert [importance(one.verdict) for one in sizes] == [0, 1, 2, 0]
    more = [rep_month(number, calls_per_decided=float(number), close_rate=number / 20) for number in range(12)]
    less = [rep_month(number, calls_per_decided=float(number), close_rate=1 - number / 20) for number in range(12)]
    found = [*sizes, *correlations(more), *correlations(less), *insights(rising, "USD")]
    assert {"more calls, higher close rate", "more calls, lower close rate"} <= {one.verdict for one in found}
    assert all(1 <= len(one.verdict.split()) <= 6 for one in found)
