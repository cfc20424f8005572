"""From gated KPI tables to the Google Sheets workbook, and a record of what was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.backup import back_up
from close_kpis.lake.connection import opened
from close_kpis.publishing.snapshot import read_lists, read_tables
from close_kpis.publishing.values import published_values
from close_kpis.reporting import logger
from close_kpis.settings.file import RECORD_ROWS, load

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.registry import Definitions
    from close_kpis.lake.config import LakeConfig
    from close_kpis.publishing.restatements import Record
    from close_kpis.workbook.google.hook import GoogleSheetsHook
    from close_kpis.workbook.tables import Stamp, Tables

log = logger(__name__)


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
        ``url``, ``publish_id``, ``as_of``, ``changes`` since the publish before in words, and what was written:
        ``requests``, ``cells``, ``bytes``. Plain values for an XCom.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
        SheetsError: the spreadsheet could not be written; it is as it was, or as it should be.
        OtherPublishError: another run has published meanwhile.
    """
    from close_kpis.workbook.render import render
    from close_kpis.workbook.write import publish

    settings, definitions = load(settings_file).workbook, load_definitions()
    spreadsheet_id = google.spreadsheet_id(settings.spreadsheet_id)
    with opened(lake) as con:
        stamp, tables, record = prepare(
            con, run_id, definitions, record_rows=settings.record_rows, lists=settings.records
        )
        workbook = render(
            tables, replace(stamp, run_url=run_url), definitions, title=settings.title, shown=settings.tabs
        )
        if not settings.formulas:
            workbook = workbook.without_formulas()
        written = publish(google.get_conn(), spreadsheet_id, workbook)
        record.keep(con, lake, spreadsheet_id, written)
        back_up(con, lake, datetime.now(UTC))
    # Airflow has no way yet for a task to write the note of its run (apache/airflow#64890).
    log.info("What is new: %s", record.changes)
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
        "changes": record.changes,
        "requests": written.requests,
        "cells": written.cells,
        "bytes": written.bytes,
    }


def prepare(
    con: DuckDBPyConnection,
    run_id: str,
    definitions: Definitions,
    *,
    record_rows: int = RECORD_ROWS,
    lists: Collection[str] = (),
) -> tuple[Stamp, Tables, Record]:
    """Read what the workbook shows, with what it restates, all of it from one snapshot of the lake.

    Args:
        con: an open connection to the lake, outside a transaction.
        run_id: of the DAG run.
        definitions: the registry.
        record_rows: how many of the records behind the numbers the workbook shows, and rows of each list.
        lists: ``leads``, ``opportunities``, ``contacts``: those that have a tab.

    Returns:
        The stamp, the tables, and what is to be recorded with this connection once the workbook is written.

    Raises:
        NothingToPublishError: no KPIs have been computed yet, or an earlier version has computed them.
    """
    from close_kpis.publishing.restatements import restate
    from close_kpis.workbook.tables import Stamp

    con.execute("begin transaction")
    last, tables = read_tables(con, definitions, record_rows=record_rows)
    tables = replace(tables, lists=read_lists(con, lists, last.snapshot_id, record_rows))
    stamp = Stamp(last.as_of, now(tables.choices.timezone), run_id)
    values = published_values(tables, definitions)
    record, restatements = restate(con, last.computation_id, values, stamp, definitions)
    con.execute("commit")
    return stamp, replace(tables, restatements=restatements), record
