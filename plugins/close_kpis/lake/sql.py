"""Reading the SQL files in ``include/sql``."""

from __future__ import annotations

from functools import cache

from close_kpis.paths import SQL


@cache
def statement(name: str, table: str | None = None) -> str:
    """Return the text of ``include/sql/<name>.sql``.

    Args:
        name: the file's path below ``include/sql``, without the suffix.
        table: stands in for ``{table}``; must be a table or view that ``include/sql`` defines.

    Raises:
        ValueError: it is none of them.
    """
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    if table is None:
        return text
    known = [name for folder in ("raw", "settings", "staging", "kpis") for name in names(folder)]
    if table not in known:
        raise ValueError(f"{table!r} is no table; include/sql defines {', '.join(known)}")
    return text.replace("{table}", table)


@cache
def names(folder: str) -> tuple[str, ...]:
    """Return the names of the SQL files in a folder of ``include/sql``, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SQL / folder).glob("*.sql")))


def raw_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/raw``, in alphabetical order."""
    return names("raw")


def sync_tables() -> tuple[str, ...]:
    """Return the names of the tables in ``include/sql/sync/tables``, in alphabetical order."""
    return names("sync/tables")
