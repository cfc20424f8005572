"""What a publish restates: values of completed months that differ from those published last, each with its cause.

It is found out before the workbook is written, which shows it, and recorded after: a publish that dies in
between and is run again finds the same restatements, and records them once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from close_kpis.kpis.changes import changed_tables
from close_kpis.kpis.models import select
from close_kpis.lake.connection import existing_tables
from close_kpis.lake.sql import names, raw_tables, statement
from close_kpis.publishing.causes import (
    Change,
    Circumstances,
    cause,
    changed_settings,
    counts,
    read_settings,
    summary,
)
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from close_kpis.kpis.registry import Definitions
    from close_kpis.lake.config import LakeConfig
    from close_kpis.workbook.tables import Stamp
    from close_kpis.workbook.write import Published

MOST_SHOWN = 300
"""Restatements of each kind that the workbook shows; `kpi.restatements` has them all."""

FIRST = "the first publish"
"""What is told where nothing is known to have been published before."""

TABLES = ("publishes", "kpi_values", "restatements")

COLUMNS = (
    "publish_id",
    "restated_at",
    "run_id",
    "tab",
    "month",
    "entity",
    "name",
    "kpi",
    "before",
    "after",
    "is_to_date",
    "cause",
    "records_added",
    "records_changed",
    "records_deleted",
    "records_merged",
)


class OtherPublishError(PipelineError):
    """Another run has published between this one's reading and its record."""


@dataclass(frozen=True)
class Record:
    """What `published` and `kpi.restatements` get once the workbook is written.

    Attributes:
        publish_id: the number of this publish.
        computation_id: of the numbers that it shows.
        stamp: when, as of which instant, by which run.
        changes: what is different since the publish before, in words.
    """

    publish_id: int
    computation_id: str
    stamp: Stamp
    changes: str

    def keep(self, con: DuckDBPyConnection, lake: LakeConfig, spreadsheet_id: str, written: Published) -> None:
        """Record the publish, the values it showed and what it restated, in one transaction.

        Raises:
            OtherPublishError: another run has published meanwhile.
        """
        from close_kpis.lake.connection import run_transaction

        row = {
            "publish_id": self.publish_id,
            "published_at": self.stamp.refreshed,
            "as_of": self.stamp.as_of,
            "computation_id": self.computation_id,
            "run_id": self.stamp.run_id,
            "spreadsheet_id": spreadsheet_id,
            "url": written.url,
            "requests": written.requests,
            "cells": written.cells,
            "bytes": written.bytes,
        }

        def work(con: DuckDBPyConnection) -> None:
            for table in TABLES:
                con.execute(statement(f"publishing.{table}"))
            if _value(con, "publishing.next_publish_id") != self.publish_id:
                raise OtherPublishError("another run has published meanwhile: clear this task, it will find the rest")
            con.execute(statement("publishing.compared"))
            con.execute(statement("publishing.insert_publish"), row)
            con.execute(statement("publishing.insert_values"), {"publish_id": self.publish_id})
            con.execute(statement("publishing.insert_restatements"))

        run_transaction(con, lake, work)


def restate(
    con: DuckDBPyConnection, computation_id: str, values: pd.DataFrame, stamp: Stamp, definitions: Definitions
) -> tuple[Record, pd.DataFrame | None]:
    """Compare the values to be shown with those published last.

    Args:
        con: a connection to the lake, inside the transaction that the values were read in. It keeps what is
            to be recorded.
        computation_id: of the numbers that are shown.
        values: what `published_values` returns.
        stamp: of this publish.
        definitions: the registry.

    Returns:
        What to record once the workbook is written, and the restatements to show (None before the first publish).
    """
    con.register("shown_values", values)
    if "published.publishes" not in existing_tables(con):
        con.register("new_restatements", _frame([]))
        return Record(1, computation_id, stamp, FIRST), None
    con.execute(statement("publishing.compared"))
    _register_topics(con, definitions)
    con.execute(statement("restatements.restated"))
    restated = _records(con, "restatements.list")
    next_id = _value(con, "publishing.next_publish_id")
    windows = _records(con, "restatements.window")
    if not restated and not windows:
        con.register("new_restatements", _frame([]))
        record = Record(next_id, computation_id, stamp, FIRST)
    else:
        [window] = windows
        circumstances, changes = _find_changes(con, window, definitions)
        told = summary(circumstances, {value["month"] for value in restated if not value["is_to_date"]})
        record = Record(next_id, computation_id, stamp, told)
        con.register("new_restatements", _frame(_rows(restated, record, circumstances, changes)))
    return record, con.execute(statement("workbook.restatements"), {"most": MOST_SHOWN}).df()


def _register_topics(con: DuckDBPyConnection, definitions: Definitions) -> None:
    """Give the queries of restatements what the registry says: the topic of each KPI, the records of each topic."""
    import pandas as pd

    topics = definitions.topics
    kpis = [
        (table.published, column, kpi.topic, topics[kpi.topic].by_user)
        for name, table in definitions.tables.items()
        for column, kpi in definitions.kpis_of(name).items()
        if table.published and kpi.topic
    ]
    reaches = [(topic, stream, reach) for topic, told in topics.items() for stream, reach in told.records.items()]
    columns = ["tab", "kpi", "topic", "by_user"]
    con.register("kpi_topics", pd.DataFrame(kpis, columns=columns).drop_duplicates(["tab", "kpi"]))
    con.register("topic_records", pd.DataFrame(reaches, columns=["topic", "stream", "reach"]))


