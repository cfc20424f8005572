"""From the lake's KPI tables to the spreadsheet, through the Airflow connections, and the record of it in the lake."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction
from close_kpis.publishing.publish import prepare, publish_workbook
from close_kpis.publishing.snapshot import NothingToPublishError
from close_kpis.workbook.google.errors import SheetsError
from close_kpis.workbook.google.hook import GoogleSheetsHook
from close_kpis.workbook.render import render
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs.quality import MOST_RECORDS
from tests.support.filled_lake import OneLake, fill
from tests.workbook.conftest import Book, cells_of, client_of, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.sheets_api import SheetsSandbox


@pytest.fixture(scope="module")
def one_lake(tmp_path_factory: pytest.TempPathFactory, young_company: Tables) -> OneLake:
    return OneLake(tmp_path_factory.mktemp("lake"), young_company)


@pytest.fixture
def lake(one_lake: OneLake, set_connection: Callable[..., None]) -> LakeConfig:
    """A lake with the KPI tables of the young company, as connection ``lake_default``."""
    set_connection("lake_default", conn_type="ducklake", extra=one_lake.extra)
    return one_lake.restored()


@pytest.fixture
def published_book(sheets_sandbox: SheetsSandbox, set_connection: Callable[..., None]) -> Book:
    """A spreadsheet that the Airflow connection names."""
    book = Book(sheets_sandbox, client_of(sheets_sandbox), sheets_sandbox.create_spreadsheet("Close KPIs"))
    extra = {
        "keyfile_dict": json.dumps(sheets_sandbox.service_account_info()),
        "api_endpoint": sheets_sandbox.url,
        "spreadsheet_id": book.id,
        "num_retries": 0,
    }
    set_connection("google_sheets_default", conn_type="google_cloud_platform", extra=extra)
    return book


def publish(lake: LakeConfig, run_id: str, settings_file: Path) -> dict[str, Any]:
    return publish_workbook(lake, GoogleSheetsHook(), run_id=run_id, settings_file=settings_file)


def rows(config: LakeConfig, query: str) -> list[tuple[Any, ...]]:
    con = connect(config)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "kpis.yaml"
    path.write_text("workbook: {title: Acme}\n", encoding="utf-8")
    return path


def test_the_tables_come_out_of_the_lake_as_they_are_in_it(lake: LakeConfig, young_company: Tables) -> None:
    with closing(connect(lake)) as con:
        stamp, tables, _ = prepare(con, "manual__1", load_definitions())
    assert (stamp.as_of, stamp.run_id) == (sample.STAMP.as_of, "manual__1")
    assert records(tables.growth_monthly) == records(young_company.growth_monthly)
    assert tables.choices.currency == "EUR"
    assert tables.choices.demo.startswith("A meeting whose title matches (?i)demo")
    assert tables.choices.values["streams"] == "sms, whatsapp messages"
    assert tables.choices.values["counted_activities"] == "calls, emails, sms, whatsapp messages"


@pytest.mark.parametrize("more", [0, 1, 10, 100_000])
def test_of_data_quality_the_first_records_are_read_and_all_are_counted(lake: LakeConfig, more: int) -> None:
    count = MOST_RECORDS + more
    with closing(connect(lake)) as con:
        with transaction(con, lake):
            con.execute("delete from lake.kpi.data_quality")
            con.execute(
                "insert into lake.kpi.data_quality (rule, severity, record_type, record_id, detail)"
                " select 'missing_value', 'warning', 'opportunity', format('oppo_{:06d}', range), ''"
                " from range($count)",
                {"count": count},
            )
            con.execute(
                "insert into lake.kpi.data_quality (rule, severity, record_type, record_id, detail)"
                " values ('status_mismatch', 'warning', 'lead', 'lead_1', '')"
            )
        stamp, tables, _ = prepare(con, "manual__1", load_definitions())
    assert list(tables.data_quality["record_id"]) == [*(f"oppo_{at:06d}" for at in range(MOST_RECORDS)), "lead_1"]
    texts = {
        str(cell.value) for tab in render(tables, stamp, load_definitions()).tabs for row in tab.rows for cell in row
    }
    assert any(text.startswith(f"{count + 1} records to mend in Close") for text in texts)
    told = {text for text in texts if "more are in the table" in text}
    assert [f"{more:,} more are" in text for text in told] == [True] * bool(more)


def test_formulas_are_written_where_they_are_wanted(
    lake: LakeConfig, published_book: Book, settings_file: Path
) -> None:
    def formulas() -> set[str]:
        cells = [cell for sheet in published_book.sheets for row in cells_of(sheet) for cell in row]
        texts = (cell.get("userEnteredValue", {}).get("formulaValue", "") for cell in cells)
        return {text.partition("(")[0] for text in texts if text}

    publish(lake, "manual__1", settings_file)
    assert {"=SUM", "=AVERAGE", "=SPARKLINE"} <= formulas()
    settings_file.write_text("workbook: {title: Acme, formulas: false}\n", encoding="utf-8")
    publish(lake, "manual__2", settings_file)
    assert formulas() == {"=SPARKLINE", "=IF", "=IFERROR", "=OR"}, "what draws, or follows a reader"


def test_a_publish_writes_the_workbook_and_its_record(
    lake: LakeConfig, published_book: Book, young_company: Tables, settings_file: Path
) -> None:
    done = publish(lake, "manual__1", settings_file)
    assert done["url"] == published_book.sandbox.page_url(published_book.id)
    assert published_book.values("Growth")[0] == ["Growth – Acme"]
    stamp = published_book.values("Growth")[1][0]
    assert stamp.startswith("Data through 19 Jun 2026, 23:59 New York – refreshed ")
    recorded = rows(lake, "select publish_id, run_id, spreadsheet_id, url, requests from published.publishes")
    assert recorded == [(1, "manual__1", published_book.id, done["url"], done["requests"])]
    customers = rows(
        lake,
        "select month, value, is_running from published.kpi_values "
        "where tab = 'Growth' and kpi = 'total_customers' order by month",
    )
    growth = young_company.growth_monthly
    assert customers == list(zip(growth["month"], growth["total_customers"], growth["is_running"], strict=True))


def test_values_are_recorded_by_tab_entity_and_kpi(
    lake: LakeConfig, published_book: Book, young_company: Tables, settings_file: Path
) -> None:
    publish(lake, "manual__1", settings_file)
    found = rows(lake, "select distinct tab, entity from published.kpi_values")
    assert {entity for tab, entity in found if tab == "Reps"} == {
        "user_ann",
        "user_ben",
        "user_cho",
        "user_dee",
        "Unassigned",
        "Team",
    }
    assert {tab for tab, _ in found} == {"Growth", "MRR movements", "Reps", "Sources", "Sources monthly"}
    assert rows(lake, "select count(*) from published.kpi_values where tab = 'Sources' and month is not null") == [(0,)]


def test_a_publish_records_only_the_values_that_changed(
    lake: LakeConfig, published_book: Book, young_company: Tables, settings_file: Path
) -> None:
    publish(lake, "manual__1", settings_file)
    publish(lake, "manual__2", settings_file)
    growth = young_company.growth_monthly.copy()
    growth.loc[0, "new_trials"] = 99
    reps = young_company.rep_monthly.iloc[1:]
    fill(lake, replace(young_company, growth_monthly=growth, rep_monthly=reps))
    publish(lake, "manual__3", settings_file)
    added = rows(
        lake,
        "select publish_id, tab, entity, kpi, value from published.kpi_values where publish_id > 1 order by all",
    )
    assert (3, "Growth", "Total", "new_trials", 99.0) in added
    gone = [row for row in added if row[1] == "Reps"]
    assert {(row[2], row[4]) for row in gone} == {("user_ann", None)}
    assert len(added) == 1 + len(gone)
    changes = [row for row in published_book.values("Changes") if len(row) > 7 and row[1] in {"Growth", "Reps"}]
    assert len(changes) == len(added)
    [trials] = [row for row in changes if row[4] == "New trials"]
    assert trials[5:7] == [young_company.growth_monthly.loc[0, "new_trials"], 99]
    assert trials[7].startswith("no record changed: time has passed since 2026-06-20")
    assert rows(lake, "select count(*) from kpi.restatements where publish_id = 3") == [(len(added),)]


def test_a_month_that_has_ended_since_is_recorded_as_completed(
    lake: LakeConfig, published_book: Book, young_company: Tables, settings_file: Path
) -> None:
    publish(lake, "manual__1", settings_file)
    ended = young_company.growth_monthly.assign(is_running=False)
    fill(lake, replace(young_company, growth_monthly=ended))
    publish(lake, "manual__2", settings_file)
    added = rows(
        lake, "select distinct month, is_running from published.kpi_values where publish_id = 2 and tab = 'Growth'"
    )
    assert added == [(young_company.growth_monthly["month"].iloc[-1], False)]


def test_tables_of_an_earlier_version_are_not_published(
    lake: LakeConfig, published_book: Book, settings_file: Path
) -> None:
    with closing(connect(lake)) as con, transaction(con, lake):
        con.execute("alter table kpi.rep_monthly drop column activities")
    with pytest.raises(NothingToPublishError, match=r"lack rep_monthly\.activities: run the DAG close_sync"):
        publish(lake, "manual__1", settings_file)
    assert published_book.calls("POST", ":batchUpdate") == 0


def test_a_publish_that_fails_records_nothing_and_the_next_one_does(
    lake: LakeConfig, published_book: Book, young_company: Tables, settings_file: Path
) -> None:
    published_book.sandbox.faults.add("reset_after", method="POST", path=":batchUpdate")
    with pytest.raises(SheetsError):
        publish(lake, "manual__1", settings_file)
    assert rows(lake, "select count(*) from information_schema.tables where table_schema = 'published'") == [(0,)]
    before = [snapshot(sheet)["cells"] for sheet in published_book.sheets]
    publish(lake, "manual__1", settings_file)
    assert rows(lake, "select count(*) from published.publishes") == [(1,)]
    after = [snapshot(sheet)["cells"] for sheet in published_book.sheets]
    assert [{at: cell for at, cell in cells.items() if at != (1, 0)} for cells in after] == [
        {at: cell for at, cell in cells.items() if at != (1, 0)} for cells in before
    ]


def test_the_spreadsheet_of_the_settings_counts_before_that_of_the_connection(
    lake: LakeConfig, published_book: Book, young_company: Tables, tmp_path: Path
) -> None:
    other = replace(published_book, id=published_book.sandbox.create_spreadsheet("Board"))
    path = tmp_path / "other.yaml"
    path.write_text(f"workbook: {{spreadsheet_id: {other.id}}}\n", encoding="utf-8")
    publish(lake, "manual__1", path)
    assert len(other.sheets) > 1
    assert len(published_book.sheets) == 1


def test_a_lake_without_kpis_says_what_to_run(
    lake_connection: dict[str, str], published_book: Book, settings_file: Path
) -> None:
    with pytest.raises(NothingToPublishError, match="run the DAG close_sync"):
        publish(LakeConfig(**lake_connection), "manual__1", settings_file)
