"""Statistics over completed months, each with its n and its 95 % interval, in words that claim no cause."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

CONFIDENCE = 0.95
Z = 1.959963984540054
"""Standard normal quantile of the 95 % interval."""

WINDOW = 12
"""Completed months that deal sizes and close rates look back on."""

MIN_DECIDED = 5
"""Decided opportunities that a rep-month needs before its close rate says anything."""

MIN_REP_MONTHS = 12
"""Rep-months that a correlation needs."""

MIN_DEAL_MONTHS = 6
"""Months with a deal that a trend of deal sizes needs."""

MIN_WINS = 5
"""Wins in five months that a comparison of months needs."""

TOO_FEW = "too few deals to say"
NO_CHANGE = "no clear change"
NO_RELATION = "no clear relation"
LIKE_THE_TEAM = "no clear difference to the team"
NOTHING_CLEAR = frozenset({NO_CHANGE, NO_RELATION, LIKE_THE_TEAM})
"""Verdicts that tell a reader to look elsewhere first."""


@dataclass(frozen=True)
class RepMonth:
    """A completed month of a rep, or of the team (``user_id`` None).

    Attributes:
        month: its first day.
        user_id: Close user, None for the team.
        rep: name for sentences.
        is_active: the rep is still a member.
        won: won opportunities.
        lost: lost opportunities.
        close_rate: won / (won + lost), None without decisions.
        calls_per_decided: mean counted calls per decided deal, None without one.
        contacts: calls + e-mails per working day, None in a month without working days.
        avg_deal: mean annual cents of won recurring deals, None without one.
    """

    month: date
    user_id: str | None
    rep: str
    is_active: bool
    won: int
    lost: int
    close_rate: float | None
    calls_per_decided: float | None
    contacts: float | None
    avg_deal: float | None

    @property
    def decided(self) -> int:
        """Opportunities won or lost."""
        return self.won + self.lost


@dataclass(frozen=True)
class Insight:
    """A row of ``kpi.insights``.

    Attributes:
        insight: which statistic.
        user_id: the rep, None for the team.
        n: observations.
        estimate: its value, None where there is too little to say.
        low: lower end of its 95 % interval.
        high: upper end.
        verdict: what it comes to, in at most six words.
        sentence: the same with its figures.
        behind: the rep-months that it was computed from.
    """

    insight: str
    user_id: str | None
    n: int
    estimate: float | None
    low: float | None
    high: float | None
    verdict: str
    sentence: str
    behind: tuple[RepMonth, ...]

    def row(self) -> dict[str, object]:
        """Return the columns of ``kpi.insights``."""
        return {column: value for column, value in vars(self).items() if column != "behind"}


def importance(verdict: str) -> int:
    """Return how far down a list of insights one of a verdict stands: findings are 0."""
    return 2 if verdict == TOO_FEW else int(verdict in NOTHING_CLEAR)


def completed_months(con: DuckDBPyConnection) -> list[RepMonth]:
    """Return what the insights of a workspace's rep and team tables are computed from, oldest first."""
    return [RepMonth(*row) for row in con.execute(statement("workspace.insight_months")).fetchall()]


def write_insights(con: DuckDBPyConnection, currency: str) -> None:
    """Compute ``kpi.insights`` of the workspace from its rep and team tables.

    Args:
        con: an open workspace.
        currency: ISO 4217 code for sentences.
    """
    found = [insight.row() for insight in insights(completed_months(con), currency)]
    con.execute(statement("workspace.insights"), {"rows": found})


