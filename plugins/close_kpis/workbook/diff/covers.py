"""Filters and tables of readers over our block: what covered all of it goes on doing so when it grows at its end.

Rows and columns that are inserted within such a range enlarge it by themselves; a new last row does not. Slicers, pivot
tables and charts of readers keep the cells that they have.

Source: https://developers.google.com/workspace/sheets/api/guides/filters and
https://developers.google.com/workspace/sheets/api/guides/tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.objects import grid_range
from close_kpis.workbook.spec import Area

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from close_kpis.workbook.diff.block import Block

Request: TypeAlias = dict[str, Any]

ENDLESS = 2**31 - 1


def cover_requests(block: Block) -> Iterator[Request]:
    """Yield what lets filters and tables that cover the whole block cover its new rows and columns, too.

    Google lets no table overlap another one or a filter that is not its own: where that would come, nothing is sent.

    Args:
        block: the tab's block.
    """
    sheet = block.place.sheet
    if sheet is None or block.stood is None:
        return
    tables = {table["tableId"]: _area(table["range"]) for table in sheet.tables}
    for number, area in tables.items():
        grown = _grown(block, area, [other for key, other in tables.items() if key != number])
        if grown:
            table = {"tableId": number, "range": grid_range(block.sheet_id, grown)}
            yield {"updateTable": {"table": table, "fields": "range"}}
    for view in sheet.filter_views:
        grown = None if {"tableId", "namedRangeId"} & set(view) else _grown(block, _area(view.get("range", {})), [])
        if grown:
            said = {"filterViewId": view["filterViewId"], "range": grid_range(block.sheet_id, grown)}
            yield {"updateFilterView": {"filter": said, "fields": "range"}}
    basic = sheet.basic_filter
    if basic is not None and "tableId" not in basic:
        grown = _grown(block, _area(basic.get("range", {})), list(tables.values()))
        if grown:
            # A filter can only be set whole.
            yield {"setBasicFilter": {"filter": {**basic, "range": grid_range(block.sheet_id, grown)}}}


def _area(span: Mapping[str, int]) -> Area:
    """Return the area of a range; one without an end goes on for ever."""
    return Area(
        span.get("startRowIndex", 0),
        span.get("startColumnIndex", 0),
        span.get("endRowIndex", ENDLESS),
        span.get("endColumnIndex", ENDLESS),
    )


def _grown(block: Block, area: Area, others: list[Area]) -> Area | None:
    """Return what an area of the tab as it was has to become; None where it need not or cannot."""
    stood, rows, columns = block.stood, block.rows, block.columns
    if stood is None or not _covers(area, stood):
        return None
    span, across = rows.after(area.top, area.bottom), columns.after(area.left, area.right)
    if span is None or across is None:
        return None
    end, edge = rows.end(block.tab.height), columns.end(block.tab.own_width)
    grown = Area(span[0], across[0], max(span[1], end), max(across[1], edge))
    if (grown.bottom, grown.right) == (span[1], across[1]):
        return None
    moved = [(rows.after(one.top, one.bottom), columns.after(one.left, one.right)) for one in others]
    if any(down is None or along is None or _meets(grown, down, along) for down, along in moved):
        return None
    return grown


def _covers(area: Area, stood: Area) -> bool:
    return (
        area.top <= stood.top and area.left <= stood.left and area.bottom >= stood.bottom and area.right >= stood.right
    )


def _meets(area: Area, rows: tuple[int, int], columns: tuple[int, int]) -> bool:
    return area.top < rows[1] and rows[0] < area.bottom and area.left < columns[1] and columns[0] < area.right
