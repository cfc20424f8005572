"""How a value of Close's JSON becomes a value of a raw column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = Any
CUSTOM = "custom."
LARGEST = 2**53
"""Numbers up to here are exact in JSON and in a spreadsheet; DuckDB's integers and sums hold them."""
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
"""Between them every instant has a neighbour, in every time zone; people and imports write what lies beyond."""
_FIRST, _LAST = (datetime.combine(day, time.min, UTC) for day in (FIRST_DAY, LAST_DAY))
_BEYOND = re.compile(r"([+-]\d{4,}|\d{5,})-\d\d-\d\d")


@dataclass(frozen=True)
class Column:
    """A column of a raw table.

    Attributes:
        name: of the column.
        read: makes its value from the whole object; raises ValueError or TypeError where it cannot.
        fields: names of the fields to ask for.
    """

    name: str
    read: Callable[[Mapping[str, Any]], Value]
    fields: tuple[str, ...]


def text(name: str, field: str | None = None) -> Column:
    """A text, or None."""
    return _column(name, field, _text)


def whole(name: str) -> Column:
    """A whole number (cents, seconds, percent), or None."""
    return _column(name, None, _whole)


def length(name: str, field: str) -> Column:
    """How many values a list has: of an address book, what a report may need without the addresses themselves."""
    return Column(name, lambda obj: len(obj.get(field) or ()), (field,))


def unread(column: Column) -> Column:
    """The column without its values: nobody has asked for them."""
    return Column(column.name, lambda _: None, ())


def further(name: str, *fields: str) -> Column:
    """Those of some fields that have a value, as Close has them; None where none is asked for."""

    def read(obj: Mapping[str, Any]) -> Value:
        values = {field: _custom(obj) if field == "custom" else obj.get(field) for field in fields}
        return {field: value for field, value in values.items() if value} if fields else None

    return Column(name, read, fields)


def flag(name: str, *, default: bool | None = None) -> Column:
    """A truth value; what is absent has the default."""
    return _column(name, None, lambda value: default if value is None else bool(value))


def instant(name: str) -> Column:
    """An instant in UTC, or None.

    Close writes ``2022-11-12T18:00:00.123000+00:00``, drops a fraction of zero, and leaves the zone out
    in events, pipelines and custom activity types. Source: recorded replies of api.close.com.
    """
    return _column(name, None, read_instant)


def day(name: str) -> Column:
    """A date without a time, taken as it stands, or None."""
    return _column(name, None, _day)


def json(name: str) -> Column:
    """Any JSON value."""
    return _column(name, None, lambda value: value)


def custom_values() -> Column:
    """The custom field values by field id: Close has them flat, as ``custom.cf_...``, unset ones absent."""
    return Column("custom", _custom, ("custom",))


def inside(name: str, outer: str, field: str) -> Column:
    """A text in a nested object, or None where either is absent."""
    return Column(name, lambda obj: _text((obj.get(outer) or {}).get(field)), (outer,))


def read_instant(value: object) -> datetime | None:
    """Return a time stamp of Close as an instant in UTC; one beyond the years that can be told is the first or last.

    Raises:
        ValueError: it is none.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no time stamp")
    if _BEYOND.match(value):
        return _FIRST if value.startswith("-") else _LAST
    at = datetime.fromisoformat(value)
    if at.date() < FIRST_DAY:
        return _FIRST
    if at.date() > LAST_DAY:
        return _LAST
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _column(name: str, field: str | None, convert: Callable[[Any], Value]) -> Column:
    source = field or name
    return Column(name, lambda obj: convert(obj.get(source)), (source,))


def _custom(obj: Mapping[str, Any]) -> dict[str, Value]:
    return {key.removeprefix(CUSTOM): value for key, value in obj.items() if key.startswith(CUSTOM)}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is no text")


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError(f"{value!r} is no whole number")
    if not -LARGEST <= int(value) <= LARGEST:
        raise ValueError(f"{value!r} is larger than any amount of money, duration or percentage: correct it in Close")
    return int(value)


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no date")
    if _BEYOND.match(value):
        return FIRST_DAY if value.startswith("-") else LAST_DAY
    return date.fromisoformat(value[:10])
