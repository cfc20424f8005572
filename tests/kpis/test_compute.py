"""Computing the KPI tables: whole, gated, all or nothing, and only where something has changed."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis.checks import GateError
from close_kpis.kpis.models import in_order, models_hash
from close_kpis.lake.connection import connect
from close_kpis.settings.errors import SettingsError
from tests.kpis.small_account import SmallAccount

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kpis.small_account import Row

TABLES = (
    "growth_monthly",
    "growth_yearly",
    "mrr_movements_monthly",
    "rep_monthly",
    "team_monthly",
    "source_all_time",
    "source_monthly",
    "source_total",
    "pipeline_daily",
    "win_rate_monthly",
    "cohort_monthly",
    "forecast_monthly",
    "pipeline_stages",
    "insights",
    "data_quality",
)


def tell_a_story(account: SmallAccount, *, later: bool) -> None:
    """Records of some months; `later` is what has changed in Close since."""
    account.user("ann")
    account.user("bo")
    account.moves(
        "steady", "2025-11-02", ("2025-12-10", "Trial"), ("2026-01-10", "Customer"), custom={"cf_source": "Web"}
    )
    account.deal("d1", "steady", "2026-01-10", 1200, created="2025-12-11", user_id="ann")
    account.deal(
        "d2", "steady", "2026-04-10", 500 if later else 300, pipeline="Expansion", created="2026-04-01", user_id="bo"
    )
    account.activity("calls", "c1", "2026-01-05", "steady", user_id="ann")
    account.activity(
        "meetings", "m1", "2026-02-05", "steady", user_id="bo", status="canceled" if later else "completed"
    )
    account.moves("leaves", "2025-11-03", ("2026-01-20", "Customer"), ("2026-05-20", "Churned"))
    account.deal("d3", "leaves", "2026-01-20", 700, created="2026-01-11", user_id="bo")
    account.deal("open", "leaves", None, 900, created="2026-05-01", user_id="bo")
    if later:
        account.moves("joins", "2026-05-03", ("2026-06-02", "Customer"), custom={"cf_source": "Fair"})
        account.deal("d4", "joins", "2026-06-02", 2400, created="2026-05-10", user_id="ann")
        account.activity("emails", "e1", "2026-06-01", "joins", user_id="ann")


def contents(account: SmallAccount) -> dict[str, list[Row]]:
    return {table: account.table(f"kpi.{table}") for table in TABLES}


def test_the_log_tells_how_long_each_model_took(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=False)
    account.sync()
    caplog.set_level(logging.DEBUG, logger="close_kpis.kpis.models")
    began = perf_counter()
    account.compute()
    took = perf_counter() - began
    told = [record.getMessage().split(": ") for record in caplog.records if record.name == "close_kpis.kpis.models"]
    models = [f"{folder}/{name}" for folder in ("staging", "kpis") for name in in_order(folder)]
    assert [model for model, _ in told] == models
    assert all(seconds.endswith(" s") for _, seconds in told)
    assert 0 <= sum(float(seconds.removesuffix(" s")) for _, seconds in told) < took


def test_a_lake_that_follows_changes_shows_what_a_fresh_one_shows(tmp_path: Path) -> None:
    (tmp_path / "followed").mkdir()
    (tmp_path / "fresh").mkdir()
    followed = SmallAccount(tmp_path / "followed", as_of="2026-06-01 12:00")
    tell_a_story(followed, later=False)
    followed.run()
    before = contents(followed)

    again = SmallAccount(tmp_path / "followed", as_of="2026-07-02 12:00")
    tell_a_story(again, later=True)
    again.sync()
    assert again.compute().reason.startswith("records have changed: emails, lead_status_changes, leads, meetings")

    fresh = SmallAccount(tmp_path / "fresh", as_of="2026-07-02 12:00")
    tell_a_story(fresh, later=True)
    fresh.run()
    now, expected = contents(again), contents(fresh)
    snapshots = [row for row in now["pipeline_daily"] if row["day"] == date(2026, 6, 1)]
    assert snapshots == before["pipeline_daily"]
    now["pipeline_daily"] = [row for row in now["pipeline_daily"] if row not in snapshots]
    assert now == expected
    assert now["growth_monthly"][:3] == before["growth_monthly"][:3]


def test_month_that_has_ended_since_is_no_longer_running(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of="2026-06-30 23:00", settings={"timezone": "Europe/Berlin"})
    account.lead("lead", "2026-05-05")
    account.run()
    assert [row["is_running"] for row in account.table("kpi.growth_monthly")] == [False, False, True]
    account.sync(as_of="2026-08-01 08:00")
    assert account.compute().reason == "a new day has begun: 2026-08-01"
    assert [row["is_running"] for row in account.table("kpi.team_monthly")] == [False, False, False, True]


def test_changed_settings_compute_all_months_anew(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=True)
    account.run()
    assert account.month("kpi.growth_monthly", "2026-01")["new_customers"] == 2
    account.settings = {"timezone": "Pacific/Auckland", "customer_basis": "opportunity"}
    assert account.compute().reason == "the settings have changed"
    account.settings["history_start"] = "2026-02"
    account.compute()
    assert {row["month"] for row in account.table("kpi.rep_monthly")} <= {
        row["month"] for row in account.table("kpi.growth_monthly")
    }
    assert account.table("kpi.growth_monthly")[0]["month"] == date(2026, 2, 1)


def test_nothing_is_computed_before_every_stream_has_been_read(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    account.sync()
    con = connect(account.config)
    con.execute("delete from sync.streams where stream = 'calls'")
    con.close()
    with pytest.raises(
        GateError, match=r"sync_finished: stream calls: never read to the end\. Remedy: run the DAG close_sync"
    ):
        account.compute()


def test_nothing_is_computed_while_streams_are_read_up_to_different_instants(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    account.sync()
    con = connect(account.config)
    con.execute("update sync.streams set synced_through = '2026-05-31 20:00:00+00' where stream = 'emails'")
    con.close()
    with pytest.raises(GateError, match="sync_finished: stream emails: read up to 2026-05-31 20:00 UTC only"):
        account.compute()


def test_settings_that_do_not_fit_the_account_change_nothing(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=True)
    account.run()
    account.settings = {"source_field": "Campaign"}
    with pytest.raises(SettingsError, match="source_field: the account has no lead custom field 'Campaign'"):
        account.compute()
    assert account.table("settings.run")[0]["source_field_id"] == "cf_source"


def test_history_of_a_deleted_status_keeps_its_role_by_its_label(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    account.lead("lead", "2026-01-01", "Potential")
    old = {"new_status_id": "stat_old", "new_status_label": "Paying"}
    account.change("lead", "2026-02-02", "Potential", "", **old)
    account.change("lead", "2026-04-02", "", "Potential", old_status_id="stat_old", old_status_label="Paying")
    account.settings = {"lead_statuses": {"customer": ["Customer", "Paying"]}}
    account.run()
    totals = {f"{row['month']:%m}": row["total_customers"] for row in account.table("kpi.growth_monthly")}
    assert totals == {"01": 0, "02": 1, "03": 1, "04": 0, "05": 0, "06": 0}


def test_empty_account_has_the_running_month_only(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path).run()
    (growth,) = account.table("kpi.growth_monthly")
    assert (growth["month"], growth["total_customers"], growth["churn_rate"]) == (date(2026, 6, 1), 0, None)
    assert account.table("kpi.rep_monthly") == []
    (total,) = account.table("kpi.source_total")
    assert (total["total_leads"], total["lead_conversion"]) == (0, None)


@pytest.mark.parametrize("other", ["", "~"])
def test_views_of_another_version_are_replaced(tmp_path: Path, other: str) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=False)
    account.run()
    with closing(connect(account.config)) as con:
        con.execute("update sync.views set models_hash = ?", [other])
        con.execute("create or replace view staging.leads as select 1 as of_another_version")
    account.sync("2026-07-15")
    account.compute()
    with closing(connect(account.config)) as con:
        assert con.execute("select models_hash from sync.views").fetchall() == [(models_hash(),)]
        assert "of_another_version" not in [column for column, *_ in con.execute("from staging.leads").description]


def test_staging_views_of_the_lake_show_what_the_tables_were_computed_from(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=True)
    account.run()
    customers = account.table("staging.current_customers")
    assert sum(row["annual_cents"] for row in customers) == account.month("kpi.growth_monthly", "2026-06")["arr_cents"]
