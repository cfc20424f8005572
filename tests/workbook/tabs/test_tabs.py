"""What stands where in the rendered workbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from benchmarks import sample
from close_kpis.workbook.spec import Cell, Row, Tab, Workbook
from close_kpis.workbook.tabs import styles
from tests.workbook.conftest import workbook_of

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Tables


def tab(workbook: Workbook, key: str) -> Tab:
    return next(one for one in workbook.tabs if one.key == key)


def header_row(one: Tab, first: str) -> int:
    return next(index for index, row in enumerate(one.rows) if row and row[0].value == first)


def labelled(one: Tab, label: str, header: int) -> list[Cell]:
    """Return a column's cells below a header."""
    column = next(index for index, cell in enumerate(one.rows[header]) if cell.value == label)
    return [row[column] if column < len(row) else Cell() for row in one.rows[header + 1 :]]


@pytest.fixture
def growth(company_workbook: Workbook) -> Tab:
    return tab(company_workbook, "growth")


def test_the_tabs_come_in_the_order_of_their_readers(company_workbook: Workbook) -> None:
    titles = [one.title for one in company_workbook.tabs]
    reports = ["Summary", "Growth", "MRR", "Reps", "One rep", "Sources", "Pipeline", "Cohorts"]
    reports.append("Behind the numbers")
    assert titles[:14] == [*reports, "Targets", "Spend", "Changes", "Data quality", "Definitions"]
    hidden = ["Chart data", "Record lists", "Records"]
    assert all(title.startswith("Data ") for title in titles[14:-3])
    assert titles[-3:] == hidden
    assert [one.title for one in company_workbook.tabs if one.is_hidden] == hidden


def test_growth_has_years_and_months_down_and_the_kpis_across(growth: Tab) -> None:
    header = header_row(growth, "Year")
    assert [cell.value for cell in growth.rows[header]] == [
        "Year",
        "Month",
        "Total customers",
        "New trials",
        "Opened opportunities",
        "New customers",
        "Reactivated",
        "Churned",
        "Demos done",
        "ARR",
        "MRR",
        "Churn rate",
        "Gross growth rate",
        "Net growth rate",
        "Comments",
    ]
    assert growth.frozen_rows == header + 1
    assert growth.frozen_columns == 2


def test_the_newest_year_comes_first_and_each_year_ends_with_its_three_rows(growth: Tab) -> None:
    start = header_row(growth, "Year") + 1
    labels = [(row[0].value, row[1].value) for row in growth.rows[start : start + 37]]
    assert labels[:9] == [
        *((2026, date(2026, month, 1)) for month in range(1, 7)),
        (2026, "Year (YTD)"),
        (2026, "Average"),
        (2026, "Growth YoY (Jan-May)"),
    ]
    assert labels[9:24] == [
        *((2025, date(2025, month, 1)) for month in range(1, 13)),
        (2025, "Year"),
        (2025, "Average"),
        (2025, "Growth YoY (Mar-Dec)"),
    ]
    assert labels[24:37] == [
        *((2024, date(2024, month, 1)) for month in range(3, 13)),
        (2024, "Year"),
        (2024, "Average"),
        (2024, "Growth YoY"),
    ]


def test_the_cells_show_what_the_table_holds(growth: Tab, company: Tables) -> None:
    header = header_row(growth, "Year")
    by_month = {row["month"]: row for row in company.growth_monthly.to_dict("records")}
    for row in growth.rows[header + 1 : header + 7]:
        record = by_month[row[1].value]
        assert row[2].value == record["total_customers"]
        assert row[9].value == record["arr_cents"] / 100
        assert row[10].value == pytest.approx(record["arr_cents"] / 1200)
        assert row[13].value == pytest.approx(record["net_growth_rate"])


def test_the_running_month_is_marked(growth: Tab) -> None:
    row = growth.rows[header_row(growth, "Year") + 6]
    assert row[1].value == date(2026, 6, 1)
    assert row[1].format.number == styles.MONTH_RUNNING
    assert all(cell.format.italic for cell in row)


