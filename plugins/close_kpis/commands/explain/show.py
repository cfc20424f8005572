"""An answer as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.commands.output import amount, as_csv, as_json, table
from close_kpis.kpis.registry import load_definitions
from close_kpis.month import month_key

if TYPE_CHECKING:
    from close_kpis.commands.explain.answer import Answer, Listing, Question
    from close_kpis.kpis.registry import Kpi
    from close_kpis.kpis.released import Computed


def shown(question: Question, answer: Answer, computed: Computed, form: str) -> str:
    """Return an answer as ``table``, ``csv`` or ``json``."""
    if form == "csv":
        return _csv(answer)
    if form == "json":
        return as_json(_object(question, answer, computed))
    texts = _texts(question, computed)
    parts = [
        _heading(question, computed, texts),
        texts.note(),
        *_listings(answer),
        *_verdict(question, answer, computed, texts),
    ]
    return "\n\n".join(parts)


def _texts(question: Question, computed: Computed) -> Kpi:
    definitions = load_definitions().with_choices(
        rate_denominator=computed.settings.rate_denominator,
        count_automated_emails=computed.settings.count_automated_emails,
    )
    return definitions.kpi(question.report, question.column)


def _heading(question: Question, computed: Computed, texts: Kpi) -> str:
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


def _listings(answer: Answer) -> list[str]:
    texts = []
    for name, listings in (("", answer.over), (f"{answer.under_is}: ", answer.under)):
        for listing in listings:
            body = table(_columns(listing), listing.records) if listing.records else "none"
            texts.append(f"{name}{listing.part.what}\n\n{body}\n\n{_total(listing)}")
    return texts


def _columns(listing: Listing) -> list[str]:
    """Return the columns of the table: the lead's id is part of its link, the rep has a name."""
    return [column for column in listing.columns if column not in {"lead_id", "user_id"}]


def _total(listing: Listing) -> str:
    count = len(listing.records)
    if not listing.part.measure:
        return f"= {count}"
    column = listing.part.measure
    total = amount(listing.total) if column.endswith("_cents") else f"{listing.total:,}"
    left_out = count - len(listing.counted)
    less = f"; {left_out} without a value left out" if left_out else ""
    return f"= {total} {column.removesuffix('_cents').replace('_', ' ')}, {count} records{less}"


def _verdict(question: Question, answer: Answer, computed: Computed, texts: Kpi) -> list[str]:
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
    return ["\n".join(lines)]


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


def _csv(answer: Answer) -> str:
    """Return all records in one table; the part that they belong to stands first."""
    listings = [*answer.over, *answer.under]
    columns = list(dict.fromkeys(["part", *(column for listing in listings for column in listing.columns)]))
    return as_csv(columns, [{"part": one.part.what, **record} for one in listings for record in one.records])


def _object(question: Question, answer: Answer, computed: Computed) -> dict[str, Any]:
    return {
        "report": question.report,
        "kpi": question.column,
        "month": question.month,
        "last_month": question.last_month or question.month,
        "age": question.age,
        "row": question.row,
        "user_id": question.user_id,
        "source": question.source,
        "pipeline": question.pipeline,
        "stage": question.stage,
        "as_of": computed.as_of,
        "value": answer.value,
        "published": answer.published,
        "agrees": answer.agrees,
        "records": [_part(listing) for listing in answer.over],
        answer.under_is.lower().replace(" ", "_"): [_part(listing) for listing in answer.under],
    }


def _part(listing: Listing) -> dict[str, Any]:
    return {
        "what": listing.part.what,
        "measure": listing.part.measure or None,
        "sign": listing.part.sign,
        "total": listing.total,
        "rows": listing.records,
    }
