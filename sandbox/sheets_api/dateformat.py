"""Dates and times: serial numbers and the date part of a number pattern.

A serial number counts days since 1899-12-30; its fraction is the time of day.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/DateTimeRenderOption
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # serial numbers have no zone
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Token = tuple[str, str]
FIRST, END = -693_592, 2_958_465
"""The serial numbers that are days: those of the years 1 to 9999, whose last day is left for rounding up."""


def from_serial(serial: float) -> datetime:
    """The moment of a serial number, to the millisecond."""
    return EPOCH + timedelta(milliseconds=round(serial * 86_400_000))


def to_serial(moment: date | datetime) -> float:
    """The serial number of a date or a moment without zone."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001  # serial numbers have no zone
    delta = moment - EPOCH
    return delta.days + delta.seconds / 86_400 + delta.microseconds / 86_400_000_000


def show(serial: float, tokens: tuple[Token, ...]) -> str:
    """A serial number by the tokens of a date pattern.

    Args:
        serial: days since 1899-12-30.
        tokens: pairs (kind, text) as `numberformat` splits them.
    """
    moment = from_serial(serial)
    has_fraction = any(kind == "digit" for kind, _ in tokens)
    if not has_fraction:
        moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    twelve = any(kind == "meridiem" for kind, _ in tokens)
    return "".join(
        _token(kind, text, moment, serial, minutes=_is_minutes(tokens, index), twelve=twelve, after=tokens[:index])
        for index, (kind, text) in enumerate(tokens)
    )


def _is_minutes(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether an `m` stands for minutes: next to hours before it or seconds after it."""
    before = [text for kind, text in tokens[:index] if kind in {"date", "elapsed"}]
    after = [text for kind, text in tokens[index + 1 :] if kind in {"date", "elapsed"}]
    return bool((before and before[-1][0] == "h") or (after and after[0][0] == "s"))


def _token(
    kind: str, text: str, moment: datetime, serial: float, *, minutes: bool, twelve: bool, after: tuple[Token, ...]
) -> str:
    if kind == "elapsed":
        unit = {"h": 24, "m": 1440, "s": 86_400}[text[0]]
        return f"{int(serial * unit + 1e-7):0{len(text)}d}"
    if kind == "meridiem":
        half = "PM" if moment.hour >= 12 else "AM"
        half = half if text[0].isupper() else half.lower()
        return half if len(text) > 3 else half[0]
    if kind == "digit":
        if text == "0" and after and after[-1] == ("digit", "."):
            return str(moment.microsecond // 100_000)
        if text == "0":
            place = sum(1 for item in after if item == ("digit", "0"))
            return f"{moment.microsecond:06d}"[place] if place < 6 else ""
        return text
    if kind != "date":
        return text
    return _date_token(text, moment, minutes=minutes, twelve=twelve)


def _date_token(text: str, moment: datetime, *, minutes: bool, twelve: bool) -> str:
    letter, width = text[0], len(text)
    if letter == "y":
        return f"{moment.year:04d}" if width > 2 else f"{moment.year % 100:02d}"
    if letter == "m" and not minutes:
        name = MONTHS[moment.month - 1]
        words = {3: name[:3], 4: name, 5: name[0]}
        return words.get(width) or (name if width > 5 else f"{moment.month:0{width}d}")
    if letter == "d":
        name = DAYS[moment.weekday()]
        return f"{moment.day:0{width}d}" if width < 3 else name[:3] if width == 3 else name
    if letter == "h":
        hour = (moment.hour % 12 or 12) if twelve else moment.hour
        return f"{hour:0{min(width, 2)}d}"
    number = moment.minute if letter == "m" else moment.second
    return f"{number:0{min(width, 2)}d}"


def parse(text: str) -> tuple[float, dict[str, str]] | None:
    """A date that somebody typed, with the format it gets; None where it is none (locale en_US).

    Source: recorded traffic of USER_ENTERED writes.
    """
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
        parts, pattern = [int(part) for part in text.split("-")], "yyyy-mm-dd"
    elif re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
        month, day, year = (int(part) for part in text.split("/"))
        parts, pattern = [year, month, day], "m/d/yyyy"
    else:
        return None
    try:
        serial = to_serial(date(*parts))
    except ValueError:
        return None
    return serial, {"type": "DATE", "pattern": pattern}
