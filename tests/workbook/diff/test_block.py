"""What makes two formulas the same one, filled down, and two texts the same label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.workbook.diff.block import relative
from close_kpis.workbook.diff.labels import BLANK, Grid, column_labels, kept, label, pack, row_labels, unpack
from close_kpis.workbook.diff.ownership import Owned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=B2*12", "=B3*12"),
        ("=$B2/B$1", "=$B3/B$1"),
        ("=SUM(B$2:B2)", "=SUM(B$2:B3)"),
        ('=Data!B2&"B2"', '=Data!B3&"B2"'),
        ("=LOG10(B2)", "=LOG10(B3)"),
    ],
)
def test_a_formula_filled_down_is_the_same(one: str, other: str) -> None:
    assert relative(one, 1, 2) == relative(other, 2, 2)


@pytest.mark.parametrize(
    ("one", "other"), [("=B2*12", "=B2*12"), ("=$B$2", "=$B$3"), ('="B2"', '="B3"'), ("=B2", "=C3")]
)
def test_another_formula_is_not(one: str, other: str) -> None:
    assert relative(one, 1, 2) != relative(other, 2, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Year", "Year (YTD)"),
        ("Ben Castillo", "Ben Castillo (inactive)"),
        ("Data through 2026-05-01 23:59, refreshed", "Data through 2026-05-02 23:59, refreshed later"),
        ("Data through 1 May 2026, 23:59 New York", "Data through 2026-05-02 23:59, refreshed later"),
        ("Growth YoY (Jan-Oct)", "Growth YoY (Jan-Nov)"),
    ],
)
def test_a_remark_does_not_change_a_label(one: str, other: str) -> None:
    assert label([one]) == label([other])


@pytest.mark.parametrize(
    ("one", "other"), [("(none)", "unknown"), ("2026-05-01", "2026-05-02"), (1.0, 2.0), (True, 1.0), ("1", 1.0)]
)
def test_what_differs_has_another_label(one: object, other: object) -> None:
    assert label([one]) != label([other])  # type: ignore[list-item]


def test_numbers_are_one_label_to_fifteen_digits() -> None:
    assert label([0.1 + 0.2]) == label([0.3])
    assert label([-0.0]) == label([0.0])
    assert label([0.1]) != label([0.1 + 1e-14])


def test_a_row_without_labels_is_told_by_all_that_it_holds() -> None:
    ann, two, three, empty = row_labels([["Ann", 1.0], [None, 2.0], [None, 3.0], [None, None]], [0])
    assert (ann, empty) == (label(["Ann"]), BLANK)
    assert len({two, three, BLANK}) == 3
    assert row_labels([["Ann", 1.0]], []) == [label(["Ann", 1.0])]


@pytest.mark.parametrize(("header", "rep"), [(0, label(["Rep"])), (1, label(["Ann"])), (None, None), (3, None)])
def test_a_column_without_a_header_is_untold_unless_it_is_empty(header: int | None, rep: str | None) -> None:
    grid: Grid = [["Rep", None, None], ["Ann", None, None], [None, 2.0, None]]
    assert column_labels(grid, header) == [rep, None, BLANK]
    assert column_labels([], header) == []


@given(st.lists(st.none() | st.sampled_from(["", "aB3_", "-_-_"]), max_size=30))
def test_labels_come_back_from_the_metadata(labels: list[str | None]) -> None:
    remembered = Owned("growth", row_labels=kept(labels))
    again = Owned.from_text(remembered.to_text())
    assert again is not None
    assert again.row_labels == remembered.row_labels
    assert unpack(pack(remembered.row_labels)) == list(remembered.row_labels)


def test_the_labels_of_a_large_tab_fit_into_its_metadata() -> None:
    # 30,000 characters a sheet. Source: https://developers.google.com/workspace/sheets/api/guides/metadata
    text = Owned("data_reps", row_labels=kept(["abcd"] * 6000), column_labels=kept(["abcd"] * 40)).to_text()
    assert len(text) < 30_000
    assert kept(["abcd"] * 6001) == ()
