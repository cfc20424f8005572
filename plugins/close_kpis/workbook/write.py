"""Writing the workbook: read, compare, one atomic request, check."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.requests import Difference, diff
from close_kpis.workbook.diff.state import Spreadsheet, read_spreadsheet
from close_kpis.workbook.google.errors import SheetsVerifyError, SheetsWriteUncertainError, WorkbookTooLargeError
from close_kpis.workbook.google.transport import compact_json

if TYPE_CHECKING:
    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook

RECOMMENDED_BODY = 2_000_000
"""Bytes that Google recommends for one request at most; it sets no hard limit.

Source: https://developers.google.com/workspace/sheets/api/limits
"""

LARGEST_BODY = 10_000_000
"""Bytes beyond which a write is not tried: it would not end within the 180 seconds that Google gives it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """What a publish did.

    Attributes:
        url: address of the spreadsheet.
        requests: requests in the batch, 0 where nothing had to be written.
        cells: cells that got another value.
        bytes: size of the batch.
    """

    url: str
    requests: int
    cells: int
    bytes: int


def publish(client: SheetsTransport, spreadsheet_id: str, workbook: Workbook) -> Published:
    """Make a spreadsheet hold the workbook.

    Where no clear answer comes to the write, the spreadsheet is read and compared again: if the write had been
    carried out, nothing is left to send.

    Args:
        client: where to send.
        spreadsheet_id: which spreadsheet.
        workbook: what it shall hold.

    Raises:
        SheetsAccessError: the account may not edit the spreadsheet, or there is none.
        WorkbookTooLargeError: the batch would be larger than `LARGEST_BODY`; nothing was sent.
        SheetsVerifyError: afterwards other values stand there than were written.
        SheetsError: Google could not be reached, or refused the request.
    """
    written = Published("", 0, 0, 0)
    for attempt in client.attempts(SheetsWriteUncertainError):
        with attempt:
            state = read_spreadsheet(client, spreadsheet_id, workbook)
            difference = diff(state, workbook)
            if not difference.requests:
                return Published(state.url, written.requests, written.cells, written.bytes)
            body = {"requests": list(difference.requests)}
            written = Published(state.url, len(difference.requests), difference.cells, _size(body, state))
            client.batch_update(spreadsheet_id, body)
    _verify(read_spreadsheet(client, spreadsheet_id, workbook), workbook)
    return written


def _size(body: dict[str, Any], state: Spreadsheet) -> int:
    size = len(compact_json(body))
    if size > LARGEST_BODY:
        raise WorkbookTooLargeError(
            f"the write to {state.url} would take {size / 1e6:.1f} MB; Google recommends at most "
            f"{RECOMMENDED_BODY / 1e6:.0f} MB. Set a later history_start in kpis.yaml: the lake keeps everything"
        )
    if size > RECOMMENDED_BODY:
        log.warning(
            "This write takes %.1f MB, Google recommends at most %.0f MB. If it fails, set a later history_start",
            size / 1e6,
            RECOMMENDED_BODY / 1e6,
        )
    return size


def _verify(state: Spreadsheet, workbook: Workbook) -> None:
    """Check what stands there now.

    Values must be what was written. Looks may come back in other words than they were sent in: that is
    logged, and does not fail a publish whose numbers are right.
    """
    left: Difference = diff(state, workbook)
    if left.cells:
        titles = {sheet.sheet_id: sheet.title for sheet in state.sheets}
        first = next(request["updateCells"] for request in left.requests if "updateCells" in request)
        span = first["range"]
        raise SheetsVerifyError(
            f"{left.cells} cells of {state.url} do not hold what was just written, the first in row "
            f"{span['startRowIndex'] + 1} of the tab {titles.get(span.get('sheetId', 0))!r}: somebody edits the tabs "
            "at the same time. Run the publish again"
        )
    if left.requests:
        kinds = sorted({next(iter(request)) for request in left.requests})
        log.warning("The spreadsheet shows some formats otherwise than they were sent: %s", ", ".join(kinds))
