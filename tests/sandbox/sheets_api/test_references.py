"""Formulas follow the cells that they mean, as in Google Sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.sheets_api.references import displaced
from tests.sandbox.sheets_api.support import area, lines

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Book

INSERT_ROWS = {"insertDimension": {"range": lines("ROWS", 1, 3)}}
DELETE_ROW = {"deleteDimension": {"range": lines("ROWS", 1, 2)}}
INSERT_COLUMN = {"insertDimension": {"range": lines("COLUMNS", 1, 2)}}
MOVE_ROW_DOWN = {"moveDimension": {"source": lines("ROWS", 1, 2), "destinationIndex": 5}}
MOVE_ROW_UP = {"moveDimension": {"source": lines("ROWS", 4, 5), "destinationIndex": 1}}


MINE = {"addSheet": {"properties": {"title": "Mine", "sheetId": 5}}}


@pytest.mark.parametrize(
    ("formula", "edit", "expected"),
    [
        ("=Sheet1!A2", INSERT_ROWS, "=Sheet1!A4"),
        ("=Sheet1!$A$2*2", INSERT_ROWS, "=Sheet1!$A$4*2"),
        ("=Sheet1!A1", INSERT_ROWS, "=Sheet1!A1"),
        ("=SUM(Sheet1!A1:A2)", INSERT_ROWS, "=SUM(Sheet1!A1:A4)"),
        ("=SUM(Sheet1!A:A)", INSERT_ROWS, "=SUM(Sheet1!A:A)"),
        ("=SUM(Sheet1!2:3)", INSERT_ROWS, "=SUM(Sheet1!4:5)"),
        ("='Sheet1'!B2", INSERT_COLUMN, "='Sheet1'!C2"),
        ("=SUM(Sheet1!A:B)", INSERT_COLUMN, "=SUM(Sheet1!A:C)"),
        ("=Sheet1!A2", DELETE_ROW, "=#REF!"),
        ("=SUM(Sheet1!A1:A3)", DELETE_ROW, "=SUM(Sheet1!A1:A2)"),
        ("=Sheet1!A3", DELETE_ROW, "=Sheet1!A2"),
        ("=Sheet1!A2", MOVE_ROW_DOWN, "=Sheet1!A5"),
        ("=Sheet1!A3", MOVE_ROW_DOWN, "=Sheet1!A2"),
        ("=Sheet1!A5", MOVE_ROW_UP, "=Sheet1!A2"),
        ("=A2", INSERT_ROWS, "=A2"),
        ('="Sheet1!A2"', INSERT_ROWS, '="Sheet1!A2"'),
        ("=LOG10(Sheet1!A2)", INSERT_ROWS, "=LOG10(Sheet1!A4)"),
    ],
)
def test_a_reference_follows(book: Book, formula: str, edit: dict[str, Any], expected: str) -> None:
    book.apply(MINE)
    book.write([formula], row=8, column=3, sheet=5)
    book.apply(edit)
    assert book.cell(8, 3, 1)["userEnteredValue"] == {"formulaValue": expected}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("=A1*2", "=B3*2"), ("=$A1", "=$A3"), ("=A$1", "=B$1"), ("=SUM(A1:B2)", "=SUM(B3:C4)"), ('="A1"', '="A1"')],
)
def test_a_pasted_formula_means_the_cells_at_the_same_distance(formula: str, expected: str) -> None:
    assert displaced(formula, 2, 1) == expected


def test_a_formula_pasted_beyond_the_edge_loses_its_reference() -> None:
    assert displaced("=A1", -1, 0) == "=#REF!"


def test_copying_a_formula_down_fills_it(book: Book) -> None:
    book.write(["=A1*12"], column=1)
    copy = {"source": area(0, 1, 1, 2), "destination": area(1, 4, 1, 2), "pasteType": "PASTE_FORMULA"}
    book.apply({"copyPaste": copy})
    filled = [book.cell(row, 1)["userEnteredValue"]["formulaValue"] for row in range(4)]
    assert filled == ["=A1*12", "=A2*12", "=A3*12", "=A4*12"]


def test_a_moved_row_takes_what_refers_to_it_along(book: Book) -> None:
    book.apply(
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "N", "range": area(1, 2, 0, 3)}}},
        MOVE_ROW_DOWN,
    )
    [named] = book.get()["namedRanges"]
    assert (named["range"]["startRowIndex"], named["range"]["endRowIndex"]) == (4, 5)


def test_a_move_into_itself_is_refused(book: Book) -> None:
    move = {"moveDimension": {"source": lines("ROWS", 1, 4), "destinationIndex": 2}}
    assert "within its source" in book.refusal(move)


def test_pasted_values_are_what_formulas_were_worth(book: Book) -> None:
    book.write([2, "=A1*3", "=1/0", "'=1", None])
    book.write([None, None, None, None, "stays not"], row=1)
    paste = {"source": area(0, 1, 0, 5), "destination": area(1, 2, 0, 5), "pasteType": "PASTE_VALUES"}
    book.apply({"copyPaste": paste})
    entered = [book.cell(1, column).get("userEnteredValue") for column in range(5)]
    texts = [{"stringValue": text} for text in ("#DIV/0!", "'=1")]
    assert entered == [{"numberValue": 2}, {"numberValue": 6}, *texts, None]
