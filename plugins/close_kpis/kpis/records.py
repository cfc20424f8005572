"""The records behind the numbers, for the workbook: what ``explain`` lists of a month, of all months at once."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from close_kpis.kpis.models import select
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.sql import run, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.registry import Definitions, Kpi, Listed, Part

REPORTS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "Growth": ("growth",),
    "Reps": ("reps",),
    "Sources": ("sources",),
    "Pipeline": ("stages", "win-rate"),
})
"""The tabs whose numbers open to their records, and the reports of the registry that they show."""

OF_SOURCES = frozenset({"source_leads", "source_opportunities"})
"""Queries that list leads of any month, or of none, where no month is given."""

RECENT_FIRST = 20
"""Where there are so many times more leads than records are kept, these are first looked for in twelve months."""

EVER = {"instant": "ever"}
"""What the customers are asked for in place of an instant: each with all values that it has had, and when."""


@dataclass(frozen=True)
class Kind:
    """Records of one kind: those that a query lists with certain parameters.

    Attributes:
        name: of the first part of the registry that is of this kind; of customers the query's.
        query: of ``include/sql/explain``.
        given: the query's own parameters.
    """

    name: str
    query: str
    given: dict[str, str]


def shown_kpis(definitions: Definitions, tab: str) -> Iterator[tuple[str, str, Kpi]]:
    """Yield report, column and definition of each KPI that a tab of `REPORTS` shows."""
    for report in REPORTS[tab]:
        for column, kpi in definitions.reports[report].shown():
            yield report, column, kpi


def kind_of(part: Part, definitions: Definitions) -> str | None:
    """Return the kind of records that a part consists of; None where they are no records of Close."""
    if part.query not in definitions.records:
        return None
    if "instant" in part.given:
        return part.query
    same = (name for name, other in definitions.parts.items() if (other.query, other.given) == (part.query, part.given))
    return next(same)


def kinds(definitions: Definitions) -> list[Kind]:
    """Return each kind of records that KPIs of the tab Behind the numbers are made of, once."""
    found: dict[str, Kind] = {}
    for tab in REPORTS:
        for _, _, kpi in shown_kpis(definitions, tab):
            for part in map(definitions.parts.__getitem__, (*kpi.made_of.over, *kpi.made_of.under)):
                name = kind_of(part, definitions)
                if name is not None and name not in found:
                    found[name] = Kind(name, part.query, EVER if "instant" in part.given else part.given)
    return list(found.values())


def write_records(con: DuckDBPyConnection, most: int) -> None:
    """Make ``kpi.records`` and ``kpi.record_kinds`` of the workspace hold the records behind the numbers.

    Args:
        con: a workspace with the staging models.
        most: records that are kept, the newest of each kind; with 0 nothing is looked for.
    """
    con.execute(statement("records.begin"))
    if most:
        _find_newest(con, most)
    con.execute(statement("records.monthly"))
    con.execute(statement("records.records"), {"most": most})
    con.execute(statement("records.record_kinds"))
    con.execute(statement("records.end"))


def _find_newest(con: DuckDBPyConnection, most: int) -> None:
    """Find the newest records of each kind, one more than are kept."""
    definitions = load_definitions()
    [(first_month, recent_month, last_month)] = con.execute(statement("records.months")).fetchall()
    [(leads,)] = con.execute(statement("records.leads")).fetchall()
    is_choice = leads > RECENT_FIRST * most
    con.execute(statement("records.without_names"))
    con.execute(statement("records.newest_activities"), {"most": most})
    for kind in kinds(definitions):
        record = definitions.records[kind.query]
        # The newest of a large account are all recent: the other years are not listed for nothing.
        if not is_choice or _add_newest(con, kind, record, most, recent_month, last_month) <= most:
            con.execute(statement("records.forget"), {"kind_name": kind.name})
            months = (None, None) if kind.query in OF_SOURCES else (first_month, last_month)
            _add_newest(con, kind, record, most, *months)
    con.execute(statement("records.with_names"))


def _add_newest(
    con: DuckDBPyConnection, kind: Kind, record: Listed, most: int, first_month: date | None, last_month: date | None
) -> int:
    """Add the newest records that the query of a kind lists of some months, of all reps and all sources.

    Returns:
        How many were added: at most one more than `most`.
    """
    values = {
        "kind_name": kind.name,
        "query": kind.query,
        "what": record.called(kind.given),
        "dated": record.newest,
        "key": record.key,
        "most": most,
        **kind.given,
        "first_month": first_month,
        "last_month": last_month,
        "every_rep": True,
        "user_id": None,
        "every_source": True,
        "source": None,
        "pipeline": None,
        "stage": None,
    }
    newest = statement("records.newest").replace("{query}", select(f"explain/{kind.query}"))
    [(added,)] = run(con, newest, values).fetchall()
    return int(added)
