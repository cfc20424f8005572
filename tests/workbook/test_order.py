"""Which tabs readers see, in which order: what the settings say, and what becomes of what readers wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from close_kpis.kpis.registry import load_definitions
from close_kpis.workbook.order import REPORTS
from close_kpis.workbook.render import render

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Workbook
    from close_kpis.workbook.tables import Tables
    from tests.workbook.conftest import Book

FEW = ("Reps", "Summary", "Growth")


def showing(tables: Tables, *titles: str) -> Workbook:
    return render(tables, sample.STAMP, load_definitions(), shown=titles)


def titles(book: Book, *, hidden: bool = False) -> list[str]:
    found = [sheet["properties"] for sheet in book.sheets]
    return [one["title"] for one in found if bool(one.get("hidden")) == hidden]


def note(book: Book, title: str, text: str) -> None:
    """Write beside the first row below the headings, as a reader does."""
    at = next(column for column, value in enumerate(book.values(title)[3]) if value == "Comments")
    cell = {"userEnteredValue": {"stringValue": text}}
    start = {"sheetId": book.gid(title), "rowIndex": 4, "columnIndex": at}
    book.edit({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}})


def texts(book: Book, title: str) -> list[Any]:
    return [value for row in book.values(title) for value in row]


def test_every_report_can_be_named(young_workbook: Workbook) -> None:
    found = [tab.title for tab in young_workbook.tabs]
    assert found[: len(REPORTS)] == list(REPORTS)
    assert all(tab.gridlines for tab in young_workbook.tabs[len(REPORTS) :]), "a report that cannot be named"


def test_only_the_tabs_that_are_asked_for_are_made_in_their_order(book: Book, young_company: Tables) -> None:
    book.publish(showing(young_company, *FEW))
    assert titles(book)[:3] == list(FEW)
    assert all(title.startswith("Data ") for title in titles(book)[3:])
    needed = {"Targets", "Chart data", "Behind the numbers", "Records", "Record lists"}
    assert set(titles(book, hidden=True)) == needed, "Summary tells the targets, the lists follow what is chosen"


def test_what_is_asked_for_is_published_with_one_read(book: Book, young_company: Tables) -> None:
    book.publish(showing(young_company, *FEW))
    reads, writes = book.calls("GET"), book.calls("POST", ":batchUpdate")
    assert book.publish(showing(young_company, *FEW)).requests == 0
    assert (book.calls("GET") - reads, book.calls("POST", ":batchUpdate") - writes) == (1, 0)


def test_a_tab_that_is_left_out_later_is_hidden_kept_up_to_date_and_comes_back(
    book: Book, young_company: Tables
) -> None:
    grown = sample.tables(first=young_company.growth_monthly["month"].min(), count=6, warnings=3)
    book.publish(showing(young_company))
    before = titles(book)
    note(book, "Cohorts", "the fair in May")

    book.publish(showing(young_company, *FEW))
    assert titles(book)[:3] == list(FEW)
    assert {"Cohorts", "Spend", "Sources"} <= set(titles(book, hidden=True))

    book.publish(showing(grown, *FEW))
    assert "the fair in May" in texts(book, "Cohorts")
    reads = book.calls("GET")
    assert book.publish(showing(grown, *FEW)).requests == 0
    assert book.calls("GET") - reads == 2

    book.publish(showing(grown))
    assert titles(book) == before
    assert "the fair in May" in texts(book, "Cohorts")
    whole = sample.tables(first=young_company.growth_monthly["month"].min(), count=6, warnings=3)
    assert book.publish(showing(whole)).requests == 0


def test_tabs_that_readers_moved_or_showed_stay_until_the_settings_change(book: Book, young_company: Tables) -> None:
    book.publish(showing(young_company))
    book.publish(showing(young_company, *FEW))
    for title, changed in (("Growth", {"index": 0}), ("Cohorts", {"hidden": False})):
        properties = {"sheetId": book.gid(title), **changed}
        book.edit({"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}})
    assert book.publish(showing(young_company, *FEW)).requests == 0
    assert titles(book)[0] == "Growth"
    assert "Cohorts" in titles(book)
    book.publish(showing(young_company, "MRR", "Cohorts"))
    assert titles(book)[:2] == ["MRR", "Cohorts"]


def test_a_tab_of_a_readers_own_is_neither_hidden_nor_lost(book: Book, young_company: Tables) -> None:
    book.publish(showing(young_company))
    book.edit({"addSheet": {"properties": {"title": "Board", "index": 0}}})
    book.publish(showing(young_company, "Growth", "Summary"))
    assert titles(book)[:3] == ["Growth", "Summary", "Board"]


def test_a_hidden_list_that_a_report_counts_with_is_made_again_after_somebody_deleted_it(
    book: Book, young_company: Tables
) -> None:
    book.publish(showing(young_company, "Sources"))
    assert "Spend" in titles(book, hidden=True)
    book.edit({"deleteSheet": {"sheetId": book.gid("Spend")}})
    book.publish(showing(young_company, "Sources"))
    assert "Spend" in titles(book, hidden=True)


@pytest.mark.parametrize("title", REPORTS)
def test_every_report_stands_alone(book: Book, young_company: Tables, title: str) -> None:
    book.publish(showing(young_company, title))
    assert titles(book)[0] == title
    errors = [
        cell
        for shown in titles(book)
        for row in book.cells(shown)
        for cell in row
        if "errorValue" in cell.get("effectiveValue", {})
    ]
    assert errors == []
