"""Servers of others that tests start for themselves, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.request import Request, urlopen

import psycopg2
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


@dataclass(frozen=True)
class ObjectStore:
    """An S3 server without TLS.

    Attributes:
        address: host and port.
    """

    address: str
    _process: subprocess.Popen[str]

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._tell("stop")

    def start(self) -> None:
        """Take connections again, with what was stored."""
        self._tell("start")

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(word, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"


@contextmanager
def object_store(bucket: str) -> Iterator[ObjectStore]:
    """Start an S3 server that has a bucket, and stop it."""
    # In an environment of its own: it does not fit beside Airflow.
    python = Path(sys.prefix) / "store/bin/python"
    if not python.exists():
        skip_without("S3 server", "run `make .venv/store/.done`")
    port = free_port()
    process = subprocess.Popen(
        [python, Path(__file__).with_name("moto_store.py"), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _retry(lambda: urlopen(Request(f"http://127.0.0.1:{port}/{bucket}", method="PUT"), timeout=5).close())
        yield ObjectStore(f"127.0.0.1:{port}", process)
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


class PostgresServer:
    """A PostgreSQL server of a test's own, in a folder.

    Args:
        folder: for its data; it must be reachable for the server's user.
        programs: the folder of initdb and postgres.
        password: of the user `airflow`, who may do everything.
    """

    user = "airflow"

    def __init__(self, folder: Path, programs: Path, password: str) -> None:
        self.port = free_port()
        self._password = password
        self._data, self._programs = folder / "data", programs
        # The server refuses to run as root.
        self._account = "postgres" if os.geteuid() == 0 else None
        (folder / "password").write_text(password, encoding="utf-8")
        if self._account:
            for path in (folder, folder / "password"):
                shutil.chown(path, self._account)
        options = ["--username", self.user, "--auth", "scram-sha-256", "--pwfile", folder / "password", "--no-sync"]
        subprocess.run(
            [programs / "initdb", "--pgdata", self._data, *options],
            user=self._account,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it lets somebody in."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": ""}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *options],
            user=self._account,
            cwd=self._data,
            stderr=subprocess.DEVNULL,
        )
        _retry(lambda: self._connect().close(), on=psycopg2.OperationalError)

    def _connect(self, database: str = "postgres") -> Any:
        where = {"host": "127.0.0.1", "port": self.port, "dbname": database}
        return psycopg2.connect(**where, user=self.user, password=self._password)

    def create_database(self, name: str) -> None:
        """Create a database."""
        self.execute("postgres", f'create database "{name}"')

    def execute(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """Execute a statement; return its rows."""
        with closing(self._connect(database)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that finds the server and its programs."""
        found = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": self.user, "PGPASSWORD": self._password}
        return {**os.environ, **found, "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}"}

    def dump(self, database: str) -> str:
        """Return all that a database holds, as SQL."""
        command = [self._programs / "pg_dump", database]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def crash(self) -> None:
        """End the server without a shutdown: what is not committed is lost, and starting is a recovery."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


@contextmanager
def postgres_server(password: str) -> Iterator[PostgresServer]:
    """Start a PostgreSQL server of a test's own, and stop it; skip the test where PostgreSQL is not installed."""
    initdb = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if initdb is None:
        skip_without("PostgreSQL server", "install the package postgresql")
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = PostgresServer(Path(folder), Path(initdb).resolve().parent, password)
        try:
            yield server
        finally:
            server.crash()


def _retry(attempt: Callable[[], object], on: type[Exception] = OSError) -> None:
    """Make an attempt until it succeeds, for a minute; then raise what it raises."""
    for one in stamina.retry_context(on=on, attempts=None, timeout=PATIENCE, wait_initial=0.2, wait_max=1.0):
        with one:
            attempt()
