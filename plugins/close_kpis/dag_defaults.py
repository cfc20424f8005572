"""What the DAGs share: assets, pools, retries, alarms, the time zone of the schedules."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import (  # type: ignore[attr-defined] # its stub lacks DeadlineAlert and SyncCallback
    Asset,
    DeadlineAlert,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    SyncCallback,
    get_current_context,
)

from close_kpis.alerts.deadline import SyncDeadline
from close_kpis.alerts.notifier import Notifier, tell_late
from close_kpis.close.errors import CloseAuthError, CloseCursorError, CloseRateLimited, CloseRequestError
from close_kpis.kpis.candidate import StaleCandidateError
from close_kpis.kpis.checks import GateError
from close_kpis.messaging.errors import MessageRefusedError, MessageUnsureError
from close_kpis.month import MONTH_PATTERN, NoMonthError
from close_kpis.publishing.snapshot import NothingToPublishError
from close_kpis.reporting import PipelineError, logger
from close_kpis.settings.errors import SettingsError
from close_kpis.sync.extraction import WrongAccountError
from close_kpis.workbook.google.errors import SheetsAccessError, SheetsConfigError, WorkbookTooLargeError

if TYPE_CHECKING:
    from close_kpis.accounts import Account
    from close_kpis.lake.config import LakeConfig

log = logger(__name__)


class NoInstantError(PipelineError, ValueError):
    """A run does not say up to which instant it reads."""


SLACK_CONN = "slack_default"
SMTP_CONN = "smtp_default"
"""Who is told goes through one Slack app and one mail server, whatever account it is about."""


def raw_synced(account: Account) -> Asset:
    """Return the asset that a sync announces."""
    return _asset(account, "close_raw_synced", "raw.* brought up to date; key: the running month")


def raw_month(account: Account) -> Asset:
    """Return the asset that a month announces which was read again."""
    return _asset(account, "close_raw_month", "one month of raw.* read again completely; key: that month")


def kpis(account: Account) -> Asset:
    """Return the asset that a computation announces."""
    return _asset(account, "sales_kpis", "kpi.*, computed whole and released; key: the month that was announced")


def _asset(account: Account, name: str, what: str) -> Asset:
    return Asset(account.prefixed(name), extra={"what": what})


TIMEZONE = os.environ.get("CLOSE_KPIS_TIMEZONE") or "UTC"
"""The time zone of the schedules, and only of them: when a day's and a month's run is due.

It should be the ``timezone`` of kpis.yaml. It comes from the environment because a schedule is fixed
when the DAG file is read, every few seconds, and reading a DAG file must not touch the disk or fail
with a broken kpis.yaml. The numbers do not depend on it: tasks read the zone of kpis.yaml.
"""


def _cron(name: str, default: str) -> str:
    """Return a schedule that the environment names, as a cron expression of five fields.

    Raises:
        ValueError: it names something else; Airflow shows that as the import error of the DAGs.
    """
    from croniter import croniter  # type: ignore[import-untyped]

    said = " ".join((os.environ.get(name) or default).split())
    if len(said.split()) != 5 or not croniter.is_valid(said):
        raise ValueError(
            f"{name}={said!r} is no cron expression of minute, hour, day, month and weekday, such as {default!r} "
            "(daily at six) or '0 * * * *' (hourly)"
        )
    return said


SYNC_SCHEDULE = _cron("CLOSE_KPIS_SYNC_SCHEDULE", "0 6 * * *")
"""When close_sync runs, in `TIMEZONE`. From the environment for the same reason as the zone."""

MOST_HOURS = 365 * 24


def _number(name: str, default: int, what: str, *, least: int = 0, most: int) -> int:
    """Return a whole number that the environment names.

    Raises:
        ValueError: it names something else; Airflow shows that as the import error of the DAGs.
    """
    said = os.environ.get(name) or str(default)
    if not said.isdecimal() or not least <= int(said) <= most:
        raise ValueError(f"{name}={said!r} is no number of {what} from {least} to {most}, such as {default}")
    return int(said)


def _hours(name: str, default: int) -> timedelta:
    return timedelta(hours=_number(name, default, "hours", least=1, most=MOST_HOURS))


TASK_TIMEOUT = _hours("CLOSE_KPIS_TASK_HOURS", 24)
"""After this a try of a task ends and counts as failed. The first load of ten years of a large account takes some
hours at Close's rate limits; what it has stored is not read again."""

RUN_TIMEOUT = _hours("CLOSE_KPIS_RUN_HOURS", 96)
"""After this a run ends as failed, so that the next ones, which wait for it, go on."""

METADATA_DAYS = _number("CLOSE_KPIS_METADATA_DAYS", 90, "days", most=3_650)
"""How long Airflow's own database keeps runs and logs; 0 for ever."""

