"""A page that shows what each audience would get: Slack's message and the mail, at a phone's and a screen's width."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.digest.content import Digest
from close_kpis.digest.mail import html, templates, text
from close_kpis.digest.picture import picture
from close_kpis.digest.slack import blocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.digest.content import Notice
    from close_kpis.messaging.blocks import Block

FILE_ID = "F0PREVIEW"
"""What stands in for the picture's id in Slack."""


@dataclass(frozen=True)
class Sheet:
    """What one audience would get.

    Attributes:
        audience: its name.
        when: when its digest is due, and to whom it goes, in words.
        stopped: why it would not be sent now; empty where it would be.
        content: what it says.
    """

    audience: str
    when: str
    stopped: str
    content: Digest | Notice


@dataclass(frozen=True)
class _Shown:
    sheet: Sheet
    slack: list[Block]
    webhook: list[Block]
    mail: str
    text: str
    picture: str


def preview_page(sheets: Sequence[Sheet]) -> str:
    """Return the page as HTML that needs nothing beside it.

    Args:
        sheets: what each audience would get.
    """
    return templates(is_html=True).get_template("preview.html").render(sheets=[_shown(sheet) for sheet in sheets])


def _shown(sheet: Sheet) -> _Shown:
    content = sheet.content
    drawn = picture(content) if isinstance(content, Digest) else None
    address = f"data:image/png;base64,{base64.b64encode(drawn).decode()}" if drawn else ""
    return _Shown(
        sheet=sheet,
        slack=blocks_of(content, FILE_ID if drawn else None),
        webhook=blocks_of(content, None),
        mail=html(content, address),
        text=text(content),
        picture=address,
    )
