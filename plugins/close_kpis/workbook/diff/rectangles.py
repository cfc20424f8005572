"""Joining cells into few rectangles."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from close_kpis.workbook.spec import Area

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

K = TypeVar("K", bound="Hashable")


def rectangles(cells: Mapping[tuple[int, int], K]) -> Iterator[tuple[Area, K]]:
    """Cover cells with rectangles of equal key: every cell once, nothing else.

    Args:
        cells: key by (row, column).

    Yields:
        Rectangles from top to bottom, each with its key.
    """
    open_runs: dict[tuple[int, int, K], int] = {}
    last_row = -2
    for row, run_cells in groupby(sorted(cells), key=lambda at: at[0]):
        runs = set(_runs(row, [column for _, column in run_cells], cells))
        ended = [run for run in open_runs if row != last_row + 1 or run not in runs]
        for run in ended:
            left, right, key = run
            yield Area(open_runs.pop(run), left, last_row + 1, right), key
        for run in runs:
            open_runs.setdefault(run, row)
        last_row = row
    for (left, right, key), top in open_runs.items():
        yield Area(top, left, last_row + 1, right), key


def _runs(row: int, columns: list[int], cells: Mapping[tuple[int, int], K]) -> Iterator[tuple[int, int, K]]:
    """Yield the stretches of neighbouring cells with equal key in a row, as (first, after last, key)."""
    first = columns[0]
    for column, after in zip(columns, [*columns[1:], None], strict=True):
        if after != column + 1 or cells[row, after] != cells[row, first]:
            yield first, column + 1, cells[row, first]
            if after is not None:
                first = after
