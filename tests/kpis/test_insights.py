"""Statistics over completed months, and the words for them (definitions, section 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import atanh, sqrt, tanh
from statistics import fmean
from typing import Any

import pytest
from scipy.stats import spearmanr

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
    assert [one.n for one in found if one.insight.startswith("calls_and_close_rate")] == [12, 12], "of reps alone"
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


def test_a_close_rate_tells_its_months_its_deals_and_its_interval() -> None:
    """Wilson's interval of p = 9 / 30: (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n)."""
    rows = [rep_month(2, won=4, lost=11), rep_month(3, won=2, lost=3), rep_month(7, won=3, lost=7)]
    found = close_rate(rows, rows)
    assert found.sentence == (
        "Ann won 9 of 30 opportunities decided from 2025-03 to 2025-08: 30% (95 % interval 17% to 48%, n = 30)."
    )
    assert (found.n, found.estimate) == (30, 0.3)
    z = 1.959964
    middle, width = 0.3 + z**2 / 60, z * sqrt(0.21 / 30 + z**2 / 3600)
    expected = ((middle - width) / (1 + z**2 / 30), (middle + width) / (1 + z**2 / 30))
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-6)
    assert found.behind == tuple(rows)
    assert close_rate([rep_month(0, won=0, lost=0)], rows).sentence == (
        "Ann, close rate: too few deals to say (n = 0)."
    )


@pytest.mark.parametrize(("decided", "is_told"), [(4, False), (5, True)])
def test_a_close_rate_needs_five_decisions(decided: int, is_told: bool) -> None:
    team = [rep_month(0, None, won=10, lost=90)]
    verdict = close_rate([rep_month(0, won=decided, lost=0)], team).verdict
    assert verdict == ("closing more than the team" if is_told else "too few deals to say")


@pytest.mark.parametrize(
    ("of_team", "verdict"),
    [
        # Wilson's interval of 5 of 10 is 0.2366 to 0.7634.
        (237, "no clear difference to the team"),
        (236, "closing more than the team"),
        (763, "no clear difference to the team"),
        (764, "closing less than the team"),
    ],
)
def test_a_close_rate_differs_from_the_teams_where_that_lies_outside_its_interval(of_team: int, verdict: str) -> None:
    team = [rep_month(0, None, won=of_team - 100, lost=900 - of_team), rep_month(1, None, won=100, lost=100)]
    assert close_rate([rep_month(0, won=5, lost=5)], team).verdict == verdict


def test_deal_sizes_are_told_with_their_months_and_their_interval() -> None:
    deals = [100000.0, 130000.0, 90000.0, 160000.0, 150000.0, 210000.0]
    rows = [rep_month(number, avg_deal=deal) for number, deal in zip((1, 3, 4, 6, 9, 11), deals, strict=True)]
    rows.insert(2, rep_month(7, avg_deal=None))
    found = deal_size(rows, MONTHS[:12], "EUR")
    slopes = sorted(
        (later - deal) / (at - first)
        for place, (first, deal) in enumerate(zip((1, 3, 4, 6, 9, 11), deals, strict=True))
        for at, later in list(zip((1, 3, 4, 6, 9, 11), deals, strict=True))[place + 1 :]
    )
    assert (found.n, found.estimate) == (6, pytest.approx(slopes[7]))
    assert found.low == pytest.approx(slopes[1])
    assert found.high == pytest.approx(slopes[13])
    assert found.sentence == (
        f"Ann: from 2025-01 to 2025-12 the average deal size moved by {slopes[7] / 100:+,.0f} EUR ARR a month "
        f"(Theil-Sen slope, 95 % interval {slopes[1] / 100:+,.0f} EUR to {slopes[13] / 100:+,.0f} EUR, which includes "
        "no change; n = 6 months with a deal)."
    )
    assert found.behind == tuple(rows)
    rising = [rep_month(number, avg_deal=100000.0 + 5000 * number) for number in range(12)]
    assert "all on one side of no change; n = 12" in deal_size(rising, MONTHS[:12], "EUR").sentence
    assert deal_size(rising[:5], MONTHS[:12], "EUR").sentence == (
        "Ann, trend of the deal size: too few deals to say (n = 5 months with a deal, 6 needed)."
    )


