from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.company.account import ZONE, annual_cents, local_day

if TYPE_CHECKING:
    from tests.sandbox.company.account import Folder, Row

MONTHS = [date(year, month, 1) for year in range(2023, 2027) for month in range(1, 13)][6:42]


def after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@pytest.fixture(scope="module")
def customers(company: Folder) -> dict[date, set[str]]:
    """Customers at the end of each month."""
    found: dict[date, set[str]] = {}
    for month in MONTHS:
        end = datetime.combine(after(month), time(), ZONE)
        found[month] = {lead["id"] for lead in company["leads"] if company.status_at(lead, end) == "Customer"}
    return found


def decided(company: Folder, deals: list[Row] | None = None) -> dict[str, Counter[str]]:
    """Won and lost deals by owner, source and month, ignored pipelines left out."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    source = company.field("Lead source")
    sources = {lead["id"]: lead.get(source) for lead in company["leads"]}
    for deal in deals if deals is not None else company["opportunities"]:
        if deal["status_type"] == "active" or deal["pipeline_name"] == "Partnerships":
            continue
        on = deal["date_won"] if deal["status_type"] == "won" else local_day(deal["date_lost"]).isoformat()
        if on is None:
            continue
        for key in (deal["user_name"], f"source {sources[deal['lead_id']]}", on[:7], "all"):
            found[key][deal["status_type"]] += 1
        found[f"{deal['user_name']} {on[:7]}"][deal["status_type"]] += 1
    return found


def close_rate(count: Counter[str]) -> float:
    return count["won"] / (count["won"] + count["lost"])


def test_size_lets_a_first_sync_take_seconds(company: Folder) -> None:
    assert 1_200 <= len(company["leads"]) <= 2_000
    assert 900 <= len(company["opportunities"]) <= 1_500
    assert 15_000 <= len(company["activities"]) <= 25_000
    assert 500 <= len(company["events"]) <= 3_000


def test_customers_grow_without_a_jump(customers: dict[date, set[str]]) -> None:
    counts = [len(customers[month]) for month in MONTHS]
    assert counts[0] < 40
    assert 130 <= counts[-1] <= 260
    assert counts[11] < counts[23] < counts[35]


def test_monthly_recurring_revenue_reaches_a_real_companys_size(
    company: Folder, customers: dict[date, set[str]]
) -> None:
    running: dict[str, int] = defaultdict(int)
    won = [row for row in company["opportunities"] if row["status_type"] == "won" and row["date_won"]]
    for deal in sorted(won, key=lambda row: row["date_won"]):
        if deal["pipeline_name"] == "Partnerships":
            continue
        keep = 0 if deal["pipeline_name"] == "Renewal" else running[deal["lead_id"]]
        running[deal["lead_id"]] = keep + annual_cents(deal)
    mrr = sum(running[lead_id] for lead_id in customers[MONTHS[-1]]) / 12 / 100
    assert 150_000 <= mrr <= 300_000


def test_churn_is_moderate_but_for_the_price_rise(customers: dict[date, set[str]]) -> None:
    rates = {
        month: len(customers[before] - customers[month]) / len(customers[before])
        for before, month in pairwise(MONTHS[8:])
    }
    assert 0.01 <= mean(rates.values()) <= 0.04
    raised = mean(rates[month] for month in (MONTHS[21], MONTHS[22], MONTHS[23]))
    assert raised > 1.5 * mean(rate for month, rate in rates.items() if month not in MONTHS[21:26])


def test_some_customers_return(customers: dict[date, set[str]]) -> None:
    returned, ever = 0, set[str]()
    for before, month in pairwise(MONTHS):
        ever |= customers[before]
        returned += len((customers[month] - customers[before]) & ever)
    assert 5 <= returned <= 40


def test_close_rates_differ_by_source(company: Folder) -> None:
    rates = {key: close_rate(count) for key, count in decided(company).items() if key.startswith("source")}
    assert 0.2 <= close_rate(decided(company)["all"]) <= 0.4
    assert rates["source Referral"] > rates["source Website"] > rates["source Paid Search"]
    assert rates["source Partner"] > rates["source Outbound"] > rates["source Paid Search"]


def test_every_rep_has_a_way_of_working(company: Folder) -> None:
    by = decided(company)
    assert close_rate(by["Maya Okafor"]) > close_rate(by["Tom Lindqvist"])
    worth: dict[str, list[int]] = defaultdict(list)
    for deal in company["opportunities"]:
        if deal["status_type"] == "won" and annual_cents(deal):
            worth[deal["user_name"]].append(annual_cents(deal))
    assert mean(worth["Priya Raman"]) > 1.8 * mean(worth["Maya Okafor"])
    assert len(worth["Priya Raman"]) < 0.5 * len(worth["Maya Okafor"])


def test_one_rep_has_left_a_year_ago_and_one_joined_lately(company: Folder) -> None:
    last: dict[str, date] = {}
    first: dict[str, date] = {}
    for row in company.activities("Call"):
        name, on = row["user_name"], local_day(row["activity_at"])
        first[name], last[name] = min(first.get(name, on), on), max(last.get(name, on), on)
    assert last["Ben Castillo"] < date(2025, 9, 30)
    assert first["Sofia Duarte"] >= date(2026, 2, 1)
    assert [row["first_name"] for row in company["users"] if row.get("is_active") is False] == ["Ben"]
    assert len(company["users"]) == 6


def test_one_rep_is_busier_and_closes_less_two_months_running(company: Folder) -> None:
    busy: Counter[str] = Counter()
    for row in (*company.activities("Call"), *company.activities("Email")):
        if row["user_name"] == "Tom Lindqvist" and row["direction"] in {"outbound", "outgoing"}:
            busy[local_day(row["activity_at"]).isoformat()[:7]] += 1
    won = {key[-7:]: count["won"] for key, count in decided(company).items() if key.startswith("Tom Lindqvist 2")}
    months = [month.isoformat()[:7] for month in MONTHS]
    for number in (33, 34):
        before = months[number - 3 : number]
        assert busy[months[number]] > mean(busy[month] for month in before)
        assert won.get(months[number], 0) < mean(won.get(month, 0) for month in before)


def test_new_leads_have_their_seasons(company: Folder) -> None:
    counts = Counter(local_day(row["date_created"]).month for row in company["leads"])
    assert counts[12] < counts[10]
    assert counts[8] < counts[9]
