"""Addresses that people open."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

CLOSE_HOST = "close.com"


def lead_page(lead_id: str, said: str | None = None) -> str:
    """Return where people open a lead in Close.

    Args:
        lead_id: the lead's.
        said: the address that the API gives; it counts where it is one of Close's own, so that nobody who can write to
            the account, or answers in its place, leads readers elsewhere.

    Source: developer.close.com "Leads", ``html_url``.
    """
    if said and said.isascii() and said.isprintable() and not set(said) & set(" \\\"'<>"):
        try:
            parts = urlsplit(said)
            is_plain = parts.username is None and parts.port is None
        except ValueError:
            is_plain = False
        if is_plain and parts.scheme == "https" and f".{parts.hostname}".endswith(f".{CLOSE_HOST}"):
            return said
    return f"https://app.{CLOSE_HOST}/lead/{quote(lead_id, safe='')}/"


def spreadsheet_id(text: str) -> str | None:
    """Return the id of a Google spreadsheet from its id or its address, None where the text is neither.

    Source: developers.google.com/workspace/sheets/api/guides/concepts, "Spreadsheet ID".
    """
    found = re.fullmatch(r"\s*(?:https://\S+/d/)?([\w-]+)(?:/\S*)?\s*", text, re.ASCII)
    return found[1] if found else None
