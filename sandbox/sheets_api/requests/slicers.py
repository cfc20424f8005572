"""Requests about slicers; `charts` moves and deletes them, as all embedded objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.requests.ids import SLICERS

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

WIDTH, HEIGHT = 200, 40
"""Pixels of a slicer whose size is not given; Google fits them to limits that are not documented."""


def add_slicer(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a slicer over the grid; its id may be the client's."""
    asked = payload.get("slicer", {})
    slicer_id = SLICERS.choose(book, asked.get("slicerId"))
    overlay = asked.get("position", {}).get("overlayPosition")
    if overlay is None:
        raise RequestError("A slicer can only be positioned on an existing sheet: set position.overlayPosition.")
    sheet, _, _ = coordinate(book, overlay.get("anchorCell", {}))
    _refuse(book, asked.get("spec", {}))
    position = {"overlayPosition": {"anchorCell": {}, "widthPixels": WIDTH, "heightPixels": HEIGHT, **overlay}}
    slicer = {**asked, "slicerId": slicer_id, "position": position}
    slicer["spec"] = {"applyToPivotTables": True, "horizontalAlignment": "LEFT", **asked["spec"]}
    sheet.slicers.append(slicer)
    return {"slicer": slicer}


def update_slicer_spec(book: Book, payload: dict[str, Any]) -> None:
    """Changes a slicer's specification under a mask; its place stays."""
    paths = update_paths(payload.get("fields", ""), "SlicerSpec")
    _, slicer = SLICERS.find(book, payload.get("slicerId", 0))
    changed = merge(slicer["spec"], payload.get("spec", {}), paths)
    _refuse(book, changed)
    slicer["spec"] = changed


def _refuse(book: Book, spec: dict[str, Any]) -> None:
    if "dataRange" not in spec:
        raise RequestError("Must specify a spec.dataRange.")
    block = box(book, spec["dataRange"])
    if not 0 <= spec.get("columnIndex", 0) < block.right - block.left:
        raise RequestError(f"spec.columnIndex[{spec.get('columnIndex', 0)}] is outside of the data range.")


HANDLERS = {"addSlicer": add_slicer, "updateSlicerSpec": update_slicer_spec}
