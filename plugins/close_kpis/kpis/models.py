"""The SQL models of ``include/sql``: which there are, what each reads, and how they are run."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from graphlib import TopologicalSorter
from time import perf_counter
from typing import TYPE_CHECKING, Any

from close_kpis.lake.sql import names, statement
from close_kpis.paths import SQL
from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from duckdb import DuckDBPyConnection

log = logger(__name__)

FOLDERS = {"staging": "staging", "kpis": "kpi"}
"""The folders of models below ``include/sql``, and the schema whose tables they are."""

READ_IN_PLACE = frozenset({
    "account_names",
    "activities",
    "demo_custom_activities",
    "demo_meetings",
    "lead_ids",
    "leads",
    "rep_facts",
})
"""Staging models of which a computation keeps no copy in memory: they hold a row for each record, or a single model
reads them."""


def select(name: str) -> str:
    """Return the SELECT of ``include/sql/<name>.sql`` without a semicolon: it can follow a statement's head."""
    return statement(name).rstrip().removesuffix(";")


@cache
def tables_read(name: str) -> frozenset[str]:
    """Return the tables that a model or check reads, as ``schema.table``.

    Args:
        name: the file's path below ``include/sql``, without the suffix; or as for `statement`.
    """
    found = set[str]()

    def note(node: dict[str, Any]) -> None:
        # A name without a schema is a step of the query.
        if node.get("type") == "BASE_TABLE" and node["schema_name"]:
            found.add(f"{node['schema_name']}.{node['table_name']}")

    [(tree,)] = _parser().execute("select json_serialize_sql($text::varchar)", {"text": select(name)}).fetchall()
    json.loads(tree, object_hook=note)
    return frozenset(found)


@cache
def _parser() -> DuckDBPyConnection:
    """Return a database that parses SQL."""
    import duckdb

    return duckdb.connect()


@cache
def in_order(folder: str) -> tuple[str, ...]:
    """Return the models of a folder, ``staging`` or ``kpis``, each after those of the same folder that it reads."""
    prefix = f"{FOLDERS[folder]}."
    inputs = {
        name: {table.removeprefix(prefix) for table in tables_read(f"{folder}/{name}") if table.startswith(prefix)}
        for name in names(folder)
    }
    return tuple(TopologicalSorter(inputs).static_order())


@cache
def raw_tables_read() -> frozenset[str]:
    """Return the raw tables that any model or warning reads: the numbers depend on these, and on no others."""
    read = [tables_read(f"{folder}/{name}") for folder in (*FOLDERS, "checks/warnings") for name in names(folder)]
    return frozenset(table.removeprefix("raw.") for table in frozenset().union(*read) if table.startswith("raw."))


@cache
def models_hash() -> str:
    """Return a hash that changes with any model, warning, macro, settings table or list of records."""
    digest = hashlib.sha256((SQL / "plumbing" / "settings.sql").read_bytes())
    digest.update((SQL / "plumbing" / "records.sql").read_bytes())
    for folder in ("macros", *FOLDERS, "checks/warnings", "explain"):
        for name in names(folder):
            digest.update(f"{folder}/{name}\n{statement(f'{folder}/{name}')}\n".encode())
    return digest.hexdigest()


def create_macros(con: DuckDBPyConnection) -> None:
    """Create the macros that models call, in the connection's current database."""
    for name in names("macros"):
        con.execute(statement(f"macros/{name}"))


def staging_behind(queries: Iterable[str]) -> frozenset[str]:
    """Return the staging models that queries read, and those that these read.

    Args:
        queries: their names, as for `statement`.
    """
    found: set[str] = set()
    to_read = set(queries)
    while to_read:
        prefix = f"{FOLDERS['staging']}."
        tables = frozenset[str]().union(*map(tables_read, to_read))
        models = {table.removeprefix(prefix) for table in tables if table.startswith(prefix)} - found
        found |= models
        to_read = {f"staging/{model}" for model in models}
    return frozenset(found)


def fill_staging(con: DuckDBPyConnection, models: Collection[str] | None = None) -> None:
    """Run staging models in the workspace, of one snapshot of the lake.

    Args:
        con: the workspace.
        models: which, with all that they read; None for every one.
    """
    for name in in_order("staging"):
        if models is not None and name not in models:
            continue
        _run(con, "workspace.staging_view" if name in READ_IN_PLACE else "workspace.staging_table", f"staging/{name}")


def fill_kpis(con: DuckDBPyConnection) -> None:
    """Compute the KPI tables that are one model each, in the workspace."""
    for name in in_order("kpis"):
        _run(con, "workspace.kpi_table", f"kpis/{name}")


def _run(con: DuckDBPyConnection, head: str, model: str) -> None:
    began = perf_counter()
    con.execute(statement(head, model.rpartition("/")[2]) + select(model))
    log.debug("%s: %.2f s", model, perf_counter() - began)
