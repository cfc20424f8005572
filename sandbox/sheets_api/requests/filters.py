"""Requests about the basic filter and data validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, grid_sheet
from sandbox.sheets_api.requests.cells import write
from sandbox.sheets_api.requests.merges import grid_range

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book


def set_basic_filter(book: Book, payload: dict[str, Any]) -> None:
    """Sets the one basic filter of a sheet; the criteria are kept, rows are not hidden by them."""
    wanted = payload.get("filter", {})
    block = box(book, wanted.get("range", {}))
    block.sheet.basic_filter = {**wanted, "range": grid_range(block)}


def clear_basic_filter(book: Book, payload: dict[str, Any]) -> None:
    """Takes the basic filter away."""
    grid_sheet(book, payload.get("sheetId", 0)).basic_filter = None


def set_data_validation(book: Book, payload: dict[str, Any]) -> None:
    """Sets the validation rule of a range, or clears it where no rule is given."""
    block = box(book, payload.get("range", {}))
    rule = payload.get("rule")
    if rule is not None and "type" not in rule.get("condition", {}):
        raise RequestError("Must specify a condition type.")
    cell = {"dataValidation": rule} if rule is not None else {}
    for row in block.rows():
        for column in block.columns():
            write(block.sheet, row, column, cell, [("dataValidation",)])


HANDLERS = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "setDataValidation": set_data_validation,
}