def test_a_rate_without_a_denominator_is_empty_not_zero(growth: Tab) -> None:
    first_month = next(row for row in growth.rows if len(row) > 1 and row[1].value == date(2024, 3, 1))
    assert [cell.value for cell in first_month[11:14]] == [None, None, None]


def test_growth_yoy_is_relative_but_percentage_points_for_rates(growth: Tab) -> None:
    yoy = next(row for row in growth.rows if len(row) > 1 and str(row[1].value).startswith("Growth YoY"))
    months = {row[1].value: row for row in growth.rows if len(row) > 1 and isinstance(row[1].value, date)}
    grown = months[date(2026, 5, 1)][2].value / months[date(2025, 5, 1)][2].value - 1
    assert (yoy[2].value, yoy[2].format.number) == (pytest.approx(grown), styles.CHANGE)
    assert (yoy[11].value, yoy[11].format.number) == (pytest.approx(-1.5), styles.POINTS)


def test_the_first_year_has_no_growth(growth: Tab) -> None:
    last_yoy = [row for row in growth.rows if len(row) > 1 and str(row[1].value).startswith("Growth YoY")][-1]
    assert {cell.value for cell in last_yoy[2:]} == {None}


def test_churn_going_up_is_bad_news(growth: Tab) -> None:
    yoy = next(
        index for index, row in enumerate(growth.rows) if len(row) > 1 and str(row[1].value).startswith("Growth YoY")
    )
    header = growth.rows[header_row(growth, "Year")]
    churned = next(index for index, cell in enumerate(header) if cell.value == "Churned")
    covering = [
        rule
        for rule in growth.rules
        if rule.above and any(area.top == yoy and area.left <= churned < area.right for area in rule.areas)
    ]
    assert [rule.color for rule in covering] == [styles.BAD]


def texts(one: Tab) -> list[str]:
    return [str(row[0].value) for row in one.rows if row and row[0].value is not None]


def test_the_summary_tells_the_headlines_on_one_screen(company_workbook: Workbook, company: Tables) -> None:
    summary = tab(company_workbook, "summary")
    header = header_row(summary, "KPI")
    assert [cell.value for cell in summary.rows[header]] == [
        *("KPI", "Completed (May 2026)", "Against the month before", "Against the year before"),
        *("Target", "Attainment", "To date (Jun 2026)", "Last 13 months"),
    ]
    rows = {str(row[0].value): row for row in summary.rows[header + 1 :] if row}
    months = {row["month"]: row for row in company.growth_monthly.to_dict("records")}
    may, april, june = (months[date(2026, month, 1)] for month in (5, 4, 6))
    now, then = may["total_customers"], months[date(2025, 5, 1)]["total_customers"]
    customers = [now, now / april["total_customers"] - 1, now / then - 1, june["total_customers"]]
    shown = rows["Total customers"]
    assert [cell.value for cell in (*shown[1:4], shown[6])] == pytest.approx(customers)
    churn = [may["churn_rate"], (may["churn_rate"] - april["churn_rate"]) * 100]
    assert [cell.value for cell in rows["Churn rate"][1:3]] == pytest.approx(churn)
    moves = company.mrr_movements_monthly.set_index("month").loc[date(2026, 5, 1)]
    assert rows["New MRR"][1].value == pytest.approx(moves["new_arr_cents"] / 1200)
    assert rows["Open pipeline, weighted ARR"][6].value == 2 * 4000.5
    assert all(row[0].note for label, row in rows.items() if len(row) > 1 and label != "None")
    # Of a screen of 1366 by 768 the row numbers take 46 pixels, the browser and the bars of Sheets about 250.
    assert sum(summary.widths) + 46 <= 1366
    assert 21 * summary.height + 40 <= 768 - 250


