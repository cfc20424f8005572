"""Where a secret can be read that should be nowhere."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

import psutil

from close_kpis.lake.connection import connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig


def leaks(places: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """Return which secret stands where.

    Args:
        places: their texts by name; none is nearly empty, or nothing was read.
        secrets: by name.
    """
    assert all(len(text) > 1000 for text in places.values()), {name: len(text) for name, text in places.items()}
    assert all(len(secret) >= 8 for secret in secrets.values())
    return [f"{name} in {place}" for place, text in places.items() for name, value in secrets.items() if value in text]


def rows_of_lake(lake: LakeConfig) -> str:
    """Return every row of a lake as text."""
    with closing(connect(lake, read_only=True)) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'lake' and table_type = 'BASE TABLE'"
        ).fetchall()
        return "".join(repr(con.execute(f"select * from {schema}.{name}").fetchall()) for schema, name in tables)


def files_below(folder: Path, pattern: str = "*") -> str:
    """Return what the files below a folder hold, whatever their format."""
    files = [path for path in folder.rglob(pattern) if path.is_file()]
    return "".join(path.read_bytes().decode(errors="replace") for path in files)


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all that it and its own have started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def command_lines(pid: int) -> set[str]:
    """Return the arguments of a process and of all that it and its own have started: everybody may see them."""
    seen = set()
    with suppress(psutil.Error):
        for process in family(pid):
            with suppress(psutil.Error):
                seen.add(" ".join(process.cmdline()))
    return seen
