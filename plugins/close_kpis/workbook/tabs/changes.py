"""The Changes tab: every value of a completed month that was published once and differs now, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.workbook.spec import Cell, Row, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    HEADER_ROW,
    Context,
    blank_rows,
    comments_header,
    head,
    labels,
)

if TYPE_CHECKING:
    from close_kpis.kpis.registry import Kpi

HEADS = (
    "When",
    "Report",
    "Month",
    "Rep or source",
    "KPI",
    "Before",
    "After",
    "What changed underneath",
    "Added",
    "Changed",
    "Deleted",
    "Merged",
)
_COUNTS = ("records_added", "records_changed", "records_deleted", "records_merged")


def changes_tab(tables: Tables, context: Context) -> Tab:
    """Return the Changes tab.

    Args:
        tables: the KPI tables and the restatements.
        context: texts and stamp.
    """
    legend = (
        "Numbers of completed months that were published and have changed since: deals dated back, leads merged or "
        "deleted, settings. The counts are of records in Close since the publish before."
    )
    found = [] if tables.restatements is None else records(tables.restatements)
    months = [record for record in found if not record["is_to_date"]]
    to_date = [record for record in found if record["is_to_date"]]
    rows = head("Changes", legend, context)
    rows += blank_rows(1)
    rows += _list("Restated months" if months else "No published month has changed.", months, context)
    if to_date:
        rows += blank_rows(1)
        rows += _list("Sources by month of the lead: results to date, which move on with their deals", to_date, context)
    return Tab(
        key="changes",
        title="Changes",
        rows=tuple(rows),
        widths=(125, 110, 80, 150, 170, 90, 90, 480, 64, 64, 64, 64, COMMENTS_WIDTH),
        heights=HEAD_HEIGHTS,
        frozen_rows=2,
        color=styles.SERIES[5],
        header=HEADER_ROW,
        labels=(0, 1, 2, 3, 4),
        comments=len(HEADS),
    )


def _list(title: str, found: list[Record], context: Context) -> list[Row]:
    comments = comments_header(styles.SUBHEADER_LEFT)
    rows: list[Row] = [(Cell(title, styles.SECTION),), (*labels(HEADS, styles.SUBHEADER_LEFT), comments)]
    if not found:
        return rows
    rows += [_row(record, context) for record in found]
    more = found[0]["all_rows"] - len(found)
    if more > 0:
        rows.append((Cell(f"{more:,} older ones are in the table kpi.restatements of the lake.", styles.STAMP),))
    return rows


def _row(record: Record, context: Context) -> Row:
    report, kpi = _defined(record, context)
    when = record["restated_at"].astimezone(ZoneInfo(context.timezone))
    return (
        Cell(f"{when:%Y-%m-%d %H:%M}", styles.PROSE_MUTED),
        Cell(report, styles.PROSE),
        Cell(record["month"], styles.PROSE.but(number=styles.MONTH, align="LEFT")),
        Cell(record["name"], styles.PROSE),
        Cell(_label(record, kpi), styles.PROSE),
        _value(record, "before", kpi, context),
        _value(record, "after", kpi, context),
        Cell(record["cause"], styles.PROSE),
        *(Cell(record[name], styles.PROSE.but(number=styles.WHOLE, align="RIGHT")) for name in _COUNTS),
    )


def _defined(record: Record, context: Context) -> tuple[str, Kpi | None]:
    """Return the title of the restated value's report and its KPI, None for one that this version no longer has."""
    key = context.definitions.published_as().get(record["tab"])
    if key is None:
        return record["tab"], None
    report = context.definitions.reports[key]
    return report.title, report.kpis.get(record["kpi"])


def _label(record: Record, kpi: Kpi | None) -> str:
    """Return what readers call the KPI; one that no longer exists keeps the name it had as a column."""
    label = record["kpi"].removesuffix("_cents").replace("_", " ").capitalize() if kpi is None else kpi.label
    return f"{label} (to date)" if record["is_to_date"] else label


def _value(record: Record, which: str, kpi: Kpi | None, context: Context) -> Cell:
    """Return a value as its report shows it; empty where nothing was shown."""
    if kpi is None:
        is_money = record["kpi"].endswith("_cents")
        number = styles.money(context.currency) if is_money else styles.HUNDREDTH
        value = record[which] / 100 if is_money and record[which] is not None else record[which]
        return Cell(value, styles.PROSE.but(number=number, align="RIGHT"))
    look = styles.PROSE.but(number=styles.number(kpi.unit, context.currency), align="RIGHT")
    return Cell(styles.shown(kpi.unit, record[which]), look)
