"""What a reader should know before trusting the numbers, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.tables import records

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Tables


def upkeep(tables: Tables) -> str:
    """Return how many records are to be mended in Close, and how many published numbers have changed."""
    rules = tables.data_quality.drop_duplicates(["severity", "rule"])
    warnings = int(rules["rule_records"].sum())
    found = [] if tables.restatements is None else records(tables.restatements)
    restated = next((record["all_rows"] for record in found if not record["is_to_date"]), 0)
    return (
        f"{_told(warnings, 'record')} to mend in Close (Data quality). "
        f"{_told(restated, 'published number')} of completed months changed since (Changes)."
    )


def _told(count: int, what: str) -> str:
    return f"{count or 'No'} {what}{'' if count == 1 else 's'}"
