"""The registry of KPIs: ``include/definitions.yaml``, checked.

The workbook's cell notes, its data tabs and Definitions tab, what is kept as published, the causes of restatements,
the command explain and the data dictionary follow from it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from close_kpis.paths import INCLUDE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Unit = Literal["count", "money", "mrr", "rate", "ratio", "days", "number"]

UNIT_NAMES: dict[Unit, str] = {
    "count": "count",
    "money": "money",
    "mrr": "money per month",
    "rate": "%",
    "ratio": "ratio",
    "days": "days",
    "number": "number",
}
"""How a reader calls each unit."""


class _Text(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Text):
    """Records that count in a KPI.

    Attributes:
        what: what they are, for a reader.
        query: of ``include/sql/explain``, which lists them.
        given: values of the query's own parameters.
        measure: the column that counts; empty where each record counts 1. A record whose measure is empty is
            left out of the number.
        sign: -1 for what is taken off.
    """

    what: str
    query: str
    given: dict[str, str] = {}
    measure: str = ""
    sign: Literal[1, -1] = 1


class MadeOf(_Text):
    """How a KPI follows from its records, by the names of `Definitions.parts`.

    Attributes:
        over: the records; of a rate those above the line.
        under: of a rate the records below the line.
        how: of what is above the line the sum (of_known: empty where no value is known; or rounded), the mean or the
            median; or, of a rate, an end of its Wilson interval of 95 %; or what monthly losses or gains come to in a
            year.
        per: the sum is divided by it.
    """

    over: tuple[str, ...]
    under: tuple[str, ...] = ()
    how: Literal[
        "sum",
        "sum_of_known",
        "rounded",
        "mean",
        "median",
        "wilson_low",
        "wilson_high",
        "compounded_loss",
        "compounded_gain",
    ] = "sum"
    per: int = 1

    @model_validator(mode="before")
    @classmethod
    def _a_list_is_summed(cls, value: object) -> object:
        return {"over": value} if isinstance(value, list) else value


class Kpi(_Text):
    """One KPI.

    Attributes:
        label: what the workbook calls it.
        unit: what the table's column holds: ``money`` cents, ``mrr`` annual cents of which a twelfth is
            shown, ``rate`` a fraction.
        definition: what is counted.
        formula: how it is computed, empty where the definition says it all.
        better: which way is good news.
        topic: which records bear on it when it is restated; None where no value is kept as published.
        shown: whether it is a column of the report's tab.
        made_of: the records behind it.
        year_made_of: those behind a year's row, where that is computed otherwise.
    """

    label: str
    unit: Unit
    definition: str
    formula: str = ""
    better: Literal["higher", "lower", "neutral"]
    topic: str | None = None
    shown: bool = True
    made_of: MadeOf
    year_made_of: MadeOf | None = None

    def note(self) -> str:
        """Return the text of the note on the KPI's header cell."""
        formula = f"\n\n{self.label} = {self.formula}" if self.formula else ""
        return f"{self.definition}{formula}"


class Report(_Text):
    """The KPIs of one report, by the column of its tables, in the order of the file."""

    title: str
    grain: str
    kpis: dict[str, Kpi]

    def shown(self) -> list[tuple[str, Kpi]]:
        """Return the KPIs that are columns of the report's tab."""
        return [(column, kpi) for column, kpi in self.kpis.items() if kpi.shown]


class KpiTable(_Text):
    """A table of schema ``kpi``.

    Attributes:
        report: whose KPIs are its columns, None for a table without KPIs.
        grain: the columns that name a row.
        columns: those of its columns that are no KPI.
        about: what it holds, of a table that is no single model.
        tab: the plain data tab that shows it, None without one.
        published: under which report name ``published.kpi_values`` keeps its values, None where it does not.
    """

    report: str | None = None
    grain: tuple[str, ...]
    columns: tuple[str, ...]
    about: str = ""
    tab: str | None = None
    published: str | None = None


class KeyColumn(_Text):
    """A column that is no KPI: a day, a name, or anything else that tells rows apart or describes them."""

    unit: Literal["day", "name", "key"]
    definition: str

    def note(self) -> str:
        """Return the text of the note on the column's header cell, empty where the name says it all."""
        return self.definition


class Topic(_Text):
    """What bears on a value when it is restated.

    Attributes:
        records: how far changed records reach, by stream: in the value's month, in it or an earlier one, or by the
            month in which their lead was created.
        by_user: only records of the rep bear on the rep's value.
    """

    records: dict[str, Literal["month", "since", "cohort"]]
    by_user: bool = False


class Setting(_Text):
    """A setting of kpis.yaml, as readers of the workbook are told of it.

    Attributes:
        label: what the Definitions tab calls it.
        meaning: of the setting, or of each of its values or roles.
        moves: the topics that a change of it moves, or all.
        fields: what it is in the resolved settings, where that has another name.
    """

    label: str
    meaning: str | dict[str, str]
    moves: tuple[str, ...] | Literal["all"]
    fields: tuple[str, ...] = ()

    def means(self, value: str) -> str:
        """Return what the setting means where it has a value, empty where nothing is said of that."""
        return self.meaning if isinstance(self.meaning, str) else self.meaning.get(value, "")

    def moves_topic(self, topic: str) -> bool:
        """Say whether a change of the setting moves the values of a topic."""
        return self.moves == "all" or topic in self.moves


