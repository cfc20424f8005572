"""From ``raw.*`` to KPI tables: all of them computed whole, from one snapshot of the lake."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from close_kpis.clock import now
from close_kpis.kpis.candidate import bring_past_days, keep, release_within
from close_kpis.kpis.changes import CompleteState, last_complete, last_release, what_is_new
from close_kpis.kpis.checks import DATA_CHECKS, KPI_RULES, GateError, check, tables_of, write_data_quality
from close_kpis.kpis.insights import write_insights
from close_kpis.kpis.models import fill_kpis, fill_staging, models_hash
from close_kpis.kpis.records import write_records
from close_kpis.kpis.workspace import account_names, copy_small, open_workspace, show_snapshot, write_settings
from close_kpis.lake.connection import another, run_transaction
from close_kpis.lake.sql import statement
from close_kpis.lake.trouble import explained
from close_kpis.reporting import logger
from close_kpis.settings.account import resolve
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.file import Settings

log = logger(__name__)


@dataclass(frozen=True)
class Computation:
    """What a computation did.

    Attributes:
        computation_id: its name.
        as_of: the instant that the data is complete up to (UTC).
        snapshot_id: the lake's snapshot that it read.
        reason: why it was made.
        warnings: records under data quality, by rule.
    """

    computation_id: str
    as_of: datetime
    snapshot_id: int
    reason: str
    warnings: dict[str, int]

    def plain(self) -> dict[str, Any]:
        """Return it as plain values for an XCom."""
        return {
            "computation_id": self.computation_id,
            "as_of": self.as_of.isoformat(),
            "snapshot_id": self.snapshot_id,
            "reason": self.reason,
            "warnings": self.warnings,
        }


def compute(lake: LakeConfig, *, settings_file: Path, run_id: str | None = None) -> Computation:
    """Compute, check and release where anything has changed since the last release: what a run of ``sales_kpis`` does.

    Args:
        lake: the lake.
        settings_file: the settings.
        run_id: of the DAG run, for the record.

    Returns:
        The computation that readers see now.

    Raises:
        SettingsError: the settings are not possible, or do not fit the account.
        GateError: a check of severity error found rows; readers keep the numbers they had.
    """
    settings = load(settings_file)
    with explained(lake), closing(open_workspace(lake)) as con:
        state = _complete_state(con)
        last, reason = last_release(con), what_is_new(con, settings, state)
        if last is not None and reason is None:
            warnings = dict(con.execute(statement("release.warnings")).fetchall())
            return Computation(last.computation_id, last.as_of, last.snapshot_id, "nothing has changed", warnings)
        done = _compute(con, lake, settings, run_id, state, reason)
        check(con, KPI_RULES)
        with closing(another(con)) as readers:
            run_transaction(readers, lake, lambda con: release_within(con, done.computation_id))
    return done


def compute_candidate(lake: LakeConfig, *, settings_file: Path, run_id: str | None = None) -> Computation:
    """Compute all KPI tables and keep them for their checks; readers do not see them yet.

    Args:
        lake: the lake.
        settings_file: the settings.
        run_id: of the DAG run, for the record.

    Raises:
        SettingsError: the settings are not possible, or do not fit the account.
        GateError: no sync has ever ended.
    """
    settings = load(settings_file)
    with explained(lake), closing(open_workspace(lake)) as con:
        state = _complete_state(con)
        return _compute(con, lake, settings, run_id, state, what_is_new(con, settings, state))


def _complete_state(con: DuckDBPyConnection) -> CompleteState:
    """Show the newest complete state in a new workspace, in a transaction: the lake's catalog is read once.

    Raises:
        GateError: there is none yet.
    """
    con.execute("begin transaction")
    con.execute(statement("workspace.sync_views"))
    check(con, DATA_CHECKS)
    state = last_complete(con)
    if state is None:
        raise GateError("the lake is empty: run the DAG close_sync to its end")
    show_snapshot(con, state.snapshot_id)
    return state


def _compute(
    con: DuckDBPyConnection,
    lake: LakeConfig,
    settings: Settings,
    run_id: str | None,
    state: CompleteState,
    reason: str | None,
) -> Computation:
    """Compute all tables in a workspace that shows a complete state, and keep them as the candidate."""
    copy_small(con)
    resolved = resolve(settings, account_names(con))
    write_settings(con, resolved, state.as_of)
    fill_staging(con)
    fill_kpis(con)
    bring_past_days(con)
    write_insights(con, resolved.currency)
    write_records(con, resolved.record_rows)
    warnings = write_data_quality(con)
    con.execute("commit")
    done = Computation(uuid4().hex, state.as_of, state.snapshot_id, reason or "asked for", warnings)
    compared = {name.removeprefix("staging.") for name in tables_of(KPI_RULES) if name.startswith("staging.")}
    row = {
        "computation_id": done.computation_id,
        "computed_at": now(),
        "as_of": state.as_of,
        "snapshot_id": state.snapshot_id,
        "settings_hash": resolved.digest(),
        "models_hash": models_hash(),
        "run_id": run_id,
        "settings": resolved.model_dump_json(),
    }
    run_transaction(con, lake, lambda con: keep(con, compared, row))
    log.info(
        "computed as of %s from snapshot %d of the lake, because %s",
        done.as_of.isoformat(),
        done.snapshot_id,
        done.reason,
    )
    for rule, records in warnings.items():
        log.warning("data quality: %s, %d record(s)", rule, records)
    return done
