"""Slack's blocks, as far as messages here use them.

Everything is in blocks whose texts Slack does not read for markup: ``plain_text`` headers and ``rich_text``, so that a
name from Close can be no mention, link or format. A message may have 50 blocks and some 13,000 characters.
Source: docs.slack.dev/reference/block-kit/blocks, slackapi/bolt-js issue 2509.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_TEXT = 3000
"""Characters of a text. Source: docs.slack.dev/reference/block-kit/composition-objects/text-object."""

LONGEST_HEADER = 150
"""Characters of a header. Source: docs.slack.dev/reference/block-kit/blocks/header-block."""

Block = dict[str, Any]


def fallback(subject: str) -> str:
    """Return the text that notifications show in place of the blocks; there Slack does read markup.

    Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text".
    """
    return subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def header(text: str) -> Block:
    """Return a header; a long one is cut."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, LONGEST_HEADER), "emoji": False}}


def section(elements: Sequence[Block]) -> Block:
    """Return a paragraph of texts and links."""
    return rich({"type": "rich_text_section", "elements": list(elements)})


def bullets(items: Sequence[Sequence[Block]]) -> Block:
    """Return a list, each item of texts and links."""
    sections = [{"type": "rich_text_section", "elements": list(item)} for item in items]
    return rich({"type": "rich_text_list", "style": "bullet", "elements": sections})


def rich(*elements: Block) -> Block:
    """Return a block of rich text."""
    return {"type": "rich_text", "elements": list(elements)}


def text_of(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    """Return a text; a long one is cut."""
    style = {name: True for name, is_on in (("bold", bold), ("italic", italic)) if is_on}
    return {"type": "text", "text": cut(text, LONGEST_TEXT), **({"style": style} if style else {})}


def link(url: str, text: str) -> Block:
    """Return a link; the address must be our own."""
    return {"type": "link", "url": url, "text": cut(text, LONGEST_TEXT), "style": {"bold": True}}


def cut(text: str, longest: int) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