def test_the_summary_draws_the_last_thirteen_completed_months(company_workbook: Workbook) -> None:
    summary = tab(company_workbook, "summary")
    tabs = {one.key: one for one in company_workbook.tabs}
    drawn = [row[7].formula for row in summary.rows if len(row) == 8 and row[7].formula]
    assert len(drawn) == 8
    for formula in drawn:
        assert formula.text == "SPARKLINE({0})"
        [reference] = formula.references
        months = [tabs[reference.tab].cell(row, 0).value for row in range(reference.area.top, reference.area.bottom)]
        assert months == [*(date(2025, month, 1) for month in range(5, 13)), *(date(2026, m, 1) for m in range(1, 6))]


def test_the_summary_says_what_changed_and_whom_to_ask(company_workbook: Workbook) -> None:
    said = texts(tab(company_workbook, "summary"))
    news = said[said.index("What changed") + 1 :]
    assert 3 <= len(news) <= 6
    assert news[0].startswith("MRR rose by $")
    assert any("ask Ben Okafor" in sentence for sentence in news)
    assert news[-1] == "Ben Okafor: busier and closing less (see Reps)."
    assert said[2].startswith("12 records to mend in Close (Data quality).")


@pytest.mark.parametrize("count", [1, 2, 3, 13])
def test_a_young_company_has_a_summary(count: int) -> None:
    one = tab(workbook_of(sample.tables(first=date(2026, 6, 1), count=count)), "summary")
    if count == 1:
        assert "No month is completed yet: see Growth for the running one." in texts(one)
        return
    heads = one.rows[header_row(one, "KPI")]
    assert heads[1].value == f"Completed ({sample.months(date(2026, 6, 1), count)[-2]:%b %Y})"
    assert sum(bool(row[7].formula) for row in one.rows if len(row) == 8) == (0 if count == 2 else 8)


def formulas(row: Row) -> list[str]:
    return [cell.formula.text if cell.formula else "" for cell in row]


def test_mrr_movements_add_up_before_the_readers_eyes(company_workbook: Workbook) -> None:
    mrr = tab(company_workbook, "mrr")
    header = header_row(mrr, "Year")
    assert [cell.value for cell in mrr.rows[header]][2:9] == [
        *("Opening MRR", "New", "Reactivation", "Expansion", "Contraction", "Churn", "Closing MRR"),
    ]
    months = [row for row in mrr.rows[header + 1 :] if isinstance(row[1].value, date)]
    assert len(months) == 28
    for row in months:
        opening, new, back, more, less, churn, closing = (cell.value for cell in row[2:9])
        assert closing == pytest.approx(opening + new + back + more - less - churn)
    assert [formulas(row)[8] for row in months] == ["{0}+{1}+{2}+{3}-{4}-{5}"] * 28
    first = min(months, key=lambda row: row[1].value)
    assert {formulas(row)[2] for row in months if row is not first} == {"{0}"}
    assert formulas(first)[2] == ""
    years = [row for row in mrr.rows[header + 1 :] if str(row[1].value).startswith("Year")]
    assert [row[0].value for row in years] == [2026, 2025, 2024]
    for row in years:
        assert formulas(row)[2:9] == ["{0}", *["SUM({0})"] * 5, "{0}+{1}+{2}+{3}-{4}-{5}"]
        # Retention of a year is that of its opening customers, which the months do not show.
        assert formulas(row)[9:11] == ["", ""]


def test_growth_computes_what_a_reader_can_compute(growth: Tab) -> None:
    header = header_row(growth, "Year")
    january, february = growth.rows[header + 1], growth.rows[header + 2]
    assert formulas(february)[9:] == ["{0}*12", "", "{0}/{1}", "({0}+{1})/{2}", "({0}+{1}-{2})/{3}"]
    # January divides by the customers of December, which stands in the block below.
    assert january[11].formula is not None
    assert january[11].formula.references[1].area.top > header + 9
    average = next(row for row in growth.rows if len(row) > 1 and row[1].value == "Average")
    assert set(formulas(average)[2:]) == {"AVERAGE({0})"}
    assert average[2].formula is not None
    year, yoy = (
        next(row for row in growth.rows if len(row) > 1 and str(row[1].value).startswith(text))
        for text in ("Year", "Growth YoY")
    )
    assert formulas(year)[2:4] == ["{0}", "SUM({0})"]
    assert formulas(yoy)[2:4] == ["{0}/{1}-1", "SUM({0})/SUM({1})-1"]
    assert formulas(yoy)[11:] == ["", "", ""]
    [months] = average[2].formula.references
    assert (months.area.top, months.area.bottom) == (header + 1, header + 6), "without the running month"


