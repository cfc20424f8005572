"""The candidate: computed numbers that wait in the lake for their checks, and their release to readers.

A computation is kept in the schema ``candidate``, each check reads it there, and the release copies it to
``kpi`` and ``settings`` in one transaction. Readers of ``kpi`` see the last numbers that passed every check,
whatever happens in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.kpis.checks import KPI_RULES, tables_read
from close_kpis.kpis.models import create_settings_tables, create_staging, in_order
from close_kpis.kpis.upgrade import HISTORY, bring_past_days, definition, is_outdated, stored_columns
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import names, statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from duckdb import DuckDBPyConnection


STAYING = HISTORY | {"growth_monthly", "insights", "mrr_movements_monthly", "rep_monthly", "team_monthly"}
"""KPI tables of which rows can stay as they are; the others are computed whole."""

_OF_EACH_RUN = ("run",)
"""The settings tables that differ even where the settings do not: they say as_of."""


class StaleCandidateError(RuntimeError):
    """Another computation has taken the candidate's place."""


def bring_released(con: DuckDBPyConnection) -> None:
    """Create the KPI tables in the workspace, with the rows that readers see now where some can stay.

    Args:
        con: a connection in which `kpi` means the workspace.
    """
    stored = stored_columns(con)
    for name in in_order("kpis"):
        con.execute(definition(con, name))
        if name in stored and is_outdated(stored, name):
            bring_past_days(con, stored, name)
        elif name in stored and name in STAYING:
            con.execute(statement("candidate/copy_released", name))


def keep(con: DuckDBPyConnection, computation: Mapping[str, Any]) -> None:
    """Make the workspace's numbers the candidate, in the caller's transaction.

    Args:
        con: the connection that computed them.
        computation: the row that `kpi.computations` gets when they are released.
    """
    con.execute(statement("workspace/leave"))
    con.execute(statement("candidate/schema"))
    compared_with = tables_read(KPI_RULES)["staging"]
    for schema, tables in {"kpi": in_order("kpis"), "settings": names("settings"), "staging": compared_with}.items():
        for name in tables:
            con.execute(statement(f"candidate/keep_{schema}", name))
    con.execute(statement("candidate/computation"), dict(computation))


def show(con: DuckDBPyConnection, rules: Collection[str], computation_id: str) -> None:
    """Make the names in the SQL of some checks mean the candidate, up to the end of the caller's transaction.

    Args:
        con: a connection whose names mean the lake.
        rules: the checks, of `KPI_RULES`.
        computation_id: what the candidate must come from.

    Raises:
        StaleCandidateError: it comes from another computation.
    """
    _require(con, computation_id)
    con.execute(statement("candidate/open"))
    for schema, tables in tables_read(rules).items():
        for name in tables:
            con.execute(statement(f"candidate/show_{schema}", name))
    con.execute(statement("candidate/check"))


def release(con: DuckDBPyConnection, computation_id: str) -> None:
    """Make the candidate what readers see, in the caller's transaction; nothing where it is that already.

    Args:
        con: a connection to the lake.
        computation_id: what the candidate must come from.

    Raises:
        StaleCandidateError: it comes from another computation.
    """
    con.execute(statement("computations/table"))
    [(is_released,)] = con.execute(statement("candidate/is_released"), {"computation_id": computation_id}).fetchall()
    if is_released:
        return
    _require(con, computation_id)
    [(settings_have_changed, models_have_changed)] = con.execute(statement("candidate/what_has_changed")).fetchall()
    create_settings_tables(con)
    for name in names("settings") if settings_have_changed or models_have_changed else _OF_EACH_RUN:
        con.execute(statement("candidate/release_settings", name))
    stored = stored_columns(con)
    for name in in_order("kpis"):
        if name in stored and is_outdated(stored, name):
            con.execute(statement("upgrade/drop", name))
        con.execute(definition(con, name))
        con.execute(statement("candidate/release_kpi", name))
    if models_have_changed:
        create_staging(con)
    con.execute(statement("candidate/release_computation"))


def _require(con: DuckDBPyConnection, computation_id: str) -> None:
    there = "candidate.computation" in existing_tables(con)
    found = con.execute(statement("candidate/id")).fetchall() if there else []
    if found != [(computation_id,)]:
        raise StaleCandidateError(
            "another computation has taken this one's place before it was released: clear the task compute_kpis of "
            "this run, or leave it, since the later one read everything that this one did"
        )
