"""The page "Sales KPIs" in Airflow's own UI, in Chromium.

An API server runs alone, as it does where the scheduler is another machine's, and below a path of its own, as where a
proxy serves more than Airflow.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks.browser import log_in
from tests.conftest import ROOT
from tests.support.airflow_ui import open_backfill_form
from tests.support.browser import chromium
from tests.support.page_lake import SHOWN, page_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Frame, Page

    from close_kpis.standalone.airflow import Airflow
    from sandbox.sheets_api import SheetsSandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEAD = "https://app.close.com/lead/"


@pytest.fixture(scope="module")
def airflow(airflow_db: None, tmp_path_factory: pytest.TempPathFactory, sheets: SheetsSandbox) -> Iterator[Airflow]:
    """An API server whose connections are in its metadata database, and a lake that is published."""
    from close_kpis.standalone.airflow import Airflow, airflow_env
    from close_kpis.workbook.google.hook import GoogleSheetsHook

    folder = tmp_path_factory.mktemp("airflow")
    spreadsheet_id = sheets.create_spreadsheet("Close KPIs")
    google = {
        "keyfile_dict": json.dumps(sheets.service_account_info()),
        "api_endpoint": sheets.url,
        "spreadsheet_id": spreadsheet_id,
    }
    with pytest.MonkeyPatch.context() as patch:
        fields = {"conn_type": "google_cloud_platform", "extra": google}
        patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", json.dumps(fields))
        account = page_account(folder / "lake", GoogleSheetsHook())
    home = folder / "home"
    home.mkdir()
    env = airflow_env(
        home,
        ROOT,
        PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]),
        CLOSE_KPIS_SETTINGS=str(account.settings_file()),
        AIRFLOW__API__WORKERS="1",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(home / "logs"),
    )
    env["AIRFLOW__API__BASE_URL"] += "/airflow"
    own = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(own)) as migrated, closing(sqlite3.connect(home / "airflow.db")) as database:
        migrated.backup(database)
    server = Airflow(env)
    program = str(Path(sys.executable).parent / "airflow")
    read = subprocess.run([program, "dags", "reserialize"], env=env, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    server.start("api-server")
    try:
        server.wait_until_healthy(parts=())
        lake = {"catalog": account.config.catalog, "data_path": account.config.data_path}
        body = {"connection_id": "lake_default", "conn_type": "ducklake", "extra": json.dumps(lake)}
        server.api("POST", "/connections", json=body)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def cookies(airflow: Airflow, browser: Browser) -> Any:
    """Who has logged in, as a person does."""
    with closing(browser.new_page()) as page:
        log_in(page, airflow)
        return page.context.storage_state()


@pytest.fixture
def ui(airflow: Airflow, browser: Browser, cookies: Any) -> Iterator[Page]:
    """Airflow's UI, logged in; Close and Google are not reached."""
    context = browser.new_context(storage_state=cookies, viewport={"width": 1280, "height": 900})
    context.route("https://app.close.com/**", lambda route: route.fulfill(body="Close", content_type="text/plain"))
    page = context.new_page()
    yield page
    context.close()


def opened(ui: Page, airflow: Airflow, path: str = "") -> Frame:
    """Open the page in Airflow's UI, and return its frame."""
    ui.goto(f"{airflow.url}/plugin/sales-kpis{path}")
    frame = ui.frame_locator('iframe[title="Sales KPIs"]')
    frame.get_by_role("heading", level=1).wait_for()
    [inner] = [each for each in ui.frames if "/sales-kpis/" in each.url and each != ui.main_frame]
    return inner


def test_anonymous_gets_401(airflow: Airflow) -> None:
    for path in ("", "page.css", "records?report=growth&month=2026-05&kpi=total_customers"):
        assert httpx.get(f"{airflow.url}/sales-kpis/{path}").status_code == 401


def test_it_is_in_the_navigation(ui: Page, airflow: Airflow) -> None:
    ui.goto(airflow.url)
    ui.get_by_role("link", name="Sales KPIs").click()
    frame = ui.frame_locator('iframe[title="Sales KPIs"]')
    frame.get_by_role("heading", name="Growth").wait_for()
    assert frame.get_by_role("heading", level=1).inner_text() == "Sales KPIs"


