"""Each fault at each request of a publish: the workbook is the old or the new one, entirely, and the error says why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook.google.errors import SheetsAccessError, SheetsError, SheetsProtectedError
from close_kpis.workbook.spec import Cell, Tab, Workbook
from tests.workbook.conftest import Book, client_of, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "unavailable": ({"kind": "status", "status": 503}, "503"),
    "internal error": ({"kind": "status", "status": 500}, "500"),
    "quota": ({"kind": "status", "status": 429}, "429"),
    "aborted": ({"kind": "status", "status": 409}, "409"),
    "refused": ({"kind": "status", "status": 403}, "share it as Editor"),
    "gone": ({"kind": "status", "status": 404}, "does not exist"),
    "page of the front end": ({"kind": "html"}, "50"),
    "cut": ({"kind": "reset"}, "broke"),
}
AFTER: dict[str, tuple[dict[str, Any], str]] = {
    "carried out, then an error": ({"kind": "status_after", "status": 503}, "503"),
    "carried out, then cut": ({"kind": "reset_after"}, "broke"),
}


def workbook(month: int) -> Workbook:
    rows = (
        (Cell("Month"), Cell("MRR"), Cell("Won")),
        *((Cell(f"m{n}"), Cell(100 * month + n), Cell(n)) for n in range(month)),
    )
    return Workbook((
        Tab("growth", "Growth", rows, header=0, labels=(0,)),
        Tab("reps", "Reps", rows, header=0, labels=(0,)),
    ))


def held(book: Book) -> list[Any]:
    return [snapshot(book.sheet(title)) for title in ("Growth", "Reps")]


@pytest.fixture
def states(book: Book) -> tuple[list[Any], list[Any]]:
    """The book as it is before the publish, and as another one is after it."""
    other = replace(book, id=book.sandbox.create_spreadsheet("undisturbed"))
    for one in (book, other):
        one.publish(workbook(3))
    before = held(book)
    other.publish(workbook(4))
    book.client = client_of(book.sandbox, retries=1)
    return before, held(other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_that_fails_leaves_the_old_workbook(book: Book, states: tuple[Any, Any], kind: str) -> None:
    fault, said = KINDS[kind]
    book.sandbox.faults.add(**fault, method="GET", path=book.id, times=9)
    with pytest.raises(SheetsError, match=said):
        book.publish(workbook(4))
    book.sandbox.faults.clear()
    assert held(book) == states[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_fails_leaves_the_old_workbook(book: Book, states: tuple[Any, Any], kind: str) -> None:
    fault, said = KINDS[kind]
    book.sandbox.faults.add(**fault, method="POST", path=":batchUpdate", times=9)
    with pytest.raises(SheetsError, match=said):
        book.publish(workbook(4))
    book.sandbox.faults.clear()
    assert held(book) == states[0]


@pytest.mark.parametrize("kind", AFTER)
def test_a_write_that_is_carried_out_and_not_answered_leaves_the_new_workbook(
    book: Book, states: tuple[Any, Any], kind: str
) -> None:
    fault, _ = AFTER[kind]
    book.sandbox.faults.add(**fault, method="POST", path=":batchUpdate", times=9)
    book.publish(workbook(4))
    assert held(book) == states[1]
    assert book.calls("POST", f"{book.id}:batchUpdate") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_that_fails_leaves_the_new_workbook(book: Book, states: tuple[Any, Any], kind: str) -> None:
    fault, said = KINDS[kind]

    def fault_after(write: Callable[..., Any]) -> Callable[..., Any]:
        def written(*arguments: Any) -> Any:
            answer = write(*arguments)
            book.sandbox.faults.add(**fault, method="GET", path=book.id, times=9)
            return answer

        return written

    book.client.batch_update = fault_after(book.client.batch_update)  # type: ignore[method-assign]
    with pytest.raises(SheetsError, match=said):
        book.publish(workbook(4))
    book.sandbox.faults.clear()
    assert held(book) == states[1]


def test_an_excel_file_in_drive_is_named(book: Book) -> None:
    message = "This operation is not supported for this document"
    book.sandbox.faults.add("status", method="GET", path=book.id, status=400, message=message, times=9)
    with pytest.raises(SheetsAccessError, match=r"Excel file.*Save as Google Sheets"):
        book.publish(workbook(3))


def test_a_protected_range_is_named_with_those_who_may_edit_it(book: Book) -> None:
    book.publish(workbook(3))
    span = {
        "sheetId": book.gid("Reps"),
        "startRowIndex": 1,
        "endRowIndex": 3,
        "startColumnIndex": 1,
        "endColumnIndex": 2,
    }
    book.edit({"addProtectedRange": {"protectedRange": {"range": span, "description": "bonus"}}})
    message = "Invalid requests[0].updateCells: You are trying to edit a protected cell or object."
    book.sandbox.faults.add("status", method="POST", path=":batchUpdate", status=400, message=message)
    with pytest.raises(SheetsProtectedError, match=r"'Reps'!B2:B3 \(bonus\), which .*@.* may edit"):
        book.publish(workbook(4))