def test_a_workbook_without_formulas_shows_the_same_numbers(company_workbook: Workbook) -> None:
    plain = company_workbook.without_formulas()
    for one, other in zip(plain.tabs, company_workbook.tabs, strict=True):
        assert [[cell.value for cell in row] for row in one.rows] == [
            [cell.value for cell in row] for row in other.rows
        ]
    left = {cell.formula for one in plain.tabs for row in one.rows for cell in row if cell.formula}
    assert not any(formula.is_checked for formula in left), "what draws or follows a reader stays"


def test_a_number_that_its_formula_would_not_give_stays_a_number(company: Tables) -> None:
    odd = company.growth_monthly.copy()
    odd.loc[odd.index[5], "churn_rate"] = 0.5
    growth = tab(workbook_of(replace(company, growth_monthly=odd)), "growth")
    row = next(row for row in growth.rows if len(row) > 1 and row[1].value == odd["month"].iloc[5])
    assert (row[11].value, row[11].formula) == (0.5, None)
    assert row[12].formula is not None


@pytest.mark.parametrize("key", ["summary", "growth", "mrr", "reps", "sources", "definitions", "data_quality"])
def test_every_report_says_how_fresh_it_is(company_workbook: Workbook, key: str) -> None:
    stamp = str(tab(company_workbook, key).rows[1][0].value)
    assert stamp == ("Data through 19 Jun 2026, 23:59 New York – refreshed 20 Jun, 02:12")


@pytest.mark.parametrize("key", ["growth", "mrr", "reps", "sources"])
def test_every_report_has_a_chart_whose_data_exists(company_workbook: Workbook, key: str) -> None:
    tabs = {one.key: one for one in company_workbook.tabs}
    assert tabs[key].charts
    for chart in tabs[key].charts:
        for source in (chart.domain, *(series.source for series in chart.series)):
            area, where = source.area, tabs[source.tab]
            assert area.bottom <= where.height
            assert area.right - area.left == 1
            assert isinstance(where.cell(area.top, area.left).value, str)
            assert where.cell(area.bottom - 1, area.left).value is not None


def test_every_kpi_heading_carries_its_definition(company_workbook: Workbook) -> None:
    for key, first in (("growth", "Year"), ("mrr", "Year"), ("sources", "#"), ("reps", "Month")):
        one = tab(company_workbook, key)
        headings = one.rows[header_row(one, first)][2:]
        assert all(cell.note for cell in headings), key


def test_the_notes_follow_the_choices(company: Tables) -> None:
    closing = replace(company, choices=replace(sample.CHOICES, rate_denominator="closing"))
    one = tab(workbook_of(closing), "growth")
    churn = next(cell for cell in one.rows[header_row(one, "Year")] if cell.value == "Churn rate")
    assert churn.note is not None
    assert churn.note.endswith("Churn rate = churned / closing")


def test_each_month_of_reps_ends_with_the_team(company_workbook: Workbook) -> None:
    reps = tab(company_workbook, "reps")
    start = header_row(reps, "Month") + 1
    assert [row[1].value for row in reps.rows[start : start + 5]][-2:] == ["Unassigned", "Team"]
    dated = [row for row in reps.rows if len(row) > 2 and isinstance(row[0].value, date)]
    teams = [row[0].value for row in dated if row[1].value == "Team"]
    assert teams == sorted(sample.months(date(2024, 3, 1), 28), reverse=True)[:25]


