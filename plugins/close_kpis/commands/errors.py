"""What a command says when it cannot answer."""

from __future__ import annotations


class CommandError(ValueError):
    """The question does not fit the account, or the answer cannot be put where it was asked for."""


def no_connection(conn_id: str) -> CommandError:
    """Return what to say when Airflow does not know a connection."""
    return CommandError(
        f"Airflow has no connection {conn_id}: define it in Airflow's UI (Admin > Connections) or as the environment "
        f"variable AIRFLOW_CONN_{conn_id.upper()}"
    )
