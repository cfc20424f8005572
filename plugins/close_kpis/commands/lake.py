"""The command ``lake``: what is done to a lake by hand, once in its life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.commands.connections import CATALOG, find_lake
from close_kpis.commands.errors import CommandError
from close_kpis.lake.config import LakeConfig, NoCatalogError

if TYPE_CHECKING:
    import argparse


def lake(options: argparse.Namespace) -> int:
    """Create a lake, or restore into one what the lake before it had published.

    Returns:
        0.

    Raises:
        CommandError: there is one already, or no such connection.
        LostCatalogError: there are data files without a catalog, and nobody has said to begin anew.
        LakeError: it cannot be created, or there is nothing that could be restored.
    """
    config = _place(options.lake)
    if options.backup is not None:
        config = replace(config, backup_path=str(options.backup))
    if options.work == "restore":
        return _restore(config, options.folder, replaces=options.replace)
    return _create(config, begins_anew=options.anew)


def _place(name: str) -> LakeConfig:
    """Return a lake by its Airflow connection, or by its folder, which may be without a catalog."""
    folder = Path(name)
    if folder.is_dir() and not (folder / CATALOG).exists():
        return LakeConfig(f"sqlite:{folder / CATALOG}", str(folder / "data"))
    return find_lake(name)


def _create(config: LakeConfig, *, begins_anew: bool) -> int:
    from close_kpis.lake.connection import connect, create

    aside = None
    if begins_anew:
        aside = create(config, datetime.now(UTC))
    elif _is_there(config):
        raise CommandError(f"there is a lake at {config.place} already: nothing was changed")
    else:
        connect(config).close()
    print(f"An empty lake was created at {config.place}")
    if aside is not None:
        print(f"The files of the lake before lie in {aside}: delete them once nobody looks for its catalog any more")
    print("Next: python -m close_kpis lake restore, if the lake before had published; then run close_sync")
    return 0


def _restore(config: LakeConfig, folder: str | None, *, replaces: bool) -> int:
    from close_kpis.lake.backup import restore
    from close_kpis.lake.connection import opened

    with opened(config) as con:
        copy = restore(con, config, folder=folder, replaces=replaces)
    rows = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in copy.rows.items())
    print(f"Restored from {copy.folder}, made at {copy.made_at:%Y-%m-%d %H:%M} UTC: {rows}")
    print("Next: run close_sync; sales_kpis and sheets_publish follow it, and list under Changes what differs now")
    return 0


def _is_there(config: LakeConfig) -> bool:
    from close_kpis.lake.connection import connect

    try:
        connect(config, read_only=True).close()
    except NoCatalogError:
        return False
    return True
