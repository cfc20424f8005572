"""Copies of our tabs are the readers' own, whatever Google copies of developer metadata; copied spreadsheets go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.workbook.diff.ownership import fingerprint, sheet_id
from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from sandbox.sheets_api.model import COPIED_METADATA
from tests.sandbox.sheets_api.support import gspread_client
from tests.workbook.conftest import Book, cells_of, client_of
from tests.workbook.test_readers import MONTHS, Company

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Workbook
    from sandbox.sheets_api import SheetsSandbox

DRIVE = ["https://www.googleapis.com/auth/drive"]
ENTERED = ("userEnteredValue", "userEnteredFormat", "note")
pytestmark = pytest.mark.parametrize("how", COPIED_METADATA)


@pytest.fixture(autouse=True)
def _copied(sheets_sandbox: SheetsSandbox, how: str) -> None:
    sheets_sandbox.store.copied_metadata = how


def expect_nothing_to_send(book: Book, workbook: Workbook) -> None:
    assert diff(read_spreadsheet(book.client, book.id, workbook), workbook).requests == ()


def told(book: Book) -> dict[int, dict[str, str]]:
    """What each tab is, by its id and part; without its place, and without what formulas are worth."""
    parts = {}
    for sheet in book.sheets:
        properties = {**sheet["properties"], "index": 0}
        cells = [[{name: cell.get(name) for name in ENTERED} for cell in row] for row in cells_of(sheet)]
        said = {**sheet, "properties": properties, "data": cells}
        parts[sheet["properties"]["sheetId"]] = {name: fingerprint(part) for name, part in said.items()}
    return parts


def duplicate(book: Book, title: str) -> int:
    """A reader's copy of a tab, which is told by its id from then on."""
    before = {sheet["properties"]["sheetId"] for sheet in book.sheets}
    book.edit({"duplicateSheet": {"sourceSheetId": book.gid(title)}})
    [new] = {sheet["properties"]["sheetId"] for sheet in book.sheets} - before
    return int(new)


def copied_book(sandbox: SheetsSandbox) -> tuple[Book, Book, Company]:
    """A published spreadsheet, a reader's copy of it in Drive, and what is published."""
    drive = gspread_client(sandbox, DRIVE)
    client, company = client_of(sandbox), Company()
    book = Book(sandbox, client, drive.create("First").id)
    book.publish(company.workbook())
    return book, Book(sandbox, client, drive.copy(book.id, title="Second").id), company


def test_a_duplicate_stays_as_it_is_and_ours_goes_on(book: Book) -> None:
    company = Company()
    book.publish(company.workbook())
    copies = {duplicate(book, title) for title in ("Data", "Reps")}
    before = told(book)
    company.months.append(MONTHS[4])
    book.publish(company.workbook())
    after = told(book)
    assert {number: after[number] for number in copies} == {number: before[number] for number in copies}
    assert [row[0] for row in book.values("Data")] == ["Month", *company.months]
    assert len(book.sheets) == 4
    expect_nothing_to_send(book, company.workbook())


def test_a_duplicate_does_not_take_the_place_of_a_tab_that_was_deleted(book: Book) -> None:
    company = Company()
    book.publish(company.workbook())
    copy = duplicate(book, "Data")
    book.edit({"deleteSheet": {"sheetId": book.gid("Data")}})
    properties = {"sheetId": copy, "title": "Data"}
    book.edit({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    before = told(book)[copy]
    company.months.append(MONTHS[4])
    book.publish(company.workbook())
    assert told(book)[copy] == before
    assert book.gid("Data (KPIs)") == sheet_id("data")
    assert [row[0] for row in book.values("Data (KPIs)")] == ["Month", *company.months]
    expect_nothing_to_send(book, company.workbook())


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_tab_copied_to_another_spreadsheet_stays_as_it_is_there(book: Book, *, is_alone: bool) -> None:
    company = Company()
    book.publish(company.workbook())
    other = Book(book.sandbox, book.client, book.sandbox.create_spreadsheet("Board"))
    client = gspread_client(book.sandbox)
    source = client.open_by_key(book.id)
    for title in ("Data", "Reps"):
        source.worksheet(title).copy_to(other.id)
    if is_alone:
        other.edit({"deleteSheet": {"sheetId": 0}})
    before = {number: sheet for number, sheet in told(other).items() if number}
    company.months.append(MONTHS[4])
    other.publish(company.workbook())
    after = told(other)
    assert {number: after[number] for number in before} == before
    assert [row[0] for row in other.values("Data")] == ["Month", *company.months]
    # The empty tab of a new spreadsheet becomes ours only where it is alone.
    assert len(other.sheets) == (4 if is_alone else 5)
    expect_nothing_to_send(other, company.workbook())


def test_a_copied_spreadsheet_is_published_to_as_the_first_one(sheets_sandbox: SheetsSandbox, how: str) -> None:
    book, copied, company = copied_book(sheets_sandbox)
    first = told(book)
    copied.publish(company.workbook())
    assert told(book) == first
    # The first tab was there before our first publish: without metadata, the warning over its block tells it.
    assert (copied.values("Data"), copied.values("Reps")) == (book.values("Data"), book.values("Reps"))
    assert len(copied.sheets) == 2
    assert len(copied.sheet("Data")["conditionalFormats"]) == 1
    expect_nothing_to_send(copied, company.workbook())


@pytest.mark.parametrize("change", ["renamed", "unguarded"])
def test_a_first_tab_that_nothing_tells_to_be_ours_is_left_alone(
    sheets_sandbox: SheetsSandbox, how: str, change: str
) -> None:
    _, copied, company = copied_book(sheets_sandbox)
    if change == "renamed":
        copied.edit({"updateSheetProperties": {"properties": {"title": "Mine"}, "fields": "title"}})
    else:
        [guard] = copied.sheet("Reps")["protectedRanges"]
        copied.edit({"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}})
    title = next(sheet["properties"]["title"] for sheet in copied.sheets if not sheet["properties"]["sheetId"])
    company.months.append(MONTHS[4])
    copied.publish(company.workbook())
    told_month = str(copied.values(title)[0][0]).removeprefix("Reps through ")
    assert (told_month, len(copied.sheets)) == ((MONTHS[3], 3) if how == "none" else (MONTHS[4], 2))
    expect_nothing_to_send(copied, company.workbook())


def test_readers_rows_in_a_copied_spreadsheet_stay(sheets_sandbox: SheetsSandbox) -> None:
    _, copied, company = copied_book(sheets_sandbox)
    top = {"sheetId": copied.gid("Data"), "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    said = [{"values": [{"userEnteredValue": {"stringValue": "mine"}}]}]
    start = {"sheetId": copied.gid("Data")}
    copied.edit(
        {"insertDimension": {"range": top}},
        {"updateCells": {"start": start, "rows": said, "fields": "userEnteredValue"}},
    )
    company.months.append(MONTHS[4])
    copied.publish(company.workbook())
    assert [row[0] for row in copied.values("Data")] == ["mine", "Month", *company.months]
    expect_nothing_to_send(copied, company.workbook())
