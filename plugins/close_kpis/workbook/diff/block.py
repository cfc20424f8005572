"""A tab's block in the spreadsheet: which row and column of it stands where, before and after the write."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gspread.utils import a1_to_rowcol

from close_kpis.workbook.diff.alignment import Alignment, Lines, align
from close_kpis.workbook.diff.arrangement import Arrangement, arrange
from close_kpis.workbook.diff.cell_data import value_from_json
from close_kpis.workbook.diff.labels import column_labels, row_labels, told, wanted_grid
from close_kpis.workbook.spec import Area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from close_kpis.workbook.diff.cell_data import CellValue
    from close_kpis.workbook.diff.labels import Grid
    from close_kpis.workbook.diff.placement import Place
    from close_kpis.workbook.diff.state import Sheet
    from close_kpis.workbook.spec import Tab

_LEAST_HEADER = 0.5
"""Share of the header's texts by which its row is recognised."""

_REFERENCE = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|(?<![\w.])(\$?)([A-Za-z]{1,3})(\$?)(\d+)(?![\w(])""")


@dataclass(frozen=True)
class Block:
    """A tab's block.

    Attributes:
        place: the tab, and where it goes.
        wanted: the values that it shall hold.
        rows: what happens to the rows.
        columns: what happens to the columns.
        grown: rows and columns that the grid needs before anything is put in order; None where it is large enough.
        stood: from the first row and column of ours to the last ones, without the readers' comments, before anything is
            put in order; None where nothing was recognised.
    """

    place: Place
    wanted: Grid
    rows: Arrangement
    columns: Arrangement
    grown: tuple[int | None, int | None]
    stood: Area | None = None

    @property
    def tab(self) -> Tab:
        """The tab of the workbook."""
        return self.place.tab

    @property
    def sheet_id(self) -> int:
        """Id of the spreadsheet's tab."""
        return self.place.sheet_id

    def pieces(self, area: Area) -> tuple[Area, ...]:
        """Return the rectangles of the spreadsheet that an area of the block takes."""
        return tuple(
            Area(top, left, bottom, right)
            for top, bottom in self.rows.runs(area.top, area.bottom)
            for left, right in self.columns.runs(area.left, area.right)
        )

    def around(self, area: Area) -> Area:
        """Return the rectangle of the spreadsheet from an area's first row and column to its last ones."""
        return Area(
            self.rows.position(area.top),
            self.columns.position(area.left),
            self.rows.end(area.bottom),
            self.columns.end(area.right),
        )

    def before(self, row: int | None, column: int | None) -> Mapping[str, Any] | None:
        """Return the CellData that stood at a place; None where it is not known, as in an inserted row."""
        if row is None or column is None:
            return None
        return self.place.sheet.cell(row, column) if self.place.sheet else {}

    def fillings(self) -> Iterator[tuple[Area, Area]]:
        """Yield what readers' formulas fill into inserted rows and columns, as (from, to).

        Where the lines on both sides of an inserted one hold the same formula of a reader's, filled down or to the
        right, the line between them gets it, too: nobody's column of formulas has a hole.
        """
        if self.place.sheet is None:
            return
        ours = (at for column, at in enumerate(self.columns.positions) if column != self.tab.comments)
        beside = sorted(set(range(self.columns.size)).difference(ours))
        for (start, end), above, below in self.rows.inserted():
            for column in beside:
                if self._is_filled((above, column), (below, column)):
                    yield Area(above, column, above + 1, column + 1), Area(start, column, end, column + 1)
        around = sorted(set(range(self.rows.size)) - set(self.rows.positions))
        for (start, end), left, right in self.columns.inserted():
            for row in around:
                if self._is_filled((row, left), (row, right)):
                    yield Area(row, left, row + 1, left + 1), Area(row, start, row + 1, end)

    def _is_filled(self, one: tuple[int, int], other: tuple[int, int]) -> bool:
        """Whether two cells, told by where they stand in the end, have held the same formula."""
        before, after = self._stood(one), self._stood(other)
        if self.place.sheet is None or before is None or after is None:
            return False
        return _goes_on(self.place.sheet, before, after)

    def _stood(self, at: tuple[int, int]) -> tuple[int, int] | None:
        """Return where a cell stood before, None for one that is inserted."""
        row, column = self.rows.lines[at[0]], self.columns.lines[at[1]]
        return None if row is None or column is None else (row, column)

    @cached_property
    def is_put_in_order(self) -> bool:
        """Whether rows or columns are inserted, deleted or moved."""
        return bool(self.rows.steps or self.columns.steps)


def find_block(place: Place) -> Block:
    """Find a tab's block, wherever its rows and columns stand now, and say how they are put in order.

    Args:
        place: the tab, and where it goes.
    """
    tab, sheet = place.tab, place.sheet
    wanted = wanted_grid(tab)
    if sheet is None or sheet.owned is None:
        height, width = (sheet.rows, sheet.columns) if sheet else (0, 0)
        nothing = Alignment({}, frozenset())
        rows = arrange("ROWS", tab.height, max(height, tab.height), nothing, lambda _: False, lambda *_: True)
        columns = arrange("COLUMNS", tab.width, max(width, tab.width), nothing, lambda _: False, lambda *_: True)
        return Block(place, wanted, rows, columns, (None, None))
    return _Search(place, sheet, wanted).block()


class _Search:
    """The block of a tab that has been published before."""

    def __init__(self, place: Place, sheet: Sheet, wanted: Grid) -> None:
        self.place, self.tab, self.sheet = place, place.tab, sheet
        self.wanted, self.now = wanted, _current_grid(sheet, place.tab)
        self.columns = self._columns()
        self.rows = self._rows()

    def block(self) -> Block:
        sheet, tab = self.sheet, self.tab
        grown_rows = _grown(sheet.rows, sheet.frozen_rows, tab.height, self.rows, len(self.now))
        grown_columns = _grown(sheet.columns, sheet.frozen_columns, tab.width, self.columns, self._width)
        height, width = grown_rows or sheet.rows, grown_columns or sheet.columns
        rows = arrange("ROWS", tab.height, height, self.rows, self._is_row_used, self._may_take_row)
        columns = arrange("COLUMNS", tab.width, width, self.columns, self._is_column_used, self._may_take_column)
        return Block(self.place, self.wanted, rows, columns, (grown_rows, grown_columns), self._stood())

    def _stood(self) -> Area | None:
        rows, columns = {*self.rows.found.values(), *self.rows.gone}, self._ours
        return Area(min(rows), min(columns), max(rows) + 1, max(columns) + 1) if rows and columns else None

    @property
    def _width(self) -> int:
        return len(self.now[0]) if self.now else 0

    def _columns(self) -> Alignment:
        """Recognise the columns by the texts of their header, else by what they hold."""
        owned = self.sheet.owned
        last = len(owned.column_labels) or owned.columns if owned else 0
        if self.tab.header is None:
            return _by_position(self.tab.width, last, self.sheet.columns)
        labels = column_labels(self.wanted, self.tab.header)
        now = column_labels(self.now, self._header_row())
        found = align(
            Lines(now, [None] * len(now)),
            Lines(labels, [()] * len(labels)),
            now,
            owned.column_labels if owned else (),
            self._column_resemblance(),
        )
        told_labels = sum(1 for text in labels if text)
        if 2 * sum(1 for column in found.found if labels[column]) < told_labels:
            return _by_position(self.tab.width, last, self.sheet.columns)
        return found

    def _header_row(self) -> int | None:
        """Return the row that holds most of the header's texts, None where none holds enough of them."""
        heads = {told(value) for value in self.wanted[self.tab.header or 0] if value is not None}
        best, found = 0.0, None
        for index, row in enumerate(self.now):
            share = len(heads & {told(value) for value in row if value is not None}) / max(1, len(heads))
            if share > best:
                best, found = share, index
        return found if best >= _LEAST_HEADER else None

    def _column_resemblance(self) -> Callable[[int, int], float]:
        now = [Counter(told(row[column]) for row in self.now) for column in range(self._width)]
        wanted = [
            Counter(told(row[column]) for at, row in enumerate(self.wanted) if at != self.tab.header)
            for column in range(self.tab.width)
        ]
        for counts in (*now, *wanted):
            counts.pop(None, None)

        def resemblance(column: int, wanted_column: int) -> float:
            all_values = wanted[wanted_column].total()
            return (wanted[wanted_column] & now[column]).total() / all_values if all_values else 0.0

        return resemblance

    def _rows(self) -> Alignment:
        """Recognise the rows by their label columns, else by what else they hold."""
        owned = self.sheet.owned
        if not self.tab.width:
            return _by_position(self.tab.height, owned.rows if owned else 0, self.sheet.rows)
        found = self.columns.found
        at = [None if column == self.tab.comments else found.get(column) for column in range(self.tab.width)]
        mapped: Grid = [[None if c is None or c >= len(row) else row[c] for c in at] for row in self.now]
        labels = row_labels(mapped, self.tab.labels)
        last: Sequence[str] = owned.row_labels if owned else ()
        if owned and not last:
            last = labels[: owned.rows]
        if self.tab.labels and len(labels) == len(last) and self._have_lost_labels(labels, last):
            labels = [*last]
        others = [column for column in range(self.tab.width) if column not in self.tab.labels and self.tab.labels]

        def resemblance(row: int, wanted_row: int) -> float:
            pairs = [
                (mapped[row][column], self.wanted[wanted_row][column])
                for column in others
                if at[column] is not None and told(self.wanted[wanted_row][column]) is not None
            ]
            return sum(told(one) == told(other) for one, other in pairs) / len(pairs) if pairs else 0.0

        # A row that is told by all that it holds was told by columns that are no longer wanted, too.
        ours = sorted(self._ours)
        whole: Grid = [[row[column] if column < len(row) else None for column in ours] for row in self.now]
        return align(
            Lines(labels, _bodies(mapped, others)),
            Lines(row_labels(self.wanted, self.tab.labels), _bodies(self.wanted, others)),
            labels if self.tab.labels else row_labels(whole, ()),
            last,
            resemblance,
        )

    def _have_lost_labels(self, labels: Sequence[str], last: Sequence[str]) -> bool:
        """Whether a reader has taken away what tells the rows: a label column, or most of what stood there."""
        if any(column not in self.columns.found for column in self.tab.labels):
            return True
        published = Counter(filter(None, last))
        return 2 * (Counter(labels) & published).total() < published.total()

    @cached_property
    def _ours(self) -> set[int]:
        """The columns that are ours, without that of the readers' comments."""
        comments = self.columns.found.get(self.tab.comments) if self.tab.comments is not None else None
        return {*self.columns.found.values(), *self.columns.gone} - {comments}

    def _is_row_used(self, row: int) -> bool:
        """Whether a reader has anything in a row, beside our block; what fills formulas down does not count."""
        cells = self.sheet.cells[row] if row < len(self.sheet.cells) else ()
        return any(
            column not in self._ours and _is_filled(cell) and not self._is_filling(row, column)
            for column, cell in enumerate(cells)
        )

    def _is_filling(self, row: int, column: int) -> bool:
        """Whether a cell holds the formula of the one above it or below it."""
        neighbours = [(other, column) for other in (row - 1, row + 1) if other >= 0]
        return any(_goes_on(self.sheet, (row, column), neighbour) for neighbour in neighbours)

    def _is_column_used(self, column: int) -> bool:
        ours = {*self.rows.found.values(), *self.rows.gone}
        return any(row not in ours and _is_filled(self.sheet.cell(row, column)) for row in range(len(self.sheet.cells)))

    def _may_take_row(self, above: int | None, row: int) -> bool:
        """Whether the block may grow over a row: nothing is there but what fills formulas down beside the block."""
        ours = self._ours - self.columns.gone or set(range(self.tab.width))
        width = len(self.sheet.cells[row]) if row < len(self.sheet.cells) else 0
        return all(
            self._is_free((row, column), None if above is None or column in ours else (above, column))
            for column in range(width)
        )

    def _may_take_column(self, before: int | None, column: int) -> bool:
        """Whether the block may grow over a column, as over a row."""
        ours = set(self.rows.found.values()) or set(range(self.tab.height))
        return all(
            self._is_free((row, column), None if before is None or row in ours else (row, before))
            for row in range(len(self.sheet.cells))
        )

    def _is_free(self, at: tuple[int, int], filled_from: tuple[int, int] | None) -> bool:
        """Whether a cell is empty, or goes on with a reader's formula from another cell."""
        if not _is_filled(self.sheet.cell(*at)):
            return True
        return filled_from is not None and _goes_on(self.sheet, filled_from, at)


def _current_grid(sheet: Sheet, tab: Tab) -> Grid:
    """Return the values that a tab holds, without the empty rows and columns beyond the block that was published.

    What a reader has chosen in a cell of ours tells nothing of what a row or column is.
    """
    has_choices = any(cell.is_open for row in tab.rows for cell in row)

    def value(cell: Mapping[str, Any]) -> CellValue:
        return None if has_choices and "dataValidation" in cell else value_from_json(cell)

    height, width = (sheet.owned.rows, sheet.owned.columns) if sheet.owned else (0, 0)
    height, width = min(height, sheet.rows), min(width, sheet.columns)
    rows = [[value(cell) for cell in row] for row in sheet.cells]
    while len(rows) > height and all(value is None for value in rows[-1]):
        rows.pop()
    rows += [[] for _ in range(height - len(rows))]
    used = (max((at + 1 for at, value in enumerate(row) if value is not None), default=0) for row in rows)
    width = max(width, *used) if rows else width
    return [(row + [None] * width)[:width] for row in rows]


def _by_position(wanted: int, last: int, size: int) -> Alignment:
    """Take lines for what stands where they were published."""
    last = min(last, size)
    return Alignment({line: line for line in range(min(wanted, last))}, frozenset(range(wanted, last)))


def _grown(size: int, frozen: int, wanted: int, alignment: Alignment, used: int) -> int | None:
    """Return how large a grid has to be for all that is to come and to go; None where it is."""
    missing = wanted - len(alignment.found)
    needed = max(used + missing, frozen + len(alignment.gone)) + 1 if missing or alignment.gone else size
    return needed if needed > size else None


def _bodies(grid: Grid, columns: Sequence[int]) -> list[tuple[object, ...] | None]:
    bodies = [tuple(told(row[column]) for column in columns) for row in grid]
    return [body if any(value is not None for value in body) else None for body in bodies]


def _is_filled(cell: Mapping[str, Any]) -> bool:
    # A pivot table writes over the cells that follow; the one that it is in holds nothing else.
    return bool(cell.get("userEnteredValue") or cell.get("note") or "pivotTable" in cell)


def _goes_on(sheet: Sheet, at: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two cells hold the same formula, as when a reader fills it down or to the right."""
    texts = [sheet.cell(*place).get("userEnteredValue", {}).get("formulaValue") for place in (at, other)]
    if None in texts:
        return False
    return relative(texts[0], *at) == relative(texts[1], *other)


def relative(formula: str, row: int, column: int) -> str:
    """Return a formula with its references told as distances from the cell, as in R1C1 notation.

    Args:
        formula: as typed, references as A1.
        row: zero-based row of its cell.
        column: zero-based column of its cell.
    """

    def distance(found: re.Match[str]) -> str:
        text, column_fixed, letters, row_fixed, number = found.groups()
        if text is not None:
            return str(text)
        _, there = a1_to_rowcol(f"{letters}1")
        rows = f"R{number}" if row_fixed else f"R[{int(number) - 1 - row}]"
        columns = f"C{there}" if column_fixed else f"C[{there - 1 - column}]"
        return rows + columns

    return _REFERENCE.sub(distance, formula)
