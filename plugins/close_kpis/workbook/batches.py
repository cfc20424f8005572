"""A write that is larger than Google recommends, in several requests that never show half a workbook.

New tabs are filled while they are hidden. What changes in tabs that are there already stands ready in a hidden tab
beside them, from where one request takes it over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.ownership import stable_id
from close_kpis.workbook.google.transport import compact_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Request: TypeAlias = dict[str, Any]

CELLS = ("updateCells", "repeatCell", "setDataValidation")
"""Requests that need nothing but the tab that they write to."""

STAGING = stable_id("sheet", "staging")
"""Id of the hidden tab in which values stand ready."""
STAGING_TITLE = "KPIs being published"


def body_size(requests: Iterable[Request]) -> int:
    """Return the bytes that requests take in one body."""
    return len(compact_json({"requests": tuple(requests)}))


def batches(requests: Sequence[Request], most: int, largest: int) -> list[list[Request]]:
    """Part a write into bodies that are sent one after the other.

    What fits into one body is sent as one, which Google carries out wholly or not at all. Of a larger write the largest
    tabs that are new go ahead: all new tabs are made hidden, and a blank one that becomes ours gets its title, since
    formulas name it; then cells are filled in, and the last body, with all else that changes, shows them. Where a
    publish dies on the way, readers see what they saw before, and the next publish finds the tabs by their ids and goes
    on.

    Tabs that are there already change at once, in the last body. Where that would be larger than Google carries out
    in its time, the values go ahead into a hidden tab, and the last body pastes them from there.

    Args:
        requests: all of the write, in order.
        most: bytes of a body that Google recommends at most. The last one may be larger.
        largest: bytes of the last body at most.
    """
    left = body_size(requests)
    if left <= most:
        return [list(requests)]
    added = [request for request in requests if "addSheet" in request]
    cells: dict[int, list[Request]] = {one["addSheet"]["properties"]["sheetId"]: [] for one in added}
    for request in requests:
        if (sheet := _cells_of(request)) in cells:
            cells[sheet].append(request)
    sizes = {sheet: body_size(theirs) for sheet, theirs in cells.items()}
    ahead: set[int | None] = set()
    for sheet in sorted(sizes, key=lambda sheet: sizes[sheet], reverse=True):
        if left > most:
            ahead.add(sheet)
            left -= sizes[sheet]
    if not ahead:
        return _staged(requests, most, largest)
    filled = [request for sheet, theirs in cells.items() if sheet in ahead for request in theirs]
    titles = [request for request in requests if _is_title(request)]
    rest = [
        request
        for request in requests
        if "addSheet" not in request and not _is_title(request) and _cells_of(request) not in ahead
    ]
    last = _staged([*rest, *_shown(cells, rest)], most, largest)
    return [[*titles, *map(_hidden, added)], *_packed(filled, most), *last]


def is_staged(bodies: Iterable[Iterable[Request]]) -> bool:
    """Whether a write makes the hidden tab in which values stand ready."""
    made = (request.get("addSheet", {}).get("properties", {}) for body in bodies for request in body)
    return any(properties.get("sheetId") == STAGING for properties in made)


def _staged(requests: Sequence[Request], most: int, largest: int) -> list[list[Request]]:
    """Part the write of tabs that are there: as few of the largest values as must be go ahead into a hidden tab."""
    left = body_size(requests)
    if left <= largest:
        return [list(requests)]
    chosen: dict[int, Request] = {}
    for request in sorted(filter(_is_plain, requests), key=lambda one: body_size([one]), reverse=True):
        if left > most:
            chosen[id(request)] = request
            left -= body_size([request])
    if not chosen:
        return [list(requests)]
    top, width, filled, last = 0, 1, [], []
    for request in requests:
        if id(request) not in chosen:
            last.append(request)
            continue
        target, rows = request["updateCells"]["range"], request["updateCells"]["rows"]
        columns = target["endColumnIndex"] - target["startColumnIndex"]
        place = {"sheetId": STAGING, "startRowIndex": top, "endRowIndex": top + len(rows)}
        place |= {"startColumnIndex": 0, "endColumnIndex": columns}
        # A formula means other cells elsewhere, and a text that reads like one must stay a text: they do not go along.
        filled.append(_values(place, [[{} if _is_kept(cell) else cell for cell in row["values"]] for row in rows]))
        last.append({"copyPaste": {"source": place, "destination": target, "pasteType": "PASTE_VALUES"}})
        last += _kept(target, rows)
        top, width = top + len(rows), max(width, columns)
    grid = {"rowCount": top, "columnCount": width}
    made = {"sheetId": STAGING, "title": STAGING_TITLE, "hidden": True, "gridProperties": grid}
    last.append({"deleteSheet": {"sheetId": STAGING}})
    return [[{"addSheet": {"properties": made}}], *_packed(filled, most), last]


def _is_plain(request: Request) -> bool:
    written = request.get("updateCells", {})
    return "range" in written and written.get("fields") == "userEnteredValue"


def _is_kept(cell: Request) -> bool:
    value = cell.get("userEnteredValue", {})
    return "formulaValue" in value or value.get("stringValue", "")[:1] in {"=", "+", "-", "@", "'"}


def _kept(target: Request, rows: Sequence[Request]) -> Iterator[Request]:
    """Yield what writes the cells that are not pasted."""
    for down, row in enumerate(rows):
        for along, cell in enumerate(row["values"]):
            if _is_kept(cell):
                top, left = target["startRowIndex"] + down, target["startColumnIndex"] + along
                rows_of = {"startRowIndex": top, "endRowIndex": top + 1}
                columns_of = {"startColumnIndex": left, "endColumnIndex": left + 1}
                yield _values({**target, **rows_of, **columns_of}, [[cell]])


def _values(place: Request, rows: Sequence[Sequence[Request]]) -> Request:
    values = [{"values": list(row)} for row in rows]
    return {"updateCells": {"range": place, "rows": values, "fields": "userEnteredValue"}}


def _is_title(request: Request) -> bool:
    return bool(request.get("updateSheetProperties", {}).get("fields") == "title")


def _cells_of(request: Request) -> int | None:
    """Return the id of the tab whose cells a request writes; None for any other request."""
    for kind in CELLS:
        if kind in request:
            return int(request[kind]["range"].get("sheetId", 0))
    return None


def _hidden(added: Request) -> Request:
    return {"addSheet": {"properties": {**added["addSheet"]["properties"], "hidden": True}}}


def _shown(sheets: Iterable[int], rest: Iterable[Request]) -> Iterator[Request]:
    """Yield what shows new tabs, except those that the write itself hides."""
    said = [request["updateSheetProperties"]["properties"] for request in rest if "updateSheetProperties" in request]
    stay = {properties["sheetId"] for properties in said if properties.get("hidden")}
    for sheet in sheets:
        if sheet not in stay:
            shown = {"properties": {"sheetId": sheet, "hidden": False}, "fields": "hidden"}
            yield {"updateSheetProperties": shown}


def _packed(requests: Iterable[Request], most: int) -> Iterator[list[Request]]:
    """Yield requests in bodies of a size; a request that is larger is parted by its rows."""
    body: list[Request] = []
    size = 0
    for request in (part for whole in requests for part in _parted(whole, most)):
        more = body_size([request])
        if body and size + more > most:
            yield body
            body, size = [], 0
        body.append(request)
        size += more
    if body:
        yield body


def _parted(request: Request, most: int) -> Iterator[Request]:
    rows = request.get("updateCells", {}).get("rows", ())
    if len(rows) < 2 or body_size([request]) <= most:
        yield request
        return
    written, half = request["updateCells"], len(rows) // 2
    top = written["range"].get("startRowIndex", 0)
    upper = {**written["range"], "endRowIndex": top + half}
    lower = {**written["range"], "startRowIndex": top + half}
    yield from _parted({"updateCells": {**written, "range": upper, "rows": rows[:half]}}, most)
    yield from _parted({"updateCells": {**written, "range": lower, "rows": rows[half:]}}, most)
