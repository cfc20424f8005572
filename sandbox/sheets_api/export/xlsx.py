"""A spreadsheet as an Excel workbook, with what its cells are worth beside their formulas.

Left out: conditional formats, charts and their own sheets, filters, tables, pivot tables, data validation.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import xlsxwriter

from sandbox.sheets_api import defaults, formulas
from sandbox.sheets_api.a1 import column_letters
from sandbox.sheets_api.colours import hex_colour
from sandbox.sheets_api.effective import ERROR_TEXTS
from sandbox.sheets_api.export.formats import Formats
from sandbox.sheets_api.export.names import excel_formula, sheet_names
from sandbox.sheets_api.model import COLUMNS, ROWS
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.effective import SheetView
    from sandbox.sheets_api.model import Book, Sheet

LONGEST_TEXT, LONGEST_LINK = 32_767, 2_079
DEEPEST_GROUP = 7
"""What Excel takes. Source: support.microsoft.com, "Excel specifications and limits"."""

OPTIONS = {
    "in_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    # LET, XLOOKUP and the like have a prefix in the file.
    "use_future_functions": True,
}


def xlsx_bytes(book: Book) -> bytes:
    """The content of the .xlsx file of a spreadsheet."""
    file = io.BytesIO()
    names = sheet_names(book)
    with xlsxwriter.Workbook(file, OPTIONS) as workbook:
        views, formats = Views(book), Formats(workbook)
        pages = {sheet.id: workbook.add_worksheet(names[sheet.id]) for sheet in book.sheets if sheet.is_grid}
        for sheet in book.sheets:
            if sheet.is_grid:
                _Page(views.of(sheet), pages[sheet.id], formats, names).write()
        visible = [sheet for sheet in book.sheets if sheet.is_grid and not sheet.properties.get("hidden")]
        if visible:
            pages[visible[0].id].activate()
            pages[visible[0].id].set_first_sheet()
        for named in book.named_ranges:
            _define(workbook, named, book.sheet(named["range"].get("sheetId", 0)), names)
    return file.getvalue()


def _define(workbook: Any, named: dict[str, Any], sheet: Sheet | None, names: dict[int, str]) -> None:
    if sheet is None:
        return
    span = named["range"]
    first = f"${column_letters(span.get('startColumnIndex', 0))}${span.get('startRowIndex', 0) + 1}"
    right = span.get("endColumnIndex", sheet.column_count)
    last = f"${column_letters(right - 1)}${span.get('endRowIndex', sheet.row_count)}"
    title = names[sheet.id].replace("'", "''")
    workbook.define_name(named["name"], f"='{title}'!{first}:{last}")


class _Page:
    """One sheet on its way into the workbook."""

    def __init__(self, view: SheetView, page: Any, formats: Formats, names: dict[int, str]) -> None:
        self.view, self.page, self.formats, self.names = view, page, formats, names
        self.sheet = view.sheet

    def write(self) -> None:
        """Writes cells, sizes, panes and looks."""
        self._lines()
        properties = self.sheet.properties
        grid = properties["gridProperties"]
        self.page.freeze_panes(grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0))
        if grid.get("hideGridlines"):
            self.page.hide_gridlines(2)
        if properties.get("hidden"):
            self.page.hide()
        if "tabColor" in properties:
            self.page.set_tab_color(hex_colour(properties["tabColor"]))
        for merge in self.sheet.merges:
            first = merge["startRowIndex"], merge["startColumnIndex"]
            last = merge["endRowIndex"] - 1, merge["endColumnIndex"] - 1
            if first != last:
                self.page.merge_range(*first, *last, "", self.formats.of(self.view.still_format(*first)))
        banded = {
            at
            for block in self.view.banded_blocks
            for row in block.rows()
            for at in ((row, c) for c in block.columns())
        }
        for at in sorted({*self.view.filled, *banded}):
            self._cell(*at)

    def _lines(self) -> None:
        self.page.set_column_pixels(0, self.sheet.column_count - 1, defaults.COLUMN_WIDTH)
        for dimension, default in ((COLUMNS, defaults.COLUMN_WIDTH), (ROWS, None)):
            depths: dict[int, int] = {}
            for group in self.sheet.groups(dimension):
                for index in range(group["range"].get("startIndex", 0), group["range"]["endIndex"]):
                    depths[index] = max(depths.get(index, 0), group["depth"])
            for index in sorted({*depths, *self.sheet.dimensions[dimension]}):
                said = self.sheet.dimensions[dimension].get(index, {})
                options = {"hidden": bool(said.get("hiddenByUser")), "level": min(depths.get(index, 0), DEEPEST_GROUP)}
                size = said.get("pixelSize", default)
                if dimension == COLUMNS:
                    self.page.set_column_pixels(index, index, size, None, options)
                else:
                    self.page.set_row_pixels(index, size or defaults.ROW_HEIGHT, None, options)

    def _cell(self, row: int, column: int) -> None:
        cell = self.sheet.cells.get((row, column), {})
        look = self.formats.of(self.view.still_format(row, column))
        worth = self._worth(row, column)
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        link = self._link(cell)
        if link is not None:
            self.page.write_url(row, column, link, look, string=str(worth)[:255] if worth is not None else None)
        if formula is not None:
            text = excel_formula(formula, worth, self.view.book, self.names)
            self.page.write_formula(row, column, text, look, "" if worth is None else worth)
        elif worth is None:
            self.page.write_blank(row, column, None, look)
        elif isinstance(worth, bool):
            self.page.write_boolean(row, column, worth, look)
        elif isinstance(worth, str):
            self.page.write_string(row, column, worth[:LONGEST_TEXT], look)
        else:
            self.page.write_number(row, column, worth, look)
        if "note" in cell:
            self.page.write_comment(row, column, cell["note"][:LONGEST_TEXT], {"x_scale": 2})

    def _worth(self, row: int, column: int) -> formulas.Value:
        """What a cell is worth; an error as its text, which Excel knows as one."""
        value = self.view.value(row, column)
        if value and "errorValue" in value:
            return ERROR_TEXTS.get(value["errorValue"]["type"], "#VALUE!")
        return formulas.plain(value)

    def _link(self, cell: dict[str, Any]) -> str | None:
        """The address of a link that is no formula; one to another sheet as Excel has it."""
        uri = cell.get("userEnteredFormat", {}).get("textFormat", {}).get("link", {}).get("uri")
        if uri is None or len(uri) > LONGEST_LINK:
            return None
        _, is_inside, gid = uri.partition("#gid=")
        number = gid.partition("&")[0]
        if is_inside and uri.startswith("#") and number.isdecimal() and int(number) in self.names:
            title = self.names[int(number)].replace("'", "''")
            return f"internal:'{title}'!A1"
        return str(uri)
