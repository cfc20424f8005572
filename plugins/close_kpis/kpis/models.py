"""Running the SQL models of ``include/sql``."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from close_kpis.lake.sql import raw_tables, statement
from close_kpis.paths import SQL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

RECORDS = frozenset({
    "calls",
    "counted_calls",
    "counted_emails",
    "demo_custom_activities",
    "demo_meetings",
    "emails",
    "lead_ids",
    "leads",
})
"""Staging models that are read where their rows lie, not kept in memory."""

MANY_CORES = 16 * 2**20
"""Bytes of data from which on a computation is worth more than one thread."""


@cache
def in_order(folder: str, only: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the models of a folder, each after those of the same folder that its SQL reads.

    Args:
        folder: below ``include/sql``: ``staging`` or ``kpis``.
        only: these models and all that they build on; every model when None.
    """
    schema = {"staging": "staging", "kpis": "kpi"}[folder]
    names = {path.stem for path in _files(folder)}
    inputs = {
        name: set(re.findall(rf"\b{schema}\.(\w+)", _code(statement(f"{folder}/{name}")))) & names - {name}
        for name in sorted(names)
    }
    if only is not None:
        inputs = {name: inputs[name] for name in set[str]().union(*(_with_inputs(name, inputs) for name in only))}
    return tuple(TopologicalSorter(inputs).static_order())


def _with_inputs(name: str, inputs: Mapping[str, set[str]]) -> set[str]:
    return {name}.union(*(_with_inputs(read, inputs) for read in inputs[name]))


@cache
def models_hash() -> str:
    """Return a hash that changes with any model or settings table."""
    digest = hashlib.sha256()
    for folder in ("settings", "staging", "incremental", "kpis"):
        for path in _files(folder):
            digest.update(f"{folder}/{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()


def create_settings_tables(con: DuckDBPyConnection) -> None:
    """Create the tables of ``settings`` that do not exist yet."""
    for path in _files("settings"):
        con.execute(statement(f"settings/{path.stem}"))


def create_staging(con: DuckDBPyConnection) -> None:
    """Create the views of ``staging`` in the lake anew."""
    for name in in_order("staging"):
        con.execute(statement(f"staging/{name}"))


def open_workspace(con: DuckDBPyConnection) -> None:
    """Create the workspace, a database in memory, and make it what names without a catalog mean."""
    con.execute(statement("workspace/no_checkpoint"))
    con.execute(statement("workspace/schemas"))
    for table in raw_tables():
        con.execute(statement("workspace/raw_view", table))
    con.execute(statement("workspace/enter"))


def lake_bytes(con: DuckDBPyConnection) -> int:
    """Return the size of the lake's data files."""
    [(size,)] = con.execute(statement("workspace/size")).fetchall()
    return int(size)


def take_cores(con: DuckDBPyConnection, size: int) -> None:
    """Run queries on all cores from here on, where a lake of so many bytes is worth it."""
    if size > MANY_CORES:
        con.execute(statement("workspace/all_cores"))


def fill_workspace(
    con: DuckDBPyConnection, only: tuple[str, ...] | None = None, given: Collection[str] = frozenset()
) -> None:
    """Keep each staging model as a table of the workspace, read from one snapshot of the lake.

    Args:
        con: a connection whose names mean the workspace.
        only: these models and those that they build on; all when None.
        given: models that the workspace has already.
    """
    for name in in_order("staging", only):
        if name in given:
            continue
        text = statement(f"staging/{name}")
        if name not in RECORDS:
            text = text.replace("create or replace view", "create or replace table", 1)
        con.execute(text)


def build_kpis(con: DuckDBPyConnection) -> None:
    """Compute the tables of ``kpi``: months from ``settings.run.from_month`` on, and all that is not monthly."""
    for name in in_order("kpis"):
        con.execute(statement(f"kpis/{name}"))


def _files(folder: str) -> list[Path]:
    return sorted((SQL / folder).glob("*.sql"))


def _code(text: str) -> str:
    """Return SQL without its comments, which may name other models."""
    return re.sub(r"--.*", "", text)
