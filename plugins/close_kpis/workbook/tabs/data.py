"""The plain data tabs: one table each, one header row, one row per grain, typed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import PLAIN, Cell, Format, NumberFormat, Row, Tab, Value
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from close_kpis.kpis.registry import Definitions, Kpi


@dataclass(frozen=True)
class DataTab:
    """A table that is shown as it is.

    Attributes:
        table: name of the table in the lake's schema ``kpi``, and attribute of `Tables`.
        title: what the tab is called.
        report: where the columns' definitions are.
    """

    table: str
    title: str
    report: str


DATA_TABS = (
    DataTab("growth_monthly", "Data growth", "growth"),
    DataTab("growth_yearly", "Data growth yearly", "growth"),
    DataTab("mrr_movements_monthly", "Data MRR movements", "movements"),
    DataTab("rep_monthly", "Data reps", "reps"),
    DataTab("team_monthly", "Data team", "reps"),
    DataTab("source_all_time", "Data sources", "sources"),
    DataTab("source_monthly", "Data sources monthly", "sources"),
    DataTab("pipeline_daily", "Data pipeline", "pipeline"),
    DataTab("win_rate_monthly", "Data win rate", "win_rate"),
)

_NAMES = {"rep", "source", "pipeline", "status"}
_COLUMN_NOTES = {
    "month": "First day of the month.",
    "cohort_month": "First day of the month in which the leads were created.",
    "day": "Local date of the snapshot.",
    "is_running": "Whether this is the running month: to date only.",
    "user_id": "Close user; empty for deals and activities without a user.",
    "is_active": "Whether the user is still a member of the organisation.",
    "row_kind": "year, average (of the completed months) or yoy (growth against last year; rates: difference).",
}


def data_tabs(tables: Tables, definitions: Definitions, currency: str) -> list[Tab]:
    """Return the data tabs.

    Args:
        tables: the KPI tables.
        definitions: the texts of the header notes.
        currency: ISO 4217 code of the amounts.
    """
    return [_data_tab(tab, getattr(tables, tab.table), definitions, currency) for tab in DATA_TABS]


def _data_tab(tab: DataTab, frame: pd.DataFrame, definitions: Definitions, currency: str) -> Tab:
    kpis = definitions.reports[tab.report].kpis
    names = [str(name) for name in frame.columns]
    is_share = [tab.table == "growth_yearly" and name not in {"year", "row_kind", "is_running"} for name in names]
    looks = [PLAIN.but(number=_pattern(name, kpis.get(name))) for name in names]
    rows: list[Row] = [tuple(_header(name, tab, kpis, currency) for name in names)]
    for record in records(frame):
        is_yoy = record.get("row_kind") == "yoy"
        rows.append(
            tuple(
                _cell(name, record, look, is_growth=is_yoy and share)
                for name, look, share in zip(names, looks, is_share, strict=True)
            )
        )
    return Tab(
        key=f"data_{tab.table}",
        title=tab.title,
        rows=tuple(rows),
        widths=tuple(_width(name) for name in names),
        frozen_rows=1,
        color=styles.FAINT,
        gridlines=True,
    )


def column_name(column: str) -> str:
    """Return what a data tab calls a column: the table's name for it, without ``_cents`` where it shows currency."""
    return column.removesuffix("_cents")


def _header(name: str, tab: DataTab, kpis: Mapping[str, Kpi], currency: str) -> Cell:
    notes = [_COLUMN_NOTES.get(name, ""), kpis[name].note() if name in kpis else ""]
    if name in kpis and kpis[name].unit == "mrr":
        notes.append("Here the annual value: twelve times what the reports show.")
    if name.endswith("_cents"):
        notes.append(f"In {currency}; the table kpi.{tab.table} of the lake holds it in cents as {name}.")
    elif name in kpis and kpis[name].unit == "rate":
        notes.append("A fraction: 0.05 is 5 %.")
    note = "\n\n".join(text for text in notes if text)
    return Cell(column_name(name), styles.DATA_HEADER, note=note or None)


def _cell(name: str, record: Mapping[str, Any], look: Format, *, is_growth: bool) -> Cell:
    """Return a cell of a data tab; year over year growth is a fraction whatever the column holds otherwise."""
    value: Value = record[name]
    if is_growth:
        return Cell(value, PLAIN.but(number=styles.PERCENT))
    if name.endswith("_cents") and isinstance(value, (int, float)):
        value /= 100
    return Cell(value, look)


def _pattern(name: str, kpi: Kpi | None) -> NumberFormat | None:
    if name in {"month", "cohort_month", "day"}:
        return styles.DAY
    if name.endswith("_cents"):
        return styles.HUNDREDTH
    if kpi is None:
        return None
    return {"rate": styles.PERCENT, "count": styles.WHOLE}.get(kpi.unit, styles.HUNDREDTH)


def _width(name: str) -> int:
    """Return a width in which the header can be read."""
    least = 160 if name in _NAMES else 90
    return max(least, 8 * len(column_name(name)) + 16)
