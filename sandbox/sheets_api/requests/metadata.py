"""Requests about developer metadata, and the search for it."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import grid_sheet, span
from sandbox.sheets_api.model import ROWS, Book
from sandbox.sheets_api.requests.ids import chosen


def create_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Attaches metadata to the spreadsheet, a sheet, a row or a column."""
    asked = payload.get("developerMetadata", {})
    taken = {item["metadataId"] for item in book.metadata}
    metadata_id = chosen(asked.get("metadataId"), taken, "Developer metadata")
    item = {**asked, "metadataId": metadata_id}
    _refuse(item)
    item["location"] = _location(book, asked.get("location", {}))
    book.metadata.append(item)
    return {"developerMetadata": item}


def update_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Changes all metadata that the filters match, under a mask."""
    asked = payload.get("developerMetadata", {})
    paths = update_paths(payload.get("fields", ""), "DeveloperMetadata")
    filters = payload.get("dataFilters", [])
    if not filters:
        raise RequestError("Must specify at least one data filter.")
    changed: list[dict[str, Any]] = []
    for index, item in enumerate(book.metadata):
        if any(matches(item, each.get("developerMetadataLookup", {})) for each in filters):
            new = merge(item, asked, paths)
            _refuse(new)
            new["location"] = _location(book, new.get("location", {}))
            book.metadata[index] = new
            changed.append(new)
    return {"developerMetadata": changed} if changed else {}


def delete_metadata(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Deletes all metadata that the filter matches."""
    lookup = payload.get("dataFilter", {}).get("developerMetadataLookup")
    if not lookup:
        raise RequestError("Must specify a developer metadata lookup.")
    gone = [item for item in book.metadata if matches(item, lookup)]
    book.metadata = [item for item in book.metadata if not matches(item, lookup)]
    return {"deletedDeveloperMetadata": gone} if gone else {}


def matches(item: dict[str, Any], lookup: dict[str, Any]) -> bool:
    """Whether metadata fits every field of a DeveloperMetadataLookup that is set."""
    if not lookup:
        return False
    if any(name in lookup and item.get(name) != lookup[name] for name in _LOOKUP_FIELDS):
        return False
    location = item["location"]
    if "locationType" in lookup and location["locationType"] != lookup["locationType"]:
        return False
    wanted = lookup.get("metadataLocation")
    if wanted is None:
        return True
    exact = lookup.get("locationMatchingStrategy", "EXACT_LOCATION") == "EXACT_LOCATION"
    if wanted.get("spreadsheet"):
        return not exact or bool(location.get("spreadsheet"))
    if "dimensionRange" in wanted:
        return bool(location.get("dimensionRange") == wanted["dimensionRange"])
    place = location.get("dimensionRange", location) if not exact else location
    if exact and location["locationType"] != "SHEET":
        return False
    return not location.get("spreadsheet") and place.get("sheetId", 0) == wanted.get("sheetId", 0)


_LOOKUP_FIELDS = ("metadataId", "metadataKey", "metadataValue", "visibility")


def _refuse(item: dict[str, Any]) -> None:
    if item["metadataId"] < 1:
        raise RequestError("The developer metadata ID must be positive.")
    if "metadataKey" not in item:
        raise RequestError("Must specify a metadata key.")
    if "visibility" not in item:
        raise RequestError("Must specify a visibility.")


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
