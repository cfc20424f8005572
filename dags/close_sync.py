"""Bring the lake up to date with Close.

Every morning, or as often as you set, reads what the account's statuses, pipelines, users and custom fields are
now, then what was created, changed, deleted or merged since the last sync, into `raw.*` of the lake. The first run
loads the whole history.

Once every stream has been read, what Close has logged meanwhile is read too, and the lake's state is recorded as
**complete**: numbers are computed from complete states only, whatever a sync that is under way, or that failed, has
brought.

Then it announces the **running month** (the local one of the instant that the sync goes up to) as a partition of the
asset `close_raw_synced`: `sales_kpis` computes all tables anew, and `sheets_publish` writes the workbook. Where nothing
has changed that a number depends on since the last release, the announcement is skipped, and so is everything after it.

**Parameters**: `accept_missing`, only after the error that says so: the API key sees far fewer records than
before, and they were really deleted.

**Run**: by itself at 06:00, or when the cron expression in `CLOSE_KPIS_SYNC_SCHEDULE` says (`0 * * * *`: hourly),
of the time zone in `CLOSE_KPIS_TIMEZONE` (default UTC; name the zone of `kpis.yaml`), or by hand:

    airflow dags trigger close_sync

The DAG is created paused: create the connections `close_default`, `lake_default` and
`google_sheets_default` first, then unpause it, and it makes its first run at once.

**Backfill**: not here. A sync always goes up to now; a past month is read again by `close_history`.

**If it fails**: clear the failed task. Every task stores its rows and how far it got in one
transaction, so it goes on where the last one ended. A refused API key fails at once; rate limits,
server errors and dropped connections are tried again. Whom `alerts` in `kpis.yaml` names is told
of a failure, and of a run that takes longer than it says there.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.accounts import ACCOUNTS, CLOSE_POOL, Account
from close_kpis.close.registry import stream_names
from close_kpis.dag_defaults import (
    SYNC_SCHEDULE,
    TIMEZONE,
    accept_missing_param,
    accepts_missing,
    compare_zones,
    dag_arguments,
    lake,
    raw_synced,
    read_as_of,
    sync_deadline,
)
from close_kpis.kpis import changes
from close_kpis.month import local_month
from close_kpis.settings import file
from close_kpis.sync.extraction import Extraction
from close_kpis.sync.progress import totals


@task(doc="Read reference data and the event log; fix the instant up to which to sync.")
def start_sync(account_name: str) -> str:
    """Return the instant (ISO 8601, UTC) that this sync goes up to."""
    from close_kpis.sync import start

    extraction = Extraction.of(Account(account_name))
    compare_zones(extraction.zone)
    return start.start_sync(extraction, accepts_missing=accepts_missing()).isoformat()


@task(
    map_index_template="{{ task.op_kwargs['stream'] }}",
    doc="Load one stream: all of it the first time, its changes after that.",
)
def sync_stream(stream: str, as_of: str, account_name: str) -> dict[str, Any]:
    """Return the counts of rows and requests."""
    from close_kpis.sync.stream import sync_streams

    extraction = Extraction.of(Account(account_name))
    if stream not in extraction.streams:
        raise AirflowSkipException(f"{stream} is read where kpis.yaml has it under streams: as true")
    [counts] = sync_streams(extraction, read_as_of(as_of, "start_sync"), [stream], accepts_missing=accepts_missing())
    return counts


@task(
    trigger_rule=TriggerRule.NONE_FAILED,
    doc="Read what Close has logged meanwhile; record that every stream is read up to one instant.",
)
def complete_sync(synced: Any, account_name: str) -> str:
    """Return the instant (ISO 8601, UTC) that the recorded state is read up to."""
    from close_kpis.sync import complete

    del synced
    return complete.complete_sync(Extraction.of(Account(account_name))).isoformat()


@task(
    trigger_rule=TriggerRule.NONE_FAILED,
    doc="Announce the running month if anything has changed since the last release.",
)
def announce_changes(synced: Any, as_of: Any, account_name: str, *, outlet_events: Any = None) -> dict[str, Any]:
    """Return what the sync did, and why the KPI tables are computed."""
    settings = file.load(Account(account_name).settings_file)
    reason = changes.news(lake(Account(account_name)), settings)
    if reason is None:
        raise AirflowSkipException("Nothing that a KPI reads has changed since the last release")
    # The slice gets all results with one request.
    done = {"reason": reason, **totals(synced[:])}
    month = local_month(read_as_of(as_of, "complete_sync"), settings.timezone)
    event = outlet_events[raw_synced(Account(account_name))]
    event.add_partitions([month])
    event.extra = done
    return done


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "close_sync", __doc__, "close", "extract"),
        schedule=CronDataIntervalTimetable(SYNC_SCHEDULE, timezone=TIMEZONE),
        params={"accept_missing": accept_missing_param()},
        deadline=sync_deadline(account),
    ):
        pool = account.prefixed(CLOSE_POOL)
        as_of = start_sync.override(pool=pool)(account.name)
        synced = (
            sync_stream
            .override(pool=pool)
            .partial(as_of=as_of, account_name=account.name)
            .expand(stream=stream_names())
        )
        completed = complete_sync.override(pool=pool)(synced, account.name)
        announce_changes.override(outlets=[raw_synced(account)])(synced, completed, account.name)
