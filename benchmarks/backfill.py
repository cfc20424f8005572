"""Backfills under a real scheduler: ``make bench-backfill``.

The demo company is synced and published once. Then months are backfilled that hold no news, and months of which three
have changed; each from the command to the end of the last run.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.document import put_section
from benchmarks.scheduler import create_backfill, has_settled, is_backfilled
from close_kpis.month import last_day, months_after
from close_kpis.standalone.api import DAGS
from close_kpis.standalone.follow import wait_for_publish
from sandbox.demo.__main__ import Options, running

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.standalone.airflow import Airflow
    from sandbox.demo.services import Services

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- backfill: begin (make bench-backfill) -->", "<!-- backfill: end -->"
CHANGED = (2, 5, 8)
"""How many months ago those were of which a deal is changed."""
FOLLOWING = ("sales_kpis", "sheets_publish")
"""The DAGs that run where a month has changed."""


def backfilled(airflow: Airflow, months: int, before: date) -> tuple[float, dict[str, int]]:
    """Backfill the months before one; return the seconds to the end of the last run, and the runs by DAG."""
    stood = {dag_id: len(airflow.runs(dag_id)) for dag_id in DAGS}
    first, last = months_after(before, -months), last_day(months_after(before, -1))
    began = time.monotonic()
    create_backfill(airflow, f"{first}", f"{last}", "--reprocess-behavior", "completed")
    while len(airflow.runs("close_history")) < stood["close_history"] + months or not has_settled(airflow):
        time.sleep(0.5)
    seconds = time.monotonic() - began
    while not is_backfilled(airflow):
        time.sleep(1)
    return seconds, {dag_id: len(airflow.runs(dag_id)) - stood[dag_id] for dag_id in DAGS}


def change_deals(services: Services, before: date) -> None:
    """Give a won deal of some months another value."""
    control = httpx.Client(base_url=f"{services.close_url}/_sandbox")
    rows = [json.loads(line) for line in control.get("/rows/opportunities").text.splitlines()]
    for months_ago in CHANGED:
        month = f"{months_after(before, -months_ago):%Y-%m}"
        deal = next(
            row
            for row in rows
            if row["status_type"] == "won" and row["value"] and (row["date_won"] or "").startswith(month)
        )
        change = {
            "action": "update",
            "resource": "opportunities",
            "id": deal["id"],
            "data": {"value": deal["value"] + 100},
        }
        control.post("/writer", json=change).raise_for_status()


def measure() -> str:
    """Return the benchmark's section of the document."""
    before = datetime.now(UTC).date().replace(day=1)
    lines = [
        "## Backfills",
        "",
        "The demo company under Airflow with SQLite and LocalExecutor, from the command to the end of the last run; "
        f"{os.cpu_count()} cores. `make bench-backfill`",
        "",
        "| | seconds | runs of close_history | of sales_kpis | of sheets_publish |",
        "|---|---|---|---|---|",
    ]
    options = Options(account=None, settings=None, as_of=None, out=None, once=True, timeout=900)
    with tempfile.TemporaryDirectory(prefix="bench-backfill-") as folder, running(options, Path(folder)) as demo:
        airflow, services = demo
        for dag_id in (*FOLLOWING, "close_sync"):
            airflow.unpause(dag_id)
        wait_for_publish(airflow, options.timeout, print)
        airflow.unpause("close_history")
        while not has_settled(airflow):
            time.sleep(1)
        for months, changed in ((12, 0), (36, 0), (12, len(CHANGED))):
            if changed:
                change_deals(services, before)
            seconds, runs = backfilled(airflow, months, before)
            counts = " | ".join(str(runs[dag_id]) for dag_id in ("close_history", *FOLLOWING))
            what = f"{changed} of them changed" if changed else "without news"
            lines.append(f"| {months} months, {what} | {seconds:.0f} | {counts} |")
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the result to docs/benchmarks.md")
    arguments = parser.parse_args()
    text = measure()
    print(text)
    if arguments.write:
        put_section(DOCUMENT, BEGIN, END, text)


if __name__ == "__main__":
    main()
