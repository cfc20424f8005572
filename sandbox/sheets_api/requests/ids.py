"""Ids of sheets, charts, ranges: the client's choice, or drawn; and the objects that sheets list under them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.sheets_api.model import Book, Sheet


def fresh(taken: Iterable[int]) -> int:
    """A positive 31-bit id that is not taken."""
    used = set(taken)
    while True:
        drawn = secrets.randbelow(2**31 - 1000) + 1000
        if drawn not in used:
            return drawn


def chosen(asked: int | None, taken: set[int], what: str) -> int:
    """The id that the client asks for, or a fresh one.

    Raises:
        RequestError: it is taken.
    """
    wanted: int = asked or fresh(taken)
    if wanted in taken:
        raise RequestError(f"{what} with the ID {wanted} already exists.")
    return wanted


@dataclass(frozen=True)
class Listed:
    """Objects of one kind, which every sheet lists and whose ids are unique in the spreadsheet.

    Attributes:
        name: the list, an attribute of `Sheet`.
        key: what the id is called in an object.
        noun: what messages call an object.
        is_text: whether ids are texts.
    """

    name: str
    key: str
    noun: str
    is_text: bool = False

    def choose(self, book: Book, asked: int | str | None) -> int | str:
        """The id of a new object.

        Raises:
            RequestError: it is taken.
        """
        taken = {item[self.key] for sheet in book.sheets for item in getattr(sheet, self.name)}
        if not asked:
            number = fresh(item for item in taken if isinstance(item, int))
            return str(number) if self.is_text else number
        if asked in taken:
            raise RequestError(f"A {self.noun} with the ID {asked} already exists.")
        return asked

    def find(self, book: Book, object_id: int | str, noun: str | None = None) -> tuple[Sheet, dict[str, Any]]:
        """An object and its sheet.

        Raises:
            RequestError: there is none of that id.
        """
        for sheet in book.sheets:
            for item in getattr(sheet, self.name):
                if item[self.key] == object_id:
                    return sheet, item
        raise RequestError(f"No {noun or self.noun} with id: {object_id}")


CHARTS = Listed("charts", "chartId", "chart")
BANDS = Listed("banded_ranges", "bandedRangeId", "banded range")
PROTECTED = Listed("protected_ranges", "protectedRangeId", "protected range")
FILTER_VIEWS = Listed("filter_views", "filterViewId", "filter view")
SLICERS = Listed("slicers", "slicerId", "slicer")
TABLES = Listed("tables", "tableId", "table", is_text=True)
LISTED = (CHARTS, BANDS, PROTECTED, FILTER_VIEWS, SLICERS, TABLES)
