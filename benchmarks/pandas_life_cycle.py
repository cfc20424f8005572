"""The life cycle of leads and their running value in plain pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

LAST_STEP = 1_000_000_000


class Calendar:
    """Months of a time zone, as whole numbers (year x 12 + month - 1).

    Args:
        zone: the reporting time zone.
        as_of: what the data is complete up to.
    """

    def __init__(self, zone: str, as_of: pd.Timestamp) -> None:
        self._zone = zone
        self.as_of = as_of
        local = as_of.tz_convert(zone)
        self.running = local.year * 12 + local.month - 1
        self.today = local.tz_localize(None).normalize()

    def day(self, instants: pd.Series) -> pd.Series:
        """Return the local days of instants."""
        return instants.dt.tz_convert(self._zone).dt.tz_localize(None).dt.normalize()

    def month(self, instants: pd.Series) -> pd.Series:
        """Return the local months of instants."""
        return self.month_of_day(instants.dt.tz_convert(self._zone).dt.tz_localize(None))

    def month_of_day(self, days: pd.Series) -> pd.Series:
        """Return the months of days."""
        return days.dt.year * 12 + days.dt.month - 1

    def month_end(self, months: pd.Series) -> pd.Series:
        """Return the last days of months, today in the running one."""
        following = months + 1
        text = (following // 12).astype(str) + "-" + (following % 12 + 1).astype(str) + "-01"
        unique = pd.to_datetime(text.unique(), format="%Y-%m-%d") - pd.Timedelta(days=1)
        ends = pd.Series(unique, index=text.unique()).clip(upper=self.today)
        return text.map(ends).astype("datetime64[us]")

    def working_days(self, months: Iterable[int]) -> dict[int, int]:
        """Return the days from Monday to Friday of each month, in the running one those up to today."""
        days = {}
        for month in months:
            first, following = (np.datetime64(f"{m // 12}-{m % 12 + 1:02}-01") for m in (int(month), int(month) + 1))
            until = min(following, np.datetime64(self.today, "D") + 1)
            days[month] = int(np.busday_count(first, until))
        return days

    def dated(self, rows: pd.DataFrame, column: str = "month") -> pd.DataFrame:
        """Return rows with their months as first days, those before the present."""
        months = rows[column].astype(int)
        days = {month: pd.Timestamp(month // 12, month % 12 + 1, 1) for month in months.unique()}
        return rows.assign(**{column: months.map(days)})


def timeline_of(leads: pd.DataFrame, changes: pd.DataFrame, roles: pd.Series) -> pd.DataFrame:
    """Return the statuses that leads went through, in order: lead, step, at, status_id, role, user_id.

    Args:
        leads: numbered by their index.
        changes: of those leads, in order.
        roles: of statuses, by id.
    """
    first = changes.drop_duplicates("lead").set_index("lead")
    last = changes.drop_duplicates("lead", keep="last").set_index("lead")
    created = leads[["date_created", "status_id"]].rename(columns={"date_created": "at"}).copy(deep=True)
    created.loc[first.index, "status_id"] = first["old_status_id"]
    created.loc[first.index, "at"] = np.minimum(first["at"], leads.loc[first.index, "date_created"])
    now = leads.loc[last.index]
    differs = now[now["status_id"] != last["new_status_id"]]
    wins_from = differs["date_updated"].fillna(last["at"])
    limit = changes["lead"].map(wins_from)
    changed = changes[limit.isna() | (changes["at"] <= limit)]
    steps = pd.concat([
        created.rename_axis("lead").reset_index().assign(step=0),
        changed.rename(columns={"new_status_id": "status_id"}).assign(step=1)[
            ["lead", "at", "status_id", "user_id", "step"]
        ],
        pd.DataFrame({
            "lead": differs.index,
            "at": np.maximum(wins_from, created.loc[differs.index, "at"]),
            "status_id": differs["status_id"],
            "step": LAST_STEP,
        }),
    ])
    steps["role"] = steps["status_id"].map(roles).fillna("other")
    return steps.sort_values(["lead", "at", "step"], kind="stable")


def periods_of(timeline: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return when leads were customers: lead, start and end as instants, days and months."""
    customers = timeline.loc[timeline["role"] == "customer", "lead"].unique()
    states = timeline[timeline["lead"].isin(customers) & (timeline["at"] <= calendar.as_of)]
    states = states.drop_duplicates(["lead", "at"], keep="last")
    is_customer = states["role"] == "customer"
    before = is_customer.groupby(states["lead"]).shift(fill_value=False)
    states = states[is_customer != before]
    ended_at = states.groupby("lead")["at"].shift(-1)
    periods = states.assign(ended_at=ended_at)[states["role"] == "customer"]
    return pd.DataFrame({
        "lead": periods["lead"],
        "first": calendar.month(periods["at"]),
        "end": calendar.month(periods["ended_at"]),
        "ended_on": calendar.day(periods["ended_at"]),
    })


