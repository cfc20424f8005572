"""What Airflow calls when a task has ended or a run is late.

The callbacks of a task run in its process once its state is told to the scheduler, so that they delay nothing that
follows; that of a killed task runs in the DAG processor, that of a missed deadline in the executor. No error of theirs
leaves them. Source: airflow/sdk/execution_time/task_runner.py, ``finalize``; airflow/dag_processing/processor.py;
airflow/sdk/execution_time/callback_supervisor.py.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from close_kpis.reporting import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.alerts.causes import Alarm, Cause
    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.alerts import Alerts

log = logger(__name__)


@dataclass(frozen=True)
class Notifier:
    """Tells those whom the section ``alerts`` of kpis.yaml names; nobody where it names nobody.

    Attributes:
        account: the name of the `Account` whose tasks it looks after; its lake keeps the record.
        slack_conn_id: of the Slack bot.
        mail_conn_id: of the SMTP server.
    """

    account: str
    slack_conn_id: str
    mail_conn_id: str

    def on_failure(self, context: Mapping[str, Any]) -> None:
        """Tell that a task has failed for good; ``on_failure_callback`` of every task."""
        _without_error(lambda: self._failed(context))

    def on_success(self, context: Mapping[str, Any]) -> None:
        """Tell that a task is well again, and what a publish has restated; also of a task that had nothing to do."""
        _without_error(lambda: self._succeeded(context))

    def on_late(self, dag_run: Mapping[str, Any]) -> None:
        """Tell that a run has missed its deadline.

        Args:
            dag_run: the run as the scheduler describes it. Source: airflow/models/deadline.py, ``handle_miss``.
        """
        _without_error(lambda: self._late(dag_run))

    def _failed(self, context: Mapping[str, Any]) -> None:
        from close_kpis.alerts.causes import failure_of

        if recipients := self._alerts().recipients():
            self._tell(*failure_of(context), run_id=context["ti"].run_id, recipients=recipients)

    def _late(self, dag_run: Mapping[str, Any]) -> None:
        from close_kpis.alerts.causes import lateness_of

        alerts = self._alerts()
        # A run that has failed was told when it did.
        if (recipients := alerts.recipients()) and dag_run["state"] != "failed":
            run_id = dag_run["dag_run_id"]
            told = lateness_of(dag_run["dag_id"], run_id, alerts.sync_deadline_hours)
            self._tell(*told, run_id=run_id, recipients=recipients)

    def _tell(self, cause: Cause, alarm: Alarm, *, run_id: str, recipients: list[Any]) -> None:
        """Record an alarm and send what is owed; where the lake cannot keep a record, tell it once a run."""
        from close_kpis.alerts import outbox, record
        from close_kpis.alerts.causes import shown_error

        way = outbox.Way(self.slack_conn_id, self.mail_conn_id)
        with ExitStack() as opened:
            try:
                lake, con = self._open()
                opened.enter_context(closing(con))
                record.begin(con, lake, cause, alarm, run_id=run_id, recipients=recipients)
            except Exception as error:
                log.warning("The lake keeps no record of this alarm (%s): it is told once a run", shown_error(error))
                if _is_first(cause, run_id):
                    outbox.send_now(alarm, way, recipients, f"{run_id}.{cause.task_id}.{cause.kind}")
                return
            outbox.deliver(con, lake, way, recipients)

    def _succeeded(self, context: Mapping[str, Any]) -> None:
        from close_kpis.alerts import outbox, record
        from close_kpis.alerts.causes import instances_of, recovery_of

        alerts = self._alerts()
        if not (recipients := alerts.recipients()):
            return
        ti, is_last = context["ti"], not context["task"].downstream_task_ids
        lake, con = self._open()
        with closing(con):
            place = record.Place(ti.dag_id, ti.task_id, tuple(instances_of(ti)))
            record.end(con, lake, place, recovery_of(context))
            if is_last:
                ended = recovery_of(context, "the sync has ended")
                record.end(con, lake, record.Place(ti.dag_id, "", kind="late"), ended)
                self._compare(con, lake, context, alerts)
            outbox.deliver(con, lake, outbox.Way(self.slack_conn_id, self.mail_conn_id), recipients)

    def _compare(self, con: DuckDBPyConnection, lake: LakeConfig, context: Mapping[str, Any], alerts: Alerts) -> None:
        """Record whether a publish has restated more closed months than are no news."""
        from close_kpis.alerts import record
        from close_kpis.alerts.causes import recovery_of, restatement_of

        ti = context["ti"]
        found = record.restated_months(con, ti.run_id)
        if found is None:
            return
        workbook, months = found
        if months > alerts.restated_months:
            told = restatement_of(context, months, alerts.restated_months, workbook)
            record.begin(con, lake, *told, run_id=ti.run_id, recipients=alerts.recipients())
        else:
            few = recovery_of(context, f"the last publish restated {months} closed months")
            record.end(con, lake, record.Place(ti.dag_id, "", kind="restated"), few)

    def _open(self) -> tuple[LakeConfig, DuckDBPyConnection]:
        from close_kpis.accounts import Account
        from close_kpis.lake.connection import connect
        from close_kpis.lake.hook import LakeHook

        lake = LakeHook(Account(self.account).lake_conn).config
        return lake, connect(lake)

    def _alerts(self) -> Alerts:
        from close_kpis.accounts import Account
        from close_kpis.settings.alerts import load_alerts

        return load_alerts(Account(self.account).settings_file)


def tell_late(
    context: Mapping[str, Any] | None = None,
    *,
    account: str = "",
    slack_conn_id: str,
    mail_conn_id: str,
    lake_conn_id: str = "",
) -> None:
    """Tell that a run has missed its deadline: what a ``SyncCallback`` names.

    Args:
        context: holds ``dag_run`` and ``deadline``.
        account: as of `Notifier`.
        slack_conn_id: as of `Notifier`.
        mail_conn_id: as of `Notifier`.
        lake_conn_id: what the version before named in place of the account, for a run that it has begun.
    """
    del lake_conn_id
    Notifier(account, slack_conn_id, mail_conn_id).on_late((context or {})["dag_run"])


def _without_error(tell: Callable[[], None]) -> None:
    """Call, and log what goes wrong: an alarm that cannot be told must not make a task fail."""
    from close_kpis.alerts.causes import shown_error

    try:
        tell()
    except Exception as error:
        log.error("The alarms could not be looked after: %s", shown_error(error))


def _is_first(cause: Cause, run_id: str) -> bool:
    """Say whether nobody on this machine has told a cause of a run before: there is no lake to ask."""
    import hashlib
    import json
    import os
    import tempfile
    from pathlib import Path

    told = {**asdict(cause), "instance": "", "run_id": run_id}
    name = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"close-kpis-alarms-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / name).touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        return True
    return True
