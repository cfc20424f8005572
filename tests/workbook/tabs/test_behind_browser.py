"""Behind the numbers in a browser: another KPI shows other records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from close_kpis.workbook.spec import Workbook
from close_kpis.workbook.tabs.behind import behind_tabs
from tests.support.browser import chromium
from tests.workbook.tabs.test_behind import CHOICE, FIRST_RECORD, KPI, MONTH, REPORT, TITLE, context_of, seen

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Tables
    from tests.workbook.conftest import Book


@pytest.fixture
def published(book: Book, young_company: Tables) -> Book:
    behind, hidden = behind_tabs(young_company, context_of(young_company))
    book.publish(Workbook((behind, *hidden)))
    return book


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_another_kpi_shows_other_records(published: Book, width: int, height: int) -> None:
    sheet = f"#sheet-{published.gid(TITLE)}"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(published.sandbox.page_url(published.id))

        def choose(at: int, text: str) -> None:
            page.locator(f"{sheet} tr[data-r='{CHOICE}'] td.c{at} .open").click()
            with page.expect_navigation():
                page.get_by_role("option", name=text, exact=True).click()

        what = page.locator(f"{sheet} tr[data-r='{FIRST_RECORD}'] td.c3")
        expect(what).to_have_text("New customer")
        choose(KPI, "Churned")
        choose(MONTH, "All time")
        expect(what).to_have_text("Churned")
        choose(REPORT, "Reps")
        expect(page.locator(sheet)).to_contain_text("Choose a KPI of this report.")
        choose(KPI, "Won opportunities")
        expect(what).to_have_text("Won")
        link = page.locator(f"{sheet} tr[data-r='{FIRST_RECORD}'] td.c5 a")
        assert (link.get_attribute("href") or "").startswith("https://app.close.com/lead/lead_")
    assert seen(published)[0][:4] == ["Reps", "All time", "Everyone", "Won opportunities"]


def test_the_page_writes_nothing_that_its_lists_do_not_offer(published: Book) -> None:
    address = published.sandbox.page_url(published.id).split("#")[0].removesuffix("edit") + "choose"
    place = {"sheetId": published.gid(TITLE), "row": CHOICE, "column": KPI}
    before = seen(published)
    for wrong in ({"text": "=1+1"}, {"row": 0, "text": "Churned"}, {"sheetId": 7, "text": "Churned"}):
        assert httpx.post(address, json=place | wrong).status_code == 400
    assert seen(published) == before
    assert httpx.post(address, json=place | {"text": "Churned"}).status_code == 204
    assert seen(published)[0][KPI] == "Churned"
