"""One step of the pipeline as a process of its own, as a task is one: ``python -m benchmarks.steps <step> [argument]``.

What it reads and writes is told by Airflow's variables for connections.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent


def step_environment(connections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the environment of a step with these connections, by id."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")])
    made = {f"AIRFLOW_CONN_{conn_id.upper()}": json.dumps(fields) for conn_id, fields in connections.items()}
    return {**os.environ, "PYTHONPATH": path, **made}


def step_command(*step: str) -> list[str]:
    """Return the command of a step: its name and its arguments."""
    return [sys.executable, "-m", "benchmarks.steps", *step]


def sync() -> None:
    """Do what close_sync does."""
    from close_kpis.accounts import Account
    from close_kpis.sync.complete import complete_sync
    from close_kpis.sync.extraction import Extraction
    from close_kpis.sync.start import start_sync
    from close_kpis.sync.stream import sync_streams

    extraction = Extraction.of(Account())
    sync_streams(extraction, start_sync(extraction))
    complete_sync(extraction)


def compute() -> None:
    """Do what sales_kpis does."""
    from close_kpis.accounts import Account
    from close_kpis.kpis import compute
    from close_kpis.lake.hook import LakeHook

    compute.compute(LakeHook().config, settings_file=Account().settings_file)


def publish(run_id: str, run_url: str = "") -> None:
    """Do what sheets_publish does."""
    from close_kpis.accounts import Account
    from close_kpis.lake.hook import LakeHook
    from close_kpis.publishing.publish import publish_workbook
    from close_kpis.workbook.google.hook import GoogleSheetsHook

    lake, google = LakeHook().config, GoogleSheetsHook()
    publish_workbook(lake, google, run_id=run_id, settings_file=Account().settings_file, run_url=run_url)


if __name__ == "__main__":
    {"sync": sync, "compute": compute, "publish": publish}[sys.argv[1]](*sys.argv[2:])
