"""Read one month of Close again, completely.

On the first of every month: reads all records of the month that has ended again, whatever the event log
says, and marks those that Close no longer has as deleted. It is the month-end close, and **the DAG to
backfill**. If a record has changed since the last release, the month travels on as a partition of the asset
`close_raw_month`: `sales_kpis` computes all tables anew, `sheets_publish` writes the workbook. Reading a month twice
changes nothing, and costs one task.

**Parameters**: `month` (YYYY-MM), only for a run started by hand without a partition key.

**Backfill** a year from the command line (also in the UI: Trigger > Backfill):

    airflow backfill create --dag-id close_history --from-date 2025-01-01 --to-date 2025-12-31

Each month of the range is one run, whose key is the month. Months that have a run already are left out;
`--reprocess-behavior completed` reads them again.

**One month by hand**: Trigger > Advanced > Partition key `2025-03`, or

    airflow dags trigger close_history --conf '{"month": "2025-03"}'

The DAG is created unpaused, because the runs of a backfill wait for ever on a paused DAG. That is safe:
it has no start date, so its first own run is on the next first of a month and does not compete with the
first run of `close_sync`. Once it has been backfilled, Airflow adds the run of the last month that ended,
if that was not among them.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, CronPartitionTimetable, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.accounts import ACCOUNTS, CLOSE_POOL, Account
from close_kpis.dag_defaults import (
    TIMEZONE,
    dag_arguments,
    month_param,
    raw_month,
)
from close_kpis.kpis import changes
from close_kpis.month import kpi_month, month_key, refuse_future
from close_kpis.sync.extraction import Extraction
from close_kpis.sync.progress import totals


@task(doc="Read every stream of the month again, mark what is gone, announce the month if a row has changed.")
def pull_month(account_name: str, *, outlet_events: Any = None) -> dict[str, Any]:
    """Return the counts of rows and requests."""
    from close_kpis.sync import month as months

    month = kpi_month(get_current_context())
    extraction = Extraction.of(Account(account_name))
    refuse_future(month, extraction.zone)
    done = totals(months.pull_month(extraction, month))
    if not done["rows"]:
        raise AirflowSkipException(f"Close has nothing in {month_key(month)}")
    if not changes.has_new_records(extraction.lake):
        raise AirflowSkipException(
            f"{month_key(month)}: {done['rows']} rows read, and no record has changed since the last release"
        )
    event = outlet_events[raw_month(Account(account_name))]
    event.add_partitions([month_key(month)])
    event.extra = done
    return done


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "close_history", __doc__, "close", "extract", "backfill"),
        schedule=CronPartitionTimetable("@monthly", timezone=TIMEZONE, run_offset=-1, key_format="%Y-%m"),
        is_paused_upon_creation=False,
        params={"month": month_param()},
    ):
        pull_month.override(pool=account.prefixed(CLOSE_POOL), outlets=[raw_month(account)])(account.name)
