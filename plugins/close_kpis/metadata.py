"""Airflow's metadata database: what is old in it is deleted by Airflow's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from close_kpis.masking import keep_secret
from close_kpis.reporting import PipelineError, logger, one_line

if TYPE_CHECKING:
    from datetime import date

    from airflow.sdk import Connection

log = logger(__name__)

CONN_ID = "airflow_metadata"

HIDDEN = {"AIRFLOW__CORE__SQL_ALCHEMY_CONN", "_AIRFLOW_PROCESS_CONTEXT"}
"""Variables by which Airflow keeps a task, and what it starts, from the metadata database."""


class MetadataError(PipelineError):
    """The metadata database could not be cleaned."""


def clean(conn: Connection, before: date) -> None:
    """Delete runs, task instances, XComs, events and logs that are older than a day, by ``airflow db clean``.

    The last run of each DAG stays. Airflow keeps tasks from its database, so the command needs a connection to it.

    Args:
        conn: to the metadata database: of type ``postgres``, or ``sqlite`` with the file as its host.
        before: the first day that is kept (UTC).

    Raises:
        MetadataError: the connection is of another type, or the command failed; with its last lines.
    """
    keep_secret(conn.password)
    command = ["db", "clean", "--clean-before-timestamp", before.isoformat(), "--skip-archive", "--yes"]
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *command],
        env={**kept, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _url(conn)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [one_line(line) for line in done.stdout.splitlines()]
    if done.returncode:
        raise MetadataError(
            f"airflow db clean ended with {done.returncode}; correct the Airflow connection {CONN_ID} if it does not "
            "lead to Airflow's metadata database:\n" + "\n".join(lines[-10:])
        )
    for line in lines:
        log.info("%s", line)


def _url(conn: Connection) -> str:
    if conn.conn_type == "sqlite":
        return f"sqlite:///{conn.host}"
    if conn.conn_type not in {"postgres", "postgresql"}:
        raise MetadataError(
            f"the Airflow connection {CONN_ID} is of type {conn.conn_type}: make it postgres, with host, schema "
            "(the database), login and password as in Airflow's own setting sql_alchemy_conn"
        )
    login, password = (quote(text or "", safe="") for text in (conn.login, conn.password))
    port = f":{conn.port}" if conn.port else ""
    return f"postgresql+psycopg2://{login}:{password}@{conn.host}{port}/{conn.schema}"
