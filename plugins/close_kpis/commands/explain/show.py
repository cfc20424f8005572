"""An answer as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.commands.output import as_csv, as_json, table
from close_kpis.explain.wording import heading, total, verdict, words_of

if TYPE_CHECKING:
    from close_kpis.explain.answer import Answer, Listing
    from close_kpis.explain.question import Question
    from close_kpis.kpis.released import Computed


def shown(question: Question, answer: Answer, computed: Computed, form: str) -> str:
    """Return an answer as ``table``, ``csv`` or ``json``."""
    if form == "csv":
        return _csv(answer)
    if form == "json":
        return as_json(_object(question, answer, computed))
    texts = words_of(question, computed)
    parts = [
        heading(question, computed, texts),
        texts.note(),
        *_listings(answer),
        verdict(question, answer, computed, texts),
    ]
    return "\n\n".join(parts)


def _listings(answer: Answer) -> list[str]:
    texts = []
    for name, listings in (("", answer.over), (f"{answer.under_is}: ", answer.under)):
        for listing in listings:
            body = table(_columns(listing), listing.records) if listing.records else "none"
            texts.append(f"{name}{listing.part.what}\n\n{body}\n\n{total(listing)}")
    return texts


def _columns(listing: Listing) -> list[str]:
    """Return the columns of the table: the lead's id is part of its link, the rep has a name."""
    return [column for column in listing.columns if column not in {"lead_id", "user_id"}]


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
