"""Chromium, and how a person comes into Airflow's UI."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from close_kpis.standalone.airflow import Airflow


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; CHROMIUM in the environment names another binary.

    Raises:
        SystemExit: there is none.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("No Chromium found: install it, or name the binary in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def log_in(page: Page, airflow: Airflow) -> None:
    """Log in to Airflow's UI, as a person does."""
    page.goto(airflow.url)
    page.get_by_label("Username").fill(airflow.user)
    page.get_by_label("Password").fill(airflow.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "login" not in url)
