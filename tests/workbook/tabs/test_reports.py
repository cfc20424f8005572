"""The tabs that answer one question each: pipeline, cohorts, one rep, the ranking of the reps, the sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from close_kpis.workbook.spec import Formula
from close_kpis.workbook.tabs import styles
from tests.workbook.conftest import workbook_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.workbook.spec import Row, Tab, Workbook
    from close_kpis.workbook.tables import Tables
    from tests.workbook.conftest import Book


def tab(workbook: Workbook, key: str) -> Tab:
    return next(one for one in workbook.tabs if one.key == key)


def row(found: Tab, *labels: Any) -> Row:
    return next(line for line in found.rows if tuple(cell.value for cell in line[: len(labels)]) == labels)


def values(line: Row) -> list[Any]:
    return [cell.value for cell in line]


def stages(*rows: tuple[str, str, int, int, int], cycle: float | None = 20.0) -> pd.DataFrame:
    """Pipeline, stage, position, open opportunities, overdue ones."""
    return pd.DataFrame([
        {
            "pipeline": pipeline,
            "status": status,
            "position": position,
            "opportunities": count,
            "arr_cents": count * 120_000,
            "weighted_arr_cents": count * 60_000,
            "one_time_cents": 0,
            "avg_age_days": 10.0,
            "overdue_opportunities": overdue,
            "sales_cycle_days": cycle,
        }
        for pipeline, status, position, count, overdue in rows
    ])


TWO = (("Sales", "Talk", 1, 4, 1), ("Sales", "Offer", 2, 2, 2), ("Growth", "Ask", 3, 5, 0))


def test_stages_stand_in_the_order_of_close_with_sums(company: Tables) -> None:
    found = tab(workbook_of(replace(company, pipeline_stages=stages(*TWO[::-1]))), "pipeline")
    lines = [values(line)[:4] for line in found.rows[4:10]]
    assert lines == [
        ["Sales", "Talk", 4, 400.0],
        ["Sales", "Offer", 2, 200.0],
        ["Sales", "Total", 6, 600.0],
        ["Growth", "Ask", 5, 500.0],
        ["Growth", "Total", 5, 500.0],
        ["Total", None, 11, 1100.0],
    ]
    assert [line[7].value for line in found.rows[4:10]] == [1, 2, 3, 0, 0, 3]
    assert found.rows[10][0].value == "Overdue: open for more than 40 days, twice the median of 20 to a win."


def test_sums_of_stages_are_formulas_that_hold(book: Book, company: Tables) -> None:
    book.publish(workbook_of(replace(company, pipeline_stages=stages(*TWO))))
    cells = book.cells("Pipeline")
    texts = [cells[at][2]["userEnteredValue"].get("formulaValue") for at in (6, 8, 9)]
    assert texts == ["=SUM(C5:C6)", "=SUM(C8)", "=C7+C9"]
    assert [cells[at][2]["effectiveValue"]["numberValue"] for at in (6, 8, 9)] == [6, 5, 11]


def test_one_pipeline_has_one_total(company: Tables) -> None:
    found = tab(workbook_of(replace(company, pipeline_stages=stages(*TWO[:2]))), "pipeline")
    assert [line[0].value for line in found.rows[4:7]] == ["Sales", "Sales", "Total"]


def test_what_is_overdue_is_not_known_without_a_win(company: Tables) -> None:
    found = tab(workbook_of(replace(company, pipeline_stages=stages(*TWO, cycle=None))), "pipeline")
    assert {line[7].value for line in found.rows[4:10]} == {None}
    assert found.rows[10][0].value == "Overdue: not known, since nothing was won in the last twelve months."


def test_an_empty_pipeline_says_so(company: Tables) -> None:
    empty = replace(company, pipeline_stages=stages(*TWO).head(0), pipeline_daily=company.pipeline_daily.head(0))
    found = tab(workbook_of(empty), "pipeline")
    assert found.rows[4][0].value == "Nothing is open."
    assert [chart.key for chart in found.charts] == ["pipeline/win-rate"]


def test_the_pipeline_moves_by_the_last_snapshot_of_each_month(company: Tables) -> None:
    [first, second] = company.pipeline_daily.to_dict("records")
    days = (date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 19))
    daily = pd.DataFrame([
        {**one, "day": day, "opportunities": at + 1} for at, day in enumerate(days) for one in (first, second)
    ])
    found = tab(workbook_of(replace(company, pipeline_daily=daily)), "pipeline")
    moves = [(line[1].value, line[2].value) for line in found.rows[-3:]]
    assert moves == [(date(2026, 4, 30), 4), (date(2026, 5, 31), 6), (date(2026, 6, 19), 8)]
    assert [chart.key for chart in found.charts] == ["pipeline/win-rate", "pipeline/value"]


def test_cohorts_are_shares_by_age_and_all_of_them_by_size(company: Tables) -> None:
    rows = (
        (date(2026, 1, 1), 1, 4, 4, 400, 440),
        (date(2026, 1, 1), 2, 4, 3, 400, 300),
        (date(2026, 2, 1), 1, 6, 3, 100, 50),
    )
    found = tab(workbook_of(replace(company, cohort_monthly=cohorts(*rows))), "cohorts")
    assert values(found.rows[4]) == [date(2026, 2, 1), 6, 0.5, None, 100, 0.5, None]
    assert values(found.rows[5]) == [date(2026, 1, 1), 4, 1.0, 0.75, 400, 1.1, 0.75]
    assert values(found.rows[6]) == ["All cohorts", 10, 0.7, 0.75, 500, 0.98, 0.75]


def cohorts(*rows: tuple[date, int, int, int, int, int]) -> pd.DataFrame:
    """Month, age, customers and those kept, MRR and what of it is kept."""
    return pd.DataFrame([
        {
            "cohort_month": month,
            "age_months": age,
            "cohort_customers": size,
            "customers_kept": kept,
            "customer_retention": kept / size,
            "cohort_arr_cents": then * 1200,
            "arr_kept_cents": now * 1200,
            "net_revenue_retention": now / then if then else None,
        }
        for month, age, size, kept, then, now in rows
    ])


def test_the_shares_of_all_cohorts_are_formulas_that_hold(book: Book, company: Tables) -> None:
    """Also of a single cohort, and of one whose customers paid nothing at first."""
    march = (date(2026, 3, 1), 1, 5, 5, 0, 100)
    for rows in ([march], [march, (date(2026, 2, 1), 1, 6, 3, 100, 50)], [march, (date(2026, 2, 1), 1, 6, 0, 100, 0)]):
        book.publish(workbook_of(replace(company, cohort_monthly=cohorts(*rows))))
    line = book.cells("Cohorts")[6]
    assert [cell.get("formattedValue") for cell in line[:5]] == ["All cohorts", "11", "45%", "$100", "100%"]


def test_an_account_without_a_cohort_says_so(company: Tables) -> None:
    found = tab(workbook_of(replace(company, cohort_monthly=company.cohort_monthly.head(0))), "cohorts")
    assert [row[0].value for row in found.rows[3:]] == ["Customers since", "No cohort is a month old yet."]


def _choose(book: Book, name: str) -> list[list[Any]]:
    start = {"sheetId": book.gid("One rep"), "rowIndex": 3, "columnIndex": 0}
    rows = [{"values": [{"userEnteredValue": {"stringValue": name}}]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    return [[_worth(cell) for cell in line] for line in book.cells("One rep")]


def _worth(cell: dict[str, Any]) -> Any:
    value = next(iter(cell.get("effectiveValue", {"": None}).values()))
    return None if value == "" else value


@pytest.mark.slow
def test_the_months_follow_the_rep_who_is_chosen(book: Book, company: Tables) -> None:
    book.publish(workbook_of(company))
    shown = tab(workbook_of(company), "one_rep")
    header = next(at for at, line in enumerate(shown.rows) if line[0].value == "Month")
    names = [line[0].value for line in shown.rows[header + 18 :]]
    assert len(names) == company.rep_monthly["user_id"].nunique()
    for name in names:
        table = _choose(book, str(name))
        mine = company.rep_monthly[company.rep_monthly["rep"] == name].set_index("month")
        for at, month in enumerate(sorted(company.team_monthly["month"])[-13:], start=header + 1):
            won, added, rate = (table[at][column] for column in (1, 7, 5))
            if month not in mine.index:
                assert (won, added, rate) == (None, None, None), (name, month)
                continue
            record = mine.loc[month]
            assert won == record["won_opportunities"], (name, month)
            assert added == pytest.approx(record["arr_added_cents"] / 1200), (name, month)
            assert rate == (None if pd.isna(record["close_rate"]) else pytest.approx(record["close_rate"]))
    assert all(cell is None for line in _choose(book, "Nobody")[header + 1 : header + 14] for cell in line[1:18:2])
    assert book.publish(workbook_of(company)).requests == 0


def test_two_reps_of_one_name_can_both_be_chosen(company: Tables) -> None:
    reps = company.rep_monthly.assign(rep="Ann Lee")
    shown = tab(workbook_of(replace(company, rep_monthly=reps)), "one_rep")
    names = [line[0].value for line in shown.rows if len(line) == 2 and line[1].value and line[0].value != "Rep"]
    assert len(set(names)) == reps["user_id"].nunique()
    assert all(str(name).startswith("Ann Lee, …") for name in names)


def test_reps_are_ranked_by_what_they_added_in_twelve_months(company_workbook: Workbook, company: Tables) -> None:
    reps = tab(company_workbook, "reps")
    months = sorted(company.team_monthly["month"])[-13:-1]
    start = next(at for at, line in enumerate(reps.rows) if values(line[1:3]) == ["Rep", "MRR added"])
    ranked = reps.rows[start + 1 : start + 1 + company.rep_monthly["rep"].nunique()]
    heads = values(reps.rows[start])
    year = company.rep_monthly[company.rep_monthly["month"].isin(months)].groupby("rep")
    for line in ranked:
        name = str(line[1].value).removesuffix(" (inactive)")
        sums = year[["arr_added_cents", "won_opportunities", "lost_opportunities"]].sum().loc[name]
        assert line[2].value == pytest.approx(sums["arr_added_cents"] / 1200)
        assert (line[4].value, line[5].value) == (sums["won_opportunities"], sums["lost_opportunities"])
        n = sums["won_opportunities"] + sums["lost_opportunities"]
        assert line[6].value == (pytest.approx(sums["won_opportunities"] / n) if n else None)
        assert n == 0 or line[6].format.number == styles.rate_of(int(n))
        told = company.rep_monthly[(company.rep_monthly["rep"] == name) & company.rep_monthly["month"].isin(months)]
        for label, column in (("Calls", "calls"), ("Emails", "emails"), ("Renewals won", "won_renewals")):
            assert line[heads.index(label)].value == told[column].sum()
        days = told.dropna(subset=["avg_days_to_close"])
        weighted = (days["avg_days_to_close"] * days["won_opportunities"]).sum() / days["won_opportunities"].sum()
        assert line[heads.index("Avg days to close")].value == pytest.approx(weighted)
    team = row(reps, None, "Team")
    assert team[2].value == pytest.approx(sum(float(str(line[2].value)) for line in ranked))


def test_a_trend_draws_the_row_of_its_rep(company_workbook: Workbook) -> None:
    reps = tab(company_workbook, "reps")
    start = next(at for at, line in enumerate(reps.rows) if values(line[1:3]) == ["Rep", "MRR added"])
    for line in reps.rows[start + 1 :]:
        if len(line) < 4 or not isinstance(line[3].formula, Formula):
            break
        [reference] = line[3].formula.references
        drawn = reps.rows[reference.area.top]
        assert drawn[1].value == line[1].value
        assert reference.area.right - reference.area.left == 13


def sources(*rows: tuple[str, int, int, int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Source, leads, won, lost, ARR in dollars; and their total."""

    def record(leads: int, won: int, lost: int, arr: int) -> dict[str, Any]:
        return {
            "total_leads": leads,
            "won_opportunities": won,
            "lost_opportunities": lost,
            "win_rate": won / (won + lost) if won + lost else None,
            "lead_conversion": won / leads,
            "avg_days_to_close": None,
            "median_days_to_close": None,
            "avg_arr_per_won_account_cents": None,
            "total_arr_cents": arr * 100,
            "current_arr_cents": arr * 100,
        }

    sums: Sequence[int] = [sum(numbers) for numbers in zip(*(one[1:] for one in rows), strict=True)]
    named = [{"source": name, **record(*numbers)} for name, *numbers in rows]
    return pd.DataFrame(named), pd.DataFrame([record(*sums)])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            (("Partner", 100, 60, 40, 90_000), ("Web", 300, 60, 240, 30_000)),
            "Partner: 60% of 100 decided deals won (95 % interval 50% to 69%) against 30% of all, and 3.0 times",
        ),
        ((("Partner", 100, 31, 69, 90_000), ("Web", 300, 89, 211, 30_000)), "None of the 2 with 10 decided deals"),
        ((("Partner", 9, 3, 0, 900),), "None of the 0 with 10 decided deals"),
        ((("(none)", 100, 90, 10, 900), ("Web", 100, 10, 90, 9)), "None of the 1 with 10 decided deals"),
    ],
    ids=["clear", "too close", "too few", "no source is none"],
)
def test_which_source_deserves_more(company: Tables, rows: Any, said: str) -> None:
    all_time, total = sources(*rows)
    workbook = workbook_of(replace(company, source_all_time=all_time, source_total=total))
    told = [cell.value for line in tab(workbook, "sources").rows for cell in line if "deserves" in str(cell.value)]
    assert len(told) == 1
    assert said in str(told[0])


def test_user_ids_are_out_of_sight(book: Book, company: Tables) -> None:
    book.publish(workbook_of(company))
    columns = book.sheet("Data reps")["data"][0]["columnMetadata"]
    heads = [cell.get("formattedValue") for cell in book.cells("Data reps")[0]]
    hidden = [heads[at] for at, column in enumerate(columns[: len(heads)]) if column.get("hiddenByUser")]
    assert hidden == ["user_id"]
    assert book.publish(workbook_of(company)).requests == 0
