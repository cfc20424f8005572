"""Lines are recognised by their labels, also where blocks below one another hold the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.workbook.diff.alignment import Lines, align
from close_kpis.workbook.diff.labels import BLANK

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("Ann", "Ben", "Cho", "Dee", "Eve", "Fay")


def lines(labels: Sequence[str | None]) -> Lines:
    return Lines(labels, [None if label in {None, BLANK} else () for label in labels])


def of_blocks(rankings: Sequence[Sequence[str]]) -> list[str]:
    found = ["Title"]
    for number, names in enumerate(rankings):
        found += [BLANK, f"Block {number}", *names]
    return found


def in_blocks(labels: Sequence[str | None]) -> list[tuple[str | None, str | None]]:
    """Return each line's label with the heading that it stands below."""
    found, heading = [], None
    for label in labels:
        heading = label if label and label.startswith("Block") else heading
        found.append((heading, label))
    return found


ranking = st.permutations(NAMES).flatmap(lambda names: st.integers(1, len(names)).map(lambda count: names[:count]))


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]]]:
    """Draw the blocks that were published, and those that shall be: of as many, with others in another order."""
    count = draw(st.integers(1, 4))
    before, after = (draw(st.lists(ranking, min_size=count, max_size=count)) for _ in range(2))
    return before, after


@given(rankings(), st.lists(st.tuples(st.integers(0, 40), st.sampled_from([BLANK, None, "by a reader"])), max_size=4))
def test_a_name_is_found_in_its_own_block(
    drawn: tuple[list[list[str]], list[list[str]]], inserted: list[tuple[int, str | None]]
) -> None:
    before, after = drawn
    published, wanted = of_blocks(before), of_blocks(after)
    now: list[str | None] = [*published]
    for at, label in inserted:
        now.insert(min(at, len(now)), label)

    found = align(lines(now), lines(wanted), now, published, lambda *_: 0.0).found

    stood, shall = in_blocks(now), in_blocks(wanted)
    both = {one for one in shall if one[1] in NAMES} & set(stood)
    assert {shall[line] for line in found if shall[line] in both} == both
    assert all(stood[line] == shall[wanted_line] for wanted_line, line in found.items() if shall[wanted_line] in both)


@given(st.lists(ranking, min_size=1, max_size=4), st.lists(st.integers(0, 40), max_size=6))
def test_where_nothing_has_changed_readers_empty_lines_are_the_only_ones_left(
    blocks: list[list[str]], inserted: list[int]
) -> None:
    published = of_blocks(blocks)
    now: list[str | None] = [*published]
    for at in inserted:
        now.insert(min(at, len(now)), BLANK)
    found = align(lines(now), lines(published), now, published, lambda *_: 0.0)
    assert [now[line] for _, line in sorted(found.found.items())] == published
    assert sorted(found.found.values()) == [line for _, line in sorted(found.found.items())]
    assert found.gone == frozenset()


@pytest.mark.parametrize(("published", "gone"), [(1, {2}), (2, {2, 4}), (3, {0, 2, 4}), (4, {0, 2, 4})])
def test_of_empty_lines_those_within_the_block_go_first(published: int, gone: set[int]) -> None:
    """Then those below it; those above it are the likeliest to be a reader's."""
    now = [BLANK, "Ann", BLANK, "Ben", BLANK]
    found = align(lines(now), lines(["Ann", "Ben"]), now, ["Ann", "Ben", *published * [BLANK]], lambda *_: 0.0)
    assert found.found == {0: 1, 1: 3}
    assert found.gone == gone


def test_a_name_that_stands_in_one_block_only_may_come_from_another() -> None:
    now = of_blocks([["Ann", "Ben"], ["Cho"]])
    wanted = of_blocks([["Ann"], ["Cho", "Ben"]])
    found = align(lines(now), lines(wanted), now, now, lambda *_: 0.0).found
    assert now[found[wanted.index("Ben")]] == "Ben"


def test_many_lines_that_were_moved_and_renamed_are_told_by_what_they_hold() -> None:
    """Twenty rows in the opposite order, each under another label, beside one that is new."""
    now, wanted = [f"was {number}" for number in range(20)], [f"is {number}" for number in range(21)]
    have = Lines(now, [("stands", number) for number in range(20)])
    want = Lines(wanted, [("shall stand", number) for number in range(21)])
    published = [f"published {number}" for number in range(20)]
    found = align(have, want, now, published, lambda line, wanted_line: float(line == 19 - wanted_line)).found
    assert found == {number: 19 - number for number in range(20)}


def heaviest(weights: dict[tuple[int, int], float]) -> float:
    """Return what the pairs that stand in one order on both sides weigh at most together."""
    best: dict[tuple[int, int], float] = {}
    for one, weight in sorted(weights.items()):
        before = [total for other, total in best.items() if other[0] < one[0] and other[1] < one[1]]
        best[one] = weight + max(before, default=0.0)
    return max(best.values(), default=0.0)


@given(st.data())
def test_lines_without_labels_are_told_by_what_they_hold_in_the_best_order(data: st.DataObject) -> None:
    height, width = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda size: size[0] != size[1]))
    cells = st.sampled_from([0.0, 0.4, 0.5, 0.7, 0.9])
    alike = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=height, max_size=height))
    now = Lines([None] * height, [f"now {line}" for line in range(height)])
    wanted = Lines([None] * width, [f"wanted {line}" for line in range(width)])
    found = align(now, wanted, [None] * height, [], lambda line, other: alike[line][other]).found
    # Half is enough; a pair weighs one more than what is alike.
    weights = {(a, b): 1 + alike[a][b] for a in range(height) for b in range(width) if alike[a][b] >= 0.5}
    assert {(line, other) for other, line in found.items()} <= weights.keys()
    assert heaviest({(line, other): weights[line, other] for other, line in found.items()}) == pytest.approx(
        heaviest(weights)
    )
