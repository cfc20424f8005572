"""A large account, straight into a lake: rows as a finished sync leaves them, without an API in between."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL = Path(__file__).parent / "sql"
LEADS = 1_000_000
AS_OF = "2026-06-28 20:00:00+00:00"


def lake_in(folder: Path) -> LakeConfig:
    """Return the benchmark's lake in a folder."""
    return LakeConfig(f"sqlite:{folder / 'catalog.sqlite'}", str(folder / "data"))


def write_account(config: LakeConfig, leads: int = LEADS) -> None:
    """Write an account of 60 months to an empty lake, the same one for the same number of leads.

    Args:
        config: the lake.
        leads: about how many; an account has 0.3 opportunities and 10 activities for each.
    """
    with closing(connect(config)) as con:
        _run(con, config, leads, sorted((SQL / "account").glob("*.sql")))
        con.execute(statement("flush"))


def _run(con: DuckDBPyConnection, config: LakeConfig, leads: int, files: list[Path]) -> None:
    con.execute("set variable as_of = $as_of::timestamptz", {"as_of": AS_OF})
    con.execute("set variable leads = $leads::bigint", {"leads": leads})
    for path in files:
        with transaction(con, config):
            con.execute(path.read_text(encoding="utf-8"))


def rows(config: LakeConfig) -> dict[str, int]:
    """Return how many rows each table of ``raw`` has, empty ones left out."""
    with closing(connect(config, read_only=True)) as con:
        return dict(con.execute(statement("rows")).fetchall())


def files(config: LakeConfig) -> dict[str, list[str]]:
    """Return the Parquet files of each table of ``raw``."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with closing(connect(config, read_only=True)) as con:
        for table, path in con.execute(statement("files")).fetchall():
            found[table].append(str(Path(config.data_path) / path))
    return found


def statement(name: str) -> str:
    """Return the text of ``benchmarks/sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
