"""What a cell is worth and how it looks: values of formulas, merged formats, shown texts, links."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import formulas
from sandbox.sheets_api.a1 import corners
from sandbox.sheets_api.colours import LINK_COLOUR
from sandbox.sheets_api.conditions import ConditionalFormats
from sandbox.sheets_api.engine import Engine
from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box
from sandbox.sheets_api.messages import table_colours
from sandbox.sheets_api.numberformat import Shown, show_number, show_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.formulas import Value
    from sandbox.sheets_api.model import Book, Cell, Sheet

# What a cell shows for an error. Source: discovery document, ErrorValue.type.
ERROR_TEXTS = {
    "NAME": "#NAME?",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "NUM": "#NUM!",
    "REF": "#REF!",
    "N_A": "#N/A",
}


# What of a cell is sent back as it was written. A pivot table is kept, not computed.
KEPT = ("note", "textFormatRuns", "dataValidation", "pivotTable")


class SheetView:
    """A sheet with everything computed that Google sends back as read-only fields.

    Results are kept for the view's life, so a view belongs to one state of the book.
    """

    def __init__(self, book: Book, sheet: Sheet, engine: Callable[[], Engine | None]) -> None:
        self.book = book
        self.sheet = sheet
        self._engine = engine
        self._default: dict[str, Any] = book.properties["defaultFormat"]
        self._values: dict[tuple[int, int], dict[str, Any] | None] = {}
        self._formats: dict[tuple[int, str], dict[str, Any]] = {}
        self._overlays: dict[tuple[int, int], dict[str, Any]] = {}
        self._conditions = ConditionalFormats(book, sheet, self) if sheet.conditional_formats else None
        self._bands = _bands(book, sheet)

    def value(self, row: int, column: int) -> dict[str, Any] | None:
        """The effectiveValue of a cell; None for an empty one and for a picture such as a sparkline."""
        at = (row, column)
        if at not in self._values:
            entered = self.sheet.cells.get(at, {}).get("userEnteredValue")
            engine = self._engine()
            # An empty cell may show what a formula beside it spills.
            is_computed = engine is not None and (not entered or "formulaValue" in entered)
            self._values[at] = engine.value(self.sheet, row, column) if engine and is_computed else entered
        return self._values[at]

    @cached_property
    def filled(self) -> set[tuple[int, int]]:
        """The cells that hold something, or show what a formula beside them spills."""
        engine = self._engine()
        return {*self.sheet.cells} | (engine.filled(self.sheet) if engine else set())

    def plain(self, row: int, column: int) -> Value:
        """The effective value as a Python value; None for empty cells and errors."""
        return formulas.plain(self.value(row, column))

    def results(self, texts: Sequence[str]) -> list[Value]:
        """The values of formulas that stand in no cell of the sheet; None for errors."""
        return self._calculator.results(self.sheet, texts)

    @cached_property
    def _calculator(self) -> Engine:
        return self._engine() or Engine(self.book)

    def formula(self, row: int, column: int) -> str | None:
        """The formula of a cell as the spreadsheet's locale writes it; None where it has none."""
        text = self.sheet.cells.get((row, column), {}).get("userEnteredValue", {}).get("formulaValue")
        return None if text is None else formulas.shown(text, self.book.locale)

    def shown(self, row: int, column: int) -> Shown:
        """What a reader sees, with the colour of the number pattern."""
        value = self.value(row, column)
        if not value:
            return Shown("")
        number_format = self.sheet.cells.get((row, column), {}).get("userEnteredFormat", {}).get("numberFormat")
        kind, content = next(iter(value.items()))
        if kind == "numberValue":
            return show_number(content, number_format)
        if kind == "boolValue":
            return Shown("TRUE" if content else "FALSE")
        if kind == "errorValue":
            return Shown(ERROR_TEXTS.get(content["type"], "#ERROR!"))
        return show_text(content, number_format)

    def hyperlink(self, row: int, column: int) -> str | None:
        """The address a cell links to, by formula or by its text format."""
        cell = self.sheet.cells.get((row, column), {})
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        if formula is not None:
            found = formulas.hyperlink(formula)
            if found is not None:
                return found[0]
            address = self._linked(formula) if self.plain(row, column) else None
            if address is not None:
                return address
        uri = cell.get("userEnteredFormat", {}).get("textFormat", {}).get("link", {}).get("uri")
        return None if uri is None else str(uri)

    def _linked(self, formula: str) -> str | None:
        """The address in the cell of this sheet that a formula links to."""
        cell = formulas.linked_cell(formula)
        bounds = None if cell is None else corners(cell)
        if bounds is None or bounds[0] is None or bounds[2] is None:
            return None
        address = self.plain(bounds[0], bounds[2])
        return address if isinstance(address, str) else None

    def format(self, row: int, column: int) -> dict[str, Any]:
        """The effectiveFormat of a cell: default, banding, its own, conditional."""
        merged, overlay = self.still_format(row, column), self._overlay(row, column)
        return deep_merge(merged, overlay) if overlay else merged

    def still_format(self, row: int, column: int) -> dict[str, Any]:
        """The format of a cell without what conditional formats add to it."""
        cell = self.sheet.cells.get((row, column), {})
        own = cell.get("userEnteredFormat", {})
        value = self.value(row, column) or {}
        kind = "link" if self.hyperlink(row, column) else next(iter(value), "")
        band = self._band_colour(row, column)
        key = (id(own) if own else 0, f"{kind}|{id(band) if band else ''}")
        if key not in self._formats:
            self._formats[key] = self._merged(own, kind, band)
        return self._formats[key]

    @property
    def banded_blocks(self) -> list[Box]:
        """The blocks whose cells have alternating colours."""
        return [block for block, _ in self._bands]

    def is_plain(self, row: int, column: int) -> bool:
        """Whether a cell without content of its own has the default look (then Google sends no format)."""
        if (row, column) in self.sheet.cells or self._band_colour(row, column) is not None:
            return False
        return not self._overlay(row, column)

    def cell_data(self, row: int, column: int) -> Cell:
        """The CellData that spreadsheets.get returns for a cell."""
        cell = self.sheet.cells.get((row, column), {})
        data: Cell = {name: cell[name] for name in ("userEnteredValue",) if name in cell}
        if (formula := self.formula(row, column)) is not None:
            data["userEnteredValue"] = {"formulaValue": formula}
        value = self.value(row, column)
        if value:
            data["effectiveValue"] = value
            data["formattedValue"] = self.shown(row, column).text
        if "userEnteredFormat" in cell:
            data["userEnteredFormat"] = cell["userEnteredFormat"]
        if not self.is_plain(row, column):
            data["effectiveFormat"] = self.format(row, column)
        link = self.hyperlink(row, column)
        if link:
            data["hyperlink"] = link
        return data | {name: cell[name] for name in KEPT if name in cell}

    def _overlay(self, row: int, column: int) -> dict[str, Any]:
        """What conditional formats add to a cell."""
        if self._conditions is None:
            return {}
        at = (row, column)
        if at not in self._overlays:
            self._overlays[at] = self._conditions.overlay(row, column)
        return self._overlays[at]

    def _merged(self, own: dict[str, Any], kind: str, band: dict[str, Any] | None) -> dict[str, Any]:
        base = self._default
        if band is not None:
            base = {**base, "backgroundColor": band, "backgroundColorStyle": {"rgbColor": band}}
        if kind == "link":
            base = deep_merge(base, {"textFormat": {"underline": True, "foregroundColor": LINK_COLOUR}})
            base = deep_merge(base, {"textFormat": {"foregroundColorStyle": {"rgbColor": LINK_COLOUR}}})
        merged = deep_merge(base, own)
        if "horizontalAlignment" not in merged and kind in ALIGNMENTS:
            merged["horizontalAlignment"] = ALIGNMENTS[kind]
        merged.setdefault("hyperlinkDisplayType", "LINKED" if kind == "link" else "PLAIN_TEXT")
        return merged

    def _band_colour(self, row: int, column: int) -> dict[str, Any] | None:
        for block, band in self._bands:
            if block.contains(row, column):
                for name, index, count in (
                    ("rowProperties", row - block.top, block.bottom - block.top),
                    ("columnProperties", column - block.left, block.right - block.left),
                ):
                    if name in band:
                        return _band(band[name], index, count)
        return None


