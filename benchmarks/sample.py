"""KPI tables of a made-up company, as the lake's ``kpi`` schema holds them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from close_kpis.workbook.tables import Choices, Stamp, Tables

REPS = (
    ("user_ann", "Ann Bauer", True),
    ("user_ben", "Ben Okafor", True),
    ("user_cho", "Cho Min-ji", True),
    ("user_dee", "Dee Larsen", False),
    (None, "Unassigned", None),
)
SOURCES = ("Website", "Referral", "Outbound", "Partner", "(none)", "unknown", '=HYPERLINK("http://evil")')

CHOICES = Choices(
    timezone="America/New_York",
    demo='Meetings whose title matches "(?i)demo", completed, without the outcomes No-show.',
    lead_statuses=(("trial", "Trial"), ("customer", "Customer"), ("churned", "Churned"), ("lost", "Lost, Bad fit")),
    pipelines=(("new", "Sales"), ("expansion", "Upsell")),
    source_field="Lead Source",
)
STAMP = Stamp(
    as_of=datetime(2026, 6, 20, 3, 59, 59, tzinfo=UTC),
    refreshed=datetime(2026, 6, 20, 6, 12, tzinfo=UTC),
    run_id="scheduled__2026-06-20T06:00:00+00:00",
)


def months(first: date, count: int) -> list[date]:
    """Return first days of months in a row."""
    start = first.year * 12 + first.month - 1
    return [date((start + i) // 12, (start + i) % 12 + 1, 1) for i in range(count)]


def tables(
    first: date = date(2024, 3, 1),
    count: int = 28,
    seed: int = 7,
    *,
    warnings: int = 12,
    more_reps: int = 0,
    more_sources: int = 0,
    record_rows: int = 90,
) -> Tables:
    """Return the tables of a company that has sold for `count` months; the last month is running.

    Args:
        first: the first month.
        count: how many months.
        seed: of the dice.
        warnings: rows of data quality.
        more_reps: reps beside `REPS`.
        more_sources: sources beside `SOURCES`.
        record_rows: records behind the numbers.
    """
    dice = random.Random(seed)
    days = months(first, count)
    growth = _growth(days, dice)
    movements = _movements(growth, dice)
    reps = _reps(days, dice, (*REPS, *((f"user_{n:03}", f"Rep {n:03}", True) for n in range(more_reps))))
    more = tuple(f"Campaign {n:03}" for n in range(more_sources))
    sources = pd.DataFrame([_source(name, dice) for name in (*SOURCES, *more)])
    return Tables(
        growth_monthly=growth,
        growth_yearly=_yearly(growth),
        mrr_movements_monthly=movements,
        mrr_movements_yearly=_movements_by_year(movements),
        rep_monthly=reps,
        team_monthly=_team(days, reps),
        source_all_time=sources,
        source_total=pd.DataFrame([_source("Total", dice)]).drop(columns="source"),
        source_monthly=pd.DataFrame([
            {"cohort_month": day, **_source(name, dice)} for day in days for name in (*SOURCES[:5], *more)
        ]),
        pipeline_daily=pd.DataFrame([
            {
                "day": date(2026, 6, 19),
                "pipeline": "Sales",
                "status": status,
                "opportunities": 4,
                "arr_cents": 1_200_000,
                "one_time_cents": 0,
                "weighted_arr_cents": 400_050,
                "avg_age_days": 21.5,
            }
            for status in ("Qualified", "Proposal")
        ]),
        pipeline_stages=pd.DataFrame([
            {
                "pipeline": "Sales",
                "status": status,
                "position": position,
                "opportunities": 4,
                "arr_cents": 1_200_000,
                "weighted_arr_cents": 400_050,
                "one_time_cents": 0,
                "avg_age_days": 21.5,
                "overdue_opportunities": position - 1,
                "sales_cycle_days": 19.0,
            }
            for position, status in enumerate(("Qualified", "Proposal"), start=1)
        ]),
        win_rate_monthly=pd.DataFrame([
            {
                "month": day,
                "is_running": day == days[-1],
                "won_opportunities": 3,
                "lost_opportunities": 1,
                "win_rate": 0.75,
                "created_opportunities": 9,
                "created_won_opportunities": 2,
                "created_lost_opportunities": 0,
                "created_win_rate": 1.0,
            }
            for day in days
        ]),
        forecast_monthly=_forecast(days, dice),
        cohort_monthly=_cohorts(days),
        insights=_insights(),
        data_quality=_quality(warnings),
        records=_records(days, record_rows),
        record_kinds=_record_kinds(record_rows),
        choices=CHOICES,
    )


def _forecast(days: list[date], dice: random.Random) -> pd.DataFrame:
    """Return what was expected to be won within three months of each of the last months, and what came."""
    rows = []
    for day in days[-16:]:
        expected = dice.uniform(4, 12)
        rows.append({
            "month": day,
            "is_running": day == days[-1],
            "learned_from": 140,
            "open_opportunities": 40,
            "expected_wins": expected,
            "expected_wins_low": expected * 0.6,
            "expected_wins_high": expected * 1.5,
            "won_opportunities": dice.randint(3, 14) if day in days[:-3] else None,
        })
    return pd.DataFrame(rows)


_KINDS = (
    ("opportunities_won", "won won_added_arr", "Won", "added_annual_cents"),
    ("opportunities_lost", "lost", "Lost", "annual_cents"),
    ("opportunities_created", "created created_sales", "Created", "annual_cents"),
    ("customer_moves", "new_customers", "New customer", "annual_cents"),
    ("customer_moves", "churned_customers", "Churned", "annual_cents"),
    ("customers", "customers", "Customer", "annual_cents"),
    ("source_leads", "source_leads", "Lead", "current_annual_cents"),
    ("opportunities_open", "open", "Open", "annual_cents"),
    ("demos", "demos", "Demo", ""),
    ("activities", "activities calls", "Call", ""),
)
"""Query, kinds, name and value of the records."""


def _records(days: list[date], count: int) -> pd.DataFrame:
    dice = random.Random(count)
    measures = (
        "annual_cents added_annual_cents deal_annual_cents current_annual_cents weighted_annual_cents one_time_cents "
        "days_to_close age_days calls emails won lost is_overdue"
    )
    rows: list[dict[str, Any]] = []
    for place in range(count):
        query, kinds, what, value = _KINDS[place % len(_KINDS)]
        month = None if query == "opportunities_open" else dice.choice(days)
        user_id, rep, _ = dice.choice(REPS)
        lead = dice.choice(("Acme", '=HYPERLINK("http://evil";"x")', "Łódź 🚀", "@SUM(1)", "+1", "Bolt & Sons"))
        rows.append({
            "place": place + 1,
            "query": query,
            "kinds": kinds,
            "what": what,
            "record_id": f"oppo_{place:06}",
            "first_month": month,
            "last_month": days[-1] if query == "customers" else month,
            "newest_on": month,
            "dated_on": (month or days[-1]).replace(day=dice.randint(1, 28)),
            "lead_id": f"lead_{dice.randrange(10**40):040}",
            "lead": f"{lead} {place}",
            "user_id": user_id,
            "rep": rep if user_id else None,
            "whose": {"source_leads": dice.choice(SOURCES), "opportunities_open": "Sales / Qualified"}.get(query),
            **{name: (dice.randint(1, 90) * 12_000 if name == value else None) for name in measures.split()},
        })
    rows.sort(key=lambda row: (row["dated_on"], row["place"]), reverse=True)
    return pd.DataFrame(rows)


def _record_kinds(count: int) -> pd.DataFrame:
    kinds = {kind for _, several, _, _ in _KINDS for kind in several.split()}
    columns = {"kind": sorted(kinds), "records": count, "shown": count, "left_out_on": None}
    return pd.DataFrame(columns)


def _cohorts(days: list[date]) -> pd.DataFrame:
    rows = [
        (day, age, 4, 4 - (age > 2), 1.0 - 0.25 * (age > 2), 2_160_000, 2_160_000 + 60_000 * age, 1 + age / 36)
        for at, day in enumerate(days)
        for age in (1, 2, 3, 6, 12, 24)
        if at + age < len(days) - 1
    ]
    columns = ["cohort_month", "age_months", "cohort_customers", "customers_kept", "customer_retention"]
    return pd.DataFrame(rows, columns=[*columns, "cohort_arr_cents", "arr_kept_cents", "net_revenue_retention"])


def _growth(days: list[date], dice: random.Random) -> pd.DataFrame:
    rows = []
    customers, arr = 0, 0
    for position, day in enumerate(days):
        opening, new = customers, dice.randint(1, 6)
        back, lost = dice.randint(0, 1), dice.randint(0, 2) if customers > 8 else 0
        customers = opening + new + back - lost
        arr = customers * 540_000 + dice.randint(0, 90_000)
        rows.append({
            "month": day,
            "is_running": position == len(days) - 1,
            "opening_customers": opening,
            "total_customers": customers,
            "new_trials": dice.randint(5, 20),
            "opened_opportunities": dice.randint(6, 18),
            "new_customers": new,
            "demos_done": dice.randint(4, 14),
            "reactivated_customers": back,
            "churned_customers": lost,
            "joined_and_left": 0,
            "left_and_returned": 0,
            "arr_cents": arr,
            "mrr_cents": arr / 12,
            "churn_rate": lost / opening if opening else None,
            "gross_growth_rate": (new + back) / opening if opening else None,
            "net_growth_rate": (new + back - lost) / opening if opening else None,
        })
    return pd.DataFrame(rows)


def _yearly(growth: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for year in sorted({day.year for day in growth["month"]}):
        months = growth[[day.year == year for day in growth["month"]]]
        completed = months[~months["is_running"]]
        before = growth[[day.replace(year=day.year + 1) in set(completed["month"]) for day in growth["month"]]]
        compared = completed[[day.replace(year=day.year - 1) in set(before["month"]) for day in completed["month"]]]
        for kind in ("average", "yoy", "year"):
            row: dict[str, Any] = {"year": year, "row_kind": kind, "is_running": bool(months["is_running"].any())}
            for name in (name for name in growth.columns if name not in {"month", "is_running"}):
                if kind == "average":
                    row[name] = completed[name].mean()
                elif kind == "year":
                    row[name] = _of_year(months, name)
                elif before.empty:
                    row[name] = None
                elif name.endswith("_rate"):
                    row[name] = -0.015
                else:
                    now, then = _of_year(compared, name), _of_year(before, name)
                    row[name] = now / then - 1 if now is not None and then else None
            rows.append(row)
    return pd.DataFrame(rows)


def _of_year(months: pd.DataFrame, name: str) -> float | None:
    is_flow = name not in {"total_customers", "arr_cents", "mrr_cents"} and not name.endswith("_rate")
    value = months[name].sum() if is_flow else months[name].iloc[-1]
    return None if pd.isna(value) else float(value)


def _movements(growth: pd.DataFrame, dice: random.Random) -> pd.DataFrame:
    rows, opening = [], 0
    for record in growth.to_dict("records"):
        closing = record["arr_cents"]
        contraction, churn = dice.randint(0, 60_000), record["churned_customers"] * 500_000
        expansion = dice.randint(0, 200_000)
        rows.append({
            "month": record["month"],
            "is_running": record["is_running"],
            "opening_arr_cents": opening,
            "new_arr_cents": closing - opening - expansion + contraction + churn,
            "reactivation_arr_cents": 0,
            "expansion_arr_cents": expansion,
            "contraction_arr_cents": contraction,
            "churn_arr_cents": churn,
            "closing_arr_cents": closing,
            "net_revenue_retention": (opening + expansion - contraction - churn) / opening if opening else None,
            "gross_revenue_retention": (opening - contraction - churn) / opening if opening else None,
            "quick_ratio": 4.2 if churn else None,
            "net_revenue_retention_12m": 1.04 if len(rows) >= 12 else None,
            "gross_revenue_retention_12m": 0.91 if len(rows) >= 12 else None,
            "customer_retention_12m": 0.88 if len(rows) >= 12 else None,
        })
        opening = closing
    return pd.DataFrame(rows)


def _movements_by_year(monthly: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for year, part in monthly.assign(year=[day.year for day in monthly["month"]]).groupby("year"):
        flows = [name for name in part.columns if name.endswith("_arr_cents")]
        rows.append({
            "year": year,
            "is_running": bool(part["is_running"].any()),
            **{name: int(part[name].sum()) for name in flows},
            "opening_arr_cents": part["opening_arr_cents"].iloc[0],
            "closing_arr_cents": part["closing_arr_cents"].iloc[-1],
            "net_revenue_retention": 1.04,
            "gross_revenue_retention": 0.91,
            "quick_ratio": 3.5,
        })
    return pd.DataFrame(rows)


def _rep_numbers(dice: random.Random) -> dict[str, object]:
    won, lost = dice.randint(0, 4), dice.randint(0, 5)
    decided = won + lost
    rate = won / decided if decided else None
    numbers: dict[str, Any] = {
        "new_demos": dice.randint(0, 6),
        "won_opportunities": won,
        "lost_opportunities": lost,
        "won_renewals": dice.randint(0, 2),
        "lost_renewals": dice.randint(0, 1),
        "cancelled_leads": dice.randint(0, 3),
        "arr_added_cents": won * 540_000,
        "one_time_won_cents": dice.choice((0, 0, 250_000)),
        "close_rate": rate,
        "close_rate_low": None if rate is None else max(0.0, rate - 0.2),
        "close_rate_high": None if rate is None else min(1.0, rate + 0.2),
        "avg_days_to_close": dice.uniform(10, 60) if won else None,
        "median_days_to_close": dice.uniform(10, 50) if won else None,
        "avg_calls": dice.uniform(1, 9) if won else None,
        "avg_emails": dice.uniform(1, 12) if won else None,
        "calls_per_decided": dice.uniform(1, 9) if decided else None,
        "emails_per_decided": dice.uniform(1, 12) if decided else None,
        "calls": dice.randint(20, 140),
        "emails": dice.randint(30, 220),
        "calls_per_working_day": dice.uniform(1, 7),
        "emails_per_working_day": dice.uniform(1, 10),
        "avg_deal_arr_cents": 540_000.5 if won else None,
    }
    counted = {
        f"activities{unit}": numbers[f"calls{unit}"] + numbers[f"emails{unit}"] for unit in ("", "_per_working_day")
    }
    return numbers | counted


def _reps(
    days: list[date], dice: random.Random, people: tuple[tuple[str | None, str, bool | None], ...]
) -> pd.DataFrame:
    rows = []
    for position, day in enumerate(days):
        for user_id, rep, is_active in people:
            if rep == "Dee Larsen" and position > 20:
                continue
            rows.append({
                "month": day,
                "is_running": position == len(days) - 1,
                "user_id": user_id,
                "rep": rep,
                "is_active": is_active,
                **_rep_numbers(dice),
            })
    return pd.DataFrame(rows)


def _team(days: list[date], reps: pd.DataFrame) -> pd.DataFrame:
    rows = []
    summed = ("new_demos", "won_opportunities", "lost_opportunities", "cancelled_leads", "arr_added_cents")
    for day in days:
        part = reps[reps["month"] == day]
        row = {name: part[name].mean() for name in part.columns if name not in {"month", "user_id", "rep", "is_active"}}
        row |= {
            name: int(part[name].sum()) for name in (*summed, "one_time_won_cents", "calls", "emails", "activities")
        }
        row["close_rate"] = row["won_opportunities"] / (row["won_opportunities"] + row["lost_opportunities"])
        rows.append({"month": day, **row, "is_running": bool(part["is_running"].any())})
    return pd.DataFrame(rows)


def _source(name: str, dice: random.Random) -> dict[str, object]:
    leads = dice.randint(0, 80)
    won, lost = (dice.randint(1, 9), dice.randint(0, 20)) if leads > 10 else (0, 0)
    return {
        "source": name,
        "total_leads": leads,
        "won_opportunities": won,
        "lost_opportunities": lost,
        "win_rate": won / (won + lost) if won + lost else None,
        "lead_conversion": won / leads if leads else None,
        "avg_days_to_close": 31.25 if won else None,
        "median_days_to_close": 28.0 if won else None,
        "avg_arr_per_won_account_cents": 540_000.0 if won else None,
        "total_arr_cents": won * 540_000,
        "current_arr_cents": won * 400_000,
    }


def _insights() -> pd.DataFrame:
    rows = [
        (
            "deal_size",
            None,
            12,
            "no clear change",
            "Over the last 12 completed months the average deal grew by $14 a month (95 %: -$3 to $31, n = 12).",
        ),
        (
            "calls_and_close_rate_pooled",
            None,
            4,
            "too few deals to say",
            "Do calls go with close rate? Too few deals to say (n = 4).",
        ),
        (
            "busier_closing_less",
            "user_ben",
            2,
            "busier and closing less",
            "Ben made more calls and emails per working day and won fewer deals, two months running (n = 2).",
        ),
    ]
    return pd.DataFrame([
        {
            "insight": name,
            "user_id": user,
            "n": n,
            "estimate": None,
            "low": None,
            "high": None,
            "verdict": verdict,
            "sentence": sentence,
        }
        for name, user, n, verdict, sentence in rows
    ])


def _quality(count: int) -> pd.DataFrame:
    rules = ("customer_without_mrr", "missing_value", "won_before_created", "status_mismatch", "rule_of_tomorrow")
    columns = ["rule", "severity", "record_type", "record_id", "lead_id", "lead_name", "lead_url", "detail"]
    rows = [
        (
            rules[i % 5],
            "warning",
            "lead" if i % 2 else "opportunity",
            f"oppo_{i:04d}",
            f"lead_{i:04d}",
            f"=Acme {i}",
            None,
            "counted as 0",
        )
        for i in range(count)
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(rule_records=frame.groupby("rule")["record_id"].transform("size"))
