"""A large lake keeps its staging models: what a computation builds anew, and that it shows what computing all shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.lake import models
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import contents, tell_a_story

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.pipeline.compute import Computation

AS_OF = "2026-06-10 12:00"
LATER = "2026-06-20 12:00"


@pytest.fixture(autouse=True)
def every_lake_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "LARGE", 0)


@pytest.fixture
def account(tmp_path: Path) -> SmallAccount:
    """An account that has been computed once."""
    made = SmallAccount(tmp_path, as_of=AS_OF)
    tell_a_story(made, later=True)
    made.deal("ahead", "steady", "2026-06-15", 60, pipeline="Expansion", created="2026-06-01")
    made.deal("loose", "nobody", "2026-05-15", 77)
    made.sync()
    assert made.compute().changed_leads is None
    return made


def follow(account: SmallAccount, as_of: str = LATER) -> Computation:
    """Compute what has changed, and compare with computing all of the account as it is now."""
    account.close()
    account.sync(as_of)
    done = account.compute()
    folder = account.folder / f"fresh {done.snapshot_id}"
    folder.mkdir()
    fresh = SmallAccount(folder, as_of, account.settings, account.rows)
    fresh.sync()
    assert fresh.compute().changed_leads is None
    expected, found = contents(fresh), contents(account)
    days = {row["day"] for row in expected["pipeline_daily"]}
    found["pipeline_daily"] = [row for row in found["pipeline_daily"] if row["day"] in days]
    assert found == expected
    return done


def test_day_without_news_builds_no_lead(account: SmallAccount) -> None:
    assert follow(account, AS_OF.replace("12:00", "18:00")).changed_leads == 0


def test_time_builds_the_lead_whose_win_has_come(account: SmallAccount) -> None:
    assert follow(account).changed_leads == 1


def test_time_builds_the_lead_whose_status_change_has_come(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path, as_of=AS_OF)
    account.moves("ahead", "2026-05-01", ("2026-05-05", "Customer"), ("2026-06-15", "Churned"))
    account.sync()
    account.compute()
    assert account.month("kpi.growth_monthly", "2026-06")["churned_customers"] == 0
    assert follow(account).changed_leads == 1
    assert account.month("kpi.growth_monthly", "2026-06")["churned_customers"] == 1


def test_change_builds_its_lead_and_those_merged_with_it(account: SmallAccount) -> None:
    account.rows["lead_merges"].append({
        "id": "merge",
        "source_lead_id": "leaves",
        "destination_lead_id": "joins",
        "merge_status": "completed",
    })
    assert follow(account, AS_OF).changed_leads == 2
    account.change("leaves", "2026-06-08", "Churned", "Customer")
    assert follow(account, AS_OF.replace("12:00", "13:00")).changed_leads == 2


def test_deal_of_an_unknown_lead_counts_with_the_lead_that_appears(account: SmallAccount) -> None:
    assert follow(account, AS_OF.replace("12:00", "13:00")).changed_leads == 0
    account.lead("nobody", "2026-05-01", "Customer")
    assert follow(account, AS_OF.replace("12:00", "14:00")).changed_leads == 1


def test_record_older_than_the_first_moves_the_first_month(account: SmallAccount) -> None:
    account.activity("emails", "old", "2024-02-03", "steady", user_id="ann")
    assert follow(account, AS_OF).changed_leads == 0
    assert f"{account.table('kpi.growth_monthly')[0]['month']:%Y-%m}" == "2024-02"


def test_new_month_settings_or_names_build_all(account: SmallAccount) -> None:
    account.rows["users"][0]["first_name"] = "Anna"
    assert follow(account, AS_OF).changed_leads is None
    account.settings = {"customer_basis": "opportunity"}
    assert follow(account, AS_OF).changed_leads is None
    assert follow(account, "2026-07-01 00:00").changed_leads is None
