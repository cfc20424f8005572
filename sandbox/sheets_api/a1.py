"""A1 notation: `Sheet1!A1:B2`, `'My tab'!A:A`, `A1`, a tab's title, a named range.

Source: https://developers.google.com/workspace/sheets/api/guides/concepts#cell
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sandbox.sheets_api.errors import ApiError

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book, Sheet

_QUOTED = re.compile(r"'(?:[^']|'')*'")
_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,8})?")
_LIKE_A_CELL = re.compile(r"[a-z]{1,3}\d+|r\d*c\d*|true|false", re.I)


class Box(NamedTuple):
    """A block of cells, half open, inside the grid of a sheet."""

    sheet: Sheet
    top: int
    bottom: int
    left: int
    right: int

    def rows(self) -> range:
        """Its row indices."""
        return range(self.top, self.bottom)

    def columns(self) -> range:
        """Its column indices."""
        return range(self.left, self.right)

    def contains(self, row: int, column: int) -> bool:
        """Whether the cell lies in the block."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def a1(self) -> str:
        """The block in A1 notation, with the sheet's title."""
        first = f"{column_letters(self.left)}{self.top + 1}"
        last = f"{column_letters(self.right - 1)}{self.bottom}"
        return f"{quoted(self.sheet.title)}!{first if first == last else f'{first}:{last}'}"


def column_letters(index: int) -> str:
    """The letters of a column: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The index of a column: A -> 0, AA -> 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """A tab's title as Google writes it in a range: quoted where it is not a plain word or reads like a cell or value.

    Source: recorded traffic (`'D3'!A1:D4`); for R1C1, TRUE and FALSE the same is assumed.
    """
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def parse_range(book: Book, text: str) -> Box:
    """The block a range names.

    Args:
        book: where the sheets and named ranges are.
        text: A1 notation; without a sheet the first visible one is meant.

    Raises:
        ApiError: 400 with Google's text where it cannot be read or leaves the grid.
    """
    sheet, cells = _split(book, text)
    if cells is None:
        return Box(sheet, 0, sheet.row_count, 0, sheet.column_count)
    bounds = corners(cells)
    if bounds is None:
        raise ApiError(400, f"Unable to parse range: {text}")
    top, bottom, left, right = bounds
    if (top or 0) >= sheet.row_count or (left or 0) >= sheet.column_count:
        raise ApiError(
            400,
            f"Range ({quoted(sheet.title)}!{cells}) exceeds grid limits. "
            f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}",
        )
    return Box(
        sheet,
        top or 0,
        min(sheet.row_count if bottom is None else bottom, sheet.row_count),
        left or 0,
        min(sheet.column_count if right is None else right, sheet.column_count),
    )


def corners(text: str) -> tuple[int | None, int | None, int | None, int | None] | None:
    """Top, bottom, left, right (half open; None = unbounded) of `B2`, `A:C`, `2:5`, `D4:B2`; None if it is no range."""
    first, colon, last = text.partition(":")
    ends = [_CORNER.fullmatch(part) for part in ([first, last] if colon else [first])]
    if any(end is None or not end[0] for end in ends):
        return None
    matches = [end for end in ends if end is not None]
    if not colon and not (matches[0][1] and matches[0][2]):
        return None
    rows = [int(end[2]) - 1 if end[2] else None for end in matches]
    columns = [column_index(end[1]) if end[1] else None for end in matches]
    if any(row is not None and row < 0 for row in rows):
        return None
    top, bottom = _span(rows)
    left, right = _span(columns)
    return top, bottom, left, right


def _span(ends: list[int | None]) -> tuple[int | None, int | None]:
    known = sorted(end for end in ends if end is not None)
    if not known:
        return None, None
    if len(ends) == 2 and len(known) == 1:
        return known[0], None
    return known[0], known[-1] + 1


def _split(book: Book, text: str) -> tuple[Sheet, str | None]:
    """The sheet, and the cells part (None for the whole sheet)."""
    title, bang, cells = text.rpartition("!")
    # An exclamation mark within quotes belongs to the title.
    if bang and not _QUOTED.fullmatch(text):
        sheet = book.sheet_titled(_unquoted(title))
        if sheet is None or not sheet.is_grid:
            raise ApiError(400, f"Unable to parse range: {text}")
        # A named range may stand behind a title. Source: recorded traffic (`'Sheet1'!NamedRange`).
        return _named(book, cells) or (sheet, cells)
    named = _named(book, text)
    if named is not None:
        return named
    grids = [sheet for sheet in book.sheets if sheet.is_grid]
    visible = next((sheet for sheet in grids if not sheet.properties.get("hidden")), None) or next(iter(grids), None)
    if visible is None:
        raise ApiError(400, f"Unable to parse range: {text}")
    # A title that looks like a cell is read as the cell of the first sheet.
    if corners(text) is not None:
        return visible, text
    titled = book.sheet_titled(_unquoted(text))
    if titled is None or not titled.is_grid:
        raise ApiError(400, f"Unable to parse range: {text}")
    return titled, None


def _named(book: Book, name: str) -> tuple[Sheet, str | None] | None:
    """The sheet and the cells of a named range; case does not matter. None where there is none of that name."""
    for named in book.named_ranges:
        if named.get("name", "").lower() == name.lower():
            sheet = book.sheet(named["range"].get("sheetId", 0))
            if sheet is not None:
                return sheet, _grid_range_a1(named["range"])
    return None


def _grid_range_a1(grid_range: dict[str, int]) -> str | None:
    top, left = grid_range.get("startRowIndex", 0), grid_range.get("startColumnIndex", 0)
    if "endRowIndex" not in grid_range or "endColumnIndex" not in grid_range:
        return None
    bottom, right = grid_range["endRowIndex"], grid_range["endColumnIndex"]
    return f"{column_letters(left)}{top + 1}:{column_letters(right - 1)}{bottom}"


def _unquoted(title: str) -> str:
    if len(title) >= 2 and title[0] == title[-1] == "'":
        return title[1:-1].replace("''", "'")
    return title
