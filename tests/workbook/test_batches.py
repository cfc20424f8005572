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
from tests.workbook.conftest import cells_of, client_of, snapshot

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

MOST = 50_000


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google recommends less."""
    monkeypatch.setattr(write, "RECOMMENDED_BODY", MOST)


def held(book: Book) -> list[tuple[str, bool, Any]]:
    """Return the tabs: title, whether it is hidden, and what it holds."""
    properties = [sheet["properties"] for sheet in book.sheets]
    contents = [snapshot(sheet) for sheet in book.sheets]
    return [(one["title"], bool(one.get("hidden")), content) for one, content in zip(properties, contents, strict=True)]


def test_a_large_first_publish_goes_in_pieces_and_leaves_what_one_request_leaves(
    book: Book, young_workbook: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(book, id=book.sandbox.create_spreadsheet("whole"))
    whole.publish(young_workbook)
    before = book.calls("POST", ":batchUpdate")
    monkeypatch.setattr(write, "RECOMMENDED_BODY", MOST)
    book.publish(young_workbook)
    assert book.calls("POST", ":batchUpdate") - before > 5
    assert held(book) == held(whole)
    assert book.publish(young_workbook).requests == 0


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("passed", [1, 3])
def test_a_large_first_publish_that_dies_shows_nothing_and_the_next_one_ends_it(
    book: Book, young_workbook: Workbook, passed: int
) -> None:
    whole = replace(book, id=book.sandbox.create_spreadsheet("whole"))
    whole.publish(young_workbook)
    book.sandbox.faults.add("reset", method="POST", path=":batchUpdate", after=passed)
    with pytest.raises(SheetsWriteUncertainError):
        replace(book, client=client_of(book.sandbox, retries=0)).publish(young_workbook)
    [sheet] = [sheet for sheet in book.sheets if not sheet["properties"].get("hidden")]
    assert cells_of(sheet) == []
    book.publish(young_workbook)
    assert held(book) == held(whole)


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


def test_every_piece_is_within_the_size_and_nothing_is_lost(book: Book, young_workbook: Workbook) -> None:
    requests = diff(read_spreadsheet(book.client, book.id, young_workbook), young_workbook).requests
    assert batches(requests, body_size(requests)) == [list(requests)]
    *ahead, last = batches(requests, MOST)
    assert len(ahead) > 1
    assert max(map(body_size, ahead)) <= MOST
    assert {id(request) for request in requests if "addChart" in request} <= {id(request) for request in last}
    sent = [request for body in [*ahead, last] for request in body]
    for kind in ("addSheet", "updateCells", "repeatCell", "addNamedRange", "createDeveloperMetadata"):
        assert cells_written(kind, sent) == cells_written(kind, requests)


def cells_written(kind: str, requests: Any) -> int:
    """Count the requests of a kind; of values and notes the rows, since a request may be parted between them."""
    return sum(len(request[kind].get("rows", ())) or 1 for request in requests if kind in request)
