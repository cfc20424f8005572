"""What every number means: the texts of ``include/definitions.yaml``, checked.

They are the one source of the workbook's cell notes, its Definitions tab and the documentation.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict

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


class Kpi(_Text):
    """One KPI.

    Attributes:
        label: what the workbook calls it.
        unit: what the table's column holds: ``money`` cents, ``mrr`` annual cents of which a twelfth is
            shown, ``rate`` a fraction.
        definition: what is counted.
        formula: how it is computed, empty where the definition says it all.
        better: which way is good news.
    """

    label: str
    unit: Unit
    definition: str
    formula: str = ""
    better: Literal["higher", "lower", "neutral"]

    def note(self) -> str:
        """Return the text of the note on the KPI's header cell."""
        formula = f"\n\n{self.label} = {self.formula}" if self.formula else ""
        return f"{self.definition}{formula}"


class Report(_Text):
    """The KPIs of one report, by the column of its table, in the order of the file."""

    title: str
    grain: str
    kpis: dict[str, Kpi]


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


class Definitions(_Text):
    """All texts."""

    reports: dict[str, Report]
    summary_rows: dict[Literal["year", "average", "yoy"], SummaryRow]
    quality_rules: dict[str, QualityRule]
    gates: dict[str, Gate]

    def kpi(self, report: str, column: str) -> Kpi:
        """Return the definition of a report's column.

        Raises:
            KeyError: the file does not define it.
        """
        try:
            return self.reports[report].kpis[column]
        except KeyError:
            raise KeyError(f"include/definitions.yaml defines no column {column!r} of the report {report!r}") from None

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
    return Definitions.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
