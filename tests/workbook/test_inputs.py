"""Targets and Spend: lists of the readers, which publishes leave alone and the reports count with at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from close_kpis.workbook.diff.cell_data import serial
from tests.workbook.conftest import workbook_of

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.workbook.spec import Workbook
    from close_kpis.workbook.tables import Tables
    from tests.workbook.conftest import Book


def enter(book: Book, title: str, row: int, *values: Any) -> None:
    """Type into a line of a list; a number of a day is a date."""
    kinds = {str: "stringValue", float: "numberValue", int: "numberValue"}
    cells = [{"userEnteredValue": {kinds[type(value)]: value}} for value in values]
    start = {"sheetId": book.gid(title), "rowIndex": row, "columnIndex": 0}
    book.edit({"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}})


def worth(book: Book, title: str, row: int, column: int) -> Any:
    line = book.cells(title)[row]
    value = next(iter(line[column].get("effectiveValue", {"": None}).values())) if column < len(line) else None
    return None if value == "" else value


def labelled(book: Book, title: str, label: str, at: int = 0) -> int:
    return next(row for row, line in enumerate(book.values(title)) if len(line) > at and line[at] == label)


def last_completed(tables: Tables) -> date:
    day: date = sorted(tables.growth_monthly[~tables.growth_monthly["is_running"]]["month"])[-1]
    return day


@pytest.fixture
def published(book: Book, young_workbook: Workbook) -> Book:
    book.publish(young_workbook)
    return book


def test_a_target_shows_in_the_summary_with_its_attainment(published: Book, young_company: Tables) -> None:
    row = labelled(published, "Summary", "MRR")
    assert (worth(published, "Summary", row, 4), worth(published, "Summary", row, 5)) == (None, None)
    month = last_completed(young_company)

    enter(published, "Targets", 4, float(serial(month.replace(day=15))), "MRR", 5000)
    enter(published, "Targets", 5, float(serial(month)), "Churn rate", 0.02)

    mrr = young_company.growth_monthly.set_index("month").loc[month]
    assert worth(published, "Summary", row, 4) == 5000
    assert worth(published, "Summary", row, 5) == pytest.approx(mrr["mrr_cents"] / 100 / 5000)
    churn = labelled(published, "Summary", "Churn rate")
    reached = 0.02 / mrr["churn_rate"] if mrr["churn_rate"] else None
    assert worth(published, "Summary", churn, 5) == (pytest.approx(reached) if reached else None)


def test_targets_of_other_months_do_not_count(published: Book, young_company: Tables) -> None:
    month = last_completed(young_company)
    enter(published, "Targets", 4, float(serial(month) - 1), "MRR", 1)
    enter(published, "Targets", 5, float(serial(month) + 31), "MRR", 1)
    assert worth(published, "Summary", labelled(published, "Summary", "MRR"), 4) is None


def test_a_line_without_a_number_sets_no_target_and_is_no_free_source(published: Book, young_company: Tables) -> None:
    enter(published, "Targets", 4, float(serial(last_completed(young_company))), "MRR", "a lot")
    assert worth(published, "Summary", labelled(published, "Summary", "MRR"), 4) is None
    enter(published, "Spend", 4, float(serial(last_completed(young_company))), "Website", "free")
    at = published.values("Sources")[3].index("Spend")
    row = labelled(published, "Sources", "Website", 1)
    assert [worth(published, "Sources", row, at + more) for more in range(3)] == [None, None, None]


def test_a_target_of_a_rep_shows_beside_what_the_rep_has_reached(published: Book, young_company: Tables) -> None:
    month = max(young_company.growth_monthly["month"])
    at = published.values("Reps")[4].index("MRR added: target")
    ann, ben, team = (labelled(published, "Reps", name, 1) for name in ("Ann Bauer", "Ben Okafor", "Team"))
    assert [worth(published, "Reps", row, at) for row in (ann, ben, team)] == [None, None, None]

    enter(published, "Targets", 4, float(serial(month)), "MRR added", 900, "Ann Bauer")
    enter(published, "Targets", 5, float(serial(month)), "MRR added", 5000, "Team")
    enter(published, "Targets", 6, float(serial(month)), "MRR added", 1000)
    enter(published, "Targets", 7, float(serial(month)), "Won opportunities", 4, "Ann Bauer")

    assert [worth(published, "Reps", row, at) for row in (ann, ben, team)] == [900, None, 6000]
    reps = young_company.rep_monthly
    mine = reps[(reps["user_id"] == "user_ann") & (reps["month"] == month)].iloc[0]
    assert worth(published, "Reps", ann, at + 1) == pytest.approx(mine["arr_added_cents"] / 1200 / 900)
    assert worth(published, "Reps", ann, at + 4) == pytest.approx(mine["won_opportunities"] / 4)


def test_a_rep_who_leaves_keeps_targets(published: Book, young_company: Tables) -> None:
    month = max(young_company.growth_monthly["month"])
    enter(published, "Targets", 4, float(serial(month)), "MRR added", 900, "Ann Bauer")
    reps = young_company.rep_monthly
    left = reps.assign(is_active=reps["is_active"] & (reps["user_id"] != "user_ann"))

    published.publish(workbook_of(replace(young_company, rep_monthly=left)))

    at = published.values("Reps")[4].index("MRR added: target")
    assert worth(published, "Reps", labelled(published, "Reps", "Ann Bauer (inactive)", 1), at) == 900


def test_reps_of_one_name_are_told_apart(book: Book, young_company: Tables) -> None:
    reps = young_company.rep_monthly
    names = reps["rep"].where(reps["user_id"] != "user_ben", "ann bauer")
    month = max(reps["month"])
    book.publish(workbook_of(replace(young_company, rep_monthly=reps.assign(rep=names))))
    enter(book, "Targets", 4, float(serial(month)), "MRR added", 900, "ann bauer, …_ben")

    shown = {line[1] for line in book.values("Reps")[5:9] if len(line) > 1}
    assert {"Ann Bauer, …_ann", "ann bauer, …_ben"} <= shown
    at = book.values("Reps")[4].index("MRR added: target")
    targets = [worth(book, "Reps", labelled(book, "Reps", name, 1), at) for name in sorted(shown) if "auer" in name]
    assert targets == [None, 900]


def test_a_target_of_a_rep_is_none_of_the_team(published: Book, young_company: Tables) -> None:
    enter(published, "Targets", 4, float(serial(last_completed(young_company))), "MRR", 5000, "Ann Bauer")
    assert worth(published, "Summary", labelled(published, "Summary", "MRR"), 4) is None


def test_the_pipeline_shows_how_often_it_covers_the_targets_of_three_months(
    published: Book, young_company: Tables
) -> None:
    month = max(young_company.growth_monthly["month"])
    row = labelled(published, "Pipeline", "Coverage")
    assert [worth(published, "Pipeline", row, column) for column in (3, 4)] == [None, None]
    for line, day in enumerate((serial(month), serial(month) + 40, serial(month) + 70, serial(month) + 100), start=4):
        enter(published, "Targets", line, float(day), "New MRR", 500, "Team")
    stages = young_company.pipeline_stages
    opened, weighted = stages["arr_cents"].sum() / 1200, stages["weighted_arr_cents"].sum() / 1200
    assert worth(published, "Pipeline", row - 1, 3) == 1500
    assert worth(published, "Pipeline", row, 3) == pytest.approx(opened / 1500)
    assert worth(published, "Pipeline", row, 4) == pytest.approx(weighted / 1500)


def test_spend_shows_in_the_sources(published: Book, young_company: Tables) -> None:
    [first] = young_company.source_all_time.sort_values("total_arr_cents").tail(1).to_dict("records")
    day = float(serial(last_completed(young_company)))
    enter(published, "Spend", 4, day, first["source"], 1500)
    enter(published, "Spend", 7, day - 40, first["source"], 500.5)

    row = labelled(published, "Sources", first["source"], 1)
    arr, each = first["total_arr_cents"] / 100, first["avg_arr_per_won_account_cents"] / 100
    at = published.values("Sources")[3].index("Spend")
    assert worth(published, "Sources", row, at) == 2000.5
    assert worth(published, "Sources", row, at + 1) == pytest.approx(2000.5 * each / arr)
    assert worth(published, "Sources", row, at + 2) == pytest.approx(2000.5 * 12 / arr)
    assert worth(published, "Sources", row, at + 3) == pytest.approx(arr / 2000.5)
    assert worth(published, "Sources", row + 1, at) is None


def test_the_sources_shares_are_of_their_total(published: Book, young_company: Tables) -> None:
    at = published.values("Sources")[3].index("Share of total ARR")
    [total] = young_company.source_total["total_arr_cents"]
    for source, value in young_company.source_all_time.set_index("source")["total_arr_cents"].items():
        share = worth(published, "Sources", labelled(published, "Sources", source, 1), at)
        assert share == pytest.approx(value / total)
    assert worth(published, "Sources", labelled(published, "Sources", "Total", 1), at) == 1


def test_what_readers_enter_is_theirs(published: Book, young_workbook: Workbook, young_company: Tables) -> None:
    day = float(serial(last_completed(young_company)))
    enter(published, "Targets", 4, day, "MRR", 5000)
    enter(published, "Targets", 6, "next year", "Total customers", "many")
    lines = {"sheetId": published.gid("Targets"), "dimension": "ROWS"}
    published.edit(
        {"deleteDimension": {"range": {**lines, "startIndex": 5, "endIndex": 6}}},
        {"insertDimension": {"range": {**lines, "startIndex": 8, "endIndex": 9}, "inheritFromBefore": False}},
    )
    enter(published, "Targets", 8, day, "ARR", 70_000)

    published.publish(young_workbook)

    entered = [line[:3] for line in published.values("Targets")[4:9] if line[:1] != [None]]
    assert entered == [
        [day, "MRR", 5000.0],
        ["next year", "Total customers", "many"],
        [day, "ARR", 70_000.0],
    ]
    assert worth(published, "Summary", labelled(published, "Summary", "ARR"), 4) == 70_000
    assert published.publish(young_workbook).requests == 0


def test_lines_that_cannot_be_read_are_marked(published: Book, young_company: Tables) -> None:
    day = float(serial(last_completed(young_company)))
    assert worth(published, "Targets", 4, 4) == "an example: it does not count"
    for row, line in enumerate(
        [("May", "MRR", 1), (day, "", 1), (day, "MRR", "many"), (day, "MRR", -5), (day, "MRR", 5)],
        start=5,
    ):
        enter(published, "Targets", row, *line)
    marks = [worth(published, "Targets", row, 4) for row in range(5, 11)]
    below = "below 0: it does not count"
    assert marks == ["no month: write it as a date", "nothing chosen", "no number", below, None, None]
    assert worth(published, "Summary", labelled(published, "Summary", "MRR"), 4) == 5


def test_lists_offer_what_there_is(published: Book, young_company: Tables) -> None:
    rules = [cell.get("dataValidation", {}).get("condition", {}) for cell in published.cells("Spend")[4][:3]]
    assert [rule["type"] for rule in rules] == ["DATE_IS_VALID", "ONE_OF_LIST", "NUMBER_GREATER_THAN_EQ"]
    offered = {value["userEnteredValue"] for value in rules[1]["values"]}
    assert offered == set(young_company.source_all_time["source"])


def test_a_new_source_is_offered(published: Book, young_company: Tables) -> None:
    enter(published, "Spend", 4, 46_000.0, "Website", 5)
    more = pd.concat([young_company.source_all_time, young_company.source_all_time.head(1).assign(source="Podcast")])
    grown = workbook_of(replace(young_company, source_all_time=more))

    published.publish(grown)

    [offered] = {str(line[1].get("dataValidation")) for line in published.cells("Spend")[4:104]}
    assert "Podcast" in offered
    assert published.values("Spend")[4][:3] == [46_000.0, "Website", 5.0]
    assert published.publish(grown).requests == 0


def test_a_list_that_was_deleted_begins_anew(published: Book, young_workbook: Workbook) -> None:
    published.edit({"deleteSheet": {"sheetId": published.gid("Targets")}})
    published.publish(young_workbook)
    assert published.values("Targets")[4][0] == "e.g. Jan 2027"


def test_an_account_without_sources_has_a_list(book: Book, company: Tables) -> None:
    book.publish(workbook_of(replace(company, source_all_time=company.source_all_time.head(0))))
    assert book.values("Spend")[4][1] == "(none)"


def test_entries_outlast_the_metadata_of_their_tab(published: Book, young_workbook: Workbook) -> None:
    enter(published, "Targets", 4, 46_000.0, "MRR", 5000)
    everywhere = {"developerMetadataLookup": {"locationType": "SHEET"}}
    published.edit({"deleteDeveloperMetadata": {"dataFilter": everywhere}})

    published.publish(young_workbook)

    assert published.values("Targets")[4][:3] == [46_000.0, "MRR", 5000.0]
    assert [line[0] for line in published.values("Targets") if line[:1] == ["Month"]] == ["Month"]
