"""How a question and its answer read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.kpis.registry import load_definitions
from close_kpis.month import month_key
from close_kpis.texts import amount, heading_of

if TYPE_CHECKING:
    from close_kpis.explain.answer import Answer, Listing
    from close_kpis.explain.question import Question
    from close_kpis.kpis.registry import Kpi
    from close_kpis.kpis.released import Computed


def words_of(question: Question, computed: Computed) -> Kpi:
    """Return the KPI that is asked about, its texts as they read under the settings in force."""
    definitions = load_definitions().with_choices(
        rate_denominator=computed.settings.rate_denominator,
        count_automated_emails=computed.settings.count_automated_emails,
    )
    return definitions.kpi(question.report, question.column)


def heading(question: Question, computed: Computed, texts: Kpi) -> str:
    """Return which cell is asked about, and the instant that its records end at."""
    of_whom = f", {question.whose}" if question.whose else ""
    return f"{texts.label} ({question.report}, {_when(question)}{of_whom}), as of {computed.as_of:%Y-%m-%d %H:%M} UTC"


def _when(question: Question) -> str:
    if question.report in {"pipeline", "stages"}:
        return "now"
    if question.month is None:
        return "all time"
    if question.age is not None:
        return f"{month_key(question.month)}, {question.age} months later"
    if question.last_month is None:
        return month_key(question.month)
    row = question.row or "year"
    below = f", {load_definitions().summary_rows[row].label}" if row != "year" else ""
    return f"{question.year}{below}"


def total(listing: Listing) -> str:
    """Return what a part comes to, and of how many records."""
    count = len(listing.records)
    if not listing.part.measure:
        return f"= {count}"
    column = listing.part.measure
    counted = amount(listing.total) if column.endswith("_cents") else f"{listing.total:,}"
    left_out = count - len(listing.counted)
    less = f"; {left_out} without a value left out" if left_out else ""
    return f"= {counted} {heading_of(column)}, {count} records{less}"


def verdict(question: Question, answer: Answer, computed: Computed, texts: Kpi) -> str:
    """Return what the records come to, and whether that is what was published, a line each."""
    unit = texts.unit if question.row != "yoy" else "points" if texts.unit == "rate" else "rate"
    lines = [f"{texts.label}: {_cell(answer.value, unit)}"]
    if not answer.is_published:
        lines.append("The workbook has no such cell to compare with.")
    elif answer.agrees:
        lines.append(f"The published value is the same: {_cell(answer.published, unit)}.")
    else:
        lines.append(f"THE PUBLISHED VALUE DIFFERS: {_cell(answer.published, unit)}.")
    if computed.settings_have_changed:
        lines.append(
            "The settings are not those that the published values were computed with: run the DAG sales_kpis, or "
            "name the settings of then with --settings."
        )
    return "\n".join(lines)


def _cell(value: float | None, unit: str) -> str:
    """Return a value as the workbook shows it."""
    if value is None:
        return "empty (nothing to divide by)"
    match unit:
        case "money":
            return amount(value)
        case "mrr":
            return f"{amount(value / 12)} a month ({amount(value)} a year)"
        case "rate":
            return f"{value:.2%}"
        case "points":
            return f"{100 * value:+.2f} pp"
        case "count":
            return f"{value:,.0f}"
        case _:
            return f"{value:,.2f}"
