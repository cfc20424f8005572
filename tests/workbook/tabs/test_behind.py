"""Behind the numbers: the records of each number, as `explain` lists them, chosen by a reader."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis.strategies import booleans

from benchmarks import sample
from close_kpis.explain.answer import Explainer
from close_kpis.explain.question import Question
from close_kpis.kpis import records as kept_records
from close_kpis.kpis.records import kind_of, shown_kpis
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.released import last_computation
from close_kpis.paths import INCLUDE
from close_kpis.publishing.publish import prepare
from close_kpis.workbook.diff.cell_data import serial
from close_kpis.workbook.spec import Workbook
from close_kpis.workbook.tables import records
from close_kpis.workbook.tabs import record_data as data
from close_kpis.workbook.tabs.behind import behind_tabs
from close_kpis.workbook.tabs.parts import Context
from close_kpis.workbook.tabs.people import people
from close_kpis.workbook.tabs.record_tabs import record_tabs
from tests.conftest import COMPANY_DAY
from tests.oracle.profile import examples, in_folder
from tests.oracle.strategies import MadeAccount, accounts
from tests.support.lake import FreshLakes, lake_from_account
from tests.workbook.conftest import workbook_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.workbook.tables import Tables
    from tests.workbook.conftest import Book

TITLE = "Behind the numbers"
REPORT, MONTH, WHOSE, KPI, COUNT = range(5)
CHOICE, FIRST_RECORD = 4, 8
MADE = 4
ALL = 20_000

Shown = Counter[tuple[str, str]]
"""Records by day and address of the lead."""


def context_of(tables: Tables) -> Context:
    return Context(load_definitions(), sample.STAMP, "UTC", tables.choices.currency, "Close KPIs")


def months_of(tables: Tables) -> list[date]:
    return [record["month"] for record in records(tables.growth_monthly)]


def choose(book: Book, at: int, value: str | date) -> None:
    """Choose in a list, as a reader does."""
    kind = {"stringValue": value} if isinstance(value, str) else {"numberValue": serial(value)}
    start = {"sheetId": book.gid(TITLE), "rowIndex": CHOICE, "columnIndex": at}
    book.edit({
        "updateCells": {
            "start": start,
            "rows": [{"values": [{"userEnteredValue": kind}]}],
            "fields": "userEnteredValue",
        }
    })


def seen(book: Book) -> list[list[str]]:
    """What a reader sees: the choice with its count, then the records."""
    rows = [[cell.get("formattedValue") or "" for cell in row] for row in book.cells(TITLE)]
    return [rows[CHOICE], *(row for row in rows[FIRST_RECORD:] if any(row))]


@pytest.fixture
def published(book: Book, young_company: Tables) -> Book:
    """The tab and what it reads, alone: that is quicker to compute."""
    behind, hidden = behind_tabs(young_company, context_of(young_company))
    book.publish(Workbook((behind, *hidden)))
    return book


def of_kind(tables: Tables, kind: str) -> list[dict[str, Any]]:
    return [row for row in tables.records.to_dict("records") if kind in row["kinds"].split()]


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR"])
def test_choosing_shows_the_records_in_every_locale(published: Book, young_company: Tables, locale: str) -> None:
    published.edit({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})
    last = sorted(young_company.growth_monthly["month"])[-2]
    expected = [row for row in of_kind(young_company, "new_customers") if row["first_month"] == last]
    assert expected
    [choice, *rows] = seen(published)
    assert choice[COUNT] == str(len(expected))
    assert [row[:2] for row in rows] == [[f"{row['dated_on']:%Y-%m-%d}", row["lead"]] for row in expected]
    assert {row[3] for row in rows} == {"New customer"}

    choose(published, REPORT, "Reps")
    choose(published, KPI, "Won opportunities")
    choose(published, WHOSE, "Ben Okafor")
    choose(published, MONTH, data.ALL_TIME)

    [choice, *rows] = seen(published)
    mine = [row for row in of_kind(young_company, "won") if row["user_id"] == "user_ben"]
    assert mine
    assert [(row[1], row[2]) for row in rows] == [(row["lead"], "Ben Okafor") for row in mine]
    assert choice[COUNT] == str(len(mine))


def test_a_month_of_customers_shows_who_was_one_at_its_end(published: Book, young_company: Tables) -> None:
    month = sorted(young_company.growth_monthly["month"])[1]
    choose(published, KPI, "Total customers")
    choose(published, MONTH, month)
    customers = [row for row in of_kind(young_company, "customers") if row["first_month"] <= month <= row["last_month"]]
    assert len(seen(published)[1:]) == len(customers) > 0


def test_lists_offer_what_goes_with_the_report(published: Book) -> None:
    def offered(at: int) -> list[str]:
        rows = published.cells("Record lists")[1:]
        texts = [row[at].get("formattedValue") for row in rows if len(row) > at]
        return [text for text in texts if text]

    heads = [cell.get("formattedValue") for cell in published.cells("Record lists")[0]]
    kpis, whose = heads.index("KPIs offered"), heads.index("Whose offered")
    assert "New customers" in offered(kpis)
    assert offered(whose) == ["Everyone"]
    choose(published, REPORT, "Sources")
    assert "Total leads" in offered(kpis)
    assert "New customers" not in offered(kpis)
    assert {"Everyone", "Referral", '=HYPERLINK("http://evil")'} <= set(offered(whose))


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (REPORT, "Sources", "Choose a KPI of this report."),
        (WHOSE, "Zoe", "Choose again of whom"),
    ],
)
def test_a_choice_that_does_not_fit_says_so(published: Book, at: int, value: str, said: str) -> None:
    choose(published, at, value)
    assert said in (published.cells(TITLE)[6][0].get("formattedValue") or "")
    assert seen(published)[1][0] == "none"


def test_an_account_without_records_shows_none(book: Book) -> None:
    tables = sample.tables(first=date(2026, 6, 1), count=1, record_rows=0)
    behind, hidden = behind_tabs(tables, context_of(tables))
    book.publish(Workbook((behind, *hidden)))
    choice, first = seen(book)
    assert (choice[COUNT], first[0]) == ("0", "none")


def test_what_a_reader_has_chosen_survives_publishes(book: Book, young_company: Tables) -> None:
    workbook = workbook_of(young_company)
    book.publish(workbook)
    choose(book, REPORT, "Pipeline")
    choose(book, KPI, "Open")
    before = seen(book)
    assert len(before) > 1

    assert book.publish(workbook).requests == 0
    assert seen(book) == before


def test_texts_of_close_are_texts(published: Book) -> None:
    values = [cell.get("userEnteredValue", {}) for row in published.cells("Records") for cell in row]
    assert any("=HYPERLINK" in value.get("stringValue", "") for value in values)
    assert not any("formulaValue" in value for value in values)


def test_records_link_to_close(published: Book) -> None:
    row = published.cells(TITLE)[FIRST_RECORD]
    assert row[5]["hyperlink"] == row[6]["formattedValue"]
    assert row[6]["formattedValue"].startswith("https://app.close.com/lead/lead_")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_day_later_only_what_has_changed_is_written(book: Book) -> None:
    size = {"first": date(2023, 7, 1), "count": 36, "more_reps": 6, "more_sources": 8, "record_rows": 5000}
    tables = sample.tables(**size)
    first = book.publish(workbook_of(tables))
    assert first.bytes > 2_000_000
    day_later = tables.records.copy()
    new = day_later.head(60).assign(record_id="new", lead=lambda rows: rows["lead"] + " again", lead_id="lead_new")
    tables = replace(tables, records=pd.concat([new, day_later.iloc[:-60]]))
    reads, writes = book.calls("GET"), book.calls("POST", ":batchUpdate")

    done = book.publish(workbook_of(tables))

    assert 0 < done.bytes < 2_000_000
    assert book.calls("POST", ":batchUpdate") - writes == 1
    assert book.calls("GET") - reads == 2
    assert len(book.values("Records")) == 5001


class RecordsTab:
    """The rows of the tab Records, and what the condition of Behind the numbers lets through."""

    def __init__(self, tables: Tables) -> None:
        tab, _ = data.records_tab(tables, context_of(tables))
        self.running = max(months_of(tables))
        self.rows: dict[Any, list[list[Any]]] = defaultdict(list)
        for row in tab.rows[1:]:
            if len(row) > data.LINK:
                self.rows[row[data.CLASS].value].append([cell.value for cell in row])

    def shown(self, choice: data.Choice, month: date | None, whose: str | None) -> Shown:
        now = month or self.running
        instant = date(now.year - (now.month == 1), (now.month - 2) % 12 + 1, 1) if choice.is_opening else now
        found: Shown = Counter()
        narrowed = {"person": data.PERSON, "whose": data.WHOSE}.get(choice.whose)
        for code in {*choice.classes, choice.customers}:
            day = instant if code == choice.customers else month
            for row in self.rows[code]:
                counts = day is None or _number(row[data.FROM]) <= serial(day) <= _number(row[data.TO])
                if counts and (whose is None or (narrowed is not None and row[narrowed] == whose)):
                    found[row[data.DATE], row[data.LINK]] += 1
        return found


def _number(value: date | int) -> int:
    return serial(value) if isinstance(value, date) else value


def listed(explainer: Explainer, question: Question) -> Shown:
    """What `explain` lists, each record once."""
    definitions = explainer.definitions
    found: dict[tuple[Any, ...], tuple[str, str]] = {}
    answer = explainer.answer(question)
    for listing in (*answer.over, *answer.under):
        if kind_of(listing.part, definitions) is None:
            continue
        key = definitions.records[listing.part.query].key
        query = "decided" if listing.part.query in {"opportunities_won", "opportunities_lost"} else listing.part.query
        for record in listing.records:
            day = record[listing.columns[0]]
            told = data.NONE if day is None else day.isoformat(), record["link"] or data.NONE
            found[(query, record[key], day)] = told
    return Counter(found.values())


def numbers(con: DuckDBPyConnection, tables: Tables, months: int) -> Iterator[tuple[data.Choice, Question, str | None]]:
    """Each KPI of the tab with each of its last months and of whom it can be narrowed to."""
    definitions = load_definitions()
    _, columns = data.records_tab(tables, context_of(tables))
    offered = iter(data.choices(tables, context_of(tables), columns))
    names = people(tables)
    last = sorted(months_of(tables))[-months:]
    for tab in data.REPORTS:
        for report, column, _ in shown_kpis(definitions, tab):
            choice = next(offered)
            if report == "stages":
                yield choice, Question(report, column, None), None
                for stage in tables.pipeline_stages.to_dict("records"):
                    place = {"pipeline": stage["pipeline"], "stage": stage["status"]}
                    yield choice, Question(report, column, None, **place), " / ".join(place.values())
                continue
            for month in [*last, *([None] if report == "sources" else [])]:
                yield choice, Question(report, column, month), None
                if report == "reps":
                    for user_id, name in [*names.items(), (None, "Unassigned")]:
                        yield choice, Question(report, column, month, is_of_rep=True, user_id=user_id), name
                if report == "sources":
                    for source in tables.source_all_time["source"]:
                        yield choice, Question(report, column, month, source=source), source


def differing(con: DuckDBPyConnection, tables: Tables, months: int) -> tuple[int, int, list[str]]:
    """How many numbers were compared, how many of them are out of reach, and those that differ within it."""
    explainer, tab = Explainer(con, load_definitions()), RecordsTab(tables)
    count, beyond, found = 0, 0, []
    for choice, question, whose in numbers(con, tables, months):
        count += 1
        here, all_ = tab.shown(choice, question.month, whose), listed(explainer, question)
        reached = choice.left_out_on is None or (question.month is not None and question.month > choice.left_out_on)
        is_within = choice.left_out == 0 or (reached and question.month is not None)
        beyond += not is_within
        if here != all_ if is_within else here - all_:
            found.append(f"{question} {whose}: {here - all_} too many, {all_ - here} missing")
    return count, beyond, found


def keeping(said: Mapping[str, Any], record_rows: int, folder: Path) -> Path:
    """Return a settings file that keeps so many records behind the numbers."""
    path = folder / "keeping.yaml"
    path.write_text(yaml.safe_dump({**said, "workbook": {"record_rows": record_rows}}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_tab_shows_what_explain_lists_of_the_demo_company(
    lakes: FreshLakes, demo_company: Path, tmp_path: Path
) -> None:
    said = yaml.safe_load((INCLUDE / "kpis.yaml").read_text())
    settings, zone = keeping(said, ALL, tmp_path), ZoneInfo(said["timezone"])
    as_of = datetime.combine(COMPANY_DAY, time.max, zone).astimezone(UTC)
    config, definitions = lakes.fresh(), load_definitions()
    with (
        lake_from_account(config, demo_company, settings, as_of) as con,
        last_computation(config, settings) as computed,
    ):
        for rows in (ALL, 2000):
            _, tables, _ = prepare(con, "behind", definitions, record_rows=rows)
            count, beyond, found = differing(computed.con, tables, months=2)
            assert found == []
            assert count > 500
            assert (beyond > 0) == (rows < ALL)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_tab_shows_what_explain_lists_of_made_accounts(lakes: FreshLakes) -> None:
    """Of a large account, too, whose records are first looked for in twelve months."""

    @examples(MADE)
    @given(accounts(), booleans())
    def agrees(made: MadeAccount, is_large: bool) -> None:
        def check(folder: Path) -> None:
            kept = 25 if is_large else ALL
            config, settings = lakes.fresh(), keeping(made.settings, kept, folder)
            with (
                patch.object(kept_records, "RECENT_FIRST", 0 if is_large else kept_records.RECENT_FIRST),
                lake_from_account(config, folder, settings, made.as_of, made.deleted) as con,
                last_computation(config, settings) as computed,
            ):
                for rows in (kept, 10):
                    _, tables, _ = prepare(con, "behind", load_definitions(), record_rows=rows)
                    assert len(tables.records) <= rows
                    _, _, found = differing(computed.con, tables, months=5)
                    assert found == []

        in_folder(made, check)

    agrees()


@pytest.mark.slow
def test_lists_of_records_have_tabs_where_readers_want_them(lakes: FreshLakes, demo_company: Path, book: Book) -> None:
    settings, definitions = INCLUDE / "kpis.yaml", load_definitions()
    as_of = datetime.combine(COMPANY_DAY, time.max, UTC)
    with lake_from_account(lakes.fresh(), demo_company, settings, as_of) as con:
        _, tables, _ = prepare(con, "lists", definitions, record_rows=100, lists=("leads", "opportunities", "contacts"))
        [(leads,)] = con.execute("select count(*) from staging.leads").fetchall()
        _, everything, _ = prepare(con, "lists", definitions, lists=("leads",))
    book.publish(Workbook(tuple(record_tabs(tables))))

    # The demo company has no contacts.
    assert book.values("Contacts")[0][:3] == ["name", "title", "lead"]
    for title, columns in (("Leads", ["lead", "status", "source"]), ("Opportunities", ["lead", "pipeline", "status"])):
        rows = book.values(title)
        assert len(rows) == 101
        assert rows[0][:3] == columns
        days = [row[rows[0].index("created_on")] for row in rows[1:]]
        assert days == sorted(days, reverse=True)
    names = {named["name"] for named in book.sandbox.spreadsheet(book.id)["namedRanges"]}
    assert {"leads_status", "opportunities_value"} <= names
    assert len(everything.lists["leads"]) == leads
