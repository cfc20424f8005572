"""Which lake a command reads."""

from __future__ import annotations

from pathlib import Path

from close_kpis.commands.errors import CommandError, no_connection
from close_kpis.lake.config import LakeConfig

CATALOG = "catalog.sqlite"


def find_lake(name: str) -> LakeConfig:
    """Return a lake by its folder, its catalog's file or its Airflow connection.

    Args:
        name: what holds a ``/`` or is there on disk is a path: a folder with ``catalog.sqlite`` and ``data``, as
            ``make demo`` leaves it, or the catalog with ``data`` beside it.

    Raises:
        CommandError: there is no lake at the path, or no such connection.
        LakeError: the connection does not say where the lake is.
    """
    path = Path(name)
    if "/" not in name and not path.exists():
        from airflow.sdk.exceptions import AirflowNotFoundException

        from close_kpis.lake.hook import LakeHook

        try:
            return LakeHook(name).config
        except AirflowNotFoundException:
            raise no_connection(name) from None
    catalog = path / CATALOG if path.is_dir() else path
    if not catalog.is_file():
        raise CommandError(f"there is no lake at {name}: a folder with {CATALOG} and data is expected")
    return LakeConfig(f"sqlite:{catalog}", str(catalog.parent / "data"))
