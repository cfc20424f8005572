"""The cells of a tab that have to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.cell_data import (
    LEAVES,
    Leaf,
    leaves_from_json,
    leaves_to_json,
    same_value,
    value_from_json,
    value_to_json,
    wanted_leaves,
    wanted_value,
)
from close_kpis.workbook.diff.objects import grid_range
from close_kpis.workbook.diff.ownership import fingerprint
from close_kpis.workbook.diff.rectangles import rectangles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from close_kpis.workbook.diff.placement import Place
    from close_kpis.workbook.spec import Area, Cell

Change: TypeAlias = tuple[tuple[str, Leaf | None], ...]
"""The leaves of a format that change, each with the wanted leaf, None to clear it."""


@dataclass(frozen=True)
class CellChanges:
    """Requests for the cells of a tab, and how many values they change."""

    requests: list[dict[str, Any]]
    cells: int


def cell_requests(one: Place, inserted: Sequence[tuple[str, int, int]] = ()) -> CellChanges:
    """Return the requests that make the cells of our block what they should be.

    The block that was published last counts too: what is beyond the new one is emptied.

    Args:
        one: the tab and its place.
        inserted: rows or columns (dimension, first, after last) that are inserted before; nothing is known
            about the cells there.
    """
    values: dict[tuple[int, int], bool] = {}
    block: dict[tuple[int, int], bool] = {}
    notes: dict[tuple[int, int], bool] = {}
    formats: dict[str, dict[tuple[int, int], Leaf | None]] = {path: {} for path in LEAVES}
    owned = one.sheet.owned if one.sheet else None
    known_notes = set(owned.notes) if owned else set()
    for row, column, current in _block(one, inserted):
        wanted = one.tab.cell(row, column)
        block[row, column] = True
        if current is None or not same_value(value_from_json(current), wanted_value(wanted)):
            values[row, column] = True
        if _note_changes(current, wanted, known_notes):
            notes[row, column] = True
        for path, leaf in _format_change(current, wanted):
            formats[path][row, column] = leaf
    # One request for a whole block is shorter than many for its parts.
    written = block if 2 * len(values) > len(block) else values
    requests = [
        *_updates(one, written, "userEnteredValue", _value_cell),
        *_updates(one, notes, "note", _note_cell),
        *_repeats(one, formats),
    ]
    return CellChanges(requests, len(values))


def _block(one: Place, inserted: Sequence[tuple[str, int, int]]) -> Iterator[tuple[int, int, Mapping[str, Any] | None]]:
    """Yield each cell of the old and the new block: row, column, CellData as it is, None where unknown."""
    owned = one.sheet.owned if one.sheet else None
    height = max(one.tab.height, owned.rows if owned else 0)
    width = max(one.tab.width, owned.columns if owned else 0)
    new_rows = {row for kind, start, end in inserted if kind == "ROWS" for row in range(start, end)}
    new_columns = {column for kind, start, end in inserted if kind == "COLUMNS" for column in range(start, end)}
    for row in range(height):
        for column in range(width):
            if row in new_rows or column in new_columns:
                yield row, column, None
            else:
                yield row, column, one.sheet.cell(row, column) if one.sheet else {}


def _note_changes(current: Mapping[str, Any] | None, wanted: Cell, ours: set[str]) -> bool:
    """Whether a note has to be written. A note that a reader wrote where we have none stays."""
    note = (current or {}).get("note") or None
    if wanted.note is not None:
        return bool(note != wanted.note)
    return note is not None and fingerprint(note) in ours


def _format_change(current: Mapping[str, Any] | None, wanted: Cell) -> Change:
    leaves = wanted_leaves(wanted)
    if current is None:
        return tuple((path, leaves.get(path)) for path in LEAVES)
    now = leaves_from_json(current)
    if now == leaves:
        return ()
    return tuple((path, leaves.get(path)) for path in LEAVES if now.get(path) != leaves.get(path))


def _updates(
    one: Place, cells: Mapping[tuple[int, int], bool], mask: str, data: Callable[[Cell], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for area, _ in rectangles(cells):
        rows = [
            {"values": [data(one.tab.cell(row, column)) for column in range(area.left, area.right)]}
            for row in range(area.top, area.bottom)
        ]
        yield {"updateCells": {"range": grid_range(one.sheet_id, area), "rows": rows, "fields": mask}}


def _value_cell(cell: Cell) -> dict[str, Any]:
    value = wanted_value(cell)
    return {} if value is None else {"userEnteredValue": value_to_json(value)}


def _note_cell(cell: Cell) -> dict[str, Any]:
    return {"note": cell.note} if cell.note else {}


def _repeats(one: Place, formats: Mapping[str, Mapping[tuple[int, int], Leaf | None]]) -> Iterator[dict[str, Any]]:
    """Yield one format for each rectangle; its mask names each leaf, so that all others stay.

    Each leaf is joined into rectangles by itself: a number format runs down a column, a fill along a row. Leaves
    that came to the same rectangle are sent together.
    """
    by_area: dict[Area, dict[str, Leaf | None]] = {}
    for path, cells in formats.items():
        for area, leaf in rectangles(cells):
            by_area.setdefault(area, {})[path] = leaf
    for area, change in by_area.items():
        leaves = {path: leaf for path, leaf in change.items() if leaf is not None}
        yield {
            "repeatCell": {
                "range": grid_range(one.sheet_id, area),
                "cell": {"userEnteredFormat": leaves_to_json(leaves)} if leaves else {},
                "fields": ",".join(f"userEnteredFormat.{path}" for path in change),
            }
        }
