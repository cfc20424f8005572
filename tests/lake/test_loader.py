"""What a merge into a raw table does, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.lake.connection import transaction
from close_kpis.lake.loader import MergeResult, merge, tombstone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

OLD = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEW = OLD + timedelta(days=1)
READ = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(con: DuckDBPyConnection, lake: LakeConfig) -> Any:
    def run(*rows: dict[str, Any], table: str = "leads", at: datetime = READ) -> MergeResult:
        with transaction(con, lake):
            return merge(con, table, rows, synced_at=at)

    return run


def lead(con: DuckDBPyConnection, column: str, lead_id: str = "a") -> Any:
    return con.execute(f"select {column} from raw.leads where id = ?", [lead_id]).fetchall()[0][0]


def snapshot(con: DuckDBPyConnection) -> int:
    return int(con.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()[0][0])


def test_new_rows_are_inserted(con: DuckDBPyConnection, store: Any) -> None:
    assert store({"id": "a", "display_name": "A"}, {"id": "b"}) == MergeResult(2, 0, 0)
    assert con.execute("select id, display_name, _synced_at from raw.leads order by id").fetchall() == [
        ("a", "A", READ),
        ("b", None, READ),
    ]


def test_newest_update_wins_whenever_it_is_read(con: DuckDBPyConnection, store: Any) -> None:
    store({"id": "a", "display_name": "new", "date_updated": NEW})
    assert store({"id": "a", "display_name": "old", "date_updated": OLD}) == MergeResult(0, 0, 1)
    assert lead(con, "display_name") == "new"
    later = NEW + timedelta(microseconds=1)
    assert store({"id": "a", "display_name": "newer", "date_updated": later}) == MergeResult(0, 1, 0)
    assert lead(con, "display_name") == "newer"


def test_later_read_wins_a_tie(con: DuckDBPyConnection, store: Any) -> None:
    store({"id": "a", "display_name": "first", "date_updated": NEW})
    store({"id": "a", "display_name": "second", "date_updated": NEW})
    assert lead(con, "display_name") == "second"


def test_of_one_read_the_newest_and_then_the_last_version_counts(con: DuckDBPyConnection, store: Any) -> None:
    counts = store(
        {"id": "a", "display_name": "newest", "date_updated": NEW},
        {"id": "a", "display_name": "older", "date_updated": OLD},
        {"id": "b", "display_name": "first", "date_updated": NEW},
        {"id": "b", "display_name": "last", "date_updated": NEW},
    )
    assert counts == MergeResult(2, 0, 0)
    assert (lead(con, "display_name", "a"), lead(con, "display_name", "b")) == ("newest", "last")


def test_equal_row_leaves_no_trace(con: DuckDBPyConnection, store: Any) -> None:
    row = {"id": "a", "display_name": "A", "custom": {"x": [1, 2], "b": "ü"}, "date_updated": NEW}
    store(row)
    before = snapshot(con)
    assert store({**row, "custom": {"b": "ü", "x": [1, 2]}}, at=READ + timedelta(days=1)) == MergeResult(0, 0, 1)
    assert snapshot(con) == before
    assert lead(con, "_synced_at") == READ


def test_row_without_update_time_is_replaced_by_what_is_read_later(con: DuckDBPyConnection, store: Any) -> None:
    store({"id": "s", "label": "Trial", "position": 0}, table="lead_statuses")
    assert store({"id": "s", "label": "Test", "position": 0}, table="lead_statuses") == MergeResult(0, 1, 0)
    assert con.execute("select label from raw.lead_statuses").fetchall() == [("Test",)]


def test_every_type_of_column_comes_back_as_it_was(con: DuckDBPyConnection, store: Any) -> None:
    row = {
        "id": "o",
        "value": 9_007_199_254_740_993,
        "date_won": date(2026, 1, 31),
        "date_lost": datetime(1, 1, 1, tzinfo=UTC),
        "date_created": datetime(2026, 1, 1, 0, 0, 0, 123456, UTC),
        "status_label": 'it\'s "won"\n\u00a0=1+1',
    }
    store(row, table="opportunities")
    stored = con.execute(f"select {', '.join(row)} from raw.opportunities").fetchall()[0]
    assert dict(zip(row, stored, strict=True)) == row


def test_tombstone_marks_once_and_only_what_is_there(con: DuckDBPyConnection, lake: LakeConfig, store: Any) -> None:
    store({"id": "a"}, {"id": "b"})
    with transaction(con, lake):
        assert tombstone(con, "leads", ["a", "unknown"], READ) == 1
        assert tombstone(con, "leads", ["a"], READ + timedelta(days=1)) == 0
        assert tombstone(con, "leads", [], READ) == 0
    assert (lead(con, "_deleted_at", "a"), lead(con, "_deleted_at", "b")) == (READ, None)


def test_deleted_row_that_is_seen_again_lives(con: DuckDBPyConnection, lake: LakeConfig, store: Any) -> None:
    store({"id": "a", "date_updated": NEW})
    with transaction(con, lake):
        tombstone(con, "leads", ["a"], READ)
        con.execute("update raw.leads set _merged_into = 'b'")
    assert store({"id": "a", "date_updated": OLD}) == MergeResult(0, 0, 1)
    assert lead(con, "_deleted_at") == READ
    assert store({"id": "a", "date_updated": NEW}) == MergeResult(0, 1, 0)
    assert (lead(con, "_deleted_at"), lead(con, "_merged_into")) == (None, None)


def test_nothing_of_a_failed_transaction_stays(con: DuckDBPyConnection, lake: LakeConfig) -> None:
    def fail() -> None:
        with transaction(con, lake):
            merge(con, "leads", [{"id": "a"}], synced_at=READ)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert con.execute("select count(*) from raw.leads").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"display_name": "A"}, "no id"),
        ({"id": "a", "colour": "red"}, "no column colour"),
        ({"id": "a", "date_created": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_row_that_does_not_fit_is_refused(store: Any, row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        store(row)


def test_table_that_is_not_in_the_registry_is_refused(store: Any) -> None:
    with pytest.raises(ValueError, match=r"'leads; drop table raw\.leads' is no table"):
        store({"id": "a"}, table="leads; drop table raw.leads")
