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

from close_kpis.accounts import ACCOUNTS, LAKE_POOL, Account
from close_kpis.dag_defaults import (
    dag_arguments,
    kpis,
    lake,
    month_param,
    raw_month,
    raw_synced,
)
from close_kpis.kpis import candidate, changes, checks, compute
from close_kpis.month import kpi_month, month_key
from close_kpis.settings import file


@task(doc="Say what has changed since the last release; nothing: skip the run.")
def find_changes(account_name: str) -> str:
    """Return why the KPI tables are computed, for which month the run is named."""
    kpi_month(get_current_context())
    reason = changes.news(lake(Account(account_name)), file.load(Account(account_name).settings_file))
    if reason is None:
        raise AirflowSkipException("Nothing that a KPI reads has changed since the last release")
    return reason


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check what must hold before anything is computed: one task a rule.",
)
def check_data(rule: str, account_name: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    checks.check_data(lake(Account(account_name)), rule, settings_file=Account(account_name).settings_file)


@task(doc="Compute all tables; nobody sees the numbers yet.")
def compute_kpis(account_name: str) -> dict[str, Any]:
    """Return what was computed: its id, as_of, snapshot, reason and warnings."""
    of, run_id = Account(account_name), get_current_context()["run_id"]
    return compute.compute_candidate(lake(of), settings_file=of.settings_file, run_id=run_id).plain()


@task(
    map_index_template="{{ task.op_kwargs['rule'] }}",
    doc="Check the computed numbers before anybody sees them: one task a rule.",
)
def check_kpis(rule: str, computed: Any, account_name: str) -> None:
    """Fail with the records that violate the rule and the remedy."""
    checks.check_candidate(lake(Account(account_name)), [rule], computed["computation_id"])


@task(doc="Make the checked numbers visible, announce them.")
def release_kpis(computed: Any, account_name: str, *, outlet_events: Any = None) -> None:
    """Announce the month; `sheets_publish` follows."""
    candidate.release(lake(Account(account_name)), computed["computation_id"])
    event = outlet_events[kpis(Account(account_name))]
    event.add_partitions([month_key(kpi_month(get_current_context()))])
    event.extra = computed


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "sales_kpis", __doc__, "close", "kpis"),
        schedule=PartitionedAssetTimetable(assets=raw_synced(account) | raw_month(account)),
        is_paused_upon_creation=False,
        params={"month": month_param()},
    ):
        pool = account.prefixed(LAKE_POOL)
        changed = find_changes(account.name)
        data_checked = check_data.partial(account_name=account.name).expand(rule=list(checks.DATA_RULES))
        computed = compute_kpis.override(pool=pool)(account.name)
        kpis_checked = check_kpis.partial(computed=computed, account_name=account.name).expand(
            rule=list(checks.KPI_RULES)
        )
        changed >> [data_checked, computed]
        released = release_kpis.override(pool=pool, outlets=[kpis(account)])(computed, account.name)
        [data_checked, kpis_checked] >> released
