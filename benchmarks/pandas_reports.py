"""Rates, years, totals, win rates, the pipeline, insights and data quality in plain pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.pandas_life_cycle import LAST_STEP
from close_kpis.kpis.insights import RepMonth, insights

if TYPE_CHECKING:
    from benchmarks.pandas_life_cycle import Calendar

Z = 1.959963984540054
UNKNOWN_SOURCE_SHARE = 0.2
FLOWS = [
    "new_trials",
    "opened_opportunities",
    "new_customers",
    "demos_done",
    "reactivated_customers",
    "churned_customers",
    "joined_and_left",
    "left_and_returned",
]
RATES = ["churn_rate", "gross_growth_rate", "net_growth_rate"]
WARNING = ["rule", "record_type", "record_id", "lead_id", "detail"]


def with_growth_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of moves and opening customers with their rates."""
    opening = rows["opening_customers"].replace(0, np.nan)
    gained = rows["new_customers"] + rows["reactivated_customers"]
    return rows.assign(
        churn_rate=rows["churned_customers"] / opening,
        gross_growth_rate=gained / opening,
        net_growth_rate=(gained - rows["churned_customers"]) / opening,
    )


def with_retention(movements: pd.DataFrame) -> pd.DataFrame:
    """Return the revenue movements, in the order of their months, with opening, retention and quick ratio."""
    opening = movements["closing_arr_cents"].shift(fill_value=0)
    lost = movements["contraction_arr_cents"] + movements["churn_arr_cents"]
    won = movements["new_arr_cents"] + movements["reactivation_arr_cents"] + movements["expansion_arr_cents"]
    base = opening.replace(0, np.nan)
    return movements.assign(
        opening_arr_cents=opening,
        net_revenue_retention=(opening + movements["expansion_arr_cents"] - lost) / base,
        gross_revenue_retention=(opening - lost) / base,
        quick_ratio=won / lost.replace(0, np.nan),
    )