def spans_of(periods: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return unbroken runs of month ends as a customer: lead, span, first, churned, left_on."""
    last_day = periods.groupby(["lead", "end"])["ended_on"].transform("max")
    over = periods.assign(left_on=last_day)
    over = over[over["end"].isna() | (over["end"] > over["first"])]
    previous = over.groupby("lead")["end"].shift()
    begins = previous.isna() | (over["first"] > previous)
    over["span"] = begins.astype(int).groupby(over["lead"]).cumsum()
    spans = over.groupby(["lead", "span"]).agg(first=("first", "min"))
    last = over.drop_duplicates(["lead", "span"], keep="last").set_index(["lead", "span"])
    return spans.assign(churned=last["end"], left_on=last["left_on"]).reset_index()


def blips_of(periods: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Return moves within a month that its two ends do not show: lead, month, kind."""
    joined = periods[periods["first"] == periods["end"]].assign(
        month=lambda rows: rows["first"], kind="joined_and_left"
    )
    back = periods.assign(month=periods["end"], following=periods.groupby("lead")["first"].shift(-1))
    back = back[back["month"] == back["following"]].assign(kind="left_and_returned")
    blips = pd.concat([joined, back])[["lead", "month", "kind"]].drop_duplicates()
    ends = blips.merge(spans[["lead", "first", "churned"]], on="lead", how="left")
    until = ends["churned"].fillna(np.inf)
    ends["at_start"] = (ends["first"] < ends["month"]) & (until >= ends["month"])
    ends["at_end"] = (ends["first"] <= ends["month"]) & (until > ends["month"])
    blips = ends.groupby(["lead", "month", "kind"])[["at_start", "at_end"]].any().reset_index()
    is_neither, is_both = ~blips["at_start"] & ~blips["at_end"], blips["at_start"] & blips["at_end"]
    joined_and_left = blips["kind"] == "joined_and_left"
    return blips[(joined_and_left & is_neither) | (~joined_and_left & is_both)]


def values_of(
    spans: pd.DataFrame, opportunities: pd.DataFrame, calendar: Calendar
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the customers of each month end with their annual cents, and the won recurring opportunities."""
    wins = _running_values(spans, opportunities)
    until = spans["churned"].fillna(calendar.running + 1).astype(int)
    lengths = until - spans["first"].astype(int)
    rows = spans.loc[spans.index.repeat(lengths)].reset_index(drop=True)
    rows["month"] = rows["first"].astype(int) + rows.groupby(["lead", "span"]).cumcount()
    rows["is_start"] = rows["month"] == rows["first"]
    rows["is_new"], rows["is_back"] = rows["is_start"] & (rows["span"] == 1), rows["is_start"] & (rows["span"] > 1)
    rows["churned_month"] = rows["churned"].where(rows["month"] == rows["churned"] - 1)
    rows["ends_on"] = calendar.month_end(rows["month"])
    days = wins[wins["lead"] >= 0].drop_duplicates(["lead", "won_on"], keep="last")[
        ["lead", "won_on", "running", "era"]
    ]
    rows = pd.merge_asof(
        rows.sort_values("ends_on"), days.sort_values("won_on"), left_on="ends_on", right_on="won_on", by="lead"
    ).sort_values(["lead", "month"])
    rows["value"] = rows["running"].fillna(0).astype("int64")
    rows["won_in_era"] = rows["era"].fillna(-1) >= rows["span"] - 1
    rows["opening"] = rows.groupby(["lead", "span"])["value"].shift(fill_value=0)
    return rows, wins


def _running_values(spans: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """Return the won recurring opportunities in order, each with the running value and what it added."""
    wins = opportunities[opportunities["is_won"] & opportunities["is_recurring"] & opportunities["won_on"].notna()]
    churns = spans.dropna(subset="left_on")[["lead", "span", "left_on"]].sort_values("left_on")
    wins = pd.merge_asof(wins.sort_values("won_on"), churns, left_on="won_on", right_on="left_on", by="lead")
    wins["era"] = wins["span"].fillna(0)
    wins = wins.sort_values(["lead", "won_on", "date_created", "id"])
    is_renewal = wins["pipeline"] == "Renewal"
    wins["term"] = is_renewal.astype(int).groupby([wins["lead"], wins["era"]]).cumsum()
    wins["running"] = wins.groupby(["lead", "era", "term"])["cents"].cumsum()
    before = wins.groupby("lead")["running"].shift(fill_value=0)
    wins["added"] = wins["cents"].where(~is_renewal, (wins["cents"] - before).clip(lower=0))
    return wins
