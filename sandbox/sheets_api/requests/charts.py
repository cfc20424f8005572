"""Requests about charts, and about the places of all embedded objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.model import Sheet
from sandbox.sheets_api.requests.ids import CHARTS, fresh
from sandbox.sheets_api.schema import fields

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

SPECS = frozenset(name for name, field in fields("ChartSpec").items() if name.endswith("Chart") and field.message)


def add_chart(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a chart over the grid or on a sheet of its own; its id may be the client's."""
    asked = payload.get("chart", {})
    chart_id = CHARTS.choose(book, asked.get("chartId"))
    _refuse_spec(book, asked.get("spec", {}))
    sheet, position = _placed(book, asked.get("position", {}))
    chart = {**asked, "chartId": chart_id, "position": position}
    sheet.charts.append(chart)
    return {"chart": chart}


def update_chart_spec(book: Book, payload: dict[str, Any]) -> None:
    """Replaces a chart's whole spec; id and place stay."""
    _, chart = CHARTS.find(book, payload.get("chartId", 0))
    _refuse_spec(book, payload.get("spec", {}))
    chart["spec"] = payload["spec"]


def update_position(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Moves or sizes a chart or slicer under a mask over its overlay position, or gives it a sheet of its own."""
    sheet, items, item = _find(book, payload.get("objectId", 0))
    asked = payload.get("newPosition", {})
    if "overlayPosition" in asked:
        paths = update_paths(payload.get("fields", ""), "OverlayPosition")
        before = item["position"].get("overlayPosition", {})
        asked = {"overlayPosition": merge(before, asked["overlayPosition"], paths)}
    elif "slicerId" in item:
        raise RequestError("A slicer can only be positioned on an existing sheet.")
    target, position = _placed(book, asked)
    item["position"] = position
    if target is not sheet:
        items.remove(item)
        (target.slicers if "slicerId" in item else target.charts).append(item)
        _drop_empty(book, sheet)
    return {"position": position}


def update_border(book: Book, payload: dict[str, Any]) -> None:
    """Changes the border of a chart under a mask."""
    _, _, item = _find(book, payload.get("objectId", 0))
    if "slicerId" in item:
        raise RequestError("A slicer has no border.")
    paths = update_paths(payload.get("fields", ""), "EmbeddedObjectBorder")
    border = merge(item.get("border", {}), payload.get("border", {}), paths)
    item.pop("border", None)
    if border:
        item["border"] = border


def delete_embedded_object(book: Book, payload: dict[str, Any]) -> None:
    """Deletes a chart, with the sheet that it has for itself, or a slicer."""
    sheet, items, item = _find(book, payload.get("objectId", 0))
    items.remove(item)
    _drop_empty(book, sheet)


def _find(book: Book, object_id: int) -> tuple[Sheet, list[dict[str, Any]], dict[str, Any]]:
    """The sheet of an embedded object, the list that it is in, and itself."""
    for sheet in book.sheets:
        for items, key in ((sheet.charts, "chartId"), (sheet.slicers, "slicerId")):
            for item in items:
                if item[key] == object_id:
                    return sheet, items, item
    raise RequestError(f"No embedded object with id: {object_id}")


def _placed(book: Book, asked: dict[str, Any]) -> tuple[Sheet, dict[str, Any]]:
    """The sheet that a position is on, which is made where the chart shall have one for itself, and the position."""
    if asked.get("newSheet") or "sheetId" in asked:
        taken = [sheet.id for sheet in book.sheets]
        sheet_id = asked.get("sheetId", fresh(taken))
        if sheet_id in taken:
            raise RequestError(f"A sheet with the ID {sheet_id} already exists.")
        number = 1
        while book.sheet_titled(f"Chart{number}"):
            number += 1
        sheet = Sheet({"sheetId": sheet_id, "title": f"Chart{number}", "index": 0, "sheetType": "OBJECT"})
        book.sheets.append(sheet)
        book.reindex()
        return sheet, {"sheetId": sheet_id}
    overlay = asked.get("overlayPosition", {})
    sheet, _, _ = coordinate(book, overlay.get("anchorCell", {}))
    size = {"widthPixels": defaults.CHART_WIDTH, "heightPixels": defaults.CHART_HEIGHT}
    return sheet, {"overlayPosition": {"anchorCell": {}, **size, **overlay}}


def _drop_empty(book: Book, sheet: Sheet) -> None:
    """Removes a sheet that the chart which it was for has left."""
    if not sheet.is_grid and not sheet.charts:
        book.sheets.remove(sheet)
        book.reindex()


def _refuse_spec(book: Book, spec: dict[str, Any]) -> None:
    kinds = SPECS & set(spec)
    if len(kinds) != 1:
        raise RequestError("Exactly one kind of chart must be set on the spec.")
    if "basicChart" in spec:
        _refuse_basic(spec["basicChart"])
    for source in _source_ranges(spec):
        _refuse_sources(book, source)


def _refuse_basic(chart: dict[str, Any]) -> None:
    if "chartType" not in chart:
        raise RequestError("Must specify a basicChart.chartType.")
    if not chart.get("series"):
        raise RequestError("Must specify at least one series.")
    if len(chart.get("domains", [])) > 1:
        raise RequestError("Only one domain is supported.")
    combo = chart["chartType"] == "COMBO"
    minor = {"BOTTOM_AXIS"} if chart["chartType"] == "BAR" else {"LEFT_AXIS", "RIGHT_AXIS"}
    for index, series in enumerate(chart["series"]):
        axis = series.get("targetAxis")
        # "It is an error to specify an axis that isn't a valid minor axis": discovery document, BasicChartSeries.
        if axis is not None and axis not in minor:
            raise RequestError(f"series[{index}].targetAxis {axis} is no minor axis of a {chart['chartType']} chart.")
        if "type" in series and not combo:
            raise RequestError("The type of a series can only be set on a chart of type COMBO.")
        if combo and series.get("type") not in {"LINE", "AREA", "COLUMN", "STEPPED_AREA"}:
            raise RequestError("Each series of a COMBO chart must be of type LINE, AREA, COLUMN or STEPPED_AREA.")


def _source_ranges(node: Any) -> list[list[dict[str, Any]]]:
    """The lists of ranges a chart reads."""
    if isinstance(node, list):
        return [found for item in node for found in _source_ranges(item)]
    if not isinstance(node, dict):
        return []
    own = [node["sourceRange"].get("sources", [])] if "sourceRange" in node else []
    return own + [found for name, item in node.items() if name != "sourceRange" for found in _source_ranges(item)]


def _refuse_sources(book: Book, sources: list[dict[str, Any]]) -> None:
    if not sources:
        raise RequestError("ChartSourceRange must have at least one range.")
    blocks = [box(book, source) for source in sources]
    heights = {block.bottom - block.top for block in blocks}
    widths = {block.right - block.left for block in blocks}
    if heights != {1} and widths != {1}:
        raise RequestError("ChartSourceRange ranges require all rows or all columns to have length of 1")


HANDLERS = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateEmbeddedObjectBorder": update_border,
    "deleteEmbeddedObject": delete_embedded_object,
}
