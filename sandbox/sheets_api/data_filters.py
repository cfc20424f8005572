"""Data filters: cells and metadata told by a range, or by the developer metadata on a sheet, a row or a column.

Source: discovery document, DataFilter and DeveloperMetadataLookup
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.a1 import Box, parse_range
from sandbox.sheets_api.errors import ApiError, RequestError
from sandbox.sheets_api.grid import grid_sheet
from sandbox.sheets_api.model import ROWS

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book, Sheet

Filter = dict[str, Any]


def blocks(book: Book, data_filter: Filter) -> list[Box]:
    """The blocks of cells that a filter selects: one for a range, one for each metadata that a lookup finds.

    Args:
        book: the spreadsheet.
        data_filter: a DataFilter.

    Raises:
        ApiError: 400 where the filter says nothing, or names a range that is not there.
    """
    if "a1Range" in data_filter:
        return [parse_range(book, data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [_clipped(book, data_filter["gridRange"])]
    if "developerMetadataLookup" not in data_filter:
        raise ApiError(400, "Must specify a range or a developer metadata lookup in each data filter.")
    lookup = data_filter["developerMetadataLookup"]
    return [block for item in book.metadata if _matches(item, lookup) for block in _marked(book, item["location"])]


def matched(book: Book, data_filters: list[Filter]) -> list[tuple[Box, list[Filter]]]:
    """Each block that one of the filters selects, once, with all the filters that do.

    Raises:
        ApiError: as `blocks`.
    """
    found: dict[tuple[int, int, int, int, int], tuple[Box, list[Filter]]] = {}
    for each in data_filters:
        for block in blocks(book, each):
            _, filters = found.setdefault((block.sheet.id, *block[1:]), (block, []))
            if each not in filters:
                filters.append(each)
    return list(found.values())


def selects(book: Book, data_filter: Filter, item: dict[str, Any]) -> bool:
    """Whether a filter selects a piece of developer metadata: by a lookup, or by a range that its location meets.

    Raises:
        ApiError: as `blocks`.
    """
    if "developerMetadataLookup" in data_filter:
        return _matches(item, data_filter["developerMetadataLookup"])
    return any(_is_in(item["location"], block) for block in blocks(book, data_filter))


def _clipped(book: Book, grid_range: dict[str, int]) -> Box:
    """The block of a GridRange within the sheet's bounds. Source: BatchClearValuesByDataFilterResponse."""
    try:
        sheet = grid_sheet(book, grid_range.get("sheetId", 0))
    except RequestError as error:
        raise ApiError(400, str(error)) from None
    top, left = grid_range.get("startRowIndex", 0), grid_range.get("startColumnIndex", 0)
    bottom = min(grid_range.get("endRowIndex", sheet.row_count), sheet.row_count)
    right = min(grid_range.get("endColumnIndex", sheet.column_count), sheet.column_count)
    if not (0 <= top < bottom and 0 <= left < right):
        raise ApiError(400, f"The data filter's grid range has no cell on the sheet: {grid_range}")
    return Box(sheet, top, bottom, left, right)


def _marked(book: Book, location: dict[str, Any]) -> list[Box]:
    """The cells that metadata stands for; the spreadsheet's own stands for all sheets."""
    if location.get("spreadsheet"):
        return [_whole(sheet) for sheet in book.sheets if sheet.row_count]
    span = location.get("dimensionRange")
    sheet = book.sheet((span or location).get("sheetId", 0))
    if sheet is None or not sheet.row_count:
        return []
    if span is None:
        return [_whole(sheet)]
    start, end = span.get("startIndex", 0), span["endIndex"]
    whole = _whole(sheet)
    rows = span["dimension"] == ROWS
    return [whole._replace(top=start, bottom=end) if rows else whole._replace(left=start, right=end)]


def _whole(sheet: Sheet) -> Box:
    return Box(sheet, 0, sheet.row_count, 0, sheet.column_count)


def _is_in(location: dict[str, Any], block: Box) -> bool:
    sheet, dimension, index = _place(location)
    if sheet != block.sheet.id or dimension is None:
        return sheet == block.sheet.id
    return index in (block.rows() if dimension == ROWS else block.columns())


def _matches(item: dict[str, Any], lookup: dict[str, Any]) -> bool:
    """Whether metadata fits every field of a DeveloperMetadataLookup that is set.

    Source: discovery document, DeveloperMetadataLookup (without a strategy, what meets the location fits).
    """
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
    exact = lookup.get("locationMatchingStrategy") == "EXACT_LOCATION"
    return _is_same(location, wanted) if exact else _meets(location, wanted)


def _is_same(location: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return _place(location) == _place(wanted)


def _meets(location: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether two locations share a cell; the spreadsheet as a whole meets nothing but itself."""
    here, there = _place(location), _place(wanted)
    if here[0] != there[0] or None in {here[1], there[1]} or here[1] != there[1]:
        return here[0] == there[0]
    return here[2] == there[2]


def _place(location: dict[str, Any]) -> tuple[int | None, str | None, int]:
    """The sheet, None for the spreadsheet; the dimension, None for a whole sheet; the row or column."""
    if location.get("spreadsheet"):
        return None, None, 0
    span = location.get("dimensionRange")
    if span is None:
        return location.get("sheetId", 0), None, 0
    return span.get("sheetId", 0), span.get("dimension"), span.get("startIndex", 0)


_LOOKUP_FIELDS = ("metadataId", "metadataKey", "metadataValue", "visibility")
