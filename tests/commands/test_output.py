"""Answers as text: nothing from an account acts on the terminal or the spreadsheet that shows it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.commands.output import as_csv, table


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+49 89", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x"])
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    [_, [cell, amount]] = rows(as_csv(["name", "value"], [{"name": text, "value": -5}]))
    assert (cell, amount) == (f"'{text}", "-5")


@given(st.text(), st.integers())
def test_every_other_text_of_a_csv_stays_as_it_is(text: str, number: int) -> None:
    [_, [cell, amount]] = rows(as_csv(["name", "value"], [{"name": text, "value": number}]))
    assert cell.removeprefix("'" if cell[1:] == text else "") == text
    assert amount == str(number)


@pytest.mark.parametrize(
    "text", ["\x1b[31mred\x1b[0m", "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "a\u202etxt.exe", "a\x9b1m"]
)
def test_a_table_shows_no_character_that_a_terminal_acts_on(text: str) -> None:
    shown = table(["name"], [{"name": text}])
    assert not set(shown) & set("\x1b\x07\u202e\x9b")
