"""The workbook as it is, after what readers do and what an account comes to: as if it had been published anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from tests.workbook.conftest import Book, client_of, workbook_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.workbook.spec import Workbook
    from close_kpis.workbook.tables import Tables
    from sandbox.sheets_api import SheetsSandbox


def month(count: int) -> Tables:
    return sample.tables(first=date(2026, 2, 1), count=count, warnings=3)


def without(tables: Tables, *names: str) -> Tables:
    return replace(tables, **{name: getattr(tables, name).head(0) for name in names})


def assert_as_new(book: Book, workbook: Workbook, titles: Sequence[str] = ()) -> None:
    """Compare tabs with those of a spreadsheet that is published for the first time, and publish once more."""
    assert book.publish(workbook).requests == 0
    fresh = Book(book.sandbox, book.client, book.sandbox.create_spreadsheet("Fresh"))
    fresh.publish(workbook)
    for title in titles or [tab.title for tab in workbook.tabs]:
        assert trimmed(book.values(title)) == trimmed(fresh.values(title)), title


def trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    while rows and not rows[-1]:
        rows.pop()
    return rows


def span(book: Book, title: str, dimension: str, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": book.gid(title), "dimension": dimension, "startIndex": start, "endIndex": end}


EMPTIED = (
    "cohort_monthly",
    "data_quality",
    "forecast_monthly",
    "insights",
    "pipeline_daily",
    "pipeline_stages",
    "records",
    "source_all_time",
    "source_monthly",
)


def test_what_becomes_empty_and_is_filled_again_is_as_published_anew(book: Book) -> None:
    full, empty = workbook_of(month(4)), workbook_of(without(month(4), *EMPTIED))
    book.publish(full)
    # What readers have chosen, and may enter, stays though it is none of the choices any more.
    titles = [tab.title for tab in full.tabs if tab.title not in {"One rep", "Behind the numbers", "Targets", "Spend"}]
    for workbook in (empty, full):
        book.publish(workbook)
        assert_as_new(book, workbook, titles)


def test_label_columns_that_a_reader_deletes_come_back_in_the_next_month(book: Book) -> None:
    book.publish(workbook_of(month(3)))
    deleted = {"Summary": 0, "Growth": 0, "MRR": 1, "Reps": 1, "Sources": 1, "Cohorts": 0, "Data reps": 1}
    for title, column in deleted.items():
        book.edit({"deleteDimension": {"range": span(book, title, "COLUMNS", column, column + 1)}})
    workbook = workbook_of(month(4))
    book.publish(workbook)
    assert_as_new(book, workbook, [*deleted])


def test_labels_that_a_reader_clears_come_back_in_the_next_month(book: Book) -> None:
    book.publish(workbook_of(month(3)))
    cleared = {"sheetId": book.gid("Growth"), "startColumnIndex": 0, "endColumnIndex": 2, "startRowIndex": 4}
    book.edit({"updateCells": {"range": cleared, "fields": "userEnteredValue"}})
    workbook = workbook_of(month(4))
    book.publish(workbook)
    assert_as_new(book, workbook, ["Growth"])


def test_a_title_that_a_reader_merges_over_the_frozen_columns_stops_no_publish(book: Book) -> None:
    book.publish(workbook_of(month(3)))
    titles = ("Cohorts", "One rep", "Growth")
    for title in titles:
        merge_title(book, title)
    book.publish(workbook_of(month(4)))
    for title in titles:
        sheet = book.sheet(title)
        grid = sheet["properties"]["gridProperties"]
        assert (grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)) == (0, 0)
        assert len(sheet["merges"]) == 1


def merge_title(book: Book, title: str) -> None:
    gid = book.gid(title)
    thawed = {"frozenRowCount": 0, "frozenColumnCount": 0}
    merged = {"sheetId": gid, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 6}
    book.edit(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": gid, "gridProperties": thawed},
                "fields": "gridProperties.frozenRowCount,gridProperties.frozenColumnCount",
            }
        },
        {"mergeCells": {"range": merged, "mergeType": "MERGE_ALL"}},
        {"insertDimension": {"range": span(book, title, "ROWS", 0, 1)}},
    )


def test_panes_and_colours_that_a_reader_has_changed_stay_when_a_month_brings_columns(book: Book) -> None:
    book.publish(workbook_of(month(3)))
    grid = {"frozenRowCount": 2, "frozenColumnCount": 0, "hideGridlines": False}
    wanted = {"gridProperties": grid, "tabColorStyle": {"rgbColor": {"red": 1}}}
    mask = ",".join([*(f"gridProperties.{name}" for name in grid), "tabColorStyle"])
    for title in ("Cohorts", "One rep"):
        properties = {"sheetId": book.gid(title), **wanted}
        book.edit({"updateSheetProperties": {"properties": properties, "fields": mask}})
    book.publish(workbook_of(month(4)))
    for title in ("Cohorts", "One rep"):
        properties = book.sheet(title)["properties"]
        assert properties["gridProperties"].get("frozenRowCount") == 2
        assert not properties["gridProperties"].get("frozenColumnCount")
        assert properties["tabColorStyle"] == {"rgbColor": {"red": 1}}


def test_a_choice_that_a_reader_deletes_begins_anew(book: Book) -> None:
    workbook = workbook_of(month(3))
    book.publish(workbook)
    for title, row, width in (("One rep", 3, 1), ("Behind the numbers", 4, 4)):
        cleared = {"sheetId": book.gid(title), "startRowIndex": row, "endRowIndex": row + 1, "endColumnIndex": width}
        book.edit({"updateCells": {"range": cleared, "fields": "userEnteredValue"}})
    book.publish(workbook)
    assert_as_new(book, workbook, ["One rep", "Behind the numbers"])


def test_one_rep_alone_can_be_chosen(sheets_sandbox: SheetsSandbox) -> None:
    tables = month(3)
    reps = tables.rep_monthly[tables.rep_monthly["user_id"] == "user_ann"]
    book = Book(sheets_sandbox, client_of(sheets_sandbox), sheets_sandbox.create_spreadsheet("Alone"))
    workbook = workbook_of(replace(tables, rep_monthly=reps))
    book.publish(workbook)
    cells = book.cells("One rep")
    chosen, *_, user_id = [cell["effectiveValue"]["stringValue"] for cell in cells[3] if "effectiveValue" in cell]
    assert (chosen, user_id) == ("Ann Bauer", "user_ann")
    tab = next(tab for tab in workbook.tabs if tab.key == "one_rep")
    for at, row in enumerate(tab.rows[5:8], start=5):
        for column, cell in enumerate(row):
            worth = next(iter(cells[at][column].get("effectiveValue", {"": None}).values()))
            assert (worth or None) == pytest.approx(cell.value or None) if column else True
    assert book.publish(workbook).requests == 0


def test_the_heading_of_comments_stands_in_each_month_of_a_company_that_grows(book: Book) -> None:
    for count in (2, 3, 4):
        book.publish(workbook_of(month(count)))
        rows = [row for row in book.values("Reps") if "Comments" in row]
        assert [row[:2] for row in rows] == [["Month", "Rep"]] * count
