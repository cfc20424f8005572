"""Reading the SQL files in ``include/sql``."""

from __future__ import annotations

from functools import cache

from close_kpis.paths import SQL


@cache
def statement(name: str, table: str | None = None) -> str:
    """Return the text of ``include/sql/<name>.sql``.

    Args:
        name: the file's path below ``include/sql``, without the suffix.
        table: stands in for ``{table}``; must be a table that ``include/sql/raw`` or ``include/sql/kpis`` defines.

    Raises:
        ValueError: the table is none of those.
    """
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    if table is None:
        return text
    if table not in {*raw_tables(), *kpi_tables()}:
        raise ValueError(f"{table!r} is no raw table and no KPI table; include/sql/raw has {', '.join(raw_tables())}")
    return text.replace("{table}", table)


@cache
def raw_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/raw``, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SQL / "raw").glob("*.sql")))


@cache
def kpi_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/kpis``, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SQL / "kpis").glob("*.sql")))


@cache
def sync_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/sync/tables``, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SQL / "sync" / "tables").glob("*.sql")))