def test_a_number_opens_its_records_and_they_open_in_close(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    frame.get_by_role("link", name="Churned, 2026-05: 1").click()
    frame.get_by_role("heading", name="Churned (growth, 2026-05)").wait_for()
    assert "The published value is the same: 1." in frame.get_by_role("status").inner_text()
    assert frame.get_by_text(SHOWN).count() == 1
    with ui.context.expect_page() as opening:
        frame.get_by_role("link", name="Open the lead of record 1 in Close").click()
    assert opening.value.url == f"{LEAD}lead_leaves/"
    assert ui.url.endswith("kpi=churned_customers"), "the address of a number can be sent to others"
    again = opened(ui, airflow, ui.url.partition("/plugin/sales-kpis")[2])
    assert "Churned" in again.get_by_role("heading", level=1).inner_text()


def test_nothing_of_a_hostile_name_runs(ui: Page, airflow: Airflow) -> None:
    problems: list[str] = []
    ui.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    for path in ("", "/sales-kpis/records?report=reps&month=2026-01&kpi=won_opportunities"):
        frame = opened(ui, airflow, path)
        assert "Sales KPIs" in frame.title()
        assert frame.locator("img").count() == 0
        assert frame.locator("script").count() == 1
    assert problems == []


def test_a_run_opens_in_airflow_itself(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    frame.get_by_role("link", name="sales_kpis").first.click()
    ui.wait_for_url(f"{airflow.url}/dags/sales_kpis/runs")
    assert ui.locator('iframe[title="Sales KPIs"]').count() == 0


def test_a_month_leads_to_the_backfill_form(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    frame.get_by_label("From").select_option("2026-02")
    frame.get_by_label("To", exact=True).select_option("2026-03")
    frame.get_by_role("button", name="Prepare the backfill").click()
    frame.get_by_text("2026-03-31", exact=True).wait_for()
    frame.get_by_role("link", name="Open the backfills of close_history").click()
    ui.wait_for_url(f"{airflow.url}/dags/close_history/backfills")
    open_backfill_form(ui)


def test_it_is_dark_where_airflow_is(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    colour = "getComputedStyle(document.body).backgroundColor"
    seen = set()
    for theme in ("dark", "light"):
        ui.evaluate("theme => { document.documentElement.className = theme }", theme)
        frame.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
        seen.add(frame.evaluate(colour))
    assert seen == {"rgb(17, 17, 19)", "rgb(255, 255, 255)"}


@pytest.mark.parametrize("path", ["", "/sales-kpis/records?report=reps&month=2026-01&kpi=won_opportunities"])
def test_a_phone_scrolls_tables_and_not_the_page(ui: Page, airflow: Airflow, path: str) -> None:
    ui.set_viewport_size({"width": 390, "height": 844})
    frame = opened(ui, airflow, path)
    width = frame.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1] <= 390


def test_the_keyboard_is_enough(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    frame.locator("body").click(position={"x": 2, "y": 2})
    reached = []
    for _ in range(400):
        ui.keyboard.press("Tab")
        label = frame.evaluate(
            "(one => one.getAttribute('aria-label') || one.innerText || one.name)(document.activeElement)"
        )
        reached.append(label)
        if label == "Churned, 2026-05: 1":
            break
    assert reached[0] == "Skip to the content"
    outline = frame.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    ui.keyboard.press("Enter")
    frame.get_by_role("heading", name="Churned (growth, 2026-05)").wait_for()


def test_a_screen_reader_is_told_what_everything_is(ui: Page, airflow: Airflow) -> None:
    frame = opened(ui, airflow)
    unnamed = frame.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, [role=region], section")].filter(one =>
            !(one.getAttribute("aria-label") || one.innerText || one.labels?.length
              || document.getElementById(one.getAttribute("aria-labelledby")))).map(one => one.outerHTML)"""
    )
    assert unnamed == []
    assert frame.locator("html").get_attribute("lang") == "en"
    assert frame.locator("main").count() == 1
    assert frame.locator("th:not([scope])").count() == 0
    levels = frame.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
