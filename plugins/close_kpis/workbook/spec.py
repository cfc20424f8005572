"""What a workbook is: tabs, cells, formats, rules, charts. Pure data, nothing of Google's API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Value: TypeAlias = str | int | float | bool | date | None
"""What a cell can hold. Text is text, whatever it begins with; what is computed in the spreadsheet is a `Formula`."""

NumberKind: TypeAlias = Literal["NUMBER", "PERCENT", "CURRENCY", "DATE", "TEXT"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff￾￿]")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LOCAL = re.compile(r"[,\[\]]|\d\.\d|\{(?!\d+\})")
"""What locales write in their own ways: commas, decimal and array literals."""
_CELL_ADDRESS = re.compile(r"^[A-Za-z]{1,3}\d+$|^[Rr]\d*[Cc]\d*$")
MAX_TEXT = 2000
"""Longer text is cut, so that one record cannot swell the workbook. Sheets itself allows 50,000."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers and dates are shown: Google's kind and pattern."""

    kind: NumberKind
    pattern: str


@dataclass(frozen=True, slots=True)
class Line:
    """A cell's border on one side."""

    style: Literal["SOLID", "SOLID_MEDIUM"]
    color: str


@dataclass(frozen=True, slots=True)
class Format:
    """How a cell looks. What is None or false is left to the spreadsheet's default.

    Attributes:
        number: number format.
        fill: background, ``#RRGGBB``.
        color: text colour, ``#RRGGBB``.
        bold: bold text.
        italic: italic text.
        size: font size in points.
        align: horizontal alignment.
        valign: vertical alignment.
        wrap: what happens to text that is wider than the cell.
        top: border at the top.
        bottom: border at the bottom.
    """

    number: NumberFormat | None = None
    fill: str | None = None
    color: str | None = None
    bold: bool = False
    italic: bool = False
    size: int | None = None
    align: Literal["LEFT", "CENTER", "RIGHT"] | None = None
    valign: Literal["TOP", "MIDDLE", "BOTTOM"] | None = None
    wrap: Literal["WRAP", "CLIP", "OVERFLOW_CELL"] | None = None
    top: Line | None = None
    bottom: Line | None = None

    def but(self, **changes: Any) -> Format:
        """Return this format with some attributes changed."""
        return replace(self, **changes)


