"""A digest as Slack's blocks.

Everything is in blocks whose texts Slack does not read for markup: ``plain_text`` headers and ``rich_text``, so that a
name from Close can be no mention, link or format. A message may have 50 blocks and some 13,000 characters: the settings
allow 20 KPIs, and names are cut. Source: docs.slack.dev/reference/block-kit/blocks, slackapi/bolt-js issue 2509.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.digest.picture import alternative, bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.digest.content import Digest, Line, Notice, Tone

LONGEST_TEXT = 3000
"""Characters of a text. Source: docs.slack.dev/reference/block-kit/composition-objects/text-object."""

LONGEST_HEADER = 150
"""Characters of a header. Source: docs.slack.dev/reference/block-kit/blocks/header-block."""

_SIGNS: dict[Tone, str] = {"good": "large_green_circle", "bad": "red_circle", "neutral": "white_circle"}
"""Slack's names of the emoji beside a change: rich text has no colours."""

_NO_BREAK = "\N{NO-BREAK SPACE}"

Block = dict[str, Any]


def digest_blocks(digest: Digest, file_id: str | None) -> list[Block]:
    """Return the blocks of a digest.

    Args:
        digest: what it says.
        file_id: of the picture in Slack; None shows bars of block characters in its place.
    """
    blocks = [
        _header(f"{digest.title}: {digest.heading}"),
        *[_section(_kpi(line)) for line in digest.lines],
    ]
    if file_id:
        shown = {"slack_file": {"id": file_id}, "alt_text": _cut(alternative(digest), 2000)}
        blocks.append({"type": "image", **shown})
    elif drawn := bars(digest):
        blocks.append(_rich({"type": "rich_text_preformatted", "elements": [_text("\n".join(drawn))]}))
    if digest.sentences:
        items = [{"type": "rich_text_section", "elements": [_text(sentence)]} for sentence in digest.sentences]
        blocks.append(_rich({"type": "rich_text_list", "style": "bullet", "elements": items}))
    small = [part for part in (digest.comparison, digest.upkeep, digest.stamp) if part]
    blocks.append(_section([_text(" ".join(f"{part.rstrip('.')}." for part in small), italic=True)]))
    if digest.url:
        blocks.append(_section([_link(digest.url, "Open the workbook")]))
    return blocks


def notice_blocks(notice: Notice) -> list[Block]:
    """Return the blocks of a notice."""
    blocks = [_header(notice.subject), _section([_text(notice.text)])]
    return [*blocks, _section([_link(notice.url, "Open the workbook")])] if notice.url else blocks


def fallback(subject: str) -> str:
    """Return the text that notifications show in place of the blocks; there Slack does read markup.

    Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text".
    """
    return subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _kpi(line: Line) -> list[Block]:
    told = [_text(f"{line.label}  "), _text(line.value, bold=True)]
    for change in line.changes:
        told += [_text("  "), {"type": "emoji", "name": _SIGNS[change.tone]}]
        told.append(_text(f"{_NO_BREAK}{change.text.replace(' ', _NO_BREAK)}"))
    return [*told, _text(f"\n{line.to_date}", italic=True)] if line.to_date else told


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(text, LONGEST_HEADER), "emoji": False}}


def _section(elements: Sequence[Block]) -> Block:
    return _rich({"type": "rich_text_section", "elements": list(elements)})


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    style = {name: True for name, is_on in (("bold", bold), ("italic", italic)) if is_on}
    return {"type": "text", "text": _cut(text, LONGEST_TEXT), **({"style": style} if style else {})}


def _link(url: str, text: str) -> Block:
    return {"type": "link", "url": url, "text": text, "style": {"bold": True}}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def blocks_of(content: Digest | Notice, file_id: str | None) -> list[Block]:
    """Return the blocks of a digest or a notice.

    Args:
        content: what it says.
        file_id: of the picture in Slack; None shows bars of block characters in its place.
    """
    from close_kpis.digest.content import Digest

    return digest_blocks(content, file_id) if isinstance(content, Digest) else notice_blocks(content)
