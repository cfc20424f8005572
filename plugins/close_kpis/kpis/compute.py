"""From ``raw.*`` to KPI tables that wait for their checks, computed from one snapshot of the lake."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from close_kpis.clock import now
from close_kpis.kpis import incremental
from close_kpis.kpis.candidate import bring_released, keep
from close_kpis.kpis.changes import changes_since, earliest_changed_month
from close_kpis.kpis.checks import DATA_RULES, check, record_warnings
from close_kpis.kpis.gates import account_names, check_and_release
from close_kpis.kpis.insights import write_insights
from close_kpis.kpis.models import (
    build_kpis,
    create_settings_tables,
    fill_workspace,
    in_order,
    lake_bytes,
    models_hash,
    open_workspace,
    take_cores,
)
from close_kpis.lake.connection import connect, existing_tables, run_transaction
from close_kpis.lake.sql import statement
from close_kpis.paths import settings_path
from close_kpis.settings.account import ResolvedSettings, resolve
from close_kpis.settings.file import Settings, load

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.connection import LakeConfig

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Computation:
    """What a computation did.

    Attributes:
        computation_id: its name.
        as_of: the instant that the data is complete up to (UTC).
        from_month: the first month that was computed anew.
        reason: why from there.
        snapshot_id: the lake's snapshot that it read.
        warnings: records under data quality, by rule.
        is_released: whether readers see its numbers already, because nothing has changed since an earlier run.
        changed_leads: leads whose staging models were built anew; None for all (a full refresh).
    """

    computation_id: str
    as_of: datetime
    from_month: date
    reason: str
    snapshot_id: int
    warnings: dict[str, int]
    is_released: bool = False
    changed_leads: int | None = None


def compute_kpis(
    month: date,
    *,
    lake_conn_id: str = "lake_default",
    settings_file: Path | None = None,
    run_id: str | None = None,
) -> dict[str, Any]:
    """Compute the KPI tables from a month on and keep them for their checks; readers do not see them yet.

    Args:
        month: first day of the month that has changed.
        lake_conn_id: Airflow connection of the lake.
        settings_file: None takes ``settings_path()``.
        run_id: of the DAG run, for the record.

    Returns:
        ``computation_id``, ``as_of``, ``from_month`` (``YYYY-MM``), ``reason``, ``warnings`` by rule,
        ``is_released``: plain values for an XCom.

    Raises:
        SettingsError: the settings are not possible, or do not fit the account.
        GateError: a stream was never read to its end.
    """
    from close_kpis.lake.hook import LakeHook

    config = LakeHook(lake_conn_id).config
    done = compute_candidate(config, month, settings_file=settings_file or settings_path(), run_id=run_id)
    return {
        "computation_id": done.computation_id,
        "as_of": done.as_of.isoformat(),
        "from_month": f"{done.from_month:%Y-%m}",
        "reason": done.reason,
        "warnings": done.warnings,
        "is_released": done.is_released,
    }


def compute(config: LakeConfig, month: date | None, *, settings_file: Path, run_id: str | None = None) -> Computation:
    """Compute, check and release: the tasks of ``sales_kpis`` in one call, for a lake given by its configuration.

    Args:
        config: the lake.
        month: first day of the month that has changed; None only follows the lake's own changes.
        settings_file: the settings.
        run_id: of the DAG run, for the record.

    Raises:
        SettingsError: the settings are not possible, or do not fit the account.
        GateError: a check of severity error found rows; readers keep the numbers they had.
    """
    with closing(connect(config)) as con:
        done = _candidate(con, config, load(settings_file), month, run_id)
        if not done.is_released:
            check_and_release(con, config, done.computation_id)
    return done


def compute_candidate(
    config: LakeConfig, month: date | None, *, settings_file: Path, run_id: str | None = None
) -> Computation:
    """Do what :func:`compute_kpis` does, for a lake that is given by its configuration."""
    with closing(connect(config)) as con:
        return _candidate(con, config, load(settings_file), month, run_id)


def _candidate(
    con: DuckDBPyConnection, config: LakeConfig, settings: Settings, month: date | None, run_id: str | None
) -> Computation:
    """Compute, and tell the log."""
    done = _compute(con, config, settings, month, run_id)
    leads = "all" if done.changed_leads is None else f"{done.changed_leads:,} changed"
    log.info(
        "computed from %s on (%s), as of %s; built the models of %s leads",
        f"{done.from_month:%Y-%m}",
        done.reason,
        done.as_of.isoformat(),
        leads,
    )
    for rule, records in done.warnings.items():
        log.warning("data quality: %s, %d record(s)", rule, records)
    return done


def _compute(
    con: DuckDBPyConnection, config: LakeConfig, settings: Settings, month: date | None, run_id: str | None
) -> Computation:
    """Compute in the workspace from one snapshot of the lake, then keep the result as the candidate."""
    if "kpi.computations" not in existing_tables(con):
        run_transaction(con, config, lambda con: con.execute(statement("computations/table")))
    con.execute("begin transaction")
    last = _last(con, settings.timezone)
    if last is not None and (valid := _still_valid(con, settings, month, last)) is not None:
        return valid
    plan = _prepare(con, settings, month, last)
    con.execute(statement("workspace/compute"))
    bring_released(con)
    build_kpis(con)
    if plan.insights_move:
        write_insights(con)
    warnings = record_warnings(con)
    con.execute("commit")
    row = _row(plan, run_id)
    run_transaction(con, config, lambda con: _keep(con, plan, row))
    con.execute(statement("workspace/one_core"))
    return Computation(
        row["computation_id"],
        plan.as_of,
        plan.from_month,
        plan.reason,
        plan.snapshot_id,
        warnings,
        changed_leads=plan.brought.leads if plan.brought else None,
    )


def _keep(con: DuckDBPyConnection, plan: _Plan, row: dict[str, Any]) -> None:
    keep(con, row)
    if plan.is_incremental:
        incremental.keep(con, plan.brought, row)


@dataclass(frozen=True)
class _Last:
    """The computation before this one."""

    computation_id: str
    from_month: date
    snapshot_id: int
    settings_hash: str
    models_hash: str
    as_of: datetime
    month_of_as_of: date

    def is_by(self, settings: ResolvedSettings) -> bool:
        """Say whether it used these settings and today's models."""
        return (self.settings_hash, self.models_hash) == (settings.digest(), models_hash())


