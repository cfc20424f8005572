"""Airflow's API server as an application, and a published account whose page it shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from tests.support.page_lake import page_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sheets_api import SheetsSandbox
    from tests.kpis.small_account import SmallAccount


@pytest.fixture(scope="module")
def api(airflow_db: None) -> Iterator[TestClient]:
    """Airflow's API server as an application, with the plugin; nobody is logged in."""
    from airflow.api_fastapi.app import create_app

    with TestClient(create_app(apps="core"), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, sheets: SheetsSandbox) -> SmallAccount:
    from close_kpis.workbook.google.hook import GoogleSheetsHook

    folder = tmp_path_factory.mktemp("page") / "lake"
    spreadsheet_id = sheets.create_spreadsheet("Close KPIs")
    with pytest.MonkeyPatch.context() as patch:
        google: Any = {
            "keyfile_dict": json.dumps(sheets.service_account_info()),
            "api_endpoint": sheets.url,
            "spreadsheet_id": spreadsheet_id,
        }
        fields = {"conn_type": "google_cloud_platform", "extra": google}
        patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", json.dumps(fields))
        return page_account(folder, GoogleSheetsHook())
