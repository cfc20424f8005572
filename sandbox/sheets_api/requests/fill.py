"""Requests that continue what cells hold (auto-fill), drop the rows that repeat, or shuffle them."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api.errors import RequestError
from sandbox.sheets_api.grid import box, span
from sandbox.sheets_api.model import ROWS
from sandbox.sheets_api.references import displaced_cell
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from sandbox.sheets_api.a1 import Box
    from sandbox.sheets_api.model import Book, Cell

_NUMBERED = re.compile(r"(.*?)(\d+)", re.DOTALL)


def auto_fill(book: Book, payload: dict[str, Any]) -> None:
    """Continues a series: numbers that grow evenly, texts that end in a number, formulas; all else is repeated.

    Source: discovery document, AutoFillRequest, and https://support.google.com/docs/answer/75509
    """
    source, by_rows, length = _plan(book, payload)
    sheet = source.sheet
    if by_rows:
        limit, first, last, lines = sheet.row_count, source.top, source.bottom, source.columns()
    else:
        limit, first, last, lines = sheet.column_count, source.left, source.right, source.rows()
    targets = range(last, last + length) if length >= 0 else range(first + length, first)
    if targets and not 0 <= targets[0] <= targets[-1] < limit:
        raise RequestError("The auto-fill would leave the grid.")
    is_alternate = bool(payload.get("useAlternateSeries"))
    for line in lines:
        places = [(at, line) if by_rows else (line, at) for at in range(first, last)]
        cells = [sheet.cells.get(place, {}) for place in places]
        for target in targets:
            distance = target - first
            model = cells[distance % len(cells)]
            away = distance - distance % len(cells)
            cell = displaced_cell(model, away if by_rows else 0, 0 if by_rows else away)
            content = _continued(cells, distance, is_alternate=is_alternate)
            if content is not None:
                cell = {**cell, "userEnteredValue": content}
            sheet.write((target, line) if by_rows else (line, target), cell)


def _plan(book: Book, payload: dict[str, Any]) -> tuple[Box, bool, int]:
    """What is continued, whether downwards, and over how many lines; negative: before it."""
    if "sourceAndDestination" in payload:
        asked = payload["sourceAndDestination"]
        return box(book, asked.get("source", {})), asked.get("dimension") == ROWS, asked.get("fillLength", 0)
    block = box(book, payload.get("range", {}))
    filled = [at for at, cell in block.sheet.cells.items() if block.contains(*at) and "userEnteredValue" in cell]
    if not filled:
        raise RequestError("The range to auto-fill has no data.")
    bottom, right = max(row for row, _ in filled) + 1, max(column for _, column in filled) + 1
    if bottom < block.bottom:
        return block._replace(bottom=bottom), True, block.bottom - bottom
    return block._replace(right=right), False, block.right - right


def _continued(cells: list[Cell], distance: int, *, is_alternate: bool) -> Cell | None:
    """The value a series has at a distance from its first cell; None where there is no series."""
    values = [cell.get("userEnteredValue", {}) for cell in cells]
    numbers = [value["numberValue"] for value in values if "numberValue" in value]
    # A single number is repeated, or counted on; the alternate series is the other of the two.
    if len(numbers) == len(cells) and (len(cells) > 1) != is_alternate:
        step = (numbers[-1] - numbers[0]) / (len(numbers) - 1) if len(numbers) > 1 else 1
        return {"numberValue": numbers[0] + step * distance}
    matches = [_NUMBERED.fullmatch(value.get("stringValue", "")) for value in values]
    found = [match for match in matches if match]
    if len(found) == len(cells) and len({match[1] for match in found}) == 1 and not is_alternate:
        ends = [int(match[2]) for match in found]
        step = (ends[-1] - ends[0]) // (len(ends) - 1) if len(ends) > 1 else 1
        return {"stringValue": f"{found[0][1]}{abs(ends[0] + step * distance)}"}
    return None


def delete_duplicates(book: Book, payload: dict[str, Any]) -> dict[str, Any]:
    """Drops the rows of a range whose values stood in one above; case, formats and formulas make no difference."""
    block = box(book, payload.get("range", {}))
    columns = [
        column
        for one in payload.get("comparisonColumns", [])
        for column in range(*span(book, {"sheetId": block.sheet.id, **one, "dimension": "COLUMNS"})[2:])
    ]
    if any(not block.left <= column < block.right for column in columns):
        raise RequestError("A comparison column is outside of the range.")
    view, seen, kept = Views(book).of(block.sheet), set(), []
    for row in block.rows():
        key = tuple(_folded(view.value(row, column)) for column in columns or block.columns())
        if key not in seen:
            seen.add(key)
            kept.append(row)
    _arrange(block, kept)
    count = block.bottom - block.top - len(kept)
    return {"duplicatesRemovedCount": count} if count else {}


def _folded(value: dict[str, Any] | None) -> tuple[str, Any]:
    kind, content = next(iter((value or {"": ""}).items()))
    return kind, content.casefold() if isinstance(content, str) else repr(content)


def randomize_range(book: Book, payload: dict[str, Any]) -> None:
    """Puts the rows of a range in any order."""
    block = box(book, payload.get("range", {}))
    _arrange(block, random.sample(block.rows(), len(block.rows())))


def _arrange(block: Box, rows: list[int]) -> None:
    """Puts rows of a block below each other; formulas go along, and what is left below is empty."""
    sheet = block.sheet
    lines = [[sheet.cells.get((row, column), {}) for column in block.columns()] for row in rows]
    lines += [[{}] * (block.right - block.left)] * (block.bottom - block.top - len(rows))
    for at, line in enumerate(lines):
        by = block.top + at - rows[at] if at < len(rows) else 0
        for column, cell in zip(block.columns(), line, strict=True):
            sheet.write((block.top + at, column), displaced_cell(cell, by, 0))


HANDLERS = {
    "autoFill": auto_fill,
    "deleteDuplicates": delete_duplicates,
    "randomizeRange": randomize_range,
}
