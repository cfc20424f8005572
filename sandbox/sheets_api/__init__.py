"""Google Sheets on loopback: the API that the pipeline publishes to, and a page that shows the workbook.

In a test::

    with SheetsSandbox(tmp_path) as sandbox:
        book = sandbox.create_spreadsheet("Close KPIs")
        credentials = Credentials.from_service_account_info(sandbox.service_account_info(), scopes=SCOPES)
        ...  # any client of the Sheets API v4 at sandbox.url
        sandbox.spreadsheet(book)["sheets"]

As a process: `python -m sandbox.sheets_api --state DIR --port-file F`. Its own controls over HTTP:

- `GET /` lists the spreadsheets, `GET /spreadsheets/d/<id>/edit` shows one; `#gid=<sheetId>` chooses the tab.
- `GET /spreadsheets/d/<id>/export?format=xlsx` downloads it, `format=csv&gid=<sheetId>` one tab.
- `POST /_sandbox/spreadsheets` `{"title", "id"?, "shared"?}` makes one.
- `POST /_sandbox/faults` `{"kind", "method"?, "path"?, "times"?, "status"?, "seconds"?, "message"?}` (see `Fault`);
  `GET` lists those that wait, `DELETE` drops them.
- `POST /_sandbox/quota` `{"reads"?, "writes"?}` limits calls a minute; without a number there is no limit.
- `POST /_sandbox/copies` `{"metadata": "same_ids" | "new_ids" | "none"}` says what copies of tabs and spreadsheets have
  of developer metadata; Google does not document it.
- `GET /_sandbox/requests` lists the calls served; `DELETE` forgets them.
- `POST /_sandbox/revoke` makes all access tokens invalid.
"""

from sandbox.sheets_api.faults import Fault, Faults
from sandbox.sheets_api.server import SheetsSandbox

__all__ = ["Fault", "Faults", "SheetsSandbox"]
