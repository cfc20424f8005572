"""The groups, conditional formats and charts of a tab that have to change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from close_kpis.workbook.diff.objects import (
    chart_fingerprints,
    chart_position,
    chart_sources,
    chart_spec,
    rule_fingerprint,
    rule_fingerprint_0_1,
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

    Rules have no id: ours are those that say what was published last, wherever they cover now; where that is not
    known, those that say what is to be published. They stand behind the readers' own, which therefore win.
    """
    existing = one.sheet.rules if one.sheet else ()
    wanted = rules_to_json(one.tab, one.sheet_id)
    wanted_prints = [rule_fingerprint(rule) for rule in wanted]
    known = one.sheet.owned.rules if one.sheet and one.sheet.owned else ()
    ours = Counter(_content(text) for text in known or wanted_prints)
    places = []
    for index, rule in enumerate(existing):
        for text in (_content(rule_fingerprint(rule)), rule_fingerprint_0_1(rule)):
            if ours[text]:
                ours[text] -= 1
                places.append(index)
                break
    if [rule_fingerprint(existing[index]) for index in places] == wanted_prints:
        return []
    theirs = len(existing) - len(places)
    return [
        *({"deleteConditionalFormatRule": {"sheetId": one.sheet_id, "index": index}} for index in reversed(places)),
        *({"addConditionalFormatRule": {"rule": rule, "index": theirs + number}} for number, rule in enumerate(wanted)),
    ]


def _content(rule: str) -> str:
    """Return what a fingerprint of a rule says of its content; of one that version 0.1 kept, all of it."""
    return rule.partition("/")[0]


def chart_requests(one: Place, sheets: Mapping[str, int], state: Spreadsheet) -> list[Request]:
    """Return what adds, changes and takes away charts of ours.

    A chart is compared with what was published last: one that a reader moved or restyled stays so until a later
    version changes it. What it draws is compared with what is there: rows inserted above its data shift that.

    Args:
        one: the tab and its place.
        sheets: sheet id of each tab by its key.
        state: the spreadsheet; a reader may have moved a chart to another tab.
    """
    existing = {chart: sources for sheet in state.sheets for chart, sources in sheet.charts.items()}
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
        if before[0] != now[0] or existing[number] != chart_sources(spec):
            requests.append({"updateChartSpec": {"chartId": number, "spec": spec}})
        if before[1] != now[1]:
            moved = {
                "objectId": number,
                "newPosition": position,
                "fields": "anchorCell,offsetXPixels,widthPixels,heightPixels",
            }
            requests.append({"updateEmbeddedObjectPosition": moved})
    return requests
