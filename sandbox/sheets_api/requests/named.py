"""Requests about named ranges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box
from sandbox.sheets_api.requests.ids import fresh

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book


def add_named_range(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Names a range; its id may be the client's."""
    asked = payload.get("namedRange", {})
    taken = {item["namedRangeId"] for item in book.named_ranges}
    range_id = asked.get("namedRangeId") or str(fresh([]))
    if range_id in taken:
        raise RequestError(f"Cannot add named range with ID: {range_id}, a named range with that ID already exists.")
    named = {"namedRangeId": range_id, **asked}
    _refuse(book, named, "add")
    book.named_ranges.append(named)
    return {"namedRange": named}


def update_named_range(book: Book, payload: dict[str, Any]) -> None:
    """Changes a name or its range under a mask."""
    asked = payload.get("namedRange", {})
    paths = [path for path in update_paths(payload.get("fields", ""), "NamedRange") if path != ("namedRangeId",)]
    named = _find(book, asked.get("namedRangeId", ""))
    changed = merge(named, asked, paths)
    _refuse(book, changed, "update")
    book.named_ranges[book.named_ranges.index(named)] = changed


def delete_named_range(book: Book, payload: dict[str, Any]) -> None:
    """Takes the name away; the cells stay."""
    book.named_ranges.remove(_find(book, payload.get("namedRangeId", "")))


def _find(book: Book, range_id: str) -> dict[str, Any]:
    for named in book.named_ranges:
        if named["namedRangeId"] == range_id:
            return named
    raise RequestError(f"No named range with id: {range_id}")


def _refuse(book: Book, named: dict[str, Any], doing: str) -> None:
    name = named.get("name", "")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,249}", name) or re.fullmatch(r"[A-Za-z]{1,3}\d+", name):
        raise RequestError(f"Named range name is invalid: {name}")
    if "range" not in named:
        raise RequestError("Must specify a range.")
    box(book, named["range"])
    same = [other for other in book.named_ranges if other["name"].lower() == name.lower()]
    if any(other["namedRangeId"] != named["namedRangeId"] for other in same):
        raise RequestError(
            f"Cannot {doing} named range with name: {name}, a named range with that name already exists."
        )


HANDLERS = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
}
