"""The plain data tabs: one table each, one header row, one row per grain, typed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.spec import PLAIN, Area, Cell, Format, NumberFormat, Row, Tab, Value
from close_kpis.workbook.tables import Tables, records
from close_kpis.workbook.tabs import styles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from close_kpis.kpis.registry import Definitions, KeyColumn, Kpi


def data_tabs(tables: Tables, definitions: Definitions, currency: str) -> list[Tab]:
    """Return the data tabs: one for each table of the registry that has one.

    Args:
        tables: the KPI tables.
        definitions: the texts of the header notes.
        currency: ISO 4217 code of the amounts.
    """
    return [
        _data_tab(name, table.tab, table.grain, getattr(tables, name), definitions, currency)
        for name, table in definitions.tables.items()
        if table.tab is not None
    ]


def _data_tab(
    table: str, title: str, grain: Sequence[str], frame: pd.DataFrame, definitions: Definitions, currency: str
) -> Tab:
    columns = {str(name): definitions.column(table, str(name)) for name in frame.columns}
    looks = {name: PLAIN.but(number=_pattern(name, column)) for name, column in columns.items()}
    kpis = definitions.kpis_of(table)
    rows: list[Row] = [tuple(_header(table, name, column, currency) for name, column in columns.items())]
    for record in records(frame):
        is_yoy = record.get("row_kind") == "yoy"
        rows.append(tuple(_cell(name, record, look, is_growth=is_yoy and name in kpis) for name, look in looks.items()))
    prefix = title.removeprefix("Data ").lower().replace(" ", "_")
    return Tab(
        key=f"data_{table}",
        title=title,
        rows=tuple(rows),
        widths=tuple(_width(name, column) for name, column in columns.items()),
        hidden_columns=tuple(at for at, name in enumerate(columns) if name == "user_id"),
        frozen_rows=1,
        color=styles.FAINT,
        gridlines=True,
        header=0,
        labels=tuple(list(columns).index(name) for name in grain),
        names=tuple(
            (f"{prefix}_{column_name(name)}", Area(1, at, len(rows), at + 1))
            for at, name in enumerate(columns)
            if len(rows) > 1
        ),
    )


def column_name(column: str) -> str:
    """Return what a data tab calls a column: the table's name for it, without ``_cents`` where it shows currency."""
    return column.removesuffix("_cents")


def column_at(tab: Tab, column: str) -> int:
    """Return where a data tab has a column of its table."""
    return [cell.value for cell in tab.rows[0]].index(column_name(column))


def _header(table: str, name: str, column: Kpi | KeyColumn, currency: str) -> Cell:
    notes = [column.note()]
    if column.unit == "mrr":
        notes.append("Here the annual value: twelve times what the reports show.")
    if name.endswith("_cents"):
        notes.append(f"In {currency}; the table kpi.{table} of the lake holds it in cents as {name}.")
    elif column.unit == "rate":
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


def _pattern(name: str, column: Kpi | KeyColumn) -> NumberFormat | None:
    if name.endswith("_cents"):
        return styles.HUNDREDTH
    patterns = {"day": styles.DAY, "key": None, "name": None, "rate": styles.PERCENT, "count": styles.WHOLE}
    return patterns.get(column.unit, styles.HUNDREDTH)


def _width(name: str, column: Kpi | KeyColumn) -> int:
    """Return a width in which the header can be read."""
    least = 160 if column.unit == "name" else 90
    return max(least, 8 * len(column_name(name)) + 16)