PLAIN = Format()


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, zero-based and half-open."""

    top: int
    left: int
    bottom: int
    right: int

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield the (row, column) of each cell, row by row."""
        return product(range(self.top, self.bottom), range(self.left, self.right))

    @property
    def size(self) -> int:
        """How many cells there are."""
        return (self.bottom - self.top) * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells of a tab that a formula means.

    Attributes:
        area: where they stand in the tab's block.
        tab: the tab's key; empty for the tab of the formula.
        is_whole: whether they are one range, with what readers have inserted between them, for functions that take
            one (INDEX, MATCH); else each stretch of them is an argument of its own (SUM, AVERAGE).
    """

    area: Area
    tab: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """How the spreadsheet computes a cell from others, so that readers see where its number comes from.

    Attributes:
        text: without the equals sign; ``{0}`` stands for the first reference. Semicolons part arguments, which every
            locale reads.
        references: the cells that it means.
        is_checked: whether its value is compared with the computed one: not where it draws (SPARKLINE), or follows
            what a reader has chosen.
    """

    text: str
    references: tuple[Reference, ...]
    is_checked: bool = True

    def __post_init__(self) -> None:
        """Refuse what some locale reads otherwise, and what no spreadsheet reads.

        Raises:
            ValueError: the text has a comma, a decimal literal or an array literal, or its parentheses do not match.
        """
        bare = _QUOTED.sub("", self.text)
        opened = 0
        for sign in bare:
            opened += {"(": 1, ")": -1}.get(sign, 0)
            if opened < 0:
                break
        if opened:
            raise ValueError(f"the parentheses of the formula {self.text!r} do not match")
        if found := _LOCAL.search(bare):
            raise ValueError(
                f"the formula {self.text!r} holds {found[0]!r}, which is read otherwise where numbers have a comma"
            )


@dataclass(frozen=True, slots=True)
class DropDown:
    """What a reader chooses a cell's value from.

    Attributes:
        choices: texts, or the cells that hold them.
    """

    choices: tuple[str, ...] | Reference


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reader enters into a cell; anything else is marked, not refused.

    Attributes:
        kind: a date, or an amount of 0 or more.
    """

    kind: Literal["date", "amount"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        value: typed.
        format: how it looks.
        note: what is shown to whoever points at it.
        link: of the whole text.
        formula: where it has one, this must give the value.
        entry: what a reader chooses or enters in it.
        is_open: whether it belongs to the readers: it is filled when it is made, then it is as they leave it.
    """

    value: Value = None
    format: Format = PLAIN
    note: str | None = None
    link: str | None = None
    formula: Formula | None = None
    entry: DropDown | Entry | None = None
    is_open: bool = False

    def __post_init__(self) -> None:
        """Make the value one that a cell can hold.

        Text loses control characters, which the API refuses, and what is beyond `MAX_TEXT`; empty text and
        NaN become the empty cell.

        Raises:
            TypeError: the value is of another type.
        """
        value = self.value
        if isinstance(value, str):
            text = _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
            object.__setattr__(self, "value", text[: MAX_TEXT - 1] + "…" if len(text) > MAX_TEXT else text)
            if not text:
                object.__setattr__(self, "value", None)
        elif isinstance(value, float):
            if value != value or value in {float("inf"), float("-inf")}:
                object.__setattr__(self, "value", None)
        elif isinstance(value, datetime) or not isinstance(value, (bool, int, date, type(None))):
            raise TypeError(f"a cell cannot hold {type(value).__name__}: give text, a number, a date or None")


LIST_ROWS = 1000
"""Rows of a tab that readers fill."""

EMPTY = Cell()
OPEN = Cell(is_open=True)

Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """Cells above (or below) zero get a text colour.

    Attributes:
        areas: where the rule applies.
        above: whether it is about numbers above zero, else below.
        color: text colour.
    """

    areas: tuple[Area, ...]
    above: bool
    color: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Cells are shaded from the smallest number (``low``) to the largest (``high``)."""

    areas: tuple[Area, ...]
    low: str
    high: str


Rule: TypeAlias = Sign | Scale


@dataclass(frozen=True, slots=True)
class Source:
    """One row or one column of a tab, its first cell being the header."""

    tab: str
    area: Area


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a chart."""

    source: Source
    color: str
    kind: Literal["COLUMN", "LINE", "BAR"] = "COLUMN"
    axis: Literal["LEFT", "RIGHT", "BOTTOM"] = "LEFT"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        key: its name within the workbook; its id in the spreadsheet follows from it.
        title: what it shows.
        kind: chart type.
        domain: what the series are drawn against.
        series: at least one.
        row: zero-based row of the cell that its upper left corner sits in.
        column: zero-based column of that cell.
        width: in pixels.
        height: in pixels.
        left_title: title of the left axis (of the bottom axis, for bars).
        right_title: title of the right axis, empty if it has none.
        stacked: series are stacked.
        description: read out to those who cannot see the chart.
        offset: pixels between the left edge of that cell and the chart.
    """

    key: str
    title: str
    kind: Literal["COLUMN", "LINE", "COMBO", "BAR"]
    domain: Source
    series: tuple[Series, ...]
    row: int
    column: int
    width: int
    height: int
    left_title: str
    description: str
    right_title: str = ""
    stacked: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: a block of cells from its first cell on, and what belongs to it.

    Attributes:
        key: its name for the program, for ever; the title may change, users may rename the tab.
        title: what it is called when it is created.
        rows: the block, row by row; rows may differ in length.
        widths: pixel widths of the first columns.
        hidden_columns: columns out of sight until a reader shows them.
        heights: pixel heights of the first rows.
        frozen_rows: rows that stay in view.
        frozen_columns: columns that stay in view.
        rules: conditional formats.
        charts: charts.
        groups: row ranges (first, after last) that a reader can fold.
        color: colour of the tab, ``#RRGGBB``.
        gridlines: whether grid lines are shown.
        is_hidden: whether it is out of sight until a reader shows it.
        is_left_out: whether the settings leave it out: it is made only where formulas of others need it, and hidden
            where it is there already.
        header: the row whose texts tell the columns; None where columns are told by their place alone.
        labels: the columns whose values tell the rows (the month, the rep); none where the whole row tells it.
        once: rows below the block that are written when the tab is made and are the readers' from then on; only their
            lists to choose from are kept up to date.
        comments: the last column, where readers write beside a row what stays with it; its headings are ours.
        names: named ranges, for the formulas of readers: each name with what it covers.
    """

    key: str
    title: str
    rows: tuple[Row, ...]
    widths: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    heights: tuple[int, ...] = ()
    frozen_rows: int = 0
    frozen_columns: int = 0
    rules: tuple[Rule, ...] = ()
    charts: tuple[Chart, ...] = ()
    groups: tuple[tuple[int, int], ...] = ()
    color: str | None = None
    gridlines: bool = False
    is_hidden: bool = False
    is_left_out: bool = False
    header: int | None = None
    labels: tuple[int, ...] = ()
    once: tuple[Row, ...] = ()
    comments: int | None = None
    names: tuple[tuple[str, Area], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a title that spreadsheets read as a cell's address, and comments amid what is ours.

        Raises:
            ValueError: the title reads like ``KPI26``; the column of comments is not the last one.
        """
        if self.comments is not None and self.comments != self.width - 1:
            raise ValueError(f"the comments of the tab {self.title!r} stand in its last column")
        if _CELL_ADDRESS.match(self.title):
            raise ValueError(f"a tab cannot be called {self.title!r}: spreadsheets read that as a cell's address")

    @property
    def height(self) -> int:
        """Rows of the block."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns of the block."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def own_width(self) -> int:
        """Columns of the block without the readers' comments."""
        return self.width if self.comments is None else self.comments

    def reads(self) -> frozenset[str]:
        """Return the keys of the other tabs that its formulas, lists and charts mean."""
        found = {
            source.tab for chart in self.charts for source in (chart.domain, *(one.source for one in chart.series))
        }
        for cell in (cell for row in (*self.rows, *self.once) for cell in row):
            references = cell.formula.references if cell.formula else ()
            listed = cell.entry.choices if isinstance(cell.entry, DropDown) else ()
            found |= {one.tab for one in (*references, listed) if isinstance(one, Reference)}
        return frozenset(found - {"", self.key})

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell of the block; beyond it, the empty cell."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return OPEN if column == self.comments else EMPTY


@dataclass(frozen=True, slots=True)
class Workbook:
    """The tabs that the pipeline owns.

    Attributes:
        tabs: in order.
        order: keys of the tabs that the settings ask for, in their order; none for the usual order, which readers may
            change by hand.
    """

    tabs: tuple[Tab, ...] = field(default=())
    order: tuple[str, ...] = ()

    def needed(self, there: Collection[str] = ()) -> frozenset[str]:
        """Return the keys of the tabs that are not left out, and of those that their formulas and charts read.

        Args:
            there: keys of tabs that count as not left out.
        """
        by_key = {tab.key: tab for tab in self.tabs}
        found: set[str] = set()
        ahead = [key for key, tab in by_key.items() if not tab.is_left_out or key in there]
        while ahead:
            key = ahead.pop()
            if key not in found and key in by_key:
                found.add(key)
                ahead += by_key[key].reads() if any(tab.is_left_out for tab in self.tabs) else ()
        return frozenset(found)

    def without_formulas(self) -> Workbook:
        """Return the workbook with the values in place of the formulas that give them; what draws or follows stays."""

        def plain(cell: Cell) -> Cell:
            is_computed = cell.formula is not None and cell.formula.is_checked
            return replace(cell, formula=None) if is_computed else cell

        return replace(
            self,
            tabs=tuple(
                replace(tab, rows=tuple(tuple(plain(cell) for cell in row) for row in tab.rows)) for tab in self.tabs
            ),
        )

    def __post_init__(self) -> None:
        """Refuse two tabs of one name.

        Raises:
            ValueError: a key or a title is used twice.
        """
        for names in ([tab.key for tab in self.tabs], [tab.title.lower() for tab in self.tabs]):
            if len(set(names)) < len(names):
                raise ValueError(f"two tabs of the workbook have the same name: {sorted(names)}")
