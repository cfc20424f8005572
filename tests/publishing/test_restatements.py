"""Nothing is silently restated: what was published of a completed month and differs now is listed, with its cause."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.registry import STREAMS
from close_kpis.close.stream import Kind
from close_kpis.kpis.models import raw_tables_read
from close_kpis.kpis.registry import Definitions, load_definitions
from close_kpis.lake.connection import connect
from close_kpis.publishing.causes import NOUNS, Change, Circumstances, summary
from close_kpis.publishing.publish import prepare
from close_kpis.publishing.restatements import OtherPublishError, streams_of_causes
from close_kpis.settings.account import ResolvedSettings
from close_kpis.workbook.tabs.changes import changes_tab
from close_kpis.workbook.tabs.parts import Context
from close_kpis.workbook.write import Published
from tests.kpis.small_account import Row, SmallAccount, at
from tests.lake.conftest import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from close_kpis.workbook.tables import Stamp

pytestmark = pytest.mark.slow

WRITTEN = Published("https://sheet", 1, 2, 3)
FIRST, NEXT, JULY = "2026-06-15", "2026-06-16", "2026-07-15"


@dataclass
class Company:
    """A company that has published its numbers in the middle of June.

    Attributes:
        told: what the last publish said that is new.
    """

    account: SmallAccount
    definitions: Definitions = field(default_factory=load_definitions)
    told: str = ""

    def publish(self) -> list[Row]:
        """Publish, and return what this publish restated."""
        with closing(connect(self.account.config)) as con:
            _, _, record = prepare(con, "manual__1", self.definitions)
            record.keep(con, self.account.config, "sheet", WRITTEN)
        self.told = record.changes
        return self.account.table(f"from kpi.restatements where publish_id = {record.publish_id} order by all")

    def sync(self, *deleted: str, as_of: str = NEXT) -> None:
        self.account.sync(as_of=as_of, deleted=deleted)
        self.account.compute()

    def record(self, table: str, record_id: str) -> Row:
        return next(row for row in self.account.rows[table] if row["id"] == record_id)

    def event(self, object_id: str, user_id: str) -> None:
        """Note in Close's event log who changed a record."""
        event = {"id": f"ev_{object_id}", "object_id": object_id, "user_id": user_id, "date_updated": at("2026-06-14")}
        self.account.rows["events"].append(event)


def small_account(folder: Path) -> SmallAccount:
    account = SmallAccount(folder, as_of=FIRST)
    account.user("ann", first_name="Ana", last_name="Silva")
    account.user("bo")
    account.moves("acme", "2026-01-10", ("2026-02-10", "Customer"), custom={"cf_source": "Web"})
    account.deal("d1", "acme", "2026-02-10", 1200, created="2026-01-20", user_id="ann")
    account.moves("bolt", "2026-01-12", ("2026-03-03", "Customer"), custom={"cf_source": "Fair"})
    account.deal("d2", "bolt", "2026-03-03", 2400, created="2026-02-01", user_id="bo")
    account.deal("open", "bolt", None, 600, created="2026-04-20", user_id="ann")
    account.activity("calls", "c1", "2026-03-02", "bolt", user_id="bo")
    return account


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, Path]:
    folder = tmp_path_factory.mktemp("published")
    template = Template(folder)
    company = Company(small_account(folder).run())
    assert company.publish() == []
    company.account.close()
    template.keep()
    return template, folder


@pytest.fixture
def company(published: tuple[Template, Path]) -> Iterator[Company]:
    template, folder = published
    template.restored()
    company = Company(small_account(folder))
    yield company
    company.account.close()


def one(restated: list[Row], kpi: str, month: str, entity: str) -> Row:
    """Return the restatement of a value; there is exactly one."""
    [row] = [row for row in restated if (row["kpi"], f"{row['month']:%Y-%m}", row["entity"]) == (kpi, month, entity)]
    return row


def changed_to(row: Row) -> tuple[float | None, float | None]:
    return row["before"], row["after"]


def counted(row: Row) -> dict[str, int]:
    return {name.removeprefix("records_"): row[name] for name in row if name.startswith("records_") and row[name]}


def test_a_publish_of_the_same_numbers_restates_nothing(company: Company) -> None:
    assert company.publish() == []
    company.sync()
    assert company.publish() == []
    assert company.told == "no record changed"


def test_the_running_month_and_months_that_end_are_not_restated(company: Company) -> None:
    company.record("opportunities", "open").update(status_type="won", date_won=at("2026-06-10").date())
    company.sync()
    assert [row for row in company.publish() if not row["is_to_date"]] == []
    assert company.told == "1 deal won"
    company.account.activity("calls", "c2", "2026-06-12", "bolt", user_id="bo")
    company.sync(as_of=JULY)
    assert [row for row in company.publish() if not row["is_to_date"]] == []


