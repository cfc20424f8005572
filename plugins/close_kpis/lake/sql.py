"""Reading the SQL files in ``include/sql``: models, one SELECT a file, and the named statements of ``plumbing``."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from close_kpis.paths import SQL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

WITHOUT_MODEL = ("data_quality", "insights", "records", "record_kinds")
"""KPI tables that are no single SELECT: what the warnings of ``checks/warnings`` find, statistics, and
the records behind the numbers."""

GROWING = ("kpi.computations", "kpi.restatements", "published.kpi_values", "published.publishes")
"""Tables that grow row by row, as ``schema.table``; those of ``raw`` do, too."""

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def statement(name: str, table: str | None = None) -> str:
    """Return a statement of ``include/sql``.

    Args:
        name: ``subject.statement``, the part of ``include/sql/plumbing/<subject>.sql`` below the line
            ``-- name: <statement>``; or a file's path below ``include/sql``, without the suffix.
        table: stands in for ``{table}``; must be a table or view that ``include/sql`` defines, or one of
            `growing_tables`.

    Raises:
        KeyError: the file has no such statement.
        ValueError: the table is none that ``include/sql`` defines.
    """
    subject, _, part = name.partition(".")
    text = _plumbing(subject)[part] if part else (SQL / f"{name}.sql").read_text(encoding="utf-8")
    if table is None:
        return text
    known = (*raw_tables(), *settings_tables(), *names("staging"), *kpi_tables(), *growing_tables())
    if table not in known:
        raise ValueError(f"{table!r} is no table; include/sql defines {', '.join(known)}")
    return text.replace("{table}", table)


@cache
def names(folder: str) -> tuple[str, ...]:
    """Return the names of the SQL files in a folder of ``include/sql``, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SQL / folder).glob("*.sql")))


@cache
def _plumbing(subject: str) -> dict[str, str]:
    """Return the statements of a file of ``include/sql/plumbing`` by name."""
    _, *parts = _NAME.split((SQL / "plumbing" / f"{subject}.sql").read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def run(con: DuckDBPyConnection, text: str, values: Mapping[str, object]) -> DuckDBPyConnection:
    """Run a statement with those of some values that it names.

    Args:
        con: where to run it.
        text: one statement.
        values: by parameter.
    """
    named = con.extract_statements(text)[0].named_parameters
    return con.execute(text, {key: value for key, value in values.items() if key in named})


def raw_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/raw``, in alphabetical order."""
    return names("raw")


def growing_tables() -> tuple[str, ...]:
    """Return the tables that grow row by row, as ``schema.table``; all others are emptied and filled again."""
    return (*(f"raw.{name}" for name in raw_tables()), *GROWING)


def settings_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/plumbing/settings.sql``, in its order."""
    return tuple(_plumbing("settings"))


def kpi_tables() -> tuple[str, ...]:
    """Return the names of the KPI tables: one for each model of ``include/sql/kpis``, and those that have none."""
    return (*names("kpis"), *WITHOUT_MODEL)


def sync_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/plumbing/sync_tables.sql``, in its order."""
    return tuple(_plumbing("sync_tables"))
