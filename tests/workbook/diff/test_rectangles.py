from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from close_kpis.workbook.diff.rectangles import rectangles
from close_kpis.workbook.spec import Area

GRIDS = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.sampled_from("ab"))


@given(GRIDS)
def test_every_cell_is_covered_once_by_its_key_and_nothing_else_is(cells: dict[tuple[int, int], str]) -> None:
    covered = Counter(
        (row, column, key)
        for area, key in rectangles(cells)
        for row in range(area.top, area.bottom)
        for column in range(area.left, area.right)
    )
    assert covered == Counter((row, column, key) for (row, column), key in cells.items())


def test_a_block_of_one_key_is_one_rectangle() -> None:
    cells = {(row, column): "a" for row in range(3, 6) for column in range(2, 9)}
    assert list(rectangles(cells)) == [(Area(3, 2, 6, 9), "a")]
