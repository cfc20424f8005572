"""From gated KPI tables to the Google Sheets workbook, and a record of what was published."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.kpis.changes import last_release
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.backup import back_up
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import statement
from close_kpis.publishing.values import published_values
from close_kpis.settings.file import load

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.registry import Definitions
    from close_kpis.lake.config import LakeConfig
    from close_kpis.publishing.restatements import Record
    from close_kpis.workbook.google.hook import GoogleSheetsHook
    from close_kpis.workbook.tables import Choices, Stamp, Tables

log = logging.getLogger(__name__)


class NothingToPublishError(RuntimeError):
    """The lake has no KPI tables yet."""


def publish_workbook(
    lake: LakeConfig, google: GoogleSheetsHook, *, run_id: str, settings_file: Path, run_url: str = ""
) -> dict[str, Any]:
    """Make the spreadsheet hold what the KPI tables say, and record what was published.

    Args:
        lake: the lake.
        google: the connection to Google.
        run_id: of the DAG run.
        settings_file: the settings.
        run_url: where the run's log stands in the Airflow UI; the Summary's stamp leads there.

    Returns:
        ``url``, ``publish_id``, ``as_of``, and what was written: ``requests``, ``cells``, ``bytes``. Plain values
        for an XCom.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
        SheetsError: the spreadsheet could not be written; it is as it was, or as it should be.
        OtherPublishError: another run has published meanwhile.
    """
    from close_kpis.workbook.render import render
    from close_kpis.workbook.write import publish

    settings, definitions = load(settings_file).workbook, load_definitions()
    spreadsheet_id = google.spreadsheet_id(settings.spreadsheet_id)
    with closing(connect(lake)) as con:
        stamp, tables, record = prepare(con, run_id, definitions)
        workbook = render(tables, replace(stamp, run_url=run_url), definitions, title=settings.title)
        if not settings.formulas:
            workbook = workbook.without_formulas()
        written = publish(google.get_conn(), spreadsheet_id, workbook)
        record.keep(con, lake, spreadsheet_id, written)
        back_up(con, lake, datetime.now(UTC))
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


def prepare(con: DuckDBPyConnection, run_id: str, definitions: Definitions) -> tuple[Stamp, Tables, Record]:
    """Read what the workbook shows, with what it restates, all of it from one snapshot of the lake.

    Args:
        con: an open connection to the lake, outside a transaction.
        run_id: of the DAG run.
        definitions: the registry.

    Returns:
        The stamp, the tables, and what is to be recorded with this connection once the workbook is written.

    Raises:
        NothingToPublishError: no KPIs have been computed yet, or an earlier version has computed them.
    """
    from close_kpis.publishing.restatements import restate
    from close_kpis.workbook.tables import Stamp, Tables

    con.execute("begin transaction")
    last = last_release(con)
    if last is None:
        raise NothingToPublishError(
            "the lake has no KPI tables yet: run the DAG close_sync; sales_kpis and sheets_publish follow it"
        )
    frames = {name: _frame(con, name, list(table.grain)) for name, table in definitions.tables.items()}
    lacking = [
        f"{name}.{kpi}" for name, frame in frames.items() for kpi in definitions.kpis_of(name) if kpi not in frame
    ]
    if lacking:
        raise NothingToPublishError(
            f"the KPI tables were computed by an earlier version and lack {', '.join(lacking)}: run the DAG "
            "close_sync; sales_kpis and sheets_publish follow it"
        )
    tables = Tables(**frames, choices=_choices(con))
    stamp = Stamp(last.as_of, now(tables.choices.timezone), run_id)
    values = published_values(tables, definitions)
    record, restatements = restate(con, last.computation_id, values, stamp, definitions)
    con.execute("commit")
    return stamp, replace(tables, restatements=restatements), record


def _frame(con: DuckDBPyConnection, table: str, grain: list[str]) -> pd.DataFrame:
    """Return the rows of a KPI table in the order of its grain; of data quality with the leads' names and addresses."""
    query = "workbook.data_quality" if table == "data_quality" else "workbook.table"
    frame = con.execute(statement(query, table)).df()
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