def test_busier_and_closing_less_is_told_with_both_comparisons() -> None:
    rows = [rep_month(number, won=won, contacts=contacts) for number, (won, contacts) in enumerate(
        [(9, 10), (8, 11), (4, 15), (3, 17), (2, 19)]
    )]  # fmt: skip
    found = busier_closing_less(rows, MONTHS[:5])
    assert found.sentence == (
        "Ann: busier and closing less in 2025-04 and 2025-05, each against the three months before (calls and e-mails "
        "per working day 17.0 after a mean of 12.0, then 19.0 after 14.3; wins 3 after a mean of 7.0, then 2 after "
        "5.0; n = 26 wins in five months)."
    )
    assert (found.verdict, found.low, found.high) == ("busier and closing less", None, None)
    assert found.estimate == pytest.approx(5 / 12 - 1)
    assert found.behind == tuple(rows)


@pytest.mark.parametrize("missing", range(5))
def test_a_month_without_a_row_has_no_wins_and_no_contacts(missing: int) -> None:
    rows = [rep_month(number, won=7, contacts=10) for number in range(5) if number != missing]
    found = busier_closing_less(rows, MONTHS[:5])
    won = [0 if number == missing else 7 for number in range(5)]
    assert found.n == 28
    assert found.estimate == pytest.approx((won[3] + won[4]) / (sum(won[:3]) / 3 + sum(won[1:4]) / 3) - 1)
    days_off = [rep_month(number, won=7, contacts=None if number == missing else 10) for number in range(5)]
    told = busier_closing_less(days_off, MONTHS[:5]).sentence.partition("wins")[0]
    assert told == found.sentence.partition("wins")[0]


@pytest.mark.parametrize("last_two", [[(5, 12), (4, 14)], [(3, 10), (2, 14)], [(3, 12), (4, 14)], [(3, 12), (3, 10.5)]])
def test_as_many_as_before_is_neither_busier_nor_closing_less(last_two: list[tuple[int, float]]) -> None:
    before = [(5, 10.0), (5, 10.0), (5, 10.0)]
    rows = [rep_month(at, won=won, contacts=contacts) for at, (won, contacts) in enumerate([*before, *last_two])]
    assert busier_closing_less(rows, MONTHS[:5]).verdict == (
        "busier and closing less" if last_two == [(3, 12), (4, 14)] else "no clear change"
    )


@pytest.mark.parametrize(("wins", "is_told"), [(4, False), (5, True)])
def test_a_comparison_needs_five_wins(wins: int, is_told: bool) -> None:
    rows = [rep_month(number, won=0) for number in range(4)] + [rep_month(4, won=wins)]
    found = busier_closing_less(rows, MONTHS[:5])
    assert (found.verdict != "too few deals to say") == is_told
    # Nothing was won before: there is no relative change.
    assert found.estimate is None
    if not is_told:
        assert found.sentence == (
            "Ann, busier and closing less: too few deals to say (n = 4 wins in five months, 5 needed)."
        )


@pytest.mark.parametrize(("months", "is_there"), [(4, False), (5, True), (6, True)])
def test_a_comparison_needs_five_months(months: int, is_there: bool) -> None:
    rows = [rep_month(number, user) for number in range(months) for user in (None, "ann")]
    found = [one for one in insights(rows, "USD") if one.insight == "busier_closing_less"]
    assert [one.user_id for one in found] == ([None, "ann"] if is_there else [])
    if is_there:
        assert {row.month for row in found[1].behind} == set(MONTHS[months - 5 : months])


def test_rates_and_sizes_look_back_on_twelve_months() -> None:
    """The team won all before, and nothing since."""
    rows = [
        rep_month(number, user, won=100 if number < 3 else 0, lost=0 if number < 3 else 5)
        for number in range(15)
        for user in (None, "ann")
    ]
    found = {(one.insight, one.user_id): one for one in insights(rows, "USD")}
    rate = found["close_rate", "ann"]
    assert (rate.n, rate.estimate, rate.verdict) == (60, 0.0, "no clear difference to the team")
    assert {row.month for row in rate.behind} == set(MONTHS[3:])
    assert found["deal_size_trend", "ann"].n == 12
    assert "from 2025-04 to 2026-03 " in found["deal_size_trend", "ann"].sentence


