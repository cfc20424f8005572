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
    chain = _in_order(_told(now.labels), _told(wanted.labels))
    found = {want: have for have, want in chain}
    found |= _moved(now.labels, wanted.labels, found)
    free: Counter[str] = Counter(text for text in last if text is not None)
    free -= Counter(text for have in found.values() if (text := published[have]) is not None)
    ours = _take(published, free, set(found.values()))
    for have_gap, want_gap in _gaps(chain, len(now.labels), len(wanted.labels)):
        have = [index for index in have_gap if index not in set(found.values())]
        want = [index for index in want_gap if index not in found]
        found |= _in_gap(have, want, now, wanted, ours, resemblance)
    taken = set(found.values())
    return Alignment(found, frozenset(index for index in ours if index not in taken))


def _told(labels: Sequence[str | None]) -> list[tuple[int, Hashable]]:
    return [(index, text) for index, text in enumerate(labels) if text]


def _in_order(now: list[tuple[int, Hashable]], wanted: list[tuple[int, Hashable]]) -> list[tuple[int, int]]:
    """Return pairs of equal lines (current, wanted) that stand in the same order on both sides."""
    matcher = SequenceMatcher(None, [key for _, key in now], [key for _, key in wanted], autojunk=False)
    return [
        (now[block.a + step][0], wanted[block.b + step][0])
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]


def _moved(
    now: Sequence[str | None], wanted: Sequence[str | None], found: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield (wanted, current) of the lines that a reader, or a new ranking, has put elsewhere."""
    taken = set(found.values())
    elsewhere: dict[str, int] = {}
    for index, text in enumerate(now):
        if text and index not in taken:
            elsewhere.setdefault(text, index)
    counts = Counter(wanted)
    for index, text in enumerate(wanted):
        if text and index not in found and counts[text] == 1 and text in elsewhere:
            yield index, elsewhere[text]


def _take(labels: Sequence[str | None], free: Counter[str], taken: set[int]) -> set[int]:
    """Return the current lines that were published and are not recognised as wanted ones."""
    ours = set()
    for index, text in enumerate(labels):
        if text is not None and index not in taken and free[text] > 0:
            free[text] -= 1
            ours.add(index)
    return ours


def _gaps(chain: list[tuple[int, int]], now: int, wanted: int) -> Iterator[tuple[range, range]]:
    """Yield the current and the wanted lines between two recognised ones, where there are any of both."""
    ends = [(-1, -1), *chain, (now, wanted)]
    for (have, want), (next_have, next_want) in pairwise(ends):
        if next_have > have + 1 and next_want > want + 1:
            yield range(have + 1, next_have), range(want + 1, next_want)


def _in_gap(
    have: list[int],
    want: list[int],
    now: Lines,
    wanted: Lines,
    ours: set[int],
    resemblance: Callable[[int, int], float],
) -> dict[int, int]:
    """Recognise lines between the same neighbours, in order: by what they hold, else by being all there is."""
    bodies = _in_order(
        [(index, body) for index in have if (body := now.bodies[index]) is not None and index not in ours],
        [(index, body) for index in want if (body := wanted.bodies[index]) is not None],
    )
    found = {wanted_line: line for line, wanted_line in bodies}
    cuts = [(-1, -1), *((have.index(line), want.index(wanted_line)) for line, wanted_line in bodies)]
    cuts.append((len(have), len(want)))
    for (a, b), (next_a, next_b) in pairwise(cuts):
        lines, wanted_lines = have[a + 1 : next_a], want[b + 1 : next_b]
        if 0 < len(lines) * len(wanted_lines) <= _LARGEST_GAP:
            is_all = len(lines) == len(wanted_lines)

            def weight(line: int, wanted_line: int, *, is_all: bool = is_all) -> float:
                return _weight(line, wanted_line, now, wanted, ours, resemblance, is_all=is_all)

            found |= _best(lines, wanted_lines, weight)
    return found


def _weight(
    line: int,
    wanted_line: int,
    now: Lines,
    wanted: Lines,
    ours: set[int],
    resemblance: Callable[[int, int], float],
    *,
    is_all: bool,
) -> float:
    """Return how much speaks for a current line being a wanted one, whose label it does not have; 0 for nothing.

    Args:
        line: the current line.
        wanted_line: the wanted line.
        now: the current lines.
        wanted: the wanted lines.
        ours: current lines that were published: another one of ours, unless its label alone makes the line.
        resemblance: compares what they hold beside their labels.
        is_all: whether as many lines are there as are wanted.
    """
    is_bare = wanted.bodies[wanted_line] is None
    if wanted.labels[wanted_line] == BLANK or now.labels[line] == BLANK:
        if wanted.labels[wanted_line] == now.labels[line]:
            return 0.3
        return 0.1 if is_all and now.labels[line] == BLANK else 0.0
    if line in ours:
        return 0.6 if is_bare and now.bodies[line] is None else 0.0
    if is_bare:
        return 0.2 if is_all and now.bodies[line] is None else 0.0
    alike = resemblance(line, wanted_line)
    return 1 + alike if alike >= _ALIKE else 0.0


def _best(lines: list[int], wanted: list[int], weight: Callable[[int, int], float]) -> dict[int, int]:
    """Return the pairs, in order on both sides, that weigh most together, as current line by wanted line."""
    weights = [[weight(line, wanted_line) for wanted_line in wanted] for line in lines]
    best = [[0.0] * (len(wanted) + 1) for _ in range(len(lines) + 1)]
    for a in reversed(range(len(lines))):
        for b in reversed(range(len(wanted))):
            paired = weights[a][b] + best[a + 1][b + 1] if weights[a][b] else 0.0
            best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
    found, a, b = {}, 0, 0
    while a < len(lines) and b < len(wanted):
        if weights[a][b] and best[a][b] == weights[a][b] + best[a + 1][b + 1]:
            found[wanted[b]] = lines[a]
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return found
