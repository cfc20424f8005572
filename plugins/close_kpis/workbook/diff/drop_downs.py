"""Drop-down lists to Google's DataValidationRule, and back.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells#datavalidationrule
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.cell_data import FormulaText
from close_kpis.workbook.diff.formulas import address, is_stirred
from close_kpis.workbook.spec import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.workbook.diff.block import Block
    from close_kpis.workbook.spec import DropDown


def validation_rule(drop_down: DropDown, block: Block, blocks: Mapping[str, Block]) -> dict[str, Any]:
    """Return the DataValidationRule of a drop-down list.

    Args:
        drop_down: what is offered.
        block: of the tab that it is on.
        blocks: of all tabs, by key.
    """
    if isinstance(drop_down.choices, Reference):
        # A list takes one range.
        whole = replace(drop_down.choices, is_whole=True)
        kind, choices = "ONE_OF_RANGE", ["=" + address(whole, block, blocks)]
    else:
        kind, choices = "ONE_OF_LIST", list(drop_down.choices)
    condition = {"type": kind, "values": [{"userEnteredValue": choice} for choice in choices]}
    return {"condition": condition, "strict": True, "showCustomUi": True}


def is_stirred_list(drop_down: DropDown, block: Block, blocks: Mapping[str, Block]) -> bool:
    """Whether the cells that are chosen from are put in order, after which the rule reads otherwise."""
    return isinstance(drop_down.choices, Reference) and is_stirred(drop_down.choices, block, blocks)


def is_offered(rule: Mapping[str, Any], current: Mapping[str, Any] | None) -> bool:
    """Whether a cell already has a drop-down list.

    Args:
        rule: what `validation_rule` has returned.
        current: CellData as read, None where it is not known.
    """
    found = (current or {}).get("dataValidation", {})
    is_shown = bool(found.get("strict")) and bool(found.get("showCustomUi"))
    return is_shown and _choices(found.get("condition", {})) == _choices(rule["condition"])


def _choices(condition: Mapping[str, Any]) -> list[str | None]:
    texts = [value.get("userEnteredValue", "") for value in condition.get("values", ())]
    is_range = condition.get("type") == "ONE_OF_RANGE"
    return [condition.get("type"), *(FormulaText(text).comparable if is_range else text for text in texts)]
