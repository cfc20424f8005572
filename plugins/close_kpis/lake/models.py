"""Running the SQL models of ``include/sql`` and their checks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from close_kpis.lake.sql import raw_tables, statement
from close_kpis.paths import SQL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

RECORDS = frozenset({"calls", "counted_calls", "counted_emails", "emails", "lead_ids", "lead_owners", "leads"})
"""Staging models that are read where their rows lie, not kept in memory."""

SAMPLE = 5
"""Violating records that an error names."""


class GateError(RuntimeError):
    """A check of severity error found rows: nothing may be published."""


@dataclass(frozen=True)
class Violations:
    """What a check found.

    Attributes:
        rule: the check's name.
        count: violating rows.
        sample: the first of them, ``record type record id: detail``.
    """

    rule: str
    count: int
    sample: tuple[str, ...]

    def __str__(self) -> str:
        """Return a line for a log or an error."""
        more = f" ... and {self.count - len(self.sample)} more" if self.count > len(self.sample) else ""
        return f"{self.rule}: {'; '.join(self.sample)}{more}"


@cache
def in_order(folder: str, until: str | None = None) -> tuple[str, ...]:
    """Return the models of a folder, each after those of the same folder that its SQL reads.

    Args:
        folder: below ``include/sql``: ``staging`` or ``kpis``.
        until: only this model and all that it builds on; every model when None.
    """
    schema = {"staging": "staging", "kpis": "kpi"}[folder]
    names = {path.stem for path in _files(folder)}
    inputs = {
        name: set(re.findall(rf"\b{schema}\.(\w+)", _code(statement(f"{folder}/{name}")))) & names - {name}
        for name in sorted(names)
    }
    if until is not None:
        inputs = {name: inputs[name] for name in _with_inputs(until, inputs)}
    return tuple(TopologicalSorter(inputs).static_order())


def _with_inputs(name: str, inputs: Mapping[str, set[str]]) -> set[str]:
    return {name}.union(*(_with_inputs(read, inputs) for read in inputs[name]))


@cache
def models_hash() -> str:
    """Return a hash that changes with any model or settings table."""
    digest = hashlib.sha256()
    for folder in ("settings", "staging", "kpis"):
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


def fill_workspace(con: DuckDBPyConnection, until: str | None = None, after: str | None = None) -> None:
    """Keep each staging model as a table of the workspace, read from one snapshot of the lake.

    Args:
        con: a connection whose names mean the workspace.
        until: the model to stop at, and none but those that it reads; all when None.
        after: a model that has been kept before, with those that it reads.
    """
    names = in_order("staging", until)
    for name in names if after is None else (name for name in names if name not in in_order("staging", after)):
        text = statement(f"staging/{name}")
        if name not in RECORDS:
            text = text.replace("create or replace view", "create or replace table", 1)
        con.execute(text)


def build_kpis(con: DuckDBPyConnection) -> None:
    """Compute the tables of ``kpi``: months from ``settings.run.from_month`` on, and all that is not monthly."""
    con.execute(statement("workspace/compute"))
    for name in in_order("kpis"):
        con.execute(statement(f"kpis/{name}"))


def rules(severity: str) -> tuple[str, ...]:
    """Return the names of the checks of a severity: ``errors`` or ``warnings``."""
    return tuple(path.stem for path in _files(f"checks/{severity}"))


def record_warnings(con: DuckDBPyConnection) -> dict[str, int]:
    """Write what the warnings find to ``kpi.data_quality``.

    Returns:
        Rows by rule, for the rules that found any.
    """
    for rule in rules("warnings"):
        con.sql(statement(f"checks/warnings/{rule}")).insert_into("kpi.data_quality")
    found = con.execute(statement("computations/warnings")).fetchall()
    return dict(found)


def check(con: DuckDBPyConnection, names: Iterable[str] | None = None) -> None:
    """Run the checks of severity error.

    Args:
        con: the connection to the lake.
        names: the rules to check; all when None.

    Raises:
        GateError: with each violated rule and a sample of the record ids.
    """
    violated = [found for rule in (names or rules("errors")) if (found := _violations(con, rule))]
    if violated:
        raise GateError("nothing was published, because the numbers do not hold: " + " | ".join(map(str, violated)))


def _violations(con: DuckDBPyConnection, rule: str) -> Violations | None:
    rows = con.execute(statement(f"checks/errors/{rule}")).fetchall()
    if not rows:
        return None
    sample = tuple(f"{record_type} {record_id}: {detail}" for _, _, record_type, record_id, _, detail in rows[:SAMPLE])
    return Violations(rule, len(rows), sample)


def _files(folder: str) -> list[Path]:
    return sorted((SQL / folder).glob("*.sql"))


def _code(text: str) -> str:
    """Return SQL without its comments, which may name other models."""
    return re.sub(r"--.*", "", text)
