"""gspread-dataframe and gspread-formatting do on the sandbox what their documentation says they do on Google Sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.sandbox.sheets_api.support import gspread_client

if TYPE_CHECKING:
    import gspread

    from sandbox.sheets_api import SheetsSandbox

WHY = "the test tools are not all installed (requirements-dev.txt)"
gspread_dataframe = pytest.importorskip("gspread_dataframe", reason=WHY)
formatting = pytest.importorskip("gspread_formatting", reason=WHY)

FRAME = pd.DataFrame({
    "rep": ["Ann", "=SUM(1)", "Zoë 🙂"],
    "won": [3, 4, None],
    "since": pd.to_datetime(["2026-01-31", "2025-12-01", "2024-02-29"]),
    "quota": [True, False, True],
})


@pytest.fixture
def tab(open_sandbox: SheetsSandbox) -> gspread.Worksheet:
    return gspread_client(open_sandbox).open_by_key(open_sandbox.create_spreadsheet("Clients")).sheet1


def test_a_frame_is_written_and_read_back(tab: gspread.Worksheet) -> None:
    gspread_dataframe.set_with_dataframe(tab, FRAME, resize=True, string_escaping="full")
    assert (tab.row_count, tab.col_count) == (4, 4)
    found = gspread_dataframe.get_as_dataframe(tab, parse_dates=["since"], evaluate_formulas=True)
    pd.testing.assert_frame_equal(found, FRAME, check_dtype=False)


def test_formulas_are_entered_where_they_are_allowed(tab: gspread.Worksheet) -> None:
    gspread_dataframe.set_with_dataframe(tab, FRAME[["rep"]])
    assert tab.acell("A3").value == "1"
    assert gspread_dataframe.get_as_dataframe(tab)["rep"][1] == "=SUM(1)"


@pytest.mark.parametrize("title", ["KPI26", "CRM26", "it's", "a!b", "RC"])
def test_a_frame_is_read_from_a_tab_of_any_title(tab: gspread.Worksheet, title: str) -> None:
    tab.update_title(title)
    gspread_dataframe.set_with_dataframe(tab, FRAME[["rep", "won"]], row=3, col=2, include_index=True)
    found = gspread_dataframe.get_as_dataframe(tab, skiprows=2, index_col=1)
    assert found["won"].tolist()[:2] == [3, 4]


def test_indexes_of_several_levels_come_back(tab: gspread.Worksheet) -> None:
    frame = FRAME.set_index(["rep", "won"])[["quota"]]
    gspread_dataframe.set_with_dataframe(tab, frame, include_index=True, resize=True)
    found = gspread_dataframe.get_as_dataframe(tab, index_col=[0, 1], evaluate_formulas=True)
    assert found["quota"].tolist() == [True, False, True]


def test_formats_are_set_and_read_back(tab: gspread.Worksheet) -> None:
    tab.update([["name", 0.5]], "A1")
    said = formatting.CellFormat(
        backgroundColor=formatting.Color(1, 0.4, 0),
        textFormat=formatting.TextFormat(bold=True, foregroundColor=formatting.Color(0, 0, 1), fontSize=12),
        horizontalAlignment="CENTER",
        borders=formatting.Borders(top=formatting.Border("SOLID", formatting.Color(0, 0, 0))),
        padding=formatting.Padding(1, 2, 3, 4),
        numberFormat=formatting.NumberFormat("PERCENT", "0.0%"),
    )
    formatting.format_cell_range(tab, "A1:B1", said)
    found = formatting.get_user_entered_format(tab, "B1")
    assert (found.textFormat.bold, found.horizontalAlignment, found.padding.left) == (True, "CENTER", 4)
    assert found.backgroundColor.green == pytest.approx(0.4)
    assert found.numberFormat == formatting.NumberFormat("PERCENT", "0.0%")
    assert formatting.get_effective_format(tab, "A1").textFormat.fontSize == 12
    assert formatting.get_default_format(tab.spreadsheet).textFormat.fontSize == 10
    assert tab.acell("B1").value == "50.0%"


def test_a_link_is_coloured_and_underlined(tab: gspread.Worksheet) -> None:
    tab.update([["Close"]], "A1")
    link = formatting.TextFormat(link=formatting.Link("https://close.com"))
    formatting.format_cell_range(tab, "A1", formatting.CellFormat(textFormat=link))
    found = formatting.get_effective_format(tab, "A1").textFormat
    assert (found.link.uri, found.underline) == ("https://close.com", True)


def test_sizes_frozen_panes_and_direction(tab: gspread.Worksheet) -> None:
    formatting.set_row_heights(tab, [("1", 40), ("2:4", 30)])
    formatting.set_column_widths(tab, [("A", 200), ("C:", 80)])
    formatting.set_frozen(tab, rows=1, cols=2)
    formatting.set_right_to_left(tab, True)
    assert formatting.get_frozen_row_count(tab) == 1
    assert formatting.get_frozen_column_count(tab) == 2
    assert formatting.get_right_to_left(tab)


def test_runs_of_text_and_drop_down_lists(tab: gspread.Worksheet) -> None:
    tab.update([["new and old", "a"]], "A1")
    runs = [
        formatting.TextFormatRun(startIndex=0, format=formatting.TextFormat(bold=True)),
        formatting.TextFormatRun(startIndex=3, format=formatting.TextFormat(italic=True)),
    ]
    formatting.set_text_format_runs(tab, "A1", runs)
    assert [run.startIndex or 0 for run in formatting.get_text_format_runs(tab, "A1")] == [0, 3]
    condition = formatting.BooleanCondition("ONE_OF_LIST", ["a", "b"])
    formatting.set_data_validation_for_cell_range(
        tab, "B1:B3", formatting.DataValidationRule(condition, showCustomUi=True)
    )
    found = formatting.get_data_validation_rule(tab, "B2")
    assert [value.userEnteredValue for value in found.condition.values] == ["a", "b"]
    formatting.set_data_validation_for_cell_range(tab, "B1:B3", None)
    assert formatting.get_data_validation_rule(tab, "B2") is None


def test_conditional_formats_are_a_list_that_is_saved(tab: gspread.Worksheet) -> None:
    def rule(bound: str) -> Any:
        return formatting.ConditionalFormatRule(
            ranges=[formatting.GridRange.from_a1_range("A1:A9", tab)],
            booleanRule=formatting.BooleanRule(
                condition=formatting.BooleanCondition("NUMBER_GREATER", [bound]),
                format=formatting.CellFormat(textFormat=formatting.TextFormat(bold=True)),
            ),
        )

    rules = formatting.get_conditional_format_rules(tab)
    rules.extend([rule("1"), rule("2")])
    rules.save()
    rules = formatting.get_conditional_format_rules(tab)
    rules[0] = rule("3")
    rules.save()
    found = formatting.get_conditional_format_rules(tab)
    bounds = [one.booleanRule.condition.values[0].userEnteredValue for one in found]
    assert bounds == ["3", "2"]
    found.clear()
    found.save()
    assert len(formatting.get_conditional_format_rules(tab)) == 0


def test_many_changes_go_in_one_batch(tab: gspread.Worksheet) -> None:
    with formatting.batch_updater(tab.spreadsheet) as batch:
        batch.format_cell_range(tab, "A1", formatting.CellFormat(textFormat=formatting.TextFormat(bold=True)))
        batch.set_row_height(tab, "1", 50)
        batch.set_frozen(tab, rows=1)
    assert formatting.get_frozen_row_count(tab) == 1


def test_a_frame_is_formatted(tab: gspread.Worksheet) -> None:
    gspread_dataframe.set_with_dataframe(tab, FRAME, include_index=True)
    from gspread_formatting.dataframe import format_with_dataframe

    format_with_dataframe(tab, FRAME, include_index=True, include_column_header=True)
    assert formatting.get_effective_format(tab, "B1").textFormat.bold
    assert formatting.get_effective_format(tab, "C2").numberFormat is not None
