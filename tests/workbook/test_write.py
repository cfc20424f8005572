"""Publishing against the Sheets API: what is written, what is left alone, what happens on a bad day."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from close_kpis.workbook.diff.cell_data import FormulaText, leaves_from_json
from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from close_kpis.workbook.google.errors import SheetsError, SheetsWriteUncertainError, WorkbookTooLargeError
from close_kpis.workbook.google.transport import compact_json
from close_kpis.workbook.spec import Area, Cell, Format, Sign, Tab, Workbook
from tests.workbook.conftest import Book, cells_of, client_of, snapshot, workbook_of

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Tables


LATER = replace(sample.STAMP, refreshed=sample.STAMP.refreshed + timedelta(hours=1), run_id="manual__1")


def small(*values: Any, title: str = "Growth", **options: Any) -> Workbook:
    """Return a workbook of one tab with one column."""
    return Workbook((Tab("growth", title, tuple((Cell(value),) for value in values), **options),))


def text_cell(gid: int, row: int, column: int, text: str) -> dict[str, Any]:
    start = {"sheetId": gid, "rowIndex": row, "columnIndex": column}
    cell = {"userEnteredValue": {"stringValue": text}}
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


def test_a_new_spreadsheet_gets_the_tabs_and_no_empty_one_stays(book: Book, young_workbook: Workbook) -> None:
    written = book.publish(young_workbook)
    titles = [sheet["properties"]["title"] for sheet in book.sheets]
    assert titles == [tab.title for tab in young_workbook.tabs]
    assert book.calls("POST", ":batchUpdate") == 1
    assert written.url == book.sandbox.page_url(book.id)
    assert written.bytes < 2_000_000


def test_the_same_data_published_again_changes_only_the_stamp(book: Book, young_company: Tables) -> None:
    book.publish(workbook_of(young_company))
    before = {sheet["properties"]["title"]: snapshot(sheet) for sheet in book.sheets}
    written = book.publish(workbook_of(young_company, LATER))
    assert written.cells == written.requests == 14, "one stamp a tab"
    for sheet in book.sheets:
        after = snapshot(sheet)
        changed = {
            at for at, cell in after["cells"].items() if before[sheet["properties"]["title"]]["cells"][at] != cell
        }
        assert changed <= {(1, 0)}
        assert {**after, "cells": 0} == {**before[sheet["properties"]["title"]], "cells": 0}


def test_nothing_is_written_where_nothing_differs(book: Book, young_workbook: Workbook) -> None:
    book.publish(young_workbook)
    book.sandbox.requests.clear()
    written = book.publish(young_workbook)
    assert (written.requests, written.cells, book.calls("POST", ":batchUpdate")) == (0, 0, 0)


def test_text_of_the_crm_is_never_a_formula(book: Book, young_workbook: Workbook) -> None:
    book.publish(young_workbook)
    cells = [cell for sheet in book.sheets for row in cells_of(sheet) for cell in row]
    formulas = {cell["userEnteredValue"].get("formulaValue") for cell in cells if "userEnteredValue" in cell} - {None}
    without_texts = {re.sub(r""""[^"]*"|'[A-Z][a-z A-Z]*'!""", "", text) for text in formulas}
    assert all(re.fullmatch(r"=[A-Z0-9:()*/+,;&<>=-]+", text) for text in without_texts), "cells and operators"
    assert not [text for text in formulas if "evil" in text or "Acme" in text]
    texts = [cell["userEnteredValue"].get("stringValue") for cell in cells if "userEnteredValue" in cell]
    assert '=HYPERLINK("http://evil")' in texts
    assert "=Acme 1" in texts


def test_tabs_of_others_are_neither_read_nor_touched(book: Book, young_workbook: Workbook) -> None:
    book.edit(
        {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "Board notes"}, "fields": "title"}},
        text_cell(0, 3, 2, "ask Ann"),
        {"addSheet": {"properties": {"title": "Forecast"}}},
    )
    before = book.sheet("Board notes")
    book.publish(young_workbook)
    assert book.sheet("Board notes") == before
    ranges = [call.query for call in book.sandbox.requests if "ranges=" in call.query]
    assert ranges
    assert not any("Board" in query for query in ranges)


def test_a_tab_of_the_same_title_with_somebodys_work_is_left_alone(book: Book) -> None:
    book.edit(
        {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "Growth"}, "fields": "title"}},
        text_cell(0, 0, 0, "my own growth model"),
    )
    book.publish(small("ours"))
    assert book.values("Growth") == [["my own growth model"]]
    assert book.values("Growth (KPIs)")[0] == ["ours"]
    book.publish(small("ours again"))
    assert len(book.sheets) == 2
    assert book.values("Growth (KPIs)")[0] == ["ours again"]


