"""What a publish asks of Google Sheets, beside gspread-dataframe with gspread-formatting: ``make bench-publish``.

Both write the same tables to the sandbox: ours the whole workbook, with reports, charts, notes and rules; the others
the plain data tabs, with number formats, a bold header and a frozen row. Three publishes are measured: the first, one
of the day after in which nothing has changed, and one of the month after.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gspread

from benchmarks import sample
from benchmarks.document import put_section
from close_kpis.kpis.registry import load_definitions
from close_kpis.workbook.google.credentials import credentials, read_extras
from close_kpis.workbook.google.transport import SheetsTransport
from close_kpis.workbook.render import render
from close_kpis.workbook.tabs.data import data_tabs
from close_kpis.workbook.write import publish
from sandbox.sheets_api import SheetsSandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from close_kpis.workbook.tables import Tables

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- publish: begin (make bench-publish) -->", "<!-- publish: end -->"
SIZES = ((12, 5, 7), (24, 15, 15), (36, 30, 30))
"""Months, reps and sources."""
_HEADS = "reads | writes | kB sent | kB received | minutes | seconds"
WRITES_A_MINUTE = 60
"""Google's quota for one account. Source: https://developers.google.com/workspace/sheets/api/limits"""


@dataclass
class Traffic:
    """What went over the line.

    Attributes:
        reads: GET requests.
        writes: other requests.
        sent: bytes of their bodies.
        received: bytes of the answers.
        seconds: on the clock, the sandbox's part included.
    """

    reads: int = 0
    writes: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0

    def count(self, response: Any, *_: Any, **__: Any) -> None:
        """Note a response; a hook of requests."""
        is_read = response.request.method == "GET"
        self.reads, self.writes = self.reads + is_read, self.writes + (not is_read)
        self.sent += len(response.request.body or b"")
        self.received += len(response.content)

    @property
    def minutes_of_quota(self) -> int:
        """Minutes that a client has to wait for the quota of writes."""
        return max(0, self.writes - 1) // WRITES_A_MINUTE


def tables(months: int, reps: int, sources: int) -> Tables:
    """Return the tables of a made-up company of that size."""
    more = {"more_reps": max(0, reps - len(sample.REPS)), "more_sources": max(0, sources - len(sample.SOURCES))}
    return sample.tables(first=date(2023, 7, 1), count=months, warnings=40, **more)


def client(sandbox: SheetsSandbox) -> SheetsTransport:
    """Return a client of the sandbox; both sides send with it."""
    extras = read_extras({"keyfile_dict": sandbox.service_account_info(), "api_endpoint": sandbox.url}, "bench")
    return SheetsTransport(credentials(extras, "bench"), conn_id="bench", api_endpoint=sandbox.url)


def ours(transport: SheetsTransport, _url: str, spreadsheet: str, content: Tables) -> None:
    """Publish the workbook."""
    publish(transport, spreadsheet, render(content, sample.STAMP, load_definitions()))


def peers(transport: SheetsTransport, url: str, spreadsheet: str, content: Tables) -> None:
    """Write the data tabs as the documentation of gspread-dataframe and gspread-formatting does."""
    import pandas as pd
    from gspread_dataframe import set_with_dataframe
    from gspread_formatting import CellFormat, NumberFormat, TextFormat, format_cell_ranges, set_frozen

    gc = gspread.Client(auth=None, session=transport.session, http_client=_client_of(url))
    book = gc.open_by_key(spreadsheet)
    there = {sheet.title: sheet for sheet in book.worksheets()}
    for tab in data_tabs(content, load_definitions(), "USD"):
        header = [cell.value for cell in tab.rows[0]]
        frame = pd.DataFrame([[cell.value for cell in row] for row in tab.rows[1:]], columns=header)
        sheet = there.get(tab.title) or book.add_worksheet(tab.title, rows=tab.height + 20, cols=tab.width + 4)
        set_with_dataframe(sheet, frame, resize=True)
        formats = [("1:1", CellFormat(textFormat=TextFormat(bold=True)))]
        for at, cell in enumerate(tab.rows[-1]):
            if cell.format.number:
                letter = gspread.utils.rowcol_to_a1(1, at + 1).rstrip("1")
                number = NumberFormat(type=cell.format.number.kind, pattern=cell.format.number.pattern)
                formats.append((f"{letter}2:{letter}", CellFormat(numberFormat=number)))
        format_cell_ranges(sheet, formats)
        set_frozen(sheet, rows=1)


def _client_of(url: str) -> type[gspread.http_client.HTTPClient]:
    """Return a class of gspread's plain client that sends to the sandbox."""

    class Redirected(gspread.http_client.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, endpoint.replace("https://sheets.googleapis.com", url), *args, **kwargs)

    return Redirected


def measure(write: Callable[[SheetsTransport, str, str, Tables], None], size: tuple[int, int, int]) -> list[Traffic]:
    """Publish three times: first, again, and a month later."""
    found = []
    with tempfile.TemporaryDirectory() as folder, SheetsSandbox(Path(folder)) as sandbox:
        spreadsheet = sandbox.create_spreadsheet("bench")
        transport = client(sandbox)
        months, reps, sources = size
        for content in (tables(*size), tables(*size), tables(months + 1, reps, sources)):
            traffic = Traffic()
            transport.session.hooks["response"] = [traffic.count]
            began = time.perf_counter()
            write(transport, sandbox.url, spreadsheet, content)
            traffic.seconds = time.perf_counter() - began
            found.append(traffic)
    return found


def section() -> str:
    """Measure both sides at all sizes and return the section of the document."""
    lines = [
        "## A publish beside gspread-dataframe with gspread-formatting",
        "",
        "`make bench-publish`. Ours writes the whole workbook with reports, charts, notes, rules and names; the peers "
        "the plain data tabs with number formats, a bold header and a frozen row. Minutes: of waiting for the quota of "
        f"{WRITES_A_MINUTE} writes a minute. Seconds include the sandbox's.",
        "",
        f"| months x reps x sources | publish | {_HEADS} | peers: {_HEADS} |",
        "|---" * 14 + "|",
    ]
    for size in SIZES:
        publishes = ("first", "nothing new", "a month later")
        for what, mine, theirs in zip(publishes, measure(ours, size), measure(peers, size), strict=True):
            name = " x ".join(map(str, size))
            lines.append(f"| {name} | {what} | {_cells(mine)} | {_cells(theirs)} |")
            print(lines[-1], flush=True)
    return "\n".join(lines)


def _cells(one: Traffic) -> str:
    numbers = (one.reads, one.writes, f"{one.sent / 1000:,.0f}", f"{one.received / 1000:,.0f}", one.minutes_of_quota)
    return " | ".join(map(str, (*numbers, f"{one.seconds:.1f}")))


def main() -> None:
    """Measure, print, and write the section with ``--write``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the result to docs/benchmarks.md")
    asked = parser.parse_args()
    text = section()
    if asked.write:
        put_section(DOCUMENT, BEGIN, END, text)


if __name__ == "__main__":
    main()
