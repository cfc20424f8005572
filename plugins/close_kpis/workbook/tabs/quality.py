"""The Data quality tab: how many records each rule names, then the records with links into Close."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from close_kpis.kpis.registry import QualityRule
from close_kpis.links import lead_page
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
    from close_kpis.kpis.registry import Definitions

MOST_RECORDS = 50
"""Records of one rule that are listed, so that a neglected account cannot swell the workbook; the counts are of all."""


def quality_tab(tables: Tables, context: Context) -> Tab:
    """Return the Data quality tab.

    Args:
        tables: the KPI tables.
        context: texts and stamp.
    """
    legend = "What to mend in Close. These are warnings: the numbers are published, and these records bend them."
    found = sorted(
        records(tables.data_quality),
        key=lambda record: (record["severity"], record["rule"], record["record_id"] or ""),
    )
    rows = head("Data quality", legend, context)
    rows += blank_rows(1)
    rows += _summary(found, context.definitions)
    rows += blank_rows(1)
    rows += _list(found, context.definitions)
    return Tab(
        key="data_quality",
        title="Data quality",
        rows=tuple(rows),
        widths=(220, 84, 104, 520, 380, 250, COMMENTS_WIDTH),
        heights=HEAD_HEIGHTS,
        frozen_rows=2,
        color=styles.SERIES[4],
        # The same with and without warnings: what was published is found again by these.
        header=HEADER_ROW,
        labels=(0, 5),
        comments=6,
    )


def _rule(name: str, definitions: Definitions) -> QualityRule:
    """Return a rule's texts; a rule without texts stands for itself."""
    known = definitions.quality_rules.get(name)
    return known or QualityRule(label=name.replace("_", " ").capitalize(), definition="", remedy="")


def _summary(found: list[Record], definitions: Definitions) -> list[Row]:
    counts = Counter({(record["rule"], record["severity"]): int(record["rule_records"]) for record in found})
    heads = ("Rule", "Severity", "Records", "What it means", "What to do", "")
    comments = comments_header(styles.SUBHEADER_LEFT)
    rows: list[Row] = [(Cell("By rule", styles.SECTION),), (*labels(heads, styles.SUBHEADER_LEFT), comments)]
    for (name, severity), count in counts.most_common():
        rule = _rule(name, definitions)
        rows.append((
            Cell(rule.label, styles.PROSE_BOLD),
            Cell(severity, styles.PROSE),
            Cell(count, styles.PROSE.but(number=styles.WHOLE, align="LEFT")),
            Cell(rule.definition, styles.PROSE),
            Cell(rule.remedy, styles.PROSE),
        ))
    if not found:
        rows.append((Cell("No warnings: nothing to mend.", styles.PROSE_BOLD),))
    return rows


def _list(found: list[Record], definitions: Definitions) -> list[Row]:
    heads = ("Rule", "Severity", "Record", "Detail", "Lead in Close", "Record id")
    comments = comments_header(styles.SUBHEADER_LEFT)
    rows: list[Row] = [(Cell("Records", styles.SECTION),), (*labels(heads, styles.SUBHEADER_LEFT), comments)]
    for _, of_rule in groupby(found, key=lambda record: (record["severity"], record["rule"])):
        rows += _rows_of(list(of_rule), definitions)
    return rows


def _rows_of(found: list[Record], definitions: Definitions) -> list[Row]:
    """Return the first records of one rule, and how many more there are."""
    label, count = _rule(found[0]["rule"], definitions).label, int(found[0]["rule_records"])
    rows: list[Row] = [
        (
            Cell(label, styles.PROSE),
            Cell(record["severity"], styles.PROSE),
            Cell(record["record_type"], styles.PROSE),
            Cell(record["detail"], styles.PROSE),
            _lead(record),
            Cell(record["record_id"], styles.PROSE_ID),
        )
        for record in found[:MOST_RECORDS]
    ]
    if count > MOST_RECORDS:
        more = f"{label}: {count - MOST_RECORDS:,} more are in the table kpi.data_quality of the lake."
        rows.append((Cell(more, styles.STAMP),))
    return rows


def _lead(record: Record) -> Cell:
    """Return the lead's name, linked to its page in Close."""
    lead = record["lead_id"]
    if not lead:
        return Cell(None, styles.PROSE)
    return Cell(record["lead_name"] or lead, styles.ANCHOR, link=lead_page(lead, record["lead_url"]))
