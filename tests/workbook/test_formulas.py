"""Cells that the spreadsheet computes: what is typed, what is the same, and what happens where the result differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook.diff.cell_data import FormulaText
from close_kpis.workbook.diff.formulas import gives
from close_kpis.workbook.google.errors import SheetsFormulaError
from close_kpis.workbook.spec import Area, Cell, Format, Formula, NumberFormat, Reference, Row, Tab, Workbook

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

SHARE = Format(number=NumberFormat("PERCENT", "0.0%"))
MONTHS = {"Jan": (100, 5), "Feb": (120, 9), "Mar": (150, 8), "Apr": (160, 10)}


def cell(row: int, column: int) -> Area:
    return Area(row, column, row + 1, column + 1)


def workbook(months: int = 3, *, wrong: float = 0) -> Workbook:
    """Customers, churned ones and the churn of some months, their sum, and the newest month on another tab."""
    rows: list[Row] = [(Cell("Month"), Cell("Customers"), Cell("Churned"), Cell("Churn"))]
    for at, (month, (customers, churned)) in enumerate(list(MONTHS.items())[:months], start=1):
        churn = Formula("{0}/{1}", (Reference(cell(at, 2)), Reference(cell(at, 1))))
        rows.append((
            Cell(month),
            Cell(customers),
            Cell(churned),
            Cell(churned / customers + wrong, SHARE, formula=churn),
        ))
    end = len(rows)
    churned = [row[2].value for row in rows[1:]]
    total = Formula("SUM({0})", (Reference(Area(1, 2, end, 3)),))
    rows.append((Cell("Year"), Cell(None), Cell(sum(churned), formula=total), Cell(None)))  # type: ignore[arg-type]
    data = Tab("data", "Data", tuple(rows), header=0, labels=(0,))
    place = Reference(Area(1, 0, end, 1), "data", is_whole=True)
    column = Reference(Area(1, 1, end, 2), "data", is_whole=True)
    found = Formula('INDEX({0};MATCH("Feb";{1};0))', (column, place))
    summary = Tab("summary", "Summary", ((Cell("February"), Cell(120, formula=found)),))
    return Workbook((summary, data))


def formulas(book: Book, title: str) -> dict[str, str]:
    """The formulas of a tab, by the text that begins their row."""
    found = {}
    for row in book.values(title):
        found[str(row[0])] = " ".join(value.text for value in row if isinstance(value, FormulaText))
    return {label: text for label, text in found.items() if text}


def worth(book: Book, title: str) -> list[list[Any]]:
    return [[next(iter(one.get("effectiveValue", {"": None}).values())) for one in row] for row in book.cells(title)]


def assert_quiet(book: Book, wanted: Workbook) -> None:
    assert book.publish(wanted).requests == 0


def insert(book: Book, title: str, dimension: str, at: int) -> None:
    span = {"sheetId": book.gid(title), "dimension": dimension, "startIndex": at, "endIndex": at + 1}
    book.edit({"insertDimension": {"range": span, "inheritFromBefore": False}})


def test_a_formula_means_cells_of_its_tab_and_of_others(book: Book) -> None:
    book.publish(workbook())
    assert formulas(book, "Data") == {"Jan": "=C2/B2", "Feb": "=C3/B3", "Mar": "=C4/B4", "Year": "=SUM(C2:C4)"}
    assert formulas(book, "Summary") == {"February": "=INDEX('Data'!B2:B4,MATCH(\"Feb\",'Data'!A2:A4,0))"}
    assert worth(book, "Data")[-1] == ["Year", None, 22]
    assert worth(book, "Summary") == [["February", 120]]
    assert_quiet(book, workbook())


def test_a_month_that_comes_is_part_of_the_sum(book: Book) -> None:
    book.publish(workbook())
    book.publish(workbook(4))
    assert formulas(book, "Data")["Year"] == "=SUM(C2:C5)"
    assert formulas(book, "Data")["Apr"] == "=C5/B5"
    assert worth(book, "Data")[-1] == ["Year", None, 32]
    assert_quiet(book, workbook(4))


def test_a_row_that_a_reader_inserts_is_not_part_of_the_sum(book: Book) -> None:
    book.publish(workbook())
    insert(book, "Data", "ROWS", 2)
    start = {"sheetId": book.gid("Data"), "rowIndex": 2, "columnIndex": 2}
    rows = [{"values": [{"userEnteredValue": {"numberValue": 1000}}]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    assert worth(book, "Data")[-1][2] == 1022
    book.publish(workbook())
    assert formulas(book, "Data")["Year"] == "=SUM(C2,C4:C5)"
    assert worth(book, "Data")[-1][2] == 22
    assert worth(book, "Data")[2][:3] == [None, None, 1000]
    assert_quiet(book, workbook())


@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
def test_what_a_reader_inserts_before_the_block_changes_no_formula(book: Book, dimension: str) -> None:
    book.publish(workbook())
    insert(book, "Data", dimension, 0)
    assert_quiet(book, workbook())


def test_a_renamed_tab_changes_no_formula(book: Book) -> None:
    book.publish(workbook())
    properties = {"sheetId": book.gid("Data"), "title": "Bob's KPIs!"}
    book.edit({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    assert_quiet(book, workbook())
    assert formulas(book, "Summary")["February"].startswith("=INDEX('Bob''s KPIs!'!B2:B4,")


@pytest.mark.parametrize("typed", [{"numberValue": 7}, {"stringValue": "oops"}, {"formulaValue": "=1+1"}, {}])
def test_a_formula_that_a_reader_types_over_comes_back(book: Book, typed: dict[str, Any]) -> None:
    book.publish(workbook())
    start = {"sheetId": book.gid("Data"), "rowIndex": 2, "columnIndex": 3}
    rows = [{"values": [{"userEnteredValue": typed} if typed else {}]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    assert book.publish(workbook()).cells == 1
    assert formulas(book, "Data")["Feb"] == "=C3/B3"


def test_a_formula_whose_cells_were_deleted_means_them_again(book: Book) -> None:
    book.publish(workbook())
    span = {"sheetId": book.gid("Data"), "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    book.edit({"deleteDimension": {"range": span}})
    assert "#REF!" in formulas(book, "Data")["Jan"]
    book.publish(workbook())
    assert formulas(book, "Data")["Jan"] == "=C2/B2"
    assert_quiet(book, workbook())


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "pt_BR", "en_GB", "ja_JP"])
def test_formulas_hold_in_every_locale(book: Book, locale: str) -> None:
    book.edit({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})
    book.publish(workbook())
    assert worth(book, "Summary") == [["February", 120]]
    assert_quiet(book, workbook())


def test_where_a_formula_gives_another_number_the_computed_one_is_shown(book: Book) -> None:
    with pytest.raises(SheetsFormulaError) as error:
        book.publish(workbook(wrong=0.01))
    assert "3 formulas" in str(error.value)
    assert "'Data'!D2 gives 0.05 where 0.06" in str(error.value)
    assert formulas(book, "Data") == {"Year": "=SUM(C2:C4)"}
    assert [row[3] for row in worth(book, "Data")[1:4]] == pytest.approx([0.06, 0.085, 8 / 150 + 0.01])
    # The formula is tried again with the next publish, which says so again; the number stands all the while.
    with pytest.raises(SheetsFormulaError):
        book.publish(workbook(wrong=0.01))
    assert worth(book, "Data")[1][3] == pytest.approx(0.06)
    book.publish(workbook())
    assert formulas(book, "Data")["Jan"] == "=C2/B2"


@pytest.mark.parametrize(
    ("value", "pattern", "found", "is_same"),
    [
        (0.1234, "0.0%", {"numberValue": 0.12341}, True),
        (0.1234, "0.0%", {"numberValue": 0.1235}, False),
        (0.1235, "0.0%", {"numberValue": 0.12349999999999}, True),
        (1234.5, "#,##0", {"numberValue": 1235.4}, True),
        (1234.4, "#,##0", {"numberValue": 1234.6}, False),
        (1234.56, "#,##0.00", {"numberValue": 1234.57}, False),
        (3, "0", {"numberValue": 3}, True),
        (0, "0", {}, False),
        (None, "0", {}, True),
        (None, "0", {"stringValue": ""}, True),
        (None, "0", {"numberValue": 0}, False),
        (3, "0", {"stringValue": "3"}, False),
        (1, "0", {"boolValue": True}, False),
        (True, "0", {"boolValue": True}, True),
        ("yes", "@", {"stringValue": "yes"}, True),
        (3, "0", {"errorValue": {"type": "REF"}}, False),
        (None, "0", {"errorValue": {"type": "DIVIDE_BY_ZERO"}}, False),
    ],
)
def test_a_result_is_the_computed_one_to_the_last_digit_that_is_shown(
    value: Any, pattern: str, found: dict[str, Any], is_same: bool
) -> None:
    shown = Cell(value, Format(number=NumberFormat("NUMBER", pattern)))
    assert gives(shown, found) is is_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=IF(A1>0;B1;C1)", "=if( $A$1 > 0, B1 , c1 )"),
        ("='Data'!A1", "=Data!A1"),
        ("='Data'!$A$1:B2", "=Data!a1:$b$2"),
        ("=SUM('Bob''s'!A1;\"a,b;c\")", "=SUM('Bob''s'!A1,\"a,b;c\")"),
    ],
)
def test_what_google_writes_otherwise_is_the_same_formula(one: str, other: str) -> None:
    assert FormulaText(one).comparable == FormulaText(other).comparable


@pytest.mark.parametrize(
    ("one", "other"),
    [("=A1", "=A2"), ('="a"', '="A"'), ('="a b"', '="ab"'), ("='Data'!A1", "='data 2'!A1"), ("=A1*12", "=A1*1.2")],
)
def test_another_formula_is_another_one(one: str, other: str) -> None:
    assert FormulaText(one).comparable != FormulaText(other).comparable


@pytest.mark.parametrize("text", ["SUM({0},{1})", "{0}*1.5", "SPARKLINE({0};{1;2})", "[x]"])
def test_what_locales_write_in_their_own_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="read otherwise"):
        Formula(text, ())


def test_quoted_text_may_hold_what_formulas_may_not() -> None:
    assert Formula('IF({0}="a,b";1;{1})', ()).text


@pytest.mark.parametrize("text", ["SUM({0}))", "SUM({0}", ")({0}", 'IF({0}="(";1;2))'])
def test_a_formula_whose_parentheses_do_not_match_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="do not match"):
        Formula(text, ())
    assert Formula('IF({0}=")";1;(2))', ()).text
