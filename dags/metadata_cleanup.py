"""Keep Airflow's own database small: delete what is older than three months.

Once a week, on Sunday at 04:00, runs `airflow db clean`: runs, task instances, XComs, asset events and log entries
older than `METADATA_DAYS` days (default 90) go; the last run of each DAG stays. Nothing of the lake or the workbook is
in that database.

Airflow keeps tasks from its database, so the command needs the connection `airflow_metadata`: type `postgres`, with the
host, the schema (the database), the login and the password of Airflow's setting `sql_alchemy_conn`. The compose file
and `make run` bring it. Without it, and with `METADATA_DAYS=0`, runs are skipped.

**Known effect**: of a DAG whose runs are scheduled by partitions, the last one may be scheduled once more after its run
was deleted. It finds nothing new and ends in its first task.

**Parameters**: none.

**Run**: by itself, or by hand:

    airflow dags trigger metadata_cleanup

**Backfill**: not possible, and never needed: a run does what is due now.

The DAG is created unpaused. There is one, however many accounts there are; whom the first account's `alerts` name is
told of a failure.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Connection, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from close_kpis.accounts import ACCOUNTS
from close_kpis.dag_defaults import METADATA_DAYS, TIMEZONE, dag_arguments


@task(doc="Delete what is old in Airflow's metadata database, by Airflow's own command.")
def clean_metadata() -> str:
    """Return the first day (ISO 8601, UTC) of which everything was kept."""
    from close_kpis import metadata

    try:
        conn = Connection.get(metadata.CONN_ID)
    except AirflowNotFoundException:
        raise AirflowSkipException(f"There is no connection {metadata.CONN_ID}") from None
    if not METADATA_DAYS:
        raise AirflowSkipException("METADATA_DAYS is 0: everything is kept")
    before = (datetime.now(UTC) - timedelta(days=METADATA_DAYS)).date()
    metadata.clean(conn, before)
    return before.isoformat()


with DAG(
    **dag_arguments(ACCOUNTS[0], "metadata_cleanup", __doc__) | {"dag_id": "metadata_cleanup", "tags": ["maintenance"]},
    schedule=CronTriggerTimetable("0 4 * * 0", timezone=TIMEZONE),
    is_paused_upon_creation=False,
):
    clean_metadata()