def test_reps_who_left_are_marked(company_workbook: Workbook) -> None:
    names = {row[1].value for row in tab(company_workbook, "reps").rows if len(row) > 1}
    assert "Dee Larsen (inactive)" in names
    assert "Dee Larsen" not in names


def test_the_rep_x_month_view_shows_mrr_added(company_workbook: Workbook, company: Tables) -> None:
    reps = tab(company_workbook, "reps")
    start = next(index for index, row in enumerate(reps.rows) if row and row[0].value == "MRR added by rep and month")
    months = [cell.value for cell in reps.rows[start + 1][2:]]
    assert months == sample.months(date(2025, 6, 1), 13)
    ann = next(row for row in reps.rows[start:] if len(row) > 1 and row[1].value == "Ann Bauer")
    frame = company.rep_monthly
    mine = frame[(frame["user_id"] == "user_ann") & (frame["month"] >= date(2025, 6, 1))]
    assert [cell.value for cell in ann[2:]] == [cents / 1200 for cents in mine["arr_added_cents"]]


def test_a_month_without_a_rep_is_empty_not_zero(company_workbook: Workbook) -> None:
    reps = tab(company_workbook, "reps")
    matrix = header_row(reps, "MRR added by rep and month")
    gone = next(row for row in reps.rows[matrix:] if len(row) > 1 and row[1].value == "Dee Larsen (inactive)")
    assert [cell.value for cell in gone[8:15]] == [None] * 7


def test_a_close_rate_carries_its_n_and_interval(company_workbook: Workbook, company: Tables) -> None:
    from close_kpis.workbook.tabs.reps import interval_text

    record = {"won_opportunities": 5, "lost_opportunities": 9, "close_rate_low": 0.163, "close_rate_high": 0.612}
    assert interval_text(record) == "14, 16–61%"
    assert interval_text({**record, "won_opportunities": 0, "lost_opportunities": 0, "close_rate_low": None}) is None


def test_the_matrix_of_close_rates_greys_what_few_deals_say(company_workbook: Workbook, company: Tables) -> None:
    reps = tab(company_workbook, "reps")
    start = next(at for at, row in enumerate(reps.rows) if row and row[0].value == "Close rate by rep and month")
    team = next(row for row in reps.rows[start:] if len(row) > 1 and row[1].value == "Team")
    ben = next(row for row in reps.rows[start:] if len(row) > 1 and row[1].value == "Ben Okafor")
    months = sorted(company.team_monthly["month"])[-13:]
    for of_whom, line in ((company.team_monthly, team), (of_rep(company, "Ben Okafor"), ben)):
        numbers = {row["month"]: row for row in of_whom.to_dict("records")}
        for month, cell in zip(months, line[2:], strict=True):
            n = numbers[month]["won_opportunities"] + numbers[month]["lost_opportunities"]
            assert (cell.value is None) == (n == 0)
            assert (cell.format.color == styles.FAINT) == (0 < n < 5)
            assert n == 0 or cell.format.number.pattern == f'0%" ({n})"'
            assert n == 0 or f"n = {n}" in cell.note


def of_rep(tables: Tables, rep: str) -> pd.DataFrame:
    return tables.rep_monthly[tables.rep_monthly["rep"] == rep]


def test_insights_begin_with_what_matters(company_workbook: Workbook) -> None:
    reps = tab(company_workbook, "reps")
    start = next(at for at, row in enumerate(reps.rows) if row and row[0].value == "What the numbers say")
    shown = [[cell.value for cell in row[1:3]] for row in reps.rows[start + 2 : start + 5]]
    assert shown == [
        ["Ben Okafor", "busier and closing less"],
        ["Team", "no clear change"],
        ["Team", "too few deals to say"],
    ]


