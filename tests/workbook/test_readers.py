"""Readers play with the workbook between publishes: their cells stay, ours stand once, where their keys say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from close_kpis.workbook.diff.requests import diff
from close_kpis.workbook.diff.state import read_spreadsheet
from close_kpis.workbook.spec import (
    EMPTY,
    Area,
    Cell,
    Chart,
    DropDown,
    Formula,
    Reference,
    Row,
    Series,
    Sign,
    Source,
    Tab,
    Workbook,
)
from tests.workbook.conftest import Book, cells_of

if TYPE_CHECKING:
    from close_kpis.workbook.google.transport import SheetsTransport
    from sandbox.sheets_api import SheetsSandbox

MONTHS = [f"m{number:02}" for number in range(1, 13)]
REPS = ["Ann", "Ben", "Cho", "Dee", "Eve", "Fay"]
KPIS = ["MRR", "Won", "Lost", "Calls", "Emails"]
CHOOSE = "choose a month"


@dataclass
class Company:
    """What is to be published: some months, reps and KPIs of many, every number another one."""

    months: list[str] = field(default_factory=lambda: MONTHS[:4])
    reps: list[str] = field(default_factory=lambda: REPS[:3])
    kpis: list[str] = field(default_factory=lambda: KPIS[:3])
    numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    fresh: count[int] = field(default_factory=lambda: count(1))

    def number(self, *key: str) -> Cell:
        return Cell(self.numbers.setdefault(key, next(self.fresh)))

    def restate(self, key: tuple[str, ...]) -> None:
        self.numbers[key] = next(self.fresh)

    def workbook(self) -> Workbook:
        return Workbook((self._report(), self._data()))

    def _data(self) -> Tab:
        rows: list[Row] = [(Cell("Month"), *(Cell(kpi) for kpi in self.kpis), Cell("Comments"))]
        rows += [(Cell(month), *(self.number("data", month, kpi) for kpi in self.kpis)) for month in self.months]
        names = tuple((f"data_{kpi}", Area(1, at, len(rows), at + 1)) for at, kpi in enumerate(self.kpis, start=1))
        comments = len(self.kpis) + 1
        rules = (Sign((Area(1, 1, len(rows), comments),), above=True, color="#17734A"),)
        return Tab("data", "Data", tuple(rows), header=0, labels=(0,), comments=comments, rules=rules, names=names)

    def _report(self) -> Tab:
        """Two blocks below each other with the same reps, as in the Reps tab."""
        newest, first = (self.months[-1], self.kpis[0]), Area(len(self.months), 1, len(self.months) + 1, 2)
        told = Cell(self.number("data", *newest).value, formula=Formula("{0}", (Reference(first, "data"),)))
        months = DropDown(Reference(Area(1, 0, len(self.months) + 1, 1), "data"))
        rows: list[Row] = [
            (Cell(f"Reps through {self.months[-1]}"), told, Cell(CHOOSE, entry=months, is_open=True)),
            (Cell("Block"), Cell("Rep"), *self._heads()),
        ]
        groups = []
        for block in ("all time", "this year"):
            if len(rows) > 2:
                rows += [(EMPTY,), (EMPTY,)]
            start = len(rows)
            rows += [
                (Cell(block), Cell(rep), *(self.number("reps", block, rep, kpi) for kpi in self.kpis))
                for rep in self.reps
            ]
            groups.append((start, len(rows)))
            team = (self._team(block, kpi, Area(start, at, len(rows), at + 1)) for at, kpi in enumerate(self.kpis, 2))
            rows.append((Cell(block), Cell("Team"), *team))
        end = len(self.months) + 1
        series = (Series(Source("data", Area(0, 1, end, 2)), "#1E3A5F"),)
        chart = Chart(
            "one",
            "One",
            "COLUMN",
            Source("data", Area(0, 0, end, 1)),
            series,
            1,
            len(self.kpis) + 6,
            300,
            200,
            "x",
            "y",
        )
        return Tab(
            "reps", "Reps", tuple(rows), header=1, labels=(0, 1), groups=tuple(groups), charts=(chart,), frozen_rows=2
        )

    def _team(self, block: str, kpi: str, area: Area) -> Cell:
        return Cell(self.value("reps", block, "Team", kpi), formula=Formula("SUM({0})", (Reference(area),)))

    def value(self, *key: str) -> int:
        """What a cell is worth: a team's number is the sum of its reps'."""
        if key[-2] == "Team":
            return sum(self.value(*key[:-2], rep, key[-1]) for rep in self.reps)
        return int(str(self.number(*key).value))

    def _heads(self) -> list[Cell]:
        return [Cell(kpi) for kpi in self.kpis]

    def keys(self, title: str) -> list[tuple[str, ...]]:
        """What each row with numbers is called."""
        if title == "Data":
            return [(month,) for month in self.months]
        return [(block, rep) for block in ("all time", "this year") for rep in (*self.reps, "Team")]


@dataclass
class View:
    """A tab as a reader sees it, found by what the cells say; nothing of the code under test."""

    cells: dict[tuple[int, int], Any]
    worth: dict[tuple[int, int], Any]
    header: int
    columns: dict[str, int]
    rows: dict[tuple[str, ...], int]

    @classmethod
    def of(cls, sheet: dict[str, Any], company: Company) -> View:
        cells, worth = {}, {}
        for row, line in enumerate(sheet["data"][0].get("rowData", [])):
            for column, cell in enumerate(line.get("values", [])):
                if cell.get("userEnteredValue"):
                    cells[row, column] = next(iter(cell["userEnteredValue"].values()))
                    worth[row, column] = next(iter(cell.get("effectiveValue", {"": None}).values()))
        [header] = [row for (row, _), value in cells.items() if value == company.kpis[0]]
        columns = {value: column for (row, column), value in cells.items() if row == header and value in KPIS}
        width = 1 if "Month" in {cells.get((header, column)) for column in range(40)} else 2
        names = ["Month"] if width == 1 else ["Block", "Rep"]
        labels = [next(column for (row, column), value in cells.items() if row == header and value == n) for n in names]
        rows: dict[tuple[str, ...], int] = {}
        for row in sorted({row for row, _ in cells if row != header}):
            key = tuple(cells.get((row, column)) for column in labels)
            if None not in key and all(part in {*MONTHS, *REPS, "Team", "all time", "this year"} for part in key):
                assert key not in rows, f"{key} stands twice"
                rows[key] = row  # type: ignore[index]
        return cls(cells, worth, header, columns, rows)


TITLES = st.sampled_from(["Data", "Reps"])
PLACES = st.integers(0, 14)


class Readers(RuleBasedStateMachine):
    """Edits by hand and publishes, in any order."""

    sandbox: SheetsSandbox
    client: SheetsTransport

    @initialize()
    def first_publish(self) -> None:
        self.book = Book(self.sandbox, self.client, self.sandbox.create_spreadsheet("played"))
        self.company = Company()
        self.book.publish(self.company.workbook())
        self.texts: dict[str, tuple[str, tuple[str, ...] | None]] = {}
        """The reader's texts: on which tab each stands, and beside which row of ours, None beside none."""
        self.references: dict[str, tuple[str, tuple[str, ...], str]] = {}
        """The reader's formulas, by the text before them: the number of ours that each means."""
        self.chosen = CHOOSE
        """What the reader has chosen in the report."""
        self.filled: set[str] = set()
        """Tabs with a column of formulas, which mean the first number of their row."""
        self.names = count(1)

    # What a reader does.

    def view(self, title: str) -> View:
        return View.of(self.book.sheet(title), self.company)

    def write(self, title: str, row: int, column: int, value: dict[str, Any]) -> None:
        grid = self.book.sheet(title)["properties"]["gridProperties"]
        if row >= grid["rowCount"] or column >= grid["columnCount"]:
            size = {"rowCount": max(row + 5, grid["rowCount"]), "columnCount": max(column + 5, grid["columnCount"])}
            properties = {"sheetId": self.book.gid(title), "gridProperties": size}
            mask = "gridProperties.rowCount,gridProperties.columnCount"
            self.book.edit({"updateSheetProperties": {"properties": properties, "fields": mask}})
        start = {"sheetId": self.book.gid(title), "rowIndex": row, "columnIndex": column}
        rows = [{"values": [{"userEnteredValue": value}]}]
        self.book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})

    def span(self, title: str, dimension: str, start: int, end: int) -> dict[str, Any]:
        return {"sheetId": self.book.gid(title), "dimension": dimension, "startIndex": start, "endIndex": end}

    @rule(title=TITLES, row=PLACES, column=PLACES)
    def comment(self, title: str, row: int, column: int) -> None:
        """A text in a cell that is not ours, beside a row of ours or not."""
        view = self.view(title)
        keys = {at: key for key, at in view.rows.items()}
        beside = max(view.columns.values()) + 1 + column
        if (row, beside) in view.cells or (row not in keys and any(r == row for r, _ in view.cells)):
            return
        text = f"comment {next(self.names)}"
        self.write(title, row, beside, {"stringValue": text})
        self.texts[text] = (title, keys.get(row))

    @rule(title=TITLES, row=PLACES, column=PLACES, many=st.integers(1, 3))
    def insert_rows(self, title: str, row: int, column: int, many: int) -> None:
        """Rows anywhere, with a text in any column, also in one of ours."""
        self.book.edit({
            "insertDimension": {"range": self.span(title, "ROWS", row, row + many), "inheritFromBefore": False}
        })
        text = f"inserted {next(self.names)}"
        self.write(title, row, column, {"stringValue": text})
        self.texts[text] = (title, None)

    @rule(title=TITLES, column=PLACES, row=PLACES)
    def insert_column(self, title: str, column: int, row: int) -> None:
        column = min(column, self.book.sheet(title)["properties"]["gridProperties"]["columnCount"] - 1)
        self.book.edit({
            "insertDimension": {"range": self.span(title, "COLUMNS", column, column + 1), "inheritFromBefore": False}
        })
        view = self.view(title)
        text = f"column {next(self.names)}"
        self.write(title, row, column, {"stringValue": text})
        self.texts[text] = (title, {at: key for key, at in view.rows.items()}.get(row))

    @rule(title=TITLES, data=st.data())
    def delete_row_of_ours(self, title: str, data: st.DataObject) -> None:
        view = self.view(title)
        if len(view.rows) < 2:
            return
        key = data.draw(st.sampled_from(sorted(view.rows)))
        row = view.rows[key]
        self.book.edit({"deleteDimension": {"range": self.span(title, "ROWS", row, row + 1)}})
        self.forget(title, lambda text: self.texts[text] == (title, key), key=key)

    @rule(title=TITLES, data=st.data())
    def delete_column_of_ours(self, title: str, data: st.DataObject) -> None:
        view = self.view(title)
        kpi = data.draw(st.sampled_from(sorted(view.columns)))
        if title in self.filled and kpi == self.company.kpis[0]:
            return
        column = view.columns[kpi]
        gone = {value for (_, at), value in view.cells.items() if at == column}
        self.book.edit({"deleteDimension": {"range": self.span(title, "COLUMNS", column, column + 1)}})
        self.chosen = CHOOSE if self.chosen in gone else self.chosen
        self.forget(title, lambda text: text in gone, kpi=kpi)
        self.publish()

    def forget(self, title: str, is_gone: Any, *, key: Any = None, kpi: Any = None) -> None:
        self.texts = {text: where for text, where in self.texts.items() if not is_gone(text)}
        self.references = {
            name: meant
            for name, meant in self.references.items()
            if meant[0] != title or (meant[1] != key and meant[2] != kpi)
        }

    @rule(title=TITLES, data=st.data(), value=st.sampled_from(["oops", "=1+1", ""]))
    def overwrite(self, title: str, data: st.DataObject, value: str) -> None:
        """A number of ours is typed over."""
        view = self.view(title)
        row = view.rows[data.draw(st.sampled_from(sorted(view.rows)))]
        column = view.columns[data.draw(st.sampled_from(sorted(view.columns)))]
        self.write(title, row, column, {"formulaValue" if value.startswith("=") else "stringValue": value})

    @rule()
    def choose(self) -> None:
        """Another month is chosen from the list of the report."""
        [at] = [at for at, value in self.view("Reps").cells.items() if value == self.chosen]
        self.chosen = f"chosen {next(self.names)}"
        self.write("Reps", *at, {"stringValue": self.chosen})

    @rule(data=st.data())
    def overwrite_a_month(self, data: st.DataObject) -> None:
        """A label of ours is typed over, and the row published again before anything else happens."""
        view = self.view("Data")
        [month] = data.draw(st.sampled_from(sorted(view.rows)))
        stand = [
            view.cells.get((view.rows[month,], view.columns.get(kpi, -1))) == self.company.value("data", month, kpi)
            for kpi in self.company.kpis
        ]
        if sum(stand) < len(stand) / 2:
            # A row of which neither the label nor half the numbers stand is taken for the reader's.
            self.publish()
            view = self.view("Data")
        row = view.rows[month,]
        [column] = [column for (at, column), value in view.cells.items() if at == row and value in MONTHS]
        self.write("Data", row, column, {"stringValue": "January"})
        self.publish()

    @rule(title=TITLES, data=st.data())
    def refer(self, title: str, data: st.DataObject) -> None:
        """A formula in a tab of the reader's that means a number of ours."""
        view = self.view(title)
        key = data.draw(st.sampled_from(sorted(view.rows)))
        kpi = data.draw(st.sampled_from(sorted(view.columns)))
        if not any(sheet["properties"]["title"] == "Mine" for sheet in self.book.sheets):
            self.book.edit({"addSheet": {"properties": {"title": "Mine"}}})
        address = f"{chr(65 + view.columns[kpi])}{view.rows[key] + 1}"
        name = f"f{next(self.names)}"
        row = int(name[1:])
        self.write("Mine", row, 0, {"stringValue": name})
        self.write("Mine", row, 1, {"formulaValue": f"='{title}'!{address}"})
        self.references[name] = (title, key, kpi)

    @rule(title=TITLES, data=st.data(), to=PLACES)
    def drag_a_row(self, title: str, data: st.DataObject, to: int) -> None:
        view = self.view(title)
        row = view.rows[data.draw(st.sampled_from(sorted(view.rows)))]
        if to not in {row, row + 1}:
            source = self.span(title, "ROWS", row, row + 1)
            self.book.edit({"moveDimension": {"source": source, "destinationIndex": to}})

    @rule(title=TITLES, data=st.data(), to=st.integers(0, 6))
    def drag_a_column(self, title: str, data: st.DataObject, to: int) -> None:
        view = self.view(title)
        column = view.columns[data.draw(st.sampled_from(sorted(view.columns)))]
        if to not in {column, column + 1}:
            source = self.span(title, "COLUMNS", column, column + 1)
            self.book.edit({"moveDimension": {"source": source, "destinationIndex": to}})

    @rule(title=TITLES)
    def fill_a_column(self, title: str) -> None:
        """A column of formulas beside ours, one for each of our rows."""
        view = self.view(title)
        if title in self.filled or (title == "Data" and len(view.rows) < 2):
            return
        column = max(column for _, column in view.cells) + 1
        kpi = self.company.kpis[0]
        for row in view.rows.values():
            self.write(title, row, column, {"formulaValue": f"={chr(65 + view.columns[kpi])}{row + 1}*12"})
        self.filled.add(title)

    @rule(data=st.data())
    def sort(self, data: st.DataObject) -> None:
        """The months are sorted by a number, with all that stands beside them."""
        view = self.view("Data")
        if "Data" in self.filled or len(view.rows) < 2:
            return
        grid = self.book.sheet("Data")["properties"]["gridProperties"]
        rows = sorted(view.rows.values())
        if rows[0] < view.header:
            return
        area = {"sheetId": self.book.gid("Data"), "startRowIndex": rows[0], "endRowIndex": rows[-1] + 1}
        area |= {"startColumnIndex": 0, "endColumnIndex": grid["columnCount"]}
        column = view.columns[data.draw(st.sampled_from(sorted(view.columns)))]
        order = data.draw(st.sampled_from(["ASCENDING", "DESCENDING"]))
        self.book.edit({"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": column, "sortOrder": order}]}})
        # What a formula elsewhere means now is another cell.
        self.references = {name: meant for name, meant in self.references.items() if meant[0] != "Data"}

    @rule(data=st.data())
    def delete_the_months_or_the_header(self, data: st.DataObject) -> None:
        self.publish()
        view = self.view("Data")
        [month] = [column for (row, column), value in view.cells.items() if row == view.header and value == "Month"]
        if data.draw(st.booleans()):
            gone = {value for (_, column), value in view.cells.items() if column == month}
            self.book.edit({"deleteDimension": {"range": self.span("Data", "COLUMNS", month, month + 1)}})
        else:
            gone = {value for (row, _), value in view.cells.items() if row == view.header}
            self.book.edit({"deleteDimension": {"range": self.span("Data", "ROWS", view.header, view.header + 1)}})
        self.forget("Data", lambda text: text in gone)
        self.publish()

    @rule(title=TITLES, data=st.data())
    def wipe_a_row(self, title: str, data: st.DataObject) -> None:
        """A row of ours is emptied, labels too, and published again before anything else happens."""
        self.publish()
        view = self.view(title)
        row = view.rows[data.draw(st.sampled_from(sorted(view.rows)))]
        filled = {at for at, _ in view.cells}
        if not {row - 1, row + 1} <= filled and row < max(filled):
            # Which of several empty rows was ours cannot be told.
            return
        for column in [column for (at, column), value in view.cells.items() if at == row and value not in self.texts]:
            if not str(view.cells[row, column]).startswith("="):
                self.write(title, row, column, {})
        self.publish()

    @rule(title=TITLES)
    def add_a_rule(self, title: str) -> None:
        span = {"sheetId": self.book.gid(title), "startRowIndex": 0, "endRowIndex": 9, "endColumnIndex": 4}
        condition = {"type": "NUMBER_EQ", "values": [{"userEnteredValue": "7"}]}
        theirs = {"ranges": [span], "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}}}
        if len(self.book.sheet(title).get("conditionalFormats", [])) < 3:
            self.book.edit({"addConditionalFormatRule": {"rule": theirs, "index": 0}})

    @rule(title=TITLES)
    def copy_the_tab(self, title: str) -> None:
        if len(self.book.sheets) < 6:
            self.book.edit({
                "duplicateSheet": {"sourceSheetId": self.book.gid(title), "newSheetName": f"c{next(self.names)}"}
            })

    # What the company does.

    @precondition(lambda self: len(self.company.months) < len(MONTHS))
    @rule()
    def month_comes(self) -> None:
        self.company.months.append(MONTHS[len(self.company.months)])

    @rule(data=st.data())
    def rep_comes_or_goes(self, data: st.DataObject) -> None:
        rep = data.draw(st.sampled_from(REPS))
        reps = {*self.company.reps} ^ {rep}
        self.company.reps = [name for name in REPS if name in reps] or REPS[:1]

    @rule(data=st.data())
    def kpi_comes_or_goes(self, data: st.DataObject) -> None:
        kpi = data.draw(st.sampled_from(KPIS[1:]))
        kpis = {*self.company.kpis} ^ {kpi}
        self.company.kpis = [name for name in KPIS if name in kpis]

    @rule(data=st.data())
    def numbers_are_restated(self, data: st.DataObject) -> None:
        self.company.restate(data.draw(st.sampled_from(sorted(self.company.numbers))))

    # What must hold.

    @rule()
    def publish(self) -> None:
        before = self.copies()
        self.book.publish(self.company.workbook())
        for title in ("Data", "Reps"):
            self.check_numbers(title)
            self.check_objects(title)
            self.check_filled(title)
        self.check_texts()
        self.check_references()
        assert self.copies() == before
        again = self.company.workbook()
        assert diff(read_spreadsheet(self.client, self.book.id, again), again).requests == ()

    def copies(self) -> list[Any]:
        """What copies of our tabs hold; a formula or a list in them follows what it means."""
        copies = [sheet for sheet in self.book.sheets if sheet["properties"]["title"].startswith("c")]
        cells = [cell for sheet in copies for row in cells_of(sheet) for cell in row]
        kept = [cell for cell in cells if "formulaValue" not in cell.get("userEnteredValue", {})]
        return [{name: said for name, said in cell.items() if name != "dataValidation"} for cell in kept]

    def check_numbers(self, title: str) -> None:
        view, company = self.view(title), self.company
        tab = next(tab for tab in company.workbook().tabs if tab.title == title)
        typed = [
            cell for row in tab.rows for cell in row if cell.value is not None and not cell.formula and not cell.is_open
        ]
        wanted = Counter(cell.value for cell in typed)
        theirs = {*self.texts, self.chosen}
        ours = Counter(value for value in view.cells.values() if value not in theirs and not str(value).startswith("="))
        note(f"{title}: {sorted(view.cells.items())}")
        assert ours == wanted
        assert list(view.rows) == company.keys(title)
        assert list(view.columns) == company.kpis
        for key, row in view.rows.items():
            for kpi, column in view.columns.items():
                assert view.worth[row, column] == company.value(tab.key, *key, kpi)
                assert str(view.cells[row, column]).startswith("=SUM(") == (key[-1] == "Team")
        if title == "Reps":
            self.check_choice(view)
            newest, data = company.months[-1], self.view("Data")
            row, column = data.rows[newest,], data.columns[company.kpis[0]]
            told = [at for at, value in view.cells.items() if value == f"='Data'!{chr(65 + column)}{row + 1}"]
            assert [view.worth[at] for at in told] == [company.value("data", newest, company.kpis[0])]

    def check_choice(self, view: View) -> None:
        """The reader's choice stands once, and is chosen from the months as they are."""
        [(row, column)] = [at for at, value in view.cells.items() if value == self.chosen]
        [rule] = [
            cell["dataValidation"] for line in self.book.cells("Reps") for cell in line if "dataValidation" in cell
        ]
        assert "dataValidation" in self.book.cells("Reps")[row][column]
        data = self.view("Data")
        [offered] = rule["condition"]["values"]
        rows = [int(number) - 1 for number in re.findall(r"[A-Z](\d+)", offered["userEnteredValue"])]
        assert (rows[0], rows[-1]) == (min(data.rows.values()), max(data.rows.values()))

    def named(self) -> dict[str, tuple[int, int, int]]:
        """First and last row and the column of each name that a KPI has."""
        found = {}
        for named in self.sandbox.spreadsheet(self.book.id).get("namedRanges", []):
            span = named["range"]
            if named["name"].removeprefix("data_") in self.company.kpis:
                found[named["name"]] = span["startRowIndex"], span["endRowIndex"], span["startColumnIndex"]
        return found

    def check_filled(self, title: str) -> None:
        """Each formula means its own row, and no row between two that have one is without."""
        if title not in self.filled:
            return
        view = self.view(title)
        letter = chr(65 + view.columns[self.company.kpis[0]])
        formulas = {row: value for (row, _), value in view.cells.items() if str(value).endswith("*12")}
        ours = set(view.rows.values())
        assert all(value == f"={letter}{row + 1}*12" for row, value in formulas.items() if row in ours)
        for block in {key[:-1] for key in view.rows}:
            rows = sorted(row for key, row in view.rows.items() if key[:-1] == block)
            holes = [b for a, b, c in zip(rows, rows[1:], rows[2:], strict=False) if a in formulas and c in formulas]
            assert all(row in formulas for row in holes)

    def check_texts(self) -> None:
        for text, (title, key) in list(self.texts.items()):
            view = self.view(title)
            [(row, _)] = [at for at, value in view.cells.items() if value == text]
            if key in view.rows:
                assert row == view.rows[key], f"{text!r} stood beside {key}"
            else:
                self.texts[text] = (title, None)

    def check_references(self) -> None:
        if not self.references:
            return
        mine, gone = {}, set()
        for line in self.book.cells("Mine"):
            said = [next(iter(cell.get("userEnteredValue", {"": ""}).values())) for cell in line]
            if len(said) > 1 and said[0]:
                mine[said[0]] = said[1]
        for name, (title, key, kpi) in self.references.items():
            view = self.view(title)
            if key not in view.rows or kpi not in view.columns:
                # Broken for good, also where the rep or the KPI comes again.
                gone.add(name)
                continue
            found = re.fullmatch(rf"='{title}'!([A-Z])(\d+)", mine[name])
            assert found, f"{mine[name]} meant {key} {kpi}"
            assert (int(found[2]) - 1, ord(found[1]) - 65) == (view.rows[key], view.columns[kpi])
        self.references = {name: meant for name, meant in self.references.items() if name not in gone}

    def check_objects(self, title: str) -> None:
        view, sheet = self.view(title), self.book.sheet(title)
        rows, columns = sorted(view.rows.values()), sorted(view.columns.values())
        if title == "Data":
            ours = [rule for rule in sheet["conditionalFormats"] if "NUMBER_GREATER" in str(rule)]
            assert len(ours) == 1
            covered = {
                (row, column)
                for part in ours[0]["ranges"]
                for row in range(part["startRowIndex"], part["endRowIndex"])
                for column in range(part["startColumnIndex"], part["endColumnIndex"])
            }
            assert covered == {(row, column) for row in rows for column in columns}
            [guard] = sheet["protectedRanges"]
            span = guard["range"]
            assert (span.get("startRowIndex", 0), span["endRowIndex"]) == (view.header, rows[-1] + 1)
            assert span["endColumnIndex"] == columns[-1] + 1
            assert self.named() == {f"data_{kpi}": (rows[0], rows[-1] + 1, at) for kpi, at in view.columns.items()}
            return
        [chart] = sheet["charts"]
        data = self.view("Data")
        drawn = chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"]
        at = {row for part in drawn for row in range(part.get("startRowIndex", 0), part["endRowIndex"])}
        assert at == {data.header, *data.rows.values()}
        blocks = [
            [row for key, row in view.rows.items() if key[0] == block and key[1] != "Team"]
            for block in ("all time", "this year")
        ]
        groups = {(group["range"]["startIndex"], group["range"]["endIndex"]) for group in sheet["rowGroups"]}
        assert groups >= {(min(block), max(block) + 1) for block in blocks}
        assert all(group["depth"] <= 3 for group in sheet["rowGroups"])


def test_readers_and_publishes_get_along(shared_sandbox: SheetsSandbox, shared_client: SheetsTransport) -> None:
    class Played(Readers):
        sandbox = shared_sandbox
        client = shared_client

    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
