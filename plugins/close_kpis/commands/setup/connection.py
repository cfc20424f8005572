"""An Airflow connection of this process alone, to try out what has been entered."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def connection(conn_id: str, fields: Mapping[str, Any]) -> Iterator[str]:
    """Define a connection while the block runs; what the environment said of it comes back after.

    Args:
        conn_id: its id.
        fields: of the connection.

    Yields:
        The id.
    """
    name = f"AIRFLOW_CONN_{conn_id.upper()}"
    before = os.environ.get(name)
    os.environ[name] = json.dumps(fields)
    try:
        yield conn_id
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
