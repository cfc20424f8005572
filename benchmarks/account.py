"""A large account, straight into a lake: rows as a finished sync leaves them, without an API in between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.connection import connect, transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.connection import LakeConfig

SQL = Path(__file__).parent / "sql"
LEADS = 1_000_000
AS_OF = "2026-06-28 20:00:00+00"
LAST_MONTH = "2026-06"


def write_account(config: LakeConfig, leads: int = LEADS) -> dict[str, int]:
    """Write an account of 60 months to an empty lake, the same one for the same number of leads.

    Args:
        config: the lake.
        leads: about how many; an account has 0.3 opportunities and 10 activities for each.

    Returns:
        Rows by table of ``raw``.
    """
    con = connect(config)
    try:
        con.execute("set variable as_of = $as_of::timestamptz", {"as_of": AS_OF})
        con.execute("set variable leads = $leads::bigint", {"leads": leads})
        for path in sorted((SQL / "account").glob("*.sql")):
            with transaction(con, config):
                con.execute(path.read_text(encoding="utf-8"))
        con.execute(statement("flush"))
        return rows(con)
    finally:
        con.close()


def rows(con: DuckDBPyConnection) -> dict[str, int]:
    """Return how many rows each table of ``raw`` has, empty ones left out."""
    return dict(con.execute(statement("rows")).fetchall())


def statement(name: str) -> str:
    """Return the text of ``benchmarks/sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
