"""What makes the numbers that readers see be computed anew."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis import changes
from close_kpis.kpis.changes import has_new_records, news
from close_kpis.kpis.models import raw_tables_read
from close_kpis.lake.connection import connect, transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import raw_tables
from close_kpis.settings.file import load
from tests.kpis.small_account import SmallAccount, at
from tests.kpis.test_compute import tell_a_story
from tests.lake.conftest import Template
from tests.support.lake import mark_complete

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AS_OF = "2026-06-10 12:00"
REQUIRED = {"users": {"is_active": True}}


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, SmallAccount]:
    template = Template(tmp_path_factory.mktemp("computed"))
    account = SmallAccount(template.folder, as_of=AS_OF)
    tell_a_story(account, later=True)
    account.run()
    account.close()
    template.keep()
    return template, account


@pytest.fixture
def account(computed: tuple[Template, SmallAccount]) -> Iterator[SmallAccount]:
    template, account = computed
    template.restored()
    account.settings = {}
    yield account
    account.close()


def reason(account: SmallAccount) -> str | None:
    return news(account.config, load(account.settings_file()))


def test_a_lake_without_numbers_is_computed(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    account.sync()
    assert has_new_records(account.config)
    assert reason(account) == "nothing has been computed yet"
    account.compute()
    assert not has_new_records(account.config)


def test_nothing_new_computes_nothing(account: SmallAccount) -> None:
    account.sync()
    account.sync(as_of="2026-06-10 18:00")
    assert reason(account) is None
    before = account.compute()
    assert before.reason == "nothing has changed"
    assert len(account.table("kpi.computations")) == 1


@pytest.mark.parametrize("table", raw_tables())
def test_a_record_of_any_stream_that_a_model_reads_is_news(account: SmallAccount, table: str) -> None:
    with closing(connect(account.config)) as con, transaction(con, account.config):
        merge(con, table, [{"id": "new", **REQUIRED.get(table, {})}], synced_at=at(AS_OF))
    is_read = table in raw_tables_read()
    assert reason(account) == (f"records have changed: {table}" if is_read else None)


def test_every_stream_but_the_event_log_and_open_tasks_is_read_by_a_model() -> None:
    assert set(raw_tables()) - raw_tables_read() == {"contacts", "events", "tasks"}


def test_what_was_stored_between_a_complete_state_and_its_computation_is_news(account: SmallAccount) -> None:
    """The very next snapshot: a sync that has begun before the numbers of the one before were computed."""
    with closing(connect(account.config)) as con:
        with transaction(con, account.config):
            mark_complete(con)
        with transaction(con, account.config):
            merge(con, "calls", [{"id": "new"}], synced_at=at(AS_OF))
        account.settings = {"customer_basis": "opportunity"}
        assert account.compute().reason == "the settings have changed"
        with transaction(con, account.config):
            mark_complete(con)
    assert reason(account) == "records have changed: calls"


def test_a_deletion_is_news(account: SmallAccount) -> None:
    with closing(connect(account.config)) as con, transaction(con, account.config):
        tombstone(con, "calls", ["c1"], at(AS_OF))
    assert reason(account) == "records have changed: calls"


def test_settings_models_and_days_are_news(account: SmallAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    account.settings = {"customer_basis": "opportunity"}
    assert reason(account) == "the settings have changed"
    account.settings = {}
    account.sync(as_of="2026-06-11 00:00")
    assert reason(account) == "a new day has begun: 2026-06-11"
    account.settings = {"timezone": "America/New_York"}
    assert account.compute().reason == "the settings have changed"
    account.sync(as_of="2026-06-11 03:59")
    assert reason(account) is None
    account.sync(as_of="2026-06-11 04:00")
    assert reason(account) == "a new day has begun: 2026-06-11"
    for other in ("0" * 32, "other", "z" * 32):
        monkeypatch.setattr(changes, "models_hash", lambda other=other: other)
        assert reason(account) == "the SQL models have changed"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/Lima", "Africa/Cairo", "Asia/Dhaka"])
def test_any_other_settings_are_news(account: SmallAccount, zone: str) -> None:
    account.settings = {"timezone": zone}
    assert reason(account) == "the settings have changed"


def test_what_has_changed_is_known_while_every_snapshot_since_the_computation_is_kept(account: SmallAccount) -> None:
    with closing(connect(account.config)) as con:
        [(computed,)] = con.execute("select snapshot_id from kpi.computations").fetchall()
        snapshots = [
            number for (number,) in con.execute("select snapshot_id from ducklake_snapshots('lake')").fetchall()
        ]
        assert {computed, computed + 1, computed + 2} <= {*snapshots}

        def expire(through: int) -> None:
            gone = [number for number in snapshots if number <= through]
            con.execute(f"call ducklake_expire_snapshots('lake', versions => {gone})")

        expire(computed)
        assert reason(account) is None
        expire(computed + 1)
        assert reason(account) == "records have changed: the lake no longer has the snapshots since then"


def test_a_lake_whose_snapshots_have_expired_is_computed(account: SmallAccount) -> None:
    account.moves("joins_late", "2026-06-03")
    account.sync()
    with closing(connect(account.config)) as con:
        con.execute("call ducklake_expire_snapshots('lake', older_than => now() + interval 1 hour)")
    assert reason(account) == "records have changed: the lake no longer has the snapshots since then"
