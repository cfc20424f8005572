"""Which records stand behind which KPI: pure data over the models of ``include/sql/explain``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

How = Literal["sum", "rounded", "mean", "median", "wilson_low", "wilson_high"]


@dataclass(frozen=True)
class Part:
    """Records that count in a KPI.

    Attributes:
        what: what they are, for a reader.
        model: of ``include/sql/explain``.
        given: values of the model's own parameters.
        measure: the column that counts; empty where each record counts 1. A record whose measure is empty is
            left out of the number.
        sign: -1 for what is taken off.
    """

    what: str
    model: str
    given: Mapping[str, str] = field(default_factory=dict)
    measure: str = ""
    sign: int = 1


@dataclass(frozen=True)
class Kpi:
    """How a KPI follows from its records.

    Attributes:
        over: the records; of a rate those above the line.
        under: of a rate the records below the line.
        how: of what is above the line the sum (or that, rounded), the mean or the median; or, of a rate, an end of
            its Wilson interval of 95 %.
        per: the sum is divided by it.
    """

    over: tuple[Part, ...]
    under: tuple[Part, ...] = ()
    how: How = "sum"
    per: int = 1


@dataclass(frozen=True)
class Report:
    """A report whose cells can be explained.

    Attributes:
        texts: its key in ``definitions.yaml``.
        kpis: by column of its table.
    """

    texts: str
    kpis: Mapping[str, Kpi]


def _customers(what: str, instant: str, measure: str = "", sign: int = 1) -> Part:
    return Part(what, "customers", {"instant": instant}, measure, sign)


def _moves(what: str, movement: str, measure: str = "", sign: int = 1) -> Part:
    return Part(what, "customer_moves", {"movement": movement}, measure, sign)


_DENOMINATOR = _customers("Customers that rates are measured on", "rates")
_NEW = _moves("New customers", "new")
_REACTIVATED = _moves("Reactivated customers", "reactivation")
_CHURNED = _moves("Churned customers", "churn")
_LESS_CHURNED = _moves("Less: churned customers", "churn", sign=-1)
_CLOSING_ARR = _customers("Customers at the end of the month, with their annual value", "closing", "annual_cents")

_GROWTH = {
    "opening_customers": Kpi((_customers("Customers at the start of the month", "opening"),)),
    "total_customers": Kpi((_customers("Customers at the end of the month", "closing"),)),
    "new_trials": Kpi((Part("Leads that entered a trial status for the first time", "trials"),)),
    "opened_opportunities": Kpi((Part("Opportunities created", "opportunities_created"),)),
    "new_customers": Kpi((_NEW,)),
    "demos_done": Kpi((Part("Demos", "demos"),)),
    "reactivated_customers": Kpi((_REACTIVATED,)),
    "churned_customers": Kpi((_CHURNED,)),
    "joined_and_left": Kpi((Part("Customers in between only", "customer_blips", {"kind": "joined_and_left"}),)),
    "left_and_returned": Kpi((
        Part("Customers that left and returned", "customer_blips", {"kind": "left_and_returned"}),
    )),
    "arr_cents": Kpi((_CLOSING_ARR,)),
    "mrr_cents": Kpi((_CLOSING_ARR,), per=12),
    "churn_rate": Kpi((_CHURNED,), (_DENOMINATOR,)),
    "gross_growth_rate": Kpi((_NEW, _REACTIVATED), (_DENOMINATOR,)),
    "net_growth_rate": Kpi((_NEW, _REACTIVATED, _LESS_CHURNED), (_DENOMINATOR,)),
}

_OPENING_ARR = _customers("Customers at the start of the month, with their annual value", "opening", "annual_cents")
_NEW_ARR = _moves("New customers, with their annual value", "new", "closing_annual_cents")
_BACK_ARR = _moves("Reactivated customers, with their annual value", "reactivation", "closing_annual_cents")
_MORE_ARR = _moves("Customers that pay more", "expansion", "moved_annual_cents")
_LESS_ARR = _moves("Customers that pay less", "contraction", "moved_annual_cents")
_GONE_ARR = _moves("Churned customers, with the annual value they had", "churn", "opening_annual_cents")
_OFF_LESS_ARR = _moves("Less: what customers pay less", "contraction", "moved_annual_cents", -1)
_OFF_GONE_ARR = _moves("Less: what churned customers paid", "churn", "opening_annual_cents", -1)

_MOVEMENTS = {
    "opening_arr_cents": Kpi((_OPENING_ARR,)),
    "new_arr_cents": Kpi((_NEW_ARR,)),
    "reactivation_arr_cents": Kpi((_BACK_ARR,)),
    "expansion_arr_cents": Kpi((_MORE_ARR,)),
    "contraction_arr_cents": Kpi((_LESS_ARR,)),
    "churn_arr_cents": Kpi((_GONE_ARR,)),
    "closing_arr_cents": Kpi((_CLOSING_ARR,)),
    "net_revenue_retention": Kpi((_OPENING_ARR, _MORE_ARR, _OFF_LESS_ARR, _OFF_GONE_ARR), (_OPENING_ARR,)),
    "gross_revenue_retention": Kpi((_OPENING_ARR, _OFF_LESS_ARR, _OFF_GONE_ARR), (_OPENING_ARR,)),
    "quick_ratio": Kpi((_NEW_ARR, _BACK_ARR, _MORE_ARR), (_LESS_ARR, _GONE_ARR)),
}


def _won(measure: str = "", what: str = "Opportunities won") -> Part:
    return Part(what, "opportunities_won", measure=measure)


_LOST = Part("Opportunities lost", "opportunities_lost")
_CALLS = Part("Counted calls", "calls")
_EMAILS = Part("Counted e-mails", "emails")
_WORKING_DAYS = Part("Working days", "working_days")
_CALLS_OF_DEAL = _won("calls", "Opportunities won, with the calls they took")
_EMAILS_OF_DEAL = _won("emails", "Opportunities won, with the e-mails they took")
_DAYS_OF_DEAL = _won("days_to_close", "Opportunities won, with the days they took")

_REPS = {
    "new_demos": Kpi((Part("Demos", "demos"),)),
    "won_opportunities": Kpi((_won(),)),
    "lost_opportunities": Kpi((_LOST,)),
    "cancelled_leads": Kpi((Part("Leads that entered a churned or lost status", "cancelled_leads"),)),
    "arr_added_cents": Kpi((_won("added_annual_cents", "Opportunities won, with the annual value they added"),)),
    "one_time_won_cents": Kpi((_won("one_time_cents", "Opportunities won, with their one-time value"),)),
    "close_rate": Kpi((_won(),), (_won(), _LOST)),
    "close_rate_low": Kpi((_won(),), (_won(), _LOST), "wilson_low"),
    "close_rate_high": Kpi((_won(),), (_won(), _LOST), "wilson_high"),
    "avg_days_to_close": Kpi((_DAYS_OF_DEAL,), how="mean"),
    "median_days_to_close": Kpi((_DAYS_OF_DEAL,), how="median"),
    "avg_calls": Kpi((_CALLS_OF_DEAL,), how="mean"),
    "avg_emails": Kpi((_EMAILS_OF_DEAL,), how="mean"),
    "calls": Kpi((_CALLS,)),
    "emails": Kpi((_EMAILS,)),
    "calls_per_working_day": Kpi((_CALLS,), (_WORKING_DAYS,)),
    "emails_per_working_day": Kpi((_EMAILS,), (_WORKING_DAYS,)),
    "avg_deal_arr_cents": Kpi(
        (_won("deal_annual_cents", "Opportunities won, recurring ones with their annual value"),), how="mean"
    ),
}


def _leads(what: str, which: str, measure: str = "") -> Part:
    return Part(what, "source_leads", {"which": which}, measure)


def _decided(what: str, which: str, measure: str = "") -> Part:
    return Part(what, "source_opportunities", {"which": which}, measure)


_SOURCE_WON = _decided("Opportunities won", "won")
_SOURCE_LOST = _decided("Opportunities lost", "lost")
_SOURCE_LEADS = _leads("Leads", "all")
_SOURCE_ARR = _decided("Recurring opportunities won, with their annual value", "won_recurring", "annual_cents")
_SOURCE_DAYS = _leads("Leads with a win, with the days to the first", "won", "days_to_close")

_SOURCES = {
    "total_leads": Kpi((_SOURCE_LEADS,)),
    "won_opportunities": Kpi((_SOURCE_WON,)),
    "lost_opportunities": Kpi((_SOURCE_LOST,)),
    "win_rate": Kpi((_SOURCE_WON,), (_SOURCE_WON, _SOURCE_LOST)),
    "lead_conversion": Kpi((_leads("Leads with a win", "won"),), (_SOURCE_LEADS,)),
    "avg_days_to_close": Kpi((_SOURCE_DAYS,), how="mean"),
    "median_days_to_close": Kpi((_SOURCE_DAYS,), how="median"),
    "avg_arr_per_won_account_cents": Kpi((_SOURCE_ARR,), (_leads("Leads with a recurring win", "won_recurring"),)),
    "total_arr_cents": Kpi((_SOURCE_ARR,)),
    "current_arr_cents": Kpi((
        _leads("Leads that are customers now, with their annual value", "customers", "current_annual_cents"),
    )),
}

_CREATED = Part("Opportunities created", "opportunities_created")
_CREATED_WON = replace(_CREATED, what="Opportunities created, with whether they are won by now", measure="won")
_CREATED_LOST = replace(_CREATED, what="Opportunities created, with whether they are lost by now", measure="lost")

_WIN_RATE = {
    "won_opportunities": Kpi((_won(),)),
    "lost_opportunities": Kpi((_LOST,)),
    "win_rate": Kpi((_won(),), (_won(), _LOST)),
    "created_opportunities": Kpi((_CREATED,)),
    "created_won_opportunities": Kpi((_CREATED_WON,)),
    "created_lost_opportunities": Kpi((_CREATED_LOST,)),
    "created_win_rate": Kpi((_CREATED_WON,), (_CREATED_WON, _CREATED_LOST)),
}


def _open(what: str = "Open opportunities", measure: str = "") -> Part:
    return Part(what, "opportunities_open", measure=measure)


_PIPELINE = {
    "opportunities": Kpi((_open(),)),
    "arr_cents": Kpi((_open("Open opportunities, with their annual value", "annual_cents"),)),
    "one_time_cents": Kpi((_open("Open opportunities, with their one-time value", "one_time_cents"),)),
    "weighted_arr_cents": Kpi(
        (_open("Open opportunities, with their weighted annual value", "weighted_annual_cents"),), how="rounded"
    ),
    "avg_age_days": Kpi((_open("Open opportunities, with their age in days", "age_days"),), how="mean"),
}


def average_of_year(column: str) -> Kpi:
    """Return how the Average row below a year of the growth report follows from the year's months."""
    return Kpi((Part("Completed months", "completed_months", measure=column),), how="mean")


REPORTS: Mapping[str, Report] = MappingProxyType({
    "growth": Report("growth", _GROWTH),
    "mrr": Report("movements", _MOVEMENTS),
    "reps": Report("reps", _REPS),
    "sources": Report("sources", _SOURCES),
    "win-rate": Report("win_rate", _WIN_RATE),
    "pipeline": Report("pipeline", _PIPELINE),
})
"""The reports by the names that the command knows them by."""
