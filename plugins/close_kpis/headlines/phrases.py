"""How numbers and names stand in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from close_kpis.workbook.tabs import styles

MOST_OF_NAME = 60
"""Characters that the workbook's sentences show of a name."""


class Phrases(Protocol):
    """Numbers and names as a reader's sentences show them."""

    def amount(self, value: float) -> str:
        """Return an amount of the account's currency, without decimals.

        Args:
            value: in units of the currency, not cents.
        """

    def count(self, value: float) -> str:
        """Return a whole number."""

    def name(self, text: str) -> str:
        """Return a name that somebody gave in Close."""


@dataclass(frozen=True)
class WorkbookPhrases:
    """As the workbook's sentences show them: the cells beside them follow the spreadsheet's own locale.

    Attributes:
        currency: ISO 4217 code.
    """

    currency: str

    def amount(self, value: float) -> str:
        """Return an amount such as $1,250."""
        return styles.amount(value, self.currency)

    def count(self, value: float) -> str:
        """Return a number such as 1,250."""
        return f"{value:,.0f}"

    def name(self, text: str) -> str:
        """Return the name as it is, since a cell shows any text as text, or its beginning: a sentence is one line."""
        return text if len(text) <= MOST_OF_NAME else f"{text[: MOST_OF_NAME - 1]}…"
