"""Which cell of the reports is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Question:
    """Which cell is asked about.

    Attributes:
        report: of the registry.
        column: of the report's table.
        month: first day of the month, or of the first one; of sources the month in which the leads were created. None:
            all time, or now.
        last_month: first day of the last month; None: the same one.
        year: of the months, where a year is asked about.
        age: of cohorts, how many months after the cohort's.
        row: which row of a year: ``year``, ``average`` or ``yoy``; None: of a month.
        is_of_rep: one rep's row of the rep report, else the team's.
        user_id: of the rep; None with ``is_of_rep``: unassigned.
        source: one source's row of the source report; None: the total row.
        pipeline: of the pipeline report; None: every one.
        stage: of the pipeline report; None: every one.
        whose: how a reader calls the rep, the source or the stage.
    """

    report: str
    column: str
    month: date | None
    last_month: date | None = None
    year: int | None = None
    age: int | None = None
    row: Literal["year", "average", "yoy"] | None = None
    is_of_rep: bool = False
    user_id: str | None = None
    source: str | None = None
    pipeline: str | None = None
    stage: str | None = None
    whose: str = ""

    def key(self) -> dict[str, Any]:
        """Return what tells the cell's row from the others of its table, by the columns of the table's grain."""
        key: dict[str, Any] = {}
        if self.row is not None:
            key |= {"year": self.year, "row_kind": self.row}
        elif self.year is not None and self.report == "mrr-years":
            key["year"] = self.year
        elif self.last_month is not None:
            # No table has a row for several months but that of years.
            key["last_month"] = self.last_month
        elif self.month is not None:
            key["cohort_month" if self.report in {"sources", "cohorts"} else "month"] = self.month
        if self.age is not None:
            key["age_months"] = self.age
        if self.is_of_rep:
            key["user_id"] = self.user_id
        if self.source is not None:
            key["source"] = self.source
        if self.stage is not None:
            key |= {"pipeline": self.pipeline, "status": self.stage}
        return key

    def values(self) -> dict[str, Any]:
        """Return what the queries of ``include/sql/explain`` can ask for, by parameter."""
        return {
            "month": self.month,
            "first_month": self.month,
            "last_month": self.last_month or self.month,
            "then_month": self._then(),
            "year": self.year,
            "age": self.age,
            "row": self.row,
            "every_rep": not self.is_of_rep,
            "user_id": self.user_id,
            "every_source": self.source is None,
            "source": self.source,
            "pipeline": self.pipeline,
            "stage": self.stage,
        }

    def _then(self) -> date | None:
        """Return the month at whose end the customers are looked up that retention is measured on."""
        if self.month is None:
            return None
        months = self.month.year * 12 + self.month.month - 1 - (12 if self.year is None else 1)
        return self.month.replace(year=months // 12, month=months % 12 + 1)
