"""Servers of others that tests start for themselves, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.request import Request, urlopen

import pytest
import stamina

from close_kpis.standalone.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0
"""Seconds that a server gets to listen."""


def skip_without(what: str, remedy: str) -> NoReturn:
    """Skip a test for want of a service; with REQUIRE_SERVICES it fails."""
    if os.environ.get("REQUIRE_SERVICES"):
        pytest.fail(f"no {what}: {remedy}")
    pytest.skip(f"no {what}: {remedy}")


@contextmanager
def object_store(bucket: str) -> Iterator[str]:
    """Start an S3 server without TLS that has a bucket, and stop it.

    Yields:
        Its host and port.
    """
    # In an environment of its own: it does not fit beside Airflow.
    server = Path(sys.prefix) / "store/bin/moto_server"
    if not server.exists():
        skip_without("S3 server", "run `make .venv/store/.done`")
    port = free_port()
    process = subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        _retry(lambda: urlopen(Request(f"http://127.0.0.1:{port}/{bucket}", method="PUT"), timeout=5).close())
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def redis_server(config: str) -> Iterator[int]:
    """Start a Redis server with a configuration, and stop it.

    Args:
        config: as in redis.conf; the port is added.

    Yields:
        Its port.
    """
    server = shutil.which("redis-server")
    if server is None:
        skip_without("Redis server", "install the package redis-server")
    port = free_port()
    process = subprocess.Popen([str(server), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        assert process.stdin is not None
        process.stdin.write(f"{config}\nbind 127.0.0.1\nport {port}\n".encode())
        process.stdin.close()
        _retry(lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close())
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _retry(attempt: Callable[[], object]) -> None:
    """Make an attempt until it succeeds.

    Raises:
        OSError: it has not for a minute.
    """
    for one in stamina.retry_context(on=OSError, attempts=None, timeout=PATIENCE, wait_initial=0.2, wait_max=1.0):
        with one:
            attempt()
