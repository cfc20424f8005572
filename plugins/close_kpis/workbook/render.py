"""From the KPI tables to the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.workbook.order import arranged
from close_kpis.workbook.spec import Workbook
from close_kpis.workbook.tabs.behind import behind_tabs, with_links
from close_kpis.workbook.tabs.changes import changes_tab
from close_kpis.workbook.tabs.chart_data import chart_data_tab
from close_kpis.workbook.tabs.cohorts import cohorts_tab
from close_kpis.workbook.tabs.data import data_tabs
from close_kpis.workbook.tabs.definitions import definitions_tab
from close_kpis.workbook.tabs.growth import growth_tab
from close_kpis.workbook.tabs.inputs import spend_tab, targets_tab
from close_kpis.workbook.tabs.mrr import mrr_tab
from close_kpis.workbook.tabs.one_rep import one_rep_tab
from close_kpis.workbook.tabs.parts import Context
from close_kpis.workbook.tabs.pipeline import pipeline_tab
from close_kpis.workbook.tabs.quality import quality_tab
from close_kpis.workbook.tabs.record_tabs import record_tabs
from close_kpis.workbook.tabs.reps import reps_tab
from close_kpis.workbook.tabs.sources import sources_tab
from close_kpis.workbook.tabs.summary import summary_tab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from close_kpis.kpis.registry import Definitions
    from close_kpis.workbook.spec import Tab
    from close_kpis.workbook.tables import Stamp, Tables


def render(
    tables: Tables, stamp: Stamp, definitions: Definitions, *, title: str = "Close KPIs", shown: Sequence[str] = ()
) -> Workbook:
    """Return the workbook: a summary, six reports, what they mean, what to mend, what was restated, the plain data.

    Args:
        tables: the KPI tables and the choices in force.
        stamp: how fresh they are.
        definitions: the texts.
        title: of the workbook; stands in the head of each report.
        shown: titles of the reports that are shown, in their order; none for all.
    """
    choices = tables.choices
    told = definitions.with_choices(
        rate_denominator=choices.rate_denominator, count_automated_emails=choices.count_automated_emails
    )
    context = Context(told, stamp, choices.timezone, choices.currency, title)
    chart_data, chart_columns = chart_data_tab(tables, context)
    data = data_tabs(tables, told, choices.currency)
    behind, record_data = behind_tabs(tables, context)

    def linked(report: Tab) -> Tab:
        return with_links(report, context) if not shown or behind.title in shown else report

    everything = Workbook((
        summary_tab(tables, context, data),
        linked(growth_tab(tables, context, chart_columns)),
        mrr_tab(tables, context, chart_columns),
        linked(reps_tab(tables, context, chart_columns)),
        one_rep_tab(tables, context, data),
        linked(sources_tab(tables, context)),
        linked(pipeline_tab(tables, context)),
        cohorts_tab(tables, context),
        behind,
        targets_tab(tables, context),
        spend_tab(tables, context),
        changes_tab(tables, context),
        quality_tab(tables, context),
        definitions_tab(choices, context),
        *data,
        *record_tabs(tables),
        chart_data,
        *record_data,
    ))
    return arranged(everything, shown)
