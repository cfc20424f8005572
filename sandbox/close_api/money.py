"""What Close derives from an opportunity's value.

Source: developer.close.com "Opportunities"; recorded opportunities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
    "JPY": "¥",
    "INR": "₹",
}
PERIODS = ("one_time", "monthly", "annual")


def share(amount: int, percent: int) -> int:
    """Return ``percent`` of ``amount`` in whole cents, a half going to the even neighbour."""
    whole, rest = divmod(amount * percent, 100)
    if rest > 50 or (rest == 50 and whole % 2 == 1):
        whole += 1
    return whole


def annualized(value: int, period: str | None) -> int:
    """Return twelve times a monthly value; an annual or one-time value counts once."""
    return value * 12 if period == "monthly" else value


def formatted(value: int | None, period: str | None, currency: str) -> str:
    """Return the text Close shows: symbol, thousands commas, cents only where there are any.

    Args:
        value: cents.
        period: one_time, monthly or annual.
        currency: ISO code.
    """
    if not value:
        return ""
    sign, amount = ("-", -value) if value < 0 else ("", value)
    whole, cents = divmod(amount, 100)
    text = f"{sign}{SYMBOLS.get(currency, currency + ' ')}{whole:,}"
    if cents:
        text += f".{cents:02d}"
    return f"{text} monthly" if period == "monthly" else text


def derived(value: int | None, period: str | None, confidence: int | None, currency: str) -> dict[str, Any]:
    """Return the computed fields of an opportunity; null where the value is.

    Args:
        value: cents a period, or None.
        period: one_time, monthly or annual.
        confidence: whole per cent.
        currency: ISO code.
    """
    if value is None:
        amounts: dict[str, Any] = dict.fromkeys((
            "expected_value",
            "annualized_value",
            "annualized_expected_value",
        ))
    else:
        percent = 0 if confidence is None else confidence
        yearly = annualized(value, period)
        amounts = {
            "expected_value": share(value, percent),
            "annualized_value": yearly,
            "annualized_expected_value": share(yearly, percent),
        }
    return {**amounts, "value_formatted": formatted(value, period, currency)}


def totals(opportunities: Iterable[dict[str, Any]], currency: str) -> dict[str, Any]:
    """Return the aggregates over all matches that each page of opportunities carries.

    Args:
        opportunities: the matching rows, with value, value_period and confidence.
        currency: ISO code of the organisation.
    """
    counts: dict[str, int] = {}
    number = 0
    total = dict.fromkeys((*PERIODS, "annualized"), 0)
    expected = dict.fromkeys((*PERIODS, "annualized"), 0)
    for row in opportunities:
        number += 1
        period = row.get("value_period") or "one_time"
        counts[period] = counts.get(period, 0) + 1
        value = row.get("value")
        if value is None:
            continue
        confidence = row.get("confidence") or 0
        yearly = annualized(value, period)
        total[period] = total.get(period, 0) + value
        total["annualized"] += yearly
        expected[period] = expected.get(period, 0) + share(value, confidence)
        expected["annualized"] += share(yearly, confidence)
    reply: dict[str, Any] = {"total_results": number, "count_by_value_period": counts}
    for name, amounts in (("total_value", total), ("expected_value", expected)):
        for period, cents in amounts.items():
            suffix = period if period == "monthly" else None
            reply[f"{name}_{period}"] = cents
            reply[f"{name}_{period}_formatted"] = formatted(cents, suffix, currency) or None
    return reply
