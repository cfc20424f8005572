"""The demo company shows what the reports do with every unusual thing."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from close_kpis.lake.sql import names
from close_kpis.paths import INCLUDE
from sandbox.demo.account import prepare_settings
from tests.conftest import COMPANY_DAY
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_every_warning_is_seen_but_those_about_settings(demo_company: Path, tmp_path: Path) -> None:
    settings, left_out = prepare_settings(None, None, INCLUDE / "kpis.yaml", tmp_path, COMPANY_DAY)
    as_of = datetime.combine(COMPANY_DAY, time.max, ZoneInfo("America/New_York")).astimezone(UTC)
    with lake_from_account(FreshLakes(tmp_path).config, demo_company, settings, as_of) as con:
        found = {rule for (rule,) in con.execute("select distinct rule from kpi.data_quality").fetchall()}
        first = con.execute("select min(month) from kpi.growth_monthly where new_customers > 0").fetchall()
        created = con.execute("select cast(min(date_created) as date) from raw.leads").fetchall()
        spelled = con.execute("select source from kpi.source_all_time where lower(trim(source)) = 'website'").fetchall()
    assert left_out == []
    # The import's days and the source field are named.
    assert found == set(names("checks/warnings")) - {"bulk_created_leads", "unknown_source"}
    assert first < created
    assert spelled == [("Website",)]
