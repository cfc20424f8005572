"""Requests about tables, and how a sheet shows them: with the names of their header row, and as banded ranges.

Source: discovery document, Table, and https://developers.google.com/workspace/sheets/api/guides/tables
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, overlap
from sandbox.sheets_api.messages import table_colours
from sandbox.sheets_api.requests.ids import TABLES, fresh
from sandbox.sheets_api.requests.merges import grid_range

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView
    from sandbox.sheets_api.model import Book

Table = dict[str, Any]


def add_table(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Makes a range a table; column names that are given are written into an empty header row."""
    asked = payload.get("table", {})
    table = {"tableId": TABLES.choose(book, asked.get("tableId")), **asked}
    table.setdefault("name", f"Table_{fresh([]) % 1000}")
    block = _checked(book, table)
    table["range"] = grid_range(block)
    for column in asked.get("columnProperties", []):
        at = (block.top, block.left + column.get("columnIndex", 0))
        cell = block.sheet.cells.get(at, {})
        if "columnName" in column and "userEnteredValue" not in cell:
            block.sheet.write(at, {**cell, "userEnteredValue": {"stringValue": column["columnName"]}})
    block.sheet.tables.append(table)
    return {"table": table}


def update_table(book: Book, payload: dict[str, Any]) -> None:
    """Changes a table under a mask."""
    asked = payload.get("table", {})
    paths = [path for path in update_paths(payload.get("fields", ""), "Table") if path != ("tableId",)]
    sheet, table = TABLES.find(book, asked.get("tableId", ""))
    changed = merge(table, asked, paths)
    changed["range"] = grid_range(_checked(book, changed))
    if changed["range"].get("sheetId", 0) != sheet.id:
        raise RequestError("A table cannot move to another sheet.")
    sheet.tables[sheet.tables.index(table)] = changed


def delete_table(book: Book, payload: dict[str, Any]) -> None:
    """Removes a table with its cells; `deleteBanding` leaves them.

    Source: https://developers.google.com/workspace/sheets/api/guides/tables
    """
    sheet, table = TABLES.find(book, payload.get("tableId", ""))
    sheet.tables.remove(table)
    block = box(book, table["range"])
    sheet.cells = {at: cell for at, cell in sheet.cells.items() if not block.contains(*at)}


def shown(view: SheetView) -> list[Table]:
    """The tables of a sheet as they are read: each column with what its header cell says."""
    tables = []
    for table in view.sheet.tables:
        block = box(view.book, table["range"])
        given = {column.get("columnIndex", 0): column for column in table.get("columnProperties", [])}
        columns = []
        for index in range(block.right - block.left):
            name = view.shown(block.top, block.left + index).text or f"Column {index + 1}"
            place = {"columnIndex": index} if index else {}
            columns.append({**place, "columnType": "TEXT", **given.get(index, {}), "columnName": name})
        tables.append({**table, "columnProperties": columns})
    return tables


def as_bands(view: SheetView) -> list[dict[str, Any]]:
    """The tables of a sheet as the banded ranges that a reader who does not exclude them is given.

    Source: discovery document, spreadsheets.get, excludeTablesInBandedRanges
    """
    bands = []
    for table in view.sheet.tables:
        colours = table_colours(table)
        rows = colours | {f"{name}Style": {"rgbColor": colour} for name, colour in colours.items()}
        bands.append({"bandedRangeId": band_id(table), "range": table["range"], "rowProperties": rows})
    return bands


def band_id(table: Table) -> int:
    """The id of a table as a banded range."""
    return zlib.crc32(table["tableId"].encode()) % (2**31 - 1) + 1


def _checked(book: Book, table: Table) -> Any:
    if "range" not in table:
        raise RequestError("Must specify a range.")
    block = box(book, table["range"])
    others = [other for sheet in book.sheets for other in sheet.tables if other["tableId"] != table["tableId"]]
    if any(other["name"].lower() == table["name"].lower() for other in others):
        raise RequestError(f"A table with the name {table['name']} already exists.")
    covered = grid_range(block)
    if any(overlap(other["range"], covered) for other in others):
        raise RequestError("You cannot add a table over another table.")
    if any(overlap(band["range"], covered) for band in block.sheet.banded_ranges):
        raise RequestError("You cannot add a table over alternating background colors.")
    return block


HANDLERS = {"addTable": add_table, "updateTable": update_table, "deleteTable": delete_table}
