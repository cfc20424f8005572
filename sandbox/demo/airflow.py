"""``airflow standalone`` on SQLite as a child process, and a client of its REST API."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import stamina
from cryptography.fernet import Fernet

from sandbox.demo.processes import DidNotStartError, Process, free_port, tail

DAGS = ("close_sync", "close_history", "sales_kpis", "sheets_publish")
"""The DAGs of the pipeline, from extraction to publishing."""

PARTS = ("scheduler", "dag_processor")
"""What runs beside the API server."""

POOLS = {
    "lake": (1, "Writers of the lake, one at a time"),
    "close_api": (4, "Tasks that read the Close API"),
}
"""The pools that the DAGs need: slots and description."""


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
        "PYTHONPATH": str(root),
        "AIRFLOW_HOME": str(home),
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


class AirflowApi:
    """A client of Airflow's REST API.

    Args:
        url: the base address of the API server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30)

    def is_healthy(self, parts: Collection[str] = PARTS) -> bool:
        """Tell whether the API server answers, and other parts are alive."""
        try:
            health = self._http.get("/api/v2/monitor/health").json()
        except (httpx.HTTPError, ValueError):
            return False
        return all(health.get(part, {}).get("status") == "healthy" for part in parts)

    def log_in(self, user: str, password: str) -> None:
        """Take a token for the calls that follow.

        Raises:
            httpx.HTTPStatusError: the login was refused.
        """
        token = self._http.post("/auth/token", json={"username": user, "password": password})
        token.raise_for_status()
        self._http.headers["authorization"] = f"Bearer {token.json()['access_token']}"

    def api(self, method: str, path: str, **arguments: Any) -> Any:
        """Call the REST API (path below /api/v2) and return the decoded reply.

        It answers 500 while its SQLite database is locked: a user would press the button again.

        Raises:
            httpx.HTTPStatusError: the API refused; the message carries its reply.
        """
        for attempt in stamina.retry_context(on=_is_server_error, attempts=6, wait_initial=0.5):
            with attempt:
                return self._request(method, path, **arguments)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        reply = self._http.request(method, f"/api/v2{path}", **arguments)
        if reply.is_error:
            raise httpx.HTTPStatusError(
                f"{method} {path}: {reply.status_code} {reply.text[:500]}",
                request=reply.request,
                response=reply,
            )
        return reply.json() if reply.content else None

    def create_pools_and_connections(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        """Create the pools of the pipeline and its connections.

        Args:
            connections: by connection id, the fields of the REST API; `extra` may be a mapping.
        """
        for name, (slots, description) in POOLS.items():
            self.api("POST", "/pools", json={"name": name, "slots": slots, "description": description})
        for connection_id, fields in connections.items():
            body = {"connection_id": connection_id, **fields}
            if isinstance(body.get("extra"), Mapping):
                body["extra"] = json.dumps(body["extra"])
            self.api("POST", "/connections", json=body)

    def wait_for_dags(self, seconds: float = 120) -> None:
        """Wait until the DAG processor has read every DAG of the pipeline.

        Raises:
            DidNotStartError: a DAG file could not be read, or not in time.
        """
        deadline = time.monotonic() + seconds
        while not set(DAGS) <= {dag["dag_id"] for dag in self.api("GET", "/dags")["dags"]}:
            errors = self.api("GET", "/importErrors")["import_errors"]
            if errors:
                raise DidNotStartError(f"{errors[0]['filename']}: {errors[0]['stack_trace']}")
            if time.monotonic() > deadline:
                raise DidNotStartError(f"the DAG processor has not found {', '.join(DAGS)} within {seconds:.0f} s")
            time.sleep(0.5)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self.api("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG, oldest first."""
        reply = self.api("GET", f"/dags/{dag_id}/dagRuns", params={"order_by": "id", "limit": 100})
        runs: list[dict[str, Any]] = reply["dag_runs"]
        return runs

    def task_instances(self, run: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        path = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
        instances: list[dict[str, Any]] = self.api("GET", path, params={"limit": 200})["task_instances"]
        return instances

    def failure(self, run: Mapping[str, Any], lines: int = 25) -> str:
        """Return the last log lines of the failed tasks of a run."""
        parts = []
        for task in self.task_instances(run):
            if task["state"] != "failed":
                continue
            path = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances/{task['task_id']}"
            log = self.api(
                "GET",
                f"{path}/logs/{task['try_number']}",
                params={"map_index": task["map_index"], "full_content": True},
            )
            messages = [text for entry in log["content"] for text in _log_lines(entry)]
            parts.append("\n".join([f"{run['dag_id']}.{task['task_id']} failed:", *messages[-lines:]]))
        return "\n\n".join(parts) or f"{run['dag_id']} run {run['dag_run_id']} is {run['state']}"

    def close(self) -> None:
        """Close the client."""
        self._http.close()


class Airflow(AirflowApi):
    """A running ``airflow standalone``.

    Args:
        env: from `airflow_env`.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env["AIRFLOW__API__BASE_URL"])
        self.env = env
        self.home = Path(env["AIRFLOW_HOME"])
        self.user = "admin"
        self.password = secrets.token_urlsafe(9)
        self._process: Process | None = None

    def start(self, command: str = "standalone") -> None:
        """Start it with a password of our own; `wait_until_healthy` follows.

        Args:
            command: ``api-server`` starts nothing but the UI and the API.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        passwords = self.home / "simple_auth_manager_passwords.json.generated"
        passwords.write_text(json.dumps({self.user: self.password}))
        passwords.chmod(0o600)
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
            self._process.check_alive()
            if time.monotonic() > deadline:
                raise DidNotStartError(f"Airflow is not healthy after {seconds:.0f} s:\n{tail(self._process.log)}")
            time.sleep(0.5)
        self.log_in(self.user, self.password)

    def stop(self) -> None:
        """End it with all its processes."""
        self.close()
        if self._process is not None:
            self._process.stop()


def _is_server_error(error: Exception) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error


def _log_lines(entry: Any) -> list[str]:
    """Return the text of a structured log entry: its event and, if any, the exception."""
    if not isinstance(entry, dict):
        return [str(entry)]
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in entry.get("error_detail") or []]
    return [str(entry.get("event", "")), *errors]
