"""The checks: what must hold before numbers are computed and before they are released, and the warnings beside them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.kpis.candidate import show
from close_kpis.kpis.models import select, tables_read
from close_kpis.kpis.registry import load_definitions
from close_kpis.kpis.workspace import account_names, open_workspace
from close_kpis.lake.connection import opened
from close_kpis.lake.sql import names, statement
from close_kpis.lake.trouble import explained
from close_kpis.links import lead_page
from close_kpis.reporting import PipelineError
from close_kpis.settings.account import resolve
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig

DATA_CHECKS = ("sync_finished",)
"""The checks of ``include/sql/checks/data``: what must hold of the lake before anything is computed."""

NAMES_RULE = "configured_names_exist"
"""The one rule that is no SQL: every name in kpis.yaml is one that the account has."""

DATA_RULES = (*DATA_CHECKS, NAMES_RULE)
"""What is checked before a computation; each is a task, named by its rule."""

KPI_RULES = (
    "customers_roll_forward",
    "months_complete",
    "mrr_roll_forward",
    "rates_within_range",
    "reps_sum_to_team",
    "sources_sum_to_total",
    "unique_grain",
)
"""The checks of ``include/sql/checks/errors``: what must hold of computed numbers before they are released.

Each is a task, named by its rule; named here because a DAG file must not read the disk.
"""

SAMPLE = 5
"""Violating records that an error names."""


@dataclass(frozen=True)
class Violating:
    """A violating record.

    Attributes:
        text: ``record type record id: detail``.
        url: its lead in Close, empty where it belongs to none.
    """

    text: str
    url: str


@dataclass(frozen=True)
class Violations:
    """What a check found.

    Attributes:
        rule: the check's name.
        count: violating rows.
        sample: the first of them.
        remedy: what to do about it.
    """

    rule: str
    count: int
    sample: tuple[Violating, ...]
    remedy: str

    def __str__(self) -> str:
        """Return a line for a log or an error."""
        more = f" ... and {self.count - len(self.sample)} more" if self.count > len(self.sample) else ""
        return f"{self.rule}: {'; '.join(one.text for one in self.sample)}{more}. Remedy: {self.remedy}"


class GateError(PipelineError):
    """A check of severity error found rows: nothing may be published.

    Attributes:
        violations: what each violated rule found; none where nothing could be checked.
    """

    def __init__(self, message: str, violations: tuple[Violations, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


def check_data(lake: LakeConfig, rule: str, *, settings_file: Path) -> None:
    """Check what must hold before anything is computed.

    Args:
        lake: the lake.
        rule: of `DATA_RULES`.
        settings_file: the settings.

    Raises:
        GateError: the rule is violated; with record ids and the remedy.
        SettingsError: the settings are not possible, or name what the account does not have.
    """
    with opened(lake) as con:
        if rule == NAMES_RULE:
            resolve(load(settings_file), account_names(con))
        else:
            check(con, [rule])


def check_candidate(lake: LakeConfig, rules: Collection[str], computation_id: str) -> None:
    """Check computed numbers that are not released yet.

    Args:
        lake: the lake.
        rules: of `KPI_RULES`.
        computation_id: of the computation.

    Raises:
        GateError: a rule is violated; with record ids and the remedy.
        StaleCandidateError: another computation has taken this one's place.
    """
    with explained(lake), closing(open_workspace(lake, read_only=True)) as con:
        con.execute("begin transaction")
        show(con, tables_of(rules), computation_id)
        check(con, rules)


def check(con: DuckDBPyConnection, rules: Collection[str]) -> None:
    """Run checks of severity error.

    Args:
        con: a connection in which the names of the checks' SQL mean what is to be checked.
        rules: of `DATA_CHECKS` or `KPI_RULES`.

    Raises:
        GateError: with each violated rule, a sample of the record ids and the remedy.
    """
    violated = tuple(found for rule in rules if (found := _violations(con, rule)))
    if violated:
        told = " | ".join(map(str, violated))
        raise GateError(f"nothing was published, because the numbers do not hold: {told}", violated)


def tables_of(rules: Collection[str]) -> frozenset[str]:
    """Return the tables that checks read, as ``schema.table``."""
    return frozenset[str]().union(*(tables_read(_file(rule)) for rule in rules))


def write_data_quality(con: DuckDBPyConnection) -> dict[str, int]:
    """Make ``kpi.data_quality`` of the workspace hold what the warnings find.

    Returns:
        Rows by rule, for the rules that found any.
    """
    warnings = (f"({select(f'checks/warnings/{rule}')})" for rule in names("checks/warnings"))
    con.execute(statement("workspace.kpi_table", "data_quality") + "\nunion all by name\n".join(warnings))
    return dict(con.execute(statement("workspace.warnings")).fetchall())


def _violations(con: DuckDBPyConnection, rule: str) -> Violations | None:
    rows = con.execute(select(_file(rule))).fetchall()
    if not rows:
        return None
    sample = tuple(
        Violating(f"{record_type} {record_id}: {detail}", lead_page(lead_id) if lead_id else "")
        for _, _, record_type, record_id, lead_id, detail in rows[:SAMPLE]
    )
    return Violations(rule, len(rows), sample, load_definitions().gates[rule].remedy)


def _file(rule: str) -> str:
    return f"checks/{'data' if rule in DATA_CHECKS else 'errors'}/{rule}"
