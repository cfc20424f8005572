"""A client of Airflow's REST API, as far as starting the pipeline and following it need it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from typing import Any

import httpx
import stamina

from close_kpis.accounts import pools
from close_kpis.standalone.processes import DidNotStartError

DAGS = ("close_sync", "close_history", "sales_kpis", "sheets_publish")
"""The DAGs of the pipeline, from extraction to publishing."""

PARTS = ("scheduler", "dag_processor")
"""What runs beside the API server."""


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

        It answers 500 while its SQLite database is locked, and a busy machine lets it wait: a user would press the
        button again.

        Raises:
            httpx.HTTPStatusError: the API refused; the message carries its reply.
            httpx.TransportError: it did not answer. What was to be changed may have been: only questions are repeated.
        """
        for attempt in stamina.retry_context(on=_may_go_well, attempts=6, timeout=180, wait_initial=0.5):
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

    def create_pools(self) -> None:
        """Create the pools of the pipeline that are not there yet; the size of the others stays as it was set."""
        there = {pool["name"] for pool in self.api("GET", "/pools", params={"limit": 100})["pools"]}
        for name, (slots, description) in pools().items():
            if name not in there:
                self.api("POST", "/pools", json={"name": name, "slots": slots, "description": description})

    def create_connections(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        """Create connections.

        Args:
            connections: by connection id, the fields of the REST API; `extra` may be a mapping.
        """
        for connection_id, fields in connections.items():
            body = {"connection_id": connection_id, **fields}
            if isinstance(body.get("extra"), Mapping):
                body["extra"] = json.dumps(body["extra"])
            self.api("POST", "/connections", json=body)

    def wait_for_dags(self, seconds: float = 120, dag_ids: Collection[str] = DAGS) -> None:
        """Wait until the DAG processor has read every DAG of the pipeline.

        Args:
            seconds: how long.
            dag_ids: the DAGs.

        Raises:
            DidNotStartError: a DAG file could not be read, or not in time.
        """
        deadline = time.monotonic() + seconds
        while not set(dag_ids) <= {dag["dag_id"] for dag in self.api("GET", "/dags", params={"limit": 100})["dags"]}:
            errors = self.api("GET", "/importErrors")["import_errors"]
            if errors:
                raise DidNotStartError(f"{errors[0]['filename']}: {errors[0]['stack_trace']}")
            if time.monotonic() > deadline:
                raise DidNotStartError(f"the DAG processor has not found {', '.join(dag_ids)} within {seconds:.0f} s")
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

    def messages(self, run: Mapping[str, Any], task: Mapping[str, Any]) -> list[str]:
        """Return the lines of the log of a task instance's last try, also while it runs."""
        path = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances/{task['task_id']}"
        log = self.api(
            "GET",
            f"{path}/logs/{task['try_number']}",
            params={"map_index": task["map_index"], "full_content": True},
        )
        return [text for entry in log["content"] for text in _log_lines(entry)]

    def failure(self, run: Mapping[str, Any], lines: int = 25) -> str:
        """Return the last log lines of the failed tasks of a run."""
        parts = []
        for task in self.task_instances(run):
            if task["state"] != "failed":
                continue
            parts.append("\n".join([f"{run['dag_id']}.{task['task_id']} failed:", *self.messages(run, task)[-lines:]]))
        return "\n\n".join(parts) or f"{run['dag_id']} run {run['dag_run_id']} is {run['state']}"

    def close(self) -> None:
        """Close the client."""
        self._http.close()


def _may_go_well(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TimeoutException) and error.request.method == "GET"


def _log_lines(entry: Any) -> list[str]:
    """Return the text of a structured log entry: its event and, if any, the exception."""
    if not isinstance(entry, dict):
        return [str(entry)]
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in entry.get("error_detail") or []]
    return [str(entry.get("event", "")), *errors]
