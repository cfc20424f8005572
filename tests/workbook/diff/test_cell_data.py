from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.workbook.diff.cell_data import (
    color_from_json,
    color_to_json,
    leaves_from_json,
    leaves_to_json,
    same_value,
    value_from_json,
    value_to_json,
    wanted_leaves,
    wanted_value,
)
from close_kpis.workbook.spec import MAX_TEXT, Cell, Format, Line, NumberFormat, Tab


@given(st.text())
def test_text_is_sent_as_a_string_whatever_it_begins_with(text: str) -> None:
    sent = value_to_json(wanted_value(Cell(text)))
    assert set(sent) <= {"stringValue"}


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "'quoted", "1e30", "2024-01-01"]
)
def test_text_that_looks_like_something_else_stays_as_it_is(text: str) -> None:
    assert value_to_json(wanted_value(Cell(text))) == {"stringValue": text}


def test_dates_are_serial_numbers() -> None:
    assert value_to_json(wanted_value(Cell(date(2020, 1, 1)))) == {"numberValue": 43831}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "", None])
def test_what_is_not_defined_is_an_empty_cell(value: float | str | None) -> None:
    assert value_to_json(wanted_value(Cell(value))) == {}


def test_true_is_not_one() -> None:
    assert value_to_json(wanted_value(Cell(True))) == {"boolValue": True}
    assert not same_value(True, 1.0)


def test_control_characters_and_endless_texts_do_not_reach_the_sheet() -> None:
    assert Cell("a\x00b\r\nc").value == "a b\nc"
    assert len(str(Cell("x" * 60_000).value)) == MAX_TEXT


def test_a_cell_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(TypeError, match="a cell cannot hold datetime"):
        Cell(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_formula_somebody_typed_differs_from_every_text() -> None:
    assert not same_value(value_from_json({"userEnteredValue": {"formulaValue": "=1"}}), "=1")


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_colours_survive_googles_32_bit_floats(red: int, green: int, blue: int) -> None:
    import struct

    color = f"#{red:02X}{green:02X}{blue:02X}"
    channels = color_to_json(color)["rgbColor"]
    read = {name: struct.unpack("f", struct.pack("f", value))[0] for name, value in channels.items()}
    assert color_from_json({"rgbColor": read}) == color


def test_every_leaf_comes_back_as_it_was_sent() -> None:
    look = Format(
        number=NumberFormat("PERCENT", "0.0%"),
        fill="#E8EEF5",
        color="#000000",
        bold=True,
        italic=True,
        size=9,
        align="CENTER",
        valign="MIDDLE",
        wrap="WRAP",
        top=Line("SOLID", "#CBD5E1"),
        bottom=Line("SOLID_MEDIUM", "#000000"),
    )
    leaves = wanted_leaves(Cell("x", look, link="https://app.close.com/lead/lead_1/"))
    assert len(leaves) == 13
    assert leaves_from_json({"userEnteredFormat": leaves_to_json(leaves)}) == leaves


@pytest.mark.parametrize("title", ["KPI26", "CO2", "R1C1", "a1"])
def test_a_tab_cannot_be_called_like_a_cell(title: str) -> None:
    with pytest.raises(ValueError, match="cell's address"):
        Tab("key", title, ())
