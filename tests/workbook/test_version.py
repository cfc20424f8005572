"""A publish whose process has died may still be carried out at Google, at any moment of the one that follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook import write
from close_kpis.workbook.google.errors import (
    SheetsConflictError,
    SheetsProtectedError,
    SheetsRequestError,
    SheetsWriteUncertainError,
)
from close_kpis.workbook.spec import Cell, Tab, Workbook
from close_kpis.workbook.version import KEPT, VERSION_KEY
from tests.workbook.conftest import client_of, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from close_kpis.workbook.google.transport import SheetsTransport
    from tests.workbook.conftest import Book

Body = dict[str, Any]
TITLE = "Growth"


def months(*names: str) -> Workbook:
    rows = tuple((Cell(name), Cell(name.upper())) for name in names)
    return Workbook((Tab("growth", TITLE, rows, labels=(0,)),))


def in_flight(book: Book, workbook: Workbook, *, passed: int = 0) -> list[Body]:
    """Return what a publish has sent that dies before Google answers; some of it is carried out at once."""
    client = client_of(book.sandbox, retries=0)
    carry_out, sent = client.batch_update, []

    def send(spreadsheet: str, body: Mapping[str, Any]) -> Any:
        if len(sent) < passed:
            carry_out(spreadsheet, body)
            sent.append(dict(body))
            return {}
        sent.append(dict(body))
        raise SheetsWriteUncertainError("the process dies")

    client.batch_update = send  # type: ignore[method-assign, assignment]
    with pytest.raises(SheetsWriteUncertainError):
        replace(book, client=client).publish(workbook)
    return sent[passed:]


def overtaken(book: Book, bodies: Sequence[Body], *, retries: int = 2) -> SheetsTransport:
    """Return a client before whose first write Google carries out what was in flight."""
    client = client_of(book.sandbox, retries=retries)
    carry_out, left = client.batch_update, list(bodies)

    def send(spreadsheet: str, body: Mapping[str, Any]) -> Any:
        while left:
            carry_out(spreadsheet, left.pop())
        return carry_out(spreadsheet, body)

    client.batch_update = send  # type: ignore[method-assign, assignment]
    return client


def undisturbed(book: Book, *workbooks: Workbook) -> list[Any]:
    """Return what publishes leave that nothing comes between."""
    other = replace(book, id=book.sandbox.create_spreadsheet("undisturbed"))
    for workbook in workbooks:
        other.publish(workbook)
    return held(other)


def held(book: Book) -> list[Any]:
    return [snapshot(sheet) for sheet in book.sheets]


OLD, NEW, NEWER = months("jan", "feb"), months("jan", "feb", "mar"), months("jan", "feb", "mar", "apr")


def test_what_is_carried_out_after_the_next_publish_has_read_is_read_before_that_one_writes(book: Book) -> None:
    book.publish(OLD)
    client = overtaken(book, in_flight(book, NEW))
    replace(book, client=client).publish(NEWER)
    assert held(book) == undisturbed(book, OLD, NEW, NEWER)
    assert book.publish(NEWER).requests == 0


def test_what_is_carried_out_after_the_next_publish_changes_nothing(book: Book) -> None:
    book.publish(OLD)
    [late] = in_flight(book, NEW)
    book.publish(NEWER)
    before = book.sandbox.spreadsheet(book.id)
    with pytest.raises(SheetsRequestError, match="already exists"):
        book.client.batch_update(book.id, late)
    assert book.sandbox.spreadsheet(book.id) == before


def test_of_a_large_publish_too_each_piece_comes_in_time_or_not_at_all(
    book: Book, young_workbook: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = undisturbed(book, young_workbook)
    monkeypatch.setattr(write, "RECOMMENDED_BODY", 50_000)
    [late] = in_flight(book, young_workbook, passed=2)
    client = overtaken(book, [late])
    replace(book, client=client).publish(young_workbook)
    assert held(book) == expected
    with pytest.raises(SheetsRequestError, match="already exists"):
        book.client.batch_update(book.id, late)
    assert held(book) == expected


def test_what_google_refuses_a_later_piece_for_is_told_and_not_taken_for_another_publish(
    book: Book, young_workbook: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "RECOMMENDED_BODY", 50_000)
    message = "Invalid requests[0].updateCells: You are trying to edit a protected cell or object."
    book.sandbox.faults.add("status", method="POST", path=":batchUpdate", after=2, status=400, message=message)
    with pytest.raises(SheetsProtectedError):
        book.publish(young_workbook)
    assert book.calls("POST", ":batchUpdate") == 3


def test_one_that_may_not_read_again_says_who_came_in_between(book: Book) -> None:
    book.publish(OLD)
    client = overtaken(book, in_flight(book, NEW), retries=0)
    with pytest.raises(SheetsConflictError, match=r"another publish has written to http.* at the same time"):
        replace(book, client=client).publish(NEWER)
    assert held(book) == undisturbed(book, OLD, NEW)


def test_some_versions_are_remembered_for_a_while_and_no_more(book: Book) -> None:
    book.publish(OLD)
    [late] = in_flight(book, NEW)
    for time in range(KEPT - 1):
        book.publish(months("jan", "feb", str(time)))
    with pytest.raises(SheetsRequestError, match="already exists"):
        book.client.batch_update(book.id, late)
    for time in range(5):
        book.publish(months("jan", "feb", str(time)))
    remembered = book.sandbox.spreadsheet(book.id)["developerMetadata"]
    assert {metadata["metadataKey"] for metadata in remembered} == {VERSION_KEY}
    assert len(remembered) == KEPT


def test_a_workbook_of_an_earlier_program_or_one_without_versions_is_published_to(book: Book) -> None:
    book.publish(OLD)
    lookup = {"developerMetadataLookup": {"metadataKey": VERSION_KEY}}
    book.edit({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    book.publish(NEW)
    strange = {"metadataKey": VERSION_KEY, "metadataValue": "later: v2", "visibility": "DOCUMENT"}
    book.edit({"createDeveloperMetadata": {"developerMetadata": {**strange, "location": {"spreadsheet": True}}}})
    book.publish(NEWER)
    assert held(book) == undisturbed(book, OLD, NEW, NEWER)
