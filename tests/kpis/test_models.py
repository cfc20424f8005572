"""The SQL models: each is a SELECT that runs as it stands on a lake, and names what it is."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis.models import in_order, tables_read
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import names, statement
from close_kpis.paths import SQL
from sandbox.demo.results import PLAN_ONCE
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import tell_a_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

FOLDERS = ("staging", "kpis", "checks/data", "checks/errors", "checks/warnings")
MODELS = [f"{folder}/{name}" for folder in FOLDERS for name in names(folder)]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    """A lake that is open to read as `attach.sql` opens it: nothing but the released tables and views."""
    account = SmallAccount(tmp_path_factory.mktemp("account"))
    tell_a_story(account, later=True)
    account.run()
    with closing(connect(account.config, read_only=True)) as con:
        con.execute(PLAN_ONCE)
        yield con


def run_as_it_stands(shell: DuckDBPyConnection, model: str) -> DuckDBPyConnection:
    text = statement(model)
    [only] = shell.extract_statements(text)
    assert not only.named_parameters
    return shell.execute(text)


@pytest.mark.slow
@pytest.mark.parametrize("model", [model for model in MODELS if not model.startswith("kpis/")])
def test_a_model_runs_as_it_stands(shell: DuckDBPyConnection, model: str) -> None:
    assert run_as_it_stands(shell, model).description


@pytest.mark.slow
@pytest.mark.parametrize("name", names("kpis"))
def test_a_model_that_runs_as_it_stands_makes_the_table_that_readers_see(shell: DuckDBPyConnection, name: str) -> None:
    if name == "pipeline_daily":
        kept = shell.execute("select * from kpi.pipeline_daily where day = (select max(day) from kpi.pipeline_daily)")
    else:
        kept = shell.execute(f"from kpi.{name}")
    columns, rows = [column for column, *_ in kept.description or ()], kept.fetchall()
    found = run_as_it_stands(shell, f"kpis/{name}")
    assert [column for column, *_ in found.description or ()] == columns
    assert found.fetchall() == rows


def comment(model: str) -> str:
    """Return the comment at the head of a model as one text."""
    head = re.match(r"(?:--.*\n)+", statement(model))
    assert head is not None
    return " ".join(line.removeprefix("--").strip() for line in head[0].splitlines())


@pytest.mark.parametrize("model", [model for model in MODELS if not model.startswith("checks/")])
def test_a_model_says_its_grain_and_what_it_reads(model: str) -> None:
    text = comment(model)
    assert "Grain: " in text or text.startswith("One row")
    said = text.partition("Inputs: ")[2].removesuffix(".").split(", ")
    assert sorted(said) == sorted(tables_read(model))


@pytest.mark.parametrize("model", [model for model in MODELS if model.startswith("checks/")])
def test_a_check_names_its_rule(model: str) -> None:
    kind = "Warning" if model.startswith("checks/warnings/") else "Error"
    assert comment(model).startswith(f"{kind} {model.rpartition('/')[2]}: ")


def test_models_run_after_those_they_read() -> None:
    order = in_order("staging")
    assert order.index("lead_ids") < order.index("leads") < order.index("lead_timeline") < order.index("customer_spans")
    assert in_order("kpis").index("growth_monthly") < in_order("kpis").index("growth_yearly")
    assert tables_read("kpis/growth_yearly") == {"kpi.growth_monthly", "staging.years"}


def test_a_model_reads_only_what_is_there() -> None:
    known = {f"raw.{name}" for name in names("raw")} | {f"staging.{name}" for name in names("staging")}
    settings = set(re.findall(r"^-- name: (\w+)", (SQL / "plumbing/settings.sql").read_text(), re.MULTILINE))
    known |= {f"settings.{name}" for name in settings} | {f"kpi.{name}" for name in names("kpis")}
    known |= {"kpi.data_quality", "kpi.insights", "kpi.records", "kpi.record_kinds", "sync.streams"}
    for model in MODELS:
        if model != "checks/data/sync_finished":  # reads DuckLake's own tables
            assert tables_read(model) <= known, f"{model} reads {tables_read(model) - known}"
