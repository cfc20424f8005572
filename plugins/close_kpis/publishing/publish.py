"""From gated KPI tables to the Google Sheets workbook, and a record of what was published."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.sql import statement
from close_kpis.paths import settings_path
from close_kpis.publishing.values import published_values
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from close_kpis.publishing.restatements import Record
    from close_kpis.workbook.tables import Choices, Stamp, Tables

log = logging.getLogger(__name__)


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
        OtherPublishError: another run has published meanwhile.
    """
    from close_kpis.lake.connection import connect
    from close_kpis.lake.hook import LakeHook
    from close_kpis.workbook.google.hook import GoogleSheetsHook
    from close_kpis.workbook.render import render
    from close_kpis.workbook.write import publish

    lake, hook = LakeHook(lake_conn_id).config, GoogleSheetsHook(sheets_conn_id)
    settings = load(settings_file or settings_path()).workbook
    spreadsheet_id = hook.spreadsheet_id(settings.spreadsheet_id)
    with closing(connect(lake)) as con:
        stamp, tables, record = prepare(con, run_id)
        workbook = render(tables, stamp, load_definitions(), title=settings.title)
        written = publish(hook.get_conn(), spreadsheet_id, workbook)
        record.keep(con, lake, spreadsheet_id, written)
    log.info(
        "published %s as of %s: %d requests, %d cells, %d bytes",
        written.url,
        stamp.as_of.isoformat(),
        written.requests,
        written.cells,
        written.bytes,
    )
    return {
        "url": written.url,
        "publish_id": record.publish_id,
        "as_of": stamp.as_of.isoformat(),
        "requests": written.requests,
        "cells": written.cells,
        "bytes": written.bytes,
    }


def prepare(con: DuckDBPyConnection, run_id: str) -> tuple[Stamp, Tables, Record]:
    """Read what the workbook shows, with what it restates, all of it from one snapshot of the lake.

    Args:
        con: an open connection to the lake, outside a transaction.
        run_id: of the DAG run.

    Returns:
        The stamp, the tables, and what is to be recorded with this connection once the workbook is written.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
    """
    from dataclasses import replace

    from close_kpis.publishing.restatements import restate
    from close_kpis.workbook.tables import Stamp

    con.execute("begin transaction")
    as_of, tables = _as_of(con), _tables(con)
    stamp = Stamp(as_of, now(tables.choices.timezone), run_id)
    record, restatements = restate(con, published_values(tables), stamp)
    con.execute("commit")
    return stamp, replace(tables, restatements=restatements), record


def read_tables(con: DuckDBPyConnection) -> tuple[datetime, Tables]:
    """Read the KPI tables, all of them from one snapshot of the lake.

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

    names = [one.name for one in fields(Tables) if one.name not in {"choices", "restatements"}]
    frames = {name: _frame(con, name) for name in names}
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
