"""A write that is larger than Google recommends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook import write
from close_kpis.workbook.batches import batches, body_size
from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from close_kpis.workbook.google.errors import SheetsWriteUncertainError
from close_kpis.workbook.spec import Cell, Tab, Workbook
from tests.workbook.conftest import client_of, snapshot

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

MOST = 60_000


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google recommends less."""
    monkeypatch.setattr(write, "RECOMMENDED_BODY", MOST)


def seen(book: Book) -> list[tuple[str, list[list[Any]]]]:
    """Return what a reader sees: the tabs that are not hidden, with their values."""
    return [
        (title, book.values(title))
        for title in (sheet["properties"]["title"] for sheet in book.sheets if not sheet["properties"].get("hidden"))
    ]


def test_a_large_first_publish_goes_in_pieces_and_leaves_what_one_request_leaves(
    book: Book, company_workbook: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(book, id=book.sandbox.create_spreadsheet("whole"))
    whole.publish(company_workbook)
    before = book.calls("POST", ":batchUpdate")
    monkeypatch.setattr(write, "RECOMMENDED_BODY", MOST)
    book.publish(company_workbook)
    assert book.calls("POST", ":batchUpdate") - before > 5
    assert [snapshot(sheet) for sheet in book.sheets] == [snapshot(sheet) for sheet in whole.sheets]
    assert seen(book) == seen(whole)
    assert book.publish(company_workbook).requests == 0


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("passed", [1, 2, 4])
def test_a_large_first_publish_that_dies_shows_nothing_and_the_next_one_ends_it(
    book: Book, company_workbook: Workbook, passed: int
) -> None:
    whole = replace(book, id=book.sandbox.create_spreadsheet("whole"))
    whole.publish(company_workbook)
    book.sandbox.faults.add("reset", method="POST", path=":batchUpdate", after=passed)
    with pytest.raises(SheetsWriteUncertainError):
        replace(book, client=client_of(book.sandbox, retries=0)).publish(company_workbook)
    [(_, values)] = seen(book)
    assert values == []
    book.publish(company_workbook)
    assert [snapshot(sheet) for sheet in book.sheets] == [snapshot(sheet) for sheet in whole.sheets]
    assert seen(book) == seen(whole)


@pytest.mark.usefixtures("narrow")
def test_a_large_change_of_tabs_that_are_there_is_one_request(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    def holding(text: str) -> Workbook:
        return Workbook((Tab("growth", "Growth", tuple((Cell(f"{text} {row:0>900}"),) for row in range(200))),))

    book.publish(holding("a"))
    before = book.calls("POST", ":batchUpdate")
    book.publish(holding("b"))
    assert book.calls("POST", ":batchUpdate") == before + 1
    assert "Google recommends at most" in caplog.text
    assert {row[0][0] for row in book.values("Growth")} == {"b"}


def test_every_piece_is_within_the_size_and_nothing_is_lost(book: Book, company_workbook: Workbook) -> None:
    requests = diff(read_spreadsheet(book.client, book.id, company_workbook), company_workbook).requests
    assert batches(requests, body_size(requests)) == [list(requests)]
    *ahead, last = batches(requests, 200_000)
    assert len(ahead) > 1
    assert max(map(body_size, [*ahead, last])) <= 200_000
    assert {id(request) for request in requests if "addChart" in request} <= {id(request) for request in last}
    sent = [request for body in [*ahead, last] for request in body]
    for kind in ("addSheet", "updateCells", "repeatCell", "addNamedRange", "createDeveloperMetadata"):
        assert cells_written(kind, sent) == cells_written(kind, requests)


def cells_written(kind: str, requests: Any) -> int:
    """Count the requests of a kind; of values and notes the rows, since a request may be parted between them."""
    return sum(len(request[kind].get("rows", ())) or 1 for request in requests if kind in request)
