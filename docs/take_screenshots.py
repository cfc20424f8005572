"""Takes the README's screenshots: `make screenshots`. Needs Chromium; CHROMIUM names another binary.

Runs the demo as of a fixed day, so that the pictures change only when the project does.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.browser import chromium, log_in  # noqa: E402
from close_kpis.standalone.follow import wait_for_publish  # noqa: E402
from sandbox.close_api import CloseSandbox  # noqa: E402
from sandbox.company import write_company  # noqa: E402
from sandbox.demo.__main__ import Options, running  # noqa: E402
from sandbox.sheets_api import SheetsSandbox  # noqa: E402
from tests.support.terminal import Terminal  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from close_kpis.standalone.airflow import Airflow
    from sandbox.demo.services import Services

IMAGES = ROOT / "docs" / "images"
AS_OF = date(2026, 6, 17)
TABS = ("Summary", "Growth", "MRR", "Reps", "One rep", "Sources", "Pipeline", "Cohorts", "Behind the numbers")


def main() -> None:
    """Run the demo, then photograph the workbook and Airflow."""
    IMAGES.mkdir(exist_ok=True)
    options = Options(account=None, settings=None, as_of=AS_OF, out=None, once=True, timeout=900)
    with (
        tempfile.TemporaryDirectory(prefix="close-kpis-screenshots-") as folder,
        chromium() as browser,
        running(options, Path(folder)) as (airflow, services),
    ):
        for dag_id in ("sales_kpis", "sheets_publish", "close_sync"):
            airflow.unpause(dag_id)
        wait_for_publish(airflow, options.timeout, print)
        photograph_workbook(browser, services)
        photograph_airflow(browser, airflow)
        photograph_digest(browser, Path(folder))
        photograph_set_up(browser, Path(folder) / "set-up")


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
    log_in(page, airflow)
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


def photograph_digest(browser: Browser, folder: Path) -> None:
    """Save what the team would get of the demo: Slack's message, and the mail on a phone in the dark."""
    settings = (ROOT / "include" / "kpis.yaml").read_text(encoding="utf-8")
    audience = "digest: {team: {weekday: Wednesday, slack_channel: '#revenue', addresses: [team@example.com]}}"
    (folder / "digest.yaml").write_text(settings.replace("digest: {}", audience), encoding="utf-8")
    preview = folder / "digest.html"
    command = [sys.executable, "-m", "close_kpis", "digest", "--preview", str(preview), "--lake", str(folder / "lake")]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "plugins"), "CLOSE_KPIS_AS_OF": AS_OF.isoformat()}
    subprocess.run([*command, "--settings", str(folder / "digest.yaml")], env=env, check=True)
    for scheme, shown, name in (("light", ".slack", "slack"), ("dark", "iframe", "mail")):
        page = browser.new_page(viewport={"width": 1000, "height": 1300}, color_scheme=scheme)
        page.goto(preview.as_uri())
        page.wait_for_timeout(500)
        page.locator(shown).first.screenshot(path=IMAGES / f"digest-{name}.png")
        page.close()


def photograph_set_up(browser: Browser, folder: Path) -> None:
    """Save pictures of the dialogue of `make setup` with the demo company."""
    project = folder / "close-kpis"
    project.mkdir(parents=True)
    write_company(folder / "account", as_of=AS_OF)
    with (
        CloseSandbox(folder / "account", as_of=f"{AS_OF}T23:00:00+00:00") as close,
        SheetsSandbox(folder) as sheets,
        contextlib.chdir(project),
    ):
        spreadsheet_id = sheets.create_spreadsheet("Sales KPIs")
        key = Path("close-kpis-1a2b3c.json")
        key.write_text(json.dumps(sheets.service_account_info()), encoding="utf-8")
        Path(".env").write_text(f"CLOSE_BASE_URL={close.url}\nSHEETS_API_ENDPOINT={sheets.url}\n", encoding="utf-8")
        files = ("--env", ".env", "--settings", "kpis.yaml", "--lake", "state/lake")
        with Terminal("setup", *files, as_of=AS_OF.isoformat()) as terminal:
            for question, answer in (
                ("API key of Close", close.api_key),
                ("Path of the key file", str(key)),
                ("Address or id of the spreadsheet", f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}/edit"),
                ("Write this to", "y"),
            ):
                terminal.expect(question)
                terminal.type(answer)
            if terminal.end():
                sys.exit(terminal.shown)
        shown = terminal.shown.replace(str(project.resolve()), "/srv/close-kpis").replace(close.url, "api.close.com")
    keys, settings = shown.split("4 of 4", 1)
    for name, text in (("set-up-keys", keys), ("set-up-settings", f"4 of 4{settings}")):
        page = browser.new_page(viewport={"width": 1180, "height": 400})
        look = "margin:0;padding:20px;background:#1b1f2a;color:#e6e9f0;font:14px/1.4 monospace;white-space:pre-wrap"
        page.set_content(f'<body style="margin:0"><pre style="{look}">{html.escape(text.strip())}</pre>')
        page.locator("pre").screenshot(path=IMAGES / f"{name}.png")
        page.close()


def save(page: Page, name: str) -> None:
    """Save what the page shows."""
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
