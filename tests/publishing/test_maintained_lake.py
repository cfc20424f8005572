"""What readers are told does not depend on the care of the lake in between: causes, records behind numbers, news."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.lake_years import digest, pass_days
from close_kpis.kpis.changes import news
from close_kpis.kpis.released import last_computation
from close_kpis.lake import maintenance
from close_kpis.lake.connection import connect
from close_kpis.lake.maintenance import Maintenance, maintain
from close_kpis.settings.file import load
from tests.publishing.test_restatements import NEXT, Company, company, published

__all__ = ["company", "published"]

if TYPE_CHECKING:
    from close_kpis.lake.config import LakeConfig

pytestmark = pytest.mark.slow

LOOK = ("leads", "opportunities", "customer_periods", "decided_opportunities")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table that a commit has written to is written anew."""
    monkeypatch.setattr(maintenance, "FEW", 1)


def care_after_years(lake: LakeConfig) -> Maintenance:
    pass_days(lake, 1000)
    return maintain(lake, now=datetime.now(UTC), grace=timedelta(days=2))


def behind(company: Company) -> dict[str, list[Any]]:
    """Return the records behind the numbers that readers see, as explain reads them."""
    with last_computation(company.account.config, company.account.settings_file()) as computed:
        return {name: computed.con.execute(f"from staging.{name} order by all").fetchall() for name in LOOK}


def test_numbers_and_the_records_behind_them_stay(company: Company) -> None:
    lake = company.account.config
    company.record("opportunities", "d1")["value"] = 3600
    company.account.sync(as_of=NEXT)
    before = behind(company)
    with closing(connect(lake)) as con:
        tables = digest(con)
    done = care_after_years(lake)
    assert "raw.opportunities" in done.tables
    assert done.snapshots > 0
    assert behind(company) == before
    with closing(connect(lake)) as con:
        assert digest(con) == tables


def test_a_restatement_has_the_same_cause(company: Company) -> None:
    company.record("opportunities", "d1")["value"] = 3600
    company.event("d1", "ann")
    care_after_years(company.account.config)
    company.account.sync(as_of=NEXT)
    care_after_years(company.account.config)
    company.account.compute()
    care_after_years(company.account.config)
    restated = company.publish()
    assert restated
    assert {row["cause"] for row in restated if row["kpi"] == "new_arr_cents"} == {"1 deal changed by Ana Silva"}
    care_after_years(company.account.config)
    assert company.publish() == []


def test_care_is_no_news(company: Company) -> None:
    lake = company.account.config
    settings = load(company.account.settings_file())
    company.account.sync()
    company.account.compute()
    assert news(lake, settings) is None
    assert care_after_years(lake).tables
    assert news(lake, settings) is None
