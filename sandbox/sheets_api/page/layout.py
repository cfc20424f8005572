"""The geometry of a sheet on the page: which rows and columns are drawn, where, and how far texts reach."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import defaults
from sandbox.sheets_api.model import COLUMNS, ROWS, Sheet

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView

SPARE_ROWS, SPARE_COLUMNS = 12, 4
LEAST_ROWS, LEAST_COLUMNS = 45, 18
HEADER_WIDTH, HEADER_HEIGHT = 46, 24
GUTTER = 18
POINT = 4 / 3
LINE_HEIGHT = 1.25
# Widths of Arial's characters in ems. Source: the metrics of Arial and Liberation Sans.
LOWER, UPPER, BOLD = 0.54, 0.69, 1.07
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.225),
    **dict.fromkeys("ft.,:;!/\\[] I", 0.28),
    **dict.fromkeys('r()-`{}"', 0.34),
    **dict.fromkeys("cksvxyzJ", 0.5),
    **dict.fromkeys("mM", 0.833),
    **dict.fromkeys("w", 0.722),
    **dict.fromkeys("W@%", 0.95),
    **dict.fromkeys("–", 0.556),
    **dict.fromkeys("—…", 1.0),
}


@dataclass(frozen=True)
class Line:
    """A row or column as drawn.

    Attributes:
        size: pixels.
        fixed: the height was set by hand, so content does not stretch it.
        hidden: by a collapsed group; it is drawn when the group opens.
        hides_before: rows or columns hidden by hand lie before it.
    """

    index: int
    size: int
    fixed: bool
    hidden: bool
    hides_before: bool


class SheetLayout:
    """Sizes and places on one sheet."""

    def __init__(self, view: SheetView) -> None:
        self.view = view
        self.sheet: Sheet = view.sheet
        grid = self.sheet.properties["gridProperties"]
        self.frozen_rows: int = grid.get("frozenRowCount", 0)
        self.frozen_columns: int = grid.get("frozenColumnCount", 0)
        self.covered = covered_cells(self.sheet)

    @cached_property
    def columns(self) -> list[Line]:
        """The columns that are drawn."""
        used = max((column for _, column in self.view.filled), default=0) + 1
        edge = max([used, self.frozen_columns, *(self._chart_edge(chart, COLUMNS) for chart in self.sheet.charts)])
        return self._lines(COLUMNS, max(edge + SPARE_COLUMNS, LEAST_COLUMNS))

    @cached_property
    def rows(self) -> list[Line]:
        """The rows that are drawn."""
        used = max((row for row, _ in self.view.filled), default=0) + 1
        edge = max([used, self.frozen_rows, *(self._chart_edge(chart, ROWS) for chart in self.sheet.charts)])
        return self._lines(ROWS, max(edge + SPARE_ROWS, LEAST_ROWS))

    @cached_property
    def widths(self) -> dict[int, int]:
        """Pixels of each drawn column."""
        return {line.index: line.size for line in self.columns}

    def visible(self, dimension: str, index: int) -> int:
        """The first drawn row or column at or after an index."""
        lines = self.rows if dimension == ROWS else self.columns
        return next((line.index for line in lines if line.index >= index and not line.hidden), lines[-1].index)

    def depth(self, dimension: str) -> int:
        """How deep groups nest."""
        return max((group["depth"] for group in self.sheet.groups(dimension)), default=0)

    def overflow(self, row: int, column: int, text_width: float) -> list[int]:
        """The empty columns to the right that a left-aligned text of a width may run over, nearest first."""
        reach, taken = self.widths.get(column, 0), []
        for line in self.columns:
            if line.index <= column or line.hidden:
                continue
            at = (row, line.index)
            if reach >= text_width or "userEnteredValue" in self.sheet.cells.get(at, {}) or at in self.covered:
                break
            taken.append(line.index)
            reach += line.size
        return taken

    def _lines(self, dimension: str, wanted: int) -> list[Line]:
        grouped = {
            index
            for group in self.sheet.groups(dimension)
            for index in range(group["range"].get("startIndex", 0), group["range"]["endIndex"])
        }
        lines, before = [], False
        default = defaults.ROW_HEIGHT if dimension == ROWS else defaults.COLUMN_WIDTH
        for index in range(min(wanted, self.sheet.count(dimension))):
            properties = self.sheet.dimensions[dimension].get(index, {})
            hidden = bool(properties.get("hiddenByUser"))
            if hidden and index not in grouped:
                before = True
                continue
            fixed = "pixelSize" in properties
            size = properties.get("pixelSize", default)
            if dimension == ROWS and not fixed:
                size = max(size, self._fitting_height(index))
            lines.append(Line(index, size, fixed, hidden, before))
            before = False
        return lines

    @cached_property
    def _cells_by_row(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = {}
        for row, column in self.sheet.cells:
            rows.setdefault(row, []).append(column)
        return rows

    def _fitting_height(self, row: int) -> int:
        """The height that shows all wrapped lines of a row."""
        height = 0
        for column in self._cells_by_row.get(row, []):
            cell_format = self.sheet.cells[row, column].get("userEnteredFormat", {})
            size = cell_format.get("textFormat", {}).get("fontSize", 10)
            lines = 1
            text = self.view.shown(row, column).text
            if text and (cell_format.get("wrapStrategy") == "WRAP" or "\n" in text):
                room = max(self._width(column) - 7, 10)
                wraps = cell_format.get("wrapStrategy") == "WRAP"
                bold = bool(cell_format.get("textFormat", {}).get("bold"))
                parts = text.split("\n")
                lines = sum(wrapped_lines(part, room, size, bold=bold) for part in parts) if wraps else len(parts)
            if text:
                height = max(height, math.ceil(lines * size * POINT * LINE_HEIGHT) + 4)
        return height

    def _width(self, column: int) -> int:
        properties = self.sheet.dimensions[COLUMNS].get(column, {})
        return int(properties.get("pixelSize", defaults.COLUMN_WIDTH))

    def _chart_edge(self, chart: dict[str, Any], dimension: str) -> int:
        """The last row or column a chart covers, and one more."""
        overlay = chart["position"]["overlayPosition"]
        rows = dimension == ROWS
        index = overlay.get("anchorCell", {}).get("rowIndex" if rows else "columnIndex", 0)
        reach = overlay.get("offsetYPixels" if rows else "offsetXPixels", 0)
        reach += overlay["heightPixels" if rows else "widthPixels"]
        default = defaults.ROW_HEIGHT if rows else defaults.COLUMN_WIDTH
        while reach > 0:
            properties = self.sheet.dimensions[dimension].get(index, {})
            reach -= 0 if properties.get("hiddenByUser") else properties.get("pixelSize", default)
            index += 1
        return int(index)


def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """About how many pixels a text takes in Arial."""
    ems = sum(_WIDTHS.get(character, UPPER if character.isupper() else LOWER) for character in text)
    return ems * points * POINT * (BOLD if bold else 1)


def wrapped_lines(text: str, room: float, points: float, *, bold: bool = False) -> int:
    """How many lines a paragraph takes in a cell that wraps at words."""
    lines, used = 1, 0.0
    space = text_width(" ", points)
    for word in text.split(" "):
        width = text_width(word, points, bold=bold)
        if used and used + space + width > room:
            lines, used = lines + 1, 0.0
        lines += int(width // room) if width > room else 0
        used = (used + space if used else 0) + (width % room if width > room else width)
    return lines


def covered_cells(sheet: Sheet) -> set[tuple[int, int]]:
    """The cells that a merge covers, without its first one."""
    covered = set()
    for merge in sheet.merges:
        for row in range(merge["startRowIndex"], merge["endRowIndex"]):
            for column in range(merge["startColumnIndex"], merge["endColumnIndex"]):
                covered.add((row, column))
        covered.discard((merge["startRowIndex"], merge["startColumnIndex"]))
    return covered
