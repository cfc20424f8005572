"""Requests about developer metadata, and the search for it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.sheets_api.data_filters import selects
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import grid_sheet, span
from sandbox.sheets_api.model import ROWS, Book
from sandbox.sheets_api.requests.ids import chosen

MOST_CHARACTERS = 30_000
"""Characters of keys and values that the spreadsheet itself may have, and each sheet with its rows and columns.

Source: https://developers.google.com/workspace/sheets/api/guides/metadata
"""


def create_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Attaches metadata to the spreadsheet, a sheet, a row or a column."""
    asked = payload.get("developerMetadata", {})
    taken = {item["metadataId"] for item in book.metadata}
    metadata_id = chosen(asked.get("metadataId"), taken, "Developer metadata")
    item = {**asked, "metadataId": metadata_id}
    _refuse(item)
    item["location"] = _location(book, asked.get("location", {}))
    book.metadata.append(item)
    _refuse_size(book)
    return {"developerMetadata": item}


def update_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Changes all metadata that the filters match, under a mask."""
    asked = payload.get("developerMetadata", {})
    paths = update_paths(payload.get("fields", ""), "DeveloperMetadata")
    # The id never changes; the place does only where one is given.
    paths = [path for path in paths if path[0] != "metadataId" and (path[0] != "location" or "location" in asked)]
    filters = payload.get("dataFilters", [])
    if not filters:
        raise RequestError("Must specify at least one data filter.")
    changed: list[dict[str, Any]] = []
    for index, item in enumerate(book.metadata):
        if any(selects(book, each, item) for each in filters):
            new = merge(item, asked, paths)
            _refuse(new)
            new["location"] = _location(book, new.get("location", {}))
            book.metadata[index] = new
            changed.append(new)
    _refuse_size(book)
    return {"developerMetadata": changed} if changed else {}


def delete_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Deletes all metadata that the filter matches."""
    wanted = payload.get("dataFilter", {})
    if not wanted:
        raise RequestError("Must specify a data filter.")
    gone = [item for item in book.metadata if selects(book, wanted, item)]
    book.metadata = [item for item in book.metadata if item not in gone]
    return {"deletedDeveloperMetadata": gone} if gone else {}


def _refuse(item: dict[str, Any]) -> None:
    if item["metadataId"] < 1:
        raise RequestError("The developer metadata ID must be positive.")
    if "metadataKey" not in item:
        raise RequestError("Must specify a metadata key.")
    if "visibility" not in item:
        raise RequestError("Must specify a visibility.")


def _refuse_size(book: Book) -> None:
    """Refuses more metadata than a place may have; Google's wording is not known."""
    sizes: Counter[int | None] = Counter()
    for item in book.metadata:
        place = item["location"].get("dimensionRange", item["location"])
        sheet_id = None if place.get("spreadsheet") else place.get("sheetId", 0)
        sizes[sheet_id] += len(item["metadataKey"]) + len(item.get("metadataValue", ""))
    for sheet_id, size in sizes.items():
        if size > MOST_CHARACTERS:
            where = "spreadsheet" if sheet_id is None else f"sheet {sheet_id}"
            raise RequestError(f"The developer metadata of the {where} has more than {MOST_CHARACTERS} characters.")


def _location(book: Book, location: dict[str, Any]) -> dict[str, Any]:
    """A location with its type, which is read-only."""
    if location.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "dimensionRange" in location:
        _, dimension, start, end = span(book, location["dimensionRange"])
        if end - start != 1:
            raise RequestError("Developer metadata can only be associated with a single row or column.")
        kind = "ROW" if dimension == ROWS else "COLUMN"
        return {"locationType": kind, "dimensionRange": location["dimensionRange"]}
    sheet = grid_sheet(book, location.get("sheetId", 0))
    return {"locationType": "SHEET"} | ({"sheetId": sheet.id} if sheet.id else {})


HANDLERS = {
    "createDeveloperMetadata": create_metadata,
    "updateDeveloperMetadata": update_metadata,
    "deleteDeveloperMetadata": delete_metadata,
}
