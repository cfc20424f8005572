"""Cells that belong to the readers: comments beside a row, and choices from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.workbook.spec import Area, Cell, DropDown, Formula, Reference, Row, Tab, Workbook

if TYPE_CHECKING:
    from tests.workbook.conftest import Book

CALLS = {"Ann": 12, "Ben": 9, "Cho": 30, "Dee": 4, "Eve": 8}


def workbook(*reps: str, chosen: str = "Ann", choices: tuple[str, ...] | None = None) -> Workbook:
    """Calls by rep with comments beside them, and the calls of the rep whom a reader chooses."""
    rows: list[Row] = [(Cell("Rep"), Cell("Calls"), Cell("Comments", note="Yours"))]
    rows += [(Cell(rep), Cell(CALLS[rep])) for rep in reps]
    data = Tab("data", "Data", tuple(rows), header=0, labels=(0,), comments=2)
    names, calls = (Reference(Area(1, at, len(rows), at + 1), "data", is_whole=True) for at in (0, 1))
    choice = Cell(chosen, entry=DropDown(choices or names), is_open=True)
    own = Reference(Area(0, 1, 1, 2))
    found = Formula("INDEX({0};MATCH({1};{2};0))", (calls, own, names), is_checked=False)
    one = Tab("one", "One rep", ((Cell("Rep"), choice), (Cell("Calls"), Cell(CALLS[chosen], formula=found))))
    return Workbook((one, data))


def write(book: Book, title: str, row: int, column: int, text: str) -> None:
    start = {"sheetId": book.gid(title), "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}, "note": f"on {text}"}]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue,note"}})


def chosen(book: Book) -> dict[str, int]:
    """Return the range of the cell in which a rep is chosen."""
    rows, columns = {"startRowIndex": 0, "endRowIndex": 1}, {"startColumnIndex": 1, "endColumnIndex": 2}
    return {"sheetId": book.gid("One rep"), **rows, **columns}


def rule(book: Book) -> Any:
    return book.cells("One rep")[0][1]["dataValidation"]


def worth(book: Book) -> Any:
    return next(iter(book.cells("One rep")[1][1]["effectiveValue"].values()))


def test_comments_move_with_their_rows_in_a_new_order(book: Book) -> None:
    book.publish(workbook("Ann", "Ben", "Cho", "Dee", "Eve"))
    write(book, "Data", 1, 2, "on leave")
    write(book, "Data", 5, 2, "new here")

    book.publish(workbook("Eve", "Dee", "Cho", "Ben", "Ann"))

    rows = book.values("Data")
    assert rows == [
        ["Rep", "Calls", "Comments"],
        ["Eve", 8, "new here"],
        ["Dee", 4],
        ["Cho", 30],
        ["Ben", 9],
        ["Ann", 12, "on leave"],
    ]
    assert book.cells("Data")[5][2]["note"] == "on on leave"
    assert book.publish(workbook("Eve", "Dee", "Cho", "Ben", "Ann")).requests == 0


def test_a_comment_stays_when_its_row_goes(book: Book) -> None:
    book.publish(workbook("Ann", "Ben", "Cho"))
    write(book, "Data", 2, 2, "left in May")

    book.publish(workbook("Ann", "Cho"))

    assert book.values("Data")[1:] == [["Ann", 12], [None, None, "left in May"], ["Cho", 30]]
    book.publish(workbook("Ann", "Ben", "Cho"))
    assert [row for row in book.values("Data") if row[:1] != [None]][1:] == [["Ann", 12], ["Ben", 9], ["Cho", 30]]
    assert [None, None, "left in May"] in book.values("Data")


def test_a_comment_below_the_list_is_not_taken_for_a_row_that_comes(book: Book) -> None:
    book.publish(workbook("Ann", "Ben"))
    write(book, "Data", 3, 2, "see also the wiki")

    book.publish(workbook("Ann", "Ben", "Cho"))

    assert book.values("Data")[3:5] == [["Cho", 30], [None, None, "see also the wiki"]]


def test_formulas_in_the_comments_go_on_in_a_row_that_comes_between_them(book: Book) -> None:
    book.publish(workbook("Ann", "Cho"))
    for row in (1, 2):
        start = {"sheetId": book.gid("Data"), "rowIndex": row, "columnIndex": 2}
        cells = [{"values": [{"userEnteredValue": {"formulaValue": f"=B{row + 1}*2"}}]}]
        book.edit({"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}})

    book.publish(workbook("Ann", "Ben", "Cho"))

    assert [cell.text for row in book.values("Data")[1:] for cell in row[2:]] == ["=B2*2", "=B3*2", "=B4*2"]


def test_the_heading_of_comments_is_ours_and_the_warning_leaves_them_out(book: Book) -> None:
    book.publish(workbook("Ann", "Ben"))
    write(book, "Data", 0, 1, "Telephone")

    book.publish(workbook("Ann", "Ben"))

    assert book.values("Data")[0] == ["Rep", "Calls", "Comments"]
    [guard] = book.sheet("Data")["protectedRanges"]
    assert (guard["range"].get("startRowIndex", 0), guard["range"]["endRowIndex"]) == (0, 3)
    assert guard["range"]["endColumnIndex"] == 2
    [guard] = book.sheet("One rep")["protectedRanges"]
    assert guard["range"]["startRowIndex"] == 1


@pytest.mark.parametrize("above", [0, 1, 2, 3])
def test_the_warning_stands_below_what_readers_choose(book: Book, above: int) -> None:
    choice = Cell("Ann", entry=DropDown(("Ann", "Ben")), is_open=True)
    rows: list[Row] = [(Cell(f"Line {row}"), Cell(row)) for row in range(above)]
    book.publish(Workbook((Tab("one", "One rep", (*rows, (Cell("Rep"), choice), (Cell("Calls"), Cell(12)))),)))
    [guard] = book.sheet("One rep")["protectedRanges"]
    assert (guard["range"]["startRowIndex"], guard["range"]["endRowIndex"]) == (above + 1, above + 2)


def test_what_a_reader_has_chosen_stays_and_the_formulas_follow(book: Book) -> None:
    book.publish(workbook("Ann", "Ben", "Cho"))
    assert worth(book) == 12
    write(book, "One rep", 0, 1, "Cho")
    assert worth(book) == 30

    done = book.publish(workbook("Ann", "Ben", "Cho"))

    assert done.requests == 0
    assert (book.values("One rep")[0], worth(book)) == (["Rep", "Cho"], 30)
    book.publish(workbook("Eve", "Ann", "Cho"))
    assert (book.values("One rep")[0], worth(book)) == (["Rep", "Cho"], 30)
    assert rule(book)["condition"] == {
        "type": "ONE_OF_RANGE",
        "values": [{"userEnteredValue": "='Data'!A2:A4"}],
    }


@pytest.mark.parametrize("choices", [None, ("Ann", "Ben")], ids=["a range", "texts"])
def test_a_list_that_a_reader_has_taken_away_comes_back(book: Book, choices: tuple[str, ...] | None) -> None:
    wanted = workbook("Ann", "Ben", choices=choices)
    book.publish(wanted)
    before = rule(book)
    book.edit({"setDataValidation": {"range": chosen(book)}})

    book.publish(wanted)

    assert rule(book) == before
    assert book.publish(wanted).requests == 0


@pytest.mark.parametrize("flag", ["strict", "showCustomUi"])
def test_a_list_that_a_reader_has_loosened_or_hidden_is_as_it_was(book: Book, flag: str) -> None:
    wanted = workbook("Ann", "Ben")
    book.publish(wanted)
    before = rule(book)
    book.edit({"setDataValidation": {"range": chosen(book), "rule": {**before, flag: False}}})
    assert rule(book) != before

    book.publish(wanted)

    assert rule(book) == before


def test_a_list_follows_rows_that_readers_insert_and_a_tab_that_they_rename(book: Book) -> None:
    book.publish(workbook("Ann", "Ben"))
    span = {"sheetId": book.gid("Data"), "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    named = {"sheetId": book.gid("Data"), "title": "Who's who!"}
    book.edit({"insertDimension": {"range": span}}, {"updateSheetProperties": {"properties": named, "fields": "title"}})
    assert rule(book)["condition"]["values"] == [{"userEnteredValue": "='Who''s who!'!A4:A5"}]

    assert book.publish(workbook("Ann", "Ben")).requests == 0


def test_an_emptied_choice_begins_anew(book: Book) -> None:
    book.publish(workbook("Ann", "Ben"))
    write(book, "One rep", 0, 1, "Ben")
    book.edit({"updateCells": {"range": chosen(book), "fields": "userEnteredValue,note"}})

    book.publish(workbook("Ann", "Ben"))

    assert (book.values("One rep")[0], worth(book)) == (["Rep", "Ann"], 12)


def test_comments_stand_last() -> None:
    with pytest.raises(ValueError, match="last column"):
        Tab("data", "Data", ((Cell("Comments"), Cell("Rep")),), header=0, comments=0)


def test_a_choice_stays_where_the_label_of_its_row_changes(book: Book) -> None:
    def titled(title: str) -> Workbook:
        choice = Cell("Ann", entry=DropDown(("Ann", "Ben")), is_open=True)
        rows: tuple[Row, ...] = ((Cell(title), choice), (Cell("Rep"), Cell("Calls")), (Cell("Ann"), Cell(12)))
        return Workbook((Tab("one", "One rep", rows, header=1, labels=(0,)),))

    book.publish(titled("Calls of May"))
    write(book, "One rep", 0, 1, "Ben")

    book.publish(titled("Calls of June"))

    assert book.values("One rep")[0] == ["Calls of June", "Ben"]


def test_a_list_that_a_reader_lays_over_our_names_changes_nothing(book: Book) -> None:
    book.publish(workbook("Ann", "Ben", "Cho"))
    span = {
        "sheetId": book.gid("Data"),
        "startRowIndex": 1,
        "endRowIndex": 4,
        "startColumnIndex": 0,
        "endColumnIndex": 1,
    }
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": name} for name in CALLS]}
    book.edit({"setDataValidation": {"range": span, "rule": {"condition": condition, "showCustomUi": True}}})

    book.publish(workbook("Ann", "Ben", "Cho", "Dee"))

    assert [row[0] for row in book.values("Data")] == ["Rep", "Ann", "Ben", "Cho", "Dee"]
    assert "dataValidation" in book.cells("Data")[1][0]