def test_a_deal_dated_back_names_who_did_it(company: Company) -> None:
    company.record("opportunities", "open").update(status_type="won", date_won=at("2026-05-05").date())
    company.event("open", "ann")
    company.sync()

    restated = company.publish()

    assert company.told == "1 deal back-dated; May 2026 restated"
    row = one(restated, "won_opportunities", "2026-05", "ann")
    assert changed_to(row) == (None, 1.0)
    assert (row["tab"], row["name"], row["run_id"]) == ("Reps", "Ana Silva", "manual__1")
    assert row["cause"] == "1 deal back-dated by Ana Silva"
    assert counted(row) == {"changed": 1}
    assert {row["cause"] for row in restated} == {row["cause"]}
    arr = one(restated, "arr_cents", "2026-05", "Total")
    assert changed_to(arr) == (3600.0, 4200.0)
    assert {f"{row['month']:%Y-%m}" for row in restated if not row["is_to_date"]} == {"2026-05"}
    assert company.publish() == []


def test_a_merged_lead_is_named(company: Company) -> None:
    company.account.rows["lead_merges"].append({
        "id": "merge",
        "source_lead_id": "bolt",
        "destination_lead_id": "acme",
        "merge_status": "completed",
        "date_created": at("2026-06-14"),
    })
    company.event("merge", "ann")
    company.sync("bolt")
    restated = company.publish()
    customers = one(restated, "total_customers", "2026-05", "Total")
    assert changed_to(customers) == (2.0, 1.0)
    assert customers["cause"] == "1 lead merged"
    assert counted(customers) == {"merged": 1}
    leads = one(restated, "total_leads", "2026-01", "Fair")
    assert (leads["tab"], changed_to(leads), leads["is_to_date"]) == ("Sources monthly", (1.0, None), False)
    assert leads["cause"] == "1 lead merged"


def test_deleted_records_are_named(company: Company) -> None:
    company.sync("bolt", "d2")
    restated = company.publish()
    customers = one(restated, "total_customers", "2026-04", "Total")
    assert (changed_to(customers), customers["cause"]) == ((2.0, 1.0), "1 lead deleted")
    won = one(restated, "won_opportunities", "2026-03", "bo")
    assert changed_to(won) == (1.0, None)  # his only call of the month was with that lead: the row is gone
    assert won["cause"] == "1 lead deleted, 1 deal deleted"
    assert counted(won) == {"deleted": 2}


def test_changed_settings_are_the_cause(company: Company) -> None:
    company.account.settings = {"customer_basis": "opportunity", "rate_denominator": "closing", "owner_field": "Owner"}
    company.sync()
    restated = company.publish()
    assert {row["cause"] for row in restated if row["kpi"] == "gross_growth_rate"} == {
        "settings changed: customer_basis, rate_denominator"
    }
    assert not any(row["cause"].startswith("settings changed") and counted(row) for row in restated)


def test_a_call_that_was_logged_late_bears_on_its_user_only(company: Company) -> None:
    company.account.activity("calls", "late", "2026-03-20", "acme", user_id="bo")
    company.account.activity("emails", "other", "2026-03-20", "acme", user_id="ann")
    company.sync()
    restated = company.publish()
    calls = one(restated, "calls", "2026-03", "bo")
    assert (changed_to(calls), calls["cause"]) == ((1.0, 2.0), "1 call added")
    assert one(restated, "emails", "2026-03", "ann")["cause"] == "1 email added"


def test_a_meeting_bears_on_the_month_in_which_it_takes_place(company: Company) -> None:
    """Not on the month in which it was entered, as other activities do on theirs."""
    entered = at("2026-06-10")
    company.account.activity(
        "meetings", "m1", "2026-03-05", "bolt", user_id="bo", activity_at=entered, date_created=entered
    )
    company.sync()
    demo = one(company.publish(), "new_demos", "2026-03", "bo")
    assert (changed_to(demo), demo["cause"]) == ((0.0, 1.0), "1 meeting added")


def test_snapshots_that_have_expired_are_named(company: Company) -> None:
    company.record("opportunities", "d1").update(value=2400)
    company.sync()
    with closing(connect(company.account.config)) as con:
        con.execute("call ducklake_expire_snapshots('lake', older_than => now())")
    row = one(company.publish(), "arr_cents", "2026-03", "Total")
    assert row["cause"] == (
        "the lake's snapshots since the last publish (2026-06-15 00:00) have expired: the records cannot be told"
    )
    assert row["records_changed"] is None