def test_sources_are_ranked_by_total_arr_and_closed_by_the_total(company_workbook: Workbook, company: Tables) -> None:
    sources = tab(company_workbook, "sources")
    header = header_row(sources, "#")
    count = len(company.source_all_time)
    totals = [cell.value for cell in labelled(sources, "Total ARR", header)[:count]]
    assert totals == sorted(totals, reverse=True)
    assert [row[0].value for row in sources.rows[header + 1 : header + 1 + count]] == list(range(1, count + 1))
    assert sources.rows[header + 1 + count][1].value == "Total"


def test_warnings_link_to_the_lead_in_close(company_workbook: Workbook) -> None:
    links = [cell for row in tab(company_workbook, "data_quality").rows for cell in row if cell.link]
    assert len(links) == 12
    assert links[0].value == "=Acme 0"
    assert links[0].link == "https://app.close.com/lead/lead_0000/"


def test_a_rule_without_texts_is_listed_by_its_name(company_workbook: Workbook) -> None:
    values = {cell.value for row in tab(company_workbook, "data_quality").rows for cell in row}
    assert "Rule of tomorrow" in values


def test_an_account_without_warnings_says_so(company: Tables) -> None:
    quality = tab(workbook_of(replace(company, data_quality=company.data_quality.head(0))), "data_quality")
    assert "No warnings: nothing to mend." in {cell.value for row in quality.rows for cell in row}


def restatements(*, count: int = 2, all_rows: int = 2) -> pd.DataFrame:
    """Return restatements of ARR and of a source's win rate, as the workbook's query gives them."""
    row = {
        "restated_at": pd.Timestamp("2026-06-20 06:12", tz="UTC"),
        "month": pd.Timestamp("2026-04-01"),
        "records_added": 0,
        "records_changed": 1,
        "records_deleted": None,
        "records_merged": 0,
        "all_rows": all_rows,
    }
    arr = {"tab": "Growth", "name": "Total", "kpi": "mrr_cents", "before": 1200.0, "after": 2400.0, "is_to_date": False}
    rate = {
        "tab": "Sources monthly",
        "name": "Web",
        "kpi": "win_rate",
        "before": None,
        "after": 0.5,
        "is_to_date": True,
    }
    rows = [{**row, **arr, "cause": "1 deal back-dated by Ana"}] * count
    return pd.DataFrame([*rows, {**row, **rate, "cause": "=cause", "all_rows": 1}])


def test_changes_show_what_was_published_what_is_now_and_why(company: Tables) -> None:
    changes = tab(workbook_of(replace(company, restatements=restatements())), "changes")
    months, to_date = (at for at, row in enumerate(changes.rows) if row and row[0].value == "When")
    row = changes.rows[months + 1]
    assert [cell.value for cell in row] == [
        "2026-06-20 02:12",
        "Growth",
        date(2026, 4, 1),
        "Total",
        "MRR",
        12.0,
        24.0,
        "1 deal back-dated by Ana",
        0,
        1,
        None,
        0,
    ]
    assert row[5].format.number == styles.money("USD")
    rate = changes.rows[to_date + 1]
    assert [cell.value for cell in rate[4:8]] == ["Win rate (to date)", None, 0.5, "=cause"]
    assert rate[6].format.number == styles.PERCENT


def test_changes_beyond_what_is_shown_are_counted(company: Tables) -> None:
    changes = tab(workbook_of(replace(company, restatements=restatements(count=3, all_rows=1203))), "changes")
    assert [row[0].value for row in changes.rows if row and "older" in str(row[0].value)] == [
        "1,200 older ones are in the table kpi.restatements of the lake."
    ]


def test_changes_of_a_report_that_is_gone_keep_its_name_and_amounts(company: Tables) -> None:
    frame = restatements(count=1, all_rows=1).head(1).assign(tab="Forecast", kpi="expected_arr_cents")
    changes = tab(workbook_of(replace(company, restatements=frame)), "changes")
    row = next(
        row for at, row in enumerate(changes.rows) if at and (changes.rows[at - 1] or [Cell()])[0].value == "When"
    )
    assert [row[column].value for column in (1, 4, 5, 6)] == ["Forecast", "Expected arr", 12.0, 24.0]


