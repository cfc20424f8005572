"""Amounts of money as text."""

from __future__ import annotations


def amount(cents: float) -> str:
    """Return cents as an amount with two decimals."""
    return f"{cents / 100:,.2f}"
