"""Values of records as plain text."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of a text, so that a name can read as another one. Source: Unicode, UAX 9."""


def amount(cents: float) -> str:
    """Return cents as an amount with two decimals."""
    return f"{cents / 100:,.2f}"


def printable(text: str) -> str:
    """Return a text without the characters that a program acts on instead of showing them."""
    return "".join(one for one in text if unicodedata.category(one) != "Cc" and one not in DIRECTIONS)


def heading_of(column: str) -> str:
    """Return what a reader calls a column."""
    return column.removesuffix("_cents").replace("_", " ")


def value_of(column: str, value: Any) -> str:
    """Return a record's value in one line: amounts in units instead of cents, nothing for NULL."""
    if value is None:
        return ""
    if column.endswith("_cents"):
        return amount(value)
    return printable(" ".join(str(plain(value)).split()))


def plain(value: Any) -> Any:
    """Return a date or an instant as ISO 8601, any other value as it is."""
    return value.isoformat() if isinstance(value, date) else value
