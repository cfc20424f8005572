"""The page "Sales KPIs", asked through Airflow's own API server application."""

from __future__ import annotations

import json
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from close_kpis.commands.arguments import main
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from close_kpis.ui.page import drill_down
from tests.support.page_lake import HOSTILE, SHOWN, page_account
from tests.support.postgres import SERVER, connect_to_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection
    from fastapi.testclient import TestClient

    from tests.kpis.small_account import SmallAccount

PAGE = "/sales-kpis/"
SECRET = "hunter2-hunter2"  # pragma: allowlist secret


class Document(HTMLParser):
    """What a browser would make of a page: its elements and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.elements if tag == "a" and "href" in attributes]


def token(role: str | None) -> str:
    """Return the token of a user with a role."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="reader", role=role))


@pytest.fixture
def reader(api: TestClient) -> Iterator[TestClient]:
    """The same for a user who may only look."""
    api.headers["authorization"] = f"Bearer {token('viewer')}"
    yield api
    del api.headers["authorization"]


@pytest.fixture
def lake(account: SmallAccount, monkeypatch: pytest.MonkeyPatch, set_connection: Callable[..., None]) -> SmallAccount:
    """The account's lake as the connection, with its settings."""
    extra = {"catalog": account.config.catalog, "data_path": account.config.data_path}
    set_connection("lake_default", conn_type="ducklake", password=SECRET, extra=extra)
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(account.settings_file()))
    return account


@pytest.mark.parametrize(
    "path",
    ["", "records?report=growth&month=2026-05&kpi=total_customers", "number", "page.css", "page.js", "openapi.json"],
)
def test_anonymous_is_asked_to_log_in(api: TestClient, lake: SmallAccount, path: str) -> None:
    reply = api.get(PAGE + path)
    assert reply.status_code == (404 if path == "openapi.json" else 401)
    assert "Customers" not in reply.text


def test_who_may_not_read_runs_is_refused(api: TestClient, lake: SmallAccount) -> None:
    reply = api.get(PAGE, headers={"authorization": f"Bearer {token(None)}"})
    assert reply.status_code == 403
    assert "sales_kpis" in reply.text
    assert "2026-05" not in reply.text


def test_a_forged_token_is_refused(api: TestClient, lake: SmallAccount) -> None:
    assert api.get(PAGE, headers={"authorization": "Bearer e30.e30.e30"}).status_code == 403


def test_nothing_but_reading_is_possible(reader: TestClient, lake: SmallAccount) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert reader.request(method, PAGE).status_code == 405


def test_it_shows_the_state_and_what_is_open(reader: TestClient, lake: SmallAccount) -> None:
    reply = reader.get(PAGE)
    assert reply.status_code == 200, reply.text
    page = Document(reply.text)
    assert "up to 21 Jun 2026, 12:00" in page.texts
    assert load_definitions().quality_rules["customer_without_mrr"].label in page.texts
    assert "https://app.close.com/lead/lead_other/" in page.links()
    runs = [link for link in page.links() if "/runs/manual__" in link]
    assert runs == ["../dags/sheets_publish/runs/manual__2", "../dags/sheets_publish/runs/manual__1"]
    assert any("/spreadsheets/d/" in link for link in page.links())
    assert any(link.startswith("records?report=growth&month=2026-05") for link in page.links())
    assert any("a published number of a completed month has changed" in text for text in page.texts)