def insights(rows: Sequence[RepMonth], currency: str) -> list[Insight]:
    """Return all insights.

    Args:
        rows: completed rep-months and team-months, oldest first.
        currency: ISO 4217 code for sentences.
    """
    months = sorted({row.month for row in rows if row.user_id is None})
    by_user: dict[str | None, list[RepMonth]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    found, team = list[Insight](), by_user.get(None, [])
    for of_user in by_user.values():
        if of_user[-1].is_active:
            found += _of_one(of_user, team, months, currency)
    found += correlations([row for row in rows if row.user_id is not None])
    return found


def _of_one(
    rows: Sequence[RepMonth], team: Sequence[RepMonth], months: Sequence[date], currency: str
) -> Iterator[Insight]:
    recent = [row for row in rows if row.month in months[-WINDOW:]]
    if not recent:
        return
    yield close_rate(recent, team[-WINDOW:])
    yield deal_size(recent, months[-WINDOW:], currency)
    if len(months) >= 5:
        yield busier_closing_less(rows, months[-5:])


def wilson_interval(won: int, decided: int) -> tuple[float, float]:
    """Return the 95 % interval of the share won of at least one decided deal."""
    from scipy.stats import binomtest

    interval = binomtest(won, decided).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def close_rate(rows: Sequence[RepMonth], team: Sequence[RepMonth]) -> Insight:
    """Return the close rate over the last completed months with its Wilson interval.

    Args:
        rows: of one rep or of the team.
        team: of the team in the same months, which a rep is held against.
    """
    newest, behind = rows[-1], tuple(rows)
    rep, user_id = newest.rep, newest.user_id
    won, decided = sum(row.won for row in rows), sum(row.decided for row in rows)
    if not decided:
        sentence = f"{rep}, close rate: {TOO_FEW} (n = 0)."
        return Insight("close_rate", user_id, 0, None, None, None, TOO_FEW, sentence, behind)
    low, high = wilson_interval(won, decided)
    sentence = (
        f"{rep} won {won} of {decided} opportunities decided from {rows[0].month:%Y-%m} to {rows[-1].month:%Y-%m}: "
        f"{won / decided:.0%} (95 % interval {low:.0%} to {high:.0%}, n = {decided})."
    )
    of_team = sum(row.won for row in team) / max(sum(row.decided for row in team), 1)
    if decided < MIN_DECIDED:
        verdict = TOO_FEW
    elif user_id is None:
        verdict = f"{won / decided:.0%} of decided deals won"
    elif low <= of_team <= high:
        verdict = LIKE_THE_TEAM
    else:
        verdict = "closing more than the team" if low > of_team else "closing less than the team"
    return Insight("close_rate", user_id, decided, won / decided, low, high, verdict, sentence, behind)


def deal_size(rows: Sequence[RepMonth], months: Sequence[date], currency: str) -> Insight:
    """Return the Theil-Sen slope of the average deal size, in annual cents a month."""
    from scipy.stats import theilslopes

    newest, behind = rows[-1], tuple(rows)
    rep, user_id = newest.rep, newest.user_id
    points = [(months.index(row.month), row.avg_deal) for row in rows if row.avg_deal is not None]
    n = len(points)
    if n < MIN_DEAL_MONTHS:
        sentence = f"{rep}, trend of the deal size: {TOO_FEW} (n = {n} months with a deal, {MIN_DEAL_MONTHS} needed)."
        return Insight("deal_size_trend", user_id, n, None, None, None, TOO_FEW, sentence, behind)
    slope, _, low, high = (
        float(value) for value in theilslopes([y for _, y in points], [x for x, _ in points], CONFIDENCE)
    )
    span = f"from {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
    change = "which includes no change" if low <= 0 <= high else "all on one side of no change"
    sentence = (
        f"{rep}: {span} the average deal size moved by {_money(slope, currency)} ARR a month "
        f"(Theil-Sen slope, 95 % interval {_money(low, currency)} to "
        f"{_money(high, currency)}, {change}; "
        f"n = {n} months with a deal)."
    )
    verdict = NO_CHANGE if low <= 0 <= high else "deals are growing" if slope > 0 else "deals are shrinking"
    return Insight("deal_size_trend", user_id, n, slope, low, high, verdict, sentence, behind)


def busier_closing_less(rows: Sequence[RepMonth], months: Sequence[date]) -> Insight:
    """Return whether calls and e-mails went up and wins down, two months running.

    Each of the last two months is held against the mean of the three months before it. The estimate
    is the relative change of the wins over both comparisons.

    Args:
        rows: of one rep or of the team.
        months: the last five completed months.
    """
    by_month = {row.month: row for row in rows}
    newest = rows[-1]
    rep, user_id = newest.rep, newest.user_id
    behind = tuple(by_month[month] for month in months if month in by_month)
    won = [by_month[month].won if month in by_month else 0 for month in months]
    contacts = [(by_month[month].contacts or 0.0) if month in by_month else 0.0 for month in months]
    n = sum(won)
    if n < MIN_WINS:
        sentence = f"{rep}, busier and closing less: {TOO_FEW} (n = {n} wins in five months, {MIN_WINS} needed)."
        return Insight("busier_closing_less", user_id, n, None, None, None, TOO_FEW, sentence, behind)
    won_before = [fmean(won[:3]), fmean(won[1:4])]
    contacts_before = [fmean(contacts[:3]), fmean(contacts[1:4])]
    holds = all(contacts[3 + i] > contacts_before[i] and won[3 + i] < won_before[i] for i in (0, 1))
    both = f"{months[3]:%Y-%m} and {months[4]:%Y-%m}"
    figures = (
        f"calls and e-mails per working day {contacts[3]:.1f} after a mean of {contacts_before[0]:.1f}, then "
        f"{contacts[4]:.1f} after {contacts_before[1]:.1f}; wins {won[3]} after a mean of {won_before[0]:.1f}, then "
        f"{won[4]} after {won_before[1]:.1f}; n = {n} wins in five months"
    )
    claim = "busier and closing less" if holds else "not both busier and closing less"
    change = sum(won[3:]) / sum(won_before) - 1 if sum(won_before) else None
    sentence = f"{rep}: {claim} in {both}, each against the three months before ({figures})."
    verdict = claim if holds else NO_CHANGE
    return Insight("busier_closing_less", user_id, n, change, None, None, verdict, sentence, behind)


def correlations(rows: Sequence[RepMonth]) -> list[Insight]:
    """Return how calls per decided deal and close rate go together over rep-months, pooled and within rep."""
    enough = [
        row
        for row in rows
        if row.decided >= MIN_DECIDED and row.calls_per_decided is not None and row.close_rate is not None
    ]
    by_rep: dict[str | None, list[RepMonth]] = defaultdict(list)
    for row in enough:
        by_rep[row.user_id].append(row)
    several = [of_rep for of_rep in by_rep.values() if len(of_rep) > 1]
    compared = [row for of_rep in several for row in of_rep]
    within = [point for of_rep in several for point in _centred(_points(of_rep))]
    return [
        _correlation("calls_and_close_rate_pooled", "over all reps", enough, _points(enough), 0),
        # A mean taken off each rep's values leaves one degree of freedom less per rep, beside the first.
        _correlation("calls_and_close_rate_within_rep", "within each rep", compared, within, len(several) - 1),
    ]


def _points(rows: Sequence[RepMonth]) -> list[tuple[float, float]]:
    return [(row.calls_per_decided or 0.0, row.close_rate or 0.0) for row in rows]


def _centred(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points with the mean of each coordinate taken off."""
    mean_x, mean_y = map(fmean, zip(*points, strict=True))
    return [(x - mean_x, y - mean_y) for x, y in points]


def _correlation(
    insight: str,
    scope: str,
    rows: Sequence[RepMonth],
    points: Sequence[tuple[float, float]],
    lost_degrees: int,
) -> Insight:
    n, behind = len(points), tuple(rows)
    subject = f"Calls per decided deal and close rate, {scope}"
    if n < MIN_REP_MONTHS:
        sentence = (
            f"{subject}: {TOO_FEW} (n = {n} rep-months with {MIN_DECIDED} or more decisions, {MIN_REP_MONTHS} needed)."
        )
        return Insight(insight, None, n, None, None, None, TOO_FEW, sentence, behind)
    # A mean of equal values differs from them in the last digit, and ranks would take that for an order.
    calls, rates = ([round(point[i], 9) for point in points] for i in (0, 1))
    if len(set(calls)) == 1 or len(set(rates)) == 1:
        sentence = f"{subject}: one of the two does not vary, so there is nothing to compare (n = {n} rep-months)."
        return Insight(insight, None, n, None, None, None, NO_RELATION, sentence, behind)
    rho, low, high = _spearman(calls, rates, n - lost_degrees)
    if low <= 0 <= high:
        verdict = words = NO_RELATION
    else:
        rate = "higher" if rho > 0 else "lower"
        verdict, words = f"more calls, {rate} close rate", f"more calls went with a {rate} close rate"
    sentence = (
        f"{subject}: {words} (Spearman {rho:+.2f}, 95 % interval {low:+.2f} to {high:+.2f}, n = {n} rep-months). "
        "This does not say which of the two brings about the other, if either does."
    )
    return Insight(insight, None, n, rho, low, high, verdict, sentence, behind)


def _spearman(x: Sequence[float], y: Sequence[float], effective_n: int) -> tuple[float, float, float]:
    """Return Spearman's rho with its interval by Fisher's transformation.

    The standard error is that of Bonett and Wright (2000), sqrt((1 + rho^2 / 2) / (n - 3)). Of `MIN_REP_MONTHS`
    rep-months at most half are lost as degrees of freedom: a rep has two or more.
    """
    import numpy as np
    from scipy.stats import spearmanr

    rho = float(np.clip(spearmanr(x, y).statistic, -1, 1))
    if abs(rho) == 1:
        return rho, rho, rho
    width = Z * np.sqrt((1 + rho**2 / 2) / (effective_n - 3))
    return rho, float(np.tanh(np.arctanh(rho) - width)), float(np.tanh(np.arctanh(rho) + width))


def _money(cents: float, currency: str) -> str:
    return f"{cents / 100:+,.0f} {currency}"
