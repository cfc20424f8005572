"""Targets that readers have set in the workbook, in the digest: the same as beside the numbers of Summary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.digest.send import read_targets
from close_kpis.workbook.diff.cell_data import serial
from close_kpis.workbook.targets import TeamTargets, read_team_targets
from tests.digest.conftest import young
from tests.digest.test_content import digest_of
from tests.workbook.conftest import Book, client_of, workbook_of
from tests.workbook.test_inputs import enter

if TYPE_CHECKING:
    from close_kpis.digest.content import Digest
    from sandbox.sheets_api import SheetsSandbox
    from tests.digest.conftest import Office

MAY, JUNE = serial(date(2026, 5, 1)), serial(date(2026, 6, 1))
LINES: tuple[tuple[Any, ...], ...] = (
    (MAY, "mrr", 1_000),
    (MAY + 30.5, "MRR", 500, "team"),
    (MAY, "Net growth rate", 0.02, "Team"),
    (MAY, "Churn rate", 0.5),
    (MAY, "ARR", 0),
    (MAY, "Net revenue retention, 12 months", 1.1),
    (MAY, "New MRR", 7_000, "Ann Bauer"),
    ("May 2026", "New MRR", 7_000),
    (MAY - 1, "New MRR", 7_000),
    (MAY, "Total customers", "many"),
    (1e300, "Total customers", 3),
    (MAY, "Gross revenue retention", -1),
    (MAY, "Open pipeline, weighted ARR", -5),
    (JUNE, "New MRR", 9_000),
)


@pytest.fixture
def book(sheets: SheetsSandbox) -> Book:
    """The workbook of a young company, with targets of May and June."""
    made = Book(sheets, client_of(sheets), sheets.create_spreadsheet("Acme"))
    made.publish(workbook_of(young()))
    for row, line in enumerate(LINES, start=4):
        enter(made, "Targets", row, *line)
    return made


def targets_in(book: Book) -> TeamTargets:
    return read_team_targets(book.client, book.id)


def set_spreadsheet(office: Office, spreadsheet_id: str) -> None:
    settings = office.settings_file.read_text(encoding="utf-8")
    named = settings.replace("title: Acme", f"title: Acme, spreadsheet_id: {spreadsheet_id}")
    office.settings_file.write_text(named, encoding="utf-8")


def said_of_targets(digest: Digest) -> dict[str, list[str]]:
    return {line.label: [change.text for change in line.changes if "target" in change.text] for line in digest.lines}


def test_targets_are_told_as_summary_shows_them(book: Book) -> None:
    cells = [[cell.get("formattedValue", "") for cell in row] for row in book.cells("Summary")]
    head, rows = cells[3], cells[4:13]
    target_at, reached_at = head.index("Target"), head.index("Attainment")
    told = said_of_targets(digest_of(young(), targets=targets_in(book)))
    assert {row[0] for row in rows if row[target_at]} > {"MRR", "ARR", "Net growth rate", "Churn rate"}
    for row in rows:
        target, reached = row[target_at], row[reached_at]
        assert told[row[0]] == (
            [f"{reached} of the target {target}" if reached else f"target {target}"] if target else []
        )


def test_the_running_month_is_told_beside_its_own_target(book: Book) -> None:
    digest = digest_of(young(), targets=targets_in(book))
    to_date = {line.label: line.to_date for line in digest.lines}
    new_mrr = young().mrr_movements_monthly.iloc[-1]["new_arr_cents"] / 1200
    share = digest.phrases.whole_percent(new_mrr / 9_000)
    assert to_date["New MRR"].endswith(f", {share} of the target {digest.phrases.amount(9_000)}")
    assert not any("target" in text for label, text in to_date.items() if label != "New MRR")


def test_the_targets_are_found_wherever_readers_have_put_them(book: Book) -> None:
    before = targets_in(book)
    gid = book.gid("Targets")
    rows, columns = (
        {"range": {"sheetId": gid, "dimension": dimension, "startIndex": 0, "endIndex": 2}}
        for dimension in ("ROWS", "COLUMNS")
    )
    moved = {"sheetId": gid, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 5}
    book.edit(
        {"insertDimension": rows},
        {"insertDimension": columns},
        {"moveDimension": {"source": moved, "destinationIndex": 2}},
        {"updateSheetProperties": {"properties": {"sheetId": gid, "title": "Bob's goals!"}, "fields": "title"}},
        {"duplicateSheet": {"sourceSheetId": gid, "insertSheetIndex": 0}},
    )
    assert len(before.lines) == 11
    assert targets_in(book) == before


def test_a_workbook_without_the_tab_or_without_its_headings_holds_no_target(book: Book, sheets: SheetsSandbox) -> None:
    enter(book, "Targets", 3, "When")
    assert targets_in(book) == TeamTargets()
    book.edit({"deleteSheet": {"sheetId": book.gid("Targets")}})
    assert targets_in(book) == TeamTargets()
    assert read_team_targets(book.client, sheets.create_spreadsheet("Empty")) == TeamTargets()


def test_a_digest_goes_without_targets_where_the_workbook_cannot_be_read(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    [message] = office.find()
    elsewhere = office.settings_file.read_text(encoding="utf-8").replace(
        "title: Acme", "title: Acme, spreadsheet_id: gone"
    )
    office.settings_file.write_text(elsewhere, encoding="utf-8")
    assert office.send(message)
    assert [text for text in caplog.messages if text.startswith("Told without targets: ")]
    caplog.clear()
    assert read_targets(office.settings, "nowhere") == TeamTargets()
    [warning] = caplog.messages
    assert "nowhere" in warning


def test_what_is_sent_tells_the_targets(office: Office, book: Book) -> None:
    set_spreadsheet(office, book.id)
    [message] = office.find()
    office.send(message)
    assert "of the target" in str(office.slack.posts).replace("\N{NO-BREAK SPACE}", " ")


def test_less_is_better_of_some_kpis() -> None:
    tables = young()
    growth = tables.growth_monthly.assign(churn_rate=0.04)
    of_churn = TeamTargets(((float(MAY), "Churn rate", 0.05),))
    digest = digest_of(replace(tables, growth_monthly=growth), targets=of_churn)
    [line] = [line for line in digest.lines if line.label == "Churn rate"]
    [change] = [change for change in line.changes if "target" in change.text]
    assert (change.text, change.tone) == ("125% of the target 5.0%", "good")