def retention_12m(movements: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Return the revenue movements with the retention of the customers of the month twelve before."""
    kept = _kept(values, values.assign(month=values["month"] + 12))
    kept = movements[["month"]].merge(kept, on="month", how="left").set_index(movements.index)
    kept = kept.where(kept["month"] - 12 >= movements["month"].min())
    return movements.assign(
        net_revenue_retention_12m=kept["now"] / kept["then"].replace(0, np.nan),
        gross_revenue_retention_12m=kept["smaller"] / kept["then"].replace(0, np.nan),
        customer_retention_12m=kept["still"] / kept["all"].replace(0, np.nan),
    )


def movements_yearly(movements: pd.DataFrame, values: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the revenue movements of each year, with the retention of the customers at its opening."""
    by_year = movements.sort_values("month").assign(year=movements["month"] // 12).groupby("year")
    flows = [f"{flow}_arr_cents" for flow in ("new", "reactivation", "expansion", "contraction", "churn")]
    rows = by_year[flows].sum()
    rows["opening_arr_cents"], rows["closing_arr_cents"] = (
        by_year["opening_arr_cents"].first(),
        by_year["closing_arr_cents"].last(),
    )
    last = by_year["month"].last()
    # A year's opening is the end of December before it.
    ends = values[values["month"].isin(last)]
    opened = values[values["month"] % 12 == 11].assign(year=lambda then: then["month"] // 12 + 1)
    kept = _kept(ends, opened.assign(month=opened["year"].map(last)).dropna(subset="month")).set_index("month")
    kept = kept.reindex(last).set_index(last.index)
    base, lost = kept["then"].replace(0, np.nan), rows["contraction_arr_cents"] + rows["churn_arr_cents"]
    won = rows["new_arr_cents"] + rows["reactivation_arr_cents"] + rows["expansion_arr_cents"]
    rows = rows.assign(
        net_revenue_retention=kept["now"] / base,
        gross_revenue_retention=kept["smaller"] / base,
        quick_ratio=won / lost.replace(0, np.nan),
    ).reset_index()
    return rows.assign(is_running=rows["year"] == calendar.running // 12)


def cohort_monthly(values: pd.DataFrame, first_month: int, calendar: Calendar) -> pd.DataFrame:
    """Return what the customers of each month, and their value, have come to some months later."""
    customers = values.sort_values("month").drop_duplicates("lead")
    customers = customers[customers["month"] >= first_month]
    ages = []
    for age in (1, 2, 3, 6, 12, 24):
        aged = customers.assign(month=customers["month"] + age)
        kept = _kept(values, aged[aged["month"] < calendar.running])
        ages.append(kept.assign(month=kept["month"] - age, age_months=age))
    rows = pd.concat(ages).rename(
        columns={
            "all": "cohort_customers",
            "still": "customers_kept",
            "then": "cohort_arr_cents",
            "now": "arr_kept_cents",
        }
    )
    return rows.drop(columns="smaller").assign(
        customer_retention=rows["customers_kept"] / rows["cohort_customers"],
        net_revenue_retention=rows["arr_kept_cents"] / rows["cohort_arr_cents"].replace(0, np.nan),
    )


def _kept(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Return by month what earlier customers, their ``month`` set to the later one, paid then and pay now."""
    both = then[["lead", "month", "value"]].merge(
        now[["lead", "month", "value"]], on=["lead", "month"], how="left", suffixes=("_then", "_now")
    )
    still, value_now = both["value_now"].notna(), both["value_now"].fillna(0)
    both = both.assign(still=still, now=value_now, smaller=np.minimum(value_now, both["value_then"]))
    return (
        both
        .groupby("month")
        .agg(
            then=("value_then", "sum"),
            now=("now", "sum"),
            smaller=("smaller", "sum"),
            still=("still", "sum"),
            all=("lead", "size"),
        )
        .reset_index()
    )


def growth_yearly(growth: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the rows below the months of each year: year, average, yoy."""
    months = growth.assign(year=growth["month"] // 12, is_running=growth["month"] == calendar.running)
    completed = months[~months["is_running"]]
    last_year = completed.assign(year=completed["year"] + 1, month=completed["month"] + 12)
    this_year = completed[completed["month"].isin(last_year["month"])]
    last_year = last_year[last_year["month"].isin(completed["month"])]
    years = _totals(months)
    compared, base = _totals(this_year), _totals(last_year)
    yoy = compared / base.replace(0, np.nan) - 1
    yoy[RATES] = compared[RATES] - base[RATES]
    averages = completed.groupby("year").mean().drop(columns=["month", "is_running"])
    rows = {"year": years, "average": averages.reindex(years.index), "yoy": yoy.reindex(years.index)}
    named = pd.concat(rows, names=["row_kind"]).reset_index()
    return named.assign(is_running=named["year"] == calendar.running // 12)


def _totals(months: pd.DataFrame) -> pd.DataFrame:
    by_year = months.sort_values("month").groupby("year")
    totals = by_year[FLOWS].sum()
    totals["opening_customers"] = by_year["opening_customers"].first()
    totals = totals.join(by_year[["total_customers", "arr_cents", "mrr_cents"]].last())
    opening = months["opening_customers"].replace(0, np.nan)
    gained = months["new_customers"] + months["reactivated_customers"]
    kept = (1 - months["churned_customers"] / opening).groupby(months["year"]).prod(min_count=1)
    grown = (1 + gained / opening).groupby(months["year"]).prod(min_count=1)
    return totals.assign(
        churn_rate=1 - kept,
        gross_growth_rate=grown - 1,
        net_growth_rate=totals["total_customers"] / totals["opening_customers"].replace(0, np.nan) - 1,
    )


def rep_rows(facts: pd.DataFrame, keys: list[str], calendar: Calendar) -> pd.DataFrame:
    """Return a row of the rep report for each value of the keys, ``month`` among them."""
    groups = facts.groupby(keys, dropna=False)
    decided = [f"{how}_{what}" for how in ("won", "lost") for what in ("opportunities", "renewals")]
    counts = ["calls", "emails", "new_demos", "cancelled_leads", "arr_added_cents", "one_time_won_cents"]
    rows = groups[[*decided, *counts]].sum().astype("int64")
    rows["avg_days_to_close"], rows["median_days_to_close"] = groups["days"].mean(), groups["days"].median()
    for what in ("calls", "emails"):
        rows[f"avg_{what}"] = groups[f"{what}_of_win"].mean()
        rows[f"{what}_per_decided"] = groups[f"{what}_of_decision"].mean()
    rows["avg_deal_arr_cents"] = groups["deal"].mean()
    rows = rows.reset_index()
    decided = (rows["won_opportunities"] + rows["lost_opportunities"]).replace(0, np.nan)
    rate = rows["won_opportunities"] / decided
    center, scale = rate + Z**2 / (2 * decided), 1 + Z**2 / decided
    margin = np.sqrt(Z**2 * (rate * (1 - rate) / decided + Z**2 / (4 * decided**2)))
    rows["close_rate"] = rate
    rows["close_rate_low"] = ((center - margin) / scale).clip(lower=0)
    rows["close_rate_high"] = ((center + margin) / scale).clip(upper=1)
    days = rows["month"].map(calendar.working_days(rows["month"].unique())).replace(0, np.nan)
    rows["activities"] = rows["calls"] + rows["emails"]
    for what in ("calls", "emails", "activities"):
        rows[f"{what}_per_working_day"] = rows[what] / days
    return rows


def win_rate_monthly(opportunities: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Return wins and losses by the month of the decision, and by that of the creation."""
    created = opportunities.groupby("created_month")
    rows = months.assign(
        won_opportunities=months["month"].map(opportunities["won_month"].value_counts()),
        lost_opportunities=months["month"].map(opportunities["lost_month"].value_counts()),
        created_opportunities=months["month"].map(created.size()),
        created_won_opportunities=months["month"].map(created["is_won"].sum()),
        created_lost_opportunities=months["month"].map(created["is_lost"].sum()),
    ).fillna(0)
    for prefix in ("", "created_"):
        won, lost = rows[f"{prefix}won_opportunities"], rows[f"{prefix}lost_opportunities"]
        rows[f"{prefix}win_rate"] = won / (won + lost).replace(0, np.nan)
    return rows


def pipeline_daily(opportunities: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the open opportunities by pipeline and stage."""
    still_open = opportunities[~opportunities["is_won"] & ~opportunities["is_lost"]]
    weighted = still_open.assign(
        weighted=still_open["cents"] * still_open["confidence"].fillna(0),
        age=(calendar.today - still_open["created_on"]).dt.days,
    )
    rows = weighted.groupby(["pipeline", "status_label"]).agg(
        opportunities=("id", "size"),
        arr_cents=("cents", "sum"),
        one_time_cents=("one_time", "sum"),
        weighted_arr_cents=("weighted", "sum"),
        avg_age_days=("age", "mean"),
    )
    # Halves go up: numpy would round them to the even number.
    rows["weighted_arr_cents"] = np.floor(rows["weighted_arr_cents"] / 100 + 0.5)
    return rows.rename_axis(["pipeline", "status"]).reset_index()


def pipeline_stages(opportunities: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the open opportunities by pipeline and stage, with how many are overdue."""
    won, today = opportunities["won_on"], calendar.today
    days = (won - opportunities["created_on"]).dt.days
    is_sale = ~opportunities["is_renewal"] & (won > today - pd.DateOffset(months=12)) & (won <= today)
    cycle = days[is_sale & (days >= 0)].median()
    still_open = opportunities[~opportunities["is_won"] & ~opportunities["is_lost"]]
    late = still_open.assign(overdue=(today - still_open["created_on"]).dt.days > 2 * cycle)
    overdue = late.groupby(["pipeline", "status_label"])["overdue"].sum().rename_axis(["pipeline", "status"])
    rows = pipeline_daily(opportunities, calendar).set_index(["pipeline", "status"])
    return rows.assign(overdue_opportunities=overdue, sales_cycle_days=cycle).reset_index()


def insight_rows(reps: pd.DataFrame, team: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the insights, by the functions that the pipeline has for them."""
    named = reps[reps["user_id"].notna()]
    both = pd.concat([named, team.assign(user_id=None, rep="The team", is_active=True)])
    both = both[both["month"] < calendar.running].sort_values(["month", "rep", "user_id"])
    both["contacts"] = both["calls_per_working_day"] + both["emails_per_working_day"]
    columns = ["won_opportunities", "lost_opportunities", "close_rate", "calls_per_decided", "contacts"]
    columns += ["avg_deal_arr_cents"]
    dated = calendar.dated(both)[["month", "user_id", "rep", "is_active", *columns]]
    rows = dated.astype(object).where(dated.notna(), None)
    found = insights([RepMonth(*row) for row in rows.itertuples(index=False)], "USD")
    return pd.DataFrame([insight.row() for insight in found])


def warnings(
    leads: pd.DataFrame,
    opportunities: pd.DataFrame,
    timeline: pd.DataFrame,
    periods: pd.DataFrame,
    values: pd.DataFrame,
    wins: pd.DataFrame,
    sources: pd.DataFrame,
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the records under data quality: rule, record_type, record_id, lead_id, detail.

    Args:
        leads: with id, status_label, created_on and first_win.
        opportunities: those that count.
        timeline: the statuses of the leads.
        periods: when leads were customers.
        values: the customers of each month end.
        wins: the won recurring opportunities, in order.
        sources: the rows of ``source_all_time``.
        calendar: of the reporting time zone.
    """
    ids, found = leads["id"], []

    def add(rule: str, rows: pd.DataFrame, record_type: str, details: pd.Series | str) -> None:
        lead_ids = ids.reindex(rows["lead"]).to_numpy()
        records = rows["id"] if record_type == "opportunity" else lead_ids
        found.append(
            pd.DataFrame({
                "rule": rule,
                "record_type": record_type,
                "record_id": np.asarray(records),
                "lead_id": lead_ids,
                "detail": details if isinstance(details, str) else details.to_numpy(),
            })
        )

    now = values[(values["month"] == calendar.running) & values["churned"].isna()]
    add(
        "customer_without_mrr", now[now["value"] == 0], "lead", "a customer without recurring value: counted with MRR 0"
    )
    back = now[(now["span"] > 1) & ~now["won_in_era"]]
    since = pd.PeriodIndex(pd.to_datetime(calendar.dated(back, "first")["first"]), freq="M").strftime("%Y-%m")
    words = ", without a win since it left: its value before the churn counts"
    add("reactivated_without_deal", back, "lead", pd.Series("a customer again since " + since + words))
    won = opportunities[opportunities["is_won"]]
    day = won["won_on"].dt.strftime("%Y-%m-%d")
    empty = won["is_recurring"] & won["value"].isna()
    add(
        "missing_value",
        won[empty],
        "opportunity",
        "won on " + day[empty].fillna("no date") + " without a value: counted as 0",
    )
    early = (won["won_on"] < won["created_on"]) & ~won["is_renewal"]
    made = won["created_on"].dt.strftime("%Y-%m-%d")
    details = "won on " + day[early] + ", created on " + made[early] + ": left out of the days to close"
    add("won_before_created", won[early], "opportunity", details)
    add(
        "won_in_future",
        won[won["won_on"] > calendar.today],
        "opportunity",
        "won, but dated " + day[won["won_on"] > calendar.today],
    )
    last_on = periods["ended_on"].fillna(pd.Timestamp.max.floor("D")).groupby(periods["lead"]).max()
    customer_until = won["lead"].map(last_on)
    alone = won["is_recurring"] & (won["won_on"] <= calendar.today) & ~(customer_until >= won["won_on"])
    words = ", but its lead has not been a customer since"
    add("won_without_customer", won[alone], "opportunity", "won on " + day[alone] + words)
    for how, dated in (("won", "won_on"), ("lost", "date_lost")):
        undated = opportunities[opportunities[f"is_{how}"] & opportunities[dated].isna()]
        words = f"{how} without a date: counted in the sources, in no month"
        add("decided_without_date", undated, "opportunity", words)
    last = wins[wins["won_on"] <= calendar.today].drop_duplicates("lead", keep="last")
    is_old = last["won_on"] < calendar.today - pd.DateOffset(months=13)
    lapsed = last[(last["value_period"] == "annual") & is_old & last["lead"].isin(now["lead"])]
    words = "a customer whose last annual contract was won on " + lapsed["won_on"].dt.strftime("%Y-%m-%d")
    add("annual_not_renewed", lapsed, "lead", words + ", more than 13 months ago")
    differing = timeline[timeline["step"] == LAST_STEP]
    status = leads["status_label"].reindex(differing["lead"]).to_numpy()
    from_on = differing["at"].dt.tz_convert("UTC").dt.strftime("%Y-%m-%d %H:%M")
    details = "no status change leads to the current status " + status + ": it counts from " + from_on + " UTC on"
    add("status_mismatch", differing, "lead", details)
    late = leads[leads["first_win"] < leads["created_on"]].rename_axis("lead").reset_index()
    first, made = (late[column].dt.strftime("%Y-%m-%d") for column in ("first_win", "created_on"))
    details = "first win on " + first + ", lead created on " + made + ": left out of the time to close"
    add("won_before_created", late, "lead", details)
    return pd.concat([*found, _unknown_source(sources)])


def _unknown_source(sources: pd.DataFrame) -> pd.DataFrame:
    total = int(sources["total_leads"].sum())
    unknown = int(sources.loc[sources["source"] == "(none)", "total_leads"].sum())
    if unknown / total <= UNKNOWN_SOURCE_SHARE:
        return pd.DataFrame(columns=WARNING)
    share, limit = 100 * unknown / total, 100 * UNKNOWN_SOURCE_SHARE
    detail = f"{share:.1f} % of {total} leads have no source; the limit is {limit:.1f} %"
    return pd.DataFrame([["unknown_source", "source", "(none)", None, detail]], columns=WARNING)
