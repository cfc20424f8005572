"""Keep the lake small and quick, however old it gets.

Once a week, on Sunday at 03:00: tables that lie in many small files, or in many rows of the catalog, are written anew
in one; **snapshots** older than `keep_days` of the connection `lake_default` (default 30) expire; files that no
snapshot reads any more are deleted, at the earliest a day after the longest task could still read them.

**Kept whatever its age** is what somebody may ask for: the snapshot that the next computation reads, that of the
numbers which readers see (`explain` reads it), that of the last publish, and all later ones (causes of restatements
are read from them). Values as published, restatements and the pipeline's past days are rows of tables; they stay.

It takes turns with syncs, computations and publishes at the lake's write lock. A run that is killed loses nothing; the
next one goes on.

**Parameters**: none.

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

from close_kpis.accounts import ACCOUNTS, LAKE_POOL, Account
from close_kpis.dag_defaults import (
    TASK_TIMEOUT,
    TIMEZONE,
    dag_arguments,
    lake,
)
from close_kpis.lake import maintenance
from close_kpis.lake.config import NoCatalogError


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


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "lake_maintenance", __doc__, "lake", "maintenance"),
        schedule=CronTriggerTimetable("0 3 * * 0", timezone=TIMEZONE),
        is_paused_upon_creation=False,
    ):
        maintain_lake.override(pool=account.prefixed(LAKE_POOL))(account.name)
