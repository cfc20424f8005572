"""Requests about banded ranges (alternating colours)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, overlap
from sandbox.sheets_api.requests.ids import BANDS
from sandbox.sheets_api.requests.tables import band_id

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book


def add_banding(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a banded range; its id may be the client's."""
    asked = payload.get("bandedRange", {})
    band = {"bandedRangeId": BANDS.choose(book, asked.get("bandedRangeId")), **asked}
    _refuse(book, band)
    box(book, band["range"]).sheet.banded_ranges.append(band)
    return {"bandedRange": band}


def update_banding(book: Book, payload: dict[str, Any]) -> None:
    """Changes a banded range under a mask."""
    asked = payload.get("bandedRange", {})
    paths = [path for path in update_paths(payload.get("fields", ""), "BandedRange") if path != ("bandedRangeId",)]
    sheet, band = BANDS.find(book, asked.get("bandedRangeId", 0))
    changed = merge(band, asked, paths)
    _refuse(book, changed)
    sheet.banded_ranges.remove(band)
    box(book, changed["range"]).sheet.banded_ranges.append(changed)


def delete_banding(book: Book, payload: dict[str, Any]) -> None:
    """Deletes a banded range; a table that is told by one becomes plain cells.

    Source: https://developers.google.com/workspace/sheets/api/guides/tables
    """
    for each in book.sheets:
        for table in each.tables:
            if band_id(table) == payload.get("bandedRangeId", 0):
                each.tables.remove(table)
                return
    sheet, band = BANDS.find(book, payload.get("bandedRangeId", 0))
    sheet.banded_ranges.remove(band)


def _refuse(book: Book, band: dict[str, Any]) -> None:
    if "range" not in band:
        raise RequestError("Must specify a range.")
    box(book, band["range"])
    if "rowProperties" not in band and "columnProperties" not in band:
        raise RequestError("Must specify row_properties or column_properties.")
    for name in ("rowProperties", "columnProperties"):
        colours = band.get(name)
        if colours is not None and not {"firstBandColor", "secondBandColor"} <= set(colours):
            raise RequestError(f"{name} must have a firstBandColor and a secondBandColor.")
    for sheet in book.sheets:
        for other in sheet.banded_ranges:
            if other["bandedRangeId"] != band["bandedRangeId"] and overlap(other["range"], band["range"]):
                raise RequestError(
                    "You cannot add alternating background colors to a range that already has alternating "
                    "background colors."
                )


HANDLERS = {"addBanding": add_banding, "updateBanding": update_banding, "deleteBanding": delete_banding}
