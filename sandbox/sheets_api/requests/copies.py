"""Copies of sheets, within a spreadsheet or to another one.

Whether Google copies developer metadata is not documented; `Book.copied_metadata` chooses what happens.

Source: discovery document, DuplicateSheetRequest and spreadsheets.sheets.copyTo
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import ApiError, RequestError
from sandbox.sheets_api.grid import ranges_in
from sandbox.sheets_api.model import OBJECT_LISTS, Book, Sheet
from sandbox.sheets_api.requests.ids import LISTED, fresh
from sandbox.sheets_api.requests.sheets import LONGEST_TITLE, place, refuse_size, refuse_title, sheet_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Metadata = dict[str, Any]


def duplicate_sheet(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Copies a sheet with all that is on it."""
    source = sheet_of(book, payload.get("sourceSheetId", 0))
    sheet_id = payload.get("newSheetId", fresh(sheet.id for sheet in book.sheets))
    if book.sheet(sheet_id) is not None:
        raise RequestError(f"A sheet with the ID {sheet_id} already exists.")
    title = payload.get("newSheetName") or _free_title(book, source.title)
    refuse_title(book, title)
    sheet = _copied(book, source, book, sheet_id, title)
    book.sheets.insert(place(payload.get("insertSheetIndex", 0), len(book.sheets)), sheet)
    book.reindex()
    refuse_size(book)
    return {"properties": dict(sheet.properties)}


def copy_sheet(book: Book, sheet_id: int, target: Book) -> dict[str, Any]:
    """Copies a sheet to the end of another spreadsheet, as `spreadsheets.sheets.copyTo`.

    Charts over data of other sheets stay behind: what Google shows for them is not documented.

    Args:
        book: where the sheet is.
        sheet_id: which one.
        target: a draft of where it goes; may be the same spreadsheet.

    Returns:
        The SheetProperties of the copy.

    Raises:
        ApiError: 400 where there is no such sheet or no room for it.
    """
    try:
        source = sheet_of(book, sheet_id)
        new_id = fresh(sheet.id for sheet in [*book.sheets, *target.sheets])
        sheet = _copied(book, source, target, new_id, _free_title(target, source.title))
        target.sheets.append(sheet)
        target.reindex()
        refuse_size(target)
    except RequestError as error:
        raise ApiError(400, str(error)) from None
    return sheet.properties


def copied_metadata(items: list[Metadata], how: str, taken: set[int]) -> list[Metadata]:
    """Developer metadata as a copy has it.

    Args:
        items: of what is copied.
        how: one of `model.COPIED_METADATA`.
        taken: ids that the copy cannot have.
    """
    copies = copy.deepcopy(items) if how != "none" else []
    used = set(taken)
    for item in copies:
        if how == "new_ids" or item["metadataId"] in used:
            item["metadataId"] = fresh(used)
        used.add(item["metadataId"])
    return copies


def _copied(book: Book, source: Sheet, target: Book, sheet_id: int, title: str) -> Sheet:
    """The copy of a sheet, with ids of its own; its metadata are added to the target."""
    sheet = source.copy()
    sheet.properties.update(sheetId=sheet_id, title=title)
    if target.id != book.id:
        sheet.charts = [chart for chart in sheet.charts if _stands_alone(chart, source.id)]
    for at, cell in sheet.cells.items():
        if "pivotTable" in cell:
            sheet.cells[at] = copy.deepcopy(cell)
    for node in _places(sheet):
        if node.get("sheetId", 0) == source.id:
            node["sheetId"] = sheet_id
    for listed in LISTED:
        for item in getattr(sheet, listed.name):
            item[listed.key] = listed.choose(target, None)
    names = {table["name"] for each in target.sheets for table in each.tables}
    for table in sheet.tables:
        table["name"] = _free_name(table["name"], names)
        names.add(table["name"])
    own = copy.deepcopy([item for item in book.metadata if _sheet_of(item) == source.id])
    for item in own:
        item["location"].get("dimensionRange", item["location"])["sheetId"] = sheet_id
    target.metadata += copied_metadata(own, target.copied_metadata, {item["metadataId"] for item in target.metadata})
    return sheet


def _places(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """Every range of a sheet's objects, also of those that cover it whole or have it for themselves."""
    for name in OBJECT_LISTS:
        yield from ranges_in(getattr(sheet, name))
    yield from ranges_in(sheet.basic_filter)
    yield from ranges_in([cell["pivotTable"] for cell in sheet.cells.values() if "pivotTable" in cell])
    for protected in sheet.protected_ranges:
        yield protected["range"]
    for chart in sheet.charts:
        if "sheetId" in chart["position"]:
            yield chart["position"]


def _stands_alone(chart: dict[str, Any], sheet_id: int) -> bool:
    return all(node.get("sheetId", 0) == sheet_id for node in ranges_in(chart["spec"]))


def _sheet_of(item: Metadata) -> int | None:
    location = item["location"]
    return None if location.get("spreadsheet") else location.get("dimensionRange", location).get("sheetId", 0)


def _free_title(book: Book, title: str) -> str:
    """The title of a copy; a number follows where it is taken.

    Source: documentation of googlesheets4, sheet_copy ("Copy of blah", "Copy of blah 2")
    """
    number = 1
    while True:
        end = "" if number == 1 else f" {number}"
        copied = f"Copy of {title}"[: LONGEST_TITLE - len(end)] + end
        if book.sheet_titled(copied) is None:
            return copied
        number += 1


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


HANDLERS = {"duplicateSheet": duplicate_sheet}
