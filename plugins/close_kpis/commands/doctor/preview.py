"""What a proposal would publish: the pipeline's own models on the records that the doctor has read, or on the lake."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from close_kpis.clock import now
from close_kpis.commands.connections import find_lake
from close_kpis.commands.errors import CommandError
from close_kpis.explain.records import read
from close_kpis.kpis.changes import last_complete
from close_kpis.kpis.models import fill_kpis, fill_staging
from close_kpis.kpis.workspace import account_names, open_workspace, show_snapshot, write_settings
from close_kpis.lake.config import LakeConfig, LakeError
from close_kpis.lake.connection import connect, existing_tables, transaction
from close_kpis.lake.loader import merge
from close_kpis.lake.sql import statement
from close_kpis.settings.account import resolve
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import Settings
from close_kpis.settings.problems import explain
from close_kpis.settings.yaml_text import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.commands.doctor.sample import AccountSample

NEEDED = ("leads", "opportunities", "lead_status_changes")
"""The samples that customers, MRR and win rates are made of."""


@dataclass(frozen=True)
class Source:
    """Where a preview's records come from.

    Attributes:
        con: a workspace that shows them as ``raw.*``.
        as_of: the instant that they are complete up to (UTC).
        said: what they are, for a reader.
        is_whole: they are all that the account has.
    """

    con: DuckDBPyConnection
    as_of: datetime
    said: str
    is_whole: bool

    def months(self, content: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Compute the last twelve months with settings, oldest first: the columns of ``doctor.months``.

        Args:
            content: what ``kpis.yaml`` would say.

        Raises:
            SettingsError: the settings are not possible, or do not fit the account.
        """
        import duckdb

        try:
            settings = Settings.model_validate(content)
        except ValidationError as error:
            raise SettingsError(explain(Settings, error, Lines())) from None
        write_settings(self.con, resolve(settings, account_names(self.con)), self.as_of)
        try:
            fill_staging(self.con)
            fill_kpis(self.con)
        except duckdb.Error as error:
            raise SettingsError(f"the models cannot compute these records: {str(error).splitlines()[0]}") from None
        return read(self.con, "doctor.months", {})[1][::-1]


@contextmanager
def open_source(account: AccountSample, lake: str) -> Iterator[Source]:
    """Open the best records there are: the lake, where it holds this organisation; else what was read of Close.

    Args:
        account: what was looked at.
        lake: connection or folder of the lake.
    """
    with ExitStack() as stack:
        source = _of_lake(account, lake, stack) or _of_sample(account, stack)
        yield source


def _of_lake(account: AccountSample, lake: str, stack: ExitStack) -> Source | None:
    organizations = {row["id"] for row in account.rows("organization")}
    try:
        config = find_lake(lake)
        if config.kind == "sqlite" and not Path(config.location).exists():
            return None
        con = open_workspace(config, read_only=True)
        stack.callback(con.close)
        if "sync.complete" not in existing_tables(con):
            return None
        con.execute("begin transaction")
        state = last_complete(con)
        held = {organization_id for organization_id, _ in con.execute(statement("stored.organization_id")).fetchall()}
        if state is None or held != organizations:
            return None
        show_snapshot(con, state.snapshot_id)
    except (CommandError, LakeError):
        return None
    return Source(
        con, state.as_of, f"all records of the lake, which is synced up to {state.as_of:%Y-%m-%d %H:%M} UTC", True
    )


def _of_sample(account: AccountSample, stack: ExitStack) -> Source:
    """Bring the sampled records into a lake of their own, which goes when the preview has been made."""
    folder = stack.enter_context(TemporaryDirectory(prefix="close-kpis-doctor-"))
    config = LakeConfig(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
    as_of = now()
    con = connect(config)
    try:
        with transaction(con, config):
            for name, rows in {**account.reference, **account.samples}.items():
                merge(con, name, rows, synced_at=as_of)
    finally:
        con.close()
    workspace = open_workspace(config, read_only=True)
    stack.callback(workspace.close)
    workspace.execute("begin transaction")
    [(snapshot_id,)] = workspace.execute(statement("doctor.newest_snapshot")).fetchall()
    show_snapshot(workspace, snapshot_id)
    return Source(workspace, as_of, *_said(account))


def _said(account: AccountSample) -> tuple[str, bool]:
    counts = [f"{len(account.rows(name)):,} {name.replace('_', ' ')}" for name in NEEDED]
    partly = [name.replace("_", " ") for name in NEEDED if name not in account.whole]
    listed = f"{', '.join(counts[:-1])} and {counts[-1]}"
    if not partly:
        return f"all {listed} that Close has", True
    return f"a sample, the newest {listed}", False
