"""A lake as a computation leaves it, filled with ready-made KPI tables."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd

from benchmarks import sample
from close_kpis.kpis.workspace import open_workspace, write_settings
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import transaction
from close_kpis.lake.sql import settings_tables, statement
from close_kpis.settings.account import ResolvedSettings
from close_kpis.workbook.tables import Tables

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

RUN_SETTINGS = {
    "timezone": "America/New_York",
    "history_start": None,
    "customer_basis": "lead_status",
    "rate_denominator": "opening",
    "demo_rule": "meeting",
    "demo_title_pattern": "(?i)demo",
    "demo_text_pattern": "(?i)demo",
    "count_automated_emails": False,
    "source_field_id": None,
    "owner_field_id": None,
    "currency": "EUR",
    "unknown_source_share_limit": 0.2,
    "record_rows": 5000,
    "lead_status_roles": [],
    "pipeline_roles": [],
    "excluded_outcomes": [],
    "demo_statuses": [],
    "demo_activity_types": [],
    "holidays": [],
    "source_names": [],
    "read_streams": ["sms", "whatsapp_messages"],
    "counted_activity_types": ["call", "email", "sms", "whatsapp_message"],
}


class OneLake:
    """A lake that is filled once and given to each test as it was then."""

    def __init__(self, folder: Path, tables: Tables) -> None:
        self.catalog = folder / "catalog.sqlite"
        self.extra = {"catalog": f"sqlite:{self.catalog}", "data_path": f"{folder}/data"}
        self.config = LakeConfig(**self.extra)
        fill(self.config, tables)
        self._filled = self.catalog.read_bytes()

    def restored(self) -> LakeConfig:
        for suffix in ("-wal", "-shm"):
            self.catalog.with_name(f"{self.catalog.name}{suffix}").unlink(missing_ok=True)
        self.catalog.write_bytes(self._filled)
        return self.config


def fill(config: LakeConfig, tables: Tables, as_of: datetime = sample.STAMP.as_of, computation_id: str = "c") -> None:
    """Leave the lake as a computation does that has released its numbers."""
    con = open_workspace(config)
    with transaction(con, config):
        for one in fields(Tables):
            if one.name not in {"choices", "lists", "restatements"}:
                frame = getattr(tables, one.name).drop(columns=["lead_name", "lead_url"], errors="ignore")
                if one.name == "records":
                    frame = frame.assign(kinds=frame["kinds"].str.split())
                if one.name == "record_kinds":
                    frame = frame.assign(left_out_on=pd.to_datetime(frame["left_out_on"]))
                con.register("frame", frame)
                con.execute(f"create or replace table lake.kpi.{one.name} as select * from frame")
        con.execute(statement("release.computations"))
        con.execute("delete from lake.kpi.computations where computation_id = $id", {"id": computation_id})
        con.execute(
            "insert into lake.kpi.computations values ($id, $at, $at, 1, '', '', 'x', '{\"timezone\": \"UTC\"}')",
            {"at": as_of, "id": computation_id},
        )
    write_settings(con, ResolvedSettings(**RUN_SETTINGS), as_of)
    for name in settings_tables():
        con.execute(f"create or replace table lake.settings.{name} as from memory.settings.{name}")
    con.close()
