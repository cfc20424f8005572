"""The Airflow connections to both sandboxes and to a lake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox


def connections(
    close: CloseSandbox, sheets: SheetsSandbox, spreadsheet_id: str, lake: Path
) -> dict[str, dict[str, Any]]:
    """Return the Airflow connections to both sandboxes and to a lake in a folder."""
    return {
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
