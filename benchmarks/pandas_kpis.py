"""The growth, revenue, rep and source tables in plain pandas, for comparison: vectorised, columns read only as needed.

It follows the same definitions as ``include/sql`` for the settings of ``benchmarks/kpis.yaml``, whole history at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.pandas_life_cycle import Calendar, periods_of, spans_of, timeline_of, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_PLACED = ["cancel", "failed", "created", "in-progress"]


class Account:
    """The Parquet files of an account, read table by table.

    Args:
        files: the Parquet files of each table of ``raw``.
    """

    def __init__(self, files: Mapping[str, Sequence[str]]) -> None:
        self._files = files
        leads = self.read(
            "leads", ["id", "status_id", "custom", "date_created", "date_updated", "_merged_into"], deleted=True
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
    """Return growth_monthly, mrr_movements_monthly, rep_monthly, source_all_time and source_monthly.

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
    growth, movements = _growth(timeline, values, opportunities, demos, calendar)
    reps = _reps(account, timeline, opportunities, wins, demos, calendar)
    first = int(min(growth["month"].min(), reps["month"].min()))
    current = values[values["month"] == calendar.running].set_index("lead")["value"]
    all_time, monthly = _sources(account, opportunities, current, calendar)
    months = pd.DataFrame({"month": range(first, calendar.running + 1)})
    return {
        "growth_monthly": calendar.dated(months.merge(growth, how="left").fillna(0)),
        "mrr_movements_monthly": calendar.dated(months.merge(movements, how="left").fillna(0)),
        "rep_monthly": calendar.dated(reps[reps["month"] <= calendar.running]),
        "source_all_time": all_time,
        "source_monthly": calendar.dated(monthly, "cohort_month"),
    }


def _names(account: Account, table: str, column: str) -> pd.Series:
    return account.read(table, ["id", column]).set_index("id")[column]


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
    ]
    rows = account.children("opportunities", columns)
    rows["pipeline"] = rows["pipeline_id"].map(_names(account, "pipelines", "name"))
    rows = rows[rows["pipeline"] != "Partnerships"].reset_index(drop=True)
    factor = rows["value_period"].map({"monthly": 12, "annual": 1}).fillna(0)
    rows["cents"] = (rows["value"].fillna(0) * factor).astype("int64")
    rows["one_time"] = rows["value"].fillna(0).where(rows["value_period"] == "one_time", 0).astype("int64")
    rows["is_recurring"] = rows["value_period"].isin(["monthly", "annual"])
    rows["is_won"], rows["is_lost"] = rows["status_type"] == "won", rows["status_type"] == "lost"
    rows["won_on"] = pd.to_datetime(rows["date_won"]).astype("datetime64[us]").where(rows["is_won"])
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
    timeline: pd.DataFrame, values: pd.DataFrame, opportunities: pd.DataFrame, demos: pd.DataFrame, calendar: Calendar
) -> tuple[pd.DataFrame, pd.DataFrame]:
    trials = timeline[timeline["role"] == "trial"].groupby("lead")["at"].min()
    columns = {
        "total_customers": values.groupby("month").size(),
        "new_customers": values[values["is_new"]].groupby("month").size(),
        "reactivated_customers": values[values["is_back"]].groupby("month").size(),
        "churned_customers": values.groupby("churned_month").size(),
        "new_trials": calendar.month(trials).value_counts(),
        "opened_opportunities": opportunities["created_month"].value_counts(),
        "demos_done": demos["month"].value_counts(),
        "arr_cents": values.groupby("month")["value"].sum(),
    }
    growth = pd.DataFrame(columns).rename_axis("month").reset_index()
    stays = ~values["is_new"] & ~values["is_back"]
    change = (values["value"] - values["opening"]).where(stays, 0)
    movements = pd.DataFrame({
        "new_arr_cents": values[values["is_new"]].groupby("month")["value"].sum(),
        "reactivation_arr_cents": values[values["is_back"]].groupby("month")["value"].sum(),
        "expansion_arr_cents": change.clip(lower=0).groupby(values["month"]).sum(),
        "contraction_arr_cents": -change.clip(upper=0).groupby(values["month"]).sum(),
        "churn_arr_cents": values.groupby("churned_month")["value"].sum(),
        "closing_arr_cents": values.groupby("month")["value"].sum(),
    })
    return growth, movements.rename_axis("month").reset_index()