# How values stand where nobody set an alignment.
ALIGNMENTS = {"numberValue": "RIGHT", "boolValue": "CENTER", "errorValue": "CENTER"}


def deep_merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A copy of the base with the other's fields on top; colours and styles are replaced whole."""
    merged = dict(base)
    for name, value in over.items():
        whole = name.endswith(("Color", "ColorStyle"))
        nested = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = deep_merge(merged[name], value) if nested and not whole else value
    return merged


def _band(colours: dict[str, Any], index: int, count: int) -> dict[str, Any] | None:
    """The colour of a row or column in a banded range. Source: discovery document, BandingProperties."""
    chosen: dict[str, Any] | None
    if index == 0 and "headerColor" in colours:
        chosen = colours["headerColor"]
    elif index == count - 1 and "footerColor" in colours:
        chosen = colours["footerColor"]
    else:
        first = index - (1 if "headerColor" in colours else 0)
        chosen = colours.get("firstBandColor" if first % 2 == 0 else "secondBandColor")
    return chosen


def _bands(book: Book, sheet: Sheet) -> list[tuple[Box, dict[str, Any]]]:
    bands = []
    tables = [{"range": table["range"], "rowProperties": table_colours(table)} for table in sheet.tables]
    for band in [*sheet.banded_ranges, *tables]:
        try:
            bands.append((box(book, band["range"]), band))
        except RequestError:
            continue
    return bands
