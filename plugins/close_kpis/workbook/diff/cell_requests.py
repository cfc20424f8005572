"""The cells of a tab that have to change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from close_kpis.workbook.diff.block import relative
from close_kpis.workbook.diff.cell_data import (
    LEAVES,
    LINK_LEAVES,
    CellValue,
    FormulaText,
    Leaf,
    is_blank,
    leaves_from_json,
    leaves_to_json,
    same_value,
    value_from_json,
    value_to_json,
    wanted_leaves,
    wanted_value,
)
from close_kpis.workbook.diff.entries import is_offered, is_stirred_list, validation_rule
from close_kpis.workbook.diff.formulas import is_moved, typed
from close_kpis.workbook.diff.objects import grid_range
from close_kpis.workbook.diff.ownership import fingerprint
from close_kpis.workbook.diff.rectangles import rectangles
from close_kpis.workbook.spec import EMPTY, OPEN, Area, Cell, DropDown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from close_kpis.workbook.diff.block import Block

T = TypeVar("T")
Change: TypeAlias = tuple[tuple[str, Leaf | None], ...]
"""The leaves of a format that change, each with the wanted leaf, None to clear it."""

_REPEATED_FROM = 6
"""Cells from which on one value is shorter as a request of its own than written out cell by cell."""


@dataclass(frozen=True)
class CellChanges:
    """Requests for the cells of a tab, and the values that they change, by (row, column); all cells with a formula."""

    requests: list[dict[str, Any]]
    values: dict[tuple[int, int], CellValue]
    formulas: dict[tuple[int, int], Cell]


def cell_requests(block: Block, blocks: Mapping[str, Block]) -> CellChanges:
    """Return the requests that make the cells of our block what they should be.

    They are carried out once rows and columns are in order. A row or column that is no longer ours and stays for
    what a reader has there is emptied. Cells that belong to readers are filled once.

    Args:
        block: the tab's block.
        blocks: those of all tabs, by key.
    """
    values: dict[tuple[int, int], CellValue] = {}
    everything: dict[tuple[int, int], CellValue] = {}
    formulas: dict[tuple[int, int], Cell] = {}
    notes: dict[tuple[int, int], Cell] = {}
    formats: dict[str, dict[tuple[int, int], Leaf | None]] = {path: {} for path in LEAVES}
    links: dict[tuple[int, int], Change] = {}
    validations: dict[tuple[int, int], str] = {}
    owned = block.place.sheet.owned if block.place.sheet else None
    known_notes = set(owned.notes) if owned else set()
    for at, wanted, current in (*_cells(block), *_first_lines(block)):
        if wanted.entry:
            rule = validation_rule(wanted.entry, block, blocks)
            if is_stirred_list(wanted.entry, block, blocks) or not is_offered(rule, current):
                validations[at] = json.dumps(rule)
        if wanted.is_open and not _is_filled_in(wanted, current):
            continue
        value, is_other = wanted_value(wanted), False
        if wanted.formula:
            formulas[at] = wanted
            value = typed(wanted.formula, block, blocks)
            is_other = is_moved(wanted.formula, block, blocks)
        everything[at] = value
        if current is None or is_other or not same_value(value_from_json(current), value):
            values[at] = value
        if _note_changes(current, wanted, known_notes):
            notes[at] = wanted
        change = dict(_format_change(current, wanted))
        if change.get("textFormat.link"):
            leaves = wanted_leaves(wanted)
            links[at] = tuple((path, leaves.get(path)) for path in LINK_LEAVES)
            change = {path: leaf for path, leaf in change.items() if path not in LINK_LEAVES}
        for path, leaf in change.items():
            formats[path][at] = leaf
    # One request for a whole block is shorter than many for its parts.
    written = everything if 2 * len(values) > len(everything) else values
    requests = [
        *value_requests(block.sheet_id, written),
        *_updates(block.sheet_id, notes, "note", _note_cell),
        *_repeats(block.sheet_id, formats, links),
        *_validations(block.sheet_id, validations),
        *_lists(block, blocks),
    ]
    return CellChanges(requests, values, formulas)


def _cells(block: Block) -> Iterator[tuple[tuple[int, int], Cell, Mapping[str, Any] | None]]:
    """Yield each cell of ours: where it stands, what it shall be, its CellData as it is, None where unknown."""
    rows = [*zip(block.rows.positions, block.rows.origins, range(block.tab.height), strict=True)]
    columns = [*zip(block.columns.positions, block.columns.origins, range(block.tab.width), strict=True)]
    for row, row_before, line in rows:
        for column, column_before, place in columns:
            yield (row, column), block.tab.cell(line, place), block.before(row_before, column_before)
    former_rows = block.rows.cleared
    former_columns = block.columns.cleared
    ours = [(at, have) for at, have, place in columns if place != block.tab.comments]
    for row, row_before in former_rows:
        for column, column_before in [*ours, *former_columns]:
            yield (row, column), EMPTY, block.before(row_before, column_before)
    for column, column_before in former_columns:
        for row, row_before, _ in rows:
            yield (row, column), EMPTY, block.before(row_before, column_before)


def _first_lines(block: Block) -> Iterator[tuple[tuple[int, int], Cell, None]]:
    """Yield the cells that a new tab begins with below its block."""
    if block.place.sheet is None or block.place.sheet.owned is None:
        for row, line in enumerate(block.tab.once, start=block.tab.height):
            for column, cell in enumerate(line):
                yield (row, column), cell, None


def _lists(block: Block, blocks: Mapping[str, Block]) -> Iterator[dict[str, Any]]:
    """Yield what brings the lists below a block up to date, where no cell of the column offers what it should."""
    sheet, top = block.place.sheet, block.rows.position(block.tab.height)
    if sheet is None or sheet.owned is None or not block.tab.once:
        return
    for place, cell in enumerate(block.tab.once[0]):
        before = block.columns.origins[place]
        if not isinstance(cell.entry, DropDown) or before is None:
            continue
        rule = validation_rule(cell.entry, block, blocks)
        if not any(is_offered(rule, sheet.cell(row, before)) for row in range(len(sheet.cells))):
            at = block.columns.position(place)
            area = Area(top, at, top + len(block.tab.once), at + 1)
            yield {"setDataValidation": {"range": grid_range(block.sheet_id, area), "rule": rule}}


def _is_filled_in(wanted: Cell, current: Mapping[str, Any] | None) -> bool:
    """Whether a cell of the readers gets what it begins with: it has something to begin with, and holds nothing."""
    if wanted == OPEN:
        return False
    if current is None or is_blank(current):
        return True
    # The key Delete leaves the format.
    return wanted.value is not None and not current.get("userEnteredValue")


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


def value_requests(sheet: int, values: Mapping[tuple[int, int], CellValue]) -> Iterator[dict[str, Any]]:
    """Yield what writes values and leaves all else of the cells as it is.

    What fills a rectangle is sent once; Google counts the references of a formula on when it repeats a cell.

    Args:
        sheet: id of the spreadsheet's tab.
        values: by (row, column).
    """
    filled = [area for area, _ in rectangles(_alike(values)) if area.size >= _REPEATED_FROM]
    repeated = {at for area in filled for at in area.cells()}
    each = {at: None if at in repeated else value for at, value in values.items()}
    yield from _updates(sheet, each, "userEnteredValue", _value_cell)
    for area in filled:
        cell = _value_cell(values[area.top, area.left])
        yield {"repeatCell": {"range": grid_range(sheet, area), "cell": cell, "fields": "userEnteredValue"}}


def _alike(values: Mapping[tuple[int, int], CellValue]) -> dict[tuple[int, int], tuple[type, CellValue]]:
    """Return by what cells are told that can be written as one: the value; of a formula, what it says from its cell."""
    return {
        at: (type(value), relative(value.text, *at) if isinstance(value, FormulaText) else value)
        for at, value in values.items()
        if value is not None
    }


def _updates(
    sheet: int, cells: Mapping[tuple[int, int], T], mask: str, data: Callable[[T], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for area, _ in rectangles(dict.fromkeys(cells, True)):
        rows = [
            {"values": [data(cells[row, column]) for column in range(area.left, area.right)]}
            for row in range(area.top, area.bottom)
        ]
        yield {"updateCells": {"range": grid_range(sheet, area), "rows": rows, "fields": mask}}


def _value_cell(value: CellValue) -> dict[str, Any]:
    return {} if value is None else {"userEnteredValue": value_to_json(value)}


def _note_cell(cell: Cell) -> dict[str, Any]:
    return {"note": cell.note} if cell.note else {}


def _validations(sheet: int, rules: Mapping[tuple[int, int], str]) -> Iterator[dict[str, Any]]:
    for area, rule in rectangles(rules):
        yield {"setDataValidation": {"range": grid_range(sheet, area), "rule": json.loads(rule)}}


def _repeats(
    sheet: int, formats: Mapping[str, Mapping[tuple[int, int], Leaf | None]], links: Mapping[tuple[int, int], Change]
) -> Iterator[dict[str, Any]]:
    """Yield one format for each rectangle; its mask names each leaf, so that all others stay.

    Each leaf is joined into rectangles by itself: a number format runs down a column, a fill along a row. Leaves
    that came to the same rectangle are sent together.
    """
    by_area: dict[Area, dict[str, Leaf | None]] = {}
    for path, cells in formats.items():
        for area, leaf in rectangles(cells):
            by_area.setdefault(area, {})[path] = leaf
    changes = [*by_area.items(), *((area, dict(change)) for area, change in rectangles(links))]
    for area, change in changes:
        leaves = {path: leaf for path, leaf in change.items() if leaf is not None}
        yield {
            "repeatCell": {
                "range": grid_range(sheet, area),
                "cell": {"userEnteredFormat": leaves_to_json(leaves)} if leaves else {},
                "fields": ",".join(f"userEnteredFormat.{path}" for path in change),
            }
        }
