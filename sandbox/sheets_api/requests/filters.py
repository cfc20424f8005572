"""Requests about the basic filter, filter views and data validation; criteria are kept, rows are not hidden by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, grid_sheet, overlap
from sandbox.sheets_api.requests.cells import write
from sandbox.sheets_api.requests.ids import FILTER_VIEWS, TABLES
from sandbox.sheets_api.requests.merges import grid_range

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.model import Book

Filter = dict[str, Any]


def set_basic_filter(book: Book, payload: dict[str, Any]) -> None:
    """Sets the one basic filter of a sheet."""
    wanted = payload.get("filter", {})
    block = _covered(book, wanted)
    covered = grid_range(block)
    if "tableId" not in wanted and any(overlap(table["range"], covered) for table in block.sheet.tables):
        raise RequestError("A basic filter cannot overlap a table; set filter.tableId.")
    block.sheet.basic_filter = _told_twice({**wanted, "range": covered})


def clear_basic_filter(book: Book, payload: dict[str, Any]) -> None:
    """Takes the basic filter away."""
    grid_sheet(book, payload.get("sheetId", 0)).basic_filter = None


def add_filter_view(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a filter view; its id may be the client's."""
    asked = payload.get("filter", {})
    view_id = FILTER_VIEWS.choose(book, asked.get("filterViewId"))
    block = _covered(book, asked)
    view = _told_twice({**asked, "filterViewId": view_id, "range": grid_range(block)})
    view.setdefault("title", f"Filter {len(block.sheet.filter_views) + 1}")
    block.sheet.filter_views.append(view)
    return {"filter": view}


def update_filter_view(book: Book, payload: dict[str, Any]) -> None:
    """Changes a filter view under a mask."""
    asked = payload.get("filter", {})
    paths = [path for path in update_paths(payload.get("fields", ""), "FilterView") if path != ("filterViewId",)]
    sheet, view = FILTER_VIEWS.find(book, asked.get("filterViewId", 0))
    changed = merge(view, asked, paths)
    if ("filterSpecs",) in paths and "filterSpecs" not in asked and ("criteria",) not in paths:
        changed.pop("criteria", None)
    if ("criteria",) in paths and "filterSpecs" not in asked:
        changed.pop("filterSpecs", None)
    block = _covered(book, changed)
    sheet.filter_views.remove(view)
    block.sheet.filter_views.append(_told_twice({**changed, "range": grid_range(block)}))


def duplicate_filter_view(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a filter view like another one."""
    sheet, view = FILTER_VIEWS.find(book, payload.get("filterId", 0))
    copied = {**view, "filterViewId": FILTER_VIEWS.choose(book, None), "title": f"Copy of {view['title']}"}
    copied["range"] = dict(view["range"])
    sheet.filter_views.append(copied)
    return {"filter": copied}


def delete_filter_view(book: Book, payload: dict[str, Any]) -> None:
    """Deletes a filter view."""
    sheet, view = FILTER_VIEWS.find(book, payload.get("filterId", 0))
    sheet.filter_views.remove(view)


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


def _covered(book: Book, wanted: Filter) -> Box:
    """The block that a filter covers: a range, a table or, for filter views, a named range."""
    if "tableId" in wanted:
        return box(book, TABLES.find(book, wanted["tableId"])[1]["range"])
    if "namedRangeId" in wanted:
        named = next((one for one in book.named_ranges if one["namedRangeId"] == wanted["namedRangeId"]), None)
        if named is None:
            raise RequestError(f"No named range with id: {wanted['namedRangeId']}")
        return box(book, named["range"])
    return box(book, wanted.get("range", {}))


def _told_twice(wanted: Filter) -> Filter:
    """The filter with its criteria in both forms. Source: discovery document, BasicFilter.filterSpecs."""
    specs = wanted.get("filterSpecs")
    if specs is not None:
        return {**wanted, "criteria": {str(one.get("columnIndex", 0)): one.get("filterCriteria", {}) for one in specs}}
    if "criteria" not in wanted:
        return wanted
    told = [
        {**({"columnIndex": int(column)} if int(column) else {}), "filterCriteria": rule}
        for column, rule in wanted["criteria"].items()
    ]
    return {**wanted, "filterSpecs": told}


HANDLERS = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "deleteFilterView": delete_filter_view,
    "setDataValidation": set_data_validation,
}
