"""``airflow standalone`` on SQLite as a child process."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from close_kpis.standalone.api import PARTS, AirflowApi
from close_kpis.standalone.processes import DidNotStartError, Process, free_port, tail

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


STOP_SECONDS = 40.0
"""How long Airflow may take to stop: its triggerer alone takes some 15 seconds."""


def airflow_env(home: Path, root: Path, **settings: str) -> dict[str, str]:
    """Return the environment of an Airflow of its own: every port free, every secret new.

    Args:
        home: its AIRFLOW_HOME.
        root: the project's folder.
        settings: further variables, which win.
    """
    port = free_port()
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "plugins")]),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONN_AIRFLOW_METADATA": json.dumps({"conn_type": "sqlite", "host": f"{home}/airflow.db"}),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "plugins"),
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        # The DAG files do not change while it runs; reading them again would take a core from the tasks.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        **settings,
    }


class Airflow(AirflowApi):
    """A running ``airflow standalone``.

    Args:
        env: from `airflow_env`.
        password: of the user ``admin``; a new one where None.
    """

    def __init__(self, env: Mapping[str, str], password: str | None = None) -> None:
        self.public_url = env["AIRFLOW__API__BASE_URL"]
        # People may come through a proxy, this client does not.
        path = urlsplit(self.public_url).path.rstrip("/")
        super().__init__(f"http://{env['AIRFLOW__API__HOST']}:{env['AIRFLOW__API__PORT']}{path}")
        self.env = env
        self.home = Path(env["AIRFLOW_HOME"])
        self.user = "admin"
        self.password = password or secrets.token_urlsafe(9)
        self._process: Process | None = None

    def start(self, command: str = "standalone") -> None:
        """Start it with its password; `wait_until_healthy` follows. What an earlier start left in its home goes on.

        Args:
            command: ``api-server`` starts nothing but the UI and the API.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        passwords = self.home / "simple_auth_manager_passwords.json.generated"
        passwords.unlink(missing_ok=True)
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({self.user: self.password}))
        # Readers do not block the writer in this mode, which stays with the file.
        with closing(sqlite3.connect(self.home / "airflow.db")) as database:
            database.execute("pragma journal_mode = wal")
        # SIGTERM would orphan the scheduler and the servers; SIGINT lets standalone end them.
        self._process = Process(
            f"airflow {command}",
            [str(Path(sys.executable).parent / "airflow"), command],
            log=self.home / f"{command}.log",
            env=self.env,
            stop_signal=signal.SIGINT,
        )

    def wait_until_healthy(self, seconds: float = 180, parts: Collection[str] = PARTS) -> None:
        """Wait for the API server and other parts, then log in.

        Args:
            seconds: how long.
            parts: as the API names them.

        Raises:
            DidNotStartError: it ended or was not healthy in time; with the last lines of its log.
        """
        assert self._process is not None
        deadline = time.monotonic() + seconds
        while not self.is_healthy(parts):
            self.check_alive()
            if time.monotonic() > deadline:
                raise DidNotStartError(f"Airflow is not healthy after {seconds:.0f} s:\n{tail(self._process.log)}")
            time.sleep(0.5)
        self.log_in(self.user, self.password)

    def check_alive(self) -> None:
        """Raise DidNotStartError, with the last lines of its log, if it has ended."""
        assert self._process is not None
        self._process.check_alive()

    def stop(self) -> None:
        """End it with all its processes."""
        self.close()
        if self._process is not None:
            self._process.stop(STOP_SECONDS)
