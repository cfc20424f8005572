"""Conditional formats: which rule holds for a cell, and what it adds to the cell's format."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from sandbox.sheets_api import dateformat
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.formulas import Value
from sandbox.sheets_api.grid import box
from sandbox.sheets_api.messages import eight_bits
from sandbox.sheets_api.references import displaced

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.model import Book, Sheet

Compute = Callable[[str], Value]


class Values(Protocol):
    """The effective values of a sheet."""

    def plain(self, row: int, column: int) -> Value:
        """The value of a cell."""

    def results(self, texts: Sequence[str]) -> list[Value]:
        """The values of formulas that stand in no cell."""


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GREATER": lambda value, bound: value > bound,
    "GREATER_THAN_EQ": lambda value, bound: value >= bound,
    "LESS": lambda value, bound: value < bound,
    "LESS_THAN_EQ": lambda value, bound: value <= bound,
    "EQ": lambda value, bound: value == bound,
    "NOT_EQ": lambda value, bound: value != bound,
    "BEFORE": lambda value, bound: value < bound,
    "AFTER": lambda value, bound: value > bound,
    "ON_OR_BEFORE": lambda value, bound: value <= bound,
    "ON_OR_AFTER": lambda value, bound: value >= bound,
}
TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "TEXT_CONTAINS": lambda text, part: part in text,
    "TEXT_NOT_CONTAINS": lambda text, part: part not in text,
    "TEXT_STARTS_WITH": lambda text, part: text.startswith(part),
    "TEXT_ENDS_WITH": lambda text, part: text.endswith(part),
    "TEXT_EQ": lambda text, part: text == part,
    "TEXT_NOT_EQ": lambda text, part: text != part,
}
RELATIVE_DAYS = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1, "PAST_WEEK": -7, "PAST_MONTH": -30, "PAST_YEAR": -365}


class ConditionalFormats:
    """The rules of one sheet.

    Args:
        values: the effective values of this sheet.
    """

    def __init__(self, book: Book, sheet: Sheet, values: Values) -> None:
        self._values = values
        self._value_at = values.plain
        self._sheet = sheet
        self._computed: dict[str, dict[tuple[int, int], Value]] = {}
        self._rules = [(rule, _blocks(book, rule)) for rule in sheet.conditional_formats]
        self._scales: dict[int, _Scale] = {}

    def overlay(self, row: int, column: int) -> dict[str, Any]:
        """What the rules add to a cell's format; of two rules the earlier one wins, property by property."""
        merged: dict[str, Any] = {}
        for rule, blocks in self._rules:
            if any(block.contains(row, column) for block in blocks):
                found = self._rule_format(rule, blocks, row, column)
                text = {**found.get("textFormat", {}), **merged.get("textFormat", {})}
                merged = {**found, **merged} | ({"textFormat": text} if text else {})
        return merged

    def _rule_format(self, rule: dict[str, Any], blocks: list[Box], row: int, column: int) -> dict[str, Any]:
        if "booleanRule" in rule:
            condition = rule["booleanRule"]["condition"]
            holds = holds_for(
                condition, self._value_at(row, column), lambda text: self._result(text, blocks, row, column)
            )
            cell_format: dict[str, Any] = rule["booleanRule"].get("format", {}) if holds else {}
            return cell_format
        value = self._value_at(row, column)
        if not _is_number(value):
            return {}
        if id(rule) not in self._scales:
            cells = ((r, c) for block in blocks for r in block.rows() for c in block.columns())
            values = sorted(float(v) for r, c in cells if _is_number(v := self._value_at(r, c)))
            self._scales[id(rule)] = _Scale(rule["gradientRule"], values)
        colour = self._scales[id(rule)].colour(float(value))
        return {"backgroundColor": colour, "backgroundColorStyle": {"rgbColor": colour}}

    def _result(self, text: str, blocks: list[Box], row: int, column: int) -> Value:
        """The value of a condition's formula for a cell: written for the first cell of the rule, it moves along."""
        known = self._computed.setdefault(f"{text}|{blocks[0].a1()}", {})
        if (row, column) not in known:
            filled = {at for at in self._sheet.cells if any(block.contains(*at) for block in blocks)}
            places = sorted({(row, column), *filled} - known.keys())
            first = blocks[0]
            texts = [displaced(text, down - first.top, right - first.left) for down, right in places]
            known |= zip(places, self._values.results(texts), strict=True)
        return known[row, column]