@pytest.mark.parametrize(
    "title", ["Company growth", "Wow!", "a!b", "Bob's KPIs!", "'", "A1", "KPI26", "\N{ROCKET}", "=1+1"]
)
def test_a_tab_is_found_again_after_a_rename_and_keeps_its_new_name(book: Book, title: str) -> None:
    book.publish(small("one"))
    rename = {"properties": {"sheetId": book.gid("Growth"), "title": title}, "fields": "title"}
    book.edit({"updateSheetProperties": rename}, {"addSheet": {"properties": {"title": "Mine"}}})
    book.publish(small("two"))
    assert [sheet["properties"]["title"] for sheet in book.sheets] == [title, "Mine"]
    assert book.values(title)[0] == ["two"]


def test_what_readers_write_beside_our_block_survives(book: Book) -> None:
    book.publish(small("a", "b"))
    gid = book.gid("Growth")
    note = {"sheetId": gid, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    font = {"userEnteredFormat": {"textFormat": {"fontFamily": "Georgia"}}}
    book.edit(
        text_cell(gid, 0, 3, "because of the campaign"),
        text_cell(gid, 9, 0, "=below"),
        {"repeatCell": {"range": note, "cell": {"note": "reader's note"}, "fields": "note"}},
        {"repeatCell": {"range": note, "cell": font, "fields": "userEnteredFormat.textFormat.fontFamily"}},
    )
    book.publish(small("c", "b"))
    assert book.values("Growth")[0] == ["c", None, None, "because of the campaign"]
    assert book.values("Growth")[9] == ["=below"]
    first = book.cells("Growth")[0][0]
    assert first["note"] == "reader's note"
    assert first["userEnteredFormat"]["textFormat"]["fontFamily"] == "Georgia"


def test_what_readers_write_below_our_block_moves_down_when_the_block_grows(book: Book) -> None:
    book.publish(small("a", "b"))
    book.edit(text_cell(book.gid("Growth"), 2, 0, "my comment"))
    book.publish(small("a", "b", "c", "d"))
    assert book.values("Growth")[:5] == [["a"], ["b"], ["c"], ["d"], ["my comment"]]


def test_what_readers_write_beside_our_block_moves_right_when_the_block_widens(book: Book) -> None:
    book.publish(small("a"))
    book.edit(text_cell(book.gid("Growth"), 0, 1, "my comment"))
    book.publish(Workbook((Tab("growth", "Growth", ((Cell("a"), Cell("b", Format(bold=True))),)),)))
    assert book.values("Growth")[0] == ["a", "b", "my comment"]
    assert "bold" not in book.cells("Growth")[0][2].get("userEnteredFormat", {}).get("textFormat", {})


def test_edits_inside_our_block_are_overruled(book: Book) -> None:
    book.publish(small("a", "b"))
    book.edit(text_cell(book.gid("Growth"), 1, 0, "oops"))
    assert book.publish(small("a", "b")).cells == 1
    assert book.values("Growth")[:2] == [["a"], ["b"]]


def test_what_a_shorter_block_leaves_behind_is_emptied(book: Book) -> None:
    book.publish(small("a", "b", "c"))
    book.publish(small("a"))
    assert [row for row in book.values("Growth") if row] == [["a"]]


def test_widths_that_a_reader_changed_stay(book: Book) -> None:
    book.publish(small("a", widths=(80,)))
    span = {"sheetId": book.gid("Growth"), "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    book.edit({"updateDimensionProperties": {"range": span, "properties": {"pixelSize": 300}, "fields": "pixelSize"}})
    book.publish(small("b", widths=(80,)))
    assert book.sheet("Growth")["data"][0]["columnMetadata"][0]["pixelSize"] == 300


def test_conditional_formats_of_readers_stay_and_come_first(book: Book) -> None:
    ours = Sign((Area(0, 0, 1, 1),), above=True, color="#17734A")
    book.publish(small(1, rules=(ours,)))
    span = {"sheetId": book.gid("Growth"), "startRowIndex": 0, "endRowIndex": 9, "endColumnIndex": 9}
    condition = {"type": "NUMBER_EQ", "values": [{"userEnteredValue": "7"}]}
    theirs = {"ranges": [span], "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}}}
    book.edit({"addConditionalFormatRule": {"rule": theirs, "index": 1}})
    book.publish(small(1, rules=(replace(ours, above=False),)))
    kinds = [rule["booleanRule"]["condition"]["type"] for rule in book.sheet("Growth")["conditionalFormats"]]
    assert kinds == ["NUMBER_EQ", "NUMBER_LESS"]


def test_a_tab_that_a_later_version_brings_stands_where_its_readers_look(book: Book, young_workbook: Workbook) -> None:
    earlier = [tab for tab in young_workbook.tabs if tab.key not in {"summary", "mrr", "changes"}]
    book.publish(Workbook(tuple(earlier)))
    book.edit({"addSheet": {"properties": {"title": "Mine", "index": 0}}})
    book.publish(young_workbook)
    titles = [sheet["properties"]["title"] for sheet in book.sheets]
    assert titles == ["Mine", *(tab.title for tab in young_workbook.tabs)]
    assert book.publish(young_workbook).requests == 0


def test_a_chart_that_a_reader_moved_stays_there(book: Book, young_company: Tables) -> None:
    book.publish(workbook_of(young_company))
    chart = book.sheet("Growth")["charts"][0]["chartId"]
    place = {"overlayPosition": {"anchorCell": {"sheetId": book.gid("Growth"), "rowIndex": 20, "columnIndex": 1}}}
    book.edit({"updateEmbeddedObjectPosition": {"objectId": chart, "newPosition": place, "fields": "anchorCell"}})
    book.publish(workbook_of(young_company, LATER))
    moved = next(one for one in book.sheet("Growth")["charts"] if one["chartId"] == chart)
    assert moved["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 20


def test_a_row_of_a_reader_is_not_taken_for_a_new_one_that_has_values_in_a_new_column_only(book: Book) -> None:
    def tab(*rows: tuple[Any, ...]) -> Workbook:
        cells = tuple(tuple(Cell(value) for value in row) for row in rows)
        return Workbook((Tab("growth", "Growth", cells, header=0, labels=(0,)),))

    book.publish(tab(("Rep", "Won"), ("Ann", 1), ("Ben", 2)))
    gid = book.gid("Growth")
    span = {"sheetId": gid, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    book.edit({"insertDimension": {"range": span, "inheritFromBefore": False}}, text_cell(gid, 2, 0, "mine"))
    book.publish(tab(("Rep", "Won", "Lost"), ("Ann", 1, 5), ("Cho", None, 9), ("Ben", 2, 6)))
    rows = [row[:3] for row in book.values("Growth")]
    assert ["mine"] in [[value for value in row if value is not None] for row in rows]
    assert ["Cho", None, 9] in rows


def test_a_tab_grows_to_the_cell_that_a_chart_hangs_on(book: Book, young_workbook: Workbook) -> None:
    [tab] = [tab for tab in young_workbook.tabs if tab.key == "growth"]
    without = [replace(one, charts=()) if one is tab else one for one in young_workbook.tabs]
    book.publish(Workbook(tuple(without)))
    grid = {"rowCount": tab.height, "columnCount": max(tab.width, len(tab.widths))}
    properties = {"sheetId": book.gid("Growth"), "gridProperties": grid}
    trimmed = {"properties": properties, "fields": "gridProperties.rowCount,gridProperties.columnCount"}
    book.edit({"updateSheetProperties": trimmed})
    far = replace(tab.charts[0], row=grid["rowCount"], column=grid["columnCount"])
    book.publish(Workbook(tuple(replace(one, charts=(far,)) if one is tab else one for one in young_workbook.tabs)))
    sheet = book.sheet("Growth")
    assert sheet["properties"]["gridProperties"]["rowCount"] > far.row
    assert sheet["properties"]["gridProperties"]["columnCount"] > far.column
    anchor = sheet["charts"][0]["position"]["overlayPosition"]["anchorCell"]
    assert (anchor["rowIndex"], anchor["columnIndex"]) == (far.row, far.column)


def test_a_chart_sheet_with_our_title_is_no_tab_of_ours(book: Book) -> None:
    book.edit(text_cell(0, 0, 0, "mine"))
    source = {"sourceRange": {"sources": [{"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "endColumnIndex": 1}]}}
    spec = {"title": "Mine", "basicChart": {"chartType": "LINE", "series": [{"series": source}]}}
    book.edit({"addChart": {"chart": {"spec": spec, "position": {"newSheet": True}}}})
    [theirs] = [one["properties"]["sheetId"] for one in book.sheets if one["properties"]["sheetType"] == "OBJECT"]
    book.edit({"updateSheetProperties": {"properties": {"sheetId": theirs, "title": "Growth"}, "fields": "title"}})
    book.publish(small("one"))
    kept = {one["properties"]["sheetId"]: one["properties"]["title"] for one in book.sheets}
    assert kept[theirs] == "Growth"
    [ours] = [title for sheet_id, title in kept.items() if sheet_id not in {0, theirs}]
    assert book.values(ours)[0] == ["one"]
    assert book.publish(small("two")).requests
    assert book.values(ours)[0] == ["two"]


@pytest.mark.parametrize("height", [1, 2, 5, 40])
def test_a_new_tab_has_room_for_readers(book: Book, height: int) -> None:
    cells = tuple(tuple(Cell(f"{row} {column}") for column in range(3)) for row in range(height))
    # The first tab is the one that a new spreadsheet has.
    book.publish(Workbook((Tab("growth", "Growth", cells), Tab("reps", "Reps", cells))))
    grid = book.sheet("Reps")["properties"]["gridProperties"]
    assert (grid["rowCount"], grid["columnCount"]) == (height + 20, 7)


def test_a_chart_follows_every_version_of_it(book: Book, young_workbook: Workbook) -> None:
    [tab] = [tab for tab in young_workbook.tabs if tab.key == "growth"]
    chart = tab.charts[0]
    for title, row in (("A", 2), ("B", 3), ("C", 4), ("D", 5), ("E", 6), ("F", 7)):
        changed = replace(tab, charts=(replace(chart, title=title, row=row),))
        book.publish(Workbook(tuple(changed if one is tab else one for one in young_workbook.tabs)))
        [drawn] = book.sheet("Growth")["charts"]
        assert (drawn["spec"]["title"], drawn["position"]["overlayPosition"]["anchorCell"]["rowIndex"]) == (title, row)


def test_a_formula_of_a_reader_in_the_first_row_is_not_taken_for_one_filled_up_from_the_last(book: Book) -> None:
    def reps(*names: str) -> Workbook:
        return Workbook((Tab("growth", "Growth", tuple((Cell(name), Cell(len(name))) for name in names), labels=(0,)),))

    book.publish(reps("Ann", "Bence", "Chloe"))
    gid = book.gid("Growth")
    book.edit(*(formula_cell(gid, row, 3, "=1+1") for row in (0, 2)))
    book.publish(reps("Bence", "Chloe"))
    formulas = [cell.get("userEnteredValue", {}).get("formulaValue") for row in book.cells("Growth") for cell in row]
    assert formulas.count("=1+1") == 2


def test_a_chart_that_is_no_longer_wanted_goes(book: Book, young_workbook: Workbook) -> None:
    book.publish(young_workbook)
    tabs = tuple(replace(tab, charts=()) if tab.key == "sources" else tab for tab in young_workbook.tabs)
    book.publish(Workbook(tabs))
    assert not book.sheet("Sources").get("charts")
    assert book.sheet("Growth")["charts"]


def test_a_copy_that_a_reader_makes_of_our_tab_is_not_ours(book: Book) -> None:
    book.publish(small("one"))
    copy = {"sourceSheetId": book.gid("Growth"), "newSheetName": "Growth in May"}
    book.edit({"duplicateSheet": copy})
    book.publish(small("two"))
    assert book.values("Growth")[0] == ["two"]
    assert book.values("Growth in May")[0] == ["one"]


def test_a_copy_does_not_take_the_place_of_our_tab_that_was_deleted(book: Book) -> None:
    book.publish(small("one"))
    original = book.gid("Growth")
    book.edit({"duplicateSheet": {"sourceSheetId": original, "newSheetName": "Growth in May"}})
    remembered = next(iter(book.sheet("Growth")["developerMetadata"]))
    copied = {key: remembered[key] for key in ("metadataKey", "metadataValue", "visibility")}
    location = {"location": {"sheetId": book.gid("Growth in May")}}
    book.edit(
        {"createDeveloperMetadata": {"developerMetadata": copied | location}},
        {"deleteSheet": {"sheetId": original}},
    )
    book.publish(small("two"))
    assert book.values("Growth in May")[0] == ["one"]
    assert book.values("Growth")[0] == ["two"]
    assert book.publish(small("two")).requests == 0


def test_what_another_program_remembers_of_our_tab_is_left_alone(book: Book) -> None:
    """An add-on that copies developer metadata keeps them under a key of its own; ours have been lost."""
    book.publish(small("one"))
    [remembered] = book.sheet("Growth")["developerMetadata"]
    theirs = {"metadataKey": "copies-of-an-add-on"} | {key: remembered[key] for key in ("metadataValue", "visibility")}
    book.edit(
        {"createDeveloperMetadata": {"developerMetadata": theirs | {"location": {"sheetId": book.gid("Growth")}}}},
        {
            "deleteDeveloperMetadata": {
                "dataFilter": {"developerMetadataLookup": {"metadataId": remembered["metadataId"]}}
            }
        },
    )
    book.publish(small("two"))
    assert book.values("Growth")[0] == ["two"]
    kept = {one["metadataKey"]: one["metadataValue"] for one in book.sheet("Growth")["developerMetadata"]}
    assert kept["copies-of-an-add-on"] == remembered["metadataValue"]
    assert set(kept) == {"copies-of-an-add-on", remembered["metadataKey"]}
    assert book.publish(small("two")).requests == 0


METADATA_KEYS = (
    "sheet",
    "rows",
    "columns",
    "notes",
    "rules",
    "charts",
    "groups",
    "layout",
    "row_labels",
    "column_labels",
)
HAVING_ALL_KINDS = {"Reps", "Cohorts", "Chart data", "Targets"}
"""Tabs that together need every kind of metadata."""


@pytest.mark.parametrize("lacking", [*METADATA_KEYS, "tab", None])
def test_what_the_metadata_lacks_or_has_beyond_does_not_stop_a_publish(
    book: Book, young_workbook: Workbook, lacking: str | None
) -> None:
    """An older version wrote less, a newer one more, a tool of somebody's has overwritten it."""
    workbook = Workbook(tuple(tab for tab in young_workbook.tabs if tab.title in HAVING_ALL_KINDS))
    book.publish(workbook)
    as_published = [{**snapshot(sheet), "metadata": 0} for sheet in book.sheets]
    kinds = set[str | None]({None})
    for sheet in book.sheets:
        [remembered] = sheet["developerMetadata"]
        said = json.loads(remembered["metadataValue"])
        kinds |= {key for key, value in said.items() if value}
        said = {key: value for key, value in said.items() if key != lacking} | {"of_tomorrow": {"x": 1}}
        update = {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": remembered["metadataId"]}}],
            "developerMetadata": {"metadataValue": json.dumps(said) if lacking else "{not ours"},
            "fields": "metadataValue",
        }
        book.edit({"updateDeveloperMetadata": update})
    assert lacking in kinds
    assert book.publish(workbook).cells == 0
    assert [{**snapshot(sheet), "metadata": 0} for sheet in book.sheets] == as_published
    assert book.publish(workbook).requests == 0


def test_rules_that_a_readers_row_has_moved_are_not_added_again(book: Book) -> None:
    ours = Sign((Area(0, 0, 2, 1),), above=True, color="#17734A")
    for number in range(4):
        book.publish(small(1 + number, 2, rules=(ours,)))
        [rule] = book.sheet("Growth")["conditionalFormats"]
        assert [(part.get("startRowIndex", 0), part["endRowIndex"]) for part in rule["ranges"]] == [
            (number, number + 2)
        ]
        span = {"sheetId": book.gid("Growth"), "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
        book.edit({"insertDimension": {"range": span, "inheritFromBefore": False}})
    book.publish(small(9, 2, rules=(ours,)))
    assert len(book.sheet("Growth")["conditionalFormats"]) == 1


def test_rules_that_version_0_1_remembered_are_ours(book: Book) -> None:
    ours = Sign((Area(0, 0, 2, 1),), above=True, color="#17734A")
    book.publish(small(1, 2, rules=(ours,)))
    [remembered] = book.sheet("Growth")["developerMetadata"]
    said = json.loads(remembered["metadataValue"]) | {"rules": ["048748e2c2"]}
    update = {
        "dataFilters": [{"developerMetadataLookup": {"metadataId": remembered["metadataId"]}}],
        "developerMetadata": {"metadataValue": json.dumps(said)},
        "fields": "metadataValue",
    }
    book.edit({"updateDeveloperMetadata": update})
    book.publish(small(1, 2, rules=(ours,)))
    assert len(book.sheet("Growth")["conditionalFormats"]) == 1


def test_charts_draw_their_data_again_after_a_reader_has_moved_it(book: Book, young_company: Tables) -> None:
    workbook = workbook_of(young_company)
    book.publish(workbook)
    drawn = {chart["chartId"]: chart["spec"] for chart in book.sheet("Growth")["charts"]}
    span = {"sheetId": book.gid("Chart data"), "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.edit({"insertDimension": {"range": span, "inheritFromBefore": False}})
    moved = {chart["chartId"]: chart["spec"] for chart in book.sheet("Growth")["charts"]}
    assert moved != drawn
    assert book.publish(workbook).requests == 0
    first = next(iter(drawn))
    book.edit({"updateChartSpec": {"chartId": first, "spec": drawn[first]}})
    book.publish(workbook)
    assert {chart["chartId"]: chart["spec"] for chart in book.sheet("Growth")["charts"]} == moved


@pytest.mark.parametrize("kind", ["status_after", "reset_after"])
def test_a_write_that_was_carried_out_but_not_answered_is_not_repeated(
    book: Book, young_workbook: Workbook, kind: str
) -> None:
    book.sandbox.faults.add(kind, method="POST", path=":batchUpdate")
    book.publish(young_workbook)
    assert book.calls("POST", ":batchUpdate") == 1
    assert [sheet["properties"]["title"] for sheet in book.sheets] == [tab.title for tab in young_workbook.tabs]
    assert [len(book.sheet(title)["charts"]) for title in ("Growth", "MRR")] == [1, 1]


@pytest.mark.parametrize("kind", ["status", "html", "reset"])
def test_a_write_that_was_not_carried_out_is_sent_again(book: Book, kind: str) -> None:
    book.sandbox.faults.add(kind, method="POST", path=":batchUpdate", times=2)
    book.publish(small("a"))
    assert book.calls("POST", ":batchUpdate") == 3
    assert book.values("Growth")[0] == ["a"]


def test_a_refused_batch_changes_nothing(book: Book) -> None:
    book.publish(small("a"))
    before = book.sheets
    bad = {"updateSheetProperties": {"properties": {"sheetId": 4711, "title": "x"}, "fields": "title"}}
    with pytest.raises(SheetsError, match="refused the request: 400"):
        book.edit(text_cell(book.gid("Growth"), 0, 0, "half"), bad)
    assert book.sheets == before


def test_writing_gives_up_after_the_configured_tries(book: Book) -> None:
    book.sandbox.faults.add("status", method="POST", path=":batchUpdate", times=99)
    with pytest.raises(SheetsWriteUncertainError, match="503"):
        book.publish(small("a"))
    assert book.calls("POST", ":batchUpdate") == 3


def test_a_workbook_that_is_too_large_is_not_sent(book: Book) -> None:
    # Notes do not go ahead, as values do.
    rows = tuple((Cell(at, note=f"{at:x>2000}"),) for at in range(5000))
    with pytest.raises(WorkbookTooLargeError, match=r"would take 10\.\d MB.*history_start"):
        book.publish(Workbook((Tab("growth", "Growth", rows),)))
    assert book.calls("POST", ":batchUpdate") == 0


def test_a_write_above_the_recommended_size_warns_and_is_sent(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    rows = tuple((Cell(f"{at:x>2000}"),) for at in range(1100))
    book.publish(Workbook((Tab("growth", "Growth", rows),)))
    assert "Google recommends at most 2 MB" in caplog.text
    assert len(book.values("Growth")) == 1100


def test_three_years_of_ten_reps_fit_into_one_request(book: Book) -> None:
    tables = sample.tables(count=40)
    twice = replace(tables, rep_monthly=tables.rep_monthly.loc[tables.rep_monthly.index.repeat(2)])
    workbook = workbook_of(twice)
    requests = diff(read_spreadsheet(book.client, book.id, workbook), workbook).requests
    assert len(compact_json({"requests": requests})) < 2_000_000


def test_what_lies_over_cells_that_all_go_comes_back_over_the_new_ones(book: Book) -> None:
    def holding(*texts: str) -> Workbook:
        rows = tuple((Cell(text),) for text in texts)
        return Workbook((Tab("growth", "Growth", rows, labels=(0,), names=(("months", Area(0, 0, len(texts), 1)),)),))

    book.publish(holding("Jan", "Feb"))
    book.publish(holding("May", "Jun", "Jul"))
    [months] = book.sandbox.spreadsheet(book.id)["namedRanges"]
    [warning] = book.sheet("Growth")["protectedRanges"]
    assert book.values("Growth") == [["May"], ["Jun"], ["Jul"]]
    assert months["range"]["endRowIndex"] == warning["range"]["endRowIndex"] == 3
    assert book.publish(holding("May", "Jun", "Jul")).requests == 0


def test_a_killed_publish_that_runs_again_gives_the_same_workbook(book: Book, young_workbook: Workbook) -> None:
    book.sandbox.faults.add("reset_after", method="POST", path=":batchUpdate")
    with pytest.raises(SheetsWriteUncertainError):
        replace(book, client=client_of(book.sandbox, retries=0)).publish(young_workbook)
    book.publish(young_workbook)
    other = replace(book, id=book.sandbox.create_spreadsheet("undisturbed"))
    other.publish(young_workbook)
    assert [snapshot(sheet) for sheet in book.sheets] == [snapshot(sheet) for sheet in other.sheets]


def test_a_month_that_comes_leaves_what_readers_have_put_between_ours_in_place(book: Book) -> None:
    """The workbook as it is: a row and a column inserted, a comment, a column of formulas, then the next month."""
    book.publish(workbook_of(sample.tables(first=date(2026, 2, 1), count=5)))
    growth, data = book.gid("Growth"), book.gid("Data growth")

    def insert(gid: int, dimension: str, at: int) -> dict[str, Any]:
        span = {"sheetId": gid, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        return {"insertDimension": {"range": span, "inheritFromBefore": False}}

    book.edit(
        insert(data, "ROWS", 0),
        text_cell(data, 0, 0, "do not touch"),
        insert(data, "COLUMNS", 2),
        text_cell(data, 1, 2, "my column"),
    )
    months = [row for row, line in enumerate(book.values("Data growth")) if isinstance(line[0:1][0], float)]
    right = len(book.values("Data growth")[1])
    for row in months:
        cell = {"userEnteredValue": {"formulaValue": f"=D{row + 1}*12"}}
        start = {"sheetId": data, "rowIndex": row, "columnIndex": right}
        book.edit({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}})
    newest = next(row for row, line in enumerate(book.values("Growth")) if line[1:2] == [46174.0])
    book.edit(text_cell(growth, newest, 20, "Ann: the big deal"))

    tables = sample.tables(first=date(2026, 2, 1), count=6)
    book.publish(workbook_of(tables))
    grid = book.values("Data growth")
    assert grid[0] == ["do not touch"]
    assert grid[1][2] == "my column"
    header = [text for text in grid[1] if text != "my column"]
    assert header[0] == "month"
    rows = {line[0]: line for line in grid[2:] if line}
    assert list(rows) == [float((day - date(1899, 12, 30)).days) for day in tables.growth_monthly["month"]]
    customers = grid[1].index("total_customers")
    assert [line[customers] for line in rows.values()] == [float(n) for n in tables.growth_monthly["total_customers"]]
    formulas = [cell.text for line in rows.values() for cell in line if isinstance(cell, FormulaText)]
    assert formulas == [f"=D{row + 1}*12" for row in months]
    [commented] = [line for line in book.values("Growth") if "Ann: the big deal" in line]
    assert commented[1] == 46174.0
    again = workbook_of(tables)
    assert diff(read_spreadsheet(book.client, book.id, again), again).requests == ()


def test_a_publish_reads_once_writes_once_and_checks_once(book: Book, young_company: Tables) -> None:
    book.publish(workbook_of(young_company))
    book.sandbox.requests.clear()
    book.publish(workbook_of(young_company, LATER))
    assert (book.calls("GET"), book.calls("POST", ":batchUpdate")) == (2, 1)
    book.sandbox.requests.clear()
    book.publish(workbook_of(young_company, LATER))
    assert (book.calls("GET"), book.calls("POST", ":batchUpdate")) == (1, 0)


def months_workbook(count: int, **options: Any) -> Workbook:
    """Return a workbook of one data tab: a row for each month."""
    rows = ((Cell("Month"), Cell("MRR")), *((Cell(f"m{n:02}"), Cell(100 + n)) for n in range(1, count + 1)))
    return Workbook((Tab("growth", "Growth", rows, header=0, labels=(0,), **options),))


def formula_cell(gid: int, row: int, column: int, formula: str) -> dict[str, Any]:
    start = {"sheetId": gid, "rowIndex": row, "columnIndex": column}
    cell = {"userEnteredValue": {"formulaValue": formula}}
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


@pytest.mark.parametrize("beyond", [0, 1, 5])
def test_a_column_of_formulas_filled_beyond_our_last_row_stays_whole(book: Book, beyond: int) -> None:
    book.publish(months_workbook(3))
    gid = book.gid("Growth")
    book.edit(*(formula_cell(gid, row, 2, f"=B{row + 1}*12") for row in range(1, 4 + beyond)))
    book.publish(months_workbook(4))
    assert [line[2:3] for line in book.values("Growth")[1 : 4 + beyond]] == [
        [FormulaText(f"=B{row + 1}*12")] for row in range(1, 4 + beyond)
    ]
    assert book.values("Growth")[4][:2] == ["m04", 104.0]


def test_a_total_below_our_block_moves_down(book: Book) -> None:
    book.publish(months_workbook(3))
    book.edit(text_cell(book.gid("Growth"), 4, 0, "Total"), formula_cell(book.gid("Growth"), 4, 2, "=SUM(B2:B4)"))
    book.publish(months_workbook(4))
    assert book.values("Growth")[4] == ["m04", 104.0]
    assert book.values("Growth")[5] == ["Total", None, FormulaText("=SUM(B2:B4)")]


def test_groups_of_a_reader_above_and_below_the_block_stay_when_its_rows_move(book: Book) -> None:
    def reps(*names: str) -> Workbook:
        rows = ((Cell("Rep"), Cell("Calls")), *((Cell(name), Cell(len(name))) for name in names))
        return Workbook((Tab("growth", "Growth", rows, header=0, labels=(0,), groups=((1, len(rows)),)),))

    def rows(start: int, end: int) -> dict[str, Any]:
        return {"sheetId": gid, "dimension": "ROWS", "startIndex": start, "endIndex": end}

    book.publish(reps("Ann", "Bence", "Chloe"))
    gid = book.gid("Growth")
    book.edit(
        {"insertDimension": {"range": rows(0, 2), "inheritFromBefore": False}},
        text_cell(gid, 0, 0, "mine"),
        text_cell(gid, 1, 0, "mine too"),
        {"addDimensionGroup": {"range": rows(0, 2)}},
        {"addDimensionGroup": {"range": rows(12, 14)}},
    )
    book.publish(reps("Chloe", "Ann", "Bence"))
    groups = {
        (one["range"].get("startIndex", 0), one["range"]["endIndex"]) for one in book.sheet("Growth")["rowGroups"]
    }
    assert groups == {(0, 2), (3, 6), (12, 14)}


def test_rows_inserted_in_a_group_do_not_nest_groups(book: Book) -> None:
    for count in (4, 4, 5, 6):
        book.publish(months_workbook(count, groups=((1, count + 1),)))
        for _ in range(8):
            span = {"sheetId": book.gid("Growth"), "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
            book.edit({"insertDimension": {"range": span, "inheritFromBefore": True}})
    book.publish(months_workbook(6, groups=((1, 7),)))
    [group] = book.sheet("Growth")["rowGroups"]
    assert (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) == (1, 39, 1)


def test_a_name_that_a_reader_has_used_stays_theirs(book: Book) -> None:
    theirs = {"sheetId": 0, "startRowIndex": 7, "endRowIndex": 8, "startColumnIndex": 7, "endColumnIndex": 8}
    book.edit({"addNamedRange": {"namedRange": {"name": "Growth_MRR", "range": theirs}}})
    workbook = months_workbook(3, names=(("growth_mrr", Area(1, 1, 4, 2)), ("growth_month", Area(1, 0, 4, 1))))
    book.publish(workbook)
    named = {one["name"]: one["range"] for one in book.sandbox.spreadsheet(book.id)["namedRanges"]}
    assert set(named) == {"Growth_MRR", "growth_month"}
    assert named["Growth_MRR"]["startRowIndex"] == 7
    assert book.publish(workbook).requests == 0


def test_a_name_that_a_reader_has_changed_stays_changed_and_covers_what_it_did(book: Book) -> None:
    def workbook(count: int) -> Workbook:
        return months_workbook(count, names=(("growth_mrr", Area(1, 1, count + 1, 2)),))

    book.publish(workbook(3))
    [named] = book.sandbox.spreadsheet(book.id)["namedRanges"]
    book.edit({"updateNamedRange": {"namedRange": {**named, "name": "our_mrr"}, "fields": "name"}})
    book.publish(workbook(4))
    [named] = book.sandbox.spreadsheet(book.id)["namedRanges"]
    assert (named["name"], named["range"]["endRowIndex"]) == ("our_mrr", 5)


def guards(book: Book) -> list[dict[str, Any]]:
    [sheet] = book.sheets
    return list(sheet.get("protectedRanges", ()))


def test_whoever_edits_our_block_is_warned_and_may_go_on(book: Book) -> None:
    book.publish(months_workbook(3))
    [guard] = guards(book)
    assert guard["warningOnly"] is True
    assert "put right with the next publish" in guard["description"]
    assert (guard["range"]["startRowIndex"], guard["range"]["endRowIndex"], guard["range"]["endColumnIndex"]) == (
        0,
        4,
        2,
    )
    above = {"sheetId": book.gid("Growth"), "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.edit({"insertDimension": {"range": above}})
    book.publish(months_workbook(4))
    [guard] = guards(book)
    assert (guard["range"]["startRowIndex"], guard["range"]["endRowIndex"]) == (1, 6)
    assert book.publish(months_workbook(4)).requests == 0


def test_a_warning_that_a_reader_has_resized_is_put_right_and_one_taken_away_stays_away(book: Book) -> None:
    book.publish(months_workbook(3))
    [guard] = guards(book)
    span = {**guard["range"], "endRowIndex": 2}
    number = guard["protectedRangeId"]
    resized = {"protectedRangeId": number, "range": span}
    book.edit({"updateProtectedRange": {"protectedRange": resized, "fields": "range"}})
    assert book.publish(months_workbook(3)).requests == 1
    assert guards(book) == [guard]
    book.edit({"deleteProtectedRange": {"protectedRangeId": number}})
    assert book.publish(months_workbook(3)).requests == 0
    assert book.publish(months_workbook(4)).requests > 0
    assert guards(book) == []


def test_a_workbook_of_the_version_before_gets_the_warning(book: Book) -> None:
    book.publish(months_workbook(3))
    [guard] = guards(book)
    [sheet] = book.sheets
    [metadata] = sheet["developerMetadata"]
    value = json.loads(metadata["metadataValue"])
    del value["guard"]
    lookup = {"developerMetadataLookup": {"metadataId": metadata["metadataId"]}}
    forgotten = {"metadataValue": json.dumps(value)}
    change = {"dataFilters": [lookup], "developerMetadata": forgotten, "fields": "metadataValue"}
    book.edit(
        {"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}}, {"updateDeveloperMetadata": change}
    )
    book.publish(months_workbook(3))
    assert guards(book) == [guard]


def test_a_link_that_comes_later_keeps_the_colour_of_its_cell(book: Book) -> None:
    look = Format(color="#17734A")
    for link in (None, "https://app.close.com/lead/lead_1/", None, "https://app.close.com/lead/lead_2/"):
        workbook = Workbook((Tab("growth", "Growth", ((Cell("Acme", look, link=link),),)),))
        book.publish(workbook)
        text = book.cells("Growth")[0][0]["userEnteredFormat"]["textFormat"]
        assert leaves_from_json(book.cells("Growth")[0][0])["textFormat.foregroundColorStyle"] == "#17734A"
        assert text.get("underline", False) is (link is not None)
        assert book.publish(workbook).requests == 0
