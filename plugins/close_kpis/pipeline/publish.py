"""From gated KPI tables to the Google Sheets workbook, and a record of what was published."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.definitions import load_definitions
from close_kpis.lake.sql import statement
from close_kpis.paths import settings_path
from close_kpis.settings import load

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.connection import LakeConfig
    from close_kpis.workbook.publish import Published
    from close_kpis.workbook.tables import Choices, Stamp, Tables

log = logging.getLogger(__name__)

TEAM, TOTAL, UNASSIGNED = "Team", "Total", "Unassigned"


class NothingToPublishError(RuntimeError):
    """The lake has no KPI tables yet."""


def publish_workbook(
    *,
    lake_conn_id: str = "lake_default",
    sheets_conn_id: str = "google_sheets_default",
    run_id: str,
    settings_file: Path | None = None,
) -> dict[str, Any]:
    """Make the spreadsheet hold what the KPI tables say, and record what was published.

    Args:
        lake_conn_id: Airflow connection of the lake.
        sheets_conn_id: Airflow connection of the Google account.
        run_id: of the DAG run; shown in the workbook.
        settings_file: None takes ``settings_path()``.

    Returns:
        ``url``, ``publish_id``, ``as_of``, and what was written: ``requests``, ``cells``, ``bytes``. Plain values
        for an XCom.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
        SheetsError: the spreadsheet could not be written; it is as it was, or as it should be.
    """
    from close_kpis.lake.connection import connect
    from close_kpis.lake.hook import LakeHook
    from close_kpis.workbook.hook import GoogleSheetsHook
    from close_kpis.workbook.publish import publish
    from close_kpis.workbook.render import render
    from close_kpis.workbook.tables import Stamp

    lake, hook = LakeHook(lake_conn_id).config, GoogleSheetsHook(sheets_conn_id)
    settings = load(settings_file or settings_path()).workbook
    spreadsheet_id = hook.spreadsheet_id(settings.spreadsheet_id)
    con = connect(lake)
    try:
        as_of, tables = read_tables(con)
        stamp = Stamp(as_of, now(tables.choices.timezone), run_id)
        workbook = render(tables, stamp, load_definitions(), title=settings.title)
        written = publish(hook.get_conn(), spreadsheet_id, workbook)
        publish_id = _record(con, lake, spreadsheet_id, stamp, written, tables)
    finally:
        con.close()
    log.info(
        "published %s as of %s: %d requests, %d cells, %d bytes",
        written.url,
        as_of.isoformat(),
        written.requests,
        written.cells,
        written.bytes,
    )
    return {
        "url": written.url,
        "publish_id": publish_id,
        "as_of": as_of.isoformat(),
        "requests": written.requests,
        "cells": written.cells,
        "bytes": written.bytes,
    }


def read_tables(con: DuckDBPyConnection) -> tuple[datetime, Tables]:
    """Read what the workbook shows, all of it from one snapshot of the lake.

    Args:
        con: an open connection to the lake, outside a transaction.

    Returns:
        The instant that the numbers hold for, and the tables.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
    """
    con.execute("begin transaction")
    try:
        return _as_of(con), _tables(con)
    finally:
        con.execute("rollback")


def _as_of(con: DuckDBPyConnection) -> datetime:
    import duckdb

    try:
        row = con.execute(statement("workbook/last_computation")).fetchone()
    except duckdb.CatalogException:
        row = None
    if row is None:
        raise NothingToPublishError(
            "the lake has no KPI tables yet: run the DAG close_sync; sales_kpis and sheets_publish follow it"
        )
    as_of: datetime = row[0]
    return as_of


def _tables(con: DuckDBPyConnection) -> Tables:
    from dataclasses import fields

    from close_kpis.workbook.tables import Tables

    frames = {one.name: _frame(con, one.name) for one in fields(Tables) if one.name != "choices"}
    return Tables(**frames, choices=_choices(con))


def _frame(con: DuckDBPyConnection, name: str) -> pd.DataFrame:
    return con.execute(statement(f"workbook/{name}")).df()


def _choices(con: DuckDBPyConnection) -> Choices:
    from close_kpis.workbook.tables import Choices, records

    said = records(_frame(con, "choices"))[0]
    return Choices(
        timezone=said["timezone"],
        history_start=said["history_start"],
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
    )


def _roles(con: DuckDBPyConnection, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((role, names) for role, names in con.execute(statement(f"workbook/{name}")).fetchall())


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


def _record(
    con: DuckDBPyConnection,
    lake: LakeConfig,
    spreadsheet_id: str,
    stamp: Stamp,
    written: Published,
    tables: Tables,
) -> int:
    """Record the publish and the values it showed, in one transaction."""
    from close_kpis.lake.connection import run_transaction

    row = {
        "published_at": stamp.refreshed,
        "as_of": stamp.as_of,
        "run_id": stamp.run_id,
        "spreadsheet_id": spreadsheet_id,
        "url": written.url,
        "requests": written.requests,
        "cells": written.cells,
        "bytes": written.bytes,
    }

    def work(con: DuckDBPyConnection) -> int:
        con.execute(statement("published/publishes"))
        con.execute(statement("published/kpi_values"))
        found = con.execute(statement("published/next_publish_id")).fetchall()
        publish_id = int(found[0][0])
        con.execute(statement("published/insert_publish"), {**row, "publish_id": publish_id})
        con.execute(statement("published/insert_values"), {"publish_id": publish_id})
        return publish_id

    con.register("shown_values", published_values(tables))
    return run_transaction(con, lake, work)


def published_values(tables: Tables) -> pd.DataFrame:
    """Return the values that the reports show, one a row.

    All-time values have no month, and count as running: they are meant to change.

    Returns:
        A frame with tab, month, entity, kpi, value (in the table's own unit), is_running. NULLs are left out.
    """
    import pandas as pd

    reps, sources, cohorts = tables.rep_monthly, tables.source_all_time, tables.source_monthly
    growth = tables.growth_monthly
    running = growth.loc[growth["is_running"].astype(bool), "month"]
    parts = [
        _long("Growth", growth, entity=TOTAL),
        _long("MRR movements", tables.mrr_movements_monthly, entity=TOTAL),
        _long(
            "Reps",
            reps.drop(columns=["user_id", "rep", "is_active"]),
            entity=reps["user_id"].astype(object).where(reps["user_id"].notna(), UNASSIGNED),
        ),
        _long("Reps", tables.team_monthly, entity=TEAM),
        _long("Sources", sources.drop(columns="source"), entity=sources["source"], month=None, is_running=True),
        _long("Sources", tables.source_total, entity=TOTAL, month=None, is_running=True),
        _long(
            "Sources monthly",
            cohorts.drop(columns=["source", "cohort_month"]),
            entity=cohorts["source"],
            month=cohorts["cohort_month"],
            is_running=cohorts["cohort_month"].isin(running),
        ),
    ]
    values = pd.concat([part for part in parts if not part.empty])
    return values.astype({"is_running": bool}).reset_index(drop=True)


def _long(tab: str, frame: pd.DataFrame, **keys: Any) -> pd.DataFrame:
    """Return a table with a row for each value.

    Args:
        tab: where the values are shown.
        frame: a table of KPIs.
        **keys: entity, and month and is_running where the table does not have them.
    """
    import pandas as pd

    wide = frame.assign(tab=tab, **keys)
    wide["month"] = pd.to_datetime(wide["month"])
    long = wide.melt(id_vars=["tab", "month", "entity", "is_running"], var_name="kpi", value_name="value")
    long["value"] = pd.to_numeric(long["value"])
    return long.dropna(subset=["value"])
