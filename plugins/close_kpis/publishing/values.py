"""The values that the reports show, one a row, as ``published.kpi_values`` keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from close_kpis.kpis.registry import Definitions, KpiTable
    from close_kpis.workbook.tables import Tables

TEAM, TOTAL, UNASSIGNED = "Team", "Total", "Unassigned"


def published_values(tables: Tables, definitions: Definitions) -> pd.DataFrame:
    """Return the values that the reports show, one a row.

    All-time values have no month, and count as running: they are meant to change.

    Args:
        tables: the KPI tables.
        definitions: which of them are kept, and which of their columns are KPIs.

    Returns:
        A frame with tab, month, entity, kpi, value (in the table's own unit), is_running. NULLs are left out.
    """
    import pandas as pd

    growth = tables.growth_monthly
    running = growth.loc[growth["is_running"].astype(bool), "month"]
    parts = [
        _long(name, table, getattr(tables, name), running, list(definitions.kpis_of(name)))
        for name, table in definitions.tables.items()
        if table.published
    ]
    values = pd.concat([part for part in parts if not part.empty])
    return values.astype({"is_running": bool}).reset_index(drop=True)


def _long(name: str, table: KpiTable, frame: pd.DataFrame, running: pd.Series, kpis: list[str]) -> pd.DataFrame:
    """Return a table with a row for each value.

    Args:
        name: of the table.
        table: its entry in the registry.
        frame: its rows.
        running: the running month, for a table that does not say it.
        kpis: the columns whose values are kept.
    """
    import pandas as pd

    if "cohort_month" in frame:
        frame = frame.assign(month=frame["cohort_month"], is_running=frame["cohort_month"].isin(running))
    elif "month" not in frame:
        frame = frame.assign(month=None, is_running=True)
    wide = frame.assign(tab=table.published, entity=_entity(name, frame), month=pd.to_datetime(frame["month"]))
    keys = ["tab", "month", "entity", "is_running"]
    long = wide.melt(id_vars=keys, value_vars=kpis, var_name="kpi", value_name="value")
    long["value"] = pd.to_numeric(long["value"])
    return long.dropna(subset=["value"])


def _entity(name: str, frame: pd.DataFrame) -> pd.Series | str:
    """Return whose values a table holds: the user's id, the source, or all."""
    if "user_id" in frame:
        return frame["user_id"].astype(object).where(frame["user_id"].notna(), UNASSIGNED)
    if "source" in frame:
        return frame["source"]
    return TEAM if name == "team_monthly" else TOTAL
