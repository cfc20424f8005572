"""Airflow's own UI, used as a person uses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page


def open_backfill_form(page: Page) -> None:
    """Open the form that starts a backfill, on the page of the DAG's backfills: it has no address of its own."""
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_text("Backfill", exact=True).last.click()
    page.get_by_text("Date Range").wait_for()


def submit_backfill(page: Page, first: date, last: date, *, reprocess: str = "Missing Runs") -> None:
    """Fill the form that is open, and press its button.

    Args:
        page: what shows it.
        first: day.
        last: day.
        reprocess: which months are read that have a run already, in the form's words.
    """
    form = page.get_by_role("dialog").filter(has_text="Run Backfill")
    for day in (first, last):
        # The first field that is still empty.
        form.get_by_text("Select date and time").first.click()
        calendar = page.get_by_placeholder("YYYY/MM/DD").locator("visible=true")
        calendar.fill(f"{day:%Y/%m/%d}")
        page.get_by_placeholder("HH:mm").locator("visible=true").fill("00:00")
        form.get_by_role("heading", name=re.compile("Run Backfill")).click()
        calendar.wait_for(state="hidden")
    form.get_by_text(reprocess, exact=True).click()
    form.get_by_role("button", name="Run Backfill").click()
    form.wait_for(state="hidden")
