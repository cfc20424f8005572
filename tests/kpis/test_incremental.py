"""A large lake keeps its staging models: what a computation builds anew, and that it shows what computing all shows."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis import incremental
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import contents, tell_a_story
from tests.lake.conftest import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kpis.small_account import Row

AS_OF = "2026-06-10 12:00"
LATER = "2026-06-20 12:00"


@pytest.fixture(scope="module", autouse=True)
def every_lake_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incremental, "LARGE", 0)
        yield


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A lake to compute all of an account in."""
    return Template(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """An account that has been computed once."""
    template = Template(tmp_path_factory.mktemp("computed"))
    account = SmallAccount(template.folder, as_of=AS_OF)
    tell_a_story(account, later=True)
    account.deal("ahead", "steady", "2026-06-15", 60, pipeline="Expansion", created="2026-06-01")
    account.deal("loose", "nobody", "2026-05-15", 77)
    account.sync()
    assert account.compute().changed_leads is None
    template.keep()
    return Computed(template, account.rows)


@pytest.fixture
def followed(computed: Computed, empty: Template) -> Followed:
    computed.template.restored()
    return Followed(SmallAccount(computed.template.folder, as_of=AS_OF, rows=deepcopy(computed.rows)), empty)


@dataclass
class Computed:
    template: Template
    rows: dict[str, list[Row]]


@dataclass
class Followed:
    """An account whose changes are computed, and a lake to compare them in."""

    account: SmallAccount
    empty: Template

    def changed_leads(self, as_of: str = LATER) -> int | None:
        """Compute what has changed, and compare with computing all of the account as it is now."""
        account = self.account
        account.sync(as_of)
        done = account.compute()
        self.empty.restored()
        fresh = SmallAccount(self.empty.folder, as_of, account.settings, account.rows)
        fresh.sync()
        assert fresh.compute().changed_leads is None
        expected, found = contents(fresh), contents(account)
        fresh.close()
        account.close()
        days = {row["day"] for row in expected["pipeline_daily"]}
        found["pipeline_daily"] = [row for row in found["pipeline_daily"] if row["day"] in days]
        assert found == expected
        return done.changed_leads


def test_day_without_news_builds_no_lead(followed: Followed) -> None:
    assert followed.changed_leads(AS_OF.replace("12:00", "18:00")) == 0


def test_time_builds_the_lead_whose_win_has_come(followed: Followed) -> None:
    assert followed.changed_leads() == 1


def test_time_builds_the_lead_whose_status_change_has_come(tmp_path: Path, empty: Template) -> None:
    account = SmallAccount(tmp_path, as_of=AS_OF)
    account.moves("ahead", "2026-05-01", ("2026-05-05", "Customer"), ("2026-06-15", "Churned"))
    account.run()
    assert account.month("kpi.growth_monthly", "2026-06")["churned_customers"] == 0
    account.close()
    assert Followed(account, empty).changed_leads() == 1
    assert account.month("kpi.growth_monthly", "2026-06")["churned_customers"] == 1


def test_change_builds_its_lead_and_those_merged_with_it(followed: Followed) -> None:
    followed.account.rows["lead_merges"].append({
        "id": "merge",
        "source_lead_id": "leaves",
        "destination_lead_id": "joins",
        "merge_status": "completed",
    })
    assert followed.changed_leads(AS_OF) == 2
    followed.account.change("leaves", "2026-06-08", "Churned", "Customer")
    assert followed.changed_leads(AS_OF.replace("12:00", "13:00")) == 2


def test_deal_of_an_unknown_lead_counts_with_the_lead_that_appears(followed: Followed) -> None:
    assert followed.changed_leads(AS_OF.replace("12:00", "13:00")) == 0
    followed.account.lead("nobody", "2026-05-01", "Customer")
    assert followed.changed_leads(AS_OF.replace("12:00", "14:00")) == 1


def test_record_older_than_the_first_moves_the_first_month(followed: Followed) -> None:
    followed.account.activity("emails", "old", "2024-02-03", "steady", user_id="ann")
    assert followed.changed_leads(AS_OF) == 0
    assert f"{followed.account.table('kpi.growth_monthly')[0]['month']:%Y-%m}" == "2024-02"


def test_new_month_settings_or_names_build_all(followed: Followed) -> None:
    followed.account.rows["users"][0]["first_name"] = "Anna"
    assert followed.changed_leads(AS_OF) is None
    followed.account.settings = {"customer_basis": "opportunity"}
    assert followed.changed_leads(AS_OF) is None
    assert followed.changed_leads("2026-07-01 00:00") is None
