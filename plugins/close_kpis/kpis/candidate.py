"""The candidate: computed numbers that wait in the lake for their checks, and their release to readers.

A computation is kept in the schema ``candidate``, each check reads it there, and the release copies it to
``kpi`` and ``settings`` in one transaction. Readers of ``kpi`` see the last numbers that passed every check,
whatever happens in between.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from close_kpis.kpis.models import create_macros, in_order, models_hash, select
from close_kpis.kpis.upgrade import leave_behind, leave_candidate_behind
from close_kpis.lake.backup import back_up
from close_kpis.lake.connection import existing_tables, opened, run_transaction
from close_kpis.lake.sql import kpi_tables, settings_tables, statement
from close_kpis.reporting import PipelineError, logger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

log = logger(__name__)

DAILY = ("pipeline_daily",)
"""KPI tables that keep a picture of each day: a computation adds its own day, earlier ones cannot be computed again."""


DATED_SETTINGS = ("run", "source_names")
"""Settings tables that differ from one computation to the next though ``kpis.yaml`` is the same: they hold the instant
that the data is complete up to, and the sources that occur in it."""


class StaleCandidateError(PipelineError):
    """Another computation has taken the candidate's place."""


def bring_past_days(con: DuckDBPyConnection) -> None:
    """Add the days before this one to the tables of the workspace that keep a picture of each day."""
    existing = existing_tables(con)
    for table in DAILY:
        if f"kpi.{table}" in existing:
            columns = con.table(f"memory.kpi.{table}").columns
            con.execute(statement("workspace.past_days", table), {"columns": columns})


def keep(con: DuckDBPyConnection, staging: Collection[str], computation: Mapping[str, Any]) -> None:
    """Make the workspace's numbers the candidate, in the caller's transaction.

    Args:
        con: the workspace that computed them.
        staging: the staging models that checks compare them with.
        computation: the row that `kpi.computations` gets when they are released.
    """
    con.execute(statement("release.schema"))
    there = dict(con.execute(statement("release.candidate_columns")).fetchall())
    leave_candidate_behind(con, there.get("computation", []))
    tables = {"kpi": kpi_tables(), "settings": settings_tables(), "staging": staging}
    for schema, names in tables.items():
        for name in names:
            held = con.table(f"memory.{schema}.{name}")
            columns = [*zip(held.columns, map(str, held.types), strict=True)]
            head = "keep" if there.get(name) == columns else "keep_new"
            con.execute(statement(f"release.{head}_{schema}", name))
    con.execute(statement("release.computation"), dict(computation))


def show(con: DuckDBPyConnection, tables: Collection[str], computation_id: str) -> None:
    """Show tables of the candidate in a workspace, under the names that the checks know.

    Args:
        con: an open workspace.
        tables: as ``schema.table``.
        computation_id: what the candidate must come from.

    Raises:
        StaleCandidateError: it comes from another computation.
    """
    _require(con, computation_id)
    for table in sorted(tables):
        schema, _, name = table.partition(".")
        con.execute(statement(f"release.show_{schema}", name))


def release(lake: LakeConfig, computation_id: str) -> None:
    """Make the candidate what readers see, all in one transaction; nothing where it is that already.

    Args:
        lake: the lake.
        computation_id: what the candidate must come from.

    Raises:
        StaleCandidateError: it comes from another computation.
    """
    with opened(lake) as con:
        run_transaction(con, lake, lambda con: release_within(con, computation_id))
        back_up(con, lake, datetime.now(UTC))


def release_within(con: DuckDBPyConnection, computation_id: str) -> None:
    """Do what :func:`release` does, on a connection to the lake and within its transaction."""
    con.execute(statement("release.computations"))
    [(is_released,)] = con.execute(statement("release.is_released"), {"computation_id": computation_id}).fetchall()
    if is_released:
        return
    _require(con, computation_id)
    leave_behind(con)
    existing = existing_tables(con)
    other = {f"{schema}.{name}" for schema, name in con.execute(statement("release.other_columns")).fetchall()}
    [(has_other_settings,)] = con.execute(statement("release.has_other_settings")).fetchall()
    settings = settings_tables() if has_other_settings else DATED_SETTINGS
    for schema, names in {"settings": settings, "kpi": kpi_tables()}.items():
        for name in names:
            is_there = f"{schema}.{name}" in existing - other
            con.execute(statement(f"release.{'fill' if is_there else 'create'}_{schema}", name))
    show_models(con)
    con.execute(statement("release.record"))


def show_models(con: DuckDBPyConnection) -> None:
    """Show the staging models to readers as views, in the caller's transaction; nothing where they are there.

    DuckDB plans a view, with all that it builds on, to make it: eight times as long as where these are tables still.
    """
    if con.execute(statement("release.views")).fetchall() == [(models_hash(),)]:
        return
    create_macros(con)
    con.execute(statement("release.empty_staging"))
    for name in in_order("staging"):
        con.execute(statement("release.staging_columns", name) + select(f"staging/{name}") + "\nlimit 0")
    for name in reversed(in_order("staging")):
        con.execute(statement("release.drop_staging_columns", name))
        con.execute(statement("release.staging_view", name) + select(f"staging/{name}"))
    con.execute(statement("release.put_views"), {"models_hash": models_hash()})


def _require(con: DuckDBPyConnection, computation_id: str) -> None:
    there = "candidate.computation" in existing_tables(con)
    found = con.execute(statement("release.candidate_id")).fetchall() if there else []
    if found != [(computation_id,)]:
        raise StaleCandidateError(
            "another computation has taken this one's place before it was released: clear the task compute_kpis of "
            "this run, or leave it, since the later one read everything that this one did"
        )
