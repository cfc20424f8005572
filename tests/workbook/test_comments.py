"""What readers write into the column Comments stays beside what it was written for, in every tab that has one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from benchmarks import sample
from close_kpis.workbook.diff.labels import wanted_value
from tests.workbook.conftest import workbook_of

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Tab
    from tests.workbook.conftest import Book


def keys(tab: Tab) -> dict[int, Any]:
    """Return what each row with a comment's cell is, those left out that have no name or change with what they say.

    A name that stands in several blocks is told by which of them it is, as long as none comes or goes.
    """
    assert tab.comments is not None
    seen: Counter[Any] = Counter()
    found = {}
    for row in range(tab.height):
        label = tuple(wanted_value(tab.cell(row, column)) for column in tab.labels)
        seen[label] += 1
        if tab.cell(row, tab.comments).is_open and any(label):
            found[row] = (*label, seen[label])
    return found


def written(book: Book, tab: Tab) -> dict[Any, str]:
    """Comment on each row of a tab."""
    comments = {key: f"on {key} in {tab.key}" for key in keys(tab).values()}
    gid, edits = book.gid(tab.title), []
    for row, key in keys(tab).items():
        start = {"sheetId": gid, "rowIndex": row, "columnIndex": tab.comments}
        rows = [{"values": [{"userEnteredValue": {"stringValue": comments[key]}}]}]
        edits.append({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    book.edit(*edits)
    return comments


def test_comments_follow_into_the_next_month_and_a_new_ranking(book: Book) -> None:
    before = workbook_of(sample.tables(first=date(2026, 2, 1), count=5, warnings=3, more_reps=2, more_sources=2))
    after = workbook_of(sample.tables(first=date(2026, 2, 1), count=5, seed=8, warnings=4, more_reps=3, more_sources=3))
    book.publish(before)
    tabs = {tab.key: tab for tab in before.tabs if tab.comments is not None}
    comments = {key: written(book, tab) for key, tab in tabs.items()}
    assert {*tabs} == {"growth", "mrr", "reps", "sources", "pipeline", "cohorts", "changes", "data_quality"}

    book.publish(after)

    moved = 0
    for tab in (tab for tab in after.tabs if tab.key in tabs):
        rows = book.values(tab.title)
        said = Counter(value for row in rows for value in row if isinstance(value, str) and value.startswith("on ("))
        assert said == Counter(comments[tab.key].values())
        stood = {key: row for row, key in keys(tabs[tab.key]).items()}
        for row, key in keys(tab).items():
            if key in stood:
                assert rows[row][tab.comments] == comments[tab.key][key]
                moved += row != stood[key]
    assert moved > 20
    assert book.publish(after).requests == 0
