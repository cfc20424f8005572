"""What of a page of a list of Close is unlike what the client relies on: told by fields and types, never by values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.close.columns import read_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from close_kpis.close.columns import Column
    from close_kpis.close.stream import Stream

PREFIXES = {
    "organization": "orga_",
    "users": "user_",
    "lead_statuses": "stat_",
    "opportunity_statuses": "stat_",
    "pipelines": "pipe_",
    "custom_fields": "cf_",
    "outcomes": "outcome_",
    "custom_activity_types": "actitype_",
    "leads": "lead_",
    "contacts": "cont_",
    "opportunities": "oppo_",
    "tasks": "task_",
    "events": "ev_",
}
"""How ids begin, by stream; activities' begin with `ACTIVITY`. Source: recorded replies of api.close.com."""
ACTIVITY = "acti_"

OURS = frozenset({("custom_fields", "object_type"), ("users", "is_active")})
"""Fields, by stream, that the list does not have: the client adds them. So it does with every ``position``."""

MAY_LACK = frozenset({"custom", "meta"})
"""Fields that a page may be without: custom values come one by one, and only merges have ``meta``."""

LISTS = frozenset({"emails", "phones"})


def unlike(stream: Stream, objects: Sequence[Any]) -> list[str]:
    """Return what is unlike the stream's columns in some objects, each once, with how many objects it concerns.

    Args:
        stream: which list they are of.
        objects: as the API returns them.
    """
    if strange := sum(not isinstance(obj, dict) for obj in objects):
        return [f"{strange} of {len(objects)} rows are no objects"]
    found = [difference for obj in objects for difference in _of_object(stream, obj)]
    counted = {difference: found.count(difference) for difference in dict.fromkeys(found)}
    told = [f"{difference} ({count} of {len(objects)} rows)" for difference, count in counted.items()]
    return told + [f"no row has the field {name}" for name in _missing(stream, objects)]


def disorder(objects: Iterable[Mapping[str, Any]], field: str) -> list[str]:
    """Return what is wrong with an order by which the newest come first.

    Args:
        objects: as the API returns them.
        field: time stamp that they are ordered by.
    """
    times = []
    for obj in objects:
        try:
            at = read_instant(obj.get(field))
        except ValueError:
            return []
        if at is None:
            return [f"rows without {field}, by which the list is walked"]
        times.append(at)
    return [] if times == sorted(times, reverse=True) else [f"rows do not come newest first by {field}"]


def _of_object(stream: Stream, obj: Mapping[str, Any]) -> Iterator[str]:
    prefix = ACTIVITY if stream.is_activity else PREFIXES[stream.name]
    number = obj.get("id")
    if not isinstance(number, str):
        yield f"id is {_type(number)}"
    elif not number.startswith(prefix):
        yield f"id does not begin with {prefix}"
    for column in stream.columns:
        try:
            column.read(obj)
        except (ValueError, TypeError, AttributeError):
            yield f"{column.name} cannot be read: {_types(column, obj)}"
    for name in stream.fields:
        value = obj.get(name)
        if name.startswith(("is_", "accepts_")) and not isinstance(value, bool | None):
            yield f"{name} is {_type(value)}, not bool"
        if name in LISTS and not isinstance(value, list | None):
            yield f"{name} is {_type(value)}, not list"


def _missing(stream: Stream, objects: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not objects:
        return
    for name in stream.fields:
        is_ours = name == "position" or (stream.name, name) in OURS or name in MAY_LACK
        if not is_ours and not any(name in obj for obj in objects):
            yield name


def _types(column: Column, obj: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} is {_type(obj.get(name))}" for name in column.fields)


def _type(value: object) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"
