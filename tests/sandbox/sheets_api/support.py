"""What the tests of the Sheets sandbox share: clients and short ways to write requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gspread
import httpx
from google.oauth2 import service_account
from gspread.http_client import HTTPClient

if TYPE_CHECKING:
    from sandbox.sheets_api import SheetsSandbox

SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]
Body = dict[str, Any]
# One client: making one a call loads the certificate store each time.
http = httpx.Client(timeout=60)


class Credentials(service_account.Credentials):
    """Without google-auth's background call to iamcredentials.googleapis.com: tests stay on loopback."""

    def _after_refresh(self, *args: Any, **kwargs: Any) -> None:
        pass


def gspread_client(sandbox: SheetsSandbox, scopes: list[str] | None = None) -> gspread.Client:
    """Real gspread over HTTP, with google-auth fetching tokens from the sandbox."""

    class Client(HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for google in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(google, sandbox.url)
            return super().request(method, endpoint, *args, **kwargs)

    info = sandbox.service_account_info()
    credentials = Credentials.from_service_account_info(info, scopes=scopes or SCOPES)
    return gspread.Client(auth=credentials, http_client=Client)


class Book:
    """One spreadsheet over plain HTTP."""

    def __init__(self, sandbox: SheetsSandbox, spreadsheet_id: str) -> None:
        self.sandbox, self.id = sandbox, spreadsheet_id
        self.url = f"{sandbox.url}/v4/spreadsheets/{spreadsheet_id}"

    def post(self, *requests: Body) -> httpx.Response:
        return http.post(f"{self.url}:batchUpdate", json={"requests": list(requests)})

    def apply(self, *requests: Body) -> list[Body]:
        """The replies of a batch that must succeed."""
        answer = self.post(*requests)
        assert answer.status_code == 200, answer.text
        return answer.json()["replies"]

    def refusal(self, *requests: Body) -> str:
        """The message of a batch that must be refused with 400."""
        answer = self.post(*requests)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
        return answer.json()["error"]["message"]

    def get(self, **query: Any) -> Body:
        answer = http.get(self.url, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sheet(self, index: int = 0) -> Body:
        """A sheet with its grid data."""
        return self.get(includeGridData="true")["sheets"][index]

    def cell(self, row: int, column: int, index: int = 0) -> Body:
        # Without the mask a thousand rows' sizes would come along.
        data = self.get(fields="sheets.data.rowData")["sheets"][index]["data"][0]
        rows = data.get("rowData", [])
        values = rows[row].get("values", []) if row < len(rows) else []
        return values[column] if column < len(values) else {}

    def write(self, *rows: list[Any], row: int = 0, column: int = 0, sheet: int = 0) -> None:
        """Writes plain values; texts that start with = as formulas."""
        start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
        cells = [{"values": [value_cell(value) for value in line]} for line in rows]
        self.apply({"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}})

    def page(self) -> str:
        answer = http.get(self.sandbox.page_url(self.id))
        assert answer.status_code == 200
        return answer.text


def value_cell(value: Any) -> Body:
    if value is None:
        return {}
    kind = (
        "boolValue" if isinstance(value, bool) else "numberValue" if isinstance(value, (int, float)) else "stringValue"
    )
    if kind == "stringValue" and value.startswith("="):
        kind = "formulaValue"
    return {"userEnteredValue": {kind: value}}


def area(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> Body:
    """A GridRange."""
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def lines(dimension: str, start: int, end: int, sheet: int = 0) -> Body:
    """A DimensionRange."""
    return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}


def colour(red: float = 0, green: float = 0, blue: float = 0) -> Body:
    return {"red": red, "green": green, "blue": blue}


def formatted(block: Body, cell_format: Body, fields: str) -> Body:
    """A repeatCell request over formats."""
    return {"repeatCell": {"range": block, "cell": {"userEnteredFormat": cell_format}, "fields": fields}}
