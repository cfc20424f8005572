"""Conditional formats as the effective format of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, colour

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book


def add(condition: Body, look: Body | None = None, rows: int = 4) -> Body:
    rule = {"condition": condition, "format": look or {"textFormat": {"bold": True}}}
    return {"addConditionalFormatRule": {"rule": {"ranges": [area(0, rows, 0, 1)], "booleanRule": rule}}}


def bold(book: Book) -> list[bool]:
    cells = [book.cell(row, 0) for row in range(4)]
    return [cell.get("effectiveFormat", {}).get("textFormat", {}).get("bold", False) for cell in cells]


@pytest.mark.parametrize(
    ("values", "kind", "operands", "expected"),
    [
        ([-1, 0, 1, "x"], "NUMBER_GREATER", ["0"], [0, 0, 1, 0]),
        ([-1, 0, 1, "x"], "NUMBER_LESS_THAN_EQ", ["0"], [1, 1, 0, 0]),
        ([0.04, 0.06, 1, None], "NUMBER_GREATER_THAN_EQ", ["5%"], [0, 1, 1, 0]),
        ([1, 2, 3, 4], "NUMBER_BETWEEN", ["2", "3"], [0, 1, 1, 0]),
        ([1, 2, 3, 4], "NUMBER_NOT_BETWEEN", ["3", "2"], [1, 0, 0, 1]),
        ([1, 2, 3, 4], "NUMBER_EQ", ["=B1"], [1, 1, 0, 0]),
        ([1, 2, 3, 4], "NUMBER_EQ", ["=$B$1"], [1, 0, 0, 0]),
        (["Won", "lost", 7, None], "TEXT_CONTAINS", ["o"], [1, 1, 0, 0]),
        (["Won", "lost", 7, None], "TEXT_EQ", ["won"], [1, 0, 0, 0]),
        (["Won", "lost", 7, "n/a"], "TEXT_STARTS_WITH", ["N/"], [0, 0, 0, 1]),
        (["x", 0, "", None], "BLANK", [], [0, 0, 1, 1]),
        (["x", 0, "", None], "NOT_BLANK", [], [1, 1, 0, 0]),
        ([43830, 43831, 43831.5, "x"], "DATE_EQ", ["2020-01-01"], [0, 1, 1, 0]),
        ([43830, 43831, 43832, "x"], "DATE_BEFORE", ["1/1/2020"], [1, 0, 0, 0]),
        ([1, 2, 3, 4], "CUSTOM_FORMULA", ["=A1>B1"], [0, 0, 1, 1]),
        ([1, 2, 3, 4], "CUSTOM_FORMULA", ["=AND(A1>1, NOT(A1=3))"], [0, 1, 0, 1]),
        (["a", "b", "a", None], "CUSTOM_FORMULA", ['=$A1="a"'], [1, 0, 1, 0]),
        ([1, 2, 3, 4], "CUSTOM_FORMULA", ["=NOSUCH(A1)"], [0, 0, 0, 0]),
    ],
)
def test_a_condition_holds_for_the_right_cells(
    book: Book, values: list[object], kind: str, operands: list[str], expected: list[int]
) -> None:
    book.write(*([value, other] for value, other in zip(values, [1, 2, 2, 2], strict=True)))
    condition = {"type": kind, "values": [{"userEnteredValue": item} for item in operands]}
    book.apply(add(condition))
    blank = [index for index, value in enumerate(values) if value in {None, ""}]
    seen = bold(book)
    # Cells after the last filled one of their row are not sent; the page shows them.
    assert [seen[at] for at in range(4) if at not in blank] == [
        bool(expected[at]) for at in range(4) if at not in blank
    ]


def test_of_two_rules_the_first_wins_property_by_property(book: Book) -> None:
    book.write([5])
    first = add({"type": "NOT_BLANK"}, {"textFormat": {"foregroundColor": colour(1)}})
    second = add({"type": "NOT_BLANK"}, {"textFormat": {"foregroundColor": colour(0, 1), "bold": True}})
    book.apply(second, first)
    text = book.cell(0, 0)["effectiveFormat"]["textFormat"]
    assert text["foregroundColor"] == {"red": 1}
    assert text["bold"] is True
    assert "userEnteredFormat" not in book.cell(0, 0)


def test_a_gradient_runs_from_the_least_to_the_greatest_value(book: Book) -> None:
    book.write([0], [5], [10], ["x"])
    points = {
        "minpoint": {"type": "MIN", "color": colour(1, 1, 1)},
        "maxpoint": {"type": "MAX", "color": colour(0, 1, 0)},
    }
    rule = {"ranges": [area(0, 4, 0, 1)], "gradientRule": points}
    book.apply({"addConditionalFormatRule": {"rule": rule}})
    seen = [book.cell(row, 0)["effectiveFormat"]["backgroundColor"] for row in range(4)]
    assert seen == [
        {"red": 1, "green": 1, "blue": 1},
        {"red": 0.49803922, "green": 1, "blue": 0.49803922},
        {"green": 1},
        {"red": 1, "green": 1, "blue": 1},
    ]


def test_banding_colours_header_rows_and_footer(book: Book) -> None:
    bands = {
        "headerColor": colour(1),
        "firstBandColor": colour(1, 1, 1),
        "secondBandColor": colour(0, 0, 1),
        "footerColor": colour(0, 1),
    }
    book.write(["h"], ["a"], ["b"], ["f"])
    book.apply({"addBanding": {"bandedRange": {"range": area(0, 4, 0, 1), "rowProperties": bands}}})
    seen = [book.cell(row, 0)["effectiveFormat"]["backgroundColor"] for row in range(4)]
    assert seen == [{"red": 1}, {"red": 1, "green": 1, "blue": 1}, {"blue": 1}, {"green": 1}]
