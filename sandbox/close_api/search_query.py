"""The query tree of advanced filtering, compiled to a test on rows.

Understood: ``and``, ``or``, ``object_type``, ``id``, ``match_all``, ``text``, ``has_related`` and
``field_condition`` on regular and custom fields, each with ``negate``.

Source: developer.close.com "Advanced Filtering".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors, times
from sandbox.close_api.collection import Row, instant
from sandbox.close_api.index import Window
from sandbox.close_api.search_kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.close_api.account import Account
    from sandbox.close_api.render import Renderer

    Test = Callable[[Row], bool]

_MOMENT_BOUNDS = {"on_or_after": "gte", "after": "gt", "before": "lt", "on_or_before": "lte"}
_INDEXED = frozenset({"date_created", "date_updated"})


@dataclass(frozen=True)
class Plan:
    """A compiled query.

    Attributes:
        kind: the one type of object it asks for.
        test: says whether a row matches; None where the other attributes say it all.
        created: range of ``date_created`` that every match lies in, if the query has one.
        updated: the same of ``date_updated``.
        ids: the ids that every match has one of, if the query names any.
    """

    kind: Kind
    test: Test | None
    created: Window | None = None
    updated: Window | None = None
    ids: list[str] | None = None


class Compiler:
    """Compiles queries on one account.

    Args:
        account: the rows, for related objects.
        renderer: resolves fields that are not stored.
        zone_hours: the request's ``x-tz-offset``, for local dates.
    """

    def __init__(self, account: Account, renderer: Renderer, zone_hours: str | None = None) -> None:
        self._account = account
        self._renderer = renderer
        self._zone = times.offset_zone(zone_hours)

    def plan(self, query: Any) -> Plan:
        """Compile a request's query.

        Raises:
            ApiError: 400 for a query that is not understood.
        """
        names = set(_object_types(query))
        if len(names) != 1:
            raise _invalid("The query must ask for one object type.")
        kind = _kind(names.pop())
        test = self._test(query, kind)
        terms = _terms(query)
        windows: dict[str, Window] = {}
        for term in terms:
            window = self._certain_window(term)
            if window is not None and window.field not in windows:
                windows[window.field] = window
                terms = [other for other in terms if other is not term]
        named = next((ids for term in terms if (ids := _certain_ids(term)) is not None), None)
        is_covered = all(_is_free(term) for term in terms)
        return Plan(kind, None if is_covered else test, windows.get("date_created"), windows.get("date_updated"), named)

    def _test(self, node: Any, kind: Kind) -> Test:
        if not isinstance(node, dict):
            raise _invalid("A query must be an object.")
        test = self._plain_test(node, kind)
        return (lambda row: not test(row)) if node.get("negate") else test

    def _plain_test(self, node: Row, kind: Kind) -> Test:
        match node.get("type"):
            case "and":
                tests = [self._test(part, kind) for part in node.get("queries") or ()]
                return lambda row: all(test(row) for test in tests)
            case "or":
                tests = [self._test(part, kind) for part in node.get("queries") or ()]
                return lambda row: any(test(row) for test in tests)
            case "object_type":
                same = _kind(node.get("object_type")) == kind
                return lambda row: same
            case "match_all":
                return lambda row: True
            case "id":
                wanted = node.get("value")
                return lambda row: row["id"] == wanted
            case "text":
                return _words(str(node.get("value") or ""), ("name", "display_name", "description", "note", "title"))
            case "has_related":
                return self._related(node, kind)
            case "field_condition":
                return self._condition(node, kind)
            case other:
                raise _invalid(f"Query type {other!r} is not supported.")

    def _condition(self, node: Row, kind: Kind) -> Test:
        field, condition = node.get("field") or {}, node.get("condition") or {}
        name = self._field_name(field, kind)
        match condition.get("type"):
            case "moment_range":
                window = self._window(name, condition)
                return lambda row: window.holds(instant(row, name))
            case "number_range":
                window = Window(
                    name,
                    **{
                        bound: condition[bound]
                        for bound in ("gt", "gte", "lt", "lte")
                        if condition.get(bound) is not None
                    },
                )
                return lambda row: window.holds(self._value(row, name, kind))
            case "term":
                return self._among(name, condition.get("values") or (), kind)
            case "reference":
                return self._among(name, condition.get("object_ids") or (), kind)
            case "exists":
                return lambda row: self._value(row, name, kind) not in (None, "")
            case "boolean":
                wanted = bool(condition.get("value"))
                return lambda row: bool(self._value(row, name, kind)) == wanted
            case "text":
                return _words(str(condition.get("value") or ""), (name,))
            case other:
                raise _invalid(f"Condition {other!r} is not supported.")

    def _among(self, name: str, values: Any, kind: Kind) -> Test:
        wanted = set(values)

        def test(row: Row) -> bool:
            value = self._value(row, name, kind)
            return not wanted.isdisjoint(value) if isinstance(value, list) else value in wanted

        return test

    def _related(self, node: Row, kind: Kind) -> Test:
        other = _kind(node.get("related_object_type"))
        inner = self._test(node.get("related_query"), other)
        rows = self._account[other.resource]

        def is_other(row: Row) -> bool:
            return other.activity in {None, row.get("_type")} and inner(row)

        if kind.name == "lead":
            return lambda row: any(is_other(found) for found in rows.of_lead(row["id"]))
        if other.name == "lead":
            return lambda row: (lead := rows.get(row.get("lead_id"))) is not None and is_other(lead)
        raise _invalid(f"{kind.name} has no related {other.name}.")

    def _field_name(self, field: Row, kind: Kind) -> str:
        if field.get("type") == "custom_field":
            return f"custom.{field.get('custom_field_id')}"
        name = field.get("field_name")
        if field.get("type") != "regular_field" or name not in kind.fields:
            raise _invalid(f"Field {name!r} of {kind.name} is not supported.")
        return str(name)

    def _value(self, row: Row, name: str, kind: Kind) -> Any:
        if name in row or name.startswith("custom."):
            return row.get(name)
        return self._renderer.shown(kind.resource, row).get(name)

    def _window(self, name: str, condition: Row) -> Window:
        bounds = {}
        for moment, bound in _MOMENT_BOUNDS.items():
            if condition.get(moment) is not None:
                bounds[bound] = self._moment(condition[moment])
        return Window(name, **bounds)

    def _moment(self, moment: Row) -> int:
        kind, value = moment.get("type"), moment.get("value")
        try:
            if kind == "fixed_utc":
                return times.micros(times.parse(value))
            if kind == "fixed_local_date":
                at = times.parse(value, zone=self._zone)
                if moment.get("which") == "end":
                    at += timedelta(days=1, microseconds=-1)
                return times.micros(at)
        except ValueError:
            raise _invalid(f"{value!r} is not a date/time.") from None
        raise _invalid(f"Moment {kind!r} is not supported.")

    def _certain_window(self, node: Row) -> Window | None:
        """Return the time range that a condition is, which an index can serve."""
        field, condition = node.get("field") or {}, node.get("condition") or {}
        name = field.get("field_name")
        if node.get("negate") or condition.get("type") != "moment_range" or name not in _INDEXED:
            return None
        return self._window(name, condition)


def _terms(node: Row) -> list[Row]:
    """Return the conditions that all must hold."""
    if node.get("type") == "and" and not node.get("negate"):
        return [term for part in node.get("queries") or () for term in _terms(part)]
    return [node]


def _is_free(node: Row) -> bool:
    """Say whether a condition holds for every row of the kind that is searched."""
    return node.get("type") in {"object_type", "match_all"} and not node.get("negate")


def _certain_ids(node: Row) -> list[str] | None:
    """Return the ids of which every match has one, None where the condition names none."""
    parts = node.get("queries") or () if node.get("type") == "or" else [node]
    if node.get("negate") or not parts or any(part.get("type") != "id" or part.get("negate") for part in parts):
        return None
    return [str(part.get("value")) for part in parts]


def _object_types(node: Any) -> list[str]:
    if not isinstance(node, dict):
        return []
    if node.get("type") == "object_type":
        return [str(node.get("object_type"))]
    return [name for part in node.get("queries") or () for name in _object_types(part)]


def _kind(name: Any) -> Kind:
    if name not in KINDS:
        raise _invalid(f"Object type {name!r} is not supported.")
    return KINDS[name]


def _words(text: str, fields: tuple[str, ...]) -> Test:
    wanted = text.lower()
    return lambda row: any(wanted in str(row.get(field) or "").lower() for field in fields)


def _invalid(text: str) -> errors.ApiError:
    return errors.invalid_fields(query=text)
