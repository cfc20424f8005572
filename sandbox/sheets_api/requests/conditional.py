"""Requests about conditional format rules, which have no id but their index on the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, grid_sheet

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book, Sheet

# How many values a condition takes. Source: discovery document, ConditionType.
VALUE_COUNTS = {
    "NUMBER_BETWEEN": 2,
    "NUMBER_NOT_BETWEEN": 2,
    "DATE_BETWEEN": 2,
    "DATE_NOT_BETWEEN": 2,
    "TEXT_IS_EMAIL": 0,
    "TEXT_IS_URL": 0,
    "DATE_IS_VALID": 0,
    "BLANK": 0,
    "NOT_BLANK": 0,
}
DATA_VALIDATION_ONLY = frozenset({"ONE_OF_RANGE", "ONE_OF_LIST", "BOOLEAN", "FILTER_EXPRESSION"})
TEXT_FIELDS = frozenset({"bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle"})


def add_rule(book: Book, payload: dict[str, Any]) -> None:
    """Adds a rule at an index; those after it move down. An equal rule is accepted again."""
    rule = payload.get("rule", {})
    sheet = _rule_sheet(book, rule)
    index = payload.get("index", 0)
    if not 0 <= index <= len(sheet.conditional_formats):
        raise RequestError(f"No conditional format on sheet: {sheet.id} at index: {index}")
    sheet.conditional_formats.insert(index, rule)


def update_rule(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Replaces a rule, or moves it to another index."""
    if ("rule" in payload) == ("newIndex" in payload):
        raise RequestError("Exactly one of rule and newIndex must be set.")
    index = payload.get("index", 0)
    if "rule" in payload:
        sheet = _rule_sheet(book, payload["rule"])
        old = _rule(sheet, index)
        sheet.conditional_formats[index] = payload["rule"]
        reply = {"newRule": payload["rule"], "oldRule": old}
        return reply | {name: index for name in ("newIndex", "oldIndex") if index}
    sheet = grid_sheet(book, payload.get("sheetId", 0))
    old = _rule(sheet, index)
    _rule(sheet, payload["newIndex"])
    sheet.conditional_formats.insert(payload["newIndex"], sheet.conditional_formats.pop(index))
    places = {"newIndex": payload["newIndex"], "oldIndex": index}
    return {"newRule": old} | {name: place for name, place in places.items() if place}


def delete_rule(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Deletes a rule; those after it move up."""
    sheet = grid_sheet(book, payload.get("sheetId", 0))
    index = payload.get("index", 0)
    rule = _rule(sheet, index)
    del sheet.conditional_formats[index]
    return {"rule": rule}


def _rule(sheet: Sheet, index: int) -> dict[str, Any]:
    if not 0 <= index < len(sheet.conditional_formats):
        raise RequestError(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return sheet.conditional_formats[index]


def _rule_sheet(book: Book, rule: dict[str, Any]) -> Sheet:
    """The sheet a rule is on.

    Raises:
        RequestError: the rule has no range, ranges on several sheets, or is not one Google would take.
    """
    ranges = rule.get("ranges", [])
    if not ranges:
        raise RequestError("Must specify at least one range.")
    if len({item.get("sheetId", 0) for item in ranges}) > 1:
        raise RequestError("All ranges of a conditional format rule must be on the same sheet.")
    blocks = [box(book, item) for item in ranges]
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise RequestError("Exactly one of boolean_rule and gradient_rule must be set.")
    if "booleanRule" in rule:
        _refuse_condition(rule["booleanRule"])
    else:
        _refuse_gradient(rule["gradientRule"])
    return blocks[0].sheet


def _refuse_condition(rule: dict[str, Any]) -> None:
    condition = rule.get("condition", {})
    kind = condition.get("type")
    if kind is None or kind in DATA_VALIDATION_ONLY:
        raise RequestError(f"Condition type {kind or 'CONDITION_TYPE_UNSPECIFIED'} is not supported here.")
    wanted, given = VALUE_COUNTS.get(kind, 1), len(condition.get("values", []))
    if given != wanted:
        raise RequestError(f"ConditionType {kind} requires exactly {wanted} ConditionValues, {given} were given.")
    cell_format = rule.get("format", {})
    allowed = {"textFormat", "backgroundColor", "backgroundColorStyle"}
    extra = sorted(set(cell_format) - allowed | set(cell_format.get("textFormat", {})) - TEXT_FIELDS)
    if extra:
        raise RequestError(
            "Conditional formats can only have bold, italic, strikethrough, underline, foreground and background "
            f"color; not: {', '.join(extra)}"
        )


def _refuse_gradient(rule: dict[str, Any]) -> None:
    for name in ("minpoint", "maxpoint"):
        if "type" not in rule.get(name, {}):
            raise RequestError(f"A gradient rule must have a {name} with a type.")


HANDLERS = {
    "addConditionalFormatRule": add_rule,
    "updateConditionalFormatRule": update_rule,
    "deleteConditionalFormatRule": delete_rule,
}
