"""Titles and formulas as Excel takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.sheets_api import formulas
from sandbox.sheets_api.references import in_sheets

if TYPE_CHECKING:
    from sandbox.sheets_api.model import Book

LONGEST_NAME = 31
"""Characters of a sheet's name, none of them `FORBIDDEN`. Source: support.microsoft.com, "Rename a worksheet"."""
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
SHEETS_ONLY = re.compile(
    r"\b(SPARKLINE|QUERY|ARRAYFORMULA|IMAGE|GOOGLE\w+|IMPORT\w+|REGEX\w+|SPLIT|JOIN|FLATTEN)\s*\(", re.I
)
_OUTSIDE = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\d,(?=\d)|;")


def sheet_names(book: Book) -> dict[int, str]:
    """The name of each sheet in Excel, by its id: shortened and numbered where its title is none."""
    names: dict[int, str] = {}
    taken = {"history"}
    for sheet in book.sheets:
        title = FORBIDDEN.sub("_", sheet.title).strip("'").strip() or "Sheet"
        name, number = title[:LONGEST_NAME], 2
        while name.lower() in taken:
            end = f" ({number})"
            name, number = title[: LONGEST_NAME - len(end)] + end, number + 1
        taken.add(name.lower())
        names[sheet.id] = name
    return names


def excel_formula(formula: str, worth: formulas.Value, book: Book, names: dict[int, str]) -> str:
    """A formula as Excel reads it: arguments with commas, sheets under their names there.

    One with a function that Excel lacks is told as a text, with what it is worth.

    Source: files that docs.google.com exports (`IFERROR(__xludf.DUMMYFUNCTION("..."), 5)`)

    Args:
        formula: as typed, in the spreadsheet's locale.
        worth: what it is worth.
        book: the spreadsheet.
        names: what each sheet is called in Excel, by its id.
    """
    plain = formulas.shown(formula, "en_US") if formulas.dialect(book.locale) == "en" else _with_points(formula)
    if SHEETS_ONLY.search(plain):
        told = plain.removeprefix("=").replace('"', '""')
        value = worth if isinstance(worth, int | float) and not isinstance(worth, bool) else f'"{_quoted(worth)}"'
        return f'=IFERROR(__xludf.DUMMYFUNCTION("{told}"),{value})'

    def name_of(title: str) -> str | None:
        sheet = book.sheet_titled(title)
        return None if sheet is None else "'" + names[sheet.id].replace("'", "''") + "'"

    return in_sheets(plain, name_of, last_row=1_048_576)


def _with_points(formula: str) -> str:
    """A formula of a locale with decimal commas as one with decimal points."""

    def one(match: re.Match[str]) -> str:
        text = match[0]
        return "," if text == ";" else text[0] + "." if text[0].isdigit() else text

    return _OUTSIDE.sub(one, formula)


def _quoted(worth: formulas.Value) -> str:
    return "" if worth is None else str(worth).replace('"', '""')
