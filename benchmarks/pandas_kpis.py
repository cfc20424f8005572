"""The KPI tables in plain pandas, for comparison: vectorised, columns read only as needed.

It follows the same definitions as ``include/sql`` for the settings of ``benchmarks/kpis.yaml``, whole history at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.pandas_life_cycle import Calendar, blips_of, periods_of, spans_of, timeline_of, values_of
from benchmarks.pandas_reports import (
    cohort_monthly,
    growth_yearly,
    insight_rows,
    movements_yearly,
    pipeline_daily,
    pipeline_stages,
    rep_rows,
    retention_12m,
    warnings,
    win_rate_monthly,
    with_growth_rates,
    with_retention,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_PLACED = ["cancel", "failed", "created", "in-progress"]
DECIDED = [
    "won_opportunities",
    "lost_opportunities",
    "won_renewals",
    "lost_renewals",
    "arr_added_cents",
    "one_time_won_cents",
    "days",
    "deal",
    "calls_of_win",
    "emails_of_win",
    "calls_of_decision",
    "emails_of_decision",
]
"""What counts of a decided opportunity in the rep report."""


class Account:
    """The Parquet files of an account, read table by table.

    Args:
        files: the Parquet files of each table of ``raw``.
    """

    def __init__(self, files: Mapping[str, Sequence[str]]) -> None:
        self._files = files
        leads = self.read(
            "leads",
            ["id", "status_id", "status_label", "custom", "date_created", "date_updated", "_merged_into"],
            deleted=True,
        )
        merges = leads.dropna(subset="_merged_into").query("id != _merged_into").set_index("id")["_merged_into"]
        while (further := merges.isin(merges.index)).any():
            merges[further] = merges[further].map(merges)
        self.merges = merges
        gone = leads.loc[leads["_deleted_at"].notna(), "id"]
        self.buried = pd.Index(gone[~gone.isin(merges.index)]).union(merges.index[merges.isin(gone)])
        self.leads = leads[~leads["id"].isin(self.buried) & ~leads["id"].isin(merges.index)].reset_index(drop=True)
        self.number = pd.Series(np.arange(len(self.leads)), index=pd.Index(self.leads["id"]))

    def read(self, table: str, columns: list[str], *, deleted: bool = False) -> pd.DataFrame:
        """Return columns of a table, without the rows that were deleted in Close unless they are asked for."""
        rows = pd.concat([pd.read_parquet(file, columns=[*columns, "_deleted_at"]) for file in self._files[table]])
        return rows if deleted else rows[rows["_deleted_at"].isna()].drop(columns="_deleted_at")

    def children(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Return rows of leads that were not deleted; ``lead`` is the lead's number, -1 of an unknown one."""
        rows = self.read(table, ["lead_id", *columns])
        rows = rows[~rows["lead_id"].isin(self.buried)]
        moved = rows["lead_id"].isin(self.merges.index)
        rows.loc[moved, "lead_id"] = rows.loc[moved, "lead_id"].map(self.merges)
        rows["lead"] = self.number.index.get_indexer(rows["lead_id"])
        return rows.drop(columns="lead_id")

    def activities(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Return children with the instant ``at`` they happened."""
        rows = self.children(table, ["user_id", "activity_at", "date_created", *columns])
        rows["at"] = rows["activity_at"].fillna(rows["date_created"])
        return rows.drop(columns=["activity_at", "date_created"])


def compute(files: Mapping[str, Sequence[str]], as_of: pd.Timestamp, zone: str) -> dict[str, pd.DataFrame]:
    """Return the tables of the schema ``kpi``, by name.

    Args:
        files: the Parquet files of each table of ``raw``.
        as_of: what the data is complete up to.
        zone: the reporting time zone.
    """
    account, calendar = Account(files), Calendar(zone, as_of)
    roles = _names(account, "lead_statuses", "label").map({
        "Trial": "trial",
        "Customer": "customer",
        "Churned": "churned",
        "Lost": "lost",
    })
    timeline = timeline_of(account.leads, _changes(account), roles)
    periods = periods_of(timeline, calendar)
    spans = spans_of(periods, calendar)
    opportunities = _opportunities(account, calendar)
    values, wins = values_of(spans, opportunities, calendar)
    demos = _demos(account, calendar)
    facts = _facts(account, timeline, opportunities, wins, demos, calendar)
    current = values[values["month"] == calendar.running].set_index("lead")["value"]
    results = _lead_results(account, opportunities, wins, current, calendar)
    starts = (results["cohort_month"], opportunities["created_month"], opportunities["won_month"])
    first = int(min(months.min() for months in starts))
    months = pd.DataFrame({"month": range(first, calendar.running + 1)})
    facts = facts[facts["month"] <= calendar.running]
    reps = rep_rows(facts, ["month", "user_id"], calendar).merge(_users(account), on="user_id", how="left")
    reps["rep"] = reps["rep"].fillna("Unassigned")
    team = rep_rows(pd.concat([facts, months]), ["month"], calendar)
    growth = _growth(months, timeline, values, blips_of(periods, spans), opportunities, demos, calendar)
    all_time = _source_rows(results, ["source"])
    movements = with_retention(_movements(months, values))
    cohorts = cohort_monthly(values, first, calendar).rename(columns={"month": "cohort_month"})
    return {
        "cohort_monthly": calendar.dated(cohorts, "cohort_month"),
        "data_quality": warnings(results, opportunities, timeline, periods, values, wins, all_time, calendar),
        "growth_monthly": calendar.dated(growth),
        "growth_yearly": growth_yearly(growth, calendar),
        "insights": insight_rows(reps, team, calendar),
        "mrr_movements_monthly": calendar.dated(retention_12m(movements, values)),
        "mrr_movements_yearly": movements_yearly(movements, values, calendar),
        "pipeline_daily": pipeline_daily(opportunities, calendar),
        "pipeline_stages": pipeline_stages(opportunities, calendar),
        "rep_monthly": calendar.dated(reps),
        "source_all_time": all_time,
        "source_monthly": calendar.dated(_source_rows(results, ["cohort_month", "source"]), "cohort_month"),
        "source_total": _source_rows(results.assign(all=0), ["all"]).drop(columns="all"),
        "team_monthly": calendar.dated(team),
        "win_rate_monthly": calendar.dated(win_rate_monthly(opportunities[~opportunities["is_renewal"]], months)),
    }


def _names(account: Account, table: str, column: str) -> pd.Series:
    return account.read(table, ["id", column]).set_index("id")[column]


def _users(account: Account) -> pd.DataFrame:
    users = account.read("users", ["id", "first_name", "last_name", "is_active"]).rename(columns={"id": "user_id"})
    return users.assign(rep=users["first_name"] + " " + users["last_name"])[["user_id", "rep", "is_active"]]


def _changes(account: Account) -> pd.DataFrame:
    changes = account.activities("lead_status_changes", ["id", "old_status_id", "new_status_id"])
    return changes[changes["lead"] >= 0].sort_values(["lead", "at", "id"])


def _opportunities(account: Account, calendar: Calendar) -> pd.DataFrame:
    columns = [
        "id",
        "user_id",
        "pipeline_id",
        "status_type",
        "value",
        "value_period",
        "date_won",
        "date_lost",
        "date_created",
        "status_label",
        "confidence",
    ]
    rows = account.children("opportunities", columns)
    rows["pipeline"] = rows["pipeline_id"].map(_names(account, "pipelines", "name"))
    rows = rows[rows["pipeline"] != "Partnerships"].reset_index(drop=True)
    factor = rows["value_period"].map({"monthly": 12, "annual": 1}).fillna(0)
    rows["cents"] = (rows["value"].fillna(0) * factor).astype("int64")
    rows["one_time"] = rows["value"].fillna(0).where(rows["value_period"] == "one_time", 0).astype("int64")
    rows["is_recurring"] = rows["value_period"].isin(["monthly", "annual"])
    rows["is_won"], rows["is_lost"] = rows["status_type"] == "won", rows["status_type"] == "lost"
    rows["is_renewal"] = rows["pipeline"] == "Renewal"
    rows["won_on"] = pd.to_datetime(rows["date_won"]).astype("datetime64[us]").where(rows["is_won"])
    rows["won_month"] = calendar.month_of_day(rows["won_on"])
    rows["created_on"] = calendar.day(rows["date_created"])
    rows["created_month"] = calendar.month(rows["date_created"])
    rows["lost_month"] = calendar.month(rows["date_lost"].where(rows["is_lost"]))
    return rows


def _demos(account: Account, calendar: Calendar) -> pd.DataFrame:
    rows = account.children("meetings", ["id", "user_id", "title", "status", "starts_at", "ends_at", "outcome_id"])
    outcomes = _names(account, "outcomes", "name")
    took_place = (rows["status"] == "completed") | (rows["status"].isna() & (rows["ends_at"] <= calendar.as_of))
    named = rows["title"].str.contains("demo", case=False, na=False)
    rows = rows[took_place & named & (rows["outcome_id"].map(outcomes) != "No-show")].copy()
    rows["day"] = calendar.day(rows["starts_at"])
    rows["month"] = calendar.month(rows["starts_at"])
    return rows.sort_values(["starts_at", "id"]).drop_duplicates(["lead", "day"])


def _growth(
    months: pd.DataFrame,
    timeline: pd.DataFrame,
    values: pd.DataFrame,
    blips: pd.DataFrame,
    opportunities: pd.DataFrame,
    demos: pd.DataFrame,
    calendar: Calendar,
) -> pd.DataFrame:
    trials = timeline[timeline["role"] == "trial"].groupby("lead")["at"].min()
    columns = {
        "total_customers": values["month"].value_counts(),
        "new_customers": values.loc[values["is_new"], "month"].value_counts(),
        "reactivated_customers": values.loc[values["is_back"], "month"].value_counts(),
        "churned_customers": values["churned_month"].value_counts(),
        "joined_and_left": blips.loc[blips["kind"] == "joined_and_left", "month"].value_counts(),
        "left_and_returned": blips.loc[blips["kind"] == "left_and_returned", "month"].value_counts(),
        "new_trials": calendar.month(trials).value_counts(),
        "opened_opportunities": opportunities["created_month"].value_counts(),
        "demos_done": demos["month"].value_counts(),
        "arr_cents": values.groupby("month")["value"].sum(),
    }
    growth = months.assign(**{name: months["month"].map(column) for name, column in columns.items()}).fillna(0)
    growth["opening_customers"] = growth["total_customers"].shift(fill_value=0)
    return with_growth_rates(growth.assign(mrr_cents=growth["arr_cents"] / 12))


def _movements(months: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    stays = ~values["is_new"] & ~values["is_back"]
    change = (values["value"] - values["opening"]).where(stays, 0)
    columns = {
        "new_arr_cents": values[values["is_new"]].groupby("month")["value"].sum(),
        "reactivation_arr_cents": values[values["is_back"]].groupby("month")["value"].sum(),
        "expansion_arr_cents": change.clip(lower=0).groupby(values["month"]).sum(),
        "contraction_arr_cents": -change.clip(upper=0).groupby(values["month"]).sum(),
        "churn_arr_cents": values.groupby("churned_month")["value"].sum(),
        "closing_arr_cents": values.groupby("month")["value"].sum(),
    }
    return months.assign(**{name: months["month"].map(column) for name, column in columns.items()}).fillna(0)


def _facts(
    account: Account,
    timeline: pd.DataFrame,
    opportunities: pd.DataFrame,
    wins: pd.DataFrame,
    demos: pd.DataFrame,
    calendar: Calendar,
) -> pd.DataFrame:
    """Return what counts in the rep report, each with its month and user; activities as counts of a month."""
    calls = account.activities("calls", ["direction", "status", "disposition", "duration"])
    answered = (calls["disposition"] == "answered") | (calls["disposition"].isna() & (calls["duration"] > 0))
    placed = (calls["direction"] == "outbound") & ~calls["status"].isin(NOT_PLACED)
    calls["counts"] = placed | ((calls["direction"] == "inbound") & answered)
    emails = account.activities("emails", ["direction", "status", "sequence_id", "bulk_email_action_id"])
    by_hand = emails["sequence_id"].isna() & emails["bulk_email_action_id"].isna()
    emails["counts"] = (emails["direction"] == "outgoing") & (emails["status"] == "sent") & by_hand
    others = [
        account.activities(table, [])
        for table in (
            "meetings",
            "custom_activities",
            "lead_status_changes",
            "opportunity_status_changes",
            "task_completions",
        )
    ]
    for rows in (calls, emails, *others):
        rows["month"] = calendar.month(rows["at"])
    keys = ["month", "user_id"]
    cancelled = _cancelled(account, timeline, opportunities, calendar).assign(cancelled_leads=1)
    decided = _decided(opportunities, wins, calls[calls["counts"]], emails[emails["counts"]], calendar)
    facts = [
        calls.groupby(keys, dropna=False)["counts"].sum().rename("calls").reset_index(),
        emails.groupby(keys, dropna=False)["counts"].sum().rename("emails").reset_index(),
        *(rows[keys].drop_duplicates() for rows in others),
        demos[keys].assign(new_demos=1),
        cancelled[[*keys, "cancelled_leads"]],
        decided,
    ]
    return pd.concat(facts)[lambda rows: rows["month"].notna()]


def _decided(
    opportunities: pd.DataFrame, wins: pd.DataFrame, calls: pd.DataFrame, emails: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return the won and lost opportunities with what it took to decide them; renewals are counted apart."""
    rows = opportunities[opportunities["won_month"].notna() | opportunities["lost_month"].notna()].copy()
    rows["month"] = rows["won_month"].fillna(rows["lost_month"])
    rows["decided_on"] = rows["won_on"].fillna(calendar.day(rows["date_lost"]))
    is_won, is_sale = rows["is_won"], ~rows["is_renewal"]
    days = (rows["won_on"] - rows["created_on"]).dt.days
    rows["days"] = days.where(is_sale & (days >= 0))
    rows["deal"] = rows["cents"].where(is_won & is_sale & rows["is_recurring"] & (rows["cents"] > 0))
    rows["arr_added_cents"] = rows["id"].map(wins.set_index("id")["added"]).fillna(0)
    rows["one_time_won_cents"] = rows["one_time"].where(is_won, 0)
    sales = rows[is_sale]
    for name, contacts in (("calls", calls), ("emails", emails)):
        known = contacts[(contacts["lead"] >= 0) & contacts["lead"].isin(sales["lead"])]
        pairs = sales[["id", "lead", "date_created", "decided_on"]].merge(known[["lead", "at"]], on="lead")
        pairs = pairs[(pairs["at"] >= pairs["date_created"])]
        pairs = pairs[calendar.day(pairs["at"]) <= pairs["decided_on"]]
        counts = rows["id"].map(pairs["id"].value_counts()).fillna(0).where(is_sale)
        rows[f"{name}_of_decision"], rows[f"{name}_of_win"] = counts, counts.where(is_won)
    for name, of_kind in (("opportunities", is_sale), ("renewals", ~is_sale)):
        rows[f"won_{name}"], rows[f"lost_{name}"] = (is_won & of_kind).astype(int), (~is_won & of_kind).astype(int)
    return rows[["month", "user_id", *DECIDED]]


def _cancelled(
    account: Account, timeline: pd.DataFrame, opportunities: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return the cancelled leads of each month, each with the user that they are credited to."""
    is_entry = (timeline["step"] > 0) & (timeline["status_id"] != timeline["status_id"].shift())
    left = timeline[timeline["role"].isin(["churned", "lost"]) & is_entry].copy()
    left["month"] = calendar.month(left["at"])
    left = left.drop_duplicates(["lead", "month"]).sort_values("at")
    newest = opportunities.loc[opportunities["lead"] >= 0, ["lead", "date_created", "id", "user_id"]]
    newest = newest.sort_values(["date_created", "id"]).rename(
        columns={"user_id": "seller", "date_created": "opened_at"}
    )
    left = pd.merge_asof(left, newest, left_on="at", right_on="opened_at", by="lead", allow_exact_matches=False)
    owners = account.leads["custom"].str.extract(r'"cf_owner":"([^"]+)"', expand=False)
    left["user_id"] = left["lead"].map(owners).fillna(left["seller"]).fillna(left["user_id"])
    return left


def _lead_results(
    account: Account, opportunities: pd.DataFrame, wins: pd.DataFrame, current: pd.Series, calendar: Calendar
) -> pd.DataFrame:
    """Return what came of each lead to date, numbered as the leads are."""
    known = opportunities[opportunities["lead"] >= 0]
    sales = known[~known["is_renewal"]]
    recurring = known[known["is_won"] & known["is_recurring"]]
    # One without a date adds its value, a renewal without one nothing.
    added = (
        recurring["id"].map(wins.set_index("id")["added"]).fillna(recurring["cents"].where(~recurring["is_renewal"], 0))
    )
    leads = account.leads[["id", "status_label"]].assign(
        source=account.leads["custom"].str.extract(r'"cf_source":"([^"]+)"', expand=False).fillna("(none)"),
        cohort_month=calendar.month(account.leads["date_created"]),
        created_on=calendar.day(account.leads["date_created"]),
    )
    leads["won"] = sales[sales["is_won"]].groupby("lead").size()
    leads["lost"] = sales[sales["is_lost"]].groupby("lead").size()
    leads["first_win"] = sales.groupby("lead")["won_on"].min()
    leads["cents"] = added.groupby(recurring["lead"]).sum()
    leads["has_recurring"] = leads["cents"].notna()
    leads["current"] = current
    leads["has_win"] = leads["won"] > 0
    days = (leads["first_win"] - leads["created_on"]).dt.days
    return leads.assign(days=days.where(days >= 0))


def _source_rows(leads: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    rows = leads.groupby(keys).agg(
        total_leads=("created_on", "size"),
        won_opportunities=("won", "sum"),
        lost_opportunities=("lost", "sum"),
        lead_conversion=("has_win", "mean"),
        avg_days_to_close=("days", "mean"),
        median_days_to_close=("days", "median"),
        total_arr_cents=("cents", "sum"),
        current_arr_cents=("current", "sum"),
        accounts=("has_recurring", "sum"),
    )
    rows["win_rate"] = rows["won_opportunities"] / (rows["won_opportunities"] + rows["lost_opportunities"])
    rows["avg_arr_per_won_account_cents"] = rows["total_arr_cents"] / rows["accounts"].replace(0, np.nan)
    return rows.drop(columns="accounts").reset_index()
