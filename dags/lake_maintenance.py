"""Keep the lake small, quick and true, however old it gets.

Once a week, on Sunday at 03:00, two tasks that do not wait for each other.

**maintain_lake**: tables that lie in many small files, or in many rows of the catalog, are written anew
in one; **snapshots** older than `keep_days` of the connection `lake_default` (default 30) expire; files that no
snapshot reads any more are deleted, at the earliest a day after the longest task could still read them.

**Kept whatever its age** is what somebody may ask for: the snapshot that the next computation reads, that of the
numbers which readers see (`explain` reads it), that of the last publish, and all later ones (causes of restatements
are read from them). Values as published, restatements and the pipeline's past days are rows of tables; they stay.

**reconcile_records** holds the lake's records against Close, whatever the event log says: each stream from where its
last comparison ended, small ones first, until `RECONCILE_REQUESTS` (default 2000, 0 for none) are used. What the lake
lacks, or has in another version, is stored, and the next sync computes with it. What Close no longer shows stays, and
is told in the log: only the event log says what was deleted.

It takes turns with syncs, computations and publishes at the lake's write lock. A run that is killed loses nothing; the
next one goes on.

**Parameters**: `accept_missing`, only after a log line that says so: what Close no longer shows was really deleted.

**Run**: by itself, or by hand:

    airflow dags trigger lake_maintenance

**Backfill**: not possible, and never needed: a run does what is due now.

The DAG is created unpaused; before the first sync its runs are skipped.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.accounts import ACCOUNTS, CLOSE_POOL, LAKE_POOL, Account
from close_kpis.dag_defaults import (
    RECONCILE_REQUESTS,
    TASK_TIMEOUT,
    TIMEZONE,
    accept_missing_param,
    accepts_missing,
    dag_arguments,
    lake,
)
from close_kpis.lake import maintenance
from close_kpis.lake.config import NoCatalogError
from close_kpis.sync.extraction import Extraction


@task(doc="Write tables of many small files anew, expire old snapshots, delete files nobody reads.")
def maintain_lake(account_name: str) -> dict[str, Any]:
    """Return what was done: tables written anew, snapshots expired, files deleted, and how many are left."""
    try:
        done = maintenance.maintain(
            lake(Account(account_name)), now=datetime.now(UTC), grace=TASK_TIMEOUT + timedelta(days=1)
        )
    except NoCatalogError as nothing:
        raise AirflowSkipException(str(nothing)) from None
    return asdict(done) | {"tables": list(done.tables)}


@task(doc="Hold the lake's records against Close, as far as a budget of requests reaches; store what differs.")
def reconcile_records(account_name: str) -> list[dict[str, Any]]:
    """Return for each stream that was compared the counts of rows and requests, and whether its end was reached."""
    from close_kpis.sync.reconcile import reconcile
    from close_kpis.sync.start import is_started

    account = Account(account_name)
    if not RECONCILE_REQUESTS or not is_started(lake(account)):
        raise AirflowSkipException("No sync has begun yet, or RECONCILE_REQUESTS is 0")
    return reconcile(Extraction.of(account), RECONCILE_REQUESTS, accepts_missing=accepts_missing())


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "lake_maintenance", __doc__, "lake", "maintenance"),
        schedule=CronTriggerTimetable("0 3 * * 0", timezone=TIMEZONE),
        is_paused_upon_creation=False,
        params={"accept_missing": accept_missing_param()},
    ):
        reconcile_records.override(pool=account.prefixed(CLOSE_POOL))(account.name)
        maintain_lake.override(pool=account.prefixed(LAKE_POOL))(account.name)
