"""How the workbook looks: few colours, one look for each kind of row, number formats by unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Format, Line, NumberFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.kpis.registry import Unit
    from close_kpis.workbook.spec import Value

INK = "#1F2937"
MUTED = "#6B7280"
FAINT = "#9CA3AF"
NAVY = "#1E3A5F"
PALE = "#E8EEF5"
PALER = "#F5F7FA"
RULE = "#CBD5E1"
WHITE = "#FFFFFF"
GOOD = "#17734A"
BAD = "#B3261E"
RUNNING = "#FFFBEB"
INPUT = "#E3F0FC"
FINDING = "#FDF0D5"
SHADE_LOW, SHADE_HIGH = "#FFFFFF", "#A9D5BC"
LINK = "#1A5FB4"

SERIES = ("#1E3A5F", "#E08E2B", "#3B8F7B", "#8C6BB1", "#C8553D", "#6C93C4", "#A3A847", "#D98BAF")
"""Colours of chart series: told apart in print and by the colour-blind."""

_THIN = Line("SOLID", RULE)

TITLE = Format(bold=True, size=18, color=NAVY, valign="MIDDLE")
STAMP = Format(size=9, color=MUTED, valign="MIDDLE")
SECTION = Format(bold=True, size=13, color=NAVY, valign="MIDDLE")
HEADER = Format(bold=True, color=WHITE, fill=NAVY, align="CENTER", valign="MIDDLE", wrap="WRAP", size=9)
HEADER_LEFT = HEADER.but(align="LEFT")
SUBHEADER = Format(bold=True, color=NAVY, fill=PALE, align="CENTER", valign="MIDDLE", wrap="WRAP", size=9, bottom=_THIN)
SUBHEADER_LEFT = SUBHEADER.but(align="LEFT")
BODY = Format(color=INK)
TOTAL = Format(color=INK, bold=True, fill=PALE, top=_THIN)
AVERAGE = Format(color=INK, fill=PALER)
YOY = Format(color=MUTED, italic=True, fill=PALER)
PROSE = Format(color=INK, wrap="WRAP", valign="TOP")
PROSE_BOLD = PROSE.but(bold=True)
PROSE_MUTED = PROSE.but(color=MUTED)
SENTENCE = BODY.but(size=9)
PROSE_ID = PROSE_MUTED.but(wrap="CLIP")
ANCHOR = Format(color=LINK, valign="TOP")
DATA_HEADER = Format(bold=True, color=INK, fill=PALE, bottom=_THIN)

MONTH = NumberFormat("DATE", "mmm yyyy")
MONTH_RUNNING = NumberFormat("DATE", 'mmm yyyy" (MTD)"')
DAY = NumberFormat("DATE", "yyyy-mm-dd")
WHOLE = NumberFormat("NUMBER", "#,##0")
TOGETHER = NumberFormat("NUMBER", '"together "#,##0')
A_MONTH = NumberFormat("NUMBER", '#,##0" a month"')
TENTH = NumberFormat("NUMBER", "#,##0.0")
HUNDREDTH = NumberFormat("NUMBER", "#,##0.00")
TIMES = NumberFormat("NUMBER", '#,##0.0"×"')
PERCENT = NumberFormat("PERCENT", "0.0%")
SHARE = NumberFormat("PERCENT", "0%")
CHANGE = NumberFormat("PERCENT", "+0.0%;-0.0%;0.0%")
POINTS = NumberFormat("NUMBER", '+0.0" pp";-0.0" pp";0.0" pp"')
"""Percentage points: the cell holds points (1.5), not the fraction (0.015)."""

_SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "CAD": "CA$",
    "AUD": "A$",
    "JPY": "¥",
    "INR": "₹",
    "BRL": "R$",
}


def month(*, is_running: bool) -> Format:
    """Return how the row of a month looks: the running one is told from those that are completed."""
    return BODY.but(italic=True, fill=RUNNING) if is_running else BODY


def money(currency: str) -> NumberFormat:
    """Return the format of amounts in a currency.

    Args:
        currency: ISO 4217 code; one without a known sign is shown by its code.
    """
    return NumberFormat("CURRENCY", f'"{_SYMBOLS.get(currency, currency + " ")}"#,##0')


def amount(value: float, currency: str) -> str:
    """Return an amount of a currency as a sentence tells it, such as $1,250."""
    return f"{'-' if value <= -0.5 else ''}{_SYMBOLS.get(currency, currency + ' ')}{abs(value):,.0f}"


def number(unit: Unit, currency: str) -> NumberFormat:
    """Return the number format of a unit."""
    formats: dict[Unit, NumberFormat] = {
        "count": WHOLE,
        "money": money(currency),
        "mrr": money(currency),
        "rate": PERCENT,
        "ratio": TIMES,
        "days": TENTH,
        "number": TENTH,
    }
    return formats[unit]


def rate_of(n: int) -> NumberFormat:
    """Return the format of a rate with the number of observations that it is of, such as "38% (13)"."""
    return NumberFormat("PERCENT", f'0%" ({n})"')


PER_SHOWN: Mapping[Unit, int] = {"money": 100, "mrr": 1200}
"""How many cents, or annual cents, of a table's value make one unit of the currency that readers see; of others 1."""


def shown(unit: Unit, value: float | None) -> Value:
    """Return what a cell shows of a table's value: cents as currency, annual cents as a month's worth.

    Args:
        unit: the column's unit.
        value: what the table holds, None for NULL.
    """
    return None if value is None else value / PER_SHOWN.get(unit, 1)
