"""The views of all sheets of a book, for what reads across sheets."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.sheets_api.a1 import Box, parse_range
from sandbox.sheets_api.effective import SheetView
from sandbox.sheets_api.engine import Engine

if TYPE_CHECKING:
    from sandbox.sheets_api.formulas import Value
    from sandbox.sheets_api.model import Book, Sheet


class Views:
    """One `SheetView` a sheet, made when first asked for; they belong to one state of the book.

    Attributes:
        book: that state.
        lock: for who reads views that others may read at the same time.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.lock = threading.RLock()
        self._views: dict[int, SheetView] = {}

    @cached_property
    def engine(self) -> Engine | None:
        """What computes the book's formulas; None where it has none."""
        cells = (cell for sheet in self.book.sheets for cell in sheet.cells.values())
        has_formulas = any("formulaValue" in cell.get("userEnteredValue", {}) for cell in cells)
        return Engine(self.book) if has_formulas else None

    def of(self, sheet: Sheet) -> SheetView:
        """The view of a sheet."""
        if sheet.id not in self._views:
            self._views[sheet.id] = SheetView(self.book, sheet, lambda: self.engine)
        return self._views[sheet.id]

    def numbers(self, sheet: Sheet, text: str) -> list[float | None]:
        """The numbers of a range in reading order; None for what is none.

        Args:
            sheet: the sheet that a range without a title is on.
            text: A1 notation, or an array such as `{1,2,3}`.

        Raises:
            ApiError: the range cannot be read.
        """
        if text.startswith("{"):
            parts = text.strip("{}").replace(";", ",").split(",")
            return [_number(part) for part in parts]
        if "!" not in text:
            title = sheet.title.replace("'", "''")
            text = f"'{title}'!{text}"
        block = parse_range(self.book, text)
        return [_plain(value) for value in self.values(block)]

    def values(self, block: Box) -> list[Value]:
        """The plain values of a block in reading order."""
        view = self.of(block.sheet)
        return [view.plain(row, column) for row in block.rows() for column in block.columns()]


def _plain(value: Value) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
