"""Which row (or column) of the spreadsheet is which of the workbook's.

Lines, rows as well as columns, are recognised by what they are: by their label; where a reader has written over
that, by the rest of what they hold; where there is no rest, by standing between the same neighbours.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from close_kpis.workbook.diff.labels import BLANK

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

_ALIKE = 0.5
"""Share of its values that a line must still hold to be recognised without its label."""

_LARGEST_GAP = 40_000
"""Pairs of lines that are compared one by one at most."""


@dataclass(frozen=True)
class Lines:
    """The rows, or the columns, of one side.

    Attributes:
        labels: of each line; `BLANK` for one without a value, None where nothing tells.
        bodies: what each line holds beside its label, None where that is nothing.
    """

    labels: Sequence[str | None]
    bodies: Sequence[Hashable | None]


@dataclass(frozen=True)
class Alignment:
    """What was recognised.

    Attributes:
        found: current line of each wanted line that is there.
        gone: current lines that were published and are no longer wanted.
    """

    found: Mapping[int, int]
    gone: frozenset[int]


def align(
    now: Lines,
    wanted: Lines,
    published: Sequence[str | None],
    last: Sequence[str | None],
    resemblance: Callable[[int, int], float],
) -> Alignment:
    """Find each wanted line among the current ones.

    Args:
        now: the lines that are there.
        wanted: the lines that shall be there.
        published: labels of the current lines as they would have been told when they were published.
        last: labels of the lines that were published last.
        resemblance: share of a wanted line's values, beside its label, that a current line holds: of (current,
            wanted).
    """
    return _Matching(now, wanted, published, last, resemblance).alignment()


class _Matching:
    """Lines that are recognised one after the other, the surest first."""

    def __init__(
        self,
        now: Lines,
        wanted: Lines,
        published: Sequence[str | None],
        last: Sequence[str | None],
        resemblance: Callable[[int, int], float],
    ) -> None:
        self.now, self.wanted, self.published, self.resemblance = now, wanted, published, resemblance
        self.found: dict[int, int] = {}
        self.taken: set[int] = set()
        self.last = Counter(text for text in last if text is not None)
        """Labels that were published and of which no current line is recognised."""
        self.ours: set[int] = set()
        """Current lines that were published and are recognised as none of the wanted ones."""

    def alignment(self) -> Alignment:
        blocks = self._blocks()
        chain = [pair for block in blocks for pair in self._chain(*block)]
        for line, wanted_line in chain:
            self._recognise(line, wanted_line)
        for block in blocks:
            self._recognise_moved(*block)
        self._recognise_moved(range(len(self.now.labels)), range(len(self.wanted.labels)))
        self.ours = set(self._published())
        for lines, wanted_lines in _gaps(chain, len(self.now.labels), len(self.wanted.labels)):
            self._recognise_in_gap(
                [line for line in lines if line not in self.taken],
                [wanted_line for wanted_line in wanted_lines if wanted_line not in self.found],
            )
        self._recognise_anywhere()
        return Alignment(self.found, frozenset(self.ours - self.taken) | self._blank_ones())

    def _recognise(self, line: int, wanted_line: int) -> None:
        self.found[wanted_line] = line
        self.taken.add(line)
        text = self.published[line]
        if text is not None and line not in self.ours:
            self.last[text] -= 1

    def _blocks(self) -> list[tuple[range, range]]:
        """Return the lines of each block, current and wanted: what follows an empty line is its heading.

        The same label, such as a rep's name, may stand in each.
        """
        now, wanted = self.now.labels, self.wanted.labels
        heads = _once(now) & _once(wanted) & {label for blank, label in pairwise(wanted) if blank == BLANK}
        chain = _in_order(
            [one for one in _told(now, range(len(now))) if one[1] in heads],
            [one for one in _told(wanted, range(len(wanted))) if one[1] in heads],
        )
        ends = [(0, 0), *chain, (len(now), len(wanted))]
        return [(range(line, end), range(first, last)) for (line, first), (end, last) in pairwise(ends)]

    def _chain(self, lines: range, wanted_lines: range) -> list[tuple[int, int]]:
        """Return pairs of lines (current, wanted) of a block that have one label and stand in the same order."""
        return _in_order(_told(self.now.labels, lines), _told(self.wanted.labels, wanted_lines))

    def _recognise_moved(self, lines: range, wanted_lines: range) -> None:
        """Recognise the lines that a reader, or a new ranking, has put elsewhere within some lines."""
        elsewhere: dict[str, int] = {}
        for line in lines:
            text = self.now.labels[line]
            if text and line not in self.taken:
                elsewhere.setdefault(text, line)
        counts = Counter(self.wanted.labels[line] for line in wanted_lines)
        for wanted_line in wanted_lines:
            text = self.wanted.labels[wanted_line]
            if text and wanted_line not in self.found and counts[text] == 1 and text in elsewhere:
                self._recognise(elsewhere[text], wanted_line)

    def _published(self) -> Iterator[int]:
        for line, text in enumerate(self.published):
            if text and line not in self.taken and self.last[text] > 0:
                self.last[text] -= 1
                yield line

    def _blank_ones(self) -> frozenset[int]:
        """Return empty lines, as many as were published and are no longer wanted; those within the block first."""
        blank = [line for line, text in enumerate(self.published) if text == BLANK and line not in self.taken]
        first, last = min(self.taken, default=0), max(self.taken, default=0)
        blank.sort(key=lambda line: (line < first, line > last))
        return frozenset(blank[: max(0, self.last[BLANK])])

    def _recognise_in_gap(self, have: list[int], want: list[int]) -> None:
        """Recognise lines between the same neighbours, in order: by what they hold, else by being all there is."""
        alike = _in_order(
            [(line, body) for line in have if (body := self.now.bodies[line]) is not None and line not in self.ours],
            [(line, body) for line in want if (body := self.wanted.bodies[line]) is not None],
        )
        cuts = [(-1, -1), *((have.index(line), want.index(wanted_line)) for line, wanted_line in alike)]
        cuts.append((len(have), len(want)))
        for line, wanted_line in alike:
            self._recognise(line, wanted_line)
        for (a, b), (next_a, next_b) in pairwise(cuts):
            lines, wanted_lines = have[a + 1 : next_a], want[b + 1 : next_b]
            if 0 < len(lines) * len(wanted_lines) <= _LARGEST_GAP:
                is_all = len(lines) == len(wanted_lines)
                weights = [[self._weight(one, other, is_all=is_all) for other in wanted_lines] for one in lines]
                for at, wanted_at in _best(weights):
                    self._recognise(lines[at], wanted_lines[wanted_at])

    def _weight(self, line: int, wanted_line: int, *, is_all: bool) -> float:
        """Return how much speaks for a current line being a wanted one, whose label it does not have; 0 for nothing.

        Args:
            line: the current line.
            wanted_line: the wanted line.
            is_all: whether as many lines are there, between the same neighbours, as are wanted.
        """
        label, wanted_label = self.now.labels[line], self.wanted.labels[wanted_line]
        if BLANK in {label, wanted_label}:
            if label == wanted_label:
                return 0.3
            is_wiped = label == BLANK and is_all and wanted_label is not None and self.last[wanted_label] > 0
            return 0.1 if is_wiped else 0.0
        has_only_label = self.wanted.bodies[wanted_line] is None
        if line in self.ours:
            return 0.6 if has_only_label and self.now.bodies[line] is None else 0.0
        if has_only_label:
            return 0.2 if is_all and self.now.bodies[line] is None else 0.0
        alike = self.resemblance(line, wanted_line)
        if alike >= _ALIKE:
            return 1 + alike
        # A column without a heading is told by its place where what it holds has changed.
        return 0.2 if is_all and label is None and wanted_label is None else 0.0

    def _recognise_anywhere(self) -> None:
        """Recognise what was moved and has another label now, by what else it holds: the most alike first."""
        have = [
            line
            for line, text in enumerate(self.now.labels)
            if text != BLANK and line not in self.taken and line not in self.ours
        ]
        want = [line for line, body in enumerate(self.wanted.bodies) if body is not None and line not in self.found]
        if not 0 < len(have) * len(want) <= _LARGEST_GAP:
            return
        alike = sorted((self.resemblance(one, other), one, other) for one in have for other in want)
        for share, line, wanted_line in reversed(alike):
            if share >= _ALIKE and wanted_line not in self.found and line not in self.taken:
                self._recognise(line, wanted_line)


def _once(labels: Sequence[str | None]) -> set[str | None]:
    """Return the labels that stand there once."""
    return {text for text, count in Counter(labels).items() if count == 1}


def _told(labels: Sequence[str | None], lines: range) -> list[tuple[int, str]]:
    """Return those of some lines that have a label, with it."""
    return [(line, text) for line in lines if (text := labels[line])]


def _in_order(now: Sequence[tuple[int, Hashable]], wanted: Sequence[tuple[int, Hashable]]) -> list[tuple[int, int]]:
    """Return pairs of equal lines (current, wanted) that stand in the same order on both sides."""
    matcher = SequenceMatcher(None, [key for _, key in now], [key for _, key in wanted], autojunk=False)
    return [
        (now[block.a + step][0], wanted[block.b + step][0])
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]


def _gaps(chain: list[tuple[int, int]], now: int, wanted: int) -> Iterator[tuple[range, range]]:
    """Yield the current and the wanted lines between two recognised ones, where there are any of both."""
    ends = [(-1, -1), *chain, (now, wanted)]
    for (have, want), (next_have, next_want) in pairwise(ends):
        if next_have > have + 1 and next_want > want + 1:
            yield range(have + 1, next_have), range(want + 1, next_want)


def _best(weights: list[list[float]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of row and column, in order on both sides, that weigh most together."""
    height, width = len(weights), len(weights[0])
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for a in reversed(range(height)):
        for b in reversed(range(width)):
            paired = weights[a][b] + best[a + 1][b + 1] if weights[a][b] else 0.0
            best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
    a = b = 0
    while a < height and b < width:
        if weights[a][b] and best[a][b] == weights[a][b] + best[a + 1][b + 1]:
            yield a, b
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