def test_a_first_publish_has_restated_nothing(company_workbook: Workbook) -> None:
    assert tab(company_workbook, "changes").rows[-2][0].value == "No published month has changed."


def test_a_data_tab_is_one_header_row_and_one_typed_row_per_grain(company_workbook: Workbook, company: Tables) -> None:
    data = tab(company_workbook, "data_rep_monthly")
    assert len(data.rows) == len(company.rep_monthly) + 1
    names = [cell.value for cell in data.rows[0]]
    assert names[:5] == ["month", "is_running", "user_id", "rep", "is_active"]
    first = dict(zip(names, (cell.value for cell in data.rows[1]), strict=True))
    assert isinstance(first["month"], date)
    assert first["is_running"] is False
    assert isinstance(first["close_rate"], float)


def test_data_tabs_hold_currency_under_a_name_that_does_not_say_cents(
    company_workbook: Workbook, company: Tables
) -> None:
    data = tab(company_workbook, "data_growth_monthly")
    at = [cell.value for cell in data.rows[0]].index("arr")
    assert [row[at].value for row in data.rows[1:]] == [cents / 100 for cents in company.growth_monthly["arr_cents"]]
    note = data.rows[0][at].note
    assert note is not None
    assert "In USD; the table kpi.growth_monthly of the lake holds it in cents as arr_cents." in note


@pytest.mark.parametrize(
    ("unit", "value", "shown", "pattern"),
    [
        ("count", 12, 12, "#,##0"),
        ("money", 123_456, 1234.56, '"$"#,##0'),
        ("mrr", 120_000, 100.0, '"$"#,##0'),
        ("rate", 0.05, 0.05, "0.0%"),
        ("ratio", 4.2, 4.2, '#,##0.0"×"'),
        ("days", 31.25, 31.25, "#,##0.0"),
        ("number", 2.5, 2.5, "#,##0.0"),
        ("money", None, None, '"$"#,##0'),
    ],
)
def test_every_unit_has_its_format(unit: Any, value: float | None, shown: float | None, pattern: str) -> None:
    assert styles.shown(unit, value) == shown
    assert styles.number(unit, "USD").pattern == pattern


def test_a_currency_without_a_sign_is_shown_by_its_code() -> None:
    assert styles.money("CHF").pattern == '"CHF "#,##0'


def test_an_account_in_its_first_month_has_a_workbook() -> None:
    tables = sample.tables(first=date(2026, 6, 1), count=1)
    empty = replace(
        tables,
        rep_monthly=tables.rep_monthly.head(0),
        source_all_time=tables.source_all_time.head(0),
        source_monthly=tables.source_monthly.head(0),
        pipeline_daily=tables.pipeline_daily.head(0),
        insights=tables.insights.head(0),
        data_quality=tables.data_quality.head(0),
    )
    workbook = workbook_of(empty)
    assert tab(workbook, "growth").charts == ()
    assert tab(workbook, "sources").charts == ()


def test_null_integers_that_pandas_reads_as_floats_stay_exact(company: Tables) -> None:
    frame = company.growth_monthly.astype({"total_customers": "float64"})
    frame.loc[0, "total_customers"] = None
    one = tab(workbook_of(replace(company, growth_monthly=frame)), "data_growth_monthly")
    at = [cell.value for cell in one.rows[0]].index("total_customers")
    assert one.rows[1][at].value is None
    assert one.rows[2][at].value == company.growth_monthly["total_customers"][1]


def test_frames_from_duckdb_become_plain_values() -> None:
    from close_kpis.workbook.tables import records

    frame = pd.DataFrame({
        "month": pd.to_datetime(["2026-06-01", None]),
        "n": pd.array([1, None], dtype="Int64"),
        "flag": pd.Series([True, None], dtype="object"),
    })
    assert records(frame) == [
        {"month": date(2026, 6, 1), "n": 1, "flag": True},
        {"month": None, "n": None, "flag": None},
    ]
