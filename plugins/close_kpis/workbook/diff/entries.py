"""What readers may enter, to Google's DataValidationRule and back.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells#datavalidationrule
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.cell_data import FormulaText
from close_kpis.workbook.diff.formulas import address, is_stirred
from close_kpis.workbook.spec import DropDown, Entry, Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.workbook.diff.block import Block


def validation_rule(entry: DropDown | Entry, block: Block, blocks: Mapping[str, Block]) -> dict[str, Any]:
    """Return the DataValidationRule of what a reader enters: a list is strict, another entry is only marked.

    Args:
        entry: what is offered or expected.
        block: of the tab that it is on.
        blocks: of all tabs, by key.
    """
    kind, values = _condition(entry, block, blocks)
    condition: dict[str, Any] = {"type": kind}
    if values:
        condition["values"] = [{"userEnteredValue": value} for value in values]
    return {"condition": condition, "strict": isinstance(entry, DropDown), "showCustomUi": True}


def _condition(entry: DropDown | Entry, block: Block, blocks: Mapping[str, Block]) -> tuple[str, list[str]]:
    if isinstance(entry, Entry):
        return ("DATE_IS_VALID", []) if entry.kind == "date" else ("NUMBER_GREATER_THAN_EQ", ["0"])
    if isinstance(entry.choices, Reference):
        # A list takes one range.
        return "ONE_OF_RANGE", ["=" + address(replace(entry.choices, is_whole=True), block, blocks)]
    return "ONE_OF_LIST", list(entry.choices)


def is_stirred_list(entry: DropDown | Entry, block: Block, blocks: Mapping[str, Block]) -> bool:
    """Whether the cells that are chosen from are put in order, after which the rule reads otherwise."""
    choices = entry.choices if isinstance(entry, DropDown) else ()
    return isinstance(choices, Reference) and is_stirred(choices, block, blocks)


def is_offered(rule: Mapping[str, Any], current: Mapping[str, Any] | None) -> bool:
    """Whether a cell already has a rule.

    Args:
        rule: what `validation_rule` has returned.
        current: CellData as read, None where it is not known.
    """
    found = (current or {}).get("dataValidation", {})
    flags = [(bool(one.get("strict")), bool(one.get("showCustomUi"))) for one in (found, rule)]
    return flags[0] == flags[1] and _told(found.get("condition", {})) == _told(rule["condition"])


def _told(condition: Mapping[str, Any]) -> list[str | None]:
    texts = [value.get("userEnteredValue", "") for value in condition.get("values", ())]
    is_range = condition.get("type") == "ONE_OF_RANGE"
    return [condition.get("type"), *(FormulaText(text).comparable if is_range else text for text in texts)]
