"""The gates: SQL checks that must find nothing before numbers are released, and the warnings beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.lake.sql import names, statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

DATA_RULES = ("sync_finished",)
"""The checks of ``include/sql/checks/before``: what must hold of the lake before anything is computed."""

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

Named here because a DAG file, which has a task for each, must not read the disk.
"""

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
        remedy: what to do about it.
    """

    rule: str
    count: int
    sample: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        """Return a line for a log or an error."""
        more = f" ... and {self.count - len(self.sample)} more" if self.count > len(self.sample) else ""
        return f"{self.rule}: {'; '.join(self.sample)}{more}. Remedy: {self.remedy}"


def warnings() -> tuple[str, ...]:
    """Return the names of the checks whose findings are published under data quality."""
    return names("checks/warnings")


def record_warnings(con: DuckDBPyConnection) -> dict[str, int]:
    """Write what the warnings find to ``kpi.data_quality``.

    Returns:
        Rows by rule, for the rules that found any.
    """
    for rule in warnings():
        con.sql(statement(f"checks/warnings/{rule}")).insert_into("kpi.data_quality")
    found = con.execute(statement("computations/warnings")).fetchall()
    return dict(found)


def check(con: DuckDBPyConnection, rules: Iterable[str]) -> None:
    """Run checks of severity error.

    Args:
        con: a connection in which the names of the checks' SQL mean what is to be checked.
        rules: of `DATA_RULES` or `KPI_RULES`.

    Raises:
        GateError: with each violated rule, a sample of the record ids and the remedy.
    """
    violated = [found for rule in rules if (found := _violations(con, rule))]
    if violated:
        raise GateError("nothing was published, because the numbers do not hold: " + " | ".join(map(str, violated)))


def tables_read(rules: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the tables that checks read, by schema: ``kpi``, ``settings`` and ``staging``."""
    text = "".join(re.sub(r"--.*", "", _sql(rule)) for rule in rules)
    return {
        schema: tuple(sorted(set(re.findall(rf"\b{schema}\.(\w+)", text)))) for schema in ("kpi", "settings", "staging")
    }


def _violations(con: DuckDBPyConnection, rule: str) -> Violations | None:
    rows = con.execute(_sql(rule)).fetchall()
    if not rows:
        return None
    sample = tuple(f"{record_type} {record_id}: {detail}" for _, _, record_type, record_id, _, detail in rows[:SAMPLE])
    return Violations(rule, len(rows), sample, _remedy(rule))


def _sql(rule: str) -> str:
    return statement(f"checks/{'before' if rule in DATA_RULES else 'errors'}/{rule}")


def _remedy(rule: str) -> str:
    """Return what the comment at the head of a check's SQL gives as the remedy."""
    head = re.match(r"(?:--.*\n)+", _sql(rule))
    text = " ".join(line.removeprefix("--").strip() for line in head[0].splitlines()) if head else ""
    return text.partition("Remedy: ")[2].removesuffix(".")
