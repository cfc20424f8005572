"""A digest as mail: plain text, HTML, and the picture inside it."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

from close_kpis.digest.content import Digest
from close_kpis.digest.picture import alternative, bars
from close_kpis.messaging.letter import letter
from close_kpis.paths import INCLUDE

if TYPE_CHECKING:
    from jinja2 import Environment

    from close_kpis.digest.content import Notice

CLIPPED_AT = 102_000
"""Bytes of HTML after which Gmail shows no more (``[Message clipped]``); the picture does not count."""

PICTURE_ID = "picture@close-kpis"
"""The picture's ``Content-ID``, by which the HTML names it. Source: RFC 2392."""

_TONES = {"good": ("good", "#17734a"), "bad": ("bad", "#b3261e"), "neutral": ("muted", "#5b6472")}
"""The class and the colour of a change: the class is for dark mode, the colour for programs that know no classes."""


def html(content: Digest | Notice, picture: str = "") -> str:
    """Return the HTML of a mail.

    Args:
        content: what it says; every text in it is shown as text.
        picture: the address of the picture, empty for none.
    """
    if not isinstance(content, Digest):
        given = {"notice": content, "preheader": content.text}
    else:
        preheader = "; ".join(f"{line.label} {line.value}" for line in content.lines[:3])
        given = {"digest": content, "preheader": preheader, "alternative": alternative(content)}
    template = templates(is_html=True).get_template("mail.html")
    return template.render(**given, subject=content.subject, url=content.url, picture=picture, tones=_TONES)


def text(content: Digest | Notice) -> str:
    """Return the plain text of a mail."""
    given = {"digest": content, "bars": bars(content)} if isinstance(content, Digest) else {"notice": content}
    return templates(is_html=False).get_template("mail.txt").render(**given, url=content.url).strip() + "\n"


def mail(content: Digest | Notice, sender: str, recipient: str, message_id: str, picture: bytes | None) -> EmailMessage:
    """Return a mail to one recipient.

    Args:
        content: what it says.
        sender: the address that it is from, as the SMTP connection names it.
        recipient: an address.
        message_id: its ``Message-ID``.
        picture: PNG, None for none.
    """
    message = letter(content.subject, sender, recipient, message_id, text(content))
    message.add_alternative(html(content, f"cid:{PICTURE_ID}" if picture else ""), subtype="html")
    if picture:
        [shown] = [part for part in message.iter_parts() if part.get_content_subtype() == "html"]
        assert isinstance(shown, EmailMessage)
        shown.add_related(picture, "image", "png", cid=f"<{PICTURE_ID}>", filename="kpis.png", disposition="inline")
    return message


def templates(*, is_html: bool) -> Environment:
    """Return the templates of ``include/digest``.

    Args:
        is_html: every value is shown as text, whatever it holds.
    """
    from jinja2 import Environment, FileSystemLoader

    return Environment(
        loader=FileSystemLoader(INCLUDE / "digest"),
        autoescape=is_html,
        trim_blocks=True,
        lstrip_blocks=True,
    )
