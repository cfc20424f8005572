"""Conditional formats, charts and layout to Google's messages, and rules back.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/charts and
https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets#conditionalformatrule
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.cell_data import color_from_json, color_to_json
from close_kpis.workbook.diff.ownership import chart_id, fingerprint
from close_kpis.workbook.spec import Area, Chart, Rule, Sign, Source, Tab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

INK = "#1F2937"
MUTED = "#6B7280"
CHART_FONT = "Arial"

ChartSources: TypeAlias = tuple[tuple[int, ...], ...]
"""The ranges that a chart draws: of each part the sheet id, first and last row, first and last column."""

Locate: TypeAlias = "Callable[[Source], tuple[int, Iterable[Area]]]"


def grid_range(sheet: int, area: Area) -> dict[str, Any]:
    """Return the GridRange of an area; a sheet id of 0 is left out, as Google does."""
    bounds = {
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
    return {"sheetId": sheet, **bounds} if sheet else bounds


def rule_to_json(rule: Rule, sheet: int, place: Callable[[Area], Iterable[Area]]) -> dict[str, Any]:
    """Return the ConditionalFormatRule of a rule.

    Args:
        rule: what is shown.
        sheet: id of the spreadsheet's tab.
        place: where an area of the block stands.
    """
    ranges = [grid_range(sheet, part) for area in rule.areas for part in place(area)]
    if isinstance(rule, Sign):
        condition = {
            "type": "NUMBER_GREATER" if rule.above else "NUMBER_LESS",
            "values": [{"userEnteredValue": "0"}],
        }
        looks = {"textFormat": {"foregroundColorStyle": color_to_json(rule.color)}}
        return {"ranges": ranges, "booleanRule": {"condition": condition, "format": looks}}
    return {
        "ranges": ranges,
        "gradientRule": {
            "minpoint": {"colorStyle": color_to_json(rule.low), "type": "MIN"},
            "maxpoint": {"colorStyle": color_to_json(rule.high), "type": "MAX"},
        },
    }


def rule_fingerprint(rule: Mapping[str, Any]) -> str:
    """Return fingerprints of what a ConditionalFormatRule says and of where, the same for what was written and read.

    What the server adds (omitted zeros, twin colour fields, 32-bit floats) does not change them. Where: a row that a
    reader inserts moves a rule, which stays the same rule.
    """
    return f"{fingerprint(_rule_content(rule))}/{fingerprint(_rule_ranges(rule))}"


def rule_fingerprint_0_1(rule: Mapping[str, Any]) -> str:
    """Return the fingerprint by which version 0.1 remembered a rule."""
    kind, content = _rule_content(rule)
    return fingerprint([kind, _rule_ranges(rule), content])


def _rule_ranges(rule: Mapping[str, Any]) -> list[list[int]]:
    return [
        [part.get(name, 0) for name in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")]
        for part in rule.get("ranges", [])
    ]


def _rule_content(rule: Mapping[str, Any]) -> tuple[str, list[Any]]:
    boolean, gradient = rule.get("booleanRule"), rule.get("gradientRule")
    if boolean:
        condition, looks = boolean.get("condition", {}), boolean.get("format", {})
        text = looks.get("textFormat", {})
        return "boolean", [
            condition.get("type"),
            [value.get("userEnteredValue") for value in condition.get("values", [])],
            color_from_json(text.get("foregroundColorStyle")),
            color_from_json(looks.get("backgroundColorStyle")),
            sorted(name for name in ("bold", "italic", "strikethrough", "underline") if text.get(name)),
        ]
    points = [(gradient or {}).get(name, {}) for name in ("minpoint", "midpoint", "maxpoint")]
    return "gradient", [
        [point.get("type"), point.get("value"), color_from_json(point.get("colorStyle"))] for point in points
    ]


def chart_spec(chart: Chart, locate: Locate) -> dict[str, Any]:
    """Return the ChartSpec of a chart.

    Args:
        chart: what to draw.
        locate: where the data stand: of the source, the id of its tab and the areas.
    """

    def data(source: Source) -> dict[str, Any]:
        sheet, areas = locate(source)
        return {"sourceRange": {"sources": [grid_range(sheet, area) for area in areas]}}

    series = []
    for one in chart.series:
        drawn: dict[str, Any] = {
            "series": data(one.source),
            "targetAxis": f"{one.axis}_AXIS",
            "colorStyle": color_to_json(one.color),
        }
        if chart.kind == "COMBO":
            drawn["type"] = one.kind
        if one.kind == "LINE":
            drawn["lineStyle"] = {"width": 2}
        series.append(drawn)
    basic: dict[str, Any] = {
        "chartType": chart.kind,
        "legendPosition": "BOTTOM_LEGEND" if len(series) > 1 else "NO_LEGEND",
        "axis": _axes(chart),
        "domains": [{"domain": data(chart.domain)}],
        "series": series,
        # Without it Sheets guesses whether the first cell is a header.
        "headerCount": 1,
    }
    if chart.stacked:
        basic["stackedType"] = "STACKED"
    return {
        "title": chart.title,
        "titleTextFormat": {
            "fontSize": 12,
            "bold": True,
            "foregroundColorStyle": color_to_json(INK),
        },
        "altText": chart.description,
        "fontName": CHART_FONT,
        # Months that a reader has folded away stay in the picture.
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": basic,
    }


def chart_sources(spec: Mapping[str, Any]) -> ChartSources:
    """Return the ranges that a ChartSpec draws: its domains', then its series', each as sheet id and bounds."""
    basic = spec.get("basicChart", {})
    drawn = [domain.get("domain", {}) for domain in basic.get("domains", ())]
    drawn += [one.get("series", {}) for one in basic.get("series", ())]
    names = ("sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return tuple(
        tuple(int(part.get(name, 0)) for name in names)
        for data in drawn
        for part in data.get("sourceRange", {}).get("sources", ())
    )


@dataclass(frozen=True)
class PlacedChart:
    """A chart as it is in the spreadsheet.

    Attributes:
        sources: the ranges that it draws.
        anchor: row and column of the cell that its upper left corner sits in; None for one on a sheet of its own.
    """

    sources: ChartSources
    anchor: tuple[int, int] | None

    @classmethod
    def from_json(cls, chart: Mapping[str, Any]) -> PlacedChart:
        """Return what an EmbeddedChart says."""
        cell = chart.get("position", {}).get("overlayPosition", {}).get("anchorCell")
        anchor = None if cell is None else (cell.get("rowIndex", 0), cell.get("columnIndex", 0))
        return cls(chart_sources(chart.get("spec", {})), anchor)


def _axes(chart: Chart) -> list[dict[str, Any]]:
    value_axis = "BOTTOM_AXIS" if chart.kind == "BAR" else "LEFT_AXIS"
    axes = [{"position": value_axis, "title": chart.left_title}]
    if chart.right_title:
        axes.append({"position": "RIGHT_AXIS", "title": chart.right_title})
    return [{**axis, "format": {"fontSize": 9, "foregroundColorStyle": color_to_json(MUTED)}} for axis in axes]


def chart_position(chart: Chart, sheet: int, row: int, column: int) -> dict[str, Any]:
    """Return the EmbeddedObjectPosition of a chart whose upper left corner sits in a cell."""
    anchor: dict[str, Any] = {"rowIndex": row, "columnIndex": column}
    if sheet:
        anchor["sheetId"] = sheet
    overlay = {"anchorCell": anchor, "widthPixels": chart.width, "heightPixels": chart.height}
    if chart.offset:
        overlay["offsetXPixels"] = chart.offset
    return {"overlayPosition": overlay}


def chart_fingerprints(tab: Tab, sheets: Mapping[str, int]) -> dict[str, str]:
    """Return the fingerprint of each chart's content and place within the block, by chart id.

    Args:
        tab: the tab with the charts.
        sheets: sheet id of each tab by its key.
    """
    return {
        str(chart_id(chart.key)): "/".join((
            fingerprint(chart_spec(chart, lambda source: (sheets[source.tab], (source.area,)))),
            fingerprint(chart_position(chart, sheets[tab.key], chart.row, chart.column)),
        ))
        for chart in tab.charts
    }


GUARD = (
    "Close KPI pipeline writes these cells: what is typed into them is put right with the next publish. "
    "Rows, columns and notes of your own may stand beside and between them."
)
"""What whoever edits the block is told first."""


def guard_fingerprint(tab: Tab) -> str:
    """Return a fingerprint of the warning over a block, which a reader may take away without being overruled.

    Empty for a tab that has none.
    """
    return fingerprint(GUARD) if guarded_area(tab) else ""


def guarded_area(tab: Tab) -> Area | None:
    """Return the cells over which the warning stands: below and beside those that readers fill; None for none."""
    top = max((at + 1 for at, row in enumerate(tab.rows) if any(cell.is_open for cell in row)), default=0)
    return Area(top, 0, tab.height, tab.own_width) if top < tab.height and tab.own_width else None


def layout_fingerprint(tab: Tab) -> str:
    """Return a fingerprint of what a reader may change by hand without being overruled."""
    return fingerprint([
        tab.frozen_rows,
        tab.frozen_columns,
        tab.color,
        tab.gridlines,
        *(["hidden"] if tab.is_hidden else []),
    ])


def sizes_fingerprint(tab: Tab) -> str:
    """Return a fingerprint of widths, heights and hidden columns, which a reader may change as well.

    Apart from the layout: a month more may bring a column.
    """
    return fingerprint([tab.widths, tab.heights, tab.hidden_columns])
