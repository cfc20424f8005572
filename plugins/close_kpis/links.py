"""Addresses that people open."""

from __future__ import annotations

import re

LEAD_PAGE = "https://app.close.com/lead/{}/"
"""Where people open a lead in Close, by its id. Source: developer.close.com "Leads", ``html_url``."""


def spreadsheet_id(text: str) -> str | None:
    """Return the id of a Google spreadsheet from its id or its address, None where the text is neither.

    Source: developers.google.com/workspace/sheets/api/guides/concepts, "Spreadsheet ID".
    """
    found = re.fullmatch(r"\s*(?:https://\S+/d/)?([\w-]+)(?:/\S*)?\s*", text, re.ASCII)
    return found[1] if found else None
