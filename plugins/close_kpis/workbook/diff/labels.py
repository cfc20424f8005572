"""What rows and columns of a tab are called, so that they are found again wherever a reader has moved them.

A row is told by what its label columns hold (the month, the rep, the source), a column by what its header cell
holds. Labels are kept as short hashes: those of what was published last stand in the tab's developer metadata.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, TypeAlias

from close_kpis.workbook.diff.cell_data import FormulaText, wanted_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.workbook.diff.cell_data import CellValue
    from close_kpis.workbook.spec import Cell, Tab

Grid: TypeAlias = list[list["CellValue"]]
"""Values, row by row; every row has the same length."""

BLANK = ""
"""The label of a row or column without any value."""

_UNTOLD = "?"
"""Stands for a column that has no header and is not empty."""

_LABEL_LENGTH = 4
_MOST_LABELS = 6000
"""Labels that are kept of one tab: with its other entries they fit into the 30,000 characters of its metadata."""

_REMARK = re.compile(r" \((?!…)[^()]*\)$|(?<=^Data through) .*$|(?<=\S) \d{4}-\d{2}-\d{2}.*$", re.DOTALL)


def told(value: CellValue) -> object:
    """Return a value as it counts in a label.

    A remark in brackets at the end of a text does not count: "Year (YTD)" becomes "Year", and "Ben Castillo" becomes
    "Ben Castillo (inactive)", while they stay the same row. Nor does a date in a text with what follows (the stamp),
    nor what a formula computes.
    """
    if isinstance(value, str):
        return _REMARK.sub("", value.strip())
    if isinstance(value, FormulaText):
        return None
    if isinstance(value, bool) or value is None:
        return value
    return float(f"{value + 0.0:.15g}")


def label(values: Sequence[CellValue]) -> str:
    """Return the label that values give, `BLANK` where there are none."""
    if all(value is None for value in values):
        return BLANK
    digest = hashlib.sha256(repr([told(value) for value in values]).encode("utf-8", "backslashreplace")).digest()
    return base64.urlsafe_b64encode(digest[:3]).decode()


def wanted_grid(tab: Tab) -> Grid:
    """Return the values of a tab's block; of cells that are computed only that they are.

    What is in a cell that belongs to the readers tells nothing.
    """
    columns = range(tab.width)
    return [[_wanted(tab.cell(row, column)) for column in columns] for row in range(tab.height)]


def _wanted(cell: Cell) -> CellValue:
    if cell.formula:
        return FormulaText("")
    return None if cell.is_open else wanted_value(cell)


def row_labels(grid: Grid, label_columns: Sequence[int]) -> list[str]:
    """Return the label of each row: of its label columns, where they are empty of the whole row."""
    if not label_columns:
        return [label(row) for row in grid]
    return [label([row[column] for column in label_columns]) or label(row) for row in grid]


def column_labels(grid: Grid, header: int | None) -> list[str | None]:
    """Return the label of each column: of its header cell; None where that is empty and the column is not."""
    width = len(grid[0]) if grid else 0
    heads = grid[header] if header is not None and header < len(grid) else [None] * width
    blank = [all(row[column] is None for row in grid) for column in range(width)]
    return [BLANK if blank[column] else label([head]) or None for column, head in enumerate(heads)]


def kept(labels: Sequence[str | None]) -> tuple[str, ...]:
    """Return labels as a tab's metadata keeps them: none where there are too many."""
    return () if len(labels) > _MOST_LABELS else tuple(_UNTOLD if text is None else text for text in labels)


def pack(labels: Sequence[str]) -> str:
    """Return labels as one text."""
    return "".join(text.ljust(_LABEL_LENGTH, ".") for text in labels)


def unpack(text: str) -> list[str]:
    """Return the labels of a text that `pack` made."""
    return [text[at : at + _LABEL_LENGTH].rstrip(".") for at in range(0, len(text), _LABEL_LENGTH)]
