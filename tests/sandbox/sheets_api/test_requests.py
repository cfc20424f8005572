"""Each kind of request: what it does, and what Google would refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, colour, formatted, lines, value_cell

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book

VALUE = "userEnteredValue"


def add_sheet(title: str, sheet_id: int, **grid: int) -> Body:
    return {"addSheet": {"properties": {"title": title, "sheetId": sheet_id, "gridProperties": grid}}}


def update_sheet(fields: str, **properties: object) -> Body:
    return {"updateSheetProperties": {"properties": {"sheetId": 0, **properties}, "fields": fields}}


class TestSheets:
    def test_a_sheet_keeps_the_id_the_client_chose(self, book: Book) -> None:
        reply = book.apply(add_sheet("Growth", 5, rowCount=10))
        properties = reply[0]["addSheet"]["properties"]
        assert (properties["sheetId"], properties["index"]) == (5, 1)
        assert properties["gridProperties"] == {"rowCount": 10, "columnCount": 26}

    def test_a_taken_title_or_id_is_refused(self, book: Book) -> None:
        taken = 'A sheet with the name "sheet1" already exists. Please enter another name.'
        assert book.refusal(add_sheet("sheet1", 5)) == f"Invalid requests[0].addSheet: {taken}"
        assert "already exists" in book.refusal(add_sheet("B", 0))

    def test_properties_change_leaf_by_leaf(self, book: Book) -> None:
        frozen = {"frozenRowCount": 2, "frozenColumnCount": 1}
        book.apply(update_sheet("gridProperties.frozenRowCount,title", title="T", gridProperties=frozen))
        properties = book.get()["sheets"][0]["properties"]
        assert properties["title"] == "T"
        assert properties["gridProperties"] == {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 2}

    def test_hiding_the_last_visible_sheet_is_refused(self, book: Book) -> None:
        message = book.refusal(update_sheet("hidden", hidden=True))
        assert message == "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."

    def test_deleting_the_last_sheet_is_refused(self, book: Book) -> None:
        message = book.refusal({"deleteSheet": {"sheetId": 0}})
        assert message == "Invalid requests[0].deleteSheet: You can't remove all the sheets in a document."

    def test_a_missing_sheet_is_named(self, book: Book) -> None:
        message = book.refusal({"deleteSheet": {"sheetId": 3}})
        assert message == "Invalid requests[0].deleteSheet: No sheet with id: 3"

    def test_freezing_all_rows_is_refused(self, book: Book) -> None:
        grid = {"frozenRowCount": 1000}
        assert "freeze all visible rows" in book.refusal(
            update_sheet("gridProperties.frozenRowCount", gridProperties=grid)
        )

    @pytest.mark.parametrize(("name", "what"), [("frozenRowCount", "rows"), ("frozenColumnCount", "columns")])
    def test_freezing_through_a_merge_is_refused(self, book: Book, name: str, what: str) -> None:
        book.apply({"mergeCells": {"range": area(1, 3, 1, 3)}})
        for count, is_refused in ((1, False), (2, True), (3, False)):
            request = update_sheet(f"gridProperties.{name}", gridProperties={name: count})
            answer = book.post(request)
            assert (answer.status_code == 400) == is_refused
        assert f"freeze {what} that contain only part of a merged cell" in book.refusal(
            update_sheet(f"gridProperties.{name}", gridProperties={name: 2})
        )

    def test_a_smaller_grid_drops_what_lies_outside(self, book: Book) -> None:
        book.write(["a"], ["b"], ["c"])
        book.apply(update_sheet("gridProperties.rowCount", gridProperties={"rowCount": 2}))
        book.apply(update_sheet("gridProperties.rowCount", gridProperties={"rowCount": 3}))
        assert len(book.sheet()["data"][0]["rowData"]) == 2

    @pytest.mark.parametrize(("index", "order"), [(0, "CAB"), (1, "ACB"), (3, "ABC")])
    def test_a_sheet_moves_to_an_index(self, book: Book, index: int, order: str) -> None:
        book.apply(update_sheet("title", title="A"), add_sheet("B", 1), add_sheet("C", 2))
        move = {"properties": {"sheetId": 2, "index": index}, "fields": "index"}
        book.apply({"updateSheetProperties": move})
        sheets = book.get()["sheets"]
        assert "".join(sheet["properties"]["title"] for sheet in sheets) == order
        assert [sheet["properties"]["index"] for sheet in sheets] == [0, 1, 2]

    def test_a_duplicate_has_the_cells_and_its_own_object_ids(self, book: Book) -> None:
        book.write(["a"])
        bands = {"firstBandColor": colour(1), "secondBandColor": colour(0, 1)}
        banded = {"bandedRangeId": 4, "range": area(0, 2, 0, 2), "rowProperties": bands}
        book.apply({"addBanding": {"bandedRange": banded}}, {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 8}})
        copy, original = book.get()["sheets"]
        assert copy["properties"]["title"] == "Copy of Sheet1"
        assert copy["bandedRanges"][0]["range"]["sheetId"] == 8
        assert copy["bandedRanges"][0]["bandedRangeId"] != original["bandedRanges"][0]["bandedRangeId"]

    def test_the_spreadsheets_title_and_time_zone_change(self, book: Book) -> None:
        properties = {"title": "T", "timeZone": "Europe/Berlin"}
        book.apply({"updateSpreadsheetProperties": {"properties": properties, "fields": "title,timeZone"}})
        assert book.get(fields="properties(title,timeZone)")["properties"] == properties


class TestCells:
    def test_update_cells_with_a_range_clears_what_no_row_covers(self, book: Book) -> None:
        book.write([1, 2, 3], [4, 5, 6])
        rows = [{"values": [value_cell("a")]}]
        book.apply({"updateCells": {"range": area(0, 2, 0, 2), "rows": rows, "fields": VALUE}})
        shown = [[book.cell(row, column).get("formattedValue") for column in range(3)] for row in range(2)]
        assert shown == [["a", None, "3"], [None, None, "6"]]

    def test_update_cells_with_a_start_leaves_the_rest(self, book: Book) -> None:
        book.write([1, 2], [3, 4])
        book.write(["a"])
        assert book.cell(0, 1)["formattedValue"] == "2"
        assert book.cell(1, 0)["formattedValue"] == "3"

    def test_the_mask_decides_what_changes(self, book: Book) -> None:
        book.write(["a"])
        note = {"range": area(0, 1, 0, 1), "rows": [{"values": [{"note": "n"}]}], "fields": "note"}
        book.apply({"updateCells": note})
        bold = {"textFormat": {"bold": True, "italic": True}}
        book.apply(formatted(area(0, 1, 0, 1), bold, "userEnteredFormat.textFormat.bold"))
        cell = book.cell(0, 0)
        assert (cell["formattedValue"], cell["note"]) == ("a", "n")
        assert cell["userEnteredFormat"] == {"textFormat": {"bold": True}}

    def test_a_mask_over_a_whole_message_clears_what_the_body_leaves_out(self, book: Book) -> None:
        block = area(0, 1, 0, 1)
        book.apply(formatted(block, {"textFormat": {"italic": True}}, "userEnteredFormat.textFormat"))
        book.apply(formatted(block, {"textFormat": {"bold": True}}, "userEnteredFormat(textFormat)"))
        assert book.cell(0, 0)["userEnteredFormat"] == {"textFormat": {"bold": True}}
        book.apply(formatted(block, {}, "userEnteredFormat"))
        assert book.cell(0, 0) == {}

    def test_writing_outside_the_grid_is_refused(self, book: Book) -> None:
        rows = [{"values": [value_cell(1)]}]
        low = {"start": {"rowIndex": 1000}, "rows": rows, "fields": VALUE}
        expected = "Invalid requests[0].updateCells: GridCoordinate.rowIndex[1000] is after last row in grid[999]"
        assert book.refusal({"updateCells": low}) == expected
        wide = {"start": {"columnIndex": 26}, "rows": rows, "fields": VALUE}
        assert "columnIndex[26] is after last column in grid[25]" in book.refusal({"updateCells": wide})
        assert "exceeds grid limits" in book.refusal(formatted(area(0, 1001, 0, 1), {}, "userEnteredFormat"))
        long = {"start": {"rowIndex": 999}, "rows": rows * 2, "fields": VALUE}
        assert "rowIndex[1000]" in book.refusal({"updateCells": long})

    def test_more_rows_than_the_range_are_refused(self, book: Book) -> None:
        rows = [{"values": [value_cell(1)]}] * 2
        message = book.refusal({"updateCells": {"range": area(3, 4, 0, 1), "rows": rows, "fields": VALUE}})
        assert "Attempting to write row: 4, beyond the last requested row of: 3" in message

    def test_a_number_format_needs_a_type(self, book: Book) -> None:
        look = {"numberFormat": {"pattern": "0.0%"}}
        assert "number format type" in book.refusal(formatted(area(0, 1, 0, 1), look, "userEnteredFormat.numberFormat"))

    def test_a_value_has_one_kind(self, book: Book) -> None:
        cell = {"userEnteredValue": {"numberValue": 1, "stringValue": "x"}}
        request = {"range": area(0, 1, 0, 1), "rows": [{"values": [cell]}], "fields": VALUE}
        assert "Only one kind of value" in book.refusal({"updateCells": request})

    def test_a_text_that_looks_like_a_formula_stays_a_text(self, book: Book) -> None:
        cell = {"userEnteredValue": {"stringValue": '=HYPERLINK("http://x")'}}
        book.apply({"updateCells": {"range": area(0, 1, 0, 1), "rows": [{"values": [cell]}], "fields": VALUE}})
        assert book.cell(0, 0)["effectiveValue"] == cell["userEnteredValue"]
        assert "hyperlink" not in book.cell(0, 0)

    def test_formulas_hyperlink_sparkline_and_arithmetic(self, book: Book) -> None:
        link = '=HYPERLINK("https://app.close.com/lead/1", "Acme")'
        book.write([4, "=A1/8", link, "=SPARKLINE(A1:A1)", "=QUERY(A1)", "=A1/0", '="a"&A1'])
        shown = [book.cell(0, column).get("formattedValue") for column in range(7)]
        assert shown == ["4", "0.5", "Acme", None, "#NAME?", "#DIV/0!", "a4"]
        assert book.cell(0, 2)["hyperlink"] == "https://app.close.com/lead/1"

    def test_a_link_of_the_text_format_is_the_cells_hyperlink(self, book: Book) -> None:
        book.write(["Acme"])
        look = {"textFormat": {"link": {"uri": "https://close.com"}}}
        book.apply(formatted(area(0, 1, 0, 1), look, "userEnteredFormat.textFormat.link"))
        cell = book.cell(0, 0)
        assert cell["hyperlink"] == "https://close.com"
        assert cell["effectiveFormat"]["textFormat"]["underline"] is True

    def test_borders_go_around_and_inside(self, book: Book) -> None:
        solid = {"style": "SOLID", "color": colour(1)}
        book.apply({"updateBorders": {"range": area(0, 2, 0, 2), "top": solid, "innerHorizontal": {"style": "DOTTED"}}})
        top, below = (book.cell(row, 0)["userEnteredFormat"]["borders"] for row in (0, 1))
        assert set(top) == {"top", "bottom"}
        assert below["top"]["style"] == "DOTTED"
        book.apply({"updateBorders": {"range": area(0, 2, 0, 2), "top": {"style": "NONE"}}})
        assert set(book.cell(0, 0)["userEnteredFormat"]["borders"]) == {"bottom"}

    def test_appended_cells_follow_the_last_row_with_data(self, book: Book) -> None:
        book.write(["a"], row=4)
        book.apply({"appendCells": {"sheetId": 0, "rows": [{"values": [value_cell("b")]}], "fields": VALUE}})
        assert book.cell(5, 0)["formattedValue"] == "b"

    def test_data_validation_is_set_and_cleared(self, book: Book) -> None:
        rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": 1}]}, "strict": True}
        book.apply({"setDataValidation": {"range": area(0, 1, 0, 1), "rule": rule}})
        assert book.cell(0, 0)["dataValidation"]["condition"]["values"] == [{"userEnteredValue": "1"}]
        book.apply({"setDataValidation": {"range": area(0, 1, 0, 1)}})
        assert book.cell(0, 0) == {}

    def test_copy_cut_and_sort(self, book: Book) -> None:
        book.write([3, "c"], [1, "a"], [None, "x"], [2, "b"])
        spec = [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]
        book.apply({"sortRange": {"range": area(0, 4, 0, 2), "sortSpecs": spec}})
        assert [book.cell(row, 1)["formattedValue"] for row in range(4)] == ["c", "b", "a", "x"]
        book.apply({"copyPaste": {"source": area(0, 1, 1, 2), "destination": area(0, 2, 3, 4)}})
        assert book.cell(1, 3)["formattedValue"] == "c"
        book.apply({"cutPaste": {"source": area(0, 1, 0, 1), "destination": {"rowIndex": 9}}})
        assert book.cell(9, 0)["formattedValue"] == "3"
        assert book.cell(0, 0) == {}


class TestDimensions:
    def test_sizes_and_hiding(self, book: Book) -> None:
        request = {"range": lines("COLUMNS", 1, 3), "properties": {"pixelSize": 60}, "fields": "pixelSize"}
        hide = {"range": lines("ROWS", 0, 1), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        book.apply({"updateDimensionProperties": request}, {"updateDimensionProperties": hide})
        data = book.sheet()["data"][0]
        assert [item["pixelSize"] for item in data["columnMetadata"][:4]] == [100, 60, 60, 100]
        assert data["rowMetadata"][0] == {"pixelSize": 21, "hiddenByUser": True}

    def test_insert_moves_cells_and_everything_that_refers_to_them(self, book: Book) -> None:
        book.write(["a"], ["b"])
        place = {"overlayPosition": {"anchorCell": {"rowIndex": 5}}}
        series = [{"series": {"sourceRange": {"sources": [area(0, 2, 0, 1)]}}}]
        chart = {"chartId": 3, "position": place, "spec": {"basicChart": {"chartType": "LINE", "series": series}}}
        metadata = {
            "metadataId": 9,
            "metadataKey": "kpi",
            "visibility": "DOCUMENT",
            "location": {"dimensionRange": lines("ROWS", 1, 2)},
        }
        book.apply(
            {"addChart": {"chart": chart}},
            {"addNamedRange": {"namedRange": {"name": "both", "range": area(0, 2, 0, 1)}}},
            {"createDeveloperMetadata": {"developerMetadata": metadata}},
            {"insertDimension": {"range": lines("ROWS", 1, 3)}},
        )
        assert book.cell(3, 0)["formattedValue"] == "b"
        resource = book.get(includeGridData="true")
        moved = resource["sheets"][0]["charts"][0]
        assert moved["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 7}
        source = moved["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"][0]
        assert (source["startRowIndex"], source["endRowIndex"]) == (0, 4)
        assert resource["namedRanges"][0]["range"]["endRowIndex"] == 4
        rows = resource["sheets"][0]["data"][0]["rowMetadata"]
        assert rows[3]["developerMetadata"][0]["metadataId"] == 9
        assert len(rows) == 1002

    def test_inserted_rows_take_the_format_of_their_neighbour(self, book: Book) -> None:
        book.apply(formatted(area(0, 1, 0, 1), {"textFormat": {"bold": True}}, "userEnteredFormat.textFormat"))
        book.apply({"insertDimension": {"range": lines("ROWS", 1, 2), "inheritFromBefore": True}})
        assert book.cell(1, 0)["userEnteredFormat"] == {"textFormat": {"bold": True}}

    def test_delete_moves_up_and_drops_what_was_there(self, book: Book) -> None:
        book.write(["a"], ["b"], ["c"])
        book.apply(
            {"mergeCells": {"range": area(1, 2, 0, 2)}},
            {"addNamedRange": {"namedRange": {"name": "gone", "range": area(1, 2, 0, 1)}}},
            {"deleteDimension": {"range": lines("ROWS", 1, 2)}},
        )
        assert book.cell(1, 0)["formattedValue"] == "c"
        assert "namedRanges" not in book.get()
        assert "merges" not in book.get()["sheets"][0]

    def test_deleting_all_or_all_unfrozen_rows_is_refused(self, book: Book) -> None:
        message = book.refusal({"deleteDimension": {"range": lines("ROWS", 0, 1000)}})
        assert message.endswith("You can't delete all the rows on the sheet.")
        book.apply(update_sheet("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1}))
        message = book.refusal({"deleteDimension": {"range": lines("ROWS", 1, 1000)}})
        assert "non-frozen rows" in message

    def test_append_enlarges_the_grid(self, book: Book) -> None:
        book.apply({"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 4}})
        assert book.get()["sheets"][0]["properties"]["gridProperties"]["columnCount"] == 30

    def test_auto_resize_follows_the_longest_text(self, book: Book) -> None:
        book.write(["x" * 60, "y"])
        book.apply({"autoResizeDimensions": {"dimensions": lines("COLUMNS", 0, 2)}})
        first, second = book.sheet()["data"][0]["columnMetadata"][:2]
        assert first["pixelSize"] > 300 > second["pixelSize"]

    def test_groups_nest_collapse_and_go(self, book: Book) -> None:
        add = [{"addDimensionGroup": {"range": lines("ROWS", *span)}} for span in ((2, 8), (3, 5))]
        reply = book.apply(*add)[1]["addDimensionGroup"]["dimensionGroups"]
        assert [(item["range"]["startIndex"], item["range"]["endIndex"], item["depth"]) for item in reply] == [
            (2, 8, 1),
            (3, 5, 2),
        ]
        group = {"range": lines("ROWS", 3, 5), "depth": 2, "collapsed": True}
        book.apply({"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
        sheet = book.sheet()
        assert sheet["rowGroups"][1]["collapsed"] is True
        assert sheet["properties"]["gridProperties"]["rowGroupControlAfter"] is True
        assert [row.get("hiddenByUser", False) for row in sheet["data"][0]["rowMetadata"][2:6]] == [
            False,
            True,
            True,
            False,
        ]
        book.apply({"deleteDimensionGroup": {"range": lines("ROWS", 3, 5)}})
        assert book.apply({"deleteDimensionGroup": {"range": lines("ROWS", 2, 8)}}) == [{"deleteDimensionGroup": {}}]


class TestObjects:
    def test_merges(self, book: Book) -> None:
        book.write(["a", "b"], ["c", "d"])
        book.apply({"mergeCells": {"range": area(0, 2, 0, 2), "mergeType": "MERGE_ROWS"}})
        assert len(book.get()["sheets"][0]["merges"]) == 2
        assert book.cell(0, 1) == {}
        assert "select all cells in a merged range" in book.refusal({"unmergeCells": {"range": area(0, 2, 0, 1)}})
        book.apply({"unmergeCells": {"range": area(0, 2, 0, 2)}})
        assert "merges" not in book.get()["sheets"][0]

    def test_merging_over_the_frozen_edge_is_refused(self, book: Book) -> None:
        book.apply(update_sheet("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1}))
        assert "frozen and non-frozen rows" in book.refusal({"mergeCells": {"range": area(0, 2, 0, 1)}})

    def test_conditional_rules_are_numbered_and_shift(self, book: Book) -> None:
        def rule(bound: str) -> Body:
            condition = {"type": "NUMBER_LESS", "values": [{"userEnteredValue": bound}]}
            return {
                "ranges": [area(0, 9, 0, 1)],
                "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}},
            }

        book.apply(*({"addConditionalFormatRule": {"rule": rule(bound), "index": 0}} for bound in "ab"))
        moved = book.apply({"updateConditionalFormatRule": {"index": 1, "newIndex": 0, "sheetId": 0}})
        assert moved[0]["updateConditionalFormatRule"]["oldIndex"] == 1
        replaced = book.apply({"updateConditionalFormatRule": {"index": 0, "rule": rule("c")}})
        old = replaced[0]["updateConditionalFormatRule"]["oldRule"]
        assert old["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "a"}]
        book.apply({"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}})
        message = book.refusal({"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}})
        expected = "Invalid requests[0].deleteConditionalFormatRule: No conditional format on sheet: 0 at index: 1"
        assert message == expected

    @pytest.mark.parametrize(
        ("condition", "look", "text"),
        [
            ({"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "1"}]}, {}, "requires exactly 2"),
            ({"type": "BOOLEAN"}, {}, "not supported"),
            ({"type": "BLANK"}, {"textFormat": {"fontSize": 20}}, "can only have"),
            ({"type": "BLANK"}, {"numberFormat": {"type": "NUMBER"}}, "can only have"),
        ],
    )
    def test_a_rule_google_would_not_take_is_refused(self, book: Book, condition: Body, look: Body, text: str) -> None:
        rule = {"ranges": [area(0, 1, 0, 1)], "booleanRule": {"condition": condition, "format": look}}
        assert text in book.refusal({"addConditionalFormatRule": {"rule": rule}})

    def test_charts_are_added_replaced_moved_and_deleted(self, book: Book) -> None:
        def spec(title: str, rows: int = 5) -> Body:
            source = {"sourceRange": {"sources": [area(0, rows, 1, 2)]}}
            return {"title": title, "basicChart": {"chartType": "LINE", "series": [{"series": source}]}}

        chart = {"chartId": 42, "spec": spec("One"), "position": {"overlayPosition": {"anchorCell": {"rowIndex": 3}}}}
        added = book.apply({"addChart": {"chart": chart}})[0]["addChart"]["chart"]
        assert added["position"]["overlayPosition"]["widthPixels"] == 600
        assert "already exists" in book.refusal({"addChart": {"chart": chart}})
        move = {"objectId": 42, "newPosition": {"overlayPosition": {"widthPixels": 300}}, "fields": "widthPixels"}
        book.apply({"updateChartSpec": {"chartId": 42, "spec": spec("Two")}}, {"updateEmbeddedObjectPosition": move})
        kept = book.get()["sheets"][0]["charts"][0]
        assert (kept["chartId"], kept["spec"]["title"]) == (42, "Two")
        assert kept["position"]["overlayPosition"] == {
            "anchorCell": {"rowIndex": 3},
            "widthPixels": 300,
            "heightPixels": 371,
        }
        book.apply({"deleteEmbeddedObject": {"objectId": 42}})
        assert book.refusal({"updateChartSpec": {"chartId": 42, "spec": spec("x")}}).endswith("No chart with id: 42")

    def test_a_chart_source_needs_one_row_or_one_column(self, book: Book) -> None:
        series = [{"series": {"sourceRange": {"sources": [area(0, 2, 0, 2)]}}}]
        chart = {"spec": {"basicChart": {"chartType": "LINE", "series": series}}}
        expected = "ChartSourceRange ranges require all rows or all columns to have length of 1"
        assert book.refusal({"addChart": {"chart": chart}}) == f"Invalid requests[0].addChart: {expected}"

    def test_banding_may_not_overlap(self, book: Book) -> None:
        def banding(band_id: int, top: int) -> Body:
            bands = {"firstBandColor": colour(1), "secondBandColor": colour(0, 1)}
            return {
                "addBanding": {
                    "bandedRange": {"bandedRangeId": band_id, "range": area(top, top + 4, 0, 2), "rowProperties": bands}
                }
            }

        book.apply(banding(1, 0))
        assert "alternating background colors" in book.refusal(banding(2, 2))
        book.apply(banding(2, 4))
        change = {"bandedRange": {"bandedRangeId": 1, "range": area(0, 3, 0, 2)}, "fields": "range"}
        book.apply({"updateBanding": change}, {"deleteBanding": {"bandedRangeId": 2}})
        bands = book.get()["sheets"][0]["bandedRanges"]
        assert [(band["bandedRangeId"], band["range"]["endRowIndex"]) for band in bands] == [(1, 3)]
        assert bands[0]["rowProperties"]["secondBandColorStyle"] == {"rgbColor": {"green": 1}}

    def test_a_warning_only_protection_has_no_editors_of_its_own(self, book: Book) -> None:
        wrong = {"range": area(0, 1, 0, 1), "warningOnly": True, "editors": {"users": ["a@b.c"]}}
        message = book.refusal({"addProtectedRange": {"protectedRange": wrong}})
        assert message.endswith("ProtectedRange is warningOnly. Editors cannot be set on it.")
        book.apply({"addProtectedRange": {"protectedRange": {"protectedRangeId": 4, "range": {"sheetId": 0}}}})
        message = book.refusal({"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}})
        assert message.endswith('Sheet "Sheet1" already has sheet protection.')
        change = {"protectedRange": {"protectedRangeId": 4, "description": "Ours"}, "fields": "description"}
        book.apply({"updateProtectedRange": change})
        assert book.get()["sheets"][0]["protectedRanges"][0]["description"] == "Ours"
        book.apply({"deleteProtectedRange": {"protectedRangeId": 4}})
        assert book.refusal({"deleteProtectedRange": {"protectedRangeId": 4}}).endswith("No protected range with id: 4")

    def test_named_ranges(self, book: Book) -> None:
        add = {"addNamedRange": {"namedRange": {"namedRangeId": "x", "name": "arr", "range": area(0, 1, 0, 1)}}}
        book.apply(add)
        message = book.refusal({"addNamedRange": {"namedRange": {"name": "ARR", "range": area(0, 1, 0, 1)}}})
        assert message.endswith("Cannot add named range with name: ARR, a named range with that name already exists.")
        book.apply({"updateNamedRange": {"namedRange": {"namedRangeId": "x", "name": "mrr"}, "fields": "name"}})
        assert book.get(fields="namedRanges.name") == {"namedRanges": [{"name": "mrr"}]}
        book.apply({"deleteNamedRange": {"namedRangeId": "x"}})
        assert book.get(fields="namedRanges") == {}

    def test_developer_metadata_is_found_changed_and_deleted_by_its_key(self, book: Book) -> None:
        def metadata(metadata_id: int, value: str, **location: object) -> Body:
            item = {"metadataId": metadata_id, "metadataKey": "kpi", "metadataValue": value, "visibility": "DOCUMENT"}
            return {"createDeveloperMetadata": {"developerMetadata": {**item, "location": location}}}

        book.apply(metadata(1, "a", sheetId=0), metadata(2, "b", spreadsheet=True))
        assert "already exists" in book.refusal(metadata(1, "c", sheetId=0))
        resource = book.get()
        assert resource["developerMetadata"][0]["location"] == {"locationType": "SPREADSHEET", "spreadsheet": True}
        assert resource["sheets"][0]["developerMetadata"][0]["location"] == {"locationType": "SHEET"}
        wanted = [{"developerMetadataLookup": {"metadataKey": "kpi", "metadataValue": "a"}}]
        change = {"dataFilters": wanted, "developerMetadata": {"metadataValue": "z"}, "fields": "metadataValue"}
        changed = book.apply({"updateDeveloperMetadata": change})[0]["updateDeveloperMetadata"]
        assert [item["metadataId"] for item in changed["developerMetadata"]] == [1]
        gone = book.apply({
            "deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataKey": "kpi"}}}
        })
        assert len(gone[0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 2
        assert "developerMetadata" not in book.get()

    def test_a_basic_filter_covers_the_grid_and_goes(self, book: Book) -> None:
        book.apply({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
        assert book.get()["sheets"][0]["basicFilter"]["range"]["endColumnIndex"] == 26
        book.apply({"clearBasicFilter": {"sheetId": 0}})
        assert "basicFilter" not in book.get()["sheets"][0]
