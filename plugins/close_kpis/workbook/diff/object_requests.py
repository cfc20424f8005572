"""The groups, conditional formats and charts of a tab that have to change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.objects import (
    chart_fingerprints,
    chart_position,
    chart_spec,
    rule_fingerprint,
    rules_to_json,
)
from close_kpis.workbook.diff.ownership import chart_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.workbook.diff.placement import Place
    from close_kpis.workbook.diff.state import Spreadsheet

Request: TypeAlias = dict[str, Any]


def group_requests(one: Place) -> list[Request]:
    """Return what takes away our groups that are no longer wanted, and adds the missing ones."""
    sheet = one.sheet
    existing = set(sheet.groups) if sheet else set()
    owned = set(sheet.owned.groups) if sheet and sheet.owned else set()
    wanted = set(one.tab.groups)

    def request(kind: str, group: tuple[int, int]) -> Request:
        span = {
            "sheetId": one.sheet_id,
            "dimension": "ROWS",
            "startIndex": group[0],
            "endIndex": group[1],
        }
        return {kind: {"range": span}}

    return [
        *(request("deleteDimensionGroup", group) for group in sorted((owned & existing) - wanted, reverse=True)),
        *(request("addDimensionGroup", group) for group in sorted(wanted - existing)),
    ]


def rule_requests(one: Place) -> list[Request]:
    """Return what replaces our conditional formats, where they differ.

    Rules have no id: ours are those that say what was published last. They stand behind the readers' own, which
    therefore win.
    """
    existing = [rule_fingerprint(rule) for rule in one.sheet.rules] if one.sheet else []
    ours = Counter(one.sheet.owned.rules if one.sheet and one.sheet.owned else ())
    places = []
    for index, rule in enumerate(existing):
        if ours[rule]:
            ours[rule] -= 1
            places.append(index)
    wanted = rules_to_json(one.tab, one.sheet_id)
    if [existing[index] for index in places] == [rule_fingerprint(rule) for rule in wanted]:
        return []
    theirs = len(existing) - len(places)
    return [
        *({"deleteConditionalFormatRule": {"sheetId": one.sheet_id, "index": index}} for index in reversed(places)),
        *({"addConditionalFormatRule": {"rule": rule, "index": theirs + number}} for number, rule in enumerate(wanted)),
    ]


def chart_requests(one: Place, sheets: Mapping[str, int], state: Spreadsheet) -> list[Request]:
    """Return what adds, changes and takes away charts of ours.

    A chart is compared with what was published last: one that a reader moved or restyled stays so until a later
    version changes it.

    Args:
        one: the tab and its place.
        sheets: sheet id of each tab by its key.
        state: the spreadsheet; a reader may have moved a chart to another tab.
    """
    existing = {chart for sheet in state.sheets for chart in sheet.charts}
    owned = one.sheet.owned.charts if one.sheet and one.sheet.owned else {}
    wanted = chart_fingerprints(one.tab, sheets)
    requests: list[Request] = [
        {"deleteEmbeddedObject": {"objectId": int(gone)}}
        for gone in sorted(owned)
        if gone not in wanted and int(gone) in existing
    ]
    for chart in one.tab.charts:
        number = chart_id(chart.key)
        spec, position = chart_spec(chart, sheets), chart_position(chart, one.sheet_id)
        if number not in existing:
            requests.append({"addChart": {"chart": {"chartId": number, "spec": spec, "position": position}}})
            continue
        before, now = owned.get(str(number), "/").split("/"), wanted[str(number)].split("/")
        if before[0] != now[0]:
            requests.append({"updateChartSpec": {"chartId": number, "spec": spec}})
        if before[1] != now[1]:
            moved = {
                "objectId": number,
                "newPosition": position,
                "fields": "anchorCell,offsetXPixels,widthPixels,heightPixels",
            }
            requests.append({"updateEmbeddedObjectPosition": moved})
    return requests
