"""The registry of KPIs: it names every column of every table, and what it names exists."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import ValidationError

from close_kpis.kpis.registry import Definitions, load_definitions
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import kpi_tables
from close_kpis.paths import INCLUDE
from tests.kpis.small_account import SmallAccount

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The columns of each KPI table as a release leaves it."""
    account = SmallAccount(tmp_path_factory.mktemp("account")).run()
    with closing(connect(account.config, read_only=True)) as con:
        return {table: [column for column, *_ in con.table(f"kpi.{table}").description] for table in kpi_tables()}


def missing(definitions: Definitions, columns: dict[str, list[str]]) -> list[str]:
    """Name the columns without an entry, and the entries without a column."""
    named = {
        f"kpi.{table}.{column} has no entry"
        for table, there in columns.items()
        for column in there
        if column not in definitions.kpis_of(table) and column not in definitions.tables[table].columns
    }
    for report in definitions.reports:
        tables = [table for table, told in definitions.tables.items() if told.report == report]
        for table in tables:
            named |= {f"{report}.{kpi} is no column of kpi.{table}" for kpi in definitions.kpis_of(table)} - {
                f"{report}.{column} is no column of kpi.{table}" for column in columns[table]
            }
    there = {column for of_table in columns.values() for column in of_table}
    named |= {f"columns.{column} is no column of any table" for column in definitions.columns.keys() - there}
    for table, told in definitions.tables.items():
        named |= {f"{table}.{column} has no text" for column in told.columns if column not in definitions.columns}
        named |= {f"{table} has no column {column}" for column in set(told.columns) - set(columns[table])}
        named |= {f"{table} has no column {column} of its grain" for column in set(told.grain) - set(columns[table])}
        if told.published:
            named |= {
                f"{told.report}.{name} has no topic"
                for name, kpi in definitions.kpis_of(table).items()
                if not kpi.topic
            }
    return sorted(named)


def test_every_column_has_an_entry_and_every_entry_a_column(columns: dict[str, list[str]]) -> None:
    assert load_definitions().tables.keys() == columns.keys()
    assert missing(load_definitions(), columns) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda file: file["reports"]["growth"]["kpis"].pop("new_trials"),
            "kpi.growth_monthly.new_trials has no entry",
        ),
        (lambda file: file["columns"].pop("rep"), "rep_monthly.rep has no text"),
        (lambda file: file["columns"].update(mood={"unit": "key", "definition": ""}), "columns.mood is no column"),
        (lambda file: file["reports"]["reps"]["kpis"]["calls"].pop("topic"), "reps.calls has no topic"),
        (lambda file: file["tables"]["team_monthly"]["columns"].remove("month"), "kpi.team_monthly.month has no entry"),
        (lambda file: file["tables"]["team_monthly"].update(grain=["moon"]), "team_monthly has no column moon"),
    ],
)
def test_what_is_missing_is_named(
    columns: dict[str, list[str]], change: Callable[[dict[str, Any]], object], told: str
) -> None:
    file = yaml.safe_load((INCLUDE / "definitions.yaml").read_text(encoding="utf-8"))
    change(file)
    assert any(line.startswith(told) for line in missing(Definitions.model_validate(file), columns))


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [("topic", "weather", "growth.new_trials: there is no topic 'weather'"), ("made_of", ["x"], "there is no part x")],
)
def test_an_unknown_topic_or_part_is_refused(key: str, value: object, told: str) -> None:
    file = yaml.safe_load((INCLUDE / "definitions.yaml").read_text(encoding="utf-8"))
    file["reports"]["growth"]["kpis"]["new_trials"][key] = value
    with pytest.raises(ValidationError, match=told):
        Definitions.model_validate(file)


def test_amounts_are_the_columns_in_cents() -> None:
    for report in load_definitions().reports.values():
        for column, kpi in report.kpis.items():
            assert (kpi.unit in {"money", "mrr"}) == column.endswith("_cents"), column


def test_whole_numbers_are_stored_as_such(tmp_path: Path) -> None:
    """Cents and counts are bigint: a hugeint would become a floating number in a data frame."""
    account = SmallAccount(tmp_path).run()
    with closing(connect(account.config, read_only=True)) as con:
        for table in kpi_tables():
            types = {str(column[1]) for column in con.table(f"kpi.{table}").description}
            assert "HUGEINT" not in types, table
            stored = dict(con.execute(f"select name, type from pragma_table_info('lake.kpi.{table}')").fetchall())
            kpis = load_definitions().kpis_of(table)
            for column, kpi in kpis.items():
                if kpi.unit == "count" and table != "growth_yearly":
                    assert stored[column] == "BIGINT", f"{table}.{column}"


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