@dataclass(frozen=True)
class _Plan:
    """What is to be computed, from one snapshot of the lake.

    Attributes:
        insights_move: a completed month is computed anew; else the insights stay.
        is_incremental: the staging models are kept for the next computation.
        brought: what of them was kept by the last one.
    """

    settings: ResolvedSettings
    as_of: datetime
    snapshot_id: int
    from_month: date
    reason: str
    insights_move: bool
    is_incremental: bool
    brought: incremental.Brought | None


def _still_valid(con: DuckDBPyConnection, settings: Settings, month: date | None, last: _Last) -> Computation | None:
    """Return the computation that readers see, if it computed the month and nothing it depends on has changed since.

    A backfilled year announces twelve months; the computation of the first serves them all.
    """
    if month is not None and month < last.from_month:
        return None
    if last.as_of != _value(con, "computations/as_of") or not last.is_by(resolve(settings, account_names(con))):
        return None
    if earliest_changed_month(con, changes_since(con, last.snapshot_id), settings.timezone) is not None:
        return None
    warnings = dict(con.execute(statement("computations/warnings")).fetchall())
    reason = "nothing has changed since that computation"
    return Computation(last.computation_id, last.as_of, last.from_month, reason, last.snapshot_id, warnings, True)


def _prepare(con: DuckDBPyConnection, settings: Settings, month: date | None, last: _Last | None) -> _Plan:
    """Fill the workspace from the lake, within the caller's transaction."""
    check(con, DATA_RULES)
    size = lake_bytes(con)
    resolved = resolve(settings, account_names(con))
    snapshot_id, as_of = _value(con, "computations/snapshot"), _value(con, "computations/as_of")
    changes = changes_since(con, last.snapshot_id if last else None)
    state, zone, is_incremental = None, settings.timezone, size > incremental.LARGE
    if is_incremental:
        state = incremental.usable_state(con, changes, as_of=as_of, settings_hash=resolved.digest(), zone=zone)
    open_workspace(con)
    create_settings_tables(con)
    write_settings(con, resolved, as_of, None)
    take_cores(con, size)
    brought, changed_month = None, None
    if state:
        brought = incremental.bring(con, state, changes, zone)
        changed_month = brought.changed_month
    elif last:
        changed_month = earliest_changed_month(con, changes, zone)
    given = brought.models if brought else ()
    fill_workspace(con, only=_FIRST, given=given)
    first_month = _value(con, "computations/first_month")
    con.execute(statement("workspace/leave"))
    from_month, reason = _from_month(con, first_month, month, changed_month, resolved, as_of, last)
    con.execute(statement("workspace/set_from_month"), {"from_month": from_month})
    con.execute(statement("workspace/need_from"), {"from_month": from_month})
    con.execute(statement("workspace/need_contacts_from"))
    con.execute(statement("workspace/enter"))
    fill_workspace(con, given={*given, *in_order("staging", _FIRST)})
    if brought:
        con.execute(statement("workspace/one_core"))
    con.execute(statement("workspace/leave"))
    insights_move = last is None or not last.is_by(resolved) or from_month < _month_of(as_of, zone)
    return _Plan(resolved, as_of, snapshot_id, from_month, reason, insights_move, is_incremental, brought)


