"""Numbers as an audience's locale writes them, and names from Close as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.messaging.plain import plain_text
from close_kpis.workbook.tabs.styles import PER_SHOWN

if TYPE_CHECKING:
    from close_kpis.kpis.registry import Unit


@dataclass(frozen=True)
class LocalePhrases:
    """Numbers and names in a message.

    Attributes:
        currency: ISO 4217 code.
        locale: Babel's name, such as de_DE.
    """

    currency: str
    locale: str

    def amount(self, value: float) -> str:
        """Return an amount without decimals, such as 1.250 €."""
        from babel import Locale
        from babel.numbers import format_currency

        pattern = Locale.parse(self.locale).currency_formats["standard"].pattern
        whole = re.sub(r"\.0+", "", pattern)
        return format_currency(_whole(value), self.currency, whole, locale=self.locale, currency_digits=False)

    def count(self, value: float) -> str:
        """Return a whole number, such as 1.250."""
        return self._decimal(_whole(value), "#,##0")

    def name(self, text: str) -> str:
        """Return a name from Close as plain text."""
        return plain_text(text)

    def value(self, unit: Unit, value: float | None) -> str:
        """Return a KPI's value.

        Args:
            unit: of the KPI.
            value: as its table holds it (cents, annual cents, a fraction); None for NULL.
        """
        from babel.numbers import format_percent

        if value is None:
            return "–"
        if unit in {"money", "mrr"}:
            return self.amount(value / PER_SHOWN[unit])
        if unit == "count":
            return self.count(value)
        if unit == "rate":
            return format_percent(value, _percent(self.locale, "0.0"), locale=self.locale)
        return f"{self._decimal(value, '#,##0.0')}{'×' if unit == 'ratio' else ''}"

    def whole_percent(self, value: float) -> str:
        """Return a fraction as a percentage without decimals, such as 40%."""
        from babel.numbers import format_percent

        return format_percent(value, _percent(self.locale, "0"), locale=self.locale)

    def change(self, unit: Unit, change: float) -> str:
        """Return a change with its sign.

        Args:
            unit: of the KPI.
            change: percentage points of a rate, else a fraction.
        """
        from babel.numbers import format_percent

        if unit == "rate":
            size, zero = f"{self._decimal(abs(change), '#,##0.0')} pp", round(change, 1) == 0
        else:
            size = format_percent(abs(change), _percent(self.locale, "#,##0.0"), locale=self.locale)
            zero = round(change, 3) == 0
        sign = "" if zero else "+" if change > 0 else "\N{MINUS SIGN}"
        return f"{sign}{size}"

    def _decimal(self, value: float, pattern: str) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, pattern, locale=self.locale)


def _whole(value: float) -> int:
    """Return the nearest whole number as the workbook rounds it: halves away from zero."""
    return int(abs(value) + 0.5) * (1 if value >= 0 else -1)


def _percent(locale: str, digits: str) -> str:
    """Return a locale's own pattern of percentages, with these digits: some write a space or the sign first."""
    from babel import Locale

    return re.sub(r"[#,0.]+", digits, Locale.parse(locale).percent_formats[None].pattern, count=1)
