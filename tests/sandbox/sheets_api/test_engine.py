"""Formulas are computed, as in Google Sheets: across tabs, in every locale, from what stands there now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.sheets_api.support import area

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Book

TAB = {"addSheet": {"properties": {"title": "Wow! Bob's", "sheetId": 5}}}
NAME = {"addNamedRange": {"namedRange": {"name": "growth_mrr", "range": area(0, 3, 0, 1, sheet=5)}}}


def in_locale(book: Book, locale: str) -> None:
    book.apply({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=SUM('Wow! Bob''s'!A1:A3)", 60),
        ("=SUM('wow! bob''s'!A2:A)", 50),
        ("=SUM(growth_mrr)", 60),
        ("='Wow! Bob''s'!A1/'Wow! Bob''s'!A3", 10 / 30),
        ("=IFERROR(1/0;-1)", -1),
        ("=INDEX('Wow! Bob''s'!A1:A3;MATCH(\"y\";'Wow! Bob''s'!B1:B3;0))", 20),
        ("=IF(ISBLANK('Wow! Bob''s'!C1);\"\";1)", None),
        ("=ARRAYFORMULA('Wow! Bob''s'!A1:A3*2)", 20),
        ("=SUM(FILTER('Wow! Bob''s'!A1:A3;'Wow! Bob''s'!B1:B3=\"x\"))", 40),
        ('="a;b"', "a;b"),
        ("=1/0", "#DIV/0!"),
        ("=Nowhere!A1", "#REF!"),
        ("=A1", "#REF!"),
        ('=MATCH("z";growth_mrr;0)', "#N/A"),
        ("=UNKNOWN(1)", "#NAME?"),
        ("=1+", "#ERROR!"),
    ],
)
def test_a_formula_has_the_value_that_google_computes(book: Book, formula: str, value: Any) -> None:
    book.apply(TAB, NAME)
    book.write([10, "x"], [20, "y"], [30, "x"], sheet=5)
    book.write([formula])
    cell = book.cell(0, 0)
    found = cell.get("effectiveValue", {})
    if isinstance(value, str) and value.startswith("#"):
        assert "errorValue" in found
        assert cell["formattedValue"] == value
    else:
        assert (next(iter(found.values())) or None) == (pytest.approx(value) if isinstance(value, float) else value)


def test_what_a_formula_spills_stands_in_the_cells_below(book: Book) -> None:
    book.write([1, "=ARRAYFORMULA(A1:A3*2)"], [2], [3])
    assert [book.cell(row, 1).get("formattedValue") for row in range(3)] == ["2", "4", "6"]


def test_a_value_follows_what_it_is_computed_from(book: Book) -> None:
    book.write([4, "=A1*2", "=B1+1"])
    book.write([5])
    assert [book.cell(0, column)["effectiveValue"] for column in (1, 2)] == [{"numberValue": 10}, {"numberValue": 11}]


@pytest.mark.parametrize(
    ("locale", "typed", "shown", "value"),
    [
        ("en_US", '=IF(A1>0;"a;b";1)', '=IF(A1>0,"a;b",1)', "a;b"),
        ("en_US", "=IF(A1>0,1.5,1)", "=IF(A1>0,1.5,1)", "1.5"),
        ("de_DE", "=IF(A1>0;2;1)", "=IF(A1>0;2;1)", "2"),
        ("de_DE", "=IF(A1>0,2,1)", "=IF(A1>0,2,1)", "#ERROR!"),
        ("pt_BR", "=SUM(A1;1,5)", "=SUM(A1;1,5)", "2.5"),
    ],
)
def test_a_locale_parts_arguments_in_its_own_way(book: Book, locale: str, typed: str, shown: str, value: str) -> None:
    in_locale(book, locale)
    book.write([1, typed])
    cell = book.cell(0, 1)
    assert cell["userEnteredValue"] == {"formulaValue": shown}
    assert cell["formattedValue"] == value


def test_formulas_follow_a_tab_that_is_renamed(book: Book) -> None:
    book.apply(TAB)
    book.write(["='Wow! Bob''s'!A1*2"])
    book.write([7], sheet=5)
    book.apply({"updateSheetProperties": {"properties": {"sheetId": 5, "title": "Data"}, "fields": "title"}})
    assert book.cell(0, 0)["userEnteredValue"] == {"formulaValue": "=Data!A1*2"}
    assert book.cell(0, 0)["effectiveValue"] == {"numberValue": 14}


def test_a_condition_may_look_at_other_tabs(book: Book) -> None:
    book.apply(TAB)
    book.write([10], [20], sheet=5)
    book.write([15], [15])
    bold = {
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=A1>'Wow! Bob''s'!A1"}]},
            "format": {"textFormat": {"bold": True}},
        }
    }
    book.apply({"addConditionalFormatRule": {"rule": {"ranges": [area(0, 2, 0, 1)], **bold}, "index": 0}})
    shown = [book.cell(row, 0)["effectiveFormat"]["textFormat"]["bold"] for row in range(2)]
    assert shown == [True, False]
