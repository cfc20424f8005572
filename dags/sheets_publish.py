"""Publish the workbook to Google Sheets.

Renders the workbook from `kpi.*`, compares it with what the spreadsheet holds, and writes the
difference in one atomic request: readers see the old workbook or the new one, never half of each. The
values as published are kept in `published.*` of the lake; values of completed months that differ from
those published last are listed on the tab Changes and in `kpi.restatements`. The task's Details tab has the button
**Open in Google Sheets**; its log and its XCom say in words what is new: *2 deals won, 1 deal back-dated; May 2026
restated*.

**Parameters**: `month` (YYYY-MM): the month that changed, for the run's name only. The workbook is
always written as a whole.

**Run**: by itself, when `sales_kpis` has computed a month. By hand, for example to undo edits in the
spreadsheet:

    airflow dags trigger sheets_publish

**Backfill**: backfill `close_history`; this DAG follows.

The DAG is created unpaused: what is announced while it is paused is lost.
"""

from __future__ import annotations

from airflow.sdk import DAG, PartitionedAssetTimetable

from close_kpis.accounts import ACCOUNTS, LAKE_POOL
from close_kpis.dag_defaults import (
    dag_arguments,
    kpis,
    month_param,
)
from close_kpis.publishing.operator import PublishWorkbookOperator

for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "sheets_publish", __doc__, "google-sheets", "publish"),
        schedule=PartitionedAssetTimetable(assets=kpis(account)),
        is_paused_upon_creation=False,
        params={"month": month_param()},
    ):
        PublishWorkbookOperator(
            task_id="publish_workbook",
            doc="Write the difference between the KPI tables and the spreadsheet in one atomic request.",
            account=account.name,
            pool=account.prefixed(LAKE_POOL),
        )
