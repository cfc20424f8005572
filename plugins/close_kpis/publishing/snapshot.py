"""The KPI tables as the lake holds them at one moment: what the workbook and the digest are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.kpis.changes import last_release
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import statement
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.changes import Release
    from close_kpis.kpis.registry import Definitions
    from close_kpis.workbook.tables import Choices, Tables


class NothingToPublishError(PipelineError):
    """The lake has no KPI tables yet."""


def read_tables(con: DuckDBPyConnection, definitions: Definitions, *, record_rows: int = 0) -> tuple[Release, Tables]:
    """Read the KPI tables and the settings that they were computed with, without restatements.

    Args:
        con: a connection to the lake, in a transaction, so that all of it is from one snapshot.
        definitions: the registry.
        record_rows: how many of the records behind the numbers are read, the newest of each kind.

    Returns:
        The computation that they come from, and the tables.

    Raises:
        NothingToPublishError: no KPIs have been computed yet, or an earlier version has computed them.
    """
    from close_kpis.workbook.tables import Tables
    from close_kpis.workbook.tabs.quality import MOST_RECORDS

    last = last_release(con)
    if last is None:
        raise NothingToPublishError(
            "the lake has no KPI tables yet: run the DAG close_sync; sales_kpis and sheets_publish follow it"
        )
    computed = existing_tables(con)
    absent = [name for name in definitions.tables if f"kpi.{name}" not in computed]
    if absent:
        raise _of_an_earlier_version(absent)
    # Of tables that name records no more is read than the workbook shows.
    most = {"records": record_rows, "record_kinds": record_rows, "data_quality": MOST_RECORDS}
    frames: dict[str, Any] = {
        name: con.execute(statement(f"workbook.{name}"), {"most": most[name]}).df()
        if name in most
        else _frame(con, name, list(table.grain))
        for name, table in definitions.tables.items()
    }
    lacking = [
        f"{name}.{kpi}" for name, frame in frames.items() for kpi in definitions.kpis_of(name) if kpi not in frame
    ]
    if lacking:
        raise _of_an_earlier_version(lacking)
    return last, Tables(**frames, choices=_choices(con))


def read_lists(con: DuckDBPyConnection, names: Collection[str], snapshot_id: int, rows: int) -> dict[str, pd.DataFrame]:
    """Read the newest leads, opportunities or contacts, as the computation saw them.

    Args:
        con: a connection to the lake.
        names: of the lists.
        snapshot_id: of the lake.
        rows: of each at most.
    """
    if not names:
        return {}
    con.execute(statement("workbook.choose_snapshot"), {"snapshot_id": snapshot_id})
    return {name: con.execute(statement(f"workbook.{name}"), {"most": rows}).df() for name in names}


def _of_an_earlier_version(lacking: list[str]) -> NothingToPublishError:
    return NothingToPublishError(
        f"the KPI tables were computed by an earlier version and lack {', '.join(lacking)}: run the DAG "
        "close_sync; sales_kpis and sheets_publish follow it"
    )


def _frame(con: DuckDBPyConnection, table: str, grain: list[str]) -> pd.DataFrame:
    """Return the rows of a KPI table in the order of its grain."""
    frame = con.execute(statement("workbook.table", table)).df()
    by = ["month", "rep", "user_id"] if "rep" in frame else grain
    return frame.sort_values(by, ignore_index=True) if by else frame


def _choices(con: DuckDBPyConnection) -> Choices:
    from close_kpis.workbook.tables import Choices, records

    said = records(con.execute(statement("workbook.choices")).df())[0]
    return Choices(
        timezone=said["timezone"],
        history_start=said["history_start"],
        fiscal_year_start=int(said["fiscal_year_start"]),
        customer_basis=said["customer_basis"],
        rate_denominator=said["rate_denominator"],
        currency=said["currency"],
        count_automated_emails=bool(said["count_automated_emails"]),
        demo=_demo(said),
        lead_statuses=_roles(con, "lead_status_roles"),
        pipelines=_roles(con, "pipeline_roles"),
        source_field=said["source_field"],
        owner_field=said["owner_field"],
        holidays=int(said["holidays"]),
        unknown_source_limit=float(said["unknown_source_share_limit"]),
        values=said,
    )


def _roles(con: DuckDBPyConnection, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((role, names) for role, names in con.execute(statement(f"workbook.{name}")).fetchall())


def _demo(said: dict[str, Any]) -> str:
    """Return the demo rule in a sentence."""
    excluded = f", unless the outcome is {said['excluded_outcomes']}" if said["excluded_outcomes"] else ""
    sentences = {
        "meeting": (
            f"A meeting whose title matches {said['demo_title_pattern']} and that took place (completed, or without a "
            f"status and over){excluded}; dated by its start."
        ),
        "custom_activity": f"A published custom activity of the type {said['demo_types']}; dated by the activity.",
        "opportunity_status": (
            f"An opportunity that enters the status {said['demo_statuses']} for the first time; dated by the change."
        ),
        "task": f"A completed task whose text matches {said['demo_text_pattern']}; dated by its completion.",
    }
    rule: str = said["demo_rule"]
    return sentences.get(rule, rule)
