"""What formulas are worth: the cells of a book in IronCalc, a spreadsheet engine.

Beyond what IronCalc knows: ranges without a last row (``A2:A``), ``ARRAYFORMULA``, and titles that Excel refuses. What
neither knows, such as ``QUERY``, shows `#NAME?`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ironcalc

from sandbox.sheets_api import formulas
from sandbox.sheets_api.a1 import column_letters
from sandbox.sheets_api.references import in_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.sheets_api.formulas import Value
    from sandbox.sheets_api.model import Book, Sheet

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Where IronCalc's grid ends."""

ERRORS = {
    "#DIV/0!": ("DIVIDE_BY_ZERO", "Division by zero."),
    "#VALUE!": ("VALUE", "A value of the wrong kind."),
    "#REF!": ("REF", "Reference does not exist."),
    "#SPILL!": ("REF", "Array result was not expanded because it would overwrite data."),
    "#CIRC!": ("REF", "Circular dependency detected."),
    "#NAME?": ("NAME", "Unknown function or name; the sandbox computes what IronCalc, HYPERLINK and SPARKLINE can."),
    "#NUM!": ("NUM", "No such number."),
    "#N/A": ("N_A", "No value available."),
}
"""How IronCalc tells errors, and how the API does. Source: discovery document, ErrorValue.type."""

PARSE_ERROR = ("ERROR", "Formula parse error.")
_ARRAY = re.compile(r"=\s*ARRAYFORMULA\((.*)\)\s*", re.IGNORECASE | re.DOTALL)


class Engine:
    """The values of one state of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._model = ironcalc.create("book", formulas.dialect(book.locale), "UTC", "en")
        self._indices = {sheet.id: index for index, sheet in enumerate(book.sheets)}
        for index in range(len(book.sheets)):
            if index:
                self._model.add_sheet(_name(index))
            else:
                self._model.rename_sheet(0, _name(0))
        for named in book.named_ranges:
            self._add_name(named)
        for sheet in book.sheets:
            for (row, column), cell in sheet.cells.items():
                self._put(sheet, row, column, cell.get("userEnteredValue") or {})
        self._model.evaluate()

    def value(self, sheet: Sheet, row: int, column: int) -> dict[str, Any] | None:
        """The ExtendedValue of a cell; None for an empty one."""
        return self._value(self._indices[sheet.id], row + 1, column + 1)

    def filled(self, sheet: Sheet) -> set[tuple[int, int]]:
        """The cells that have a value, those among them into which a formula beside them spills."""
        return self._filled[self._indices[sheet.id]]

    @cached_property
    def _filled(self) -> list[set[tuple[int, int]]]:
        """The filled cells of each sheet, since IronCalc tells those of all sheets at once."""
        found: list[set[tuple[int, int]]] = [set() for _ in self._indices]
        for index, row, column in self._model.get_all_cells():
            found[index].add((row - 1, column - 1))
        return found

    def results(self, sheet: Sheet, texts: Sequence[str]) -> list[Value]:
        """The values of formulas that stand in no cell; None for errors.

        Args:
            sheet: the sheet that references without a title are to.
            texts: each begins with "=".
        """
        index = self._indices[sheet.id]
        places = range(1, len(texts) + 1)
        for row, text in zip(places, texts, strict=True):
            self._model.set_user_input(index, row, LAST_COLUMN, self._readable(text, sheet))
        self._model.evaluate()
        found = [formulas.plain(self._value(index, row, LAST_COLUMN)) for row in places]
        for row in places:
            self._model.clear_cell_contents(index, row, LAST_COLUMN)
        return found

    def _value(self, index: int, row: int, column: int) -> dict[str, Any] | None:
        found = self._model.get_cell_value(index, row, column)
        if found is None:
            return None
        if isinstance(found, bool):
            return {"boolValue": found}
        if isinstance(found, str):
            if self._model.get_cell_type(index, row, column) == ironcalc.CellType.ErrorValue:
                kind, message = ERRORS.get(found, PARSE_ERROR)
                return {"errorValue": {"type": kind, "message": message}}
            return {"stringValue": found}
        return {"numberValue": int(found) if found.is_integer() and abs(found) < 1e15 else found}

    def _put(self, sheet: Sheet, row: int, column: int, entered: dict[str, Any]) -> None:
        at = (self._indices[sheet.id], row + 1, column + 1)
        for kind, content in entered.items():
            if kind == "numberValue":
                self._model.update_cell_with_number(*at, float(content))
            elif kind == "boolValue":
                self._model.update_cell_with_bool(*at, content)
            elif kind == "stringValue":
                self._model.update_cell_with_text(*at, content)
            elif kind == "formulaValue" and formulas.sparkline(content) is None:
                link = formulas.hyperlink(content)
                if link is not None:
                    self._model.update_cell_with_text(*at, link[1])
                else:
                    self._model.set_user_input(*at, self._readable(content, sheet))

    def _readable(self, formula: str, own: Sheet) -> str:
        """The formula as IronCalc reads it."""
        array = _ARRAY.fullmatch(formula)
        text = formulas.shown(f"={array[1]}" if array else formula, self._book.locale)
        return in_sheets(text, self._name_of, LAST_ROW)

    def _name_of(self, title: str) -> str | None:
        sheet = self._book.sheet_titled(title)
        return None if sheet is None else _name(self._indices[sheet.id])

    def _add_name(self, named: dict[str, Any]) -> None:
        span = named["range"]
        sheet = self._book.sheet(span.get("sheetId", 0))
        if sheet is None:
            return
        first, last = (
            f"${column_letters(column)}${row}"
            for row, column in (
                (span.get("startRowIndex", 0) + 1, span.get("startColumnIndex", 0)),
                (span.get("endRowIndex", sheet.row_count), span.get("endColumnIndex", sheet.column_count) - 1),
            )
        )
        self._model.new_defined_name(named["name"], None, f"{_name(self._indices[sheet.id])}!{first}:{last}")


def _name(index: int) -> str:
    return f"Tab_{index}"
