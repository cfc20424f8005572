"""Find and replace, trimming, splitting, pasting, filling, duplicates and shuffling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.sheets_api.support import area, http, lines

if TYPE_CHECKING:
    from tests.sandbox.sheets_api.support import Body, Book


def shown(book: Book, cells: str = "A1:F12", render: str = "FORMATTED_VALUE") -> list[list[Any]]:
    answer = http.get(f"{book.url}/values/{cells}", params={"valueRenderOption": render}).json()
    return list(answer.get("values", []))


def replaced(book: Book, find: str, by: str, **options: Any) -> Body:
    scope = {} if options.keys() & {"range", "allSheets"} else {"sheetId": 0}
    [reply] = book.apply({"findReplace": {"find": find, "replacement": by, **scope, **options}})
    return dict(reply["findReplace"])


class TestFindReplace:
    def test_every_occurrence_is_replaced_and_counted(self, book: Book) -> None:
        book.write(["Google Sheets", "e"], ["none", "=1+1"])
        assert replaced(book, "E", "o") == {
            "valuesChanged": 3,
            "rowsChanged": 2,
            "sheetsChanged": 1,
            "occurrencesChanged": 5,
        }
        assert shown(book) == [["Googlo Shoots", "o"], ["nono", "2"]]
        assert replaced(book, "zzz", "") == {}

    def test_case_whole_cells_and_formulas_are_options(self, book: Book) -> None:
        book.write(["Won", "won deal", '="won"'])
        assert replaced(book, "won", "lost", matchCase=True)["valuesChanged"] == 1
        assert replaced(book, "WON", "open", matchEntireCell=True)["valuesChanged"] == 1
        assert replaced(book, "won", "early", includeFormulas=True) == {
            "formulasChanged": 1,
            "rowsChanged": 1,
            "sheetsChanged": 1,
            "occurrencesChanged": 1,
        }
        assert shown(book) == [["open", "lost deal", "early"]]
        assert shown(book, render="FORMULA") == [["open", "lost deal", '="early"']]

    def test_patterns_have_groups_and_plain_texts_have_none(self, book: Book) -> None:
        book.write(["2026-07", "a.c"])
        replaced(book, r"(\d+)-(\d+)", "$2/$1", searchByRegex=True)
        replaced(book, ".", r"\1$1")
        assert shown(book, render="UNFORMATTED_VALUE")[0][1] == r"a\1$1c"
        assert "Invalid regular expression" in book.refusal({
            "findReplace": {"find": "(", "searchByRegex": True, "allSheets": True}
        })

    def test_what_is_put_in_is_read_as_typed(self, book: Book) -> None:
        book.write(["n/a"])
        replaced(book, "n/a", "12%")
        assert book.cell(0, 0)["userEnteredValue"] == {"numberValue": 0.12}

    def test_a_range_or_all_sheets_are_searched(self, book: Book) -> None:
        book.apply({"addSheet": {"properties": {"sheetId": 7, "title": "Two"}}})
        book.write(["x", "x"])
        book.write(["x"], sheet=7)
        assert replaced(book, "x", "y", range=area(0, 1, 1, 2))["occurrencesChanged"] == 1
        assert replaced(book, "x", "z", allSheets=True)["sheetsChanged"] == 2
        assert (shown(book), shown(book, "Two!A1:B2")) == ([["z", "y"]], [["z"]])
        for scope in ({}, {"sheetId": 0, "allSheets": True}):
            assert "Must specify one of" in book.refusal({"findReplace": {"find": "x", **scope}})


def test_space_around_and_inside_texts_is_trimmed(book: Book) -> None:
    book.write(["  a  b\t", "c", 3, '=" d "'], [" outside"])
    assert book.apply({"trimWhitespace": {"range": area(0, 1, 0, 4)}}) == [{"trimWhitespace": {"cellsChangedCount": 1}}]
    assert shown(book) == [["a b", "c", "3", " d "], [" outside"]]
    assert book.apply({"trimWhitespace": {"range": area(0, 1, 0, 4)}}) == [{"trimWhitespace": {}}]


@pytest.mark.parametrize(
    ("options", "texts", "rows"),
    [
        ({"delimiterType": "COMMA"}, ["a,b", "c", ",2"], [["a", "b"], ["c"], ["", "2"]]),
        ({"delimiterType": "CUSTOM", "delimiter": "--"}, ["1--2"], [["1", "2"]]),
        ({"delimiterType": "AUTODETECT"}, ["a;b c", "d;e;f"], [["a", "b c"], ["d", "e", "f"]]),
        ({}, ["x y"], [["x", "y"]]),
    ],
)
def test_a_column_is_split(book: Book, options: Body, texts: list[str], rows: list[list[str]]) -> None:
    book.write(*([text] for text in texts))
    book.apply({"textToColumns": {"source": area(0, len(texts), 0, 1), **options}})
    assert shown(book) == rows


def test_pasted_data_and_split_texts_enlarge_the_grid(book: Book) -> None:
    grid = {"properties": {"gridProperties": {"rowCount": 1, "columnCount": 1}}, "fields": "gridProperties"}
    book.apply({"updateSheetProperties": grid})
    book.apply({"pasteData": {"coordinate": {}, "data": 'a;"b;c"\n3', "delimiter": ";"}})
    assert shown(book) == [["a", "b;c"], ["3"]]
    book.apply({"textToColumns": {"source": area(0, 1, 1, 2), "delimiterType": "SEMICOLON"}})
    assert shown(book, "A1:C2") == [["a", "b", "c"], ["3"]]
    for wrong in (
        {"data": "a"},
        {"data": "<b>", "html": True},
        {"data": "a", "delimiter": ",", "type": "PASTE_FORMAT"},
    ):
        assert book.post({"pasteData": {"coordinate": {}, **wrong}}).status_code == 400


class TestAutoFill:
    @pytest.mark.parametrize(
        ("start", "filled"),
        [
            ([1, 3], ["5", "7"]),
            ([4], ["4", "4"]),
            (["Week 9"], ["Week 10", "Week 11"]),
            (["Q1", "Q3"], ["Q5", "Q7"]),
            (["a", "b"], ["a", "b"]),
            ([True, None], ["TRUE"]),
        ],
    )
    def test_a_series_goes_on(self, book: Book, start: list[Any], filled: list[str]) -> None:
        book.write(*([one] for one in start))
        source = {"source": area(0, len(start), 0, 1), "dimension": "ROWS", "fillLength": 2}
        book.apply({"autoFill": {"sourceAndDestination": source}})
        rows = [row[0] if row else "" for row in shown(book)[len(start) :]]
        assert rows == filled

    def test_it_goes_back_and_to_the_right_and_takes_formulas_along(self, book: Book) -> None:
        book.write([10, 20], ["=A1*2", None], row=3, column=2)
        back = {"source": area(3, 4, 2, 4), "dimension": "COLUMNS", "fillLength": -2}
        book.apply({"autoFill": {"sourceAndDestination": back}})
        assert shown(book)[3] == ["-10", "0", "10", "20"]
        right = {"source": area(4, 5, 2, 3), "dimension": "COLUMNS", "fillLength": 1}
        book.apply({"autoFill": {"sourceAndDestination": right}})
        assert shown(book, render="FORMULA")[4][2:] == ["=A1*2", "=B1*2"]
        gone = {"source": area(3, 4, 2, 3), "dimension": "COLUMNS", "fillLength": -3}
        assert "leave the grid" in book.refusal({"autoFill": {"sourceAndDestination": gone}})

    def test_the_filled_part_of_a_range_goes_on_over_the_rest(self, book: Book) -> None:
        book.write([1, "a"], [2, "b"])
        book.apply({"autoFill": {"range": area(0, 4, 0, 2)}})
        assert shown(book) == [["1", "a"], ["2", "b"], ["3", "a"], ["4", "b"]]
        book.apply({"autoFill": {"range": area(0, 4, 0, 3), "useAlternateSeries": True}})
        assert [row[2] for row in shown(book)] == ["1", "2", "3", "4"]
        assert "has no data" in book.refusal({"autoFill": {"range": area(9, 12, 4, 6)}})


class TestRows:
    def test_rows_that_repeat_are_dropped_within_the_range(self, book: Book) -> None:
        book.write(["Ann", 1, "x"], ["ANN", 1, "y"], ["Bob", "=A3", "z"], ["Ann", 2, "w"])
        [reply] = book.apply({"deleteDuplicates": {"range": area(0, 4, 0, 2)}})
        assert reply["deleteDuplicates"] == {"duplicatesRemovedCount": 1}
        # The third column is not part of the range.
        assert shown(book) == [["Ann", "1", "x"], ["Bob", "Bob", "y"], ["Ann", "2", "z"], ["", "", "w"]]
        assert shown(book, "B2", render="FORMULA") == [["=A2"]]
        columns = [{"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}]
        [reply] = book.apply({"deleteDuplicates": {"range": area(0, 3, 0, 3), "comparisonColumns": columns}})
        assert (reply["deleteDuplicates"]["duplicatesRemovedCount"], shown(book)[:2]) == (
            1,
            [["Ann", "1", "x"], ["Bob", "Bob", "y"]],
        )
        wide = [lines("COLUMNS", 5, 6)]
        request = {"deleteDuplicates": {"range": area(0, 3, 0, 3), "comparisonColumns": wide}}
        assert "outside of the range" in book.refusal(request)

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=12))
    def test_shuffled_rows_are_the_same_rows(self, book: Book, rows: list[list[int]]) -> None:
        book.write(*rows)
        book.apply({"randomizeRange": {"range": area(0, len(rows), 0, 2)}})
        found = shown(book, f"A1:B{len(rows)}", render="UNFORMATTED_VALUE")
        assert sorted(map(tuple, found)) == sorted(map(tuple, rows))


def test_a_chart_has_a_border(book: Book) -> None:
    series = [{"series": {"sourceRange": {"sources": [area(0, 4, 1, 2)]}}}]
    chart = {"chartId": 5, "spec": {"basicChart": {"chartType": "LINE", "series": series}}}
    red = {"border": {"colorStyle": {"rgbColor": {"red": 1}}}, "fields": "colorStyle"}
    book.apply(
        {"addChart": {"chart": {**chart, "position": {"overlayPosition": {}}}}},
        {"updateEmbeddedObjectBorder": {"objectId": 5, **red}},
    )
    [found] = book.get()["sheets"][0]["charts"]
    assert found["border"]["colorStyle"] == {"rgbColor": {"red": 1}}
