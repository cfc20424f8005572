"""KPI tables that an older version of the models made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import connect
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import contents, tell_a_story

if TYPE_CHECKING:
    from pathlib import Path


def age(account: SmallAccount, *statements: str) -> None:
    """Make the lake one that other models have computed."""
    con = connect(account.config)
    for text in (*statements, "update kpi.computations set models_hash = 'older'"):
        con.execute(text)
    con.close()


@pytest.fixture
def account(tmp_path: Path) -> SmallAccount:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=True)
    return account.run()


def test_table_with_other_columns_is_built_anew_with_all_months(account: SmallAccount) -> None:
    expected = contents(account)
    age(
        account,
        "alter table kpi.growth_monthly drop column net_growth_rate",
        "alter table kpi.rep_monthly add column old_kpi bigint",
        "drop table kpi.team_monthly",
        "create table kpi.team_monthly as select month, is_running, calls::integer as calls from kpi.rep_monthly",
    )
    account.compute()
    assert contents(account) == expected


def test_days_of_the_pipeline_that_are_past_survive_other_columns(account: SmallAccount) -> None:
    (today,) = account.table("kpi.pipeline_daily")
    age(
        account,
        "update kpi.pipeline_daily set day = day - 30",
        "alter table kpi.pipeline_daily drop column avg_age_days",
    )
    account.compute()
    past, now = account.table("kpi.pipeline_daily")
    assert now == today
    assert past == {**today, "day": past["day"], "avg_age_days": None}
    assert (now["day"] - past["day"]).days == 30


def test_past_days_that_lack_a_required_column_are_not_dropped(account: SmallAccount) -> None:
    age(account, "alter table kpi.pipeline_daily drop column arr_cents")
    with pytest.raises(LakeError, match=r"kpi\.pipeline_daily keeps rows of earlier days, which have no arr_cents"):
        account.compute()
    assert len(account.table("kpi.pipeline_daily")) == 1
