"""The Definitions tab: the choices in force, every KPI, the rows below a year, the data quality rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.kpis.registry import UNIT_NAMES
from close_kpis.workbook.spec import Cell, Row, Tab
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, Context, blank_rows, head, labels

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Choices

_CUSTOMER_BASIS = {
    "lead_status": "A lead is a customer while its status has the role customer.",
    "opportunity": (
        "A lead is a customer from its first won recurring opportunity on, unless its status has the role churned."
    ),
}
_DENOMINATOR = {
    "opening": "Churn and growth rates divide by the customers at the start of the month.",
    "closing": "Churn and growth rates divide by the customers at the end of the month.",
}
_MEANINGS = {
    "timezone": (
        "A timestamp belongs to the local date it falls on. Date-only fields such as date_won are taken as they stand."
    ),
    "history_start": "Months run from here to the running month, without gaps.",
    "demo": "At most one demo per lead and local day.",
    "emails": "Emails of sequences and bulk mailings.",
    "currency": "Amounts are shown as they are, not converted.",
    "source": "Custom field of the lead; of several values the first. Unset is (none).",
    "owner": (
        "Custom field whose user is credited with a cancelled lead; else the user of its newest opportunity before, "
        "else who changed the status."
    ),
    "unknown_source": "A higher share of leads without a source is listed under data quality.",
}
_ROLES = {
    "trial": "A first entry is a new trial.",
    "customer": "Leads in it are customers, where customers are told by lead status.",
    "churned": "A customer that enters it has churned; entering it is a cancelled lead.",
    "lost": "Entering it is a cancelled lead.",
    "new": "A win adds to the lead's annual value. Pipelines that are not named are of this kind.",
    "expansion": "A win adds to the lead's annual value.",
    "renewal": "A win replaces the lead's annual value from its date_won on.",
    "ignore": "Left out of every number.",
}
_BETTER = {"higher": "up", "lower": "down", "neutral": ""}
_ALWAYS = (
    ("Won, lost", "An opportunity is won or lost by its status alone. A reopened one is neither."),
    (
        "Money",
        "Exact to the cent inside: monthly value x 12, annual value x 1, one-time values apart; rounded for display.",
    ),
    ("Undefined", "A zero denominator or no observations gives an empty cell, never 0."),
    (
        "Running month",
        "Shown and marked (MTD); left out of averages, year over year, statistics and restatements.",
    ),
    (
        "Deleted and merged",
        "Deleted leads, opportunities and activities leave every number. The children and history of a merged lead "
        "belong to its destination.",
    ),
)


def definitions_tab(choices: Choices, context: Context) -> Tab:
    """Return the Definitions tab.

    Args:
        choices: the settings in force.
        context: texts and stamp.
    """
    legend = "What every number means, and the choices made in kpis.yaml. The notes on the headings say the same."
    rows = head("Definitions", legend, context)
    rows += blank_rows(1)
    rows += _choices(choices)
    rows += blank_rows(1)
    rows += _kpis(context)
    rows += blank_rows(1)
    rows += _summary_rows(context)
    rows += blank_rows(1)
    rows += _quality_rules(context)
    return Tab(
        key="definitions",
        title="Definitions",
        rows=tuple(rows),
        widths=(120, 200, 120, 540, 420, 80),
        heights=HEAD_HEIGHTS,
        frozen_rows=2,
        color=styles.MUTED,
    )


def choice_rows(choices: Choices) -> list[tuple[str, str, str]]:
    """Return the choices in force as (what, choice, what it means)."""
    start, holidays = choices.history_start, choices.holidays
    rows = [
        ("Reporting time zone", choices.timezone, _MEANINGS["timezone"]),
        ("First month", f"{start:%b %Y}" if start else "the account's first record", _MEANINGS["history_start"]),
        ("Customer", choices.customer_basis, _CUSTOMER_BASIS.get(choices.customer_basis, "")),
        ("Rates divide by", choices.rate_denominator, _DENOMINATOR.get(choices.rate_denominator, "")),
        ("Demo", choices.demo, _MEANINGS["demo"]),
        ("Automated emails", "counted" if choices.count_automated_emails else "not counted", _MEANINGS["emails"]),
        ("Currency", choices.currency, _MEANINGS["currency"]),
        ("Lead source", choices.source_field or "not configured", _MEANINGS["source"]),
        ("Lead owner", choices.owner_field or "not configured", _MEANINGS["owner"]),
        ("Working days", f"Monday to Friday without {holidays} holidays" if holidays else "Monday to Friday", ""),
        ("Source warning", f"above {choices.unknown_source_limit:.0%}", _MEANINGS["unknown_source"]),
    ]
    rows += [(f"Lead statuses: {role}", names, _ROLES.get(role, "")) for role, names in choices.lead_statuses]
    rows += [(f"Pipelines: {role}", names, _ROLES.get(role, "")) for role, names in choices.pipelines]
    return rows


def _choices(choices: Choices) -> list[Row]:
    rows: list[Row] = [(Cell("Choices in force", styles.SECTION),)]
    heads = ("", "What", "", "Choice", "What it means", "")
    rows.append(tuple(labels(heads, styles.SUBHEADER_LEFT)))
    rows += [_line("Choice", what, "", choice, meaning) for what, choice, meaning in choice_rows(choices)]
    rows += [_line("Always", what, "", meaning) for what, meaning in _ALWAYS]
    return rows


def _kpis(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("KPIs", styles.SECTION),)]
    heads = ("Report", "KPI", "Unit", "Definition", "Formula", "Good is")
    rows.append(tuple(labels(heads, styles.SUBHEADER_LEFT)))
    for report in context.definitions.reports.values():
        for kpi in report.kpis.values():
            unit = UNIT_NAMES[kpi.unit]
            rows.append(_line(report.title, kpi.label, unit, kpi.definition, kpi.formula, _BETTER[kpi.better]))
    return rows


def _summary_rows(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("Rows below the months of each year", styles.SECTION),)]
    rows.append(tuple(labels(("Report", "Row", "", "Definition", "", ""), styles.SUBHEADER_LEFT)))
    for row in context.definitions.summary_rows.values():
        rows.append(_line("Growth", row.label, "", row.definition))
    return rows


def _quality_rules(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("Data quality rules", styles.SECTION),)]
    rows.append(tuple(labels(("Severity", "Rule", "", "Meaning", "What to do", ""), styles.SUBHEADER_LEFT)))
    for rule in context.definitions.quality_rules.values():
        rows.append(_line("Warning", rule.label, "", rule.definition, rule.remedy))
    return rows


def _line(*texts: str) -> Row:
    looks = (
        styles.PROSE_MUTED,
        styles.PROSE_BOLD,
        styles.PROSE_MUTED,
        styles.PROSE,
        styles.PROSE,
        styles.PROSE_MUTED,
    )
    padded = (*texts, *("" for _ in range(len(looks) - len(texts))))
    return tuple(Cell(text, look) for text, look in zip(padded, looks, strict=True))
