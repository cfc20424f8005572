"""Every report on the screens of its readers: a laptop, a desktop, a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook.order import REPORTS
from tests.support.browser import chromium
from tests.workbook.conftest import Book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook
    from sandbox.sheets_api import SheetsSandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENS = ((1366, 768), (1600, 1000), (390, 844))

CUT = """(id) => [...document.querySelectorAll(`#sheet-${id} tbody td .t`)]
    .filter((text) => !text.classList.contains('sp') && getComputedStyle(text).overflow === 'hidden')
    .filter((text) => text.scrollWidth > 1.03 * text.clientWidth + 1 || text.scrollHeight > text.clientHeight + 2)
    .map((text) => text.textContent)"""
"""The texts of a tab that are wider (the page estimates widths) or higher than the place that they have."""

COVERED = """(id) => {
    const sheet = document.querySelector(`#sheet-${id}`);
    const boxes = [...sheet.querySelectorAll('.chart')].map((chart) => chart.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const cells = [...sheet.querySelectorAll('tbody td')]
        .filter((cell) => [...cell.querySelectorAll('.t')].some((text) => text.textContent.trim()));
    const under = cells.filter((cell) => boxes.some((box) => meet(box, cell.getBoundingClientRect())));
    const charts = boxes.filter((box, at) => boxes.some((other, place) => place !== at && meet(box, other)));
    return [...under.map((cell) => cell.textContent), ...charts.map(() => 'a chart over a chart')];
}"""
"""What a chart of a tab lies on."""


@dataclass(frozen=True)
class Pages:
    """The pages of a published workbook.

    Attributes:
        address: of the spreadsheet.
        sheets: ids of the tabs, by title.
        browser: to open them with.
    """

    address: str
    sheets: dict[str, int]
    browser: Browser

    def open(self, page: Page, title: str) -> int:
        page.goto("about:blank")
        page.goto(f"{self.address}#gid={self.sheets[title]}")
        page.locator(f"#sheet-{self.sheets[title]} tbody td").first.wait_for()
        return self.sheets[title]


@pytest.fixture(scope="module")
def pages(shared_sandbox: SheetsSandbox, shared_client: SheetsTransport, company_workbook: Workbook) -> Iterator[Pages]:
    book = Book(shared_sandbox, shared_client, shared_sandbox.create_spreadsheet("Close KPIs"))
    book.publish(company_workbook)
    sheets = {sheet["properties"]["title"]: sheet["properties"].get("sheetId", 0) for sheet in book.sheets}
    with chromium() as browser:
        yield Pages(shared_sandbox.page_url(book.id), sheets, browser)


@pytest.fixture(params=SCREENS, ids=["laptop", "desktop", "phone"])
def screen(request: pytest.FixtureRequest, pages: Pages) -> Iterator[Page]:
    width, height = request.param
    page = pages.browser.new_page(viewport={"width": width, "height": height})
    yield page
    page.close()


@pytest.mark.timeout(900)
def test_nothing_is_cut_covered_or_out_of_reach(pages: Pages, screen: Page) -> None:
    found: dict[str, Any] = {}
    for title in REPORTS:
        sheet = pages.open(screen, title)
        found[f"{title}: cut"] = screen.evaluate(CUT, sheet)
        found[f"{title}: covered"] = screen.evaluate(COVERED, sheet)
        found[f"{title}: out of reach"] = _out_of_reach(screen, sheet)
    assert {what: texts for what, texts in found.items() if texts} == {}


def _out_of_reach(page: Page, sheet: int) -> list[str]:
    """Return what keeps a reader from a heading: panes that leave no room to scroll, a page that scrolls itself."""
    told = page.evaluate(
        """async (id) => {
            const grid = document.querySelector(`#sheet-${id} .grid`);
            const isFrozen = (look) => look.position === 'sticky' && look.left !== 'auto';
            const frozen = [...grid.querySelectorAll('tbody tr:first-child td')]
                .filter((cell) => isFrozen(getComputedStyle(cell)));
            const edge = Math.max(0, ...frozen.map((cell) => cell.getBoundingClientRect().right));
            grid.scrollTo(grid.scrollWidth, 0);
            await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
            const heads = [...grid.querySelectorAll('tbody td')].filter((cell) => cell.textContent.trim());
            const right = Math.max(...heads.map((cell) => cell.getBoundingClientRect().right));
            return {edge, right, page: document.documentElement.scrollWidth, width: innerWidth};
        }""",
        sheet,
    )
    wrong = []
    if told["edge"] > 0.85 * told["width"]:
        wrong.append(f"the frozen columns end at {told['edge']:.0f} of {told['width']} px")
    if told["right"] > told["width"] + 1:
        wrong.append(f"a heading ends at {told['right']:.0f} of {told['width']} px")
    if told["page"] > told["width"]:
        wrong.append("the page itself scrolls sideways")
    return wrong


@pytest.mark.parametrize("title", REPORTS)
def test_charts_fit_a_laptop_beside_the_frozen_columns(company_workbook: Workbook, title: str) -> None:
    tab = next(tab for tab in company_workbook.tabs if tab.title == title)
    frozen = sum(tab.widths[: tab.frozen_columns]) + 46
    assert all(frozen + chart.width + chart.offset <= SCREENS[0][0] for chart in tab.charts)


def test_the_summary_is_one_screen_of_a_laptop(pages: Pages) -> None:
    page = pages.browser.new_page(viewport={"width": 1366, "height": 768})
    sheet = pages.open(page, "Summary")
    below = page.evaluate(
        """(id) => {
            const sheet = document.querySelector(`#sheet-${id} .grid`).getBoundingClientRect();
            return [...document.querySelectorAll(`#sheet-${id} tbody td`)]
                .filter((cell) => cell.textContent.trim() && (cell.getBoundingClientRect().bottom > sheet.bottom
                    || cell.getBoundingClientRect().right > sheet.right))
                .map((cell) => cell.textContent);
        }""",
        sheet,
    )
    page.close()
    assert below == []