def test_a_number_opens_what_explain_lists(
    reader: TestClient, lake: SmallAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Document(reader.get(PAGE).text)
    numbers = [link for link in page.links() if link.startswith("records?report=growth&month=2026-05")]
    assert len(numbers) > 10
    # Each is a computation, and each report has the same code: some of every kind are enough.
    for link in numbers[::5]:
        shown = Document(reader.get(PAGE + link).text)
        column = link.rpartition("=")[2]
        capsys.readouterr()
        question = ["explain", "growth", "2026-05", column, "--lake", str(lake.folder)]
        assert main([*question, "--settings", str(lake.settings_file()), "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        rows = [row for part in (*told["records"], *told["divided_by"]) for row in part["rows"]]
        opened = [link for link in shown.links() if link.startswith("https://app.close.com/")]
        assert opened == [row["link"] for row in rows if row.get("link")]
        assert any("The published value is the same" in text for text in shown.texts)


def test_a_second_question_waits_for_the_first_and_then_asks_for_patience(
    reader: TestClient, lake: SmallAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Document(reader.get(PAGE).text)
    number = next(link for link in page.links() if link.startswith("records?report=growth&month=2026-05"))
    monkeypatch.setattr(drill_down, "PATIENCE", 0.2)
    with drill_down._turn():
        reply = reader.get(PAGE + number)
    assert reply.status_code == 503
    assert any("load the page again in a minute" in text for text in Document(reply.text).texts)
    assert reader.get(PAGE + number).status_code == 200


def test_every_restated_number_opens(reader: TestClient, lake: SmallAccount) -> None:
    page = Document(reader.get(PAGE).text)
    restated = [link for link in page.links() if link.startswith("records?") and "report=growth" not in link]
    assert restated
    for link in list(dict.fromkeys(restated))[:3]:
        assert reader.get(PAGE + link).status_code == 200, link


def test_any_number_can_be_asked_for(reader: TestClient, lake: SmallAccount) -> None:
    team = reader.get(f"{PAGE}number", params={"which": "reps.won_opportunities", "month": "2026-01", "whose": ""})
    assert "deal_1" in team.text
    assert "deal_2" in team.text
    rep = reader.get(f"{PAGE}number", params={"which": "reps.won_opportunities", "month": "2026-01", "whose": "ann"})
    assert "deal_1" in rep.text
    year = reader.get(f"{PAGE}number", params={"which": "growth.new_customers", "month": "2026", "whose": ""})
    assert "lead_steady" in year.text


@pytest.mark.parametrize(
    ("params", "status", "said"),
    [
        ({"report": "growth", "month": "1999-01", "kpi": "mrr"}, 404, "they are from"),
        ({"report": "growth", "month": "<b>", "kpi": "mrr"}, 404, "is not a month"),
        ({"report": "growth", "month": "2026-01", "kpi": "<script>"}, 404, "has no KPI"),
        ({"report": "<script>", "month": "2026-01", "kpi": "mrr"}, 404, "there is no report"),
        ({"report": "reps", "month": "2026-01", "kpi": "close_rate", "rep": "nobody"}, 404, "there is no user"),
        ({"report": "growth", "month": "2026-01"}, 422, "kpi"),
        ({"report": "cohorts", "month": "2026-01", "kpi": "customers", "age": "-1"}, 422, "age"),
    ],
)
def test_a_question_without_an_answer_says_what_there_is(
    reader: TestClient, lake: SmallAccount, params: dict[str, str], status: int, said: str
) -> None:
    reply = reader.get(f"{PAGE}records", params=params)
    assert reply.status_code == status
    page = Document(reply.text)
    assert any(said in text for text in page.texts)
    assert [attributes.get("src") for tag, attributes in page.elements if tag == "script"] == ["page.js"]


def test_hostile_names_are_text(reader: TestClient, lake: SmallAccount) -> None:
    for path in (
        "",
        "records?report=growth&month=2026-05&kpi=total_customers",
        "records?report=reps&month=2026-01&kpi=won_opportunities",
    ):
        reply = reader.get(PAGE + path)
        page = Document(reply.text)
        assert "\u202e" not in reply.text
        assert HOSTILE not in reply.text
        assert not [tag for tag, _ in page.elements if tag == "img"]
        assert [attributes for tag, attributes in page.elements if tag == "script"] == [{"src": "page.js"}]
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        assert {url.partition(":")[0] for url in page.links() if ":" in url.partition("?")[0]} <= {"https", "http"}
    assert any(SHOWN in text for text in page.texts)


def test_no_script_but_its_own_may_run(reader: TestClient, lake: SmallAccount) -> None:
    for path in ("", "nowhere", "records", "page.js"):
        policy = reader.get(PAGE + path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_secrets_are_not_shown(reader: TestClient, set_connection: Callable[..., None]) -> None:
    catalog = f"postgres:host=127.0.0.1 port=1 dbname=lake user=reader password={SECRET}"
    set_connection("lake_default", conn_type="ducklake", password=SECRET, extra={"catalog": catalog, "data_path": "/x"})
    reply = reader.get(PAGE)
    assert reply.status_code == 503
    assert "cannot open the lake" in reply.text
    assert SECRET not in reply.text


def test_no_connection_says_how_to_define_one(reader: TestClient) -> None:
    reply = reader.get(PAGE)
    assert reply.status_code == 503
    assert "AIRFLOW_CONN_LAKE_DEFAULT" in reply.text


def test_a_connection_of_the_metadata_database_is_found(
    reader: TestClient, account: SmallAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was made in the UI: the API server resolves it itself."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(account.settings_file()))
    admin = {"authorization": f"Bearer {token('admin')}"}
    extra = json.dumps({"catalog": account.config.catalog, "data_path": account.config.data_path})
    body = {"connection_id": "lake_default", "conn_type": "ducklake", "extra": extra}
    assert reader.post("/api/v2/connections", json=body, headers=admin).status_code == 201
    try:
        assert reader.get(PAGE).status_code == 200
    finally:
        reader.delete("/api/v2/connections/lake_default", headers=admin)


def test_a_lake_that_is_not_there_yet_is_said_and_not_made(reader: TestClient, lake_connection: dict[str, str]) -> None:
    reply = reader.get(PAGE)
    assert reply.status_code == 503
    assert "run the DAG close_sync first" in reply.text
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"file:{lake_connection['catalog'].removeprefix('sqlite:')}?mode=ro", uri=True)


def test_an_empty_lake_shows_what_has_not_happened(reader: TestClient, lake_connection: dict[str, str]) -> None:
    connect(LakeConfig(**lake_connection)).close()
    reply = reader.get(PAGE)
    assert reply.status_code == 200
    for said in (
        "not yet",
        "No numbers have been computed yet",
        "Nothing has been published yet",
        "none has ended yet",
    ):
        assert said in reply.text
    records = reader.get(f"{PAGE}records?report=growth&month=2026-05&kpi=mrr")
    assert records.status_code == 503
    assert "run the DAG close_sync" in records.text


LOCK = """
import sqlite3, sys
writer = sqlite3.connect(sys.argv[1], isolation_level=None)
writer.execute("pragma locking_mode = exclusive")
writer.execute("begin exclusive")
writer.execute("update ducklake_metadata set value = value")
print("locked", flush=True)
sys.stdin.read()
"""
"""Another process that lets nobody else in: SQLite's locks do not hold within one."""


def test_a_locked_catalog_is_said(reader: TestClient, lake: SmallAccount) -> None:
    command = [sys.executable, "-c", LOCK, lake.config.location]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"locked\n"
        reply = reader.get(PAGE)
        writer.communicate()
    assert reply.status_code == 503
    assert "is being written and lets no reader in" in reply.text
    assert "Traceback" not in reply.text
    assert reader.get(PAGE).status_code == 200


@pytest.mark.postgres
def test_a_postgresql_catalog_is_read(
    reader: TestClient, set_connection: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = f"page_{secrets.token_hex(4)}"
    with closing(connect_to_server()) as server, server.cursor() as cursor:
        cursor.execute(f"create database {name}")
        try:
            extra = {"catalog": f"postgres:{SERVER} dbname={name}", "data_path": f"{tmp_path}/data"}
            account = page_account(tmp_path / "account", config=LakeConfig(**extra))
            set_connection("lake_default", conn_type="ducklake", extra=extra)
            monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(account.settings_file()))
            assert "up to 21 Jun 2026, 12:00" in reader.get(PAGE).text
            records = reader.get(f"{PAGE}records?report=growth&month=2026-05&kpi=churned_customers")
            assert "The published value is the same: 1." in records.text
            cursor.execute("select count(*) from pg_stat_activity where datname = %s", (name,))
            assert cursor.fetchone() == (0,), "a page that was sent leaves no connection behind"
        finally:
            cursor.execute(f"drop database {name} with (force)")


def test_reading_leaves_the_lake_as_it_is(reader: TestClient, lake: SmallAccount) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in lake.folder.rglob("*") if path.suffix in {".sqlite", ".parquet"}}

    before = files()
    assert reader.get(PAGE).status_code == 200
    assert reader.get(f"{PAGE}records?report=growth&month=2026-05&kpi=churned_customers").status_code == 200
    assert files() == before


def test_a_sync_can_write_while_the_page_reads(lake: SmallAccount) -> None:
    with closing(connect(lake.config, read_only=True)) as con:
        con.execute("begin transaction")
        con.execute("from lake.kpi.growth_monthly").fetchall()
        lake.sync("2026-06-21 12:00")


@contextmanager
def changed_candidate(account: SmallAccount, *, days: int, customers: int) -> Iterator[None]:
    """Leave newer numbers in the lake that do not hold, for a while."""

    def change(con: DuckDBPyConnection, sign: int) -> None:
        con.execute(
            "update lake.candidate.computation set computed_at = computed_at + to_days($days::int)",
            {"days": sign * days},
        )
        con.execute(
            "update lake.candidate.growth_monthly set total_customers = total_customers + $customers"
            " where month = date '2026-03-01'",
            {"customers": sign * customers},
        )

    with closing(connect(account.config)) as con:
        change(con, 1)
        yield
        change(con, -1)


def test_a_gate_shows_its_records(reader: TestClient, lake: SmallAccount) -> None:
    """The candidate that did not pass its checks is newer than the release."""
    with changed_candidate(lake, days=1, customers=1):
        reply = reader.get(PAGE)
    assert "Gates that hold back the newest numbers" in reply.text
    assert "Customers roll forward" in reply.text
    assert "A check has stopped the numbers" in reply.text
    assert "No gate is open" in reader.get(PAGE).text


def test_months_lead_to_the_backfill_form(reader: TestClient, lake: SmallAccount) -> None:
    reply = reader.get(f"{PAGE}backfill?first=2026-02&last=2025-12")
    page = Document(reply.text)
    assert "../dags/close_history/backfills" in page.links()
    assert "2025-12-01" in page.texts
    assert "2026-02-28" in page.texts
    assert reader.get(f"{PAGE}backfill?first=2026-13&last=2025-12").status_code == 422
