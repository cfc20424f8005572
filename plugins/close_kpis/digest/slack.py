"""A digest as Slack's blocks.

A message may have 50 blocks and some 13,000 characters: the settings allow 20 KPIs, and names are cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.digest.picture import alternative, bars
from close_kpis.messaging.blocks import bullets, cut, header, link, rich, section, text_of

if TYPE_CHECKING:
    from close_kpis.digest.content import Digest, Line, Notice, Tone
    from close_kpis.messaging.blocks import Block

_SIGNS: dict[Tone, str] = {"good": "large_green_circle", "bad": "red_circle", "neutral": "white_circle"}
"""Slack's names of the emoji beside a change: rich text has no colours."""

_NO_BREAK = "\N{NO-BREAK SPACE}"


def digest_blocks(digest: Digest, file_id: str | None) -> list[Block]:
    """Return the blocks of a digest.

    Args:
        digest: what it says.
        file_id: of the picture in Slack; None shows bars of block characters in its place.
    """
    blocks = [
        header(f"{digest.title}: {digest.heading}"),
        *[section(_kpi(line)) for line in digest.lines],
    ]
    if file_id:
        shown = {"slack_file": {"id": file_id}, "alt_text": cut(alternative(digest), 2000)}
        blocks.append({"type": "image", **shown})
    elif drawn := bars(digest):
        blocks.append(rich({"type": "rich_text_preformatted", "elements": [text_of("\n".join(drawn))]}))
    if digest.sentences:
        blocks.append(bullets([[text_of(sentence)] for sentence in digest.sentences]))
    small = [part for part in (digest.comparison, digest.upkeep, digest.stamp) if part]
    blocks.append(section([text_of(" ".join(f"{part.rstrip('.')}." for part in small), italic=True)]))
    if digest.url:
        blocks.append(section([link(digest.url, "Open the workbook")]))
    return blocks


def notice_blocks(notice: Notice) -> list[Block]:
    """Return the blocks of a notice."""
    blocks = [header(notice.subject), section([text_of(notice.text)])]
    return [*blocks, section([link(notice.url, "Open the workbook")])] if notice.url else blocks


def _kpi(line: Line) -> list[Block]:
    told = [text_of(f"{line.label}  "), text_of(line.value, bold=True)]
    for change in line.changes:
        told += [text_of("  "), {"type": "emoji", "name": _SIGNS[change.tone]}]
        told.append(text_of(f"{_NO_BREAK}{change.text.replace(' ', _NO_BREAK)}"))
    return [*told, text_of(f"\n{line.to_date}", italic=True)] if line.to_date else told


def blocks_of(content: Digest | Notice, file_id: str | None) -> list[Block]:
    """Return the blocks of a digest or a notice.

    Args:
        content: what it says.
        file_id: of the picture in Slack; None shows bars of block characters in its place.
    """
    from close_kpis.digest.content import Digest

    return digest_blocks(content, file_id) if isinstance(content, Digest) else notice_blocks(content)