def holds_for(condition: dict[str, Any], value: Value, compute: Compute) -> bool:
    """Whether a BooleanCondition holds for a cell.

    Args:
        condition: the BooleanCondition.
        value: the cell's effective value; None for an empty cell.
        compute: gives the value of a formula for the cell.
    """
    kind = condition["type"]
    operands = [_operand(item, compute) for item in condition.get("values", [])]
    if kind == "CUSTOM_FORMULA":
        return bool(operands[0]) and not isinstance(operands[0], str)
    if kind in {"BLANK", "NOT_BLANK"}:
        return bool((value is None or value == "") == (kind == "BLANK"))
    family, _, test = kind.partition("_")
    if family == "TEXT":
        return _text_holds(kind, "" if value is None else _shown(value), operands)
    if kind == "DATE_IS_VALID":
        return _is_number(value)
    if not _is_number(value):
        return False
    bounds = [float(item) for item in operands if _is_number(item)]
    number = float(value)
    if len(bounds) != len(operands):
        return False
    if test in {"BETWEEN", "NOT_BETWEEN"}:
        low, high = sorted(bounds)
        return bool((low <= number <= high) == (test == "BETWEEN"))
    if family == "DATE":
        number = number // 1
    return COMPARISONS[test](number, bounds[0])


def _text_holds(kind: str, text: str, operands: list[Value]) -> bool:
    if kind == "TEXT_IS_EMAIL":
        return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None
    if kind == "TEXT_IS_URL":
        return re.fullmatch(r"(https?://|www\.)\S+", text) is not None
    return TEXT_TESTS[kind](text.lower(), _shown(operands[0]).lower())


def _operand(item: dict[str, Any], compute: Compute) -> Value:
    """A ConditionValue: a number, a date, a formula or a text."""
    if "relativeDate" in item:
        today = datetime.now(UTC).date() + timedelta(days=RELATIVE_DAYS[item["relativeDate"]])
        return dateformat.to_serial(today)
    text = str(item.get("userEnteredValue", ""))
    if text.startswith("="):
        return compute(text)
    percent = text.endswith("%")
    try:
        return float(text.rstrip("%")) / (100 if percent else 1)
    except ValueError:
        parsed = dateformat.parse(text)
        return parsed[0] if parsed else text


def _blocks(book: Book, rule: dict[str, Any]) -> list[Box]:
    blocks = []
    for grid_range in rule["ranges"]:
        try:
            blocks.append(box(book, grid_range))
        except RequestError:
            continue
    return blocks


class _Scale:
    """A colour scale over the values of a range."""

    def __init__(self, rule: dict[str, Any], values: list[float]) -> None:
        points = [rule[name] for name in ("minpoint", "midpoint", "maxpoint") if "type" in rule.get(name, {})]
        self._points: list[tuple[float, dict[str, Any]]] = [
            (_position(point, values), point.get("color", {})) for point in points
        ]
        self._points.sort(key=lambda pair: pair[0])

    def colour(self, value: float) -> dict[str, Any]:
        """The colour at a value, between its neighbours' colours."""
        places = [place for place, _ in self._points]
        at = bisect.bisect_right(places, value)
        if at == 0:
            return self._points[0][1]
        if at == len(places):
            return self._points[-1][1]
        (low, first), (high, last) = self._points[at - 1], self._points[at]
        share = (value - low) / (high - low)
        return eight_bits({
            name: first.get(name, 0) + (last.get(name, 0) - first.get(name, 0)) * share
            for name in ("red", "green", "blue")
        })


def _position(point: dict[str, Any], values: list[float]) -> float:
    """Where a point lies; values are sorted."""
    low, high = (values[0], values[-1]) if values else (0.0, 1.0)
    kind = point["type"]
    if kind == "MIN":
        return low
    if kind == "MAX":
        return high
    try:
        number = float(point.get("value", "0").rstrip("%"))
    except ValueError:
        number = 0.0
    if kind == "NUMBER":
        return number
    if kind == "PERCENT":
        return low + (high - low) * number / 100
    if not values:
        return low
    place = (len(values) - 1) * number / 100
    floor = int(place)
    above = values[min(floor + 1, len(values) - 1)]
    return values[floor] + (above - values[floor]) * (place - floor)


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: Value) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
