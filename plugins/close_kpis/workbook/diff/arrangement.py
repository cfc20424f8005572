"""How the rows, or the columns, of a tab are put in order: which are deleted, moved and inserted.

The requests are carried out on a list of lines while they are written down, as Google will carry them out, so that
the positions that result are known. Lines of readers are only ever moved along.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from close_kpis.workbook.diff.alignment import Alignment

Request: TypeAlias = dict[str, Any]
Dimension: TypeAlias = Literal["ROWS", "COLUMNS"]
_BY_HAND = 3
"""Lines that a reader drags elsewhere at most, between two publishes; more have been sorted."""

Span: TypeAlias = tuple[int, int]
"""Lines from the first to before the last."""


@dataclass(frozen=True)
class Step:
    """One change of the lines: `count` lines at `at` are inserted, deleted or moved to before line `to`."""

    kind: Literal["insert", "delete", "move"]
    at: int
    count: int
    to: int = 0


@dataclass(frozen=True)
class Arrangement:
    """The lines of one dimension once all steps are done.

    Attributes:
        dimension: rows or columns.
        steps: in the order in which they have to be carried out.
        positions: where each wanted line stands then.
        origins: where each wanted line stood before; None for one that is inserted.
        cleared: lines, as (where it stands then, where it stood), that were ours and stay for what a reader has there.
        lines: where each line of the grid stood before; None for one that is inserted.
    """

    dimension: Dimension
    steps: tuple[Step, ...]
    positions: tuple[int, ...]
    origins: tuple[int | None, ...]
    cleared: tuple[tuple[int, int], ...]
    lines: tuple[int | None, ...]

    @property
    def size(self) -> int:
        """Lines of the grid, once all steps are done."""
        return len(self.lines)

    def inserted(self) -> Iterator[tuple[Span, int, int]]:
        """Yield each stretch of inserted lines, with where the lines of ours before and after it stand now."""
        ours = [at for at in self.positions if self.lines[at] is not None]
        for is_new, group in groupby(range(self.size), key=lambda line: self.lines[line] is None):
            span = list(group)
            if is_new:
                before = max((at for at in ours if at < span[0]), default=None)
                after = min((at for at in ours if at > span[-1]), default=None)
                if before is not None and after is not None:
                    yield (span[0], span[-1] + 1), before, after

    def position(self, line: int) -> int:
        """Return where a wanted line stands; beyond the block, where it would stand if the block went on."""
        if line < len(self.positions):
            return self.positions[line]
        return line if not self.positions else self.positions[-1] + 1 + line - len(self.positions)

    def end(self, line: int) -> int:
        """Return where a span ends that ends before a wanted line."""
        return self.position(line - 1) + 1 if line else 0

    def runs(self, start: int, end: int) -> list[Span]:
        """Return the stretches that wanted lines take, without lines of readers between them."""
        found: list[Span] = []
        for line in range(start, end):
            at = self.position(line)
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], at + 1)
            else:
                found.append((at, at + 1))
        return found

    def after(self, start: int, end: int) -> Span | None:
        """Return what becomes of a span of the spreadsheet when the steps are carried out; None where that is not sure.

        Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
        """
        if any(step.kind == "move" for step in self.steps):
            return None
        start, end = self._shifted(start, end)
        return (start, end) if start < end else None

    def begins_before(self, line: int) -> bool:
        """Whether a step changes what stands before a line."""
        return any(min(step.at, step.to if step.kind == "move" else step.at) < line for step in self.steps)

    def is_deleted(self, start: int, end: int | None) -> bool:
        """Whether all lines of a span of the spreadsheet, to the grid's end where it has none, are deleted."""
        left = (origin for origin in self.lines if origin is not None)
        return not any(start <= origin and (end is None or origin < end) for origin in left)

    def _shifted(self, start: int, end: int) -> Span:
        for step in self.steps:
            if step.kind == "insert":
                start += step.count if start >= step.at else 0
                end += step.count if end > step.at else 0
            elif step.kind == "delete":
                start = start if start < step.at else max(step.at, start - step.count)
                end = end if end <= step.at else max(step.at, end - step.count)
        return start, end

    def requests(self, sheet: int) -> list[Request]:
        """Return the steps as requests to the API."""
        return [self._request(step, sheet) for step in self.steps]

    def _request(self, step: Step, sheet: int) -> Request:
        span = {
            "sheetId": sheet,
            "dimension": self.dimension,
            "startIndex": step.at,
            "endIndex": step.at + step.count,
        }
        if step.kind == "insert":
            return {"insertDimension": {"range": span, "inheritFromBefore": step.at > 0}}
        if step.kind == "delete":
            return {"deleteDimension": {"range": span}}
        return {"moveDimension": {"source": span, "destinationIndex": step.to}}


