"""The command ``run``: a real account on one machine, without Docker."""

from __future__ import annotations

import json
import signal
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from close_kpis.commands.errors import CommandError
from close_kpis.links import spreadsheet_id
from close_kpis.paths import INCLUDE
from close_kpis.settings.file import load
from close_kpis.standalone.airflow import Airflow, airflow_env
from close_kpis.standalone.api import DAGS
from close_kpis.standalone.env_file import ADDRESS, EnvFile, close_connection, google_connection, lake_connection
from close_kpis.standalone.follow import Follower, RunFailedError
from close_kpis.standalone.processes import DidNotStartError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from close_kpis.settings.file import Settings

NEEDED = ("AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "CLOSE_API_KEY", "GOOGLE_KEY_FILE")
FIRST = ("sales_kpis", "sheets_publish", "close_sync")
"""The DAGs that bring the first workbook, those that follow before the one that begins."""

PUBLISHED = "published"
"""A file of the state folder: the first workbook is there, all DAGs were switched on. What is paused later stays so."""

START_SECONDS = 600.0
"""How long Airflow may take to start: a small machine, and the migration of its database after an upgrade, are slow."""
LOOK = 5.0
"""Seconds between two looks at the runs."""

FORWARDED = {
    "SYNC_SCHEDULE": "CLOSE_KPIS_SYNC_SCHEDULE",
    "TASK_HOURS": "CLOSE_KPIS_TASK_HOURS",
    "RUN_HOURS": "CLOSE_KPIS_RUN_HOURS",
    "RECONCILE_REQUESTS": "CLOSE_KPIS_RECONCILE_REQUESTS",
    "METADATA_DAYS": "CLOSE_KPIS_METADATA_DAYS",
}
"""Variables of ``.env``, and what the DAGs call them, as in docker-compose.yaml."""


def run(options: argparse.Namespace) -> int:
    """Run Airflow with the account of ``.env`` until it is stopped.

    Returns:
        0 when it was stopped, or published with ``--once``; 1 when a run failed with ``--once``.

    Raises:
        CommandError: something is not set up, the folder or the address is in use, or Airflow did not start or ended.
        SettingsError: the settings are not possible.
    """
    env = EnvFile(options.env)
    values = _values(env)
    settings = load(options.settings)
    state: Path = options.state.resolve()
    # A service's or a shell's background process may ignore SIGINT, and its children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(state / "lock", timeout=0), ExitStack() as stack:
            airflow = Airflow(
                environment(values, env.folder, state, options.settings), values["AIRFLOW_ADMIN_PASSWORD"]
            )
            stack.callback(airflow.stop)
            # A second Ctrl-C must not leave behind what the first one is ending.
            stack.callback(_stop_undisturbed)
            return _run(airflow, state, _workbook(values, settings), once=options.once)
    except Timeout:
        raise CommandError(f"{state} is in use by another make run: stop it first, or name another STATE") from None
    except DidNotStartError as error:
        raise CommandError(f"{error}\n\nLogs: {state}/airflow") from None
    except OSError as error:
        raise CommandError(f"{error.filename or state}: {error.strerror}") from None
    except KeyboardInterrupt:
        say("Stopped. The next start goes on where it was.")
        return 0


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)


def _stop_undisturbed() -> None:
    say("\nStopping ...")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _values(env: EnvFile) -> dict[str, str]:
    values = env.values()
    missing = [name for name in NEEDED if not values.get(name)]
    if missing:
        raise CommandError(
            f"{env.path} does not say {', '.join(missing)}: run make setup (python -m close_kpis setup), which asks"
        )
    return values