def _rows(
    restated: list[dict[str, Any]],
    record: Record,
    circumstances: Circumstances,
    changes: Mapping[_Question, list[Change]],
) -> list[dict[str, Any]]:
    """Return the rows that `kpi.restatements` gets."""
    known = {"publish_id": record.publish_id, "restated_at": record.stamp.refreshed, "run_id": record.stamp.run_id}
    # A rep's row that comes or goes takes all its zeros with it: they have the cause of the rest of the row.
    of_rows = {
        _row_of(value): found for value in restated if value["tab"] == "Reps" and (found := changes[_question(value)])
    }
    rows = []
    for value in restated:
        bearing = changes[_question(value)] or of_rows.get(_row_of(value), [])
        words = cause(circumstances, value["topic"], bearing)
        is_known = not circumstances.has_expired
        rows.append({**known, **value, "cause": words, **(counts(bearing) if is_known else {})})
    return rows


_Question = tuple["str | None", "date", "str | None"]


def _question(value: Mapping[str, Any]) -> _Question:
    return value["topic"], value["month"], value["entity"] if value["by_user"] else None


def _row_of(value: Mapping[str, Any]) -> tuple[str, date, str]:
    return value["tab"], value["month"], value["entity"]


def _find_changes(
    con: DuckDBPyConnection, window: Mapping[str, Any], definitions: Definitions
) -> tuple[Circumstances, Mapping[_Question, list[Change]]]:
    """Return what is different since the last publish, as a whole and by topic, month and user."""
    settings = read_settings(window["settings"])
    con.execute(statement("restatements.changed_records"))
    is_newer = window["since_snapshot"] < window["until_snapshot"]
    has_expired = is_newer and window["since_snapshot"] + 1 < window["oldest_snapshot"]
    changes: defaultdict[_Question, list[Change]] = defaultdict(list)
    if is_newer and not has_expired:
        _read_feeds(con, window, settings, definitions)
        parameters = {
            "zone": settings["timezone"],
            "since": window["since"],
            "customer_basis": settings["customer_basis"],
        }
        for row in _records(con, "restatements.bearing", parameters):
            change = Change(row["stream"], row["kind"], row["records"], row["actor"])
            changes[row["topic"], row["month"], row["user_id"]].append(change)
    circumstances = Circumstances(
        since=window["since"].astimezone(ZoneInfo(settings["timezone"])),
        has_expired=has_expired,
        settings=changed_settings(definitions.settings, read_settings(window["settings_before"]), settings),
        models_have_changed=window["models_have_changed"],
        anything=tuple(Change(**row) for row in _records(con, "restatements.all_changed")),
    )
    return circumstances, changes


def streams_of_causes(definitions: Definitions) -> list[str]:
    """Return the raw tables whose changed records are told as causes: those that a topic of the registry names."""
    named = {stream for topic in definitions.topics.values() for stream in topic.records}
    return [table for table in raw_tables() if table in named]


def _read_feeds(
    con: DuckDBPyConnection, window: Mapping[str, Any], settings: Mapping[str, Any], definitions: Definitions
) -> None:
    """Fill ``temp.changed_records`` from DuckLake's change feed."""
    snapshots = {"from": window["since_snapshot"] + 1, "to": window["until_snapshot"]}
    zone = {"zone": settings["timezone"]}
    parameters: dict[str, dict[str, Any]] = {
        "opportunities": {**zone, "since_day": window["since_day"]},
        "leads": {**zone, "source_field": settings["source_field_id"], "owner_field": settings["owner_field_id"]},
    }
    touched = changed_tables(con, snapshots["from"], snapshots["to"])
    if "lead_merges" in touched:
        touched.add("leads")
    for table in streams_of_causes(definitions):
        if table in touched:
            query = table if table in names("restatements") else "activities"
            for side in ("befores", "afters"):
                con.execute(statement(f"restatements.{side}", table), snapshots)
            values = {**snapshots, **parameters.get(query, zone), "stream": table}
            text = statement("restatements.add_changed") + select(f"restatements/{query}")
            named = con.extract_statements(text)[0].named_parameters
            con.execute(text, {name: value for name, value in values.items() if name in named})


def _records(con: DuckDBPyConnection, name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    result = con.execute(statement(name), dict(parameters or {}))
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    types = {"publish_id": "int64", "is_to_date": "bool"}
    types |= dict.fromkeys(("before", "after"), "float64")
    types |= {name: "Int64" for name in COLUMNS if name.startswith("records_")}
    types |= dict.fromkeys(("run_id", "tab", "entity", "name", "kpi", "cause"), "str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(types)
    frame["month"] = pd.to_datetime(frame["month"])
    frame["restated_at"] = pd.to_datetime(frame["restated_at"], utc=True)
    return frame


def _value(con: DuckDBPyConnection, name: str) -> Any:
    [(value,)] = con.execute(statement(name)).fetchall()
    return value
