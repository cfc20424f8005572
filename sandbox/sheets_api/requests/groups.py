"""Requests about row and column groups.

Groups of one dimension nest like brackets: a group is a span and a depth, and adding a group over a part of another
raises the depth of that part. Source: discovery document, AddDimensionGroupRequest.
"""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import span
from sandbox.sheets_api.model import ROWS, Book, Sheet

MAX_DEPTH = 8


def add_dimension_group(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Groups a span, one level deeper than it was."""
    sheet, dimension, start, end = span(book, payload.get("range", {}))
    depths = _depths(sheet, dimension)
    for index in range(start, end):
        depths[index] = depths.get(index, 0) + 1
    if max(depths.values()) > MAX_DEPTH:
        raise RequestError(f"Cannot add a group: there can be no more than {MAX_DEPTH} levels.")
    _regroup(sheet, dimension, depths)
    # The first group fixes where the +/- stands. Source: recorded Sheets traffic.
    control = "rowGroupControlAfter" if dimension == ROWS else "columnGroupControlAfter"
    sheet.properties["gridProperties"].setdefault(control, True)
    return {"dimensionGroups": sheet.groups(dimension)}


def delete_dimension_group(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Takes a span one level out."""
    sheet, dimension, start, end = span(book, payload.get("range", {}))
    depths = _depths(sheet, dimension)
    if not any(depths.get(index) for index in range(start, end)):
        raise RequestError("There is no group over the given range.")
    for index in range(start, end):
        depths[index] = max(0, depths.get(index, 0) - 1)
    _regroup(sheet, dimension, depths)
    groups = sheet.groups(dimension)
    return {"dimensionGroups": groups} if groups else {}


def update_dimension_group(book: Book, payload: dict[str, Any]) -> None:
    """Collapses or expands a group; its rows or columns are hidden or shown with it."""
    asked = payload.get("dimensionGroup", {})
    paths = update_paths(payload.get("fields", ""), "DimensionGroup")
    if any(path[0] != "collapsed" for path in paths) and payload["fields"] != "*":
        raise RequestError("Only collapsed can be updated.")
    sheet, dimension, start, end = span(book, asked.get("range", {}))
    depth = asked.get("depth", 0)
    for group in sheet.groups(dimension):
        place = group["range"]
        if (place.get("startIndex", 0), place["endIndex"], group["depth"]) == (start, end, depth):
            changed = merge(group, asked, [("collapsed",)])
            group.clear()
            group.update(changed)
            _hide(sheet, dimension, start, end, hidden=bool(changed.get("collapsed")))
            return
    raise RequestError(f"There is no group of depth {depth} at the given range.")


def _hide(sheet: Sheet, dimension: str, start: int, end: int, *, hidden: bool) -> None:
    for index in range(start, end):
        properties = dict(sheet.dimensions[dimension].get(index, {}))
        properties.pop("hiddenByUser", None)
        if hidden:
            properties["hiddenByUser"] = True
        if properties:
            sheet.dimensions[dimension][index] = properties
        else:
            sheet.dimensions[dimension].pop(index, None)


def _depths(sheet: Sheet, dimension: str) -> dict[int, int]:
    depths: dict[int, int] = {}
    for group in sheet.groups(dimension):
        for index in range(group["range"].get("startIndex", 0), group["range"]["endIndex"]):
            depths[index] = max(depths.get(index, 0), group["depth"])
    return depths


def _regroup(sheet: Sheet, dimension: str, depths: dict[int, int]) -> None:
    """Writes the groups that give these depths; a group that stays as it was keeps its state."""
    collapsed = {
        (group["range"].get("startIndex", 0), group["range"]["endIndex"], group["depth"])
        for group in sheet.groups(dimension)
        if group.get("collapsed")
    }
    groups: list[dict[str, Any]] = []
    for level in range(1, max(depths.values(), default=0) + 1):
        for start, end in _runs(sorted(index for index, depth in depths.items() if depth >= level)):
            place: dict[str, Any] = {"sheetId": sheet.id} if sheet.id else {}
            place |= {"dimension": dimension, "startIndex": start, "endIndex": end}
            group: dict[str, Any] = {"range": place, "depth": level}
            if (start, end, level) in collapsed:
                group["collapsed"] = True
            groups.append(group)
    groups.sort(key=lambda group: (group["range"]["startIndex"], group["depth"]))
    if dimension == ROWS:
        sheet.row_groups = groups
    else:
        sheet.column_groups = groups


def _runs(indices: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


HANDLERS = {
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
