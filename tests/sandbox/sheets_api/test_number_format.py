"""Number patterns, value by value."""

from __future__ import annotations

import pytest

from sandbox.sheets_api.dateformat import parse
from sandbox.sheets_api.numberformat import general, show_number, show_text

NEW_YEAR_2020 = 43831


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (1234567.891, "#,##0", "1,234,568"),
        (999.5, "#,##0", "1,000"),
        (0, "#,##0", "0"),
        (1234.56, "#,##0.0", "1,234.6"),
        (-1234.56, "#,##0.0", "-1,234.6"),
        (2.5, "0", "3"),
        (1.005, "0.00", "1.01"),
        (7, "000", "007"),
        (0.5, "#.##", ".5"),
        (0.5, "0.##", "0.5"),
        (1.25, "0.0#", "1.25"),
        (1.2, "0.0#", "1.2"),
        (0.1234, "0.0%", "12.3%"),
        (1, "0%", "100%"),
        (0.1234, "+0.0%;-0.0%;0.0%", "+12.3%"),
        (-0.1234, "+0.0%;-0.0%;0.0%", "-12.3%"),
        (0, "+0.0%;-0.0%;0.0%", "0.0%"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (-1234.5, '"$"#,##0.00', "-$1,234.50"),
        (1234.5, "$#,##0", "$1,235"),
        (1234.5, "[$€-407]#,##0.00", "€1,234.50"),
        (1234.5, "#,##0.00 [$€]", "1,234.50 €"),
        (-3, "#,##0;(#,##0)", "(3)"),
        (0, '0;-0;"–"', "–"),
        (12, '0 "days"', "12 days"),
        (12, "0\\x", "12x"),
        (1500, '#,##0,"k"', "2k"),
        (1_500_000, '0.0,,"M"', "1.5M"),
        (12345, "0.00E+00", "1.23E+04"),
        (0.00012, "0.0E+0", "1.2E-4"),
        (5, "[<10]0.0;0", "5.0"),
        (50, "[<10]0.0;0", "50"),
        (5, "General", "5"),
        (5, "@", "5"),
        (NEW_YEAR_2020, "mmm yyyy", "Jan 2020"),
        (NEW_YEAR_2020, "mmmm d, yyyy", "January 1, 2020"),
        (NEW_YEAR_2020, "yyyy-mm-dd", "2020-01-01"),
        (NEW_YEAR_2020, "dd.mm.yy", "01.01.20"),
        (NEW_YEAR_2020, "ddd", "Wed"),
        (NEW_YEAR_2020, "dddd", "Wednesday"),
        (NEW_YEAR_2020, "mmmmm", "J"),
        (NEW_YEAR_2020, '"Q" yyyy', "Q 2020"),
        (NEW_YEAR_2020 + 0.5, "yyyy-mm-dd hh:mm", "2020-01-01 12:00"),
        (NEW_YEAR_2020 + 0.75, "h:mm am/pm", "6:00 pm"),
        (NEW_YEAR_2020 + 65 / 86_400, "hh:mm:ss", "00:01:05"),
        (NEW_YEAR_2020 + 0.123456, "hh:mm:ss.000", "02:57:46.598"),
        (1.5, "[h]:mm", "36:00"),
        (NEW_YEAR_2020 - 0.0000001, "yyyy-mm-dd hh:mm:ss", "2020-01-01 00:00:00"),
    ],
)
def test_a_pattern_shows_a_number(value: float, pattern: str, shown: str) -> None:
    assert show_number(value, {"type": "NUMBER", "pattern": pattern}).text == shown


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("NUMBER", "43,831.50"), ("PERCENT", "4383150.00%"), ("CURRENCY", "$43,831.50"), ("DATE", "1/1/2020")],
)
def test_a_type_without_a_pattern_has_a_default(kind: str, shown: str) -> None:
    assert show_number(NEW_YEAR_2020 + 0.5, {"type": kind}).text == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5, "5"),
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333333333"),
        (-5.25, "-5.25"),
        (1e20, "1E+20"),
        (1e-12, "1E-12"),
    ],
)
def test_a_number_without_a_format_is_shown_plainly(value: float, shown: str) -> None:
    assert general(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-693_592.5, "-693592.5"),
        (-693_592, "Jan 0001"),
        (2_958_464.999999, "Dec 9999"),
        (2_958_465, "2958465"),
        (1e300, "1E+300"),
    ],
)
def test_a_number_beyond_all_years_is_shown_as_a_number_where_a_date_is_asked_for(value: float, shown: str) -> None:
    assert show_number(value, {"type": "DATE", "pattern": "mmm yyyy"}).text == shown


def test_a_section_may_name_a_colour() -> None:
    pattern = {"type": "NUMBER", "pattern": "[green]0;[Red]-0"}
    assert (show_number(1, pattern).colour, show_number(-1, pattern).colour) == ("green", "red")


def test_a_text_is_left_alone_unless_the_pattern_has_a_place_for_it() -> None:
    assert show_text("n/a", {"type": "NUMBER", "pattern": "#,##0"}).text == "n/a"
    assert show_text("n/a", {"type": "TEXT", "pattern": '0;0;0;"<"@">"'}).text == "<n/a>"


@pytest.mark.parametrize(
    ("text", "serial"), [("2020-01-01", 43831), ("1/2/1999", 36162), ("2020-02-30", None), ("x", None)]
)
def test_dates_are_read_as_typed(text: str, serial: int | None) -> None:
    read = parse(text)
    assert (read[0] if read else None) == serial
