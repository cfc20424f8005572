"""What makes two formulas the same one, filled down, and two texts the same label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.workbook.diff.block import relative
from close_kpis.workbook.diff.labels import kept, label, pack, unpack
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
