"""The groups, conditional formats and charts of a tab that have to change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.objects import (
    GUARD,
    chart_fingerprints,
    chart_position,
    chart_sources,
    chart_spec,
    grid_range,
    guard_fingerprint,
    guarded_area,
    rule_fingerprint,
    rule_fingerprint_0_1,
    rule_to_json,
)
from close_kpis.workbook.diff.ownership import chart_id, name_id, protection_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from close_kpis.workbook.diff.block import Block
    from close_kpis.workbook.diff.objects import ChartSources, PlacedChart
    from close_kpis.workbook.diff.state import Spreadsheet
    from close_kpis.workbook.spec import Area, Source

Request: TypeAlias = dict[str, Any]
Group: TypeAlias = tuple[int, int]


def group_requests(block: Block) -> tuple[list[Request], list[Request], tuple[Group, ...]]:
    """Return what takes away and what adds groups, and where ours are then.

    Returns:
        Requests that come before rows are put in order, requests that come after, the ranges of our groups.
    """
    sheet, rows = block.place.sheet, block.rows
    wanted = tuple((rows.position(start), rows.end(end)) for start, end in block.tab.groups)
    existing = sheet.groups if sheet else ()
    owned = set(sheet.owned.groups) if sheet and sheet.owned else set()
    kept = {after for group in existing if (after := rows.after(*group))} & set(wanted)
    missing = set(wanted) - kept

    def is_in_the_way(group: Group) -> bool:
        after = rows.after(*group)
        if after is None:
            return any(origin is not None and group[0] <= origin < group[1] for origin in rows.origins)
        return after not in kept and (group in owned or any(_meet(after, one) for one in missing))

    replaced = [group for group in existing if is_in_the_way(group)]

    def request(kind: str, group: Group) -> Request:
        span = {"sheetId": block.sheet_id, "dimension": "ROWS", "startIndex": group[0], "endIndex": group[1]}
        return {kind: {"range": span}}

    return (
        [request("deleteDimensionGroup", group) for group in sorted(replaced, reverse=True)],
        [request("addDimensionGroup", group) for group in sorted(missing)],
        wanted,
    )


def _meet(one: Group, other: Group) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def rules_to_json(block: Block) -> list[Request]:
    """Return the ConditionalFormatRules of a tab, in order."""
    return [rule_to_json(rule, block.sheet_id, block.pieces) for rule in block.tab.rules]


def rule_requests(block: Block) -> tuple[list[Request], list[Request]]:
    """Return what replaces our conditional formats, where they differ or rows and columns are put in order.

    Rules have no id: ours are those that say what was published last, wherever they cover now; where that is not
    known, those that say what is to be published. They stand behind the readers' own, which therefore win.

    Returns:
        Requests that come before rows and columns are put in order, and requests that come after.
    """
    sheet = block.place.sheet
    existing = sheet.rules if sheet else ()
    wanted = rules_to_json(block)
    wanted_prints = [rule_fingerprint(rule) for rule in wanted]
    known = sheet.owned.rules if sheet and sheet.owned else ()
    unseen = Counter(_content(text) for text in known or wanted_prints)
    ours = []
    for index, rule in enumerate(existing):
        for text in (_content(rule_fingerprint(rule)), rule_fingerprint_0_1(rule)):
            if unseen[text]:
                unseen[text] -= 1
                ours.append(index)
                break
    if not block.is_put_in_order and [rule_fingerprint(existing[index]) for index in ours] == wanted_prints:
        return [], []
    theirs = sum(
        1
        for index, rule in enumerate(existing)
        if index not in set(ours) and not all(_is_deleted(part, block) for part in rule["ranges"])
    )
    return (
        [{"deleteConditionalFormatRule": {"sheetId": block.sheet_id, "index": index}} for index in reversed(ours)],
        [{"addConditionalFormatRule": {"rule": rule, "index": theirs + at}} for at, rule in enumerate(wanted)],
    )


def _content(rule: str) -> str:
    """Return what a fingerprint of a rule says of its content; of one that version 0.1 kept, all of it."""
    return rule.partition("/")[0]


def _is_deleted(part: Mapping[str, Any], block: Block) -> bool:
    """Whether all cells of a GridRange go when rows and columns of ours are deleted; what lies over them goes, too."""
    if part.get("sheetId", 0) != block.sheet_id:
        return False
    return block.rows.is_deleted(part.get("startRowIndex", 0), part.get("endRowIndex")) or block.columns.is_deleted(
        part.get("startColumnIndex", 0), part.get("endColumnIndex")
    )


def name_requests(block: Block, state: Spreadsheet) -> tuple[list[Request], list[Request]]:
    """Return what makes our named ranges cover what they shall.

    One that a reader has given another name keeps that; a name that a reader has used for something else stays theirs.

    Args:
        block: the tab's block.
        state: the spreadsheet, whose names are shared by all tabs.

    Returns:
        Requests that come before rows and columns are put in order, and requests that come after.
    """
    theirs = {name.lower() for number, (name, _) in state.names.items()}
    before: list[Request] = []
    after: list[Request] = []
    for name, area in block.tab.names:
        number = name_id(name)
        placed = block.around(area)
        wanted = grid_range(block.sheet_id, placed)
        given, span = state.names.get(number, (name, None))
        if span is not None and not _is_deleted(span, block):
            if not _is_there(span, block, placed):
                named = {"namedRangeId": number, "range": wanted}
                after.append({"updateNamedRange": {"namedRange": named, "fields": "range"}})
        elif span is not None or name.lower() not in theirs:
            if span is not None:
                before.append({"deleteNamedRange": {"namedRangeId": number}})
            named = {"namedRangeId": number, "name": given, "range": wanted}
            after.append({"addNamedRange": {"namedRange": named}})
    return before, after


def guard_requests(block: Block, state: Spreadsheet) -> tuple[list[Request], list[Request]]:
    """Return what warns whoever edits the block: a protected range that lets every editor pass after a question.

    One that a reader has taken away stays away; one that is there covers what it shall.

    Args:
        block: the tab's block.
        state: the spreadsheet, in which a copy of the tab may have the id of ours.

    Returns:
        Requests that come before rows and columns are put in order, and requests that come after.
    """
    guarded = guarded_area(block.tab)
    if guarded is None:
        return [], []
    sheet, number = block.place.sheet, _guard_id(block, state)
    placed = block.around(guarded)
    guard = {"protectedRangeId": number, "range": grid_range(block.sheet_id, placed)}
    said = {"description": GUARD, "warningOnly": True}
    is_known = bool(sheet and sheet.owned and sheet.owned.guard == guard_fingerprint(block.tab))
    span = sheet.protected.get(number) if sheet else None
    added = [{"addProtectedRange": {"protectedRange": guard | said}}]
    if span is None:
        return [], [] if is_known else added
    if _is_deleted(span, block):
        return [{"deleteProtectedRange": {"protectedRangeId": number}}], added
    changed = {} if _is_there(span, block, placed) else {"range": guard["range"]}
    changed |= {} if is_known else said
    if not changed:
        return [], []
    protected = {"protectedRangeId": number, **changed}
    return [], [{"updateProtectedRange": {"protectedRange": protected, "fields": ",".join(changed)}}]


def _guard_id(block: Block, state: Spreadsheet) -> int:
    usual, own = protection_id(block.tab.key), protection_id(block.tab.key, block.sheet_id)
    holders = [one.sheet_id for one in state.sheets if usual in one.protected]
    return usual if holders in ([], [block.sheet_id]) else own


def _is_there(span: Mapping[str, int], block: Block, placed: Area) -> bool:
    """Whether a range will cover an area of the tab once its rows and columns are in order."""
    rows, columns = (placed.top, placed.bottom), (placed.left, placed.right)
    top, bottom = span.get("startRowIndex", 0), span.get("endRowIndex", 0)
    left, right = span.get("startColumnIndex", 0), span.get("endColumnIndex", 0)
    is_here = span.get("sheetId", 0) == block.sheet_id
    return is_here and (block.rows.after(top, bottom), block.columns.after(left, right)) == (rows, columns)


def chart_requests(block: Block, blocks: Mapping[str, Block], state: Spreadsheet) -> list[Request]:
    """Return what adds, changes and takes away charts of ours.

    A chart is compared with what was published last: one that a reader moved or restyled stays so until a later
    version changes it. What it draws is compared with what is there: rows inserted above its data shift that.

    Args:
        block: the tab's block.
        blocks: all blocks by the key of their tab.
        state: the spreadsheet; a reader may have moved a chart to another tab.
    """
    sheet = block.place.sheet
    existing = {number: chart for one in state.sheets for number, chart in one.charts.items()}
    owned = sheet.owned.charts if sheet and sheet.owned else {}
    wanted = chart_fingerprints(block.tab, {key: one.sheet_id for key, one in blocks.items()})

    def locate(source: Source) -> tuple[int, Iterable[Area]]:
        return blocks[source.tab].sheet_id, blocks[source.tab].pieces(source.area)

    requests: list[Request] = [
        {"deleteEmbeddedObject": {"objectId": int(gone)}}
        for gone in sorted(owned)
        if gone not in wanted and int(gone) in existing
    ]
    for chart in block.tab.charts:
        number = chart_id(chart.key)
        spec = chart_spec(chart, locate)
        position = chart_position(
            chart, block.sheet_id, block.rows.position(chart.row), block.columns.position(chart.column)
        )
        if number not in existing:
            requests.append({"addChart": {"chart": {"chartId": number, "spec": spec, "position": position}}})
            continue
        before, now = owned.get(str(number), "/").split("/"), wanted[str(number)].split("/")
        if before[0] != now[0] or _after(existing[number].sources, blocks) != chart_sources(spec):
            requests.append({"updateChartSpec": {"chartId": number, "spec": spec}})
        if before[1] != now[1]:
            moved = {
                "objectId": number,
                "newPosition": position,
                "fields": "anchorCell,offsetXPixels,widthPixels,heightPixels",
            }
            requests.append({"updateEmbeddedObjectPosition": moved})
        elif sheet and number in sheet.charts and (anchor := _anchor(sheet.charts[number], block)):
            place = {"overlayPosition": {"anchorCell": {"sheetId": block.sheet_id, **anchor}}}
            stay = {"objectId": number, "newPosition": place, "fields": "anchorCell"}
            requests.append({"updateEmbeddedObjectPosition": stay})
    return requests


def _anchor(chart: PlacedChart, block: Block) -> dict[str, int] | None:
    """Return where a chart has to be put back, so that rows and columns of ours that come or go do not move it.

    None where it stays by itself.
    """
    if chart.anchor is None:
        return None
    row, column = chart.anchor
    if (block.rows.after(row, row + 1), block.columns.after(column, column + 1)) == (
        (row, row + 1),
        (column, column + 1),
    ):
        return None
    return {"rowIndex": min(row, block.rows.size - 1), "columnIndex": min(column, block.columns.size - 1)}


def _after(sources: ChartSources, blocks: Mapping[str, Block]) -> ChartSources | None:
    """Return what a chart draws once rows and columns are put in order; None where that is not sure."""
    by_sheet = {block.sheet_id: block for block in blocks.values()}
    found = []
    for sheet, top, bottom, left, right in sources:
        block = by_sheet.get(sheet)
        rows = block.rows.after(top, bottom) if block else (top, bottom)
        columns = block.columns.after(left, right) if block else (left, right)
        if rows is None or columns is None:
            return None
        found.append((sheet, *rows, *columns))
    return tuple(found)
