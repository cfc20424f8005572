"""Compute the KPI tables.

For a month M: computes M **and every later month** (a balance depends on all that came before) from
`raw.*`, together with the tables over all time. Where neither records nor settings have changed since the
last computation, as in most runs of a backfill, its numbers stand, and the checks are skipped. Each gate is
a task with the name of its rule:

- `check_data`, beside the computation: `sync_finished`, `configured_names_exist`
- `check_kpis`, after it: the roll-forwards, the sums, the grain, the rates

What was computed waits in the schema `candidate` of the lake while it is checked. `release_kpis` makes it
visible in `kpi.*` in one transaction, once every check is green. A check that finds an error fails with
sample records and the remedy; the last good tables, and so the last good workbook, stay as they are.
Warnings do not stop anything: they are in `kpi.data_quality`.

**Parameters**: `month` (YYYY-MM), only for a run started by hand without a partition key.

**Run**: by itself, when `close_sync` or `close_history` announce a month. By hand, for example after an
edit of `kpis.yaml` (which makes it compute every month, whichever is named):

    airflow dags trigger sales_kpis --conf '{"month": "2025-03"}'

**Backfill**: backfill `close_history`; this DAG follows, one run a month, in any order.

**After a repair**: clear the failed check with its upstream tasks, or wait for the next run: it computes
whatever was not released.

The DAG is created unpaused: what is announced while it is paused is lost.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, get_current_context, task

from close_kpis.dag_defaults import (
    DEFAULT_ARGS,
    KPIS,
    LAKE_CONN,
    LAKE_POOL,
    RAW_MONTH,
    RAW_SYNCED,
    month_param,
)
from close_kpis.kpis import compute, gates
from close_kpis.month import kpi_month, month_key


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check what must hold before anything is computed: one task a rule.",
)
def check_data(rule: str, lake_conn_id: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    gates.check_data(rule, lake_conn_id=lake_conn_id)


@task(pool=LAKE_POOL, doc="Compute the month and all later ones; nobody sees the numbers yet.")
def compute_kpis(lake_conn_id: str) -> list[str]:
    """Return the rules to check, none where nothing has changed; what was computed is the XCom `computed`."""
    context = get_current_context()
    done = compute.compute_kpis(kpi_month(context), lake_conn_id=lake_conn_id, run_id=context["run_id"])
    context["ti"].xcom_push("computed", done)
    return [] if done["is_released"] else gates.RULES_AFTER


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check the computed numbers before anybody sees them: one task a rule.",
)
def check_kpis(rule: str, computed: Any, lake_conn_id: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    gates.check_kpis(rule, computed["computation_id"], lake_conn_id=lake_conn_id)


@task(
    pool=LAKE_POOL, outlets=[KPIS], trigger_rule="none_failed", doc="Make the checked numbers visible, announce them."
)
def release_kpis(computed: Any, lake_conn_id: str, *, outlet_events: Any = None) -> None:
    """Announce the month; `sheets_publish` follows."""
    gates.release_kpis(computed["computation_id"], lake_conn_id=lake_conn_id)
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
    tags=["close", "kpis"],
):
    data_checked = check_data.partial(lake_conn_id=LAKE_CONN).expand(rule=gates.RULES_BEFORE)
    rules: Any = compute_kpis(LAKE_CONN)
    computed = rules["computed"]
    kpis_checked = check_kpis.partial(computed=computed, lake_conn_id=LAKE_CONN).expand(rule=rules)
    [data_checked, kpis_checked] >> release_kpis(computed, LAKE_CONN)
