"""What an alarm is about, in words: read from the context that Airflow gives a callback."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from close_kpis.messaging.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["gate", "quota", "refused", "failure", "late", "restated"]

LONGEST_ERROR = 1500
"""Characters of an error's text that a message shows; the log has all of it."""

LONGEST_RECORD = 300
"""Characters of a record that a check found."""

_OURS = "close_kpis."


@dataclass(frozen=True)
class Cause:
    """What has failed: one alarm as long as it lasts.

    Attributes:
        dag_id: the DAG.
        task_id: the task, empty for what concerns the whole DAG.
        instance: which of its mapped instances, empty for a task that is not mapped.
        kind: why, as far as the remedy differs.
    """

    dag_id: str
    task_id: str
    instance: str
    kind: Kind


@dataclass(frozen=True)
class Alarm:
    """A message, in plain values.

    Attributes:
        subject: in a line.
        text: what has happened.
        records: the first records of a check, each with its lead's address in Close, empty where it has none.
        remedy: what to do, empty where the text says it.
        url: where the run stands in Airflow's UI.
    """

    subject: str
    text: str
    records: tuple[tuple[str, str], ...]
    remedy: str
    url: str

    def to_json(self) -> str:
        """Return the message as text for the record."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Alarm:
        """Return the message that `to_json` has written."""
        values = json.loads(text)
        return cls(**{**values, "records": tuple((said, url) for said, url in values["records"])})


def failure_of(context: Mapping[str, Any]) -> tuple[Cause, Alarm]:
    """Return the cause and the message of a task that has failed for good.

    Args:
        context: of ``on_failure_callback``. Its ``exception`` is what the task raised; there is none where a process
            was killed: then the scheduler has the callback run by the DAG processor.
            Source: airflow/dag_processing/processor.py, ``_execute_task_callbacks``.
    """
    ti, error = context["ti"], context.get("exception")
    instance = instances_of(ti)[0]
    kind, subject = _classified(error, instance)
    where = _where(ti.task_id, instance)
    records, remedy = _violations(error)
    alarm = Alarm(
        subject=f"{ti.dag_id}: {subject or f'the task {where} has failed'}",
        text=f"{_story(error, is_checked=bool(records))} Task: {where}.",
        records=records,
        remedy=remedy or _REMEDIES[kind],
        url=ti.log_url,
    )
    return Cause(ti.dag_id, ti.task_id, instance, kind), alarm


def recovery_of(context: Mapping[str, Any], what: str = "") -> Alarm:
    """Return the message that something is well again.

    Args:
        context: of ``on_success_callback``.
        what: in words; empty for the task itself.
    """
    ti = context["ti"]
    what = what or _where(ti.task_id, instances_of(ti)[0])
    return Alarm(f"Well again: {ti.dag_id}: {what}", "What was told of it is over.", (), "", ti.log_url)


def lateness_of(dag_id: str, run_id: str, hours: int) -> tuple[Cause, Alarm]:
    """Return the cause and the message of a run that has missed its deadline.

    Args:
        dag_id: the DAG.
        run_id: the run.
        hours: what the deadline allows.
    """
    alarm = Alarm(
        subject=f"{dag_id}: the sync with Close is late",
        text=f"The run {run_id} has not ended within {hours} hour{'s' if hours > 1 else ''}. "
        "Until it has, the workbook shows the numbers of the sync before.",
        records=(),
        remedy="Look at which of its tasks runs or waits. The first load of a large account takes some hours; later "
        "syncs take minutes. alerts.sync_deadline_hours in kpis.yaml says when one is late.",
        url=run_url(dag_id, run_id),
    )
    return Cause(dag_id, "", "", "late"), alarm


def restatement_of(context: Mapping[str, Any], months: int, limit: int, workbook: str) -> tuple[Cause, Alarm]:
    """Return the cause and the message of a publish that has restated many closed months.

    Args:
        context: of ``on_success_callback``.
        months: how many.
        limit: how many are no news.
        workbook: its address.
    """
    ti, counted = context["ti"], "1 closed month was" if months == 1 else f"{months} closed months were"
    alarm = Alarm(
        subject=f"{ti.dag_id}: {counted} restated",
        text="The publish has changed values that were published of these months before. "
        f"Up to {limit} are no news (alerts.restated_months in kpis.yaml).",
        records=(("The tab Changes lists each value with its cause", workbook),),
        remedy="Look whether somebody has changed many old records in Close, or the settings in kpis.yaml.",
        url=ti.log_url,
    )
    return Cause(ti.dag_id, "", "", "restated"), alarm


def instances_of(ti: Any) -> list[str]:
    """Return the names of a mapped task's instance: what the UI calls it, and its number; of another task an empty one.

    A process that was killed has told its number only.
    """
    if ti.map_index is None or ti.map_index < 0:
        return [""]
    named = getattr(ti, "rendered_map_index", None)
    return [*([str(named)] if named else []), str(ti.map_index)]


def run_url(dag_id: str, run_id: str) -> str:
    """Return where a run stands in Airflow's UI."""
    from airflow.sdk.configuration import conf

    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    return f"{base}/dags/{quote(dag_id)}/runs/{quote(run_id)}"


