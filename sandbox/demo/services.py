"""The two services that stand in for Close and Google, and the connections that lead to them."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from close_kpis.standalone.processes import DidNotStartError, Process, tail
from sandbox.close_api.config import KEY_VARIABLE
from sandbox.loopback import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack
    from datetime import datetime
    from pathlib import Path

SPREADSHEET_ID = "close-kpis-demo"
SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]

RATE = 4000
"""Requests that the demo's Close API allows in 8 seconds and endpoint group: Close's own 160 would make
the first load wait for the limit, not for the pipeline."""


@dataclass(frozen=True)
class Services:
    """The running sandboxes.

    Attributes:
        close_url: base address of the Close API.
        close_api_key: the key that it lets in.
        sheets_url: base address of the Sheets API.
        google_key: the service-account key for it.
        spreadsheet_id: the workbook.
    """

    close_url: str
    close_api_key: str
    sheets_url: str
    google_key: dict[str, str]
    spreadsheet_id: str

    @classmethod
    def start(
        cls,
        *,
        account: Path,
        spreadsheet_id: str | None,
        as_of: datetime | None,
        folder: Path,
        root: Path,
        stack: ExitStack,
    ) -> Services:
        """Start both servers; they stop when the stack closes.

        Args:
            account: the account folder to serve.
            spreadsheet_id: the id that the settings name, if any.
            as_of: the instant at which Close's clock starts; the real one where None.
            folder: where state and logs go.
            root: the project's folder.
            stack: takes the servers' ends.

        Raises:
            DidNotStartError: a server did not listen in time.
        """
        api_key = f"api_{secrets.token_hex(12)}"
        spreadsheet_id = spreadsheet_id or SPREADSHEET_ID
        close_arguments = ["--account", str(account), "--rate", str(RATE)]
        if as_of is not None:
            close_arguments += ["--as-of", as_of.isoformat()]
        key = {KEY_VARIABLE: api_key}
        close, close_url = start_sandbox("close_api", *close_arguments, folder=folder, root=root, env=key)
        stack.callback(close.stop)
        state = folder / "google"
        sheets, sheets_url = start_sandbox(
            "sheets_api",
            *("--state", str(state), "--spreadsheet", f"{spreadsheet_id}:Sales KPIs"),
            folder=folder,
            root=root,
        )
        stack.callback(sheets.stop)
        google_key = json.loads((state / "service-account.json").read_text())
        return cls(close_url, api_key, sheets_url, google_key, spreadsheet_id)

    @property
    def workbook_url(self) -> str:
        """The page that shows the workbook."""
        return f"{self.sheets_url}/spreadsheets/d/{self.spreadsheet_id}/edit"

    def connections(self, *, catalog: Path, data: Path) -> dict[str, dict[str, Any]]:
        """Return the Airflow connections to the services and to a lake.

        Args:
            catalog: file of the lake's SQLite catalog.
            data: folder of its Parquet files.
        """
        return {
            "close_default": {
                "conn_type": "close",
                "host": self.close_url,
                "password": self.close_api_key,
            },
            "google_sheets_default": {
                "conn_type": "google_cloud_platform",
                "extra": {
                    "keyfile_dict": json.dumps(self.google_key),
                    "api_endpoint": self.sheets_url,
                    "spreadsheet_id": self.spreadsheet_id,
                },
            },
            "lake_default": {
                "conn_type": "ducklake",
                "extra": {"catalog": f"sqlite:{catalog}", "data_path": f"{data}/"},
            },
        }

    def workbook(self) -> dict[str, Any]:
        """Return the spreadsheet with grid data, as spreadsheets.get gives it."""
        from google.auth.transport.requests import Request
        from google.oauth2.service_account import Credentials

        credentials = Credentials.from_service_account_info(self.google_key, scopes=SCOPES)
        # An AuthorizedSession would look Google's regions up on the internet with its first request.
        credentials.refresh(Request())
        reply = httpx.get(
            f"{self.sheets_url}/v4/spreadsheets/{self.spreadsheet_id}",
            params={"includeGridData": "true"},
            headers={"authorization": f"Bearer {credentials.token}"},
            timeout=120,
        )
        reply.raise_for_status()
        workbook: dict[str, Any] = reply.json()
        return workbook


def start_sandbox(
    module: str, *arguments: str, folder: Path, root: Path, env: Mapping[str, str] | None = None
) -> tuple[Process, str]:
    """Start one of the sandbox's servers and wait until it listens.

    Args:
        module: ``close_api`` or ``sheets_api``.
        arguments: its command line, without the port.
        folder: where its log and its port file go.
        root: the project's folder.
        env: what it finds in its environment besides ours.

    Returns:
        The process and its base address.

    Raises:
        DidNotStartError: it ended, or did not listen within 60 seconds.
    """
    port_file = folder / f"{module}.port"
    port_file.unlink(missing_ok=True)
    process = Process(
        module,
        [sys.executable, "-m", f"sandbox.{module}", *arguments, "--port-file", str(port_file)],
        log=folder / f"{module}.log",
        env={**os.environ, "PYTHONPATH": str(root), **(env or {})},
    )
    try:
        deadline = time.monotonic() + 60
        while not port_file.exists():
            process.check_alive()
            if time.monotonic() > deadline:
                raise DidNotStartError(f"{module} did not listen within 60 s:\n{tail(process.log)}")
            time.sleep(0.05)
    except BaseException:
        process.stop()
        raise
    return process, f"http://{HOST}:{port_file.read_text(encoding='utf-8')}"
