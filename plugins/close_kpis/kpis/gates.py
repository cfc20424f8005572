"""The gates of ``sales_kpis``: what is checked before and after a computation, and the release of what passed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from close_kpis.kpis.candidate import release, show
from close_kpis.kpis.checks import DATA_RULES, KPI_RULES, check
from close_kpis.lake.connection import connect, run_transaction
from close_kpis.lake.sql import statement
from close_kpis.paths import settings_path
from close_kpis.settings.account import Named, resolve
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.connection import LakeConfig

NAMES_RULE = "configured_names_exist"
"""The one gate that is no SQL: every name in kpis.yaml is one that the account has."""

RULES_BEFORE = [*DATA_RULES, NAMES_RULE]
"""What is checked before a computation; each is a task, named by its rule."""

RULES_AFTER = [*KPI_RULES]
"""What is checked of computed numbers; each is a task, named by its rule."""


def check_data(rule: str, *, lake_conn_id: str = "lake_default", settings_file: Path | None = None) -> None:
    """Check what must hold before anything is computed.

    Args:
        rule: of `RULES_BEFORE`.
        lake_conn_id: Airflow connection of the lake.
        settings_file: None takes ``settings_path()``.

    Raises:
        GateError: the rule is violated; with record ids and the remedy.
        SettingsError: the settings are not possible, or name what the account does not have.
    """
    from close_kpis.lake.hook import LakeHook

    with closing(connect(LakeHook(lake_conn_id).config)) as con:
        if rule == NAMES_RULE:
            resolve(load(settings_file or settings_path()), account_names(con))
        else:
            check(con, [rule])


def check_kpis(rule: str, computation_id: str, *, lake_conn_id: str = "lake_default") -> None:
    """Check computed numbers that are not released yet.

    Args:
        rule: of `RULES_AFTER`.
        computation_id: of the computation.
        lake_conn_id: Airflow connection of the lake.

    Raises:
        GateError: the rule is violated; with record ids and the remedy.
        StaleCandidateError: another computation has taken this one's place.
    """
    from close_kpis.lake.hook import LakeHook

    check_candidate(LakeHook(lake_conn_id).config, [rule], computation_id)


def release_kpis(computation_id: str, *, lake_conn_id: str = "lake_default") -> None:
    """Make computed numbers those that readers of ``kpi`` see, all in one transaction. Doing it twice changes nothing.

    Args:
        computation_id: of the computation.
        lake_conn_id: Airflow connection of the lake.

    Raises:
        StaleCandidateError: another computation has taken this one's place.
    """
    from close_kpis.lake.hook import LakeHook

    release_candidate(LakeHook(lake_conn_id).config, computation_id)


def check_candidate(config: LakeConfig, rules: Collection[str], computation_id: str) -> None:
    """Do what :func:`check_kpis` does for some rules, for a lake that is given by its configuration."""
    with closing(connect(config, read_only=True)) as con:
        _check(con, rules, computation_id)


def release_candidate(config: LakeConfig, computation_id: str) -> None:
    """Do what :func:`release_kpis` does, for a lake that is given by its configuration."""
    with closing(connect(config)) as con:
        run_transaction(con, config, lambda con: release(con, computation_id))


def check_and_release(con: DuckDBPyConnection, config: LakeConfig, computation_id: str) -> None:
    """Check a candidate by all rules and release it, on an open connection to its lake."""
    _check(con, KPI_RULES, computation_id)
    run_transaction(con, config, lambda con: release(con, computation_id))


def _check(con: DuckDBPyConnection, rules: Collection[str], computation_id: str) -> None:
    con.execute("begin transaction")
    show(con, rules, computation_id)
    check(con, rules)
    con.execute("rollback")
    con.execute(statement("workspace/leave"))


def account_names(con: DuckDBPyConnection) -> list[Named]:
    """Return what the settings can name in the account that the lake holds."""
    return [Named(*row) for row in con.execute(statement("settings/queries/account_names")).fetchall()]
