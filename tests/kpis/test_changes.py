"""The first month that changes of the raw tables can move: never too late."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.kpis.changes import BOUNDS, changes_since, earliest_changed_month
from close_kpis.lake.connection import LakeConfig, connect, transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import raw_tables
from tests.lake.conftest import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


READ = at("2026-07-01")
LEAD = {"id": "lead", "status_id": "s", "date_created": at("2025-03-10"), "date_updated": at("2026-05-05")}
OPPORTUNITY = {
    "id": "oppo",
    "lead_id": "lead",
    "date_created": at("2025-06-10"),
    "date_won": date(2025, 8, 20),
    "date_updated": at("2026-05-05"),
}
CALL = {"id": "call", "lead_id": "lead", "date_created": at("2026-02-10"), "activity_at": at("2026-02-08")}
CHANGE = {"id": "change", "lead_id": "lead", "date_created": at("2025-09-10"), "activity_at": at("2025-09-10")}
USER = {"id": "user", "first_name": "Anna", "is_active": True, "date_updated": at("2026-01-01")}
CAMPAIGN = {"id": "old", "date_created": at("2024-11-30T23:30:00"), "activity_at": at("2024-11-30T23:30:00")}


class Lake:
    """A lake with a few rows, and what has changed since."""

    def __init__(self, con: DuckDBPyConnection, config: LakeConfig) -> None:
        self.con = con
        self.config = config
        self.since = self.newest()

    def fill(self) -> None:
        self.store("leads", LEAD)
        self.store("opportunities", OPPORTUNITY)
        self.store("calls", CALL)
        self.store("emails", CAMPAIGN)
        self.store("lead_status_changes", CHANGE)
        self.store("users", USER)

    def newest(self) -> int:
        return int(self.con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()[0][0])

    def store(self, table: str, *rows: dict[str, Any]) -> None:
        with transaction(self.con, self.config):
            merge(self.con, table, rows, synced_at=READ)

    def delete(self, table: str, row_id: str) -> None:
        with transaction(self.con, self.config):
            tombstone(self.con, table, [row_id], READ)

    def changed(self, zone: str = "UTC") -> str | None:
        month = earliest_changed_month(self.con, changes_since(self.con, self.since), zone)
        return None if month is None else f"{month:%Y-%m}"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Template:
    template = Template(tmp_path_factory.mktemp("filled"))
    with closing(connect(template.config)) as con:
        Lake(con, template.config).fill()
    template.keep()
    return template


@pytest.fixture
def changing(filled: Template) -> Iterator[Lake]:
    config = filled.restored()
    with closing(connect(config)) as con:
        yield Lake(con, config)


def test_nothing_has_changed(changing: Lake) -> None:
    assert changing.changed() is None
    changing.store("leads", LEAD)
    assert changing.changed() is None


def test_what_no_kpi_reads_does_not_count(changing: Lake) -> None:
    changing.store("events", {"id": "ev"})
    changing.store("tasks", {"id": "task", "date_created": at("2025-01-01")})
    changing.con.execute("insert into sync.windows values ('calls', null, null, now())")
    assert changing.changed() is None
    assert set(raw_tables()) - BOUNDS.keys() == {"events", "tasks"}


def test_everything_has_changed_without_a_computation(changing: Lake) -> None:
    assert earliest_changed_month(changing.con, changes_since(changing.con, None), "UTC") == date(2024, 11, 1)
    assert earliest_changed_month(changing.con, changes_since(changing.con, None), "Europe/Berlin") == date(2024, 12, 1)


def test_lake_without_rows_has_no_month(con: DuckDBPyConnection) -> None:
    assert earliest_changed_month(con, changes_since(con, None), "UTC") is None


def test_lead_counts_from_its_creation(changing: Lake) -> None:
    changing.store("leads", {**LEAD, "status_id": "t", "date_updated": at("2026-06-06")})
    assert changing.changed() == "2025-03"


def test_lead_whose_changes_are_older_than_itself_counts_from_those(changing: Lake) -> None:
    changing.store("lead_status_changes", {**CHANGE, "id": "older", "activity_at": at("2025-01-15")})
    changing.since = changing.newest()
    changing.store("leads", {**LEAD, "custom": {"cf": "x"}, "date_updated": at("2026-06-06")})
    assert changing.changed() == "2025-01"


def test_lead_that_was_only_touched_counts_from_its_last_update(changing: Lake) -> None:
    changing.store("leads", {**LEAD, "date_updated": at("2026-06-06")})
    assert changing.changed() == "2026-05"


def test_new_lead_counts_from_its_creation(changing: Lake) -> None:
    changing.store("leads", {"id": "new", "date_created": at("2026-06-01"), "date_updated": at("2026-06-01")})
    assert changing.changed() == "2026-06"


def test_deleted_lead_counts_from_its_creation(changing: Lake) -> None:
    changing.delete("leads", "lead")
    assert changing.changed() == "2025-03"


@pytest.mark.parametrize("change", [{"_deleted_at": READ}, {"_merged_into": "other"}])
def test_lead_that_goes_counts_from_its_first_activity(changing: Lake, change: dict[str, Any]) -> None:
    changing.store("emails", {**CAMPAIGN, "id": "older", "lead_id": "lead"})
    changing.since = changing.newest()
    with transaction(changing.con, changing.config):
        changing.con.execute(f"update raw.leads set {', '.join(f'{name} = ?' for name in change)}", [*change.values()])
    assert changing.changed() == "2024-11"


def test_lead_that_moves_in_time_counts_from_where_it_was_and_where_it_is(changing: Lake) -> None:
    changing.store("leads", {**LEAD, "date_created": at("2025-05-01"), "date_updated": at("2026-06-06")})
    assert changing.changed() == "2025-03"


@pytest.mark.parametrize(
    ("change", "month"),
    [
        ({"value": 1}, "2025-06"),
        ({"date_won": date(2025, 4, 30)}, "2025-04"),
        ({"date_won": date(2026, 4, 30)}, "2025-06"),
        ({"date_lost": at("2025-02-03")}, "2025-02"),
        ({"date_created": at("2025-07-01")}, "2025-06"),
    ],
)
def test_opportunity_counts_from_the_first_of_its_dates_before_and_after(
    changing: Lake, change: dict[str, Any], month: str
) -> None:
    changing.store("opportunities", {**OPPORTUNITY, **change, "date_updated": at("2026-06-06")})
    assert changing.changed() == month


def test_activity_counts_from_when_it_happened_or_was_created(changing: Lake) -> None:
    changing.store("calls", {**CALL, "duration": 5})
    assert changing.changed() == "2026-02"
    changing.store("emails", {"id": "mail", "date_created": at("2025-12-01"), "activity_at": at("2026-01-01")})
    assert changing.changed() == "2025-12"


def test_month_is_local(changing: Lake) -> None:
    changing.store("calls", {"id": "late", "date_created": at("2026-03-31T22:30:00")})
    assert changing.changed("UTC") == "2026-03"
    assert changing.changed("Europe/Berlin") == "2026-04"
    changing.delete("emails", "old")
    assert changing.changed("Europe/Berlin") == "2024-12"


def test_meeting_counts_from_its_beginning_too(changing: Lake) -> None:
    meeting = {"id": "meeting", "date_created": at("2026-06-01"), "starts_at": at("2026-04-01")}
    changing.store("meetings", meeting)
    assert changing.changed() == "2026-04"


def test_lead_status_change_counts_from_the_creation_of_its_lead(changing: Lake) -> None:
    changing.store("lead_status_changes", {**CHANGE, "new_status_id": "t"})
    assert changing.changed() == "2025-03"


def test_merge_counts_from_the_first_of_both_leads(changing: Lake) -> None:
    changing.store("leads", {"id": "younger", "date_created": at("2026-01-01")})
    changing.since = changing.newest()
    changing.store(
        "lead_merges",
        {"id": "merge", "source_lead_id": "lead", "destination_lead_id": "younger", "merge_status": "completed"},
    )
    assert changing.changed() == "2025-03"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("users", {**USER, "first_name": "Hanna"}),
        ("users", {"id": "another", "is_active": False}),
        ("lead_statuses", {"id": "s", "label": "Trial"}),
        ("custom_fields", {"id": "cf", "name": "Source"}),
        ("outcomes", {"id": "o", "name": "Held"}),
        ("pipelines", {"id": "p", "name": "Sales"}),
        ("opportunity_statuses", {"id": "os", "type": "won"}),
        ("custom_activity_types", {"id": "t", "name": "Demo"}),
    ],
)
def test_names_and_roles_count_from_the_first_month(changing: Lake, table: str, row: dict[str, Any]) -> None:
    changing.store(table, row)
    assert changing.changed() == "2024-11"


def test_user_who_only_logged_in_changes_no_number(changing: Lake) -> None:
    changing.store("users", {**USER, "date_updated": at("2026-06-06")})
    assert changing.changed() is None


def test_name_that_was_changed_back_changes_no_number(changing: Lake) -> None:
    changing.store("users", {**USER, "first_name": "Hanna"})
    changing.store("users", USER)
    assert changing.changed() is None


def test_snapshot_that_has_expired_takes_everything_as_changed(changing: Lake) -> None:
    changing.store("calls", {**CALL, "duration": 5})
    changing.store("calls", {**CALL, "duration": 6})
    limit = changing.newest() - 1
    changing.con.execute("call ducklake_expire_snapshots('lake', older_than => now() + interval 1 hour)")
    assert earliest_changed_month(changing.con, changes_since(changing.con, limit - 1), "UTC") == date(2024, 11, 1)


def test_opportunity_counts_from_its_status_changes_too(changing: Lake) -> None:
    """With the demo rule `opportunity_status` they count as long as the opportunity does."""
    earlier = {
        "id": "stage",
        "opportunity_id": "oppo",
        "date_created": at("2025-02-01"),
        "activity_at": at("2025-02-01"),
    }
    changing.store("opportunity_status_changes", earlier)
    changing.since = changing.newest()
    changing.delete("opportunities", "oppo")
    assert changing.changed() == "2025-02"
