"""A write that is larger than Google recommends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook import write
from close_kpis.workbook.batches import STAGING, STAGING_TITLE, batches, body_size
from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from close_kpis.workbook.google.errors import SheetsWriteUncertainError, WorkbookTooLargeError
from close_kpis.workbook.spec import EMPTY, Area, Cell, Formula, Reference, Tab, Workbook
from tests.workbook.conftest import cells_of, client_of, snapshot

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

MOST, LARGEST = 50_000, 10_000_000


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


def holding(text: str) -> Workbook:
    return Workbook((Tab("growth", "Growth", tuple((Cell(f"{text} {row:0>900}"),) for row in range(200))),))


@pytest.mark.usefixtures("narrow")
def test_a_large_change_of_tabs_that_are_there_is_one_request(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    book.publish(holding("a"))
    before = book.calls("POST", ":batchUpdate")
    book.publish(holding("b"))
    assert book.calls("POST", ":batchUpdate") == before + 1
    assert "Google recommends at most" in caplog.text
    assert {row[0][0] for row in book.values("Growth")} == {"b"}


def test_every_piece_is_within_the_size_and_nothing_is_lost(book: Book, young_workbook: Workbook) -> None:
    requests = diff(read_spreadsheet(book.client, book.id, young_workbook), young_workbook).requests
    assert batches(requests, body_size(requests), LARGEST) == [list(requests)]
    *ahead, last = batches(requests, MOST, LARGEST)
    assert len(ahead) > 1
    assert max(map(body_size, ahead)) <= MOST
    assert {id(request) for request in requests if "addChart" in request} <= {id(request) for request in last}
    sent = [request for body in [*ahead, last] for request in body]
    for kind in ("addSheet", "updateCells", "repeatCell", "addNamedRange", "createDeveloperMetadata"):
        assert cells_written(kind, sent) == cells_written(kind, requests)


def cells_written(kind: str, requests: Any) -> int:
    """Count the requests of a kind; of values and notes the rows, since a request may be parted between them."""
    return sum(len(request[kind].get("rows", ())) or 1 for request in requests if kind in request)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, narrow: None) -> None:
    """Google takes longer than it may over what it recommends at most."""
    monkeypatch.setattr(write, "LARGEST_BODY", MOST)


def restated(text: str, number: float) -> Workbook:
    """Two tabs with every kind of value, in which all change with the arguments; the second one has a row more."""
    rows = [
        (
            Cell(f"{text} {row:0>300}"),
            Cell(row + number),
            Cell(row % 2 == number % 2),
            Cell(f"={text}"),
            Cell(f"'{row}"),
        )
        for row in range(120)
    ]
    sum_of = Formula("sum({0})", (Reference(Area(0, 1, 120, 2)),))
    total = sum(row + number for row in range(120))
    rows.append((Cell("total"), Cell(total, formula=sum_of), Cell(None if number % 2 else 1), EMPTY, EMPTY))
    small = tuple((Cell(f"{text} {row}"),) for row in range(3 + int(number)))
    return Workbook((Tab("data", "Data", tuple(rows)), Tab("growth", "Growth", small)))


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("first", ["own", "adopted"])
def test_a_change_that_is_too_large_for_one_request_stands_ready_beside_and_shows_at_once(
    book: Book, first: str
) -> None:
    if first == "own":
        book.edit({"addSheet": {"properties": {"title": "Of a reader"}}})
    whole = replace(book, id=book.sandbox.create_spreadsheet("whole"))
    for text, number in (("a", 1), ("b", 2)):
        book.publish(restated(text, number))
    book.edit({
        "repeatCell": {
            "range": {"sheetId": book.gid("Data"), "endRowIndex": 5, "endColumnIndex": 3},
            "cell": {"note": "mine", "userEnteredFormat": {"padding": {"left": 9}}},
            "fields": "note,userEnteredFormat.padding.left",
        }
    })
    before = book.calls("POST", ":batchUpdate")
    book.publish(restated("c", 3))
    assert book.calls("POST", ":batchUpdate") - before > 2
    write_whole(whole, restated("c", 3))
    for title in ("Data", "Growth"):
        assert book.values(title) == whole.values(title)
    kept = cells_of(book.sheet("Data"))[4][2]
    assert (kept["note"], kept["userEnteredFormat"]["padding"]["left"]) == ("mine", 9)
    formula = cells_of(book.sheet("Data"))[120][1]["userEnteredValue"]
    assert "formulaValue" in formula
    assert STAGING not in {sheet["properties"]["sheetId"] for sheet in book.sheets}
    assert book.publish(restated("c", 3)).requests == 0


def write_whole(book: Book, workbook: Workbook) -> None:
    """Publish in one request."""
    requests = diff(read_spreadsheet(book.client, book.id, workbook), workbook).requests
    book.client.batch_update(book.id, {"requests": list(requests)})


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("passed", [1, 2, 3])
def test_a_change_that_dies_on_the_way_shows_nothing_and_the_next_one_ends_it(book: Book, passed: int) -> None:
    book.publish(restated("a", 1))
    before = book.values("Data"), book.values("Growth")
    book.sandbox.faults.add("reset", method="POST", path=":batchUpdate", after=passed)
    with pytest.raises(SheetsWriteUncertainError):
        replace(book, client=client_of(book.sandbox, retries=0)).publish(restated("b", 2))
    assert (book.values("Data"), book.values("Growth")) == before
    [left] = [sheet["properties"] for sheet in book.sheets if sheet["properties"]["sheetId"] == STAGING]
    assert (left["title"], left["hidden"]) == (STAGING_TITLE, True)
    book.publish(restated("b", 2))
    assert STAGING not in {sheet["properties"]["sheetId"] for sheet in book.sheets}
    assert {str(row[0])[0] for row in book.values("Data")[:-1]} == {"b"}
    assert book.publish(restated("b", 2)).requests == 0


@pytest.mark.usefixtures("slow")
def test_what_cannot_go_ahead_is_refused_before_anything_is_sent(book: Book) -> None:
    def noted(text: str) -> Workbook:
        rows = tuple((Cell(row, note=f"{text}{row:0>900}"),) for row in range(200))
        return Workbook((Tab("growth", "Growth", rows),))

    book.publish(holding("a"))
    before = book.calls("POST", ":batchUpdate")
    with pytest.raises(WorkbookTooLargeError, match="later history_start"):
        book.publish(noted("b"))
    assert {row[0][0] for row in book.values("Growth")} == {"a"}
    assert book.calls("POST", ":batchUpdate") == before
