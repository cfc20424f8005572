"""``explain``: the records behind every cell add up to it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml
from hypothesis import given

from close_kpis.commands.arguments import main
from close_kpis.commands.explain.insights import explained_insights
from close_kpis.explain.answer import Explainer
from close_kpis.explain.question import Question
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation
from close_kpis.lake.config import LakeConfig, LakeError
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import names
from close_kpis.paths import INCLUDE
from tests.conftest import COMPANY_DAY
from tests.kpis.small_account import SmallAccount
from tests.oracle.profile import examples, in_folder
from tests.oracle.strategies import MadeAccount, accounts
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Cell = tuple[Question, Any]
MADE = 4
SOME_MONTHS = 1
"""Of the demo company's months those whose reps and cohorts are explained, too."""


def rows(con: DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    result = con.execute(f"from kpi.{table} order by all")
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def questions(con: DuckDBPyConnection, months_of_parts: int | None = None) -> Iterator[Cell]:
    """Every cell of the four reports, with its value; of reps and cohorts those of the last months."""
    parts = sorted({row["month"] for row in rows(con, "growth_monthly")})[-(months_of_parts or 0) :]
    for report, table in (("growth", "growth_monthly"), ("mrr", "mrr_movements_monthly")):
        yield from _cells(report, [(row, {"month": row["month"]}) for row in rows(con, table)])
    yield from _cells("mrr-years", [(row, _of_year(con, row)) for row in rows(con, "mrr_movements_yearly")])
    team = [row for row in rows(con, "team_monthly") if row["month"] in parts]
    yield from _cells("reps", [(row, {"month": row["month"]}) for row in team])
    yield from _cells("sources", [(row, {"month": None}) for row in rows(con, "source_total")])
    yield from _cells("sources", [(r, {"month": None, "source": r["source"]}) for r in rows(con, "source_all_time")])
    cohorts = [row for row in rows(con, "source_monthly") if row["cohort_month"] in parts]
    yield from _cells("sources", [(r, {"month": r["cohort_month"], "source": r["source"]}) for r in cohorts])
    reps = [row for row in rows(con, "rep_monthly") if row["month"] in parts]
    keys = [{"month": row["month"], "is_of_rep": True, "user_id": row["user_id"]} for row in reps]
    yield from _cells("reps", list(zip(reps, keys, strict=True)))
    yield from _cells("forecast", [(row, {"month": row["month"]}) for row in rows(con, "forecast_monthly")])
    yield from _cells("win-rate", [(row, {"month": row["month"]}) for row in rows(con, "win_rate_monthly")])
    yield from _cells("growth", [(row, _of_year(con, row)) for row in rows(con, "growth_yearly")])
    aged = [(row, {"month": row["cohort_month"], "age": row["age_months"]}) for row in rows(con, "cohort_monthly")]
    yield from _cells("cohorts", aged)
    stages = rows(con, "pipeline_daily")
    places = [{"month": None, "pipeline": row["pipeline"], "stage": row["status"]} for row in stages]
    yield from _cells("pipeline", list(zip(stages, places, strict=True)))
    stages = rows(con, "pipeline_stages")
    places = [{"month": None, "pipeline": row["pipeline"], "stage": row["status"]} for row in stages]
    yield from _cells("stages", list(zip(stages, places, strict=True)))


def _of_year(con: DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any]:
    query = "select min(month), max(month) from staging.years where year = $year"
    [(first, last)] = con.execute(query, {"year": row["year"]}).fetchall()
    return {"month": first, "last_month": last, "year": row["year"], "row": row.get("row_kind")}


def _cells(report: str, rows_with_keys: list[tuple[dict[str, Any], dict[str, Any]]]) -> Iterator[Cell]:
    for row, key in rows_with_keys:
        for column in load_definitions().reports[report].kpis:
            yield Question(report, column, **key), row[column]


def disagreements(con: DuckDBPyConnection, cells: Iterator[Cell]) -> tuple[int, list[str]]:
    """How many cells were explained, and those whose records do not add up to them."""
    found, count, explainer = [], 0, Explainer(con, load_definitions())
    for question, value in cells:
        count += 1
        got = explainer.answer(question)
        if not (got.is_published and got.agrees and got.published == value):
            found.append(f"{question}: {got.value} instead of {value}")
    return count, found


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


@pytest.mark.slow
def test_records_add_up_to_every_cell_of_the_demo_company(lakes: FreshLakes, demo_company: Path) -> None:
    settings = INCLUDE / "kpis.yaml"
    zone = ZoneInfo(yaml.safe_load(settings.read_text())["timezone"])
    as_of = datetime.combine(COMPANY_DAY, time.max, zone).astimezone(UTC)
    config = lakes.fresh()
    with lake_from_account(config, demo_company, settings, as_of), last_computation(config, settings) as computed:
        count, found = disagreements(computed.con, questions(computed.con, SOME_MONTHS))
        explained = list(explained_insights(computed.con, computed.settings.currency))
    assert found == []
    assert count > 1000
    assert [one.found for one in explained if not one.agrees] == []
    assert {one.found.verdict for one in explained} > {"too few deals to say"}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_records_add_up_to_every_cell_of_made_accounts(lakes: FreshLakes) -> None:
    @examples(MADE)
    @given(accounts())
    def adds_up(made: MadeAccount) -> None:
        def check(folder: Path) -> None:
            config, settings = lakes.fresh(), folder / "kpis.yaml"
            with (
                lake_from_account(config, folder, settings, made.as_of, made.deleted),
                last_computation(config, settings) as computed,
            ):
                _, found = disagreements(computed.con, questions(computed.con, 6))
                assert found == []
                explained = explained_insights(computed.con, computed.settings.currency)
                assert [one.found for one in explained if not one.agrees] == []

        in_folder(made, check)

    adds_up()


def test_every_part_is_a_query_of_records_and_some_kpi_is_made_of_it() -> None:
    definitions = load_definitions()
    used = {
        name
        for report in definitions.reports.values()
        for kpi in report.kpis.values()
        for made in (kpi.made_of, kpi.year_made_of)
        if made is not None
        for name in (*made.over, *made.under)
    }
    assert used == definitions.parts.keys()
    queries = {part.query for part in definitions.parts.values()}
    assert queries | {"completed_months"} == set(names("explain"))


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> SmallAccount:
    """A computed account, not to be changed."""
    return told(tmp_path_factory.mktemp("account"))


@pytest.fixture
def own_account(tmp_path: Path) -> SmallAccount:
    """The same, to be changed."""
    return told(tmp_path)


def told(folder: Path) -> SmallAccount:
    account = SmallAccount(folder)
    account.user("ann", last_name="Ash", email="ann@example.com")
    account.moves("acme", "2025-11-02", ("2026-01-10", "Customer"), ("2026-03-09", "Churned"))
    account.moves("bolt", "2025-11-02", ("2026-02-10", "Customer"), custom={"cf_source": "Trade  fair"})
    account.deal("d1", "acme", "2026-01-10", 120000, user_id="ann", created="2026-01-02")
    account.deal("d2", "bolt", "2026-02-10", 60000, created="2026-01-02")
    account.activity("calls", "c1", "2026-02-02 10:00", "bolt", user_id="ann")
    return account.run()


def asked(account: SmallAccount, *words: str) -> int:
    return main(["explain", *words, "--lake", str(account.folder), "--settings", str(account.folder / "kpis.yaml")])


def test_table_lists_the_leads_with_links_and_ends_with_the_published_value(
    account: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(account, "growth", "2026-03", "churned_customers") == 0
    told = capsys.readouterr().out
    assert "2026-03-09  acme" in told
    assert "1,200.00" in told
    assert "https://app.close.com/lead/acme/" in told
    assert told.rstrip().endswith("Churned: 1\nThe published value is the same: 1.")


def test_rate_lists_what_it_divides_by(account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(account, "growth", "2026-03", "Churn rate", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["lead_id"] for row in told["records"][0]["rows"]] == ["acme"]
    assert [row["lead_id"] for row in told["divided_by"][0]["rows"]] == ["acme", "bolt"]
    assert (told["value"], told["published"], told["agrees"]) == (0.5, 0.5, True)


def test_csv_has_a_row_a_record_with_exact_cents(account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(account, "mrr", "2026-03", "net_revenue_retention", "--format", "csv") == 0
    told = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    off = [row for row in told if row["part"] == "Less: what churned customers paid"]
    assert [(row["lead_id"], row["opening_annual_cents"]) for row in off] == [("acme", "120000")]


def test_year_lists_what_its_months_list(account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(account, "growth", "2026", "new_customers") == 0
    told = capsys.readouterr().out
    assert "New customers (growth, 2026), as of" in told
    assert told.index("2026-01-10  acme") < told.index("2026-02-10  bolt")
    assert told.rstrip().endswith("New customers: 2\nThe published value is the same: 2.")
    assert asked(account, "growth", "2026", "new_customers", "--row", "average") == 0
    told = capsys.readouterr().out
    assert "New customers (growth, 2026, Average), as of" in told
    assert "= 2 new customers, 5 records" in told
    assert asked(account, "reps", "2026", "calls", "--rep", "ann") == 0
    assert "Calls: 1\nThe workbook has no such cell" in capsys.readouterr().out


def test_growth_lists_both_years(own_account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    own_account.moves("core", "2025-01-02", ("2025-02-10", "Customer"))
    own_account.run()
    assert asked(own_account, "growth", "2026", "new_customers", "--row", "yoy") == 0
    told = capsys.readouterr().out
    assert "2026-01 to 2026-05: New customers" in told
    assert "Compared with: 2025-01 to 2025-05: New customers" in told
    assert told.rstrip().endswith("New customers: 100.00%\nThe published value is the same: 100.00%.")


def test_stage_lists_its_open_opportunities(own_account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    own_account.deal("open", "bolt", None, 90000, created="2026-06-10")
    own_account.run()
    words = ["pipeline", "now", "weighted_arr", "--pipeline", "new business", "--stage", "open"]
    assert asked(own_account, *words) == 0
    told = capsys.readouterr().out
    assert "https://app.close.com/lead/bolt/" in told
    assert "The published value is the same: 450.00." in told
    assert asked(own_account, "pipeline", "now", "opportunities") == 0
    assert "Open opportunities: 1\nThe workbook has no such cell" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ann ash", "ANN@example.com", "ann"])
def test_rep_is_found_by_name_address_or_id(
    account: SmallAccount, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(account, "reps", "2026-02", "calls", "--rep", name) == 0
    assert "Calls (reps, 2026-02, ann Ash)" in capsys.readouterr().out


def test_cell_that_the_workbook_lacks_is_said_to_be_none(
    account: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(account, "reps", "2026-05", "calls", "--rep", "ann") == 0
    assert "no such cell" in capsys.readouterr().out


def test_source_is_found_as_people_read_it(account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(account, "sources", "2025-11", "total_arr", "--source", "trade fair") == 0
    assert "Total ARR: 600.00" in capsys.readouterr().out


def test_insight_lists_its_rep_months(own_account: SmallAccount, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(8):
        month = f"2026-{number // 2 + 1:02}-{10 + number % 2}"
        own_account.lead(f"more{number}", "2025-12-01")
        own_account.deal(f"more{number}", f"more{number}", month, 60000, user_id="ann", created="2026-01-02")
    own_account.run()
    assert asked(own_account, "insights", "now", "close_rate", "--rep", "ann") == 0
    told = capsys.readouterr().out
    assert told.startswith("ann Ash won 9 of 9 opportunities decided from 2026-01 to 2026-04: 100%")
    assert "2026-02-01  ann Ash                  2" in told
    assert "= 4 rep-months: closing" not in told
    assert told.rstrip().endswith("The published insight is the same.")
    assert asked(own_account, "insights", "now", "deal_size_trend", "--format", "json") == 0
    of_team = json.loads(capsys.readouterr().out)
    assert (of_team["n"], of_team["verdict"], of_team["agrees"]) == (4, "too few deals to say", True)
    assert asked(own_account, "insights", "now", "close_rate", "--format", "csv") == 0
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 7
    con = connect(own_account.config)
    con.execute("update kpi.insights set n = 5 where insight = 'close_rate' and user_id is null")
    con.close()
    assert asked(own_account, "insights", "now", "close_rate") == 1
    assert "THE PUBLISHED ONE" in capsys.readouterr().out


def test_published_value_that_differs_is_said_and_fails(
    own_account: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    con = connect(own_account.config)
    con.execute("update kpi.growth_monthly set churned_customers = 4 where month = '2026-03-01'")
    con.close()
    assert asked(own_account, "growth", "2026-03", "churned") == 1
    assert "THE PUBLISHED VALUE DIFFERS: 4." in capsys.readouterr().out


def test_what_was_synced_since_is_not_behind_the_published_value(
    own_account: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    own_account.moves("late", "2025-11-02", ("2026-03-10", "Customer"))
    own_account.sync()
    assert asked(own_account, "growth", "2026-03", "new_customers") == 0
    assert "New customers: 0" in capsys.readouterr().out
    own_account.compute()
    assert asked(own_account, "growth", "2026-03", "new_customers") == 0
    assert "https://app.close.com/lead/late/" in capsys.readouterr().out


def test_other_settings_than_those_of_the_computation_are_said(
    own_account: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    file = own_account.folder / "kpis.yaml"
    before, words = file.read_text(), "The settings are not those that the published values were computed with"
    for zone in ("Asia/Tokyo", "Europe/Berlin", "America/Lima", "Africa/Cairo", "Asia/Dhaka"):
        file.write_text(before.replace("UTC", zone), encoding="utf-8")
        asked(own_account, "growth", "2026-03", "churned")
        assert words in capsys.readouterr().out, zone
    file.write_text(before, encoding="utf-8")
    asked(own_account, "growth", "2026-03", "churned")
    assert words not in capsys.readouterr().out


def test_an_older_snapshot_is_read_with_the_columns_of_today(own_account: SmallAccount) -> None:
    """A new version has added one since the numbers were computed."""
    con = connect(own_account.config)
    con.execute("alter table raw.leads add column nickname varchar")
    con.close()
    assert asked(own_account, "growth", "2026-03", "churned") == 0
    with last_computation(own_account.config, own_account.settings_file()) as computed:
        assert computed.con.execute("select count(*), count(nickname) from raw.leads").fetchall() == [(2, 0)]


def test_asking_makes_no_lake_and_changes_none(own_account: SmallAccount, tmp_path: Path) -> None:
    nowhere = LakeConfig(f"sqlite:{tmp_path}/none/catalog.sqlite", f"{tmp_path}/none/data")
    with pytest.raises(LakeError), last_computation(nowhere, own_account.settings_file()):
        pass
    assert not (tmp_path / "none").exists()
    with (
        last_computation(own_account.config, own_account.settings_file()) as computed,
        pytest.raises(duckdb.Error, match="read-only"),
    ):
        computed.con.execute("insert into lake.kpi.growth_monthly from lake.kpi.growth_monthly")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("growth", "2026-03", "chrun"), "the report growth has no KPI 'chrun'; it has 'arr_cents'"),
        (("growth", "2019-03", "churned"), "the reports have no month 2019-03: they are from 2025-11 to 2026-06"),
        (("growth", "March", "churned"), "'March' is not a month"),
        (("growth", "2026-03", "churned", "--rep", "ann"), "--rep goes with the report reps"),
        (("growth", "2019", "churned"), "the reports have no month of 2019: they are from 2025-11 to 2026-06"),
        (("growth", "2026-03", "churned", "--row", "yoy"), "--row goes with the report growth and a year, as 2025"),
        (("pipeline", "2026-03", "opportunities"), "the report pipeline can be explained as of now only"),
        (("pipeline", "now", "opportunities", "--stage", "Open"), "--pipeline and --stage go together"),
        (("pipeline", "now", "arr", "--pipeline", "New business", "--stage", "Proposal"), "no opportunity is open in"),
        (("reps", "2026-03", "calls", "--rep", "Zoe"), "there is no user 'Zoe'; there are 'Unassigned', 'ann Ash'"),
        (("sources", "all", "win_rate", "--source", "TV"), "there is no source 'TV'"),
        (("insights", "2026-03", "close_rate"), "insights can be explained as of now only"),
        (("insights", "now", "close_rate", "--source", "TV"), "insights go with --rep only"),
        (("insights", "now", "deals"), "there is no insight 'deals' of the team; there are 'busier_closing_less'"),
        (("insights", "now", "close_rate", "--rep", "Unassigned"), "of Unassigned; there are none"),
    ],
)
def test_question_that_does_not_fit_says_what_does(
    account: SmallAccount, words: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(account, *words) == 2
    assert answer in capsys.readouterr().err


def test_lake_without_kpis_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = SmallAccount(tmp_path)
    account.sync()
    assert main(["explain", "growth", "2026-03", "arr", "--lake", str(tmp_path)]) == 2
    assert "run the DAG close_sync, then sales_kpis" in capsys.readouterr().err
    assert main(["explain", "growth", "2026-03", "arr", "--lake", f"{tmp_path}/nowhere"]) == 2
    assert "there is no lake at" in capsys.readouterr().err


def test_command_runs_as_a_program(account: SmallAccount) -> None:
    words = ["growth", "2026-03", "arr", "--lake", str(account.folder), "--settings", str(account.folder / "kpis.yaml")]
    done = subprocess.run(
        [sys.executable, "-m", "close_kpis", "explain", *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The published value is the same: 600.00." in done.stdout


def test_lake_can_be_named_by_its_airflow_connection(
    account: SmallAccount, set_connection: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = {"catalog": account.config.catalog, "data_path": account.config.data_path}
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    settings = ["--settings", str(account.folder / "kpis.yaml")]
    assert main(["explain", "growth", "2026-03", "arr", *settings]) == 0
    assert "ARR: 600.00" in capsys.readouterr().out