@dataclass
class _Lines:
    """The lines while steps are carried out; each is (wanted line or None, where it stood or None)."""

    lines: list[tuple[int | None, int | None]]
    steps: list[Step]

    def delete(self, at: int) -> None:
        del self.lines[at]
        last = self.steps[-1] if self.steps else None
        if last and last.kind == "delete" and last.at == at + 1:
            self.steps[-1] = Step("delete", at, last.count + 1)
        else:
            self.steps.append(Step("delete", at, 1))

    def move(self, at: int, to: int) -> None:
        """Move a line to before another, both as they stand before the move."""
        line = self.lines.pop(at)
        self.lines.insert(to - (to > at), line)
        self.steps.append(Step("move", at, 1, to))

    def insert(self, at: int, wanted: Sequence[int]) -> None:
        self.lines[at:at] = [(line, None) for line in wanted]
        self.steps.append(Step("insert", at, len(wanted)))

    def where(self, wanted: int) -> int | None:
        return next((at for at, (line, _) in enumerate(self.lines) if line == wanted), None)


def arrange(
    dimension: Dimension,
    count: int,
    size: int,
    alignment: Alignment,
    is_used: Callable[[int], bool],
    may_take: Callable[[int | None, int], bool],
) -> Arrangement:
    """Put lines in order.

    Args:
        dimension: rows or columns.
        count: wanted lines.
        size: lines of the grid.
        alignment: which current line is which wanted one, and which are no longer wanted.
        is_used: whether a reader has put anything into a current line, beside our block.
        may_take: whether the block may grow over a current line: of (the line before it, if that is ours, line).
    """
    by_line = {have: want for want, have in alignment.found.items()}
    state = _Lines([(by_line.get(index), index) for index in range(size)], [])
    cleared = {line for line in alignment.gone if line < size and is_used(line)}
    for line in sorted(alignment.gone - cleared, reverse=True):
        if line < size:
            state.delete(line)
    _put_in_order(state, is_used)
    _put_in(state, count, may_take)
    positions = {want: at for at, (want, _) in enumerate(state.lines) if want is not None}
    origins = {want: have for want, have in state.lines if want is not None}
    return Arrangement(
        dimension,
        tuple(state.steps),
        tuple(positions[line] for line in range(count)),
        tuple(origins[line] for line in range(count)),
        tuple((at, have) for at, (want, have) in enumerate(state.lines) if want is None and have in cleared),
        tuple(have for _, have in state.lines),
    )


def _put_in_order(state: _Lines, is_used: Callable[[int], bool]) -> None:
    """Bring the wanted lines into their order.

    Whole lines move, and what readers have beside them moves with them. Only where more lines than a hand moves stand
    elsewhere, as after sorting, and no reader has anything beside them, they are written anew where they stand: then
    a formula of a reader's still means the same cell.
    """
    order = [want for want, _ in state.lines if want is not None]
    kept = _longest_rising(order)
    displaced = [want for want in sorted(order) if want not in kept]
    if (
        len(displaced) > max(_BY_HAND, len(order) // 4)
        and not _is_one_block(order)
        and not any(is_used(have) for want, have in state.lines if want is not None and have is not None)
    ):
        in_order = iter(sorted(order))
        state.lines = [(None if want is None else next(in_order), have) for want, have in state.lines]
        return
    ranks = {want: rank for rank, want in enumerate(sorted(order))}
    by_rank = sorted(order)
    for want in displaced:
        at, rank = state.where(want), ranks[want]
        if at is None:
            continue
        if rank:
            before = state.where(by_rank[rank - 1])
            to = at if before is None else before + 1
        else:
            following = state.where(next(one for one in by_rank if one in kept))
            to = at if following is None else following
        if to not in {at, at + 1}:
            state.move(at, to)


def _is_one_block(order: list[int]) -> bool:
    """Whether moving one stretch of neighbouring lines brings all into order."""
    return sum(1 for one, other in pairwise(order) if other < one) <= 1


def _longest_rising(order: Sequence[int]) -> frozenset[int]:
    """Return the longest run of rising numbers, with others between them."""
    ends: list[int] = []
    ends_at: list[int] = []
    before: list[int] = []
    for index, number in enumerate(order):
        length = bisect_left(ends, number)
        before.append(ends_at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            ends_at.append(index)
        else:
            ends[length], ends_at[length] = number, index
    found, index = set(), ends_at[-1] if ends_at else -1
    while index >= 0:
        found.add(order[index])
        index = before[index]
    return frozenset(found)


def _put_in(state: _Lines, count: int, may_take: Callable[[int | None, int], bool]) -> None:
    """Make room for the wanted lines that are not there; at the end of the block, in empty lines."""
    present = {want for want, _ in state.lines if want is not None}
    missing = [line for line in range(count) if line not in present]
    while missing:
        run = [missing.pop(0)]
        while missing and missing[0] == run[-1] + 1:
            run.append(missing.pop(0))
        before, following = state.where(run[0] - 1), state.where(run[-1] + 1)
        at = before + 1 if before is not None else following or 0
        if following is None:
            while run and at < len(state.lines):
                above = state.lines[at - 1][1] if at else None
                have = state.lines[at][1]
                if state.lines[at][0] is not None or have is None or not may_take(above, have):
                    break
                state.lines[at] = (run.pop(0), have)
                at += 1
        if run:
            state.insert(at, run)
