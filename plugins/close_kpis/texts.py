"""Values of records as plain text."""

from __future__ import annotations

from datetime import date
from typing import Any

from close_kpis.reporting import printable


def amount(cents: float) -> str:
    """Return cents as an amount with two decimals."""
    return f"{cents / 100:,.2f}"


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
