"""What has to be sent to turn a spreadsheet as it is into the workbook as it should be.

A pure function: the same two arguments give the same requests, and a spreadsheet that already is as it should be
gives none. Only tabs of ours, and in them only our block and our objects, are named in the requests.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.block import Block, find_block
from close_kpis.workbook.diff.cell_data import CellValue, color_to_json
from close_kpis.workbook.diff.cell_requests import cell_requests
from close_kpis.workbook.diff.covers import cover_requests
from close_kpis.workbook.diff.labels import column_labels, kept, row_labels
from close_kpis.workbook.diff.object_requests import (
    chart_requests,
    group_requests,
    guard_requests,
    name_requests,
    rule_requests,
    rules_to_json,
)
from close_kpis.workbook.diff.objects import (
    chart_fingerprints,
    grid_range,
    guard_fingerprint,
    layout_fingerprint,
    rule_fingerprint,
    sizes_fingerprint,
)
from close_kpis.workbook.diff.ownership import METADATA_KEY, Owned, fingerprint, metadata_id
from close_kpis.workbook.diff.placement import Place, place
from close_kpis.workbook.order import REPORTS
from close_kpis.workbook.spec import LIST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from close_kpis.workbook.diff.arrangement import Arrangement
    from close_kpis.workbook.diff.state import Spreadsheet
    from close_kpis.workbook.spec import Cell, Tab, Workbook

Request: TypeAlias = dict[str, Any]

SPARE_ROWS, SPARE_COLUMNS = 20, 4
"""Room that a new tab has below and beside the block, for readers."""
ROW_PIXELS, COLUMN_PIXELS = 21, 100
DEFAULT_WIDTH = 100


@dataclass(frozen=True)
class Difference:
    """What has to be sent.

    Attributes:
        requests: in the order in which they have to be carried out.
        values: the values that they change, by title of the tab and (row, column) afterwards.
        formulas: all cells that are computed in the spreadsheet, likewise.
        sheets: ids of the tabs, by title.
    """

    requests: tuple[Request, ...]
    values: dict[str, dict[tuple[int, int], CellValue]]
    formulas: dict[str, dict[tuple[int, int], Cell]]
    sheets: dict[str, int]

    @property
    def cells(self) -> int:
        """How many cells get another value."""
        return sum(len(values) for values in self.values.values())


def diff(state: Spreadsheet, workbook: Workbook) -> Difference:
    """Compare a spreadsheet with the workbook that it should hold.

    Args:
        state: the spreadsheet as it is.
        workbook: what it should hold.
    """
    blocks = {one.tab.key: find_block(one) for one in place(state, workbook)}
    first: list[Request] = []
    then: list[Request] = []
    last: list[Request] = []
    values, formulas = {}, {}
    indices = _indices(state, [block.place for block in blocks.values()])
    for block in blocks.values():
        old_groups, new_groups, groups = group_requests(block)
        old_rules, new_rules = rule_requests(block)
        old_names, new_names = name_requests(block, state)
        old_guard, new_guard = guard_requests(block, state)
        first += [*_structure(block, indices.get(block.sheet_id)), *old_groups, *old_rules, *old_names, *old_guard]
        first += _order(block)
        cells = cell_requests(block, blocks)
        values[block.place.title], formulas[block.place.title] = cells.values, cells.formulas
        then += cells.requests
        last += [*new_groups, *new_rules, *chart_requests(block, blocks, state)]
        last += [
            *new_names,
            *new_guard,
            *cover_requests(block),
            *_metadata(block, blocks, groups, state, workbook.order),
        ]
    layout = [request for block in blocks.values() for request in _layout(block)]
    layout += _shown_in_order(blocks, workbook)
    sheets = {block.place.title: block.sheet_id for block in blocks.values()}
    return Difference((*first, *then, *layout, *last), values, formulas, sheets)


def _needed_grid(tab: Tab) -> tuple[int, int]:
    """Return the rows and columns that a tab's block and charts take, with room to spare."""
    rows = [
        LIST_ROWS if tab.once else tab.height + SPARE_ROWS,
        *(c.row + c.height // ROW_PIXELS + 3 for c in tab.charts),
    ]
    columns = [
        tab.width + SPARE_COLUMNS,
        len(tab.widths),
        *(c.column + c.width // COLUMN_PIXELS + 2 for c in tab.charts),
    ]
    return max(rows), max(columns)


def _indices(state: Spreadsheet, places: list[Place]) -> dict[int, int]:
    """Return where new tabs go among those that are there, by id: before the next one of ours; else at the end."""
    order = [sheet.sheet_id for sheet in state.sheets]
    indices = {}
    for at, one in enumerate(places):
        if one.sheet is None:
            following = next((later.sheet_id for later in places[at + 1 :] if later.sheet_id in order), None)
            if following is None:
                order.append(one.sheet_id)
            else:
                indices[one.sheet_id] = order.index(following)
                order.insert(indices[one.sheet_id], one.sheet_id)
    return indices


def _structure(block: Block, index: int | None) -> Iterator[Request]:
    """Yield what makes the tab exist, with enough rows and columns.

    Args:
        block: of the tab.
        index: where a new tab goes; None: behind all others.
    """
    one, tab, sheet = block.place, block.tab, block.place.sheet
    rows, columns = _needed_grid(tab)
    if sheet is None:
        properties = {
            "sheetId": one.sheet_id,
            "title": one.title,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": rows, "columnCount": columns},
        }
        if index is not None:
            properties["index"] = index
        yield {"addSheet": {"properties": properties}}
        return
    if one.title != sheet.title:
        yield _properties(one, {"title": one.title}, "title")
    grown = {}
    least_rows = max(
        block.grown[0] or 0,
        block.rows.end(tab.height),
        *(block.rows.position(chart.row) + 1 for chart in tab.charts),
        1,
    )
    least_columns = max(
        block.grown[1] or 0,
        block.columns.end(max(tab.width, len(tab.widths))),
        *(block.columns.position(chart.column) + 1 for chart in tab.charts),
        1,
    )
    if sheet.rows < least_rows:
        grown["rowCount"] = max(rows, least_rows)
    if sheet.columns < least_columns:
        grown["columnCount"] = max(columns, least_columns)
    if grown:
        yield _properties(one, {"gridProperties": grown}, ",".join(f"gridProperties.{name}" for name in grown))


def _order(block: Block) -> Iterator[Request]:
    """Yield what puts columns and rows in order, and fills readers' formulas into what is inserted between them."""
    yield from block.columns.requests(block.sheet_id)
    yield from block.rows.requests(block.sheet_id)
    for source, target in block.fillings():
        yield {
            "copyPaste": {
                "source": grid_range(block.sheet_id, source),
                "destination": grid_range(block.sheet_id, target),
                "pasteType": "PASTE_FORMULA",
            }
        }


def _layout(block: Block) -> Iterator[Request]:
    """Yield frozen panes, widths and the like, where this version wants others than the last one did."""
    owned = block.place.sheet.owned if block.place.sheet else None
    yield from _panes(block, is_same=owned is not None and owned.layout == layout_fingerprint(block.tab))
    if owned is None or owned.sizes != sizes_fingerprint(block.tab):
        yield from _all_sizes(block)


def _panes(block: Block, *, is_same: bool) -> Iterator[Request]:
    """Yield frozen panes, colour and whether the tab is shown; the panes only where these are as published last."""
    one, tab, sheet = block.place, block.tab, block.place.sheet
    grid: Request = {}
    is_stirred = sheet and (
        block.rows.begins_before(sheet.frozen_rows) or block.columns.begins_before(sheet.frozen_columns)
    )
    if (is_stirred or not is_same) and not _is_frozen_through_merge(block):
        grid["frozenRowCount"] = block.rows.end(tab.frozen_rows)
        grid["frozenColumnCount"] = block.columns.end(tab.frozen_columns)
    properties: Request = {}
    if not is_same:
        grid["hideGridlines"] = not tab.gridlines
        if tab.color:
            properties["tabColorStyle"] = color_to_json(tab.color)
        if tab.is_hidden or (sheet is not None and sheet.metadata_id is None):
            # One that a publish has filled and not come to show is still hidden.
            properties["hidden"] = tab.is_hidden
    if grid or properties:
        mask = ",".join([*(f"gridProperties.{name}" for name in grid), *properties])
        yield _properties(one, {"gridProperties": grid, **properties}, mask)


def _is_frozen_through_merge(block: Block) -> bool:
    """Whether a reader has merged cells over the edge of what would be frozen, which Google refuses.

    Merged cells of which it is not sure where they stand after the rows are in order count, too.
    """
    merges = block.place.sheet.merges if block.place.sheet else ()
    for name, lines, frozen in (
        ("Row", block.rows, block.tab.frozen_rows),
        ("Column", block.columns, block.tab.frozen_columns),
    ):
        edge = lines.end(frozen)
        for merge in merges:
            span = lines.after(merge.get(f"start{name}Index", 0), merge[f"end{name}Index"])
            if span is None or span[0] < edge < span[1]:
                return True
    return False


def _all_sizes(block: Block) -> Iterator[Request]:
    """Yield widths, heights and hidden columns."""
    one, tab = block.place, block.tab
    yield from _sizes(one, block.columns, tab.widths)
    yield from _sizes(one, block.rows, tab.heights)
    for column in tab.hidden_columns:
        at = block.columns.position(column)
        yield _dimension(one, block.columns, (at, at + 1), {"hiddenByUser": True})


def _sizes(one: Place, lines: Arrangement, sizes: tuple[int, ...]) -> Iterator[Request]:
    start = 0
    for index, size in enumerate(sizes):
        at = lines.position(index)
        is_last = index + 1 == len(sizes) or sizes[index + 1] != size or lines.position(index + 1) != at + 1
        if is_last:
            yield _dimension(one, lines, (lines.position(start), at + 1), {"pixelSize": size})
            start = index + 1


def _dimension(one: Place, lines: Arrangement, span: tuple[int, int], properties: Request) -> Request:
    where = {"sheetId": one.sheet_id, "dimension": lines.dimension, "startIndex": span[0], "endIndex": span[1]}
    return {"updateDimensionProperties": {"range": where, "properties": properties, "fields": ",".join(properties)}}


def _properties(one: Place, properties: Request, mask: str) -> Request:
    return {"updateSheetProperties": {"properties": {"sheetId": one.sheet_id, **properties}, "fields": mask}}


def _shown_in_order(blocks: Mapping[str, Block], workbook: Workbook) -> Iterator[Request]:
    """Yield what shows, hides and orders the tabs when the settings have come to ask for other ones than before.

    From then on readers may move and show tabs by hand: they are left so until the settings change again.
    """
    published = {key: block.place.sheet.owned for key, block in blocks.items() if block.place.sheet}
    before = [owned for owned in published.values() if owned]
    if all(owned.order == workbook.order for owned in before):
        return
    were_out = {key for owned in before for key in owned.left_out}
    for key, block in blocks.items():
        if block.tab.is_left_out != (key in were_out):
            yield _properties(block.place, {"hidden": block.tab.is_left_out}, "hidden")
    # Each moves to the left, where what its index means is the same before and after it is taken out.
    for index, key in enumerate(workbook.order or [tab.key for tab in workbook.tabs if tab.title in REPORTS]):
        yield _properties(blocks[key].place, {"index": index}, "index")


def _metadata(
    block: Block,
    blocks: dict[str, Block],
    groups: tuple[tuple[int, int], ...],
    state: Spreadsheet,
    order: tuple[str, ...],
) -> Iterator[Request]:
    """Yield what makes the tab remember what is published now."""
    one, tab = block.place, block.tab
    notes = {fingerprint(cell.note) for row in tab.rows for cell in row if cell.note}
    now = Owned(
        tab=tab.key,
        sheet=one.sheet_id,
        rows=tab.height,
        columns=tab.width,
        notes=tuple(sorted(notes)),
        rules=tuple(rule_fingerprint(rule) for rule in rules_to_json(block)),
        charts=chart_fingerprints(tab, {key: other.sheet_id for key, other in blocks.items()}),
        groups=groups,
        layout=layout_fingerprint(tab),
        sizes=sizes_fingerprint(tab),
        guard=guard_fingerprint(tab),
        row_labels=kept(row_labels(block.wanted, tab.labels)),
        column_labels=kept(column_labels(block.wanted, tab.header)),
        order=order,
        left_out=tuple(key for key, other in blocks.items() if other.tab.is_left_out),
    )
    if one.sheet and one.sheet.owned == now:
        return
    if one.sheet and one.sheet.metadata_id is not None:
        yield {
            "updateDeveloperMetadata": {
                "dataFilters": [{"developerMetadataLookup": {"metadataId": one.sheet.metadata_id}}],
                "developerMetadata": {"metadataValue": now.to_text()},
                "fields": "metadataValue",
            }
        }
        return
    usual = metadata_id(tab.key)
    is_taken = any(sheet.metadata_id == usual for sheet in state.sheets)
    yield {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataId": metadata_id(tab.key, one.sheet_id) if is_taken else usual,
                "metadataKey": METADATA_KEY,
                "metadataValue": now.to_text(),
                "location": {"sheetId": one.sheet_id},
                "visibility": "DOCUMENT",
            }
        }
    }
