"""Cell by cell: the lake's tables against the recomputed ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.oracle.recompute import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
Tables = dict[str, list[Row]]

RELATIVE = 1e-9


def lake_tables(con: DuckDBPyConnection, schema: str = "kpi") -> Tables:
    """Read every compared table of a schema; of the daily snapshots only that of the schema's last computation."""
    tables = {}
    for name in KEYS:
        rows = con.table(f"{schema}.{name}")
        tables[name] = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    run = "settings.run" if schema == "kpi" else f"{schema}.run"
    [(today,)] = con.execute(f"select cast(timezone(timezone, as_of) as date) from {run}").fetchall()
    tables["pipeline_daily"] = [row for row in tables["pipeline_daily"] if row["day"] == today]
    return tables


def differences(found: Tables, expected: Tables) -> list[str]:
    """Describe every cell, row and column in which the lake's tables differ from the recomputed ones."""
    lines = []
    for name, keys in KEYS.items():
        lines += _table_differences(name, keys, found[name], expected[name])
    return lines


def _table_differences(name: str, keys: Sequence[str], found: list[Row], expected: list[Row]) -> list[str]:
    ours, theirs = _by_key(expected, keys), _by_key(found, keys)
    lines = [f"{name}: {len(found)} rows, but {len(theirs)} different {keys}"] if len(theirs) < len(found) else []
    for key in sorted(ours.keys() | theirs.keys(), key=repr):
        where = f"{name}{_shown(key)}"
        if key not in theirs:
            lines.append(f"{where}: row missing in the lake, expected {ours[key]}")
        elif key not in ours:
            lines.append(f"{where}: row not expected, the lake has {theirs[key]}")
        else:
            lines += [f"{where}.{line}" for line in _row_differences(theirs[key], ours[key])]
    return lines


def _row_differences(found: Row, expected: Row) -> list[str]:
    lines = []
    for column, value in expected.items():
        if column not in found:
            lines.append(f"{column}: column missing in the lake")
        elif not is_same(found[column], value):
            lines.append(f"{column}: expected {value!r}, the lake has {found[column]!r}")
    return lines


def is_same(found: Any, expected: Any) -> bool:
    """Say whether two cells agree: NULL only with NULL, integers exactly, fractions within rounding."""
    if found is None or expected is None:
        return found is expected
    if isinstance(expected, float) or isinstance(found, float):
        return math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=1e-12)
    return bool(found == expected)


def _by_key(rows: list[Row], keys: Sequence[str]) -> Mapping[tuple[Any, ...], Row]:
    return {tuple(row[key] for key in keys): row for row in rows}


def _shown(key: tuple[Any, ...]) -> str:
    return f"[{', '.join(str(part) for part in key)}]"
