"""Requests about charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.fieldmask import merge, update_paths
from sandbox.sheets_api.grid import box, coordinate
from sandbox.sheets_api.requests.ids import Listed
from sandbox.sheets_api.schema import fields

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

CHARTS = Listed("charts", "chartId", "chart")
SPECS = frozenset(name for name, field in fields("ChartSpec").items() if name.endswith("Chart") and field.message)


def add_chart(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Adds a chart over the grid; its id may be the client's."""
    asked = payload.get("chart", {})
    chart_id = CHARTS.choose(book, asked.get("chartId"))
    _refuse_spec(book, asked.get("spec", {}))
    position = _position(asked.get("position", {}))
    sheet, _, _ = coordinate(book, position["overlayPosition"].get("anchorCell", {}))
    chart = {**asked, "chartId": chart_id, "position": position}
    sheet.charts.append(chart)
    return {"chart": chart}


def update_chart_spec(book: Book, payload: dict[str, Any]) -> None:
    """Replaces a chart's whole spec; id and place stay."""
    _, chart = CHARTS.find(book, payload.get("chartId", 0))
    _refuse_spec(book, payload.get("spec", {}))
    chart["spec"] = payload["spec"]


def update_position(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Moves or sizes a chart under a mask over its overlay position."""
    sheet, chart = CHARTS.find(book, payload.get("objectId", 0), "embedded object")
    asked = payload.get("newPosition", {})
    if "overlayPosition" not in asked:
        raise RequestError("The sandbox moves charts over the grid only: set newPosition.overlayPosition.")
    paths = update_paths(payload.get("fields", ""), "OverlayPosition")
    changed = merge(chart["position"]["overlayPosition"], asked["overlayPosition"], paths)
    target, _, _ = coordinate(book, changed.get("anchorCell", {}))
    chart["position"] = _position({"overlayPosition": changed})
    if target is not sheet:
        sheet.charts.remove(chart)
        target.charts.append(chart)
    return {"position": chart["position"]}


def delete_embedded_object(book: Book, payload: dict[str, Any]) -> None:
    """Deletes a chart."""
    sheet, chart = CHARTS.find(book, payload.get("objectId", 0), "embedded object")
    sheet.charts.remove(chart)


def _position(asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("newSheet") or "sheetId" in asked:
        raise RequestError("The sandbox has no chart sheets: set position.overlayPosition.")
    overlay = asked.get("overlayPosition", {})
    size = {"widthPixels": defaults.CHART_WIDTH, "heightPixels": defaults.CHART_HEIGHT}
    return {"overlayPosition": {"anchorCell": {}, **size, **overlay}}


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
    for series in chart["series"]:
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
    "deleteEmbeddedObject": delete_embedded_object,
}
