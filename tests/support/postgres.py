"""The PostgreSQL server of the tests that need one."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support.services import skip_without

SERVER = os.environ.get("TEST_POSTGRES", "host=127.0.0.1 port=5432 user=postgres")
"""A PostgreSQL server on which the test may create databases (libpq connection string)."""


def connect_to_server() -> Any:
    """Return a connection to the server that commits by itself; skip the test where there is no server."""
    psycopg2 = pytest.importorskip("psycopg2")
    try:
        connection = psycopg2.connect(SERVER, dbname="postgres")
    except psycopg2.OperationalError as error:
        skip_without(f"PostgreSQL server at {SERVER}", str(error))
    connection.autocommit = True
    return connection