def _month_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)


def _row(plan: _Plan, run_id: str | None) -> dict[str, Any]:
    """Return the row of ``kpi.computations``."""
    return {
        "computation_id": uuid4().hex,
        "computed_at": now(),
        "as_of": plan.as_of,
        "snapshot_id": plan.snapshot_id,
        "settings_hash": plan.settings.digest(),
        "models_hash": models_hash(),
        "from_month": plan.from_month,
        "run_id": run_id,
        "settings": plan.settings.model_dump_json(),
    }


def _from_month(
    con: DuckDBPyConnection,
    first_month: date,
    month: date | None,
    changed_month: date | None,
    settings: ResolvedSettings,
    as_of: datetime,
    last: _Last | None,
) -> tuple[date, str]:
    """Return the first month whose numbers can differ from the stored ones, and why."""
    if last is None:
        return first_month, "the first computation"
    if last.settings_hash != settings.digest():
        return first_month, "the settings have changed"
    if last.models_hash != models_hash():
        return first_month, "the SQL models have changed"
    times = {"timezone": settings.timezone, "last_as_of": last.as_of, "as_of": as_of}
    candidates: list[tuple[date | None, str]] = [
        (month, "the month asked for"),
        (changed_month, "the first month with changed records"),
        (last.month_of_as_of, "the month that was running last time"),
        (_value(con, "computations/ripened_month", times), "the month of a meeting that has ended since last time"),
    ]
    return min((candidate, reason) for candidate, reason in candidates if candidate is not None)


def write_settings(
    con: DuckDBPyConnection, settings: ResolvedSettings, as_of: datetime, from_month: date | None
) -> None:
    """Put settings into the tables of ``settings`` in place of what they held."""
    con.execute(statement("settings/queries/clear"))
    run = settings.model_dump(include=set(_RUN_COLUMNS))
    con.execute(statement("settings/inserts/run"), {**run, "as_of": as_of, "from_month": from_month})
    lists: dict[str, list[Any]] = {
        "lead_status_roles": [{"status_id": item, "role": role} for item, role in settings.lead_status_roles],
        "pipeline_roles": [{"pipeline_id": item, "role": role} for item, role in settings.pipeline_roles],
        "excluded_outcomes": list(settings.excluded_outcomes),
        "demo_statuses": list(settings.demo_statuses),
        "demo_activity_types": list(settings.demo_activity_types),
        "holidays": list(settings.holidays),
    }
    for table, rows in lists.items():
        con.execute(statement(f"settings/inserts/{table}"), {"rows": rows})


_FIRST = ("months", "opportunities")
"""The staging models that say what is needed of the others."""

_RUN_COLUMNS = (
    "timezone",
    "history_start",
    "customer_basis",
    "rate_denominator",
    "demo_rule",
    "demo_title_pattern",
    "demo_text_pattern",
    "count_automated_emails",
    "source_field_id",
    "owner_field_id",
    "currency",
    "unknown_source_share_limit",
)


def _last(con: DuckDBPyConnection, zone: str) -> _Last | None:
    row = con.execute(statement("computations/last"), {"timezone": zone}).fetchone()
    return _Last(*row) if row else None


def _value(con: DuckDBPyConnection, name: str, parameters: dict[str, object] | None = None) -> Any:
    """Return the one value of a query of ``include/sql``."""
    row = con.execute(statement(name), parameters or {}).fetchone()
    return row[0] if row else None