def shown_error(error: object) -> str:
    """Return what a message or a log may say of an error: its text only where it is of ours.

    Ours name no secret; a library's can hold an address with a key in it.
    """
    from airflow.sdk.log import redact  # type: ignore[attr-defined] # not named in its __all__

    if not type(error).__module__.startswith(_OURS):
        return type(error).__name__
    return plain_text(str(redact(str(error))), LONGEST_ERROR)


_REMEDIES: dict[Kind, str] = {
    "gate": "",
    "quota": "It was tried again as often as it may. Clear the task later; what was read is not read again.",
    "refused": "Mend the access, then clear the task.",
    "failure": "Look at the log, mend what it says, then clear the task.",
}


def _where(task_id: str, instance: str) -> str:
    return f"{task_id} ({plain_text(instance)})" if instance else task_id


def _classified(error: object, instance: str) -> tuple[Kind, str]:
    """Return an error's kind and what to call it; empty for any failure of a task."""
    from close_kpis.close.errors import CloseAuthError, CloseRateLimited
    from close_kpis.kpis.checks import NAMES_RULE, GateError
    from close_kpis.messaging.errors import MessageRefusedError
    from close_kpis.settings.errors import SettingsError
    from close_kpis.workbook.google.errors import SheetsAccessError, SheetsProtectedError, SheetsQuotaError

    match error:
        case GateError(violations=found) if found:
            return "gate", f"a check has stopped the publish ({', '.join(one.rule for one in found)})"
        case GateError():
            return "gate", "a check has stopped the publish"
        case SettingsError() if instance == NAMES_RULE:
            return "gate", f"a check has stopped the publish ({NAMES_RULE})"
        case CloseRateLimited():
            return "quota", "Close's rate limit is used up"
        case SheetsQuotaError():
            return "quota", "Google's quota is used up"
        case CloseAuthError():
            return "refused", "Close refuses access"
        case SheetsAccessError() | SheetsProtectedError():
            return "refused", "Google refuses access"
        case MessageRefusedError():
            return "refused", "Slack or the mail server refuses a message"
    return "failure", ""


def _violations(error: object) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the records that a check found, and the remedy."""
    from close_kpis.kpis.checks import GateError

    if not isinstance(error, GateError):
        return (), ""
    records = [(plain_text(one.text, LONGEST_RECORD), one.url) for found in error.violations for one in found.sample]
    remedies = " ".join(found.remedy for found in error.violations)
    return tuple(records), plain_text(remedies, LONGEST_ERROR)


def _story(error: object, *, is_checked: bool) -> str:
    from close_kpis.kpis.checks import GateError

    if error is None or isinstance(error, str):
        return "It ended without an error of its own: its process was killed, or its machine was lost."
    if isinstance(error, GateError) and is_checked:
        counts = ", ".join(f"{found.rule}: {found.count:,}" for found in error.violations)
        return f"Nothing was published, because the numbers do not hold. Records that violate the rule: {counts}."
    shown = shown_error(error)
    if not type(error).__module__.startswith(_OURS):
        return f"{shown}; its text stands in the log of the task."
    return f"{shown.rstrip('.')}."