def test_a_publish_that_died_before_its_record_restates_the_same_once(company: Company) -> None:
    company.record("opportunities", "d1").update(value=2400)
    company.sync()
    with closing(connect(company.account.config)) as con:
        _, died, _ = prepare(con, "manual__1", company.definitions)
    assert died.restatements is not None
    shown = [
        *zip(died.restatements["kpi"], died.restatements["month"].dt.date, died.restatements["after"], strict=True)
    ]
    recorded = [(row["kpi"], row["month"], row["after"]) for row in company.publish()]
    assert sorted(map(repr, shown)) == sorted(map(repr, recorded))
    assert company.publish() == []
    assert len(company.account.table("kpi.restatements")) == len(recorded)


def test_of_two_publishes_at_once_one_is_told_to_run_again(company: Company) -> None:
    company.record("opportunities", "d1").update(value=2400)
    company.sync()
    with closing(connect(company.account.config)) as slow:
        _, _, record = prepare(slow, "manual__1", company.definitions)
        restated = company.publish()
        with pytest.raises(OtherPublishError):
            record.keep(slow, company.account.config, "sheet", WRITTEN)
    assert restated
    assert company.account.table("kpi.restatements") == sorted(restated, key=lambda row: list(map(str, row.values())))


def test_a_value_that_vanishes_and_returns_is_restated_twice(company: Company) -> None:
    deal: dict[str, Any] = company.record("opportunities", "d2")
    history: Callable[[], list[Row]] = company.publish
    deal.update(status_type="active")
    company.sync()
    assert changed_to(one(history(), "won_opportunities", "2026-03", "bo")) == (1.0, 0.0)
    deal.update(status_type="won")
    company.sync()
    back = one(history(), "won_opportunities", "2026-03", "bo")
    assert (changed_to(back), back["cause"]) == ((0.0, 1.0), "1 deal back-dated")


def test_a_kpi_that_was_renamed_keeps_its_rows_under_its_old_name(company: Company) -> None:
    """What was published of it is no longer shown; the publish goes on, and Changes tells the old column."""
    growth = company.definitions.reports["growth"]
    kept = {("trials" if column == "new_trials" else column): kpi for column, kpi in growth.kpis.items()}
    renamed = growth.model_copy(update={"kpis": kept})
    company.definitions = company.definitions.model_copy(
        update={"reports": {**company.definitions.reports, "growth": renamed}}
    )
    with closing(connect(company.account.config)) as con:
        con.execute("alter table kpi.growth_monthly rename column new_trials to trials")
        con.execute("alter table kpi.growth_yearly rename column new_trials to trials")
        stamp, tables, record = prepare(con, "manual__2", company.definitions)
        record.keep(con, company.account.config, "sheet", WRITTEN)
    restated = company.account.table("from kpi.restatements where kpi = 'new_trials' order by month")
    assert {row["cause"] for row in restated} == {"this version does not compute it any more"}
    assert all(row["after"] is None for row in restated)
    texts = [[cell.value for cell in row] for row in changes_tab(tables, context(stamp, company.definitions)).rows]
    assert [row[4] for row in texts if len(row) > 4 and row[7] == restated[0]["cause"]] == ["New trials"] * len(
        restated
    )


def context(stamp: Stamp, definitions: Definitions) -> Context:
    return Context(definitions, stamp, "UTC", "USD", "Close KPIs")


@pytest.mark.parametrize(
    ("months", "told"),
    [
        ([], "2 deals won"),
        ([5], "2 deals won; May 2026 restated"),
        ([1, 3], "2 deals won; March 2026 and January 2026 restated"),
        ([1, 2, 3], "2 deals won; March 2026, February 2026 and January 2026 restated"),
        (range(1, 6), "2 deals won; May 2026, April 2026, March 2026 and 2 earlier months restated"),
    ],
)
def test_what_is_new_is_told_in_a_line(months: Iterable[int], told: str) -> None:
    changes = (Change("opportunities", "won", 2),)
    circumstances = Circumstances(datetime(2026, 6, 15, tzinfo=UTC), False, {}, False, changes)
    assert summary(circumstances, {date(2026, month, 1) for month in months}) == told


def test_no_stream_is_forgotten_among_the_causes() -> None:
    """Every record that a model reads is told as a cause, but reference data; merges are told with their leads."""
    told = set(streams_of_causes(load_definitions()))
    reference = {name for name, stream in STREAMS.items() if stream.kind is Kind.REFERENCE}
    assert raw_tables_read() - reference - {"lead_merges"} == told
    of_topics = {stream for topic in load_definitions().topics.values() for stream in topic.records}
    assert of_topics == NOUNS.keys()


def test_every_setting_that_the_models_read_moves_a_topic() -> None:
    known = {name for key, setting in load_definitions().settings.items() for name in setting.fields or (key,)}
    assert known == ResolvedSettings.model_fields.keys()
