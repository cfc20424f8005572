"""The values that the reports show, one a row, as ``published.kpi_values`` keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from close_kpis.workbook.tables import Tables

TEAM, TOTAL, UNASSIGNED = "Team", "Total", "Unassigned"


def published_values(tables: Tables) -> pd.DataFrame:
    """Return the values that the reports show, one a row.

    All-time values have no month, and count as running: they are meant to change.

    Returns:
        A frame with tab, month, entity, kpi, value (in the table's own unit), is_running. NULLs are left out.
    """
    import pandas as pd

    reps, sources, cohorts = tables.rep_monthly, tables.source_all_time, tables.source_monthly
    growth = tables.growth_monthly
    running = growth.loc[growth["is_running"].astype(bool), "month"]
    parts = [
        _long("Growth", growth, entity=TOTAL),
        _long("MRR movements", tables.mrr_movements_monthly, entity=TOTAL),
        _long(
            "Reps",
            reps.drop(columns=["user_id", "rep", "is_active"]),
            entity=reps["user_id"].astype(object).where(reps["user_id"].notna(), UNASSIGNED),
        ),
        _long("Reps", tables.team_monthly, entity=TEAM),
        _long("Sources", sources.drop(columns="source"), entity=sources["source"], month=None, is_running=True),
        _long("Sources", tables.source_total, entity=TOTAL, month=None, is_running=True),
        _long(
            "Sources monthly",
            cohorts.drop(columns=["source", "cohort_month"]),
            entity=cohorts["source"],
            month=cohorts["cohort_month"],
            is_running=cohorts["cohort_month"].isin(running),
        ),
    ]
    values = pd.concat([part for part in parts if not part.empty])
    return values.astype({"is_running": bool}).reset_index(drop=True)


def _long(tab: str, frame: pd.DataFrame, **keys: Any) -> pd.DataFrame:
    """Return a table with a row for each value.

    Args:
        tab: where the values are shown.
        frame: a table of KPIs.
        **keys: entity, and month and is_running where the table does not have them.
    """
    import pandas as pd

    wide = frame.assign(tab=tab, **keys)
    wide["month"] = pd.to_datetime(wide["month"])
    long = wide.melt(id_vars=["tab", "month", "entity", "is_running"], var_name="kpi", value_name="value")
    long["value"] = pd.to_numeric(long["value"])
    return long.dropna(subset=["value"])
