"""Filters, tables, slicers, pivot tables and chart sheets: kept, sent back, and moved with the rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.sheets_api.support import area, http, lines

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book

HIDDEN = {"hiddenValues": ["x"]}
PIVOT = {
    "source": area(0, 5, 1, 4),
    "rows": [{"sourceColumnOffset": 1, "sortOrder": "ASCENDING"}],
    "values": [{"sourceColumnOffset": 2, "summarizeFunction": "SUM"}],
}


def sheet(book: Book, index: int = 0, **query: str) -> Body:
    return book.get(**query)["sheets"][index]


def insert(dimension: str, at: int, count: int = 1) -> Body:
    return {"insertDimension": {"range": lines(dimension, at, at + count)}}


def delete(dimension: str, at: int, count: int = 1) -> Body:
    return {"deleteDimension": {"range": lines(dimension, at, at + count)}}


def bounds(span: Body) -> tuple[int, ...]:
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return tuple(span.get(name, 0) for name in names)


class TestFilters:
    def test_a_basic_filter_follows_rows_and_columns(self, book: Book) -> None:
        said = {"range": area(0, 5, 0, 3), "filterSpecs": [{"columnIndex": 2, "filterCriteria": HIDDEN}]}
        book.apply({"setBasicFilter": {"filter": said}})
        found = sheet(book)["basicFilter"]
        assert found["criteria"] == {"2": HIDDEN}
        book.apply(insert("COLUMNS", 1), insert("ROWS", 2, 2), delete("COLUMNS", 0))
        found = sheet(book)["basicFilter"]
        assert bounds(found["range"]) == (0, 7, 0, 3)
        assert (found["criteria"], found["filterSpecs"][0]["columnIndex"]) == ({"2": HIDDEN}, 2)
        book.apply(delete("COLUMNS", 2))
        found = sheet(book)["basicFilter"]
        assert ("criteria" in found, "filterSpecs" in found) == (False, False)

    def test_filter_views_are_added_changed_duplicated_and_deleted(self, book: Book) -> None:
        view = {"filterViewId": 4, "title": "Mine", "range": area(0, 3, 0, 2), "criteria": {"0": HIDDEN}}
        [added] = book.apply({"addFilterView": {"filter": view}})
        assert added["addFilterView"]["filter"]["filterSpecs"] == [{"filterCriteria": HIDDEN}]
        changed = {"filterViewId": 4, "title": "Ours", "range": area(0, 9, 0, 2)}
        [_, copied] = book.apply(
            {"updateFilterView": {"filter": changed, "fields": "title,range,criteria"}},
            {"duplicateFilterView": {"filterId": 4}},
        )
        assert copied["duplicateFilterView"]["filter"]["title"] == "Copy of Ours"
        views = sheet(book)["filterViews"]
        assert [(one["title"], bounds(one["range"])) for one in views] == [
            ("Ours", (0, 9, 0, 2)),
            ("Copy of Ours", (0, 9, 0, 2)),
        ]
        assert "criteria" not in views[0]
        book.apply(insert("ROWS", 0), {"deleteFilterView": {"filterId": 4}})
        [left] = sheet(book)["filterViews"]
        assert bounds(left["range"]) == (1, 10, 0, 2)

    def test_a_filter_view_may_stand_on_a_name(self, book: Book) -> None:
        book.apply(
            {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "all", "range": area(1, 3, 0, 2)}}},
            {"addFilterView": {"filter": {"namedRangeId": "n"}}},
        )
        assert bounds(sheet(book)["filterViews"][0]["range"]) == (1, 3, 0, 2)
        assert "No named range" in book.refusal({"addFilterView": {"filter": {"namedRangeId": "x"}}})

    def test_what_is_not_there_is_refused(self, book: Book) -> None:
        assert "No filter view with id: 9" in book.refusal({"deleteFilterView": {"filterId": 9}})
        book.apply({"addFilterView": {"filter": {"filterViewId": 4}}})
        assert "already exists" in book.refusal({"addFilterView": {"filter": {"filterViewId": 4}}})


class TestTables:
    def table(self, **more: object) -> Body:
        return {"addTable": {"table": {"tableId": "t1", "name": "Deals", "range": area(1, 4, 1, 4), **more}}}

    def test_a_table_tells_the_names_of_its_header_row(self, book: Book) -> None:
        book.write(["Lead", "Won"], row=1, column=1)
        typed = [{"columnIndex": 1, "columnType": "DOUBLE"}, {"columnIndex": 2, "columnName": "Value"}]
        book.apply(self.table(columnProperties=typed))
        columns = sheet(book)["tables"][0]["columnProperties"]
        assert [(one["columnName"], one["columnType"]) for one in columns] == [
            ("Lead", "TEXT"),
            ("Won", "DOUBLE"),
            ("Value", "TEXT"),
        ]
        assert book.cell(1, 3)["formattedValue"] == "Value"

    def test_a_table_follows_rows_and_columns(self, book: Book) -> None:
        book.write(["Lead", "Won", "Value"], row=1, column=1)
        book.apply(self.table(columnProperties=[{"columnIndex": 2, "columnType": "CURRENCY"}]))
        book.apply(insert("ROWS", 3, 2), insert("COLUMNS", 2), insert("COLUMNS", 0), delete("COLUMNS", 2))
        table = sheet(book)["tables"][0]
        assert bounds(table["range"]) == (1, 6, 2, 5)
        types = [(one["columnName"], one["columnType"]) for one in table["columnProperties"]]
        assert types == [("Column 1", "TEXT"), ("Won", "TEXT"), ("Value", "CURRENCY")]
        book.apply(delete("ROWS", 0, 9))
        assert "tables" not in sheet(book)

    def test_a_table_is_told_among_the_banded_ranges_unless_they_exclude_it(self, book: Book) -> None:
        book.write(["Lead"], row=1, column=1)
        book.apply(self.table())
        [band] = sheet(book)["bandedRanges"]
        assert bounds(band["range"]) == (1, 4, 1, 4)
        assert "bandedRanges" not in sheet(book, excludeTablesInBandedRanges="true")
        assert book.cell(1, 1)["effectiveFormat"]["backgroundColor"] == band["rowProperties"]["headerColor"]
        book.apply({"deleteBanding": {"bandedRangeId": band["bandedRangeId"]}})
        assert "tables" not in sheet(book)
        assert book.cell(1, 1)["formattedValue"] == "Lead"

    def test_tables_are_changed_and_removed_with_their_cells(self, book: Book) -> None:
        book.write(["Lead"], row=1, column=1)
        book.apply(
            self.table(),
            {
                "updateTable": {
                    "table": {"tableId": "t1", "name": "Won", "range": area(1, 9, 1, 4)},
                    "fields": "name,range",
                }
            },
        )
        [table] = sheet(book)["tables"]
        assert (table["name"], bounds(table["range"])) == ("Won", (1, 9, 1, 4))
        book.apply({"deleteTable": {"tableId": "t1"}})
        assert "tables" not in sheet(book)
        assert book.cell(1, 1) == {}

    @pytest.mark.parametrize(
        ("more", "text"),
        [
            ({"name": "deals", "range": area(8, 9, 0, 1)}, "A table with the name deals already exists."),
            ({"name": "B", "range": area(3, 9, 3, 9)}, "over another table"),
            ({"tableId": "t1", "name": "B", "range": area(8, 9, 0, 1)}, "already exists"),
            ({"name": "B", "range": area(0, 2000, 0, 1)}, "exceeds grid limits"),
        ],
    )
    def test_a_second_table_needs_a_name_and_a_place_of_its_own(self, book: Book, more: Body, text: str) -> None:
        book.apply(self.table())
        assert text in book.refusal({"addTable": {"table": more}})
        assert "Must specify a range." in book.refusal({"addTable": {"table": {"name": "B"}}})

    def test_a_basic_filter_over_a_table_names_it(self, book: Book) -> None:
        book.apply(self.table())
        assert "filter.tableId" in book.refusal({"setBasicFilter": {"filter": {"range": area(0, 3, 0, 3)}}})
        book.apply({"setBasicFilter": {"filter": {"tableId": "t1"}}})
        assert bounds(sheet(book)["basicFilter"]["range"]) == (1, 4, 1, 4)


class TestSlicers:
    def slicer(self, **more: object) -> Body:
        spec = {"dataRange": area(0, 5, 0, 3), "columnIndex": 1, "title": "Which", **more}
        anchor = {"rowIndex": 2, "columnIndex": 6}
        return {
            "addSlicer": {
                "slicer": {"slicerId": 5, "spec": spec, "position": {"overlayPosition": {"anchorCell": anchor}}}
            }
        }

    def test_slicers_are_added_changed_moved_and_deleted(self, book: Book) -> None:
        [added] = book.apply(self.slicer())
        assert added["addSlicer"]["slicer"]["spec"]["applyToPivotTables"] is True
        place = {"overlayPosition": {"anchorCell": {"rowIndex": 9}}}
        book.apply(
            {"updateSlicerSpec": {"slicerId": 5, "spec": {"title": "Rep"}, "fields": "title"}},
            {"updateEmbeddedObjectPosition": {"objectId": 5, "newPosition": place, "fields": "anchorCell"}},
        )
        [slicer] = sheet(book)["slicers"]
        assert (slicer["spec"]["title"], slicer["spec"]["columnIndex"]) == ("Rep", 1)
        assert slicer["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 9}
        book.apply({"deleteEmbeddedObject": {"objectId": 5}})
        assert "slicers" not in sheet(book)

    def test_a_slicer_follows_rows_and_columns(self, book: Book) -> None:
        book.apply(self.slicer(), insert("COLUMNS", 1), insert("ROWS", 0))
        [slicer] = sheet(book)["slicers"]
        assert (bounds(slicer["spec"]["dataRange"]), slicer["spec"]["columnIndex"]) == ((1, 6, 0, 4), 2)
        assert slicer["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 3, "columnIndex": 7}

    def test_a_slicer_needs_data_and_a_place_over_a_grid(self, book: Book) -> None:
        assert "outside of the data range" in book.refusal(self.slicer(columnIndex=3))
        without = {"addSlicer": {"slicer": {"spec": {"dataRange": area(0, 1, 0, 1)}, "position": {"newSheet": True}}}}
        assert "existing sheet" in book.refusal(without)


class TestPivotTables:
    def pivot(self, row: int = 1, column: int = 7, **more: object) -> Body:
        cell = {"pivotTable": {**PIVOT, **more}}
        start = {"rowIndex": row, "columnIndex": column}
        return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "pivotTable"}}

    def test_a_pivot_table_follows_its_source_and_its_cell(self, book: Book) -> None:
        book.apply(self.pivot(), insert("ROWS", 0), insert("COLUMNS", 2), insert("ROWS", 3))
        pivot = book.cell(2, 8)["pivotTable"]
        assert bounds(pivot["source"]) == (1, 7, 1, 5)
        assert pivot["rows"][0]["sourceColumnOffset"] == 2
        assert pivot["values"] == [{"sourceColumnOffset": 3, "summarizeFunction": "SUM"}]

    def test_a_pivot_table_on_another_tab_follows_its_source(self, book: Book) -> None:
        start = {"sheetId": 3}
        book.apply({"addSheet": {"properties": {"sheetId": 3}}})
        book.apply({"updateCells": {"start": start, "rows": [{"values": [{"pivotTable": PIVOT}]}], "fields": "*"}})
        book.apply(insert("ROWS", 0, 3), {"moveDimension": {"source": lines("COLUMNS", 1, 4), "destinationIndex": 9}})
        assert bounds(book.cell(0, 0, 1)["pivotTable"]["source"]) == (3, 8, 6, 9)

    def test_a_pivot_table_is_moved_and_taken_away(self, book: Book) -> None:
        book.apply(self.pivot(), {"cutPaste": {"source": area(1, 2, 7, 8), "destination": {"rowIndex": 4}}})
        assert ("pivotTable" in book.cell(4, 0), book.cell(1, 7)) == (True, {})
        taken = {"rowIndex": 4}
        book.apply({"updateCells": {"start": taken, "rows": [{"values": [{}]}], "fields": "pivotTable"}})
        assert book.cell(4, 0) == {}

    def test_a_pivot_table_reads_a_range(self, book: Book) -> None:
        cell = {"pivotTable": {"rows": [{}]}}
        without = {"updateCells": {"start": {}, "rows": [{"values": [cell]}], "fields": "pivotTable"}}
        assert "pivotTable.source" in book.refusal(without)

    def test_a_pivot_table_without_a_source_left_stays(self, book: Book) -> None:
        book.apply(self.pivot(), delete("COLUMNS", 0, 6))
        assert "source" not in book.cell(1, 1)["pivotTable"]


class TestChartSheets:
    def chart(self, **position: object) -> Body:
        data = {"sourceRange": {"sources": [area(0, 3, 0, 1)]}}
        spec = {"title": "Alone", "basicChart": {"chartType": "LINE", "series": [{"series": data}]}}
        return {"addChart": {"chart": {"chartId": 3, "spec": spec, "position": position}}}

    def test_a_chart_has_a_sheet_for_itself(self, book: Book) -> None:
        book.write([1], [2], [3])
        [added] = book.apply(self.chart(newSheet=True))
        alone = sheet(book, 1, includeGridData="true")
        number = alone["properties"]["sheetId"]
        assert alone["properties"] == {"sheetId": number, "title": "Chart1", "index": 1, "sheetType": "OBJECT"}
        assert (alone["charts"][0]["position"], "data" in alone) == ({"sheetId": number}, False)
        assert added["addChart"]["chart"]["position"] == {"sheetId": number}
        assert "Alone" in book.page()
        book.apply(insert("ROWS", 0))
        series = sheet(book, 1)["charts"][0]["spec"]["basicChart"]["series"][0]["series"]
        assert bounds(series["sourceRange"]["sources"][0]) == (1, 4, 0, 1)

    def test_a_chart_sheet_has_no_cells(self, book: Book) -> None:
        book.apply(self.chart(sheetId=8))
        assert http.get(f"{book.url}/values/Chart1!A1").status_code == 400
        assert http.get(f"{book.url}/values/Chart1").status_code == 400
        assert "No grid with id: 8" in book.refusal({"insertDimension": {"range": lines("ROWS", 0, 1, 8)}})
        frozen = {"sheetId": 8, "gridProperties": {"frozenRowCount": 1}}
        message = book.refusal({
            "updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}
        })
        assert "no grid" in message
        book.apply({"updateSheetProperties": {"properties": {"sheetId": 8, "title": "Mine"}, "fields": "title"}})
        assert "already exists" in book.refusal(self.chart(sheetId=8))
        assert http.get(f"{book.sandbox.url}/spreadsheets/d/{book.id}/export?format=xlsx").status_code == 200

    def test_a_chart_moves_to_a_sheet_of_its_own_and_back(self, book: Book) -> None:
        book.apply(self.chart(overlayPosition={"anchorCell": {"rowIndex": 4}}))
        book.apply({"updateEmbeddedObjectPosition": {"objectId": 3, "newPosition": {"sheetId": 9}}})
        assert [one["properties"]["title"] for one in book.get()["sheets"]] == ["Sheet1", "Chart1"]
        back = {"overlayPosition": {"anchorCell": {"rowIndex": 1}}}
        book.apply({"updateEmbeddedObjectPosition": {"objectId": 3, "newPosition": back, "fields": "anchorCell"}})
        assert [one["properties"]["title"] for one in book.get()["sheets"]] == ["Sheet1"]
        assert sheet(book)["charts"][0]["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 1}

    def test_the_sheet_goes_with_its_chart(self, book: Book) -> None:
        book.apply(self.chart(newSheet=True), {"deleteEmbeddedObject": {"objectId": 3}})
        assert len(book.get()["sheets"]) == 1

    def test_a_copied_chart_sheet_shows_its_copy(self, book: Book) -> None:
        book.apply(self.chart(sheetId=8), {"duplicateSheet": {"sourceSheetId": 8, "newSheetId": 9}})
        copied = next(one for one in book.get()["sheets"] if one["properties"]["sheetId"] == 9)
        assert copied["charts"][0]["position"] == {"sheetId": 9}
        assert copied["charts"][0]["chartId"] != 3


def test_a_copied_tab_has_objects_of_its_own(book: Book) -> None:
    slicer = TestSlicers().slicer()
    book.write(["a", "b", "c"])
    book.apply(
        {"addTable": {"table": {"name": "Deals", "tableId": "1", "range": area(0, 3, 0, 3)}}},
        {"addFilterView": {"filter": {"filterViewId": 4, "range": area(0, 3, 5, 6)}}},
        {"setBasicFilter": {"filter": {"range": area(4, 9, 0, 3)}}},
        TestPivotTables().pivot(),
        slicer,
        {"duplicateSheet": {"newSheetId": 9, "insertSheetIndex": 1}},
        insert("ROWS", 0),
    )
    source, copied = book.get()["sheets"]
    for name, key in (("tables", "tableId"), ("filterViews", "filterViewId"), ("slicers", "slicerId")):
        assert source[name][0][key] != copied[name][0][key]
    assert copied["tables"][0]["name"] == "Deals_2"
    assert [copied[name]["range"]["sheetId"] for name in ("basicFilter",)] == [9]
    assert bounds(copied["tables"][0]["range"]) == (0, 3, 0, 3)
    assert book.cell(1, 7, 1)["pivotTable"]["source"]["sheetId"] == 9
    assert bounds(book.cell(2, 7, 0)["pivotTable"]["source"]) == (1, 6, 1, 4)
    assert copied["slicers"][0]["spec"]["dataRange"]["sheetId"] == 9
