"""The page in a real browser: panes stay, notes open, charts show, texts are neither clipped nor broken."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.sandbox.sheets_api.workbook import NOTE, TITLE, workbook_requests
from tests.support.browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.sandbox.sheets_api.support import Book

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1000, "height": 640})


@pytest.fixture
def page(browser_page: Page, book: Book) -> Page:
    book.apply(*workbook_requests())
    browser_page.goto("about:blank")
    browser_page.goto(book.sandbox.page_url(book.id))
    return browser_page


def cell(page: Page, sheet: int, row: int, column: int) -> Locator:
    return page.locator(f"#sheet-{sheet} tr[data-r='{row}'] td.c{column}")


def place(locator: Locator) -> tuple[int, int]:
    box = locator.bounding_box()
    assert box is not None
    return round(box["x"]), round(box["y"])


def scroll(page: Page, x: int, y: int) -> None:
    page.locator("#sheet-0 .grid").evaluate(
        """(grid, [x, y]) => {
            grid.scrollTo(x, y);
            return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        }""",
        [x, y],
    )


def test_frozen_rows_and_columns_stay_while_the_rest_scrolls(page: Page) -> None:
    header, label, value = cell(page, 0, 2, 3), cell(page, 0, 8, 0), cell(page, 0, 8, 3)
    before = place(header), place(label), place(value)
    scroll(page, 200, 90)
    after = place(header), place(label), place(value)
    assert after[0] == (before[0][0] - 200, before[0][1])
    assert after[1] == (before[1][0], before[1][1] - 90)
    assert after[2] == (before[2][0] - 200, before[2][1] - 90)
    assert place(page.locator("#sheet-0 th.ch.c0"))[0] == place(label)[0]


def test_frozen_rows_lie_right_under_each_other(page: Page) -> None:
    scroll(page, 0, 120)
    edges = [cell(page, 0, row, 0).bounding_box() for row in range(3)]
    for above, below in itertools.pairwise(edges):
        assert above is not None
        assert below is not None
        assert abs(above["y"] + above["height"] - below["y"]) <= 1


def test_a_frozen_cell_covers_what_scrolls_under_it(page: Page) -> None:
    scroll(page, 250, 150)
    for locator in (cell(page, 0, 2, 1), page.locator("#sheet-0 tr[data-r='2'] .rh")):
        box = locator.bounding_box()
        assert box is not None
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        on_top = page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('td, th').outerHTML", middle)
        assert on_top == locator.evaluate("element => element.outerHTML")


def test_a_note_opens_under_the_pointer(page: Page) -> None:
    tip = page.locator(".tip")
    expect(tip).to_be_hidden()
    cell(page, 0, 2, 2).hover()
    expect(tip).to_be_visible()
    expect(tip).to_have_text(NOTE, use_inner_text=True)
    cell(page, 0, 5, 2).hover()
    expect(tip).to_be_hidden()


def test_the_title_runs_over_its_empty_neighbours_unbroken(page: Page) -> None:
    text = cell(page, 0, 0, 0).locator(".t")
    assert text.inner_text() == TITLE
    widths = text.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert widths[0] <= widths[1]
    assert widths[1] > 80


def test_no_text_is_cut_where_it_may_not_be(page: Page) -> None:
    cut = page.evaluate(
        """() => [...document.querySelectorAll('#sheet-0 tbody td .t')]
            .filter((text) => text.scrollWidth > text.clientWidth + 1 || text.scrollHeight > text.clientHeight + 1)
            .map((text) => text.textContent)"""
    )
    assert cut == []


def test_the_chart_shows_at_its_anchor(page: Page) -> None:
    chart = page.locator("#chart-11")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (640, 371)
    anchor = place(cell(page, 0, 17, 2))
    assert abs(box["x"] - anchor[0]) <= 1
    assert abs(box["y"] - anchor[1]) <= 1
    expect(chart.locator("text", has_text="MRR <and> leads")).to_be_visible()


def test_the_address_chooses_the_tab(page: Page) -> None:
    page.locator(".tab", has_text="Reps & teams").click()
    expect(page).to_have_url(re.compile(r"#gid=77$"))
    expect(page.locator("#sheet-77")).to_be_visible()
    expect(page.locator("#sheet-0")).to_be_hidden()
    expect(cell(page, 77, 1, 3).locator("svg.spark rect")).to_have_count(2)
    page.go_back()
    expect(page.locator("#sheet-0")).to_be_visible()


def test_a_click_shows_what_was_entered(page: Page) -> None:
    cell(page, 0, 3, 1).click()
    expect(page.locator(".place")).to_have_text("B4")
    expect(page.locator(".entered")).to_have_text("45292")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".place")).to_have_text("C4")
    expect(page.locator(".entered")).to_have_text("5")


def test_a_group_closes_and_opens(page: Page) -> None:
    row, column = cell(page, 0, 5, 2), cell(page, 0, 5, 3)
    page.locator("#sheet-0 .row-toggle").click()
    expect(row).to_be_hidden()
    page.locator("#sheet-0 .row-toggle").click()
    expect(row).to_be_visible()
    page.locator("#sheet-0 .column-toggle").click()
    expect(column).to_be_hidden()
    expect(row).to_be_visible()
