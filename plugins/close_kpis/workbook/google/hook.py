"""The Airflow hook for Google Sheets."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from close_kpis import links
from close_kpis.masking import keep_connection
from close_kpis.workbook.google.credentials import GoogleExtras, credentials, read_extras
from close_kpis.workbook.google.errors import SheetsConfigError, SheetsError

if TYPE_CHECKING:
    from close_kpis.workbook.google.transport import SheetsTransport


class GoogleSheetsHook(BaseHook):
    """A connection of type ``google_cloud_platform``, used for Google Sheets only.

    It reads the extras that Airflow's Google provider has for this type, and two of its own:
    ``api_endpoint`` (address of the API) and ``spreadsheet_id``. It needs no more than the
    spreadsheets scope: files are neither created nor searched for.

    Args:
        sheets_conn_id: the connection's id.
    """

    conn_name_attr = "sheets_conn_id"
    default_conn_name = "google_sheets_default"
    conn_type = "google_cloud_platform"
    hook_name = "Google Sheets"

    def __init__(self, sheets_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.sheets_conn_id = sheets_conn_id

    @cached_property
    def extras(self) -> GoogleExtras:
        """What the connection says.

        Raises:
            SheetsConfigError: it says something that is not supported.
        """
        conn = self.get_connection(self.sheets_conn_id)
        keep_connection(conn.password, conn.extra_dejson)
        return read_extras(conn.extra_dejson, self.sheets_conn_id)

    def get_conn(self) -> SheetsTransport:
        """Return a client that sends with the connection's credentials."""
        from close_kpis.workbook.google.transport import SheetsTransport

        return SheetsTransport(
            credentials(self.extras, self.sheets_conn_id),
            conn_id=self.sheets_conn_id,
            api_endpoint=self.extras.api_endpoint,
            num_retries=self.extras.num_retries,
        )

    def spreadsheet_id(self, configured: str | None) -> str:
        """Return which spreadsheet to write.

        Args:
            configured: what kpis.yaml says; it counts before the connection, which may hold the address, too.

        Raises:
            SheetsConfigError: neither names one.
        """
        found = configured or links.spreadsheet_id(self.extras.spreadsheet_id or "")
        if not found:
            raise SheetsConfigError(
                "no spreadsheet is named: create one in Google Sheets, share it with the service account as Editor, "
                "and give its id (the part of its address between /d/ and /edit) as workbook.spreadsheet_id in "
                f"kpis.yaml or as the extra spreadsheet_id of the connection {self.sheets_conn_id}"
            )
        return found

    def test_connection(self) -> tuple[bool, str]:
        """Open the connection's spreadsheet, for the Test button of the connection's form."""
        try:
            client = self.get_conn()
            said = client.get_spreadsheet(self.spreadsheet_id(None), {"fields": "properties.title"})
        except SheetsError as error:
            return False, str(error)
        return True, f"Opened {said['properties']['title']!r} as {client.account}"
