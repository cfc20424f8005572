"""The services of docker-compose.yaml as processes of this machine.

No container engine is needed. The names that Docker's network and volumes would resolve (`postgres`, `api-server`,
`/opt/airflow/lake`, ...) are replaced by addresses and folders; commands and environment are the file's own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from close_kpis.standalone.api import AirflowApi
from close_kpis.standalone.processes import DidNotStartError, Process, free_port
from tests.support.leaks import command_lines, family, files_below
from tests.support.services import ObjectStore, PostgresServer, object_store, postgres_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from sandbox.demo.services import Services

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(?:(:[-?])((?:\$\{[^}]*\}|[^}])*))?\}")

ADMIN_PASSWORD = "correct-horse"  # pragma: allowlist secret

READ_ONLY = """
bind() { mount --bind "$2" "$2"; mount -o "remount,bind,$1" "$2"; }
mount -o remount,bind,ro /
bind ro "$1"
shift
while [ "$1" != -- ]; do
    bind rw "$1"
    shift
done
shift
exec "$@"
"""
"""Runs a command where only some folders can be written to, as in a container that is read-only.

Arguments: the folder of all, those within it that stand for volumes, ``--``, the command.
"""

MAY_MOUNT = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
"""Whether this user may have a mount namespace of its own; without, the services may write everywhere."""

CELERY = {"LAKE_DATA_PATH": "s3://lake/kpis/", "LAKE_S3_URL_STYLE": "path", "LAKE_S3_USE_SSL": "false"}
"""Settings of the .env for workers on several machines, but for names and keys."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?error}`` as compose does; ``$$`` is a dollar.

    A default may hold another variable.
    """

    def value(match: re.Match[str]) -> str:
        name, operator, argument = match[1], match[2], match[3]
        if variables.get(name):
            return variables[name]
        assert operator != ":?", f"{name}: {argument}"
        return VARIABLE.sub(value, argument) if operator == ":-" else ""

    return VARIABLE.sub(value, text).replace("$$", "$")


class Compose:
    """The running services.

    Args:
        services: Close and Google.
        folder: stands for /opt/airflow.
        stack: ends the processes.
        workers: how many Celery workers; 0 for the LocalExecutor, and a lake in a folder.
        accounts: their names, with commas.
        environment: of every service, beside what the file says.

    Attributes:
        variables: what .env would hold.
        airflow: the client of its API, logged in.
        postgres: the server of metadata and catalog.
        store: the object store; None without workers.
        volumes: the folders that stand for them.
        restarts: the services that have ended and were started again, in order.
        command_lines: of all processes, as seen while somebody waited.
    """

    def __init__(
        self,
        services: Services,
        folder: Path,
        stack: ExitStack,
        *,
        workers: int,
        accounts: str,
        environment: Mapping[str, str],
    ) -> None:
        self.folder, self.workers, self._stack, self._environment = folder, workers, stack, environment
        self._port = free_port()
        self.restarts: list[str] = []
        self._stopped: list[str] = []
        self.command_lines = set[str]()
        self._running: dict[str, tuple[Process, list[str], dict[str, str]]] = {}
        (folder / "google-key.json").write_text(json.dumps(services.google_key))
        (folder / "airflow.cfg").touch()
        self.variables = {
            "ACCOUNTS": accounts,
            "AIRFLOW_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "AIRFLOW_FERNET_KEY": "Zm9yIHRoaXMgdGVzdCBvbmx5LCB0aGlydHktdHdvIGI=",  # pragma: allowlist secret
            "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
            "CLOSE_API_KEY": services.close_api_key,
            "CLOSE_BASE_URL": services.close_url,
            "POSTGRES_PASSWORD": secrets.token_hex(8),
            "REPORTING_TIMEZONE": "America/New_York",
            "SHEETS_API_ENDPOINT": services.sheets_url,
            "SPREADSHEET_ID": services.spreadsheet_id,
        }
        self.postgres: PostgresServer = stack.enter_context(postgres_server(self.variables["POSTGRES_PASSWORD"]))
        for database in ("airflow", "lake"):
            self.postgres.create_database(database)
        self.store: ObjectStore | None = None
        self._addresses = {
            '"host": "postgres"': f'"host": "127.0.0.1", "port": {self.postgres.port}',
            "@postgres/": f"@127.0.0.1:{self.postgres.port}/",
            "host=postgres port=5432": f"host=127.0.0.1 port={self.postgres.port}",
            "http://api-server:8080": f"http://127.0.0.1:{self._port}",
            "/run/secrets/google_key": str(folder / "google-key.json"),
            "/opt/airflow/": f"{folder}/",
        }
        if workers:
            self._use_celery()
        self._services = yaml.safe_load(interpolate((ROOT / "docker-compose.yaml").read_text(), self.variables))[
            "services"
        ]
        mounts = [mount.split(":") for mount in self._services["scheduler"]["volumes"]]
        self.volumes = [folder / Path(mount[1]).name for mount in mounts if mount[0].isalpha()]
        for volume in self.volumes:
            volume.mkdir()
        self.airflow = AirflowApi(f"http://127.0.0.1:{self._port}")
        stack.callback(self.airflow.close)
        self._start_all()

    def _use_celery(self) -> None:
        password = secrets.token_hex(8)
        broker = self._stack.enter_context(redis_server(f'requirepass {password}\nsave ""'))
        self._addresses["@redis:6379"] = f"@127.0.0.1:{broker}"
        self.store = self._stack.enter_context(object_store("lake"))
        self.variables |= CELERY | {
            "AIRFLOW_EXECUTOR": "CeleryExecutor",
            "LAKE_S3_ENDPOINT": self.store.address,
            "LAKE_S3_KEY_ID": "key",
            "LAKE_S3_SECRET": secrets.token_hex(8),
            "REDIS_PASSWORD": password,
        }

    def _start_all(self) -> None:
        init = subprocess.run(
            self._contained("init", [word.replace("/tmp/", "$TMPDIR/") for word in self._services["init"]["command"]]),
            env=self.environment("init"),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert init.returncode == 0, init.stdout + init.stderr
        for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
            self._start(name, self._services[name]["command"].split(), self.environment(name))
        for number in range(self.workers):
            # Each container has a name and a network of its own.
            name = f"worker-{number}"
            command = [*self._services["worker"]["command"].split(), "--celery-hostname", name]
            self._start(name, command, self.environment("worker"))
        self.wait(self.airflow.is_healthy, "Airflow's health", 180)
        self.airflow.log_in("admin", ADMIN_PASSWORD)

    def environment(self, service: str) -> dict[str, str]:
        """Return a service's environment with this machine's addresses for those inside the containers."""
        values = {}
        for name, value in self._services[service].get("environment", {}).items():
            for inside, here in self._addresses.items():
                value = str(value).replace(inside, here)
            values[name] = value
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "CLOSE_KPIS_"))}
        return {
            **kept,
            **values,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "plugins"),
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__API__HOST": "127.0.0.1",
            # What the image's folders and each container's own network give.
            "AIRFLOW__API__PORT": str(self._port),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
            **self._environment,
        }

    def _start(self, name: str, command: list[str], env: dict[str, str]) -> None:
        airflow = str(Path(sys.executable).parent / "airflow")
        inside = self._contained(name, [airflow, *command])
        process = Process(name, inside, log=self.folder / f"{name}.log", env=env)
        self._stack.callback(process.stop)
        self._running[name] = process, command, env

    def _contained(self, name: str, command: list[str]) -> list[str]:
        """Return the command that runs a service's command with the volumes as all that can be written to."""
        # Containers do not share a /tmp.
        temporary = self.folder / f"tmp-{name}"
        temporary.mkdir(exist_ok=True)
        command = ["env", f"TMPDIR={temporary}", *command]
        if not MAY_MOUNT:
            return command
        writable = [str(temporary), *map(str, self.volumes)]
        return ["unshare", "--mount", "bash", "-ec", READ_ONLY, "bash", str(self.folder), *writable, "--", *command]

    def run(self, command: str) -> None:
        """Do what a line of ``docker compose`` does, as far as the documentation has such lines."""
        words = command.removeprefix("docker compose ").split(" ", 1)
        if words == ["stop"]:
            for name, (process, _, _) in self._running.items():
                process.stop()
                self._stopped.append(name)
            self.postgres.crash()
        elif words == ["up", "-d postgres"]:
            self.postgres.start()
        elif words == ["up", "-d"]:
            self._stopped.clear()
            self.wait(self.airflow.is_healthy, "Airflow's health", 180)
        else:
            service, line = words[1].removeprefix("-T ").split(" ", 1)
            command, env = ["bash", "-ec", line], self.postgres.environment
            if service != "postgres":
                command, env = self._contained(service, command), self.environment(service)
            done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, check=False)
            assert (words[0], done.returncode) == ("exec", 0), f"{command}: {done.stdout}{done.stderr}"

    def kill(self, name: str) -> None:
        """End a service and the tasks in it as the system does when a machine goes; `wait` starts it again."""
        process, _, _ = self._running[name]
        for one in family(process.pid):
            one.kill()

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 600) -> Any:
        """Return the first true value of a condition; services that have ended start again, as Docker starts them.

        Raises:
            DidNotStartError: it did not become true in time.
        """
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise DidNotStartError(f"{what} did not come within {seconds:.0f} s")
            for name, (process, command, env) in list(self._running.items()):
                if name in self._stopped:
                    continue
                try:
                    process.check_alive()
                except DidNotStartError:
                    self.restarts.append(name)
                    self._start(name, command, env)
                self.command_lines |= command_lines(process.pid)
            time.sleep(1)
        return value

    def logs(self) -> str:
        """Return all that services and tasks have logged."""
        return files_below(self.folder, "*.log")
