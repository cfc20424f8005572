"""One running pipeline for all tests that need a real scheduler: starting it takes half a minute."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.pipeline import Pipeline


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A scheduler between the sandboxes, which serve the demo company as of today; nothing has run yet."""
    from include.sandbox.close_api import CloseSandbox
    from include.sandbox.company import write_company
    from include.sandbox.demo.airflow import Airflow, airflow_env
    from include.sandbox.sheets_api import SheetsSandbox

    folder = tmp_path_factory.mktemp("pipeline")
    lake = folder / "lake"
    write_company(folder / "account", as_of=datetime.now(UTC).date())
    with ExitStack() as stack:
        close = stack.enter_context(CloseSandbox(folder / "account"))
        sheets = stack.enter_context(SheetsSandbox(folder / "sheets"))
        spreadsheet_id = sheets.create_spreadsheet("Close KPIs")
        path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")])
        airflow = Airflow(
            airflow_env(
                folder / "airflow",
                ROOT,
                PYTHONPATH=path,
                AIRFLOW__CORE__UNIT_TEST_MODE="False",
                AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(folder / "airflow" / "logs"),
            )
        )
        stack.callback(airflow.stop)
        airflow.start()
        airflow.wait_until_healthy()
        airflow.set_up(
            {
                "close_default": {"conn_type": "close", "host": close.url, "password": close.api_key},
                "lake_default": {
                    "conn_type": "ducklake",
                    "extra": {"catalog": f"sqlite:{lake}/catalog.sqlite", "data_path": f"{lake}/data"},
                },
                "google_sheets_default": {
                    "conn_type": "google_cloud_platform",
                    "extra": {
                        "keyfile_dict": json.dumps(sheets.service_account_info()),
                        "api_endpoint": sheets.url,
                        "spreadsheet_id": spreadsheet_id,
                    },
                },
            }
        )
        airflow.api("PATCH", "/dags/close_sync", json={"is_paused": False})
        yield Pipeline(airflow, close, sheets, spreadsheet_id, Path(lake))
