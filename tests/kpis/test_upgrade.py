"""What an older version made: the first run of this one computes anew and loses nothing."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from close_kpis.close.client import ClientConfig
from close_kpis.kpis.compute import Computation, compute
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from close_kpis.publishing.publish import publish_workbook
from close_kpis.sync.complete import complete_sync
from close_kpis.sync.extraction import Extraction
from close_kpis.sync.start import start_sync
from close_kpis.sync.stream import sync_streams
from close_kpis.workbook.google.hook import GoogleSheetsHook
from sandbox.close_api import CloseSandbox
from sandbox.sheets_api import SheetsSandbox
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import contents, tell_a_story

pytestmark = pytest.mark.slow

STORED = Path(__file__).parents[1] / "fixtures" / "version_0_1_0" / "stored.zip"
BOOK = "stored-workbook"
FIRST_DAY, SECOND_DAY, NEXT_DAY = "2026-02-26", "2026-03-02", "2026-03-03"
DEFINED_AS_BEFORE = ("kpi.growth_monthly", "kpi.mrr_movements_monthly", "kpi.pipeline_daily")
"""The stored tables none of whose columns is defined otherwise since."""

KEPT_AS_THEY_ARE = ("published.publishes", "published.kpi_values", "kpi.restatements")

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Stored:
    """A copy of what version 0.1.0 left behind; see the README beside it.

    Attributes:
        folder: where it lies.
        lake: its lake.
        settings: its kpis.yaml.
        expected: columns and rows of each table that readers saw, its values as text.
    """

    folder: Path
    lake: LakeConfig
    settings: Path
    expected: dict[str, dict[str, Any]]

    @classmethod
    def unpacked(cls, folder: Path) -> Stored:
        """Unpack it into a folder."""
        with zipfile.ZipFile(STORED) as archive:
            archive.extractall(folder)
        return cls._at(folder)

    def copied(self, folder: Path) -> Stored:
        """Copy it as it is now into another folder."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.lock"))
        return self._at(folder)

    @classmethod
    def _at(cls, folder: Path) -> Stored:
        catalog, data = folder / "lake" / "catalog.sqlite", folder / "lake" / "data"
        with closing(sqlite3.connect(catalog)) as con:
            con.execute("update ducklake_metadata set value = ? where key = 'data_path'", (f"{data.resolve()}/",))
            con.commit()
            con.execute("pragma journal_mode = wal")
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        return cls(folder, LakeConfig(f"sqlite:{catalog}", str(data)), folder / "kpis.yaml", expected)

    def compute(self) -> Computation:
        return compute(self.lake, settings_file=self.settings)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with closing(connect(self.lake, read_only=True)) as con:
            return con.execute(text).fetchall()

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, in the columns that version 0.1.0 gave it, its values as text."""
        columns = ", ".join(f"{name}::varchar" for name in self.expected[table]["columns"])
        return self.query(f"select {columns} from {table}")

    def expected_rows(self, table: str) -> list[Row]:
        return [tuple(row) for row in self.expected[table]["rows"]]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stored, Computation]:
    """The stored lake after the first run of this version; only to be read."""
    stored = Stored.unpacked(tmp_path_factory.mktemp("first-run"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOSE_KPIS_AS_OF", SECOND_DAY)
        return stored, stored.compute()


@pytest.fixture
def upgraded(first_run: tuple[Stored, Computation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """A copy of it, to be changed."""
    monkeypatch.setenv("CLOSE_KPIS_AS_OF", SECOND_DAY)
    stored, _ = first_run
    return stored.copied(tmp_path / "stored")


@dataclass(frozen=True)
class Publish:
    """A publish: of which lake, what it returned, and the workbook before and after it."""

    stored: Stored
    done: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


def in_order(rows: list[Row]) -> list[Row]:
    """Sort rows by their values, doubles last and rounded: their last digits depend on the order of a sum."""
    return sorted(rows, key=lambda row: [(_is_double(text), _rounded(text)) for text in row])


def _is_double(text: str | None) -> bool:
    return text is not None and "." in text and text.replace(".", "", 1).lstrip("-").isdigit()


def _rounded(text: str | None) -> str:
    return f"{float(text):.6g}" if text is not None and _is_double(text) else text or ""


def same(before: str | None, after: str | None) -> bool:
    if before is not None and after is not None and _is_double(before) and _is_double(after):
        return math.isclose(float(before), float(after), rel_tol=1e-9)
    return before == after


def alike(before: list[Any], after: list[Any]) -> bool:
    """Say whether two columns of a tab hold the same."""
    return len(before) == len(after) and all(
        math.isclose(was, is_now, rel_tol=1e-9)
        if isinstance(was, float | int) and isinstance(is_now, float | int)
        else was == is_now
        for was, is_now in zip(before, after, strict=True)
    )


def kpi_tables() -> list[str]:
    with zipfile.ZipFile(STORED) as archive:
        names = json.loads(archive.read("expected.json"))
    return sorted(name for name in names if name.startswith("kpi.") and name != "kpi.computations")


def data_columns(workbook: dict[str, Any]) -> dict[tuple[str, str], list[Any]]:
    """Return the columns of the data tabs, by tab and header; what is empty is None."""
    columns = {}
    for sheet in workbook["sheets"]:
        title = sheet["properties"]["title"]
        if title.startswith("Data ") and title != "Data quality":
            header, *lines = [line.get("values", []) for line in sheet["data"][0]["rowData"]]
            for at, cell in enumerate(header):
                held = [line[at].get("effectiveValue", {}) if at < len(line) else {} for line in lines]
                columns[title, cell["formattedValue"]] = [next(iter(one.values()), None) for one in held]
    return columns


def test_the_first_run_computes_anew_though_nothing_has_changed_in_close(
    first_run: tuple[Stored, Computation],
) -> None:
    stored, done = first_run
    id_at = stored.expected["kpi.computations"]["columns"].index("computation_id")
    before = {row[id_at] for row in stored.expected_rows("kpi.computations")}
    now = {computation_id for (computation_id,) in stored.query("select computation_id from kpi.computations")}
    assert len(before) == 2
    assert now == {*before, done.computation_id}
    assert done.computation_id not in before


@pytest.mark.parametrize("table", DEFINED_AS_BEFORE)
def test_every_value_is_what_it_was(first_run: tuple[Stored, Computation], table: str) -> None:
    stored, _ = first_run
    before, after = in_order(stored.expected_rows(table)), in_order(stored.rows(table))
    assert before
    assert len(after) == len(before)
    columns = stored.expected[table]["columns"]
    moved = [
        (dict(zip(columns, old, strict=True)), column, is_now)
        for old, new in zip(before, after, strict=True)
        for column, was, is_now in zip(columns, old, new, strict=True)
        if not same(was, is_now)
    ]
    assert moved == []


@pytest.mark.parametrize("table", KEPT_AS_THEY_ARE)
def test_what_was_published_and_restated_is_kept(first_run: tuple[Stored, Computation], table: str) -> None:
    stored, _ = first_run
    before = stored.expected_rows(table)
    assert before
    assert sorted(stored.rows(table), key=repr) == sorted(before, key=repr)


def test_past_days_of_the_pipeline_are_kept(first_run: tuple[Stored, Computation]) -> None:
    stored, _ = first_run
    days = stored.query("select distinct day from kpi.pipeline_daily order by day")
    assert days == [(date.fromisoformat(FIRST_DAY),), (date.fromisoformat(SECOND_DAY),)]


def test_nothing_of_the_version_before_stands_in_a_readers_way(first_run: tuple[Stored, Computation]) -> None:
    stored, _ = first_run
    with closing(connect(stored.lake, read_only=True)) as con:
        views = con.execute(
            "select schema_name, view_name from duckdb_views() where database_name = 'lake' order by all"
        ).fetchall()
        assert ("staging", "leads") in views
        for schema, view in views:
            con.execute(f"select * from {schema}.{view} limit 0")
    schemas = {
        name for (name,) in stored.query("select schema_name from duckdb_schemas() where database_name = 'lake'")
    }
    assert "incremental" not in schemas
    columns = {name for (name, *_) in stored.query("describe kpi.computations")}
    assert "from_month" not in columns


def test_a_second_run_has_nothing_to_compute(upgraded: Stored) -> None:
    computations = upgraded.query("select count(*) from kpi.computations")
    upgraded.compute()
    assert upgraded.query("select count(*) from kpi.computations") == computations


@pytest.fixture(scope="module")
def next_publish(first_run: tuple[Stored, Computation], tmp_path_factory: pytest.TempPathFactory) -> Publish:
    """The first publish of this version, into the workbook that version 0.1.0 published."""
    stored = first_run[0].copied(tmp_path_factory.mktemp("next-publish") / "stored")
    with SheetsSandbox(stored.folder / "sheets") as sheets, pytest.MonkeyPatch.context() as patch:
        extra = {
            "keyfile_dict": json.dumps(sheets.service_account_info()),
            "api_endpoint": sheets.url,
            "spreadsheet_id": BOOK,
            "num_retries": 0,
        }
        connection = json.dumps({"conn_type": "google_cloud_platform", "extra": extra})
        patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", connection)
        patch.setenv("CLOSE_KPIS_AS_OF", SECOND_DAY)
        before = sheets.spreadsheet(BOOK)
        done = publish_workbook(
            stored.lake, GoogleSheetsHook(), run_id="scheduled__upgraded", settings_file=stored.settings
        )
        return Publish(stored, done, before, sheets.spreadsheet(BOOK))


def test_the_next_publish_restates_what_a_new_definition_moved_and_says_so(next_publish: Publish) -> None:
    stored = next_publish.stored
    assert next_publish.done["publish_id"] == 3
    before, after = stored.expected_rows("kpi.restatements"), stored.rows("kpi.restatements")
    assert set(before) <= set(after)
    columns = stored.expected["kpi.restatements"]["columns"]
    moved = [dict(zip(columns, row, strict=True)) for row in set(after) - set(before)]
    assert {row["tab"] for row in moved} == {"Reps", "Sources monthly"}
    assert all("the SQL models" in (row["cause"] or "") for row in moved)


def test_each_column_of_a_data_tab_holds_what_it_held(next_publish: Publish) -> None:
    before, after = data_columns(next_publish.before), data_columns(next_publish.after)
    assert len(before) > 90
    assert before.keys() <= after.keys()
    moved = {name[0] for name, column in before.items() if not alike(column, after[name])}
    assert moved == {
        f"Data {tab}" for tab in ("growth yearly", "reps", "sources", "sources monthly", "team", "win rate")
    }


def test_no_two_columns_of_the_stored_tables_hold_the_same(first_run: tuple[Stored, Computation]) -> None:
    stored, _ = first_run
    for table in kpi_tables():
        columns = list(zip(*stored.expected_rows(table), strict=True))
        assert len({tuple(map(_rounded, column)) for column in columns}) == len(columns), table


def test_the_next_sync_goes_on_from_where_the_version_before_ended(
    upgraded: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(arr_before,)] = upgraded.query("select arr_cents from kpi.growth_monthly where is_running")
    monkeypatch.setenv("CLOSE_KPIS_AS_OF", NEXT_DAY)
    account, state = upgraded.folder / "account", upgraded.folder / "close"
    with CloseSandbox(account, state=state, as_of=f"{NEXT_DAY}T12:00:00+00:00") as close:
        at = f"{NEXT_DAY}T08:00:00+00:00"
        close.writer.update("leads", "lead_jolly", {"status_id": "stat_customer"}, by="user_ben", at=at)
        close.writer.update("opportunities", "oppo_jolly_new", {"status_id": "stat_new_won"}, by="user_ben", at=at)
        extraction = Extraction(ClientConfig(api_key=close.api_key, base_url=close.url), upgraded.lake, "Europe/Berlin")
        counts = sync_streams(extraction, start_sync(extraction))
        complete_sync(extraction)
    assert {one["stream"]: (one["inserted"], one["updated"]) for one in counts}["leads"] == (0, 1)
    upgraded.compute()
    [(arr_after,)] = upgraded.query("select arr_cents from kpi.growth_monthly where is_running")
    assert arr_after - arr_before == 12 * 18_000
    days = [day.isoformat() for (day,) in upgraded.query("select distinct day from kpi.pipeline_daily order by day")]
    assert days[:2] == [FIRST_DAY, SECOND_DAY]


def age(account: SmallAccount, *statements: str) -> None:
    """Make the lake one that other models have computed."""
    con = connect(account.config)
    for text in (*statements, "update kpi.computations set models_hash = 'older'"):
        con.execute(text)
    con.close()


@pytest.fixture
def account(tmp_path: Path) -> SmallAccount:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=True)
    return account.run()


def test_table_with_other_columns_is_built_anew_with_all_months(account: SmallAccount) -> None:
    expected = contents(account)
    age(
        account,
        "alter table kpi.growth_monthly drop column net_growth_rate",
        "alter table kpi.rep_monthly add column old_kpi bigint",
        "drop table kpi.team_monthly",
        "create table kpi.team_monthly as select month, is_running, calls::integer as calls from kpi.rep_monthly",
    )
    account.compute()
    assert contents(account) == expected


def test_days_of_the_pipeline_that_are_past_survive_other_columns(account: SmallAccount) -> None:
    (today,) = account.table("kpi.pipeline_daily")
    age(
        account,
        "update kpi.pipeline_daily set day = day - 30",
        "alter table kpi.pipeline_daily drop column avg_age_days",
    )
    account.compute()
    past, now = account.table("kpi.pipeline_daily")
    assert now == today
    assert past == {**today, "day": past["day"], "avg_age_days": None}
    assert (now["day"] - past["day"]).days == 30
