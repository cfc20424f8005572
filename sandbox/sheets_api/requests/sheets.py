"""Requests about sheets and the spreadsheet itself."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.model import COLUMNS, ROWS, Book, Sheet
from sandbox.sheets_api.references import follow_title
from sandbox.sheets_api.requests.ids import fresh

MAX_CELLS = 10_000_000
MAX_COLUMNS = 18_278
LONGEST_TITLE = 100


def add_sheet(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a sheet; its id may be the client's."""
    asked = payload.get("properties", {})
    if asked.get("sheetType", "GRID") != "GRID":
        raise RequestError("The sandbox only has sheets of type GRID.")
    sheet_id = asked.get("sheetId", fresh(sheet.id for sheet in book.sheets))
    if sheet_id < 0:
        raise RequestError(f"properties.sheetId[{sheet_id}] must not be less than zero.")
    if book.sheet(sheet_id) is not None:
        raise RequestError(f"A sheet with the ID {sheet_id} already exists.")
    title = asked.get("title") or _free_title(book)
    refuse_title(book, title)
    properties = {**defaults.sheet_properties(sheet_id, title, 0), **asked, "sheetId": sheet_id, "title": title}
    properties["gridProperties"] = {
        "rowCount": defaults.ROW_COUNT,
        "columnCount": defaults.COLUMN_COUNT,
        **asked.get("gridProperties", {}),
    }
    sheet = Sheet(properties)
    _refuse_grid(sheet)
    book.sheets.insert(place(asked.get("index"), len(book.sheets)), sheet)
    book.reindex()
    refuse_size(book)
    return {"properties": dict(sheet.properties)}


def update_sheet_properties(book: Book, payload: dict[str, Any]) -> None:
    """Changes a sheet's properties under a mask."""
    asked = payload.get("properties", {})
    paths = [path for path in update_paths(payload.get("fields", ""), "SheetProperties") if path != ("sheetId",)]
    sheet = sheet_of(book, asked.get("sheetId", 0))
    spelled: list[tuple[str, ...]] = []
    for path in paths:
        named = path == ("gridProperties",)
        spelled += [("gridProperties", name) for name in asked.get("gridProperties", {})] if named else [path]
    if not sheet.is_grid and any(path[0] == "gridProperties" for path in paths):
        raise RequestError("Grid properties cannot be set on a sheet that is no grid.")
    before = sheet.properties
    changed = merge(before, asked, spelled)
    grid = {**{"rowCount": sheet.row_count, "columnCount": sheet.column_count}, **changed.get("gridProperties", {})}
    if changed.get("title") != sheet.title:
        refuse_title(book, changed.get("title", ""))
        follow_title(book, sheet.title, changed["title"])
    sheet.properties = {**changed, "sheetId": sheet.id, "index": before["index"]}
    if sheet.is_grid:
        sheet.properties["gridProperties"] = grid
        _refuse_grid(sheet)
    if sheet.properties.get("hidden") and all(each.properties.get("hidden") for each in book.sheets):
        raise RequestError("You can't hide all the sheets in a document.")
    refuse_size(book)
    _cut(sheet)
    if ("index",) in spelled:
        _move(book, sheet, asked.get("index", 0))


def delete_sheet(book: Book, payload: dict[str, Any]) -> None:
    """Deletes a sheet with its named ranges and metadata (Google keeps the names, but no longer lists them)."""
    sheet = sheet_of(book, payload.get("sheetId", 0))
    if len(book.sheets) == 1:
        raise RequestError("You can't remove all the sheets in a document.")
    left = [each for each in book.sheets if each is not sheet]
    if all(each.properties.get("hidden") for each in left):
        raise RequestError("You can't remove all the visible sheets in a document.")
    book.sheets = left
    book.named_ranges = [named for named in book.named_ranges if named["range"].get("sheetId", 0) != sheet.id]
    book.metadata = [item for item in book.metadata if _metadata_sheet(item) != sheet.id]
    book.reindex()