class SummaryRow(_Text):
    """A row below the months of a year."""

    label: str
    definition: str


class QualityRule(_Text):
    """A rule of the data quality tab, with what a reader can do about it."""

    label: str
    definition: str
    remedy: str


class Gate(_Text):
    """A rule that stops a publish, with what to do about a violation."""

    definition: str
    remedy: str


class Listed(_Text):
    """Records that a query of ``include/sql/explain`` lists, as the tab Behind the numbers shows them.

    Attributes:
        newest: the column by which the newest come first.
        key: the column that tells them apart (those of one lead with the month).
        what: what a record is, or what it is for each value of the query's own parameter.
    """

    newest: str
    key: str
    what: str | dict[str, str]

    def called(self, given: Mapping[str, str]) -> str:
        """Return what a record is where the query's own parameters have these values."""
        return self.what if isinstance(self.what, str) else self.what[next(iter(given.values()))]


class Definitions(_Text):
    """The whole registry."""

    tables: dict[str, KpiTable]
    columns: dict[str, KeyColumn]
    reports: dict[str, Report]
    parts: dict[str, Part]
    records: dict[str, Listed]
    summary_rows: dict[Literal["year", "average", "yoy"], SummaryRow]
    quality_rules: dict[str, QualityRule]
    gates: dict[str, Gate]
    topics: dict[str, Topic]
    settings: dict[str, Setting]
    always: dict[str, str]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        """Refuse a topic or a part that is not defined."""
        for name, report in self.reports.items():
            for column, kpi in report.kpis.items():
                if kpi.topic is not None and kpi.topic not in self.topics:
                    raise ValueError(f"{name}.{column}: there is no topic {kpi.topic!r}")
                made_of = [made for made in (kpi.made_of, kpi.year_made_of) if made is not None]
                named = {part for made in made_of for part in (*made.over, *made.under)}
                if unknown := named - self.parts.keys():
                    raise ValueError(f"{name}.{column}: there is no part {', '.join(sorted(unknown))}")
        for key, setting in self.settings.items():
            if unknown := set(() if setting.moves == "all" else setting.moves) - self.topics.keys():
                raise ValueError(f"settings.{key}: there is no topic {', '.join(sorted(unknown))}")
        return self

    def kpi(self, report: str, column: str) -> Kpi:
        """Return the definition of a report's column.

        Raises:
            KeyError: the file does not define it.
        """
        try:
            return self.reports[report].kpis[column]
        except KeyError:
            raise KeyError(f"include/definitions.yaml defines no column {column!r} of the report {report!r}") from None

    def kpis_of(self, table: str) -> dict[str, Kpi]:
        """Return the KPIs of a table of schema ``kpi``, by column."""
        report = self.tables[table].report
        return {} if report is None else self.reports[report].kpis

    def column(self, table: str, column: str) -> Kpi | KeyColumn:
        """Return the definition of a column of a table of schema ``kpi``.

        Raises:
            KeyError: the file does not define it.
        """
        found = self.kpis_of(table).get(column) or self.columns.get(column)
        if found is None:
            raise KeyError(f"include/definitions.yaml defines no column {column!r} of the table kpi.{table}")
        return found

    def published_as(self) -> dict[str, str]:
        """Return the reports by the names under which ``published.kpi_values`` keeps their values."""
        return {table.published: table.report for table in self.tables.values() if table.published and table.report}

    def with_choices(self, *, rate_denominator: str, count_automated_emails: bool) -> Definitions:
        """Return the texts as they read under the settings in force.

        Args:
            rate_denominator: ``opening`` or ``closing``.
            count_automated_emails: whether emails of sequences and bulk mailings count.
        """
        words = {
            "{denominator}": rate_denominator,
            "{automated}": "automated ones too"
            if count_automated_emails
            else "not automated (no sequence, no bulk email)",
        }

        def told(kpi: Kpi) -> Kpi:
            return kpi.model_copy(
                update={"definition": _fill(kpi.definition, words), "formula": _fill(kpi.formula, words)}
            )

        reports = {
            key: report.model_copy(update={"kpis": {column: told(kpi) for column, kpi in report.kpis.items()}})
            for key, report in self.reports.items()
        }
        return self.model_copy(update={"reports": reports})


def _fill(text: str, words: Mapping[str, str]) -> str:
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def load_definitions(path: Path | None = None) -> Definitions:
    """Read and check the definitions.

    Args:
        path: another file than ``include/definitions.yaml``.

    Raises:
        pydantic.ValidationError: a text is missing, or a key is not known.
    """
    return _load(path or INCLUDE / "definitions.yaml")


@cache
def _load(path: Path) -> Definitions:
    return Definitions.model_validate(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
