"""What the scheduler loads once, so that each of its tasks does not load it again."""

from __future__ import annotations

from importlib import import_module

from airflow.listeners import hookimpl

LIBRARIES = ("duckdb", "pandas", "scipy.stats")
"""What most tasks use. DuckDB imports pandas with the first query that has parameters, which alone takes longer than
many a task's own work."""


@hookimpl
def on_starting(component: object) -> None:
    """Load the libraries in a scheduler that starts: a LocalExecutor's tasks are forks of it.

    Our own modules are left out: a task reads them as they are by then, as it does its DAG file.

    Source: https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/listeners.html
    """
    # Told by its name: the class would load Airflow's database models into each task.
    if type(component).__name__ == "Job":
        for name in LIBRARIES:
            import_module(name)
