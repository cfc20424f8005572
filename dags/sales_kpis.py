"""Compute the KPI tables.

For a month M: computes M **and every later month** (a balance depends on all that came before) from
`raw.*`, together with the tables over all time, then runs the checks. All of it is one transaction: a
check that finds an error rolls it back, names the rule and sample records, and the last good tables,
and so the last good workbook, stay as they are.

**Parameters**: `month` (YYYY-MM), only for a run started by hand without a partition key.

**Run**: by itself, when `close_sync` or `close_history` announce a month. By hand, for example after an
edit of `kpis.yaml` (which makes it compute every month, whichever is named):

    airflow dags trigger sales_kpis --conf '{"month": "2025-03"}'

**Backfill**: backfill `close_history`; this DAG follows, one run a month, in any order.

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
from close_kpis.month import kpi_month, month_key
from close_kpis.pipeline import compute


@task(
    pool=LAKE_POOL,
    outlets=[KPIS],
    doc="Compute the month and all later ones, check them, make them visible, announce them.",
)
def compute_and_check(lake_conn_id: str, *, outlet_events: Any = None) -> dict[str, Any]:
    """Return what was computed."""
    context = get_current_context()
    month = kpi_month(context)
    done = compute.compute_kpis(month, lake_conn_id=lake_conn_id, run_id=context["run_id"])
    outlet_events[KPIS].add_partitions([month_key(month)])
    outlet_events[KPIS].extra = done
    return done


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
    compute_and_check(LAKE_CONN)
