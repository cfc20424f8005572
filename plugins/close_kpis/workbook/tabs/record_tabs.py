"""The tabs Leads, Opportunities and Contacts: the newest records of Close, for the formulas of readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.spec import PLAIN, Area, Cell, Row, Tab
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles

if TYPE_CHECKING:
    import pandas as pd

    from close_kpis.workbook.spec import NumberFormat, Value

_KEYS = {"leads": "lead_id", "opportunities": "opportunity_id", "contacts": "contact_id"}
_WIDE = frozenset({"lead", "name", "title", "pipeline", "status", "source", "rep"})


def record_tabs(tables: Tables) -> list[Tab]:
    """Return a tab for each list of records that readers want, each column with a name such as ``leads_status``."""
    return [_tab(name, frame) for name, frame in tables.lists.items()]


def _tab(name: str, frame: pd.DataFrame) -> Tab:
    columns = [str(column) for column in frame.columns]
    shown = [column.removesuffix("_cents") for column in columns]
    rows: list[Row] = [tuple(Cell(column, styles.DATA_HEADER) for column in shown)]
    for record in records(frame):
        rows.append(
            tuple(Cell(_value(column, record[column]), PLAIN.but(number=_number(column))) for column in columns)
        )
    return Tab(
        key=f"list_{name}",
        title=name.capitalize(),
        rows=tuple(rows),
        widths=tuple(180 if column in _WIDE else 100 for column in columns),
        frozen_rows=1,
        color=styles.FAINT,
        gridlines=True,
        header=0,
        labels=(columns.index(_KEYS[name]),),
        names=tuple(
            (f"{name}_{column}", Area(1, at, len(rows), at + 1)) for at, column in enumerate(shown) if len(rows) > 1
        ),
    )


def _value(column: str, value: Value) -> Value:
    return value / 100 if column.endswith("_cents") and isinstance(value, int | float) else value


def _number(column: str) -> NumberFormat | None:
    if column.endswith("_cents"):
        return styles.HUNDREDTH
    return styles.DAY if column.endswith("_on") else None
