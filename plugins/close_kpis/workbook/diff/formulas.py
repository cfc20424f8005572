"""Formulas of the workbook: how they are typed, and whether what they give is what was computed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.cell_data import FormulaText, wanted_value
from close_kpis.workbook.diff.state import a1, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.workbook.diff.block import Block
    from close_kpis.workbook.spec import Area, Cell, Formula, Reference

_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_DECIMALS = re.compile(r"\.([0#]+)")
_EXACT = 1e-9
"""How far two numbers may be apart, by their size, that were computed from the same ones in another order."""


def typed(formula: Formula, block: Block, blocks: Mapping[str, Block]) -> FormulaText:
    """Return a formula as it is typed, with its references where rows and columns stand once they are in order.

    Args:
        formula: of the workbook.
        block: of the tab that it is on.
        blocks: of all tabs, by key.
    """
    references = [address(reference, block, blocks) for reference in formula.references]
    return FormulaText("=" + _PLACEHOLDER.sub(lambda found: references[int(found[1])], formula.text))


def is_moved(formula: Formula, block: Block, blocks: Mapping[str, Block]) -> bool:
    """Whether rows or columns are put in order that it stands among or means: then it reads otherwise afterwards."""
    return any(is_stirred(reference, block, blocks) for reference in formula.references) or block.is_put_in_order


def is_stirred(reference: Reference, block: Block, blocks: Mapping[str, Block]) -> bool:
    """Whether rows or columns of the tab that a reference means are put in order."""
    return (blocks[reference.tab] if reference.tab else block).is_put_in_order


def gives(cell: Cell, effective: Mapping[str, Any]) -> bool:
    """Whether a formula's value in the spreadsheet is the computed one, to the last digit that is shown.

    Args:
        cell: of the workbook.
        effective: the ExtendedValue that the formula gives.
    """
    if cell.formula and not cell.formula.is_checked:
        return True
    wanted = wanted_value(cell)
    found = next(iter(effective.values()), None)
    if "errorValue" in effective:
        return False
    if isinstance(wanted, bool) or not isinstance(wanted, float):
        shown = None if found == "" else found
        return type(shown) is type(wanted) and shown == wanted
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    if abs(found - wanted) <= _EXACT * max(abs(found), abs(wanted)):
        return True
    step = _last_digit(cell)
    return _rounded(found, step) == _rounded(wanted, step)


def address(reference: Reference, block: Block, blocks: Mapping[str, Block]) -> str:
    """Return the ranges that a reference means, in A1 notation.

    Args:
        reference: of the workbook.
        block: of the tab that it is on.
        blocks: of all tabs, by key.
    """
    meant = blocks[reference.tab] if reference.tab else block
    areas = (meant.around(reference.area),) if reference.is_whole else meant.pieces(reference.area)
    title = "" if meant is block else f"{quoted(meant.place.title)}!"
    return ";".join(f"{title}{_span(area) if reference.is_whole else a1(area)}" for area in areas)


def _span(area: Area) -> str:
    """Return an area as a range also where it is one cell: what looks something up in it needs a list."""
    told = a1(area)
    return told if ":" in told else f"{told}:{told}"


def _last_digit(cell: Cell) -> Decimal:
    """Return what one unit of the last digit that a cell shows is worth."""
    number = cell.format.number
    decimals = _DECIMALS.search(number.pattern) if number else None
    places = len(decimals[1]) if decimals else 0
    return Decimal(1).scaleb(-places - (2 if number and "%" in number.pattern else 0))


def _rounded(value: float, step: Decimal) -> Decimal:
    return (Decimal(repr(float(value))) / step).quantize(Decimal(1), ROUND_HALF_UP)
