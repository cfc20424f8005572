"""What changed in a month, in a few sentences that name numbers and whom to ask."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from close_kpis.kpis.insights import importance
from close_kpis.month import month_before
from close_kpis.workbook.tables import records
from close_kpis.workbook.tabs.insights import ordered_insights
from close_kpis.workbook.tabs.people import rep_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pandas as pd

    from close_kpis.headlines.phrases import Phrases
    from close_kpis.workbook.tables import Record, Tables

MOST = 6
_MONTHS_BEFORE = 3
_NOTABLE = 0.25
"""Share by which leads of a source must differ from the month before to be told."""


def news(tables: Tables, phrases: Phrases, month: date, *, with_names: bool = True) -> list[str]:
    """Return at most `MOST` sentences, the most important first.

    Args:
        tables: the KPI tables.
        phrases: how numbers and names read.
        month: the last completed month.
        with_names: whether reps and sources are named; without, only what is true of the company is told.
    """
    sentences = [
        *_mrr(tables, phrases, month),
        *_customers(tables, phrases, month),
        *(_reps(tables, phrases, month) if with_names else ()),
        *(_sources(tables, phrases, month) if with_names else ()),
        *_insight(tables, phrases, with_reps=with_names),
    ]
    return sentences[:MOST]


def _mrr(tables: Tables, phrases: Phrases, month: date) -> Iterator[str]:
    found = _of(tables.mrr_movements_monthly, month)
    if not found:
        return
    [moves] = found

    def money(column: str) -> str:
        return _amount(moves[column], phrases)

    parts = {"new_arr_cents": "new", "expansion_arr_cents": "expansion", "reactivation_arr_cents": "reactivation"}
    lost = {"churn_arr_cents": "churn", "contraction_arr_cents": "contraction"}
    gains, losses = (
        [f"{money(column)} {name}" for column, name in named.items() if money(column) != _amount(0, phrases)]
        for named in (parts, lost)
    )
    change = moves["closing_arr_cents"] - moves["opening_arr_cents"]
    way = "rose" if change > 0 else "fell"
    how = f"{way} by {_amount(abs(change), phrases)}, and stands" if change else "stayed"
    told = f"MRR {how} at {money('closing_arr_cents')}"
    because = ", ".join([*gains, *(["less " + " and ".join(losses)] if losses else [])])
    yield f"{told}: {because} (see MRR)." if because else f"{told}."


def _customers(tables: Tables, phrases: Phrases, month: date) -> Iterator[str]:
    for record in _of(tables.growth_monthly, month):
        new, back, gone = (
            int(record[column]) for column in ("new_customers", "reactivated_customers", "churned_customers")
        )
        if new or back or gone:
            returned = f", {back} returned" if back else ""
            customers = f"{phrases.count(record['total_customers'])} at the end of {month:%B}"
            yield f"{new} new customer{'' if new == 1 else 's'}{returned}, {gone} churned: {customers}."


def _reps(tables: Tables, phrases: Phrases, month: date) -> Iterator[str]:
    """Yield who added most MRR, and whose MRR has fallen most against the months before."""
    names = rep_names(tables)
    added: dict[str, dict[date, float]] = defaultdict(dict)
    of_month: dict[str, Record] = {}
    for record in records(tables.rep_monthly):
        if record["user_id"] is not None:
            added[record["user_id"]][record["month"]] = record["arr_added_cents"] or 0
            if record["month"] == month:
                of_month[record["user_id"]] = record
    best = max(of_month.values(), key=lambda record: record["arr_added_cents"] or 0, default=None)
    if best is not None and (best["arr_added_cents"] or 0) > 0:
        decided = best["won_opportunities"] + best["lost_opportunities"]
        yield (
            f"{phrases.name(names[best['user_id']])} added most: {_amount(best['arr_added_cents'], phrases)} of MRR, "
            f"{best['won_opportunities']} of {decided} decided deals won."
        )
    falls = []
    for user_id, by_month in added.items():
        before = [by_month[day] for day in sorted(by_month) if day < month][-_MONTHS_BEFORE:]
        if user_id in of_month and of_month[user_id]["is_active"] and len(before) == _MONTHS_BEFORE:
            falls.append((sum(before) / _MONTHS_BEFORE - by_month.get(month, 0), user_id))
    fall, user_id = max(falls, default=(0, ""))
    if fall > 0:
        record = of_month[user_id]
        who = phrases.name(names[user_id])
        mine, less = (_amount(cents, phrases) for cents in (record["arr_added_cents"] or 0, fall))
        yield f"{who} added {mine}, {less} less than in the mean of the {_MONTHS_BEFORE} months before: ask {who}."


def _sources(tables: Tables, phrases: Phrases, month: date) -> Iterator[str]:
    """Yield the source whose leads have changed most against the month before."""
    leads: dict[str, dict[date, int]] = defaultdict(dict)
    for record in records(tables.source_monthly):
        leads[record["source"]][record["cohort_month"]] = int(record["total_leads"] or 0)
    before = month_before(month)
    if before < min((day for by_month in leads.values() for day in by_month), default=month):
        return
    changes = [(by_month.get(month, 0), by_month.get(before, 0), source) for source, by_month in leads.items()]
    now, then, source = max(changes, key=lambda change: (abs(change[0] - change[1]), change[2]))
    if abs(now - then) > _NOTABLE * then and now != then:
        change = f"{now} lead{'' if now == 1 else 's'} after {then} in {before:%B}"
        yield f"{phrases.name(source)} brought {change}, the largest change among the sources (see Sources)."


def _insight(tables: Tables, phrases: Phrases, *, with_reps: bool) -> Iterator[str]:
    """Yield the findings, the team's before the reps'; the team's close rate is no change, and of a year."""
    for who, record in ordered_insights(tables):
        is_of_team = record["user_id"] is None
        if is_of_team and record["insight"] == "close_rate":
            continue
        if importance(record["verdict"]) == 0 and (with_reps or is_of_team):
            yield f"{'The team' if is_of_team else phrases.name(who)}: {record['verdict']} (see Reps)."


def _of(frame: pd.DataFrame, month: date) -> list[Record]:
    return [record for record in records(frame) if record["month"] == month]


def _amount(annual_cents: float, phrases: Phrases) -> str:
    """Return annual cents as a month's worth in currency."""
    return phrases.amount(annual_cents / 1200)
