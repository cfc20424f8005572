"""Compute the KPI tables.

Computes **every table whole**, from one snapshot of the lake, whenever anything has changed since the last
release: records that a model reads, `kpis.yaml`, the SQL models, the local day. Where nothing has, as in most runs
of a backfill, the first task says so and the rest is skipped. The month of a run is its name only. Each gate is a
task with the name of its rule:

- `check_data`, beside the computation: `sync_finished`, `configured_names_exist`
- `check_kpis`, after it: the roll-forwards, the sums, the grain, the rates

What was computed waits in the schema `candidate` of the lake while it is checked. `release_kpis` makes it
visible in `kpi.*` in one transaction, once every check is green. A check that finds an error fails with
sample records and the remedy; the last good tables, and so the last good workbook, stay as they are.
Warnings do not stop anything: they are in `kpi.data_quality`.

**Parameters**: `month` (YYYY-MM), only for a run started by hand without a partition key: the run's name.

**Run**: by itself, when `close_sync` or `close_history` announce a month. By hand, for example after an
edit of `kpis.yaml`:

    airflow dags trigger sales_kpis --conf '{"month": "2025-03"}'

**Backfill**: backfill `close_history`; this DAG follows, one run a month that has changed, in any order.

**After a repair**: clear the failed check with its upstream tasks, or wait for the next run: it computes
whatever was not released.

The DAG is created unpaused: what is announced while it is paused is lost.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.dag_defaults import (
    DEFAULT_ARGS,
    KPIS,
    LAKE_CONN,
    LAKE_POOL,
    RAW_MONTH,
    RAW_SYNCED,
    RUN_TIMEOUT,
    lake,
    month_param,
)
from close_kpis.kpis import candidate, changes, checks, compute
from close_kpis.month import kpi_month, month_key
from close_kpis.paths import settings_path
from close_kpis.settings import file


@task(doc="Say what has changed since the last release; nothing: skip the run.")
def find_changes(lake_conn_id: str) -> str:
    """Return why the KPI tables are computed, for which month the run is named."""
    kpi_month(get_current_context())
    reason = changes.news(lake(lake_conn_id), file.load(settings_path()))
    if reason is None:
        raise AirflowSkipException("Nothing that a KPI reads has changed since the last release")
    return reason


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check what must hold before anything is computed: one task a rule.",
)
def check_data(rule: str, lake_conn_id: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    checks.check_data(lake(lake_conn_id), rule, settings_file=settings_path())


@task(pool=LAKE_POOL, doc="Compute all tables; nobody sees the numbers yet.")
def compute_kpis(lake_conn_id: str) -> dict[str, Any]:
    """Return what was computed: its id, as_of, snapshot, reason and warnings."""
    run_id = get_current_context()["run_id"]
    return compute.compute_candidate(lake(lake_conn_id), settings_file=settings_path(), run_id=run_id).plain()


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check the computed numbers before anybody sees them: one task a rule.",
)
def check_kpis(rule: str, computed: Any, lake_conn_id: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    checks.check_candidate(lake(lake_conn_id), [rule], computed["computation_id"])


@task(pool=LAKE_POOL, outlets=[KPIS], doc="Make the checked numbers visible, announce them.")
def release_kpis(computed: Any, lake_conn_id: str, *, outlet_events: Any = None) -> None:
    """Announce the month; `sheets_publish` follows."""
    candidate.release(lake(lake_conn_id), computed["computation_id"])
    outlet_events[KPIS].add_partitions([month_key(kpi_month(get_current_context()))])
    outlet_events[KPIS].extra = computed


with DAG(
    dag_id="sales_kpis",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=RAW_SYNCED | RAW_MONTH),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    params={"month": month_param()},
    default_args=DEFAULT_ARGS,
    dagrun_timeout=RUN_TIMEOUT,
    tags=["close", "kpis"],
):
    changed = find_changes(LAKE_CONN)
    data_checked = check_data.partial(lake_conn_id=LAKE_CONN).expand(rule=list(checks.DATA_RULES))
    computed = compute_kpis(LAKE_CONN)
    kpis_checked = check_kpis.partial(computed=computed, lake_conn_id=LAKE_CONN).expand(rule=list(checks.KPI_RULES))
    changed >> [data_checked, computed]
    [data_checked, kpis_checked] >> release_kpis(computed, LAKE_CONN)
