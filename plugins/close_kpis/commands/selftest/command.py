"""``selftest``: publishes a small workbook to a real spreadsheet, plays a reader, publishes again, and removes it."""

from __future__ import annotations

import secrets
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from close_kpis import __version__, links
from close_kpis.commands.connections import known_to_airflow
from close_kpis.commands.errors import CommandError
from close_kpis.commands.output import quietly, table
from close_kpis.commands.selftest.recording import Recording
from close_kpis.commands.selftest.workbook import CUSTOMERS, DATA, REPORT, selftest_workbook
from close_kpis.reporting import PipelineError
from close_kpis.workbook.diff.cell_data import value_from_json
from close_kpis.workbook.diff.ownership import sheet_id
from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet, read_values
from close_kpis.workbook.google.errors import SheetsError
from close_kpis.workbook.spec import Area
from close_kpis.workbook.write import publish

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook

_MONTHS = 3
_NOTE = "a reader's row"
_TITLES_MASK = "sheets.properties(sheetId,title)"


def selftest(options: argparse.Namespace) -> int:
    """Run the self-test.

    Args:
        options: ``spreadsheet``, ``sheets``, ``record``, ``keep``.

    Returns:
        0; 1 where a step failed.

    Raises:
        CommandError: there is no such connection, or the spreadsheet is not named by an id or an address.
        SheetsError: the spreadsheet cannot be opened.
    """
    from close_kpis.workbook.google.hook import GoogleSheetsHook

    with quietly():
        spreadsheet = links.spreadsheet_id(options.spreadsheet)
        if spreadsheet is None:
            raise CommandError(f"{options.spreadsheet!r} is neither the id nor the address of a spreadsheet")
        with known_to_airflow(options.sheets):
            client = GoogleSheetsHook(options.sheets).get_conn()
        test = SelfTest(client, spreadsheet)
        test.run(keep=options.keep)
    if options.record:
        options.record.write_text(test.recording.as_cassette() + "\n", encoding="utf-8")
    print(test.report())
    return 0 if all(step.failure is None for step in test.steps) else 1


@dataclass
class Step:
    """One step: what it shows, how long it took, and why it failed."""

    shows: str
    seconds: float = 0.0
    failure: str | None = None