def update_spreadsheet_properties(book: Book, payload: dict[str, Any]) -> None:
    """Changes title, locale, time zone under a mask."""
    paths = update_paths(payload.get("fields", ""), "SpreadsheetProperties")
    if any(path[0] == "defaultFormat" for path in paths):
        raise RequestError("Unsupported field: default_format is read-only.")
    changed = merge(book.properties, payload.get("properties", {}), paths)
    if not changed.get("title"):
        raise RequestError("The title of a spreadsheet must not be empty.")
    book.properties = changed


def sheet_of(book: Book, sheet_id: int) -> Sheet:
    """The sheet of an id.

    Raises:
        RequestError: there is none.
    """
    sheet = book.sheet(sheet_id)
    if sheet is None:
        raise RequestError(f"No sheet with id: {sheet_id}")
    return sheet


def _free_title(book: Book) -> str:
    number = len(book.sheets) + 1
    while book.sheet_titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def refuse_title(book: Book, title: str) -> None:
    """Refuses a title that is empty, too long or taken.

    Raises:
        RequestError: it is.
    """
    if not title:
        raise RequestError("The title of a sheet must not be empty.")
    if len(title) > LONGEST_TITLE:
        raise RequestError("Sheet names must not be longer than 100 characters.")
    if book.sheet_titled(title) is not None:
        raise RequestError(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _refuse_grid(sheet: Sheet) -> None:
    grid = sheet.properties["gridProperties"]
    for name, what in (("rowCount", "row"), ("columnCount", "column")):
        if grid[name] < 1:
            raise RequestError(f"You can't delete all the {what}s on the sheet.")
        frozen = grid.get(f"frozen{what.title()}Count", 0)
        if frozen >= grid[name] > 0:
            raise RequestError(f"You can't freeze all visible {what}s on the sheet.")
        start, end = f"start{what.title()}Index", f"end{what.title()}Index"
        if any(merged[start] < frozen < merged[end] for merged in sheet.merges):
            raise RequestError(f"You can't freeze {what}s that contain only part of a merged cell.")
    if grid["columnCount"] > MAX_COLUMNS:
        raise RequestError(f"The sheet would have more than {MAX_COLUMNS} columns.")


def refuse_size(book: Book) -> None:
    """Refuses a spreadsheet of too many cells.

    Raises:
        RequestError: it has more than `MAX_CELLS`.
    """
    if sum(sheet.row_count * sheet.column_count for sheet in book.sheets) > MAX_CELLS:
        raise RequestError(
            f"This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
        )


def _cut(sheet: Sheet) -> None:
    """Drops what lies outside a grid that has become smaller."""
    rows, columns = sheet.row_count, sheet.column_count
    if any(row >= rows or column >= columns for row, column in sheet.cells):
        sheet.cells = {at: cell for at, cell in sheet.cells.items() if at[0] < rows and at[1] < columns}
    for dimension, count in ((ROWS, rows), (COLUMNS, columns)):
        kept = {index: item for index, item in sheet.dimensions[dimension].items() if index < count}
        sheet.dimensions[dimension] = kept


def _move(book: Book, sheet: Sheet, index: int) -> None:
    """Moves a sheet: the index counts the places before the move. Source: discovery document, SheetProperties.index."""
    before = book.sheets.index(sheet)
    at = place(index, len(book.sheets))
    book.sheets.remove(sheet)
    book.sheets.insert(at - 1 if at > before else at, sheet)
    book.reindex()


def place(index: int | None, count: int) -> int:
    """Where a sheet goes among others; behind them where no index is given.

    Raises:
        RequestError: the index is beyond them.
    """
    if index is None:
        return count
    if not 0 <= index <= count:
        raise RequestError(f"Index {index} is out of range: there are {count} sheets.")
    return index


def _metadata_sheet(item: dict[str, Any]) -> int | None:
    location = item["location"]
    if "dimensionRange" in location:
        return int(location["dimensionRange"].get("sheetId", 0))
    return None if location.get("spreadsheet") else int(location.get("sheetId", 0))


HANDLERS = {
    "addSheet": add_sheet,
    "updateSheetProperties": update_sheet_properties,
    "deleteSheet": delete_sheet,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
