"""Writing the workbook: read, compare, one atomic request, check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from close_kpis.reporting import logger
from close_kpis.workbook.batches import STAGING, batches, body_size, is_staged
from close_kpis.workbook.diff.cell_data import same_value, value_from_json, wanted_value
from close_kpis.workbook.diff.cell_requests import value_requests
from close_kpis.workbook.diff.formulas import gives
from close_kpis.workbook.diff.requests import Difference, diff
from close_kpis.workbook.diff.state import Spreadsheet, a1, quoted, read_spreadsheet, read_values
from close_kpis.workbook.google.errors import (
    SheetsConflictError,
    SheetsFormulaError,
    SheetsProtectedError,
    SheetsRequestError,
    SheetsVerifyError,
    SheetsWriteUncertainError,
    WorkbookTooLargeError,
)
from close_kpis.workbook.spec import Area
from close_kpis.workbook.version import VERSION_MASK, read_versions, versioned

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook

RECOMMENDED_BODY = 2_000_000
"""Bytes that Google recommends for one request at most; it sets no hard limit.

Source: https://developers.google.com/workspace/sheets/api/limits
"""

LARGEST_BODY = 10_000_000
"""Bytes beyond which a write is not tried: it would not end within the 180 seconds that Google gives it."""

MOST_TOLD = 5
"""Cells that an error names."""

PROTECTION_MASK = "sheets(properties.title,protectedRanges(range,description,warningOnly,editors.users))"

log = logger(__name__)


@dataclass(frozen=True)
class Published:
    """What a publish did.

    Attributes:
        url: address of the spreadsheet.
        requests: what the write consists of, 0 where nothing had to be written.
        cells: cells that got another value.
        bytes: size of the write.
    """

    url: str
    requests: int
    cells: int
    bytes: int


def publish(client: SheetsTransport, spreadsheet_id: str, workbook: Workbook) -> Published:
    """Make a spreadsheet hold the workbook.

    The write is one request, which is carried out wholly or not at all; of one that is too large, new tabs and then
    values go ahead, hidden until the last request (`batches`).

    Where no clear answer comes to the write, or another publish has written since the spreadsheet was read, it is read
    and compared again: if the write had been carried out, nothing is left to send.

    Args:
        client: where to send.
        spreadsheet_id: which spreadsheet.
        workbook: what it shall hold.

    Raises:
        SheetsAccessError: the account may not edit the spreadsheet, or there is none.
        SheetsProtectedError: somebody protects cells of our tabs; nothing was changed.
        WorkbookTooLargeError: a request would be larger than `LARGEST_BODY`; nothing was sent.
        SheetsConflictError: other publishes wrote again and again in between; nothing was changed.
        SheetsVerifyError: afterwards other values stand there than were written.
        SheetsFormulaError: a formula gave another value than the computed one, which has been written in its place.
        SheetsError: Google could not be reached, or refused the request.
    """
    written = Published("", 0, 0, 0)
    sent: Difference | None = None
    version = 0
    for attempt in client.attempts((SheetsConflictError, SheetsWriteUncertainError)):
        with attempt:
            state = read_spreadsheet(client, spreadsheet_id, workbook)
            difference = diff(state, workbook)
            if not difference.requests:
                return Published(state.url, written.requests, written.cells, written.bytes)
            bodies = batches(difference.requests, RECOMMENDED_BODY, LARGEST_BODY)
            written = Published(state.url, len(difference.requests), difference.cells, _size(bodies, state))
            sent = difference
            if is_staged(bodies):
                _take_away_staging(client, spreadsheet_id)
            try:
                for number, requests in versioned(bodies, state.versions):
                    version = number
                    client.batch_update(spreadsheet_id, {"requests": requests})
            except SheetsRequestError as error:
                _check_version(client, spreadsheet_id, version)
                if "protected" not in str(error):
                    raise
                raise SheetsProtectedError(
                    f"{state.url}: {client.account} may not edit cells of our tabs: "
                    f"{_protection(client, spreadsheet_id, difference.values)}. Allow it there, or take the "
                    "protection away; nothing was changed"
                ) from None
    if sent is not None:
        _verify(client, spreadsheet_id, sent, version)
    return written


def _check_version(client: SheetsTransport, spreadsheet_id: str, refused: int) -> None:
    """Raise SheetsConflictError where the version that a refused request would have made is there: another made it."""
    if refused in read_versions(client.get_spreadsheet(spreadsheet_id, {"fields": VERSION_MASK})):
        raise SheetsConflictError(
            f"another publish has written to {client.page_url(spreadsheet_id)} at the same time; nothing was changed. "
            "Run the publish again"
        )


def _take_away_staging(client: SheetsTransport, spreadsheet_id: str) -> None:
    """Delete the hidden tab that a publish has left which died before its last request."""
    answer = client.get_spreadsheet(spreadsheet_id, {"fields": "sheets.properties.sheetId"})
    if any(sheet["properties"]["sheetId"] == STAGING for sheet in answer["sheets"]):
        client.batch_update(spreadsheet_id, {"requests": [{"deleteSheet": {"sheetId": STAGING}}]})


def _protection(client: SheetsTransport, spreadsheet_id: str, titles: Collection[str]) -> str:
    """Say which cells of some tabs are protected, and who may edit them."""
    answer = client.get_spreadsheet(spreadsheet_id, {"fields": PROTECTION_MASK})
    told = []
    for sheet in answer.get("sheets", ()):
        title = sheet["properties"]["title"]
        for protected in sheet.get("protectedRanges", ()) if title in titles else ():
            if protected.get("warningOnly"):
                continue
            who = ", ".join(protected.get("editors", {}).get("users", ())) or "only its owner"
            about = f" ({protected['description']})" if protected.get("description") else ""
            told.append(f"{_address(title, protected.get('range', {}))}{about}, which {who} may edit")
    return "; ".join(told) or "no protected range is shown to it: look under Data > Protect sheets and ranges"


def _address(title: str, span: Mapping[str, int]) -> str:
    if "endRowIndex" not in span or "endColumnIndex" not in span:
        return f"all of {quoted(title)}"
    top, left = span.get("startRowIndex", 0), span.get("startColumnIndex", 0)
    return f"{quoted(title)}!{a1(Area(top, left, span['endRowIndex'], span['endColumnIndex']))}"


def _size(bodies: list[list[dict[str, Any]]], state: Spreadsheet) -> int:
    """Return the bytes of a write, and say where it is large."""
    sizes = [body_size(requests) for requests in bodies]
    largest = max(sizes)
    if largest > LARGEST_BODY:
        raise WorkbookTooLargeError(
            f"the write to {state.url} would take {largest / 1e6:.1f} MB; Google recommends at most "
            f"{RECOMMENDED_BODY / 1e6:.0f} MB. Set a later history_start in kpis.yaml: the lake keeps everything"
        )
    if largest > RECOMMENDED_BODY:
        log.warning(
            "This write takes %.1f MB, Google recommends at most %.0f MB. If it fails, set a later history_start",
            largest / 1e6,
            RECOMMENDED_BODY / 1e6,
        )
    if len(bodies) > 1:
        log.info(
            "This write takes %.1f MB and goes in %d requests: readers see what it changes after the last one",
            sum(sizes) / 1e6,
            len(bodies),
        )
    return sum(sizes)


def _verify(client: SheetsTransport, spreadsheet_id: str, sent: Difference, version: int) -> None:
    """Check that the cells hold what was written to them, and that formulas give what was computed.

    Only these are read; the cells with a formula all, since they may mean others that were written.
    """
    if not any(sent.values.values()):
        return
    cells = {title: {*values, *sent.formulas[title]} for title, values in sent.values.items()}
    found = read_values(client, spreadsheet_id, {title: _around(listed) for title, listed in cells.items() if listed})
    wrong = [
        (title, row, column)
        for title, values in sent.values.items()
        for (row, column), value in values.items()
        if not same_value(value_from_json(found.get(title, {}).get((row, column), {})), value)
    ]
    if wrong:
        title, row, _ = wrong[0]
        raise SheetsVerifyError(
            f"{len(wrong)} cells of {client.page_url(spreadsheet_id)} do not hold what was just written, the first in "
            f"row {row + 1} of the tab {title!r}: somebody edits the tabs at the same time. Run the publish again"
        )
    _check_formulas(client, spreadsheet_id, sent, found, version)


def _check_formulas(
    client: SheetsTransport,
    spreadsheet_id: str,
    sent: Difference,
    found: Mapping[str, Mapping[tuple[int, int], Mapping[str, Any]]],
    version: int,
) -> None:
    """Put the computed value where a formula gives another one: nobody reads a number that was not computed."""
    wrong = {
        title: {at: cell for at, cell in cells.items() if not gives(cell, _worth(found, title, at))}
        for title, cells in sent.formulas.items()
    }
    if not any(wrong.values()):
        return
    requests = [
        request
        for title, cells in wrong.items()
        for request in value_requests(sent.sheets[title], {at: wanted_value(cell) for at, cell in cells.items()})
    ]
    for _, body in versioned([requests], {version}):
        client.batch_update(spreadsheet_id, {"requests": body})
    told = []
    for title, cells in wrong.items():
        for (row, column), cell in cells.items():
            given = next(iter(_worth(found, title, (row, column)).values()), None)
            place = f"{quoted(title)}!{a1(Area(row, column, row + 1, column + 1))}"
            told.append(f"{place} gives {given!r} where {cell.value!r} was computed")
    raise SheetsFormulaError(
        f"{len(told)} formulas of {client.page_url(spreadsheet_id)} give other values than the pipeline has computed: "
        f"{'; '.join(told[:MOST_TOLD])}. The computed values stand there now, without formulas. "
        "Write formulas: false under workbook in kpis.yaml, and report this with the output of the command selftest"
    )


def _worth(
    found: Mapping[str, Mapping[tuple[int, int], Mapping[str, Any]]], title: str, at: tuple[int, int]
) -> Mapping[str, Any]:
    """Return the ExtendedValue that a cell is worth; empty where it shows nothing."""
    worth: Mapping[str, Any] = found.get(title, {}).get(at, {}).get("effectiveValue", {})
    return worth


def _around(cells: Collection[tuple[int, int]]) -> Area:
    """Return the smallest rectangle that holds all cells."""
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    return Area(min(rows), min(columns), max(rows) + 1, max(columns) + 1)
