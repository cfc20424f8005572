"""An account folder straight into a real DuckLake, without HTTP, and the KPI tables computed from it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from contextlib import chdir, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from close_kpis.clock import now
from close_kpis.close.registry import STREAMS, stream_names
from close_kpis.kpis.candidate import show_models
from close_kpis.kpis.compute import compute
from close_kpis.kpis.workspace import open_workspace, write_settings
from close_kpis.lake.attachment import load_extensions
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import another, connect, transaction
from close_kpis.lake.loader import merge, tombstone
from close_kpis.lake.sql import settings_tables, statement
from close_kpis.settings.account import resolve
from close_kpis.settings.file import Settings
from close_kpis.sync.bookmarks import Position, put_stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

ACTIVITIES = {
    "calls": "Call",
    "emails": "Email",
    "meetings": "Meeting",
    "custom_activities": "CustomActivity",
    "lead_status_changes": "LeadStatusChange",
    "opportunity_status_changes": "OpportunityStatusChange",
    "task_completions": "TaskCompleted",
    "lead_merges": "LeadMerge",
    "sms": "SMS",
    "notes": "Note",
    "whatsapp_messages": "WhatsAppMessage",
}
"""The streams that an account folder keeps in `activities.jsonl`, and their `_type`."""

NUMBERED = frozenset({"lead_statuses", "pipelines"})
"""Streams whose rows are numbered in the account's order."""


class FreshLakes:
    """Gives the same empty lake again and again: creating one takes longer than filling it."""

    def __init__(self, folder: Path) -> None:
        """Create the lake in a folder."""
        self._catalog = folder / "catalog.sqlite"
        self._empty = folder / "empty.sqlite"
        self.config = prepared_lake(folder)
        shutil.copy(self._catalog, self._empty)

    def fresh(self) -> LakeConfig:
        """Return the lake, empty; what it held before is gone."""
        for name in ("-wal", "-shm"):
            self._catalog.with_name(f"{self._catalog.name}{name}").unlink(missing_ok=True)
        shutil.copy(self._empty, self._catalog)
        return self.config


@cache
def _prepared_catalog() -> bytes:
    """Return the catalog of an empty lake with the staging models: views take longer to make than numbers."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "catalog.sqlite"
        config = LakeConfig(f"sqlite:{catalog}", f"{folder}/data")
        with closing(open_workspace(config)) as con, closing(another(con)) as readers:
            write_settings(con, resolve(Settings(customer_basis="opportunity"), []), now())
            with transaction(readers, config):
                for name in settings_tables():
                    readers.execute(f"create table lake.settings.{name} as from memory.settings.{name} where false")
                show_models(readers)
        with closing(sqlite3.connect(catalog)) as con:
            con.execute("pragma wal_checkpoint(truncate)")
        return catalog.read_bytes()


def prepared_lake(folder: Path) -> LakeConfig:
    """Create an empty lake in a folder, if there is none."""
    catalog, data = folder / "catalog.sqlite", folder / "data"
    if not catalog.exists():
        catalog.parent.mkdir(parents=True, exist_ok=True)
        catalog.write_bytes(_prepared_catalog())
        with closing(sqlite3.connect(catalog)) as con:
            con.execute("update ducklake_metadata set value = ? where key = 'data_path'", (f"{data.resolve()}/",))
            con.commit()
    return LakeConfig(f"sqlite:{catalog}", str(data))


@contextmanager
def lake_from_account(
    config: LakeConfig, account: Path, settings: Path, as_of: datetime, deleted: Collection[str] = ()
) -> Iterator[DuckDBPyConnection]:
    """Load an account folder into an empty lake and compute its KPI tables.

    Args:
        config: the lake.
        account: the folder of JSON Lines.
        settings: its `kpis.yaml`.
        as_of: when everything was read.
        deleted: ids of records whose deletion the sync noticed.

    Yields:
        A connection to the lake.
    """
    con = connect(config)
    try:
        with transaction(con, config):
            load_account(con, account, as_of, deleted)
        compute(config, settings_file=settings)
        yield con
    finally:
        con.close()


def load_account(con: DuckDBPyConnection, account: Path, as_of: datetime, deleted: Collection[str] = ()) -> None:
    """Bring an account folder into a lake as a finished sync leaves it, in the caller's transaction."""
    for name, stream in STREAMS.items():
        if rows := [stream.row(row) for row in objects(account, name)]:
            merge(con, name, rows, synced_at=as_of)
        if gone := list(deleted):
            tombstone(con, name, gone, as_of)
        put_stream(con, name, as_of, Position(None, None))


def mark_complete(con: DuckDBPyConnection) -> None:
    """Let numbers be computed from the lake as it is now, as the end of a sync does."""
    con.execute(statement("bookmarks.put_complete"), {"streams": list(stream_names()), "recorded_at": now()})


def objects(account: Path, stream: str) -> Iterator[Row]:
    """Yield the API objects of a stream that an account folder holds."""
    if stream in ACTIVITIES:
        yield from (row for row in _rows(account, "activities") if row["_type"] == ACTIVITIES[stream])
    elif stream == "opportunity_statuses":
        for pipeline in _rows(account, "pipelines"):
            for position, status in enumerate(pipeline["statuses"]):
                yield {**status, "pipeline_id": pipeline["id"], "position": position}
    elif stream in NUMBERED:
        yield from ({**row, "position": position} for position, row in enumerate(_rows(account, stream)))
    else:
        yield from _rows(account, stream)


def _rows(account: Path, name: str) -> Iterator[Row]:
    path = account / f"{name}.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def read_attached(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Query a lake from its folder, opened by its attach.sql; the extensions come from their wheels."""
    import duckdb

    text = (folder / "attach.sql").read_text()
    loaded = re.findall(r"install (\w+); load \1;", text)
    assert loaded == ["ducklake", "sqlite"]
    with closing(duckdb.connect()) as con, chdir(folder):
        load_extensions(con, [name.replace("sqlite", "sqlite_scanner") for name in loaded])
        for one in text.split("\n", 1)[1].split(";"):
            if one.strip() and not one.strip().startswith(("install", "load")):
                con.execute(one)
        return con.execute(query).fetchall()
