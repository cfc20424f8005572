"""The Airflow connections to both sandboxes and to a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.demo.services import Services

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.close_api import CloseSandbox
    from sandbox.sheets_api import SheetsSandbox


def connections(
    close: CloseSandbox, sheets: SheetsSandbox, spreadsheet_id: str, lake: Path
) -> dict[str, dict[str, Any]]:
    """Return the Airflow connections to both sandboxes and to a lake in a folder."""
    services = Services(close.url, close.api_key, sheets.url, sheets.service_account_info(), spreadsheet_id)
    return services.connections(catalog=lake / "catalog.sqlite", data=lake / "data")