RECONCILE_REQUESTS = _number("CLOSE_KPIS_RECONCILE_REQUESTS", 2_000, "requests", most=1_000_000)
"""How many requests a week's comparison of the lake with Close may take: with 200 leads or 100 calls each some minutes
at Close's rate limits."""

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[CloseRateLimited],
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=5),
            reason="The API's limit is used up; the client has waited as long as it may",
        ),
        RetryRule(
            exception=[CloseCursorError],
            action=RetryAction.RETRY,
            reason="A search that took too long starts again",
        ),
        RetryRule(
            exception=[CloseAuthError, CloseRequestError, SheetsAccessError, MessageRefusedError],
            action=RetryAction.FAIL,
            reason="Refused, and will be refused again: mend the connection or the access",
        ),
        RetryRule(
            exception=[
                NoInstantError,
                NoMonthError,
                SettingsError,
                WrongAccountError,
                GateError,
                StaleCandidateError,
                NothingToPublishError,
                SheetsConfigError,
                WorkbookTooLargeError,
                MessageUnsureError,
            ],
            action=RetryAction.FAIL,
            reason="The settings or the data have to change first",
        ),
    ],
)
"""What trying again cannot mend fails at once; everything else (429, 5xx, a dropped connection, a lock)
is tried again. The first rule that matches counts."""


def alarms(account: Account) -> Notifier:
    """Return what tells the failures of an account to those whom its kpis.yaml names."""
    return Notifier(account.name, SLACK_CONN, SMTP_CONN)


def sync_deadline(account: Account) -> DeadlineAlert:
    """Return what tells that a sync takes longer than the account's kpis.yaml allows."""
    return DeadlineAlert(
        reference=SyncDeadline(account.name),
        interval=timedelta(0),
        callback=SyncCallback(tell_late, kwargs=asdict(alarms(account))),
        name="The sync is late",
    )


def dag_arguments(account: Account, name: str, doc: str, *tags: str) -> dict[str, Any]:
    """Return what every DAG is made with: one run at a time, nothing caught up, and what its tasks have.

    Args:
        account: whose DAG it is.
        name: of the DAG, without the account's.
        doc: of its file.
        tags: of the DAG; the UI lists the DAGs of one account by its name.
    """
    return {
        "dag_id": account.prefixed(name),
        "doc_md": account.told(doc),
        "catchup": False,
        "max_active_runs": 1,
        "default_args": default_args(account),
        "dagrun_timeout": RUN_TIMEOUT,
        "tags": [*tags, *filter(None, [account.name])],
    }


def default_args(account: Account) -> dict[str, Any]:
    """Return what holds for every task of an account."""
    told = alarms(account)
    return {
        "owner": "revops",
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": RETRY_POLICY,
        "execution_timeout": TASK_TIMEOUT,
        "on_failure_callback": told.on_failure,
        "on_success_callback": told.on_success,
        "on_skipped_callback": told.on_success,
    }


def lake(account: Account) -> LakeConfig:
    """Return the lake of an account."""
    from close_kpis.lake.hook import LakeHook

    return LakeHook(account.lake_conn).config


def compare_zones(settings_zone: str) -> None:
    """Warn, in a task's log, where the schedules run in another time zone than the settings name."""
    if settings_zone != TIMEZONE:
        log.warning(
            "The schedules run in %s, the settings say %s: set CLOSE_KPIS_TIMEZONE=%s for Airflow",
            TIMEZONE,
            settings_zone,
            settings_zone,
        )


def read_as_of(as_of: str | None, task_id: str) -> datetime:
    """Return the instant that a task returned as ISO 8601.

    Raises:
        NoInstantError: it returned none, because it was marked as successful by hand.
    """
    if not as_of:
        raise NoInstantError(
            f"the task {task_id} of this run has not said up to which instant to read: it was marked as successful "
            f"without running. Clear {task_id}; the tasks after it follow"
        )
    return datetime.fromisoformat(as_of)


def accept_missing_param() -> Param:
    """Return the parameter ``accept_missing`` of a DAG that compares streams with Close."""
    return Param(
        False,
        type="boolean",
        title="Accept missing records",
        description="Take records that the API key no longer sees as deleted.",
    )


def accepts_missing() -> bool:
    """Whether the run of this task has the parameter of `accept_missing_param`."""
    return bool(get_current_context()["params"]["accept_missing"])


def month_param() -> Param:
    """Return the parameter ``month`` of a DAG whose runs are for a month.

    A run that Airflow starts carries its month as partition key. The parameter is for runs
    started by hand without one.
    """
    return Param(
        None,
        type=["null", "string"],
        pattern=MONTH_PATTERN,
        title="Month",
        description="YYYY-MM. Only for a run started by hand without a partition key.",
    )