def test_a_rep_is_called_as_today_and_spoken_of_while_a_member() -> None:
    """Months of before keep the name and the membership of their time."""
    team = [rep_month(number, None) for number in range(6)]
    renamed = [rep_month(number, "cho", rep="Cho" if number < 5 else "Cho Lee") for number in range(6)]
    back = [rep_month(number, "dee", is_active=number == 5, rep="Dee") for number in range(6)]
    gone = [rep_month(number, "eve", is_active=number != 5, rep="Eve") for number in range(6)]
    long_ago = [rep_month(0, "fay", rep="Fay")]
    found = insights(sorted([*team, *renamed, *back, *gone, *long_ago], key=lambda row: row.month), "USD")
    assert {one.user_id for one in found} == {None, "cho", "dee", "fay"}
    assert all(one.sentence.startswith("Cho Lee") for one in found if one.user_id == "cho")
    later = [rep_month(number, None) for number in range(13)]
    assert {one.user_id for one in insights([*long_ago, *later], "USD")} == {None}


def test_correlation_within_reps_loses_a_degree_of_freedom_a_rep_but_one() -> None:
    """Four reps of five months, one of a single month, and months that say nothing."""
    rates = {"ann": (0.0, 0.3, 0.2, 0.5, 0.4), "bo": (0.6, 0.5, 0.8, 0.7, 0.9), "cho": (0.2, 0.1, 0.3, 0.5, 0.4)}
    rates["eve"] = (0.3, 0.2, 0.6, 0.5, 0.7)
    rows = [
        rep_month(number, user, calls_per_decided=number + 0.1 * number * number, close_rate=rate)
        for user, of_rep in rates.items()
        for number, rate in enumerate(of_rep)
    ]
    silent = [rep_month(6, "ann", calls_per_decided=None), rep_month(7, "ann", close_rate=None)]
    alone = [rep_month(0, "dee", calls_per_decided=9.0, close_rate=0.9)]
    found = by_name(correlations([*rows, *silent, *alone]))
    pooled, within = found["calls_and_close_rate_pooled"], found["calls_and_close_rate_within_rep"]
    assert (pooled.n, within.n) == (21, 20)
    calls = [number + 0.1 * number * number for number in range(5)]
    centred = [
        (round(call - fmean(calls), 9), round(rate - fmean(of_rep), 9))
        for of_rep in rates.values()
        for call, rate in zip(calls, of_rep, strict=True)
    ]
    assert within.estimate == pytest.approx(spearmanr(*zip(*centred, strict=True)).statistic, abs=1e-9)
    assert within.behind == tuple(rows)
    assert pooled.behind == (*rows, *alone)
    assert {*within.row()} == {"insight", "user_id", "n", "estimate", "low", "high", "verdict", "sentence"}
    for one, degrees in ((pooled, 21), (within, 17)):
        assert one.estimate is not None
        width = 1.959964 * sqrt((1 + one.estimate**2 / 2) / (degrees - 3))
        expected = (tanh(atanh(one.estimate) - width), tanh(atanh(one.estimate) + width))
        assert (one.low, one.high) == pytest.approx(expected, abs=1e-6)
    assert within.sentence == (
        f"Calls per decided deal and close rate, within each rep: more calls went with a higher close rate (Spearman "
        f"{within.estimate:+.2f}, 95 % interval {within.low:+.2f} to {within.high:+.2f}, n = 20 rep-months). This does "
        "not say which of the two brings about the other, if either does."
    )
    assert pooled.sentence.startswith("Calls per decided deal and close rate, over all reps: ")


def test_correlation_of_a_perfect_order_has_no_width() -> None:
    for sign in (1, -1):
        rows = [rep_month(at, calls_per_decided=float(at), close_rate=0.5 + sign * at / 50) for at in range(12)]
        for found in correlations(rows):
            assert (found.estimate, found.low, found.high) == pytest.approx((sign, sign, sign))


def test_correlation_that_may_be_none_says_so() -> None:
    rates = (0.5, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.15, 0.85, 0.5)
    rows = [rep_month(number, calls_per_decided=float(number), close_rate=rate) for number, rate in enumerate(rates)]
    for found in correlations(rows):
        assert found.verdict == "no clear relation"
        assert f", {'over all reps' if 'pooled' in found.insight else 'within each rep'}: no clear relation (" in (
            found.sentence
        )
    few = correlations(rows[:11])
    assert few[1].sentence == (
        "Calls per decided deal and close rate, within each rep: too few deals to say (n = 11 rep-months with 5 or "
        "more decisions, 12 needed)."
    )
    for values in ({"calls_per_decided": 3.0}, {"close_rate": 0.3}):
        for found in correlations([replace(row, **values) for row in rows]):
            assert (found.verdict, found.n) == ("no clear relation", 12)
            assert "one of the two does not vary, so there is nothing to compare (n = 12 rep-months)." in found.sentence


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
