"""Numbers for a proposal: what it would publish, and what each reading of an open question would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from close_kpis.commands.doctor.proposal import content, put
from close_kpis.commands.output import table
from close_kpis.settings.errors import SettingsError
from close_kpis.texts import amount

if TYPE_CHECKING:
    from close_kpis.commands.doctor.preview import Source
    from close_kpis.commands.doctor.proposal import Decision, Question, Reading

COLUMNS = ("month", "customers", "joined", "churned", "MRR_cents", "won", "lost", "win_rate")
MOST_READINGS = 18
"""Readings whose numbers are computed."""


@dataclass(frozen=True)
class Answer:
    """A proposal with its numbers.

    Attributes:
        decisions: the questions among them are told with their numbers.
        first: what must be decided before anything is published: a line each.
        preview: the last twelve months, for a reader.
    """

    decisions: list[Decision]
    first: list[str]
    preview: str


def answer(decisions: list[Decision], source: Source, currency: str | None) -> Answer:
    """Compute what a proposal would publish.

    Args:
        decisions: the proposal.
        source: records to compute from.
        currency: of the organisation.
    """
    proposed = content(decisions)
    money = f" {currency}" if currency else ""
    stops = [question.text for decision in decisions for question in decision.questions if question.stops]
    numbers = _Numbers(proposed, source, money)
    told = [
        replace(one, open=(*one.open, *(numbers.line(question) for question in one.questions)), questions=())
        for one in decisions
    ]
    try:
        months = source.months(proposed)
    except SettingsError as error:
        return Answer(told, stops or [str(error)], f"No preview: {error}")
    if not stops and months and not any(row["customers"] for row in months):
        stops = [
            "is it right that there is no customer in the last twelve months? Check customer_basis, "
            "lead_statuses.customer and pipelines below: as they stand, customers, ARR and MRR would be published as 0."
        ]
    return Answer(told, stops, _preview(months, source, currency))


def _preview(months: list[dict[str, Any]], source: Source, currency: str | None) -> str:
    head = (
        "Preview: the last twelve months as the proposal would publish them"
        f"{f', amounts in {currency}' if currency else ''}.\n"
        f"Computed by the pipeline's own models from {source.said}."
    )
    if not source.is_whole:
        head += (
            "\nA SAMPLE: older records are missing, so that customers, MRR and wins are too low. Compare the readings, "
            "not the levels.\n--pages 100 reads more of Close; after the first sync the whole lake is taken instead."
        )
    if not months:
        return f"{head}\n\nno month has a lead or an opportunity"
    rows = [
        {
            **row,
            "month": f"{row['month']:%Y-%m}{' so far' if row['is_running'] else ''}",
            "MRR_cents": row["mrr_cents"],
            "win_rate": "" if row["win_rate"] is None else f"{row['win_rate']:.0%}",
        }
        for row in months
    ]
    return f"{head}\n\n{table(COLUMNS, rows)}"


class _Numbers:
    """Tells questions with the numbers of their readings, a few of them: each is a computation of its own."""

    def __init__(self, proposed: dict[str, Any], source: Source, money: str) -> None:
        self._proposed = proposed
        self._source = source
        self._money = money
        self._left = MOST_READINGS

    def line(self, question: Question) -> str:
        """Return a question in a sentence or two."""
        self._left -= len(question.readings)
        if not question.readings or self._left < 0:
            return question.text
        read = {reading.label: self._read(reading) for reading in question.readings}
        when = "now" if self._source.is_whole else "in the sample"
        if len(set(read.values())) == 1:
            return f"{question.text} Customers and MRR {when} are the same either way: {next(iter(read.values()))}."
        told = "; ".join(f"{label}: {numbers}" for label, numbers in read.items())
        return f"{question.text} Customers and MRR {when}: {told}."

    def _read(self, reading: Reading) -> str:
        said = {key: dict(value) if isinstance(value, dict) else value for key, value in self._proposed.items()}
        for key, value in reading.values.items():
            put(said, key, value)
        try:
            last = self._source.months(said)[-1]
        except SettingsError:
            return "cannot be published"
        except IndexError:
            return "none"
        customers = f"{last['customers']:,} customer{'s' if last['customers'] != 1 else ''}"
        return f"MRR {amount(last['mrr_cents'])}{self._money} and {customers}"
