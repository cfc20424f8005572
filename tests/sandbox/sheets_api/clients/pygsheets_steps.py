"""pygsheets against the sandbox: ``python pygsheets_steps.py ADDRESS``.

Prints a line for each step that fails and how many of how many hold; the exit status is 1 where one fails.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httplib2
import pandas as pd
import pygsheets
from google.auth.credentials import AnonymousCredentials
from pygsheets.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class Redirected(httplib2.Http):
    """Sends to the sandbox what is meant for Google."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        for google in GOOGLE:
            uri = uri.replace(google, self._address)
        return super().request(uri, *args, **kwargs)


class Steps:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.book = client.create("Board")

    def tab(self, *rows: list[Any]) -> pygsheets.Worksheet:
        # pygsheets does not read a title in quotes when an answer has one.
        tab = self.book.add_worksheet(f"Tab_{len(self.book.worksheets())}", rows=12, cols=6)
        if rows:
            tab.update_values("A1", list(rows))
        return tab

    def values(self) -> None:
        tab = self.tab(["name", "won"], ["Ann", 3], ["Bob", "=1+1"])
        assert tab.get_values("A1", "B3") == [["name", "won"], ["Ann", "3"], ["Bob", "2"]]
        assert tab.get_all_records() == [{"name": "Ann", "won": 3}, {"name": "Bob", "won": 2}]
        assert tab.get_row(1, include_tailing_empty=False) == ["name", "won"]
        assert tab.get_col(1, include_tailing_empty=False) == ["name", "Ann", "Bob"]
        tab.update_value("A4", "Cy")
        tab.update_values_batch(["A5:B5", "A6:B6"], [[["D", 1]], [["E", 2]]])
        assert tab.get_values_batch(["A4:A4", "A5:B6"]) == [[["Cy"]], [["D", "1"], ["E", "2"]]]
        appended = tab.append_table([["F", 3]], start="A1")
        assert appended["updates"]["updatedCells"] == 2
        assert tab.get_value("A7") == "F"
        tab.clear("A5", "B7")
        assert tab.get_values("A4", "B7", include_tailing_empty=False) == [["Cy"]]

    def cells(self) -> None:
        tab = self.tab([1, 2])
        cell = tab.cell("C1")
        cell.formula = "=A1+B1"
        cell.note = "a sum"
        cell.color = (1, 0, 0, 1)
        cell.set_text_format("bold", True)
        cell.set_number_format(pygsheets.FormatType.PERCENT, "0%")
        again = tab.cell("C1")
        again.fetch()
        assert (again.value, again.note, again.formula) == ("300%", "a sum", "=A1+B1")
        assert again.color[:3] == (1, 0, 0)
        [row] = tab.get_values("A1", "C1", returnas="cell")
        assert [one.value for one in row] == ["1", "2", "300%"]
        tab.apply_format(["A1:B1"], {"textFormat": {"italic": True}})

    def frames(self) -> None:
        tab = self.tab()
        frame = pd.DataFrame({"rep": ["Ann", "=x"], "won": [3, 4]})
        tab.set_dataframe(frame, "B2", escape_formulae=True, extend=True)
        assert tab.get_as_df(start="B2", end="C4").to_dict("list") == {"rep": ["Ann", "=x"], "won": [3, 4]}

    def rows_and_columns(self) -> None:
        tab = self.tab(["a", "b"], ["c", "d"])
        tab.insert_rows(1, 1, values=["n", "o"])
        tab.insert_cols(1, 1, values=["p", "q", "r"])
        assert tab.get_values("A1", "C3") == [["a", "p", "b"], ["n", "q", "o"], ["c", "r", "d"]]
        tab.delete_rows(2)
        tab.delete_cols(2)
        tab.add_rows(3)
        tab.add_cols(2)
        tab.resize(20, 8)
        assert (tab.rows, tab.cols, tab.get_values("A1", "B2")) == (20, 8, [["a", "b"], ["c", "d"]])
        tab.adjust_column_width(1, 2, 150)
        tab.adjust_column_width(1, 2)
        tab.adjust_row_height(1, 2, 40)
        tab.hide_dimensions(3, 4, "ROWS")
        tab.show_dimensions(3, 4, "ROWS")
        tab.frozen_rows = tab.frozen_cols = 1
        tab.refresh()
        assert (tab.frozen_rows, tab.frozen_cols) == (1, 1)

    def find_and_replace(self) -> None:
        tab = self.tab(["lost"], ["lost deal"], ["won"])
        tab.replace("lost", "open")
        tab.replace("open", "new", matchEntireCell=True)
        assert tab.get_col(1, include_tailing_empty=False) == ["new", "open deal", "won"]
        assert [cell.label for cell in tab.find("deal")] == ["A2"]
        self.book.replace("open deal", "x")
        assert tab.get_value("A2") == "x"

    def named_and_protected_ranges(self) -> None:
        tab = self.tab([1, 2], [3, 4])
        tab.create_named_range("totals", "A1", "B2", returnas="json")
        named = tab.get_named_range("totals")
        assert named.range == "A1:B2"
        named.protected = True
        [protected] = tab.get_protected_ranges()
        assert protected.range == "A1:B2"
        tab.remove_protected_range(protected.protect_id)
        assert tab.get_protected_ranges() == []
        tab.delete_named_range("totals")
        span = pygsheets.datarange.DataRange("A1", "B2", worksheet=tab)
        span.apply_format(pygsheets.Cell("A1"))
        span.update_borders(top=True, style="SOLID")
        span.merge_cells()

    def objects(self) -> None:
        tab = self.tab(["month", "won"], ["Jan", 3], ["Feb", 5])
        tab.add_chart(("A1", "A3"), [("B1", "B3")], "Won")
        [chart] = tab.get_charts()
        chart.title = "Deals"
        chart.chart_type = pygsheets.ChartType.LINE
        chart.anchor_cell = "D4"
        assert [one.title for one in tab.get_charts()] == ["Deals"]
        chart.delete()
        tab.set_data_validation("B2", "B3", condition_type="NUMBER_GREATER", condition_values=["0"])
        tab.set_basic_filter("A1", "B3", filter_column_index=1, condition_type="NUMBER_GREATER", condition_values=["3"])
        tab.clear_basic_filter()
        tab.sort_range("A2", "B3", 1, "DESCENDING")
        assert tab.get_col(1, include_tailing_empty=False) == ["month", "Feb", "Jan"]
        condition = {"backgroundColor": {"red": 1}}
        tab.add_conditional_formatting("B2", "B3", "NUMBER_BETWEEN", condition, ["1", "5"])
        tab.merge_cells("D1", "E2")
        assert len(self.client.open_as_json(self.book.id)["sheets"][-1]["conditionalFormats"]) == 1

    def developer_metadata(self) -> None:
        tab = self.tab()
        tab.create_developer_metadata("team", "sales")
        self.book.create_developer_metadata("owner", "ops")
        [found] = tab.get_developer_metadata("team")
        found.value = "growth"
        found.update()
        found.fetch()
        assert (found.value, len(self.book.get_developer_metadata())) == ("growth", 1)
        found.delete()
        assert tab.get_developer_metadata("team") == []

    def batches(self) -> None:
        tab = self.tab()
        self.client.set_batch_mode(True)
        tab.resize(30, 9)
        tab.merge_cells("A1", "B2")
        self.client.run_batch()
        self.client.set_batch_mode(False)
        rename = {"properties": {"sheetId": tab.id, "title": "C3"}, "fields": "title"}
        self.book.custom_request([[{"updateSheetProperties": rename}]], "replies")
        tab.refresh()
        assert (tab.title, tab.rows, len(tab.merged_ranges)) == ("C3", 30, 1)

    def unlinked(self) -> None:
        tab = self.tab(["a"])
        tab.unlink()
        tab.title = "Later"
        tab.link()
        assert self.book.worksheet_by_title("Later").get_value("A1") == "a"

    def tabs(self) -> None:
        tab = self.tab(["here"])
        tab.title, tab.hidden = "Moved", True
        copy = self.book.add_worksheet("Again", src_worksheet=tab)
        assert copy.get_value("A1") == "here"
        self.book.add_worksheet("Once more", src_tuple=(self.book.id, tab.id))
        other = self.client.create("Other")
        tab.copy_to(other.id)
        assert other.worksheet_by_title("Copy of Moved").get_value("A1") == "here"
        self.book.del_worksheet(copy)
        assert "Again" not in [one.title for one in self.book.worksheets()]

    def drive(self) -> None:
        assert self.client.open("Board").id == self.book.id
        assert "Board" in self.client.spreadsheet_titles("name contains 'Boa'")
        assert self.client.spreadsheet_titles("name = 'nothing'") == []
        copy = self.client.create("From a template", template=self.book)
        assert len(copy.worksheets()) == len(self.book.worksheets())
        assert self.book.updated
        self.book.share("ann@example.com", role="reader", type="user")
        self.book.share("", role="reader", type="anyone")
        assert sorted(one["role"] for one in self.book.permissions) == ["owner", "reader", "reader"]
        self.book.remove_permission("ann@example.com")
        assert len(self.book.permissions) == 2
        copy.delete()
        assert "From a template" not in self.client.spreadsheet_titles()

    def exports(self) -> None:
        tab = self.tab(["a", "b,c"])
        with tempfile.TemporaryDirectory() as folder:
            tab.export(pygsheets.ExportType.CSV, "one", f"{folder}/")
            tab.export(pygsheets.ExportType.TSV, "one", f"{folder}/")
            assert Path(folder, "one.csv").read_text(encoding="utf-8") == 'a,"b,c"'
            assert Path(folder, "one.tsv").read_text(encoding="utf-8") == "a\tb,c"
            self.book.export(pygsheets.ExportType.XLS, "one", f"{folder}/")
            assert any(one.read_bytes()[:2] == b"PK" for one in Path(folder).iterdir())


def main(address: str) -> int:
    steps = Steps(Client(AnonymousCredentials(), http=Redirected(address), retries=0))
    every: list[Callable[[], None]] = [
        getattr(steps, name) for name in vars(Steps) if not name.startswith("_") and name != "tab"
    ]
    held = 0
    for step in every:
        try:
            step()
            held += 1
        except Exception as error:
            print(f"FAILED {step.__name__}: {type(error).__name__}: {error}")
    print(f"{held} of {len(every)} steps hold")
    return 0 if held == len(every) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
