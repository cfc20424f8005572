"""A sheet as an HTML table with sticky headers and frozen panes."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import formulas
from sandbox.sheets_api.a1 import column_letters
from sandbox.sheets_api.charts import chart_svg
from sandbox.sheets_api.colours import WHITE, hex_colour, is_dark
from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.model import COLUMNS, ROWS, Cell
from sandbox.sheets_api.page import gutters, sparkline
from sandbox.sheets_api.page.layout import GUTTER, HEADER_HEIGHT, HEADER_WIDTH, Line, SheetLayout, text_width
from sandbox.sheets_api.page.lists import has_list, offered
from sandbox.sheets_api.page.style import StyleSheet, border_css, cell_css, text_css

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView
    from sandbox.sheets_api.views import Views

PATTERN_COLOURS = {"red": "#d93025", "green": "#188038", "blue": "#1a73e8"}
ALIGN = {"LEFT": "l", "CENTER": "m", "RIGHT": "r"}
SAFE_SCHEMES = ("http://", "https://", "mailto:", "#")


class Grid:
    """Draws one sheet.

    Args:
        views: the views of the book, for charts and sparklines that read other sheets.
        view: the sheet to draw.
    """

    def __init__(self, views: Views, view: SheetView) -> None:
        self._views, self._view = views, view
        self._layout = SheetLayout(view)
        self._sheet = view.sheet
        self._styles = StyleSheet(f"g{self._sheet.id}s")
        self._charts = self._charts_by_cell()
        self._merges = {(merge["startRowIndex"], merge["startColumnIndex"]): merge for merge in self._sheet.merges}
        self._quiet: set[tuple[int, int]] = set()
        self._lists: dict[str, tuple[int, list[str]]] = {}

    def html(self) -> str:
        """The table with its style sheet and its sticky offsets as CSS variables."""
        layout = self._layout
        gutter, top = GUTTER * layout.depth(ROWS), GUTTER * layout.depth(COLUMNS)
        width = gutter + HEADER_WIDTH + sum(line.size for line in layout.columns if not line.hidden)
        body = "".join(self._row(line) for line in layout.rows)
        lines = " nolines" if self._sheet.properties["gridProperties"].get("hideGridlines") else ""
        columns = "".join(
            f'<col class="c{line.index}" style="width:{line.size}px"{" hidden" if line.hidden else ""}>'
            for line in layout.columns
        )
        lead = f'<col style="width:{gutter}px">' if gutter else ""
        return (
            f"<style>{self._styles.rules()}</style>"
            f'<div class="grid{lines}" tabindex="0" style="{self._offsets(gutter, top)}">'
            f'<table style="width:{width}px"><colgroup>{lead}<col style="width:{HEADER_WIDTH}px">{columns}</colgroup>'
            f"<thead>{self._head(gutter)}</thead><tbody>{body}</tbody></table>{self._more()}</div>"
            f"{self._offered()}"
        )

    def _offsets(self, gutter: int, top: int) -> str:
        """Where headers and frozen rows and columns stick."""
        offsets = {"--gutter": gutter, "--groups": top, "--left": gutter + HEADER_WIDTH, "--top": top + HEADER_HEIGHT}
        left = gutter + HEADER_WIDTH
        for line in self._layout.columns:
            if line.index < self._layout.frozen_columns:
                offsets[f"--l{line.index}"] = left
                left += 0 if line.hidden else line.size
        below = top + HEADER_HEIGHT
        for line in self._layout.rows:
            if line.index < self._layout.frozen_rows:
                offsets[f"--t{line.index}"] = below
                below += 0 if line.hidden else line.size
        return ";".join(f"{name}:{value}px" for name, value in offsets.items())

    def _head(self, gutter: int) -> str:
        """The column letters, with the column groups above."""
        layout = self._layout
        cells = []
        for line in layout.columns:
            classes = self._line_classes(line, COLUMNS)
            style = f' style="left:var(--l{line.index})"' if line.index < layout.frozen_columns else ""
            cells.append(
                f'<th scope="col" class="ch c{line.index}{classes}"{style}'
                f"{' hidden' if line.hidden else ''}>{column_letters(line.index)}</th>"
            )
        lead = '<th class="gut corner"></th>' if gutter else ""
        brackets = gutters.column_brackets(layout, lead) if layout.depth(COLUMNS) else ""
        return f'{brackets}<tr class="letters">{lead}<th class="corner rc"></th>{"".join(cells)}</tr>'

    def _row(self, line: Line) -> str:
        layout = self._layout
        frozen = line.index < layout.frozen_rows
        top = f";top:var(--t{line.index})" if frozen else ""
        classes = self._line_classes(line, ROWS) + (" fr" if frozen else "")
        lead = gutters.row_bracket(layout, line, top) if layout.depth(ROWS) else ""
        number = f'<th scope="row" class="rh{classes}" style="{top.lstrip(";")}">{line.index + 1}</th>'
        cells = "".join(self._cell(line, column, top) for column in layout.columns)
        hidden = " hidden" if line.hidden else ""
        start = f'<tr data-r="{line.index}" style="height:{line.size}px"{hidden}>'
        return f"{start}{lead}{number}{cells}</tr>"

    def _line_classes(self, line: Line, dimension: str) -> str:
        layout = self._layout
        count = layout.frozen_rows if dimension == ROWS else layout.frozen_columns
        classes = " gap" if line.hides_before else ""
        if line.index < count:
            classes += " fz"
        return classes + (" last" if line.index == count - 1 else "")

    def _cell(self, row: Line, column: Line, top: str) -> str:
        at = (row.index, column.index)
        layout = self._layout
        if at in layout.covered:
            return ""
        cell = self._sheet.cells.get(at, {})
        classes = [f"c{column.index}"]
        style = top.lstrip(";")
        if row.index < layout.frozen_rows:
            classes.append("fr" + (" frl" if row.index == layout.frozen_rows - 1 else ""))
        if column.index < layout.frozen_columns:
            classes.append("fc" + (" fcl" if column.index == layout.frozen_columns - 1 else ""))
            style += f";left:var(--l{column.index})"
        content, attributes = "", ""
        if not self._view.is_plain(*at):
            content, attributes = self._content(row, column, cell, classes)
        classes.append(self._border_class(at))
        if at in self._quiet:
            classes.append("q")
        chart = self._charts.get(at, "")
        if chart:
            classes.append("hc")
        merge = self._span(at)
        names = " ".join(name for name in classes if name)
        hidden = " hidden" if column.hidden else ""
        place = f' style="{style.strip(";")}"' if style else ""
        return f'<td class="{names}"{place}{merge}{attributes}{hidden}>{content}{chart}</td>'

    def _content(self, row: Line, column: Line, cell: Cell, classes: list[str]) -> tuple[str, str]:
        """What is inside a cell, and the attributes of its `td`; adds to its classes."""
        at = (row.index, column.index)
        cell_format = self._view.format(*at)
        shown = self._view.shown(*at)
        css = cell_css(cell_format)
        if shown.colour in PATTERN_COLOURS and "foregroundColor" not in cell.get("userEnteredFormat", {}).get(
            "textFormat", {}
        ):
            css += f";color:{PATTERN_COLOURS[shown.colour]}"
        classes.append(self._styles.name(css))
        attributes = ""
        if "note" in cell:
            classes.append("note")
            attributes += f' data-note="{html.escape(cell["note"])}"'
        button = self._list(cell)
        if button:
            classes.append("dd")
        entered = cell.get("userEnteredValue", {})
        raw = self._view.formula(*at) or entered.get("numberValue")
        if raw is not None and str(raw) != shown.text:
            attributes += f' data-v="{html.escape(str(raw))}"'
        spark = self._sparkline(entered.get("formulaValue", ""))
        if spark:
            return f'<div class="t sp" style="height:{row.size - 4}px">{spark}</div>', attributes
        if not shown.text:
            return button, attributes
        return self._text(row, column, cell, cell_format, shown.text) + button, attributes

    def _list(self, cell: Cell) -> str:
        """The button of a cell with a list to choose from; empty for another. Cells with the same list share it."""
        if not has_list(cell):
            return ""
        condition = json.dumps(cell["dataValidation"]["condition"], sort_keys=True)
        if condition not in self._lists:
            try:
                texts = [text for text, _ in offered(self._views, cell)]
            except ApiError:
                texts = []
            self._lists[condition] = (len(self._lists), texts)
        number, _ = self._lists[condition]
        return f'<button type="button" class="open" data-list="{number}" aria-label="Choose">▾</button>'

    def _offered(self) -> str:
        """The lists of the sheet's cells, for the page's script."""
        texts = json.dumps([texts for _, texts in self._lists.values()]).replace("<", "\\u003c")
        return f'<script type="application/json" class="lists">{texts}</script>' if self._lists else ""

    def _text(self, row: Line, column: Line, cell: Cell, cell_format: dict[str, Any], text: str) -> str:
        """A text with its alignment, wrapping and overflow."""
        at = (row.index, column.index)
        strategy = cell_format.get("wrapStrategy", "OVERFLOW_CELL")
        align = ALIGN.get(cell_format.get("horizontalAlignment", "LEFT"), "l")
        classes = ["t", align]
        style = ""
        text_format = cell_format.get("textFormat", {})
        wide = text_width(text, text_format.get("fontSize", 10), bold=bool(text_format.get("bold"))) + 8
        if strategy == "WRAP":
            classes.append("w")
        elif strategy != "CLIP" and align == "l" and "numberValue" not in (self._view.value(*at) or {}):
            run = [] if at in self._merges else self._layout.overflow(*at, wide)
            if run:
                classes.append("o")
                style = self._overflow_style(column, run)
                self._quiet.update((row.index, index) for index in [column.index, *run[:-1]])
        if row.fixed:
            style += f";max-height:{max(row.size - 2, 12)}px"
        inner = self._runs(cell, text, cell_format)
        link = self._view.hyperlink(*at)
        if link and link.startswith(SAFE_SCHEMES):
            away = "" if link.startswith("#") else ' target="_blank" rel="noopener noreferrer"'
            inner = f'<a href="{html.escape(link)}"{away}>{inner}</a>'
        placed = f' style="{style.strip(";")}"' if style else ""
        return f'<div class="{" ".join(classes)}"{placed}>{inner}</div>'

    def _overflow_style(self, column: Line, run: list[int]) -> str:
        """The width a text may take; scrolled sideways, one that starts in the frozen columns ends with them."""
        reach = column.size + sum(self._layout.widths[index] for index in run) - 6
        style = f"--w:{reach}px"
        if column.index < self._layout.frozen_columns <= run[-1]:
            inside = [index for index in run if index < self._layout.frozen_columns]
            style += f";--fw:{column.size + sum(self._layout.widths[index] for index in inside) - 6}px"
        return style

    def _runs(self, cell: Cell, text: str, cell_format: dict[str, Any]) -> str:
        """The text, in spans where parts of it have their own format."""
        runs = cell.get("textFormatRuns")
        if not runs:
            return html.escape(text)
        starts = [run.get("startIndex", 0) for run in runs]
        parts = [html.escape(text[: starts[0]])]
        for at, run in enumerate(runs):
            part = html.escape(text[starts[at] : starts[at + 1] if at + 1 < len(runs) else None])
            css = text_css({**cell_format.get("textFormat", {}), **run.get("format", {})})
            uri = run.get("format", {}).get("link", {}).get("uri", "")
            if uri.startswith(SAFE_SCHEMES):
                part = f'<a href="{html.escape(uri)}" target="_blank" rel="noopener noreferrer">{part}</a>'
            parts.append(f'<span style="{html.escape(css)}">{part}</span>')
        return "".join(parts)

    def _border_class(self, at: tuple[int, int]) -> str:
        """The class of a cell's right and bottom border, which it shares with its neighbours."""
        row, column = at
        own = self._borders(at)
        right = border_css(own.get("right")) or border_css(self._borders((row, column + 1)).get("left"))
        bottom = border_css(own.get("bottom")) or border_css(self._borders((row + 1, column)).get("top"))
        css = [f"border-right:{right}"] if right else []
        css += [f"border-bottom:{bottom}"] if bottom else []
        if bottom and not right and self._hides_lines(at):
            # A side border of another colour would cut into the line below.
            css.append("border-right-width:0")
        css += [f"border-top:{border_css(own['top'])}"] if row == 0 and border_css(own.get("top")) else []
        css += [f"border-left:{border_css(own['left'])}"] if column == 0 and border_css(own.get("left")) else []
        return self._styles.name(";".join(css))

    def _borders(self, at: tuple[int, int]) -> dict[str, Any]:
        borders: dict[str, Any] = self._sheet.cells.get(at, {}).get("userEnteredFormat", {}).get("borders", {})
        return borders

    def _hides_lines(self, at: tuple[int, int]) -> bool:
        """Whether no grid line shows at a cell: it has a fill, or the sheet hides them."""
        if self._sheet.properties["gridProperties"].get("hideGridlines"):
            return True
        return hex_colour(self._view.format(*at).get("backgroundColor")) != WHITE

    def _span(self, at: tuple[int, int]) -> str:
        merge = self._merges.get(at)
        if merge is None:
            return ""
        rows = [line for line in self._layout.rows if merge["startRowIndex"] <= line.index < merge["endRowIndex"]]
        columns = [
            line for line in self._layout.columns if merge["startColumnIndex"] <= line.index < merge["endColumnIndex"]
        ]
        return f' rowspan="{len(rows)}" colspan="{len(columns)}"'

    def _sparkline(self, formula: str) -> str:
        found = formulas.sparkline(formula) if formula else None
        if found is None:
            return ""
        try:
            numbers = self._views.numbers(self._sheet, found[0])
        except ApiError:
            return ""
        return sparkline.svg(numbers, found[1])

    def _charts_by_cell(self) -> dict[tuple[int, int], str]:
        """The charts as elements of the cell they are anchored at, so that they move with it."""
        placed: dict[tuple[int, int], str] = {}
        for chart in self._sheet.charts:
            overlay = chart["position"]["overlayPosition"]
            anchor = overlay.get("anchorCell", {})
            at = (
                self._layout.visible(ROWS, anchor.get("rowIndex", 0)),
                self._layout.visible(COLUMNS, anchor.get("columnIndex", 0)),
            )
            drawn = chart_svg(self._views, chart["spec"], overlay["widthPixels"], overlay["heightPixels"])
            placed[at] = placed.get(at, "") + (
                f'<div class="chart" id="chart-{chart["chartId"]}" style="left:{overlay.get("offsetXPixels", 0)}px;'
                f"top:{overlay.get('offsetYPixels', 0)}px;width:{overlay['widthPixels']}px;"
                f'height:{overlay["heightPixels"]}px">{drawn}</div>'
            )
        return placed

    def _more(self) -> str:
        """How much of the grid is empty and left out."""
        rows = self._sheet.row_count - self._layout.rows[-1].index - 1
        if rows <= 0:
            return ""
        return f'<p class="more">{rows:,} more empty rows, {self._sheet.column_count:,} columns in all</p>'


def tab_colour(properties: dict[str, Any]) -> str:
    """The inline style of a tab with a colour; empty without one."""
    if "tabColor" not in properties:
        return ""
    colour = hex_colour(properties["tabColor"])
    return f"--tab:{colour};--tabtext:{'#fff' if is_dark(colour) else '#202124'}"
