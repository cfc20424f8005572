"""Requests about protected ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.auth import EMAIL
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, grid_sheet, is_grid_range
from sandbox.sheets_api.requests.ids import PROTECTED

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

OWN = {"users": [EMAIL]}


def add_protected_range(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Protects a range or a whole sheet; its id may be the client's."""
    asked = payload.get("protectedRange", {})
    range_id = PROTECTED.choose(book, asked.get("protectedRangeId"))
    protected = _with_rights(_placed(book, {"protectedRangeId": range_id, **asked}))
    _refuse(book, protected)
    grid_sheet(book, protected["range"].get("sheetId", 0)).protected_ranges.append(protected)
    # The reply does not name the editors yet. Source: recorded Sheets traffic.
    return {"protectedRange": {**protected, "editors": {}}}


def update_protected_range(book: Book, payload: dict[str, Any]) -> None:
    """Changes a protected range under a mask."""
    asked = payload.get("protectedRange", {})
    paths = update_paths(payload.get("fields", ""), "ProtectedRange")
    paths = [path for path in paths if path[0] not in {"protectedRangeId", "requestingUserCanEdit"}]
    sheet, protected = PROTECTED.find(book, asked.get("protectedRangeId", 0))
    if asked.get("warningOnly") and "editors" in asked:
        raise RequestError("ProtectedRange is warningOnly. Editors cannot be set on it.")
    changed = _with_rights(_placed(book, merge(protected, asked, paths)))
    _refuse(book, changed)
    sheet.protected_ranges[sheet.protected_ranges.index(protected)] = changed


def delete_protected_range(book: Book, payload: dict[str, Any]) -> None:
    """Takes the protection away."""
    sheet, protected = PROTECTED.find(book, payload.get("protectedRangeId", 0))
    sheet.protected_ranges.remove(protected)


def _with_rights(protected: dict[str, Any]) -> dict[str, Any]:
    """The rights as Google reports them: the account that asks may edit what it protected."""
    editors = {name: item for name, item in protected.get("editors", {}).items() if item}
    if protected.get("warningOnly") and editors not in ({}, OWN):
        raise RequestError("ProtectedRange is warningOnly. Editors cannot be set on it.")
    users = [*editors.get("users", []), *(user for user in OWN["users"] if user not in editors.get("users", []))]
    return {**protected, "requestingUserCanEdit": True, "editors": {**editors, "users": users}}


def _placed(book: Book, protected: dict[str, Any]) -> dict[str, Any]:
    """A protected range over the cells of the named range that it is for, where it is for one.

    Source: discovery document, ProtectedRange.namedRangeId
    """
    name_id = protected.get("namedRangeId")
    if name_id is None:
        return protected
    for named in book.named_ranges:
        if named["namedRangeId"] == name_id:
            return {**protected, "range": named["range"]}
    raise RequestError(f"No named range with id: {name_id}")


def _refuse(book: Book, protected: dict[str, Any]) -> None:
    if "range" not in protected:
        raise RequestError("Must specify a range.")
    sheet = box(book, protected["range"]).sheet
    for free in protected.get("unprotectedRanges", []):
        box(book, free)
    whole = not is_grid_range(protected["range"])
    if protected.get("unprotectedRanges") and not whole:
        raise RequestError("Unprotected ranges can only be set on a protected sheet.")
    for other in sheet.protected_ranges:
        if whole and other["protectedRangeId"] != protected["protectedRangeId"] and not is_grid_range(other["range"]):
            raise RequestError(f'Sheet "{sheet.title}" already has sheet protection.')


HANDLERS = {
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
}
