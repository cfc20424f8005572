"""References in formulas: they follow when rows and columns are inserted, deleted, moved, and when a formula is pasted.

Source: https://support.google.com/docs/answer/54754 and https://support.google.com/docs/answer/75943
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.sheets_api.a1 import column_index, column_letters, quoted
from sandbox.sheets_api.model import COLUMNS, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sheets_api.model import Book, Cell, Sheet

Ends = tuple[int, int] | None
"""First and last index of a span; None: nothing is left of it."""

_CELL = r"(?:\$?[A-Za-z]{1,3}\$?\d+)"
_REFERENCE = re.compile(
    r'(?P<text>"(?:[^"]|"")*")'
    r"|(?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?"
    rf"(?<![\w.$])(?P<first>{_CELL}|\$?[A-Za-z]{{1,3}}(?=:\$?[A-Za-z])|\$?\d+(?=:\$?\d))"
    rf"(?::(?P<last>{_CELL}|\$?[A-Za-z]{{1,3}}|\$?\d+))?(?![\w(!])"
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)(\d+)?")


def follow(
    book: Book,
    changed: Sheet,
    dimension: str,
    map_span: Callable[[int, int], Ends],
    strip: tuple[int, int] | None = None,
) -> None:
    """Rewrites every formula of the book that refers to a sheet whose rows or columns have changed.

    Args:
        book: all its sheets may refer to the one that changes.
        changed: the sheet that changes.
        dimension: "ROWS" or "COLUMNS".
        map_span: gives for first and last index of a reference those that it has then; None: it is lost.
        strip: columns (of changed rows; else rows) in which cells have moved; None: all. What reaches beyond stays.
    """
    _rewrite(book, lambda formula, own: _rewritten(formula, own, changed, dimension, map_span, strip))


def _rewrite(book: Book, changed: Callable[[str, Sheet], str]) -> None:
    """Rewrites the formulas of all cells, and the ranges that drop-down lists choose from."""
    refer = [
        (sheet, at, cell)
        for sheet in book.sheets
        for at, cell in sheet.cells.items()
        if "formulaValue" in cell.get("userEnteredValue", ()) or "dataValidation" in cell
    ]
    for sheet, at, cell in refer:
        rewritten = dict(cell)
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        if formula is not None:
            rewritten["userEnteredValue"] = {"formulaValue": changed(formula, sheet)}
        condition = cell.get("dataValidation", {}).get("condition", {})
        if condition.get("type") == "ONE_OF_RANGE":
            values = [{"userEnteredValue": changed(value["userEnteredValue"], sheet)} for value in condition["values"]]
            rewritten["dataValidation"] = {**cell["dataValidation"], "condition": {**condition, "values": values}}
        if rewritten != cell:
            sheet.write(at, rewritten)


def displaced(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads when it is pasted elsewhere: references without $ go along.

    Args:
        formula: as typed.
        rows: how far down it is pasted.
        columns: how far to the right.
    """

    def corner(text: str) -> str | None:
        column_fixed, letters, row_fixed, number = _parts(text)
        if letters and not column_fixed:
            index = column_index(letters) + columns
            if index < 0:
                return None
            letters = column_letters(index)
        if number and not row_fixed:
            if int(number) + rows < 1:
                return None
            number = str(int(number) + rows)
        return f"{column_fixed}{letters}{row_fixed}{number}"

    def paste(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        corners = [corner(text) for text in (match["first"], match["last"]) if text]
        if None in corners:
            return "#REF!"
        return (match["sheet"] or "") + ":".join(text for text in corners if text)

    return _REFERENCE.sub(paste, formula)


def displaced_cell(cell: Cell, rows: int, columns: int) -> Cell:
    """A cell pasted some rows and columns further on, whose formula goes along."""
    formula = cell.get("userEnteredValue", {}).get("formulaValue")
    if formula is None:
        return cell
    return {**cell, "userEnteredValue": {"formulaValue": displaced(formula, rows, columns)}}


def follow_title(book: Book, before: str, after: str) -> None:
    """Rewrites every formula of the book that names a sheet which gets another title."""

    def name_of(title: str) -> str:
        return quoted(after if title.lower() == before.lower() else title)

    _rewrite(book, lambda formula, _: in_sheets(formula, name_of) if "!" in formula else formula)


def in_sheets(formula: str, name_of: Callable[[str], str | None], last_row: int | None = None) -> str:
    """The formula with other names of sheets, and with an end to ranges that have none.

    Args:
        formula: as typed.
        name_of: gives for a sheet's title the name to write; None: there is no such sheet.
        last_row: where ranges end that have no last row, counted from 1; None leaves them as they are.
    """

    def one(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        prefix = ""
        if match["sheet"]:
            name = name_of(_title(match["sheet"]))
            if name is None:
                return "#REF!"
            prefix = f"{name}!"
        first, last = match["first"], match["last"]
        if last_row and last and last[-1].isalpha() and first[-1].isdigit():
            last = f"{last}{last_row}"
        return prefix + (f"{first}:{last}" if last else first)

    return _REFERENCE.sub(one, formula)


def _rewritten(
    formula: str,
    own: Sheet,
    changed: Sheet,
    dimension: str,
    map_span: Callable[[int, int], Ends],
    strip: tuple[int, int] | None,
) -> str:
    def follow_one(match: re.Match[str]) -> str:
        if match["text"] or not _is_about(match["sheet"], own, changed):
            return match[0]
        corners = [match["first"], match["last"] or match["first"]]
        indices = [_index(text, dimension) for text in corners]
        if None in indices or (strip and not _is_within(corners, dimension, strip)):
            return match[0]
        low, high = sorted(index for index in indices if index is not None)
        ends = map_span(low, high)
        if ends is None:
            return "#REF!"
        placed = [_placed(text, dimension, index) for text, index in zip(corners, ends, strict=True)]
        return (match["sheet"] or "") + (":".join(placed) if match["last"] else placed[0])

    return _REFERENCE.sub(follow_one, formula)


def _is_within(corners: list[str], dimension: str, strip: tuple[int, int]) -> bool:
    """Whether a reference lies in a strip of the other dimension."""
    across = [_index(text, COLUMNS if dimension == ROWS else ROWS) for text in corners]
    return all(index is not None and strip[0] <= index < strip[1] for index in across)


def _is_about(prefix: str | None, own: Sheet, changed: Sheet) -> bool:
    if not prefix:
        return own is changed
    return _title(prefix).lower() == changed.title.lower()


def _title(prefix: str) -> str:
    title = prefix[:-1]
    return title[1:-1].replace("''", "'") if title.startswith("'") else title


def _parts(corner: str) -> tuple[str, str, str, str]:
    match = _CORNER.fullmatch(corner)
    if match is None:
        raise AssertionError(f"{corner} is no corner of a reference")
    first, letters, second, number = (part or "" for part in match.groups())
    # "$3" has its dollar before the number.
    return (first, letters, second, number) if letters else ("", "", first or second, number)


def _index(corner: str, dimension: str) -> int | None:
    _, letters, _, number = _parts(corner)
    if dimension == ROWS:
        return int(number) - 1 if number else None
    return column_index(letters) if letters else None


def _placed(corner: str, dimension: str, index: int) -> str:
    column_fixed, letters, row_fixed, number = _parts(corner)
    if dimension == ROWS:
        return f"{column_fixed}{letters}{row_fixed}{index + 1}"
    return f"{column_fixed}{column_letters(index)}{row_fixed}{number}"