def environment(values: Mapping[str, str], folder: Path, state: Path, settings: Path) -> dict[str, str]:
    """Return the environment of Airflow: what docker-compose.yaml gives it, with the folders of one machine.

    Args:
        values: of ``.env``.
        folder: what relative paths in them start from.
        state: the folder that holds everything.
        settings: the kpis.yaml.

    Raises:
        CommandError: somebody else listens where Airflow's UI should, the address is none, or there are several
            accounts.
    """
    if values.get("ACCOUNTS"):
        raise CommandError("ACCOUNTS in .env: make run reports on one account; several need Docker (docs/accounts.md)")
    host, port = _address(values.get("AIRFLOW_ADDRESS") or ADDRESS)
    connections = {
        "close_default": close_connection(values),
        "google_sheets_default": google_connection(values, folder),
        "lake_default": lake_connection(values, state),
    }
    given = {name: value for name, value in values.items() if name.startswith(("AIRFLOW_CONN_", "AIRFLOW__"))}
    return airflow_env(
        state / "airflow",
        INCLUDE.parent,
        **{f"AIRFLOW_CONN_{conn_id.upper()}": json.dumps(fields) for conn_id, fields in connections.items()},
        **given,
        **{ours: values[theirs] for theirs, ours in FORWARDED.items() if values.get(theirs)},
        AIRFLOW__API__BASE_URL=values.get("AIRFLOW_URL") or f"http://{host}:{port}",
        AIRFLOW__API__HOST=host,
        AIRFLOW__API__PORT=str(port),
        AIRFLOW__API_AUTH__JWT_SECRET=values["AIRFLOW_JWT_SECRET"],
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://{host}:{port}/execution/",
        AIRFLOW__CORE__FERNET_KEY=values["AIRFLOW_FERNET_KEY"],
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(state / "airflow" / "logs"),
        # What a stop has cut off is tried again after this, instead of five minutes.
        AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT="120",
        CLOSE_KPIS_ACCOUNTS="",
        CLOSE_KPIS_INCLUDE=str(INCLUDE),
        CLOSE_KPIS_SETTINGS=str(settings.resolve()),
        CLOSE_KPIS_TIMEZONE=values.get("REPORTING_TIMEZONE") or "UTC",
    )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"AIRFLOW_ADDRESS={text} in .env is no address and port, such as {ADDRESS}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CommandError(
                f"Airflow cannot listen on {text}: {error.strerror}. Another program may do: stop it, or name another "
                "port as AIRFLOW_ADDRESS in .env"
            ) from None
    return host, int(port)


def _workbook(values: Mapping[str, str], settings: Settings) -> str:
    """Return the address of the workbook.

    Raises:
        CommandError: neither the settings nor ``.env`` name one.
    """
    from close_kpis.workbook.google.transport import page_url

    found = settings.workbook.spreadsheet_id or spreadsheet_id(values.get("SPREADSHEET_ID", ""))
    if not found:
        raise CommandError("SPREADSHEET_ID in .env is no spreadsheet's id or address: run make setup")
    return page_url(google_connection(values, Path())["extra"]["api_endpoint"], found)


def _run(airflow: Airflow, state: Path, workbook: str, *, once: bool) -> int:
    say("Airflow is starting ...")
    airflow.start()
    airflow.wait_until_healthy(START_SECONDS)
    airflow.create_pools()
    airflow.wait_for_dags(START_SECONDS)
    say(f"\n  Airflow    {airflow.public_url}   login admin, AIRFLOW_ADMIN_PASSWORD of .env")
    follower = Follower(airflow, say)
    is_published = follower.skip_ended()
    if not (state / PUBLISHED).exists():
        for dag_id in FIRST:
            airflow.unpause(dag_id)
        if not is_published:
            say("The first sync reads the whole history; Ctrl-C stops it, and the next start goes on where it was.")
            if not _follow(airflow, follower, once=once):
                return 1
        for dag_id in (*DAGS, "kpi_digest"):
            airflow.unpause(dag_id)
        (state / PUBLISHED).touch()
    say(f"  Workbook   {workbook}\n")
    if once:
        return 0
    say("Ctrl-C stops it all.")
    while True:
        _follow(airflow, follower, once=False)


def _follow(airflow: Airflow, follower: Follower, *, once: bool) -> bool:
    """Tell the runs until a workbook is published; return whether one was.

    Raises:
        DidNotStartError: Airflow has ended.
    """
    while True:
        airflow.check_alive()
        try:
            if follower.look():
                return True
        except RunFailedError as error:
            say(f"\n{error}\n")
            if once:
                return False
            say(f"Mend what it says; then clear the failed task in {airflow.public_url}, or wait for the next run.\n")
        time.sleep(LOOK)