def _reps(
    account: Account,
    timeline: pd.DataFrame,
    opportunities: pd.DataFrame,
    wins: pd.DataFrame,
    demos: pd.DataFrame,
    calendar: Calendar,
) -> pd.DataFrame:
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
    present = pd.concat([rows[keys].drop_duplicates() for rows in (calls, emails, *others)]).drop_duplicates()
    won = _won(opportunities, wins, calls[calls["counts"]], emails[emails["counts"]], calendar)
    columns = {
        "calls": calls[calls["counts"]].groupby(keys, dropna=False).size(),
        "emails": emails[emails["counts"]].groupby(keys, dropna=False).size(),
        "new_demos": demos.groupby(keys, dropna=False).size(),
        "lost_opportunities": opportunities[opportunities["is_lost"]]
        .rename(columns={"lost_month": "month"})
        .groupby(keys, dropna=False)
        .size(),
        "cancelled_leads": _cancelled(account, timeline, opportunities, calendar).groupby(keys, dropna=False).size(),
        "won_opportunities": won.groupby(keys, dropna=False).size(),
        "arr_added_cents": won.groupby(keys, dropna=False)["added"].sum(),
        "one_time_won_cents": won.groupby(keys, dropna=False)["one_time"].sum(),
    }
    reps = pd.concat([present.set_index(keys), pd.DataFrame(columns)], axis=1).fillna(0)
    means = won.groupby(keys, dropna=False).agg(
        avg_days_to_close=("days", "mean"),
        median_days_to_close=("days", "median"),
        avg_calls=("calls", "mean"),
        avg_emails=("emails", "mean"),
        avg_deal_arr_cents=("deal", "mean"),
    )
    return reps.join(means).reset_index()


def _won(
    opportunities: pd.DataFrame, wins: pd.DataFrame, calls: pd.DataFrame, emails: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return the won opportunities with what it took to win them."""
    won = opportunities[opportunities["won_on"].notna()].copy()
    won["month"] = calendar.month_of_day(won["won_on"])
    days = (won["won_on"] - won["created_on"]).dt.days
    won["days"] = days.where(days >= 0)
    won["deal"] = won["cents"].where(won["is_recurring"])
    won["added"] = won["id"].map(wins.set_index("id")["added"]).fillna(0)
    for name, rows in (("calls", calls), ("emails", emails)):
        known = rows[(rows["lead"] >= 0) & rows["lead"].isin(won["lead"])]
        pairs = won[["id", "lead", "date_created", "won_on"]].merge(known[["lead", "at"]], on="lead")
        pairs = pairs[(pairs["at"] >= pairs["date_created"])]
        pairs = pairs[calendar.day(pairs["at"]) <= pairs["won_on"]]
        won[name] = won["id"].map(pairs["id"].value_counts()).fillna(0)
    return won


def _cancelled(
    account: Account, timeline: pd.DataFrame, opportunities: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return the cancelled leads of each month, each with the user that they are credited to."""
    left = timeline[timeline["role"].isin(["churned", "lost"]) & (timeline["step"] > 0)].copy()
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


def _sources(
    account: Account, opportunities: pd.DataFrame, current: pd.Series, calendar: Calendar
) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = opportunities[opportunities["lead"] >= 0]
    recurring = known[known["is_won"] & known["is_recurring"]]
    leads = pd.DataFrame({
        "source": account.leads["custom"].str.extract(r'"cf_source":"([^"]+)"', expand=False).fillna("(none)"),
        "cohort_month": calendar.month(account.leads["date_created"]),
        "created_on": calendar.day(account.leads["date_created"]),
    })
    leads["won"] = known[known["is_won"]].groupby("lead").size()
    leads["lost"] = known[known["is_lost"]].groupby("lead").size()
    leads["first_win"] = known.groupby("lead")["won_on"].min()
    leads["cents"] = recurring.groupby("lead")["cents"].sum()
    leads["has_recurring"] = leads["cents"].notna()
    leads["current"] = current
    leads["has_win"] = leads["won"] > 0
    days = (leads["first_win"] - leads["created_on"]).dt.days
    leads["days"] = days.where(days >= 0)
    return _source_rows(leads, ["source"]), _source_rows(leads, ["cohort_month", "source"])


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
