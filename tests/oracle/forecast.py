"""Expected wins: definitions, section 8. Deal by deal and day by day, from what was known on each day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.oracle import when

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tests.oracle.account import Account, Opportunity

Row = dict[str, Any]

FORECASTS, LOOKS, HORIZON = 16, 24, 3
LEAST_OF_STAGE, LEAST_OF_ALL = 10, 20
Z = 1.959963984540054


@dataclass(frozen=True)
class _Stay:
    """A deal in a stage from one local day on, to before another one."""

    stage: str | None
    kind: str | None
    start: date
    end: date | None

    def holds_at_dawn(self, day: date) -> bool:
        return self.start < day and (self.end is None or day <= self.end)


def forecast_monthly(account: Account) -> list[Row]:
    """Return "how many of the deals open then were expected to be won within three months, and how many were"."""
    stays = _stays(account)
    return [_forecast(account, month, stays) for month in account.months[-FORECASTS:]]


def _stays(account: Account) -> dict[str, list[_Stay]]:
    changes: dict[str, list[tuple[Any, str, Row]]] = {}
    for change in account.of_type("OpportunityStatusChange"):
        if change.at:
            changes.setdefault(change.row["opportunity_id"], []).append((change.at, change.id, change.row))
    found = {}
    for deal in account.opportunities:
        if not deal.is_renewal:
            mine = sorted(changes.get(deal.id, []), key=lambda change: change[:2])
            found[deal.id] = list(_of_deal(account, deal, mine))
    return found


def _of_deal(account: Account, deal: Opportunity, changes: list[tuple[Any, str, Row]]) -> Iterable[_Stay]:
    created = account.local(deal.created) if deal.created else None
    if not changes:
        if created:
            kind = "won" if deal.is_won else "lost" if deal.is_lost else "active"
            yield _Stay(deal.row.get("status_id"), kind, created, None)
        return
    days = [account.local(at) for at, _, _ in changes]
    first = changes[0][2]
    entered = [(first.get("old_status_id"), first.get("old_status_type"))]
    entered += [(row.get("new_status_id"), row.get("new_status_type")) for _, _, row in changes]
    starts = [min(created, days[0]) if created else days[0], *days]
    for (stage, kind), start, end in zip(entered, starts, [*days, None], strict=True):
        if end is None or start < end:
            yield _Stay(stage, kind, start, end)


def _months_on(day: date, months: int) -> date:
    return when.months_before(day, -months)


def _won_on(stays: list[_Stay], day: date) -> date | None:
    """Return the first day, from a given one on, on which a deal was set to won."""
    return min((stay.start for stay in stays if stay.kind == "won" and stay.start >= day), default=None)


def _forecast(account: Account, month: when.Month, stays: dict[str, list[_Stay]]) -> Row:
    made_on = account.today if month.is_running else month.first
    chances, of_all = _chances(made_on, stays)
    if month.is_running:
        opened = [
            (deal.id, deal.row.get("status_id"))
            for deal in account.opportunities
            if not (deal.is_renewal or deal.is_won or deal.is_lost)
        ]
    else:
        opened = [
            (deal_id, stay.stage)
            for deal_id, mine in stays.items()
            for stay in mine
            if stay.kind == "active" and stay.holds_at_dawn(made_on)
        ]
    row = {"month": month.first, "is_running": month.is_running, "learned_from": of_all[0] if of_all else 0}
    row |= {"open_opportunities": len(opened)} | dict.fromkeys((
        "expected_wins",
        "expected_wins_low",
        "expected_wins_high",
        "won_opportunities",
    ))
    end = _months_on(made_on, HORIZON)
    if opened and end <= account.today:
        won = [_won_on(stays[deal_id], made_on) for deal_id, _ in opened]
        row["won_opportunities"] = sum(day is not None and day < end for day in won)
    if opened and of_all and of_all[0] >= LEAST_OF_ALL and of_all[1] is not None:
        row |= _expected([stage for _, stage in opened], chances, of_all)
    return row


def _expected(stages: list[str | None], chances: dict[Any, tuple[int, float | None]], of_all: tuple[int, Any]) -> Row:
    def learned(stage: str | None) -> tuple[str | None, int, float]:
        n, chance = chances.get(stage, (0, None))
        return ("all", *of_all) if stage is None or chance is None or n < LEAST_OF_STAGE else (f"in {stage}", n, chance)

    groups: dict[tuple[str | None, int, float], int] = {}
    for stage in stages:
        groups[learned(stage)] = groups.get(learned(stage), 0) + 1
    count = len(stages)
    expected = sum(deals * chance for (_, _, chance), deals in groups.items())
    spread = middle = 0.0
    for (_, n, chance), deals in groups.items():
        cautious = (chance * n + 0.5) / (n + 1)
        middle += deals * cautious / count
        spread += cautious * (1 - cautious) * (deals + deals * deals / (n + 1))
    cases = count * count * middle * (1 - middle) / spread
    share = expected / count
    center = share + Z * Z / (2 * cases)
    width = Z * math.sqrt(share * (1 - share) / cases + Z * Z / (4 * cases * cases))
    low, high = ((center + way * width) / (1 + Z * Z / cases) for way in (-1, 1))
    return {
        "expected_wins": expected,
        "expected_wins_low": count * max(low, 0),
        "expected_wins_high": count * min(high, 1),
    }


def _chances(
    made_on: date, stays: dict[str, list[_Stay]]
) -> tuple[dict[str | None, tuple[int, float | None]], tuple[int, float | None] | None]:
    """Return from how many deals each stage's chance was learned, and it; and those of all stages together."""
    looks: list[tuple[str | None, int, bool, int | None]] = []
    for mine in stays.values():
        for ago in range(1, LOOKS + 1):
            day = when.months_before(made_on, ago)
            for stay in mine:
                if stay.kind == "active" and stay.holds_at_dawn(day):
                    won = _won_on(mine, day)
                    after = next((k for k in range(HORIZON) if won and won < _months_on(day, k + 1)), None)
                    is_new = ago == LOOKS or stay.start >= when.months_before(day, 1)
                    looks.append((stay.stage, ago, is_new, after))
    by_stage = {stage: _learned([look for look in looks if look[0] == stage]) for stage in {look[0] for look in looks}}
    return by_stage, _learned(looks) if looks else None


def _learned(looks: list[tuple[str | None, int, bool, int | None]]) -> tuple[int, float | None]:
    left = 1.0
    for k in range(HORIZON):
        watched = [after for _, ago, _, after in looks if ago > k and (after is None or after >= k)]
        if watched:
            left *= 1 - sum(after == k for after in watched) / len(watched)
    is_whole = any(ago >= HORIZON for _, ago, _, _ in looks)
    return sum(is_new for _, _, is_new, _ in looks), 1 - left if is_whole else None