@dataclass
class SelfTest:
    """The steps on one spreadsheet.

    Attributes:
        client: where to send.
        spreadsheet: its id.
        run_id: makes the ids of the tabs this run's own.
        recording: what was said and answered.
        steps: those that were carried out.
    """

    client: SheetsTransport
    spreadsheet: str
    run_id: str = field(default_factory=lambda: secrets.token_hex(3))
    recording: Recording = field(default_factory=Recording)
    steps: list[Step] = field(default_factory=list)

    def run(self, *, keep: bool) -> None:
        """Carry out the steps; after one that fails only the cleaning up.

        Args:
            keep: leave the tabs there.

        Raises:
            SheetsError: the spreadsheet cannot be opened.
            CommandError: it has tabs of the self-test's titles already.
        """
        self.client.session.hooks["response"].append(self.recording.note)
        there = self._sheets()
        if taken := {REPORT, DATA} & set(there):
            raise CommandError(f"the spreadsheet has a tab {sorted(taken)[0]!r}: delete what an earlier self-test left")
        before, after = (selftest_workbook(self.run_id, months) for months in (_MONTHS, _MONTHS + 1))
        try:
            with self._step("a first publish; the cells hold what was written"):
                publish(self.client, self.spreadsheet, before)
            with self._step("everything reads back as it was sent: a second publish sends nothing"):
                self._expect_nothing_to_send(before)
            with self._step("a reader inserts a row and a column, fills formulas down, renames and sorts"):
                self._play()
            with self._step("a month comes; what the reader did stays, our numbers stand once"):
                publish(self.client, self.spreadsheet, after)
                self._expect_readers_cells()
            with self._step("a second publish sends nothing"):
                self._expect_nothing_to_send(after)
        except _StepFailedError:
            pass
        finally:
            if not keep:
                self._clean_up(there)

    @contextmanager
    def _step(self, shows: str) -> Iterator[None]:
        step, began = Step(shows), time.monotonic()
        self.steps.append(step)
        try:
            yield
        except (SheetsError, _UnexpectedError) as error:
            step.failure = str(error)
            raise _StepFailedError from error
        finally:
            step.seconds = time.monotonic() - began

    def _sheets(self) -> dict[str, int]:
        """Return the id of each tab by its title."""
        said = self.client.get_spreadsheet(self.spreadsheet, {"fields": _TITLES_MASK})
        return {one["properties"]["title"]: one["properties"].get("sheetId", 0) for one in said["sheets"]}

    def _expect_nothing_to_send(self, workbook: Workbook) -> None:
        left = diff(read_spreadsheet(self.client, self.spreadsheet, workbook), workbook).requests
        if left:
            raise _UnexpectedError(f"{len(left)} requests would be sent again, the first: {left[0]}")

    def _play(self) -> None:
        """Do what readers do."""
        sheets = self._sheets()
        data, report = sheets[DATA], sheets[REPORT]
        formulas = [{"values": [_formula(f"=D{row}*12")]} for row in range(3, 3 + _MONTHS)]
        months = {"sheetId": report, "startRowIndex": 2, "endRowIndex": 2 + _MONTHS, "startColumnIndex": 0}
        order = {"sortSpecs": [{"dimensionIndex": 2, "sortOrder": "DESCENDING"}]}
        requests: list[dict[str, Any]] = [
            {"insertDimension": {"range": _lines(data, "ROWS", 0), "inheritFromBefore": False}},
            {"insertDimension": {"range": _lines(data, "COLUMNS", 1), "inheritFromBefore": True}},
            _write(data, 0, 0, [{"values": [{"userEnteredValue": {"stringValue": _NOTE}}]}]),
            _write(data, 2, 5, formulas),
            {"sortRange": {"range": {**months, "endColumnIndex": 4}, **order}},
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": report, "title": f"{REPORT}, renamed!"},
                    "fields": "title",
                }
            },
        ]
        self.client.batch_update(self.spreadsheet, {"requests": requests})

    def _expect_readers_cells(self) -> None:
        cells = read_values(self.client, self.spreadsheet, {DATA: Area(0, 0, 4 + _MONTHS, 6)})[DATA]
        found = {at: value_from_json(cell) for at, cell in cells.items()}
        if found.get((0, 0)) != _NOTE:
            raise _UnexpectedError(f"the reader's row holds {found.get((0, 0))!r} instead of {_NOTE!r}")
        customers = tuple(found.get((row, 2)) for row in range(2, 3 + _MONTHS))
        wanted = tuple(float(number) for number in CUSTOMERS[: _MONTHS + 1])
        if customers != wanted:
            raise _UnexpectedError(f"the column customers holds {customers} instead of {wanted}")
        formulas = [getattr(found.get((row, 5)), "text", None) for row in range(2, 2 + _MONTHS)]
        if [text and text.replace("$", "") for text in formulas] != [f"=D{row}*12" for row in range(3, 3 + _MONTHS)]:
            raise _UnexpectedError(f"the reader's formulas read {formulas}: they do not follow the column mrr")

    def _clean_up(self, there: dict[str, int]) -> None:
        """Remove the tabs of this run; the empty tab of a new spreadsheet, which one took over, comes again."""
        ours = {sheet_id(f"selftest-{self.run_id}"), sheet_id(f"selftest-data-{self.run_id}")}
        try:
            with self._step("the self-test's tabs are removed"):
                sheets = self._sheets()
                is_taken_over = len(there) == 1 and not set(there) & set(sheets)
                ours |= set(there.values()) if is_taken_over else set()
                requests: list[dict[str, Any]] = []
                if is_taken_over:
                    requests.append({"addSheet": {"properties": {"title": next(iter(there))}}})
                requests += [{"deleteSheet": {"sheetId": number}} for number in ours & set(sheets.values())]
                if requests:
                    self.client.batch_update(self.spreadsheet, {"requests": requests})
        except _StepFailedError:
            return

    def report(self) -> str:
        """Return what a bug report needs."""
        rows = [
            {"step": step.shows, "ok": "ok" if step.failure is None else "FAILED", "seconds": f"{step.seconds:.1f}"}
            for step in self.steps
        ]
        lines = [
            f"Close KPI pipeline {__version__}, gspread {version('gspread')}, Python {sys.version.split()[0]}",
            self.client.page_url(self.spreadsheet),
            "",
            table(("step", "ok", "seconds"), rows),
            "",
            f"{self.recording.calls} calls, {self.recording.seconds:.1f} s of them at Google",
            "accepted: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.recording.accepted.items())),
        ]
        lines += [f"refused: {words}" for words in self.recording.refused]
        lines += [f"FAILED: {step.shows}: {step.failure}" for step in self.steps if step.failure]
        return "\n".join(lines)


class _UnexpectedError(PipelineError):
    """The spreadsheet holds something else than it should."""


class _StepFailedError(PipelineError):
    """A step failed; why stands with it."""


def _formula(text: str) -> dict[str, Any]:
    return {"userEnteredValue": {"formulaValue": text}}


def _lines(sheet: int, dimension: str, at: int) -> dict[str, Any]:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": at, "endIndex": at + 1}


def _write(sheet: int, row: int, column: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
