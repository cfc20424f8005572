"""The Definitions tab: the choices in force, every KPI, the rows below a year, the data quality rules."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from close_kpis.kpis.registry import UNIT_NAMES
from close_kpis.workbook.spec import Cell, Row, Tab
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.parts import HEAD_HEIGHTS, HEADER_ROW, Context, blank_rows, head, labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.kpis.registry import Definitions, Setting
    from close_kpis.workbook.tables import Choices

_BETTER = {"higher": "up", "lower": "down", "neutral": ""}


def definitions_tab(choices: Choices, context: Context) -> Tab:
    """Return the Definitions tab.

    Args:
        choices: the settings in force.
        context: texts and stamp.
    """
    legend = "What every number means, and the choices made in kpis.yaml. The notes on the headings say the same."
    rows = head("Definitions", legend, context)
    rows += blank_rows(1)
    rows += _choices(choices, context.definitions)
    rows += blank_rows(1)
    rows += _kpis(context)
    rows += blank_rows(1)
    rows += _summary_rows(context)
    rows += blank_rows(1)
    rows += _quality_rules(context)
    return Tab(
        key="definitions",
        title="Definitions",
        rows=tuple(rows),
        widths=(120, 200, 120, 540, 420, 80),
        heights=HEAD_HEIGHTS,
        frozen_rows=2,
        color=styles.MUTED,
        header=HEADER_ROW,
        labels=(0, 1),
    )


def choice_rows(choices: Choices, settings: Mapping[str, Setting]) -> list[tuple[str, str, str]]:
    """Return the choices in force as (what, choice, what it means)."""
    start, holidays = choices.history_start, choices.holidays
    chosen = {
        "timezone": choices.timezone,
        "history_start": f"{start:%b %Y}" if start else "that of the first lead, opportunity or win",
        "customer_basis": choices.customer_basis,
        "rate_denominator": choices.rate_denominator,
        "demo": choices.demo,
        "count_automated_emails": "counted" if choices.count_automated_emails else "not counted",
        "fiscal_year_start": f"{date(2000, choices.fiscal_year_start, 1):%B}",
        "currency": choices.currency,
        "source_field": choices.source_field or "not configured",
        "owner_field": choices.owner_field or "not configured",
        "holidays": f"Monday to Friday without {holidays} holidays" if holidays else "Monday to Friday",
        "unknown_source_share": f"above {choices.unknown_source_limit:.0%}",
    }
    chosen |= {key: _told(choices.values[key]) for key in settings if key in choices.values and key not in chosen}
    rows = [(settings[key].label, choice, settings[key].means(choice)) for key, choice in chosen.items()]
    for key, roles in (("lead_statuses", choices.lead_statuses), ("pipelines", choices.pipelines)):
        rows += [(f"{settings[key].label}: {role}", names, settings[key].means(role)) for role, names in roles]
    return rows


def _told(value: object) -> str:
    """Return a setting's value in words."""
    words = {True: "yes", False: "no", None: "not set"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _choices(choices: Choices, definitions: Definitions) -> list[Row]:
    rows: list[Row] = [(Cell("Choices in force", styles.SECTION),)]
    heads = ("", "What", "", "Choice", "What it means", "")
    rows.append(tuple(labels(heads, styles.SUBHEADER_LEFT)))
    rows += [
        _line("Choice", what, "", choice, meaning)
        for what, choice, meaning in choice_rows(choices, definitions.settings)
    ]
    rows += [_line("Always", what, "", meaning) for what, meaning in definitions.always.items()]
    return rows


def _kpis(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("KPIs", styles.SECTION),)]
    heads = ("Report", "KPI", "Unit", "Definition", "Formula", "Good is")
    rows.append(tuple(labels(heads, styles.SUBHEADER_LEFT)))
    for report in context.definitions.reports.values():
        for kpi in report.kpis.values():
            unit = UNIT_NAMES[kpi.unit]
            rows.append(_line(report.title, kpi.label, unit, kpi.definition, kpi.formula, _BETTER[kpi.better]))
    return rows


def _summary_rows(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("Rows below the months of each year", styles.SECTION),)]
    rows.append(tuple(labels(("Report", "Row", "", "Definition", "", ""), styles.SUBHEADER_LEFT)))
    for row in context.definitions.summary_rows.values():
        rows.append(_line("Growth", row.label, "", row.definition))
    return rows


def _quality_rules(context: Context) -> list[Row]:
    rows: list[Row] = [(Cell("Data quality rules", styles.SECTION),)]
    rows.append(tuple(labels(("Severity", "Rule", "", "Meaning", "What to do", ""), styles.SUBHEADER_LEFT)))
    for rule in context.definitions.quality_rules.values():
        rows.append(_line("Warning", rule.label, "", rule.definition, rule.remedy))
    return rows


def _line(*texts: str) -> Row:
    looks = (
        styles.PROSE_MUTED,
        styles.PROSE_BOLD,
        styles.PROSE_MUTED,
        styles.PROSE,
        styles.PROSE,
        styles.PROSE_MUTED,
    )
    padded = (*texts, *("" for _ in range(len(looks) - len(texts))))
    return tuple(Cell(text, look) for text, look in zip(padded, looks, strict=True))
