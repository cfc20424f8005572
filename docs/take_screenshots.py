"""Takes the README's screenshots: `make screenshots`. Needs Chromium; CHROMIUM names another binary.

Runs the demo as of a fixed day, so that the pictures change only when the project does.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from close_kpis.standalone.follow import wait_for_publish  # noqa: E402
from sandbox.demo.__main__ import Options, running  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from close_kpis.standalone.airflow import Airflow
    from sandbox.demo.services import Services

IMAGES = ROOT / "docs" / "images"
AS_OF = date(2026, 6, 17)
TABS = ("Summary", "Growth", "MRR", "Reps", "One rep", "Sources", "Pipeline", "Cohorts", "Behind the numbers")


def main() -> None:
    """Run the demo, then photograph the workbook and Airflow."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("No Chromium found: install it, or name the binary in CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    options = Options(account=None, settings=None, as_of=AS_OF, out=None, once=True, timeout=900)
    with (
        tempfile.TemporaryDirectory(prefix="close-kpis-screenshots-") as folder,
        running(options, Path(folder)) as (airflow, services),
        sync_playwright() as playwright,
    ):
        for dag_id in ("sales_kpis", "sheets_publish", "close_sync"):
            airflow.unpause(dag_id)
        wait_for_publish(airflow, options.timeout, print)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        photograph_workbook(browser, services)
        photograph_airflow(browser, airflow)
        browser.close()


def photograph_workbook(browser: Browser, services: Services) -> None:
    """Save a picture of each report."""
    sheets = {sheet["properties"]["title"]: sheet["properties"]["sheetId"] for sheet in services.workbook()["sheets"]}
    for tab in TABS:
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(f"{services.workbook_url}#gid={sheets[tab]}")
        page.wait_for_timeout(500)
        save(page, tab.lower().replace(" ", "-"))
        page.close()


def photograph_airflow(browser: Browser, airflow: Airflow) -> None:
    """Save pictures of the DAGs, a run of close_sync, the backfill form of close_history and the page Sales KPIs."""
    page = browser.new_page(viewport={"width": 1500, "height": 900})
    page.goto(airflow.url)
    page.get_by_label("Username").fill(airflow.user)
    page.get_by_label("Password").fill(airflow.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{airflow.url}/dags")
    page.get_by_text("close_sync").first.wait_for()
    page.wait_for_timeout(1500)
    save(page, "airflow-dags")
    run = airflow.runs("close_sync")[-1]
    page.goto(f"{airflow.url}/dags/close_sync/runs/{run['dag_run_id']}")
    page.get_by_text("sync_stream").first.wait_for()
    page.wait_for_timeout(1500)
    save(page, "airflow-run")
    page.goto(f"{airflow.url}/dags/close_history")
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_text("Backfill", exact=True).last.click()
    page.get_by_text("Date Range").wait_for()
    page.wait_for_timeout(1500)
    save(page, "airflow-backfill")
    page.goto(f"{airflow.url}/plugin/sales-kpis")
    page.frame_locator("iframe").get_by_role("heading", name="Growth").wait_for()
    page.wait_for_timeout(1500)
    save(page, "airflow-page")
    page.close()


def save(page: Page, name: str) -> None:
    """Save what the page shows."""
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
