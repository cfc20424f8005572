"""The page Sales KPIs of a large account, in Chromium inside Airflow's own UI: ``make bench-page``."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.account import LEADS, lake_in, write_account
from benchmarks.browser import chromium, log_in
from benchmarks.document import put_section
from benchmarks.measure import SETTINGS
from close_kpis.kpis.compute import compute
from close_kpis.standalone.airflow import Airflow, airflow_env

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from close_kpis.lake.config import LakeConfig

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- page: begin (make bench-page) -->", "<!-- page: end -->"
LOADS = 10
SIZES = (0.02, 1.0)
"""The accounts that are compared, as shares of a million leads."""


def served(home: Path, lake: LakeConfig, stack: ExitStack) -> Airflow:
    """Start Airflow's API server alone, with a connection to the lake."""
    home.mkdir()
    env = airflow_env(home, ROOT, CLOSE_KPIS_SETTINGS=str(SETTINGS), AIRFLOW__API__WORKERS="1")
    program = str(Path(sys.executable).parent / "airflow")
    for command in (["db", "migrate"], ["dags", "reserialize"]):
        subprocess.run([program, *command], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Airflow(env)
    stack.callback(server.stop)
    server.start("api-server")
    server.wait_until_healthy(parts=())
    fields = {"conn_type": "ducklake", "extra": {"catalog": lake.catalog, "data_path": lake.data_path}}
    server.create_connections({"lake_default": fields})
    return server


def loads(browser: Browser, server: Airflow) -> Iterator[tuple[float, float]]:
    """Log in, then yield the seconds of each load, from the address to the growth table, and of the page's answer."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    log_in(page, server)
    for _ in range(LOADS):
        yield _load(page, server), _answer(page, server)


def _load(page: Page, server: Airflow) -> float:
    page.goto("about:blank")
    began = time.monotonic()
    page.goto(f"{server.url}/plugin/sales-kpis")
    page.frame_locator("iframe").get_by_role("heading", name="Growth").wait_for()
    return time.monotonic() - began


def _answer(page: Page, server: Airflow) -> float:
    began = time.monotonic()
    assert page.request.get(f"{server.url}/sales-kpis/").ok
    return time.monotonic() - began


def measured(leads: int) -> list[tuple[float, float]]:
    """Return the seconds of the loads, and of the page's answers, over a lake of some leads."""
    with tempfile.TemporaryDirectory(prefix="bench-page-") as name, ExitStack() as stack:
        folder = Path(name)
        print(f"writing and computing an account of {leads:,} leads ...", flush=True)
        write_account(lake_in(folder), leads)
        compute(lake_in(folder), settings_file=SETTINGS)
        server = served(folder / "airflow", lake_in(folder), stack)
        return [*loads(stack.enter_context(chromium()), server)]


def section(found: dict[int, list[tuple[float, float]]]) -> str:
    """Return the benchmark's section of the document."""
    lines = [
        "## The page Sales KPIs",
        "",
        f"{LOADS} loads in Chromium inside Airflow's UI, on an API server alone, from the address to the growth table; "
        f"{os.cpu_count()} cores. `make bench-page`",
        "",
        "| | first load | median of the later ones | of this the page's answer |",
        "|---|---|---|---|",
    ]
    medians = []
    for leads, ((first, _), *later) in found.items():
        shown, answered = (statistics.median(each) for each in zip(*later, strict=True))
        lines.append(f"| {leads:,} leads | {first:.2f} s | {shown:.2f} s | {answered:.2f} s |")
        medians.append(shown)
    small, large = medians
    lines += ["", f"The large account's page takes {large / small:.1f} times as long as the small one's."]
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the result to docs/benchmarks.md")
    arguments = parser.parse_args()
    text = section({leads: measured(leads) for leads in (int(LEADS * size) for size in SIZES)})
    print(text)
    if arguments.write:
        put_section(DOCUMENT, BEGIN, END, text)


if __name__ == "__main__":
    main()
