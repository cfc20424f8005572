"""The mail and Slack's message in a real browser: on a phone and a screen, in light and dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from close_kpis.digest.mail import html
from close_kpis.digest.preview import Sheet, preview_page
from tests.digest.test_content import digest_of, named
from tests.support.browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

CONTRAST = 4.5
"""Of text of this size against what is behind it. Source: WCAG 2.2, 1.4.3."""

COLOURS = """() => [...document.querySelectorAll('h1, p, td, span, a, strong')]
    .filter((one) => one.textContent.trim() && one.getClientRects().length)
    .map((one) => {
        let behind = one;
        while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
        return [one.textContent.trim(), getComputedStyle(one).color, getComputedStyle(behind).backgroundColor];
    })"""
"""What each text of a page is, its colour, and the colour behind it."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800])
def test_a_mail_fits_its_reader_and_can_be_read(browser: Browser, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html(digest_of(named("<script>document.title = 'run'</script>" + "W" * 60))))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title().startswith("Acme, May 2026")
    weak = [(text, ink, paper) for text, ink, paper in page.evaluate(COLOURS) if contrast(ink, paper) < CONTRAST]
    assert weak == []
    button = page.get_by_role("link", name="Open the workbook").bounding_box()
    assert button is not None
    assert button["height"] >= 40
    page.close()


def test_the_preview_shows_slacks_message_on_a_phone(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.set_content(preview_page([Sheet("team", "To #revenue", "", digest_of(named("<!channel>" + "W" * 60)))]))
    for message in page.locator(".slack").all():
        assert message.evaluate("one => one.scrollWidth <= one.clientWidth")
        assert "MRR" in message.inner_text()
    assert page.locator(".slack img").evaluate("one => one.naturalWidth") > 0
    page.close()


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as CSS tells them. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
