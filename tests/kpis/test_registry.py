from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from close_kpis.kpis.registry import load_definitions
from tests.workbook import sample

if TYPE_CHECKING:
    from pathlib import Path

NOT_KPIS = {"month", "cohort_month", "day", "is_running", "user_id", "rep", "is_active", "source", "pipeline", "status"}


@pytest.mark.parametrize(
    ("report", "table"),
    [
        ("growth", "growth_monthly"),
        ("movements", "mrr_movements_monthly"),
        ("reps", "rep_monthly"),
        ("sources", "source_monthly"),
        ("pipeline", "pipeline_daily"),
        ("win_rate", "win_rate_monthly"),
    ],
)
def test_every_column_of_every_table_is_defined_and_nothing_else_is(report: str, table: str) -> None:
    columns = set(getattr(sample.tables(), table).columns) - NOT_KPIS
    assert set(load_definitions().reports[report].kpis) == columns


def test_amounts_are_the_columns_in_cents() -> None:
    for report in load_definitions().reports.values():
        for column, kpi in report.kpis.items():
            assert (kpi.unit in {"money", "mrr"}) == column.endswith("_cents"), column


def test_no_placeholder_is_left_under_any_choice() -> None:
    for denominator in ("opening", "closing"):
        for automated in (True, False):
            told = load_definitions().with_choices(rate_denominator=denominator, count_automated_emails=automated)
            notes = [kpi.note() for report in told.reports.values() for kpi in report.kpis.values()]
            assert not [note for note in notes if "{" in note]


def test_an_unknown_key_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "definitions.yaml"
    path.write_text("reports: {}\nsummary_rows: {}\nquality_rules: {}\nreprots: {}\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="reprots"):
        load_definitions(path)


def test_an_undefined_column_is_named() -> None:
    with pytest.raises(KeyError, match="no column 'arr' of the report 'growth'"):
        load_definitions().kpi("growth", "arr")
