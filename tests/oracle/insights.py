"""The insights: definitions, section 5. Over completed months only; ranks and slopes worked out by hand."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from tests.oracle import arithmetic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

Row = dict[str, Any]

LAST_MONTHS, ENOUGH_DEAL_MONTHS, ENOUGH_WINS, ENOUGH_DECIDED, ENOUGH_REP_MONTHS = 12, 6, 5, 5, 12


def insights(rep_monthly: Iterable[Row], team_monthly: Iterable[Row]) -> list[Row]:
    """Return insight, user_id, n and estimate, from the recomputed rows of reps and team."""
    team = sorted((row for row in team_monthly if not row["is_running"]), key=lambda row: row["month"])
    months = [row["month"] for row in team]
    reps: dict[str, list[Row]] = {}
    for row in sorted(rep_monthly, key=lambda row: row["month"]):
        if not row["is_running"] and row["user_id"] is not None:
            reps.setdefault(row["user_id"], []).append(row)
    active = {user_id: rows for user_id, rows in reps.items() if rows[-1].get("is_active", False)}
    found = []
    for user_id, rows in [*active.items(), (None, team)]:
        found += [{"user_id": user_id, **insight} for insight in _of_one(rows, months)]
    return [*found, *({"user_id": None, **insight} for insight in _calls_and_close_rate(reps))]


def _of_one(rows: list[Row], months: list[date]) -> Iterable[Row]:
    recent = [row for row in rows if row["month"] in months[-LAST_MONTHS:]]
    if not recent:
        return
    won = sum(row["won_opportunities"] for row in recent)
    decided = sum(map(_decided, recent))
    low, high = arithmetic.wilson(won, decided)
    yield {
        "insight": "close_rate",
        "n": decided,
        "estimate": arithmetic.rate(won, decided),
        "low": None if low is None else max(low, 0.0),
        "high": None if high is None else min(high, 1.0),
    }
    sizes = [
        (months.index(row["month"]), row["avg_deal_arr_cents"])
        for row in recent
        if row["avg_deal_arr_cents"] is not None
    ]
    slopes = [(later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(sizes, 2)]
    is_enough = len(sizes) >= ENOUGH_DEAL_MONTHS
    yield {
        "insight": "deal_size_trend",
        "n": len(sizes),
        "estimate": arithmetic.median(slopes) if is_enough else None,
    }
    if len(months) >= 5:
        wins = {row["month"]: row["won_opportunities"] for row in rows}
        last = [wins.get(month, 0) for month in months[-5:]]
        before = (sum(last[:3]) + sum(last[1:4])) / 3
        yield {
            "insight": "busier_closing_less",
            "n": sum(last),
            "estimate": sum(last[3:]) / before - 1 if sum(last) >= ENOUGH_WINS and before else None,
        }


def _decided(row: Row) -> int:
    return int(row["won_opportunities"] + row["lost_opportunities"])


def _calls_and_close_rate(reps: dict[str, list[Row]]) -> Iterable[Row]:
    points = {
        user_id: [
            (row["calls_per_decided"], row["close_rate"])
            for row in rows
            if _decided(row) >= ENOUGH_DECIDED and row["calls_per_decided"] is not None
        ]
        for user_id, rows in reps.items()
    }
    pooled = [point for rows in points.values() for point in rows]
    within = [
        tuple(
            value - (arithmetic.mean(column) or 0) for value, column in zip(point, zip(*rows, strict=True), strict=True)
        )
        for rows in points.values()
        for point in rows
        if len(rows) > 1
    ]
    for insight, pairs in (("calls_and_close_rate_pooled", pooled), ("calls_and_close_rate_within_rep", within)):
        estimate = _spearman(pairs) if len(pairs) >= ENOUGH_REP_MONTHS else None
        yield {"insight": insight, "n": len(pairs), "estimate": estimate}


def _spearman(pairs: Sequence[Sequence[float]]) -> float | None:
    """Return the correlation of the mean ranks; nothing where one of the two does not vary."""
    x, y = (_centred(_ranks([round(pair[i], 9) for pair in pairs])) for i in (0, 1))
    spread = (sum(v * v for v in x) * sum(v * v for v in y)) ** 0.5
    return sum(a * b for a, b in zip(x, y, strict=True)) / spread if spread else None


def _ranks(values: list[float]) -> list[float]:
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]


def _centred(values: list[float]) -> list[float]:
    return [value - sum(values) / len(values) for value in values]
