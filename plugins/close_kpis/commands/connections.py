"""Which account and which lake a command reads."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.lake.config import LakeConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.close.client import ClientConfig

CATALOG = "catalog.sqlite"
PATIENCE = 20.0
"""Seconds after which a command gives up on Close; a sync waits longer."""


@contextmanager
def known_to_airflow(conn_id: str) -> Iterator[None]:
    """Say how to define a connection where Airflow does not know it.

    Raises:
        CommandError: Airflow does not know it.
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        yield
    except AirflowNotFoundException:
        raise CommandError(
            f"Airflow has no connection {conn_id}: define it in Airflow's UI (Admin > Connections) or as the "
            f"environment variable AIRFLOW_CONN_{conn_id.upper()}"
        ) from None


def close_config(conn_id: str) -> ClientConfig:
    """Return how to reach Close, with less patience than a sync has.

    Raises:
        CommandError: there is no such connection.
        CloseAuthError: it has no API key.
    """
    from close_kpis.close.hook import CloseHook

    with known_to_airflow(conn_id):
        return replace(CloseHook(conn_id).config, attempts=4, patience=PATIENCE)


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
        from close_kpis.lake.hook import LakeHook

        with known_to_airflow(name):
            return LakeHook(name).config
    catalog = path / CATALOG if path.is_dir() else path
    if not catalog.is_file():
        raise CommandError(f"there is no lake at {name}: a folder with {CATALOG} and data is expected")
    return LakeConfig(f"sqlite:{catalog}", str(catalog.parent / "data"))
