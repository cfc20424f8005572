"""The KPI tables of an account, recomputed in plain Python from the definitions' words.

It shares no code with the pipeline: it reads the account folder and the YAML itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle.account import read_account
from tests.oracle.cohorts import cohort_monthly
from tests.oracle.forecast import forecast_monthly
from tests.oracle.growth import growth_monthly, growth_yearly, mrr_movements_monthly, mrr_movements_yearly
from tests.oracle.insights import insights
from tests.oracle.lifecycle import life_cycles
from tests.oracle.pipeline import pipeline_daily, pipeline_stages, win_rate_monthly
from tests.oracle.quality import warnings
from tests.oracle.reps import RepReport
from tests.oracle.sources import source_all_time, source_monthly, source_total

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

KEYS: dict[str, tuple[str, ...]] = {
    "growth_monthly": ("month",),
    "growth_yearly": ("year", "row_kind"),
    "mrr_movements_monthly": ("month",),
    "mrr_movements_yearly": ("year",),
    "rep_monthly": ("month", "user_id"),
    "team_monthly": ("month",),
    "source_all_time": ("source",),
    "source_monthly": ("cohort_month", "source"),
    "source_total": (),
    "win_rate_monthly": ("month",),
    "pipeline_stages": ("pipeline", "status"),
    "forecast_monthly": ("month",),
    "cohort_monthly": ("cohort_month", "age_months"),
    "pipeline_daily": ("day", "pipeline", "status"),
    "insights": ("insight", "user_id"),
    "data_quality": ("rule", "record_id"),
}
"""The tables and their grain."""


def recompute(
    folder: Path, settings: str, as_of: datetime, deleted: frozenset[str] = frozenset()
) -> dict[str, list[dict[str, Any]]]:
    """Return every table of `KEYS` for an account folder.

    Args:
        folder: the account.
        settings: the text of its `kpis.yaml`.
        as_of: the run's instant, aware.
        deleted: ids of records deleted since they were first read.
    """
    account = read_account(folder, settings, as_of, deleted)
    cycles = life_cycles(account)
    reps = RepReport(account, cycles)
    rep_rows, team_rows = reps.rep_monthly(), reps.team_monthly()
    monthly, movements = growth_monthly(account, cycles), mrr_movements_monthly(account, cycles)
    return {
        "growth_monthly": monthly,
        "growth_yearly": growth_yearly(account, monthly),
        "mrr_movements_monthly": movements,
        "mrr_movements_yearly": mrr_movements_yearly(account, cycles, movements),
        "rep_monthly": rep_rows,
        "team_monthly": team_rows,
        "source_all_time": source_all_time(account, cycles),
        "source_monthly": source_monthly(account, cycles),
        "source_total": source_total(account, cycles),
        "win_rate_monthly": win_rate_monthly(account),
        "pipeline_stages": pipeline_stages(account),
        "forecast_monthly": forecast_monthly(account),
        "cohort_monthly": cohort_monthly(account, cycles),
        "pipeline_daily": pipeline_daily(account),
        "insights": insights(rep_rows, team_rows),
        "data_quality": warnings(account, cycles),
    }
