"""What a Close account holds, read page after page by offset while nobody writes.

Nothing of the pipeline's reading is used, only its mapping of an object to a row.
"""

from __future__ import annotations

import base64
import json
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from close_kpis.close.registry import STREAMS
from close_kpis.close.stream import Kind

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.close.stream import Stream
    from sandbox.close_api import CloseSandbox

Rows = dict[str, dict[str, Any]]

SYNCED = [name for name, stream in STREAMS.items() if stream.kind in {Kind.LIGHT, Kind.HEAVY}]


def account_rows(sandbox: CloseSandbox, stream: Stream) -> Rows:
    """Return the rows that a stream's table must hold, by id."""
    found, skip = [], 0
    while True:
        params = {"_limit": 100, "_skip": skip, "query": "sort:created"}
        request = urllib.request.Request(
            f"{sandbox.url}/api/v1{stream.path}?{urlencode(params)}",
            headers={"Authorization": "Basic " + base64.b64encode(f"{sandbox.api_key}:".encode()).decode()},
        )
        with urllib.request.urlopen(request) as reply:
            body = json.load(reply)
        found += body["data"]
        skip += 100
        if not body["has_more"]:
            return {obj["id"]: stream.row(obj) for obj in found}


def lake_rows(con: DuckDBPyConnection, stream: str) -> Rows:
    """Return the rows of a stream's table that are not marked as gone, by id."""
    columns = [column.name for column in STREAMS[stream].columns]
    rows = con.execute(f"select {', '.join(columns)} from raw.{stream} where _deleted_at is null").fetchall()
    found = {}
    for values in rows:
        row = dict(zip(columns, values, strict=True))
        for name in {"custom", "further_fields"} & row.keys():
            row[name] = json.loads(row[name]) if row[name] else None
        found[row["id"]] = row
    assert len(found) == len(rows), f"{stream}: an id is there twice"
    return found


def assert_equal_to_account(con: DuckDBPyConnection, sandbox: CloseSandbox, streams: list[str] = SYNCED) -> None:
    """Compare every row of the streams' tables with the account."""
    for stream in streams:
        stored, expected = lake_rows(con, stream), account_rows(sandbox, STREAMS[stream])
        assert stored.keys() == expected.keys(), stream
        for row_id, row in expected.items():
            assert stored[row_id] == row, stream
