"""The record of the alarms in the lake: what lasts, and who was told.

What fails is recorded together with the messages that are owed, before one is sent: a process that dies in between
leaves them to the next task that ends. A message is claimed before it is sent and settled once the other side has it,
so that nobody is told twice; one whose sender died in between stays as it is: nobody knows whether it arrived.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from close_kpis.alerts.causes import Alarm
from close_kpis.lake.connection import existing_tables, run_transaction
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from close_kpis.alerts.causes import Cause, Kind
    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.recipients import Transport

Occasion = Literal["alarm", "recovery"]

PATIENCE = 5.0
"""Seconds to wait for another writer of the lake: Airflow ends the process of a task some 20 seconds after the task.
Source: airflow/config_templates, ``[core] task_success_overtime``."""


@dataclass(frozen=True)
class Place:
    """Where an alarm is well again.

    Attributes:
        dag_id: the DAG.
        task_id: the task, empty for what concerns the whole DAG.
        instances: the names of the mapped instance, one of them empty for a task that is not mapped.
        kind: only this one; None for all.
    """

    dag_id: str
    task_id: str
    instances: tuple[str, ...] = ("",)
    kind: Kind | None = None


@dataclass(frozen=True)
class Owed:
    """A message that is to be sent.

    Attributes:
        alarm_id: of the alarm.
        occasion: that it began, or that it is well again.
        transport: how it travels.
        recipient: a channel, the connection of a webhook, or an address.
    """

    alarm_id: str
    occasion: Occasion
    transport: Transport
    recipient: str


def begin(
    con: DuckDBPyConnection,
    lake: LakeConfig,
    cause: Cause,
    alarm: Alarm,
    *,
    run_id: str,
    recipients: Iterable[tuple[Transport, str]],
) -> None:
    """Record that something has failed, and who is to be told; nothing where it lasts already.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        cause: what has failed.
        alarm: what is told.
        run_id: of the DAG run. What fails in it for the same reason is told once.
        recipients: who is to be told.

    Raises:
        LakeError: the lake cannot be written.
    """
    told = {"occasion": "alarm", "content": alarm.to_json(), "queued_at": datetime.now(UTC)}

    def work(con: DuckDBPyConnection) -> None:
        con.execute(statement("alarms.alarms"))
        con.execute(statement("alarms.alarm_messages"))
        same = {"dag_id": cause.dag_id, "task_id": cause.task_id, "kind": cause.kind}
        lasting = con.execute(statement("alarms.open_of_cause"), same).fetchall()
        if any(instance == cause.instance for _, instance, _ in lasting):
            return
        of_this_run = [alarm_id for alarm_id, _, run in lasting if run == run_id]
        alarm_id = of_this_run[0] if of_this_run else uuid4().hex
        row = {**asdict(cause), "alarm_id": alarm_id, "run_id": run_id, "opened_at": told["queued_at"]}
        con.execute(statement("alarms.begin_alarm"), row)
        if not of_this_run:
            _queue(con, alarm_id, told, recipients)

    run_transaction(con, lake, work, PATIENCE)


def end(con: DuckDBPyConnection, lake: LakeConfig, place: Place, alarm: Alarm) -> None:
    """Record that a task is well again, and that whoever was told so is to be told; nothing where nothing lasts.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        place: the task.
        alarm: what is told.

    Raises:
        LakeError: the lake cannot be written.
    """
    where = {**asdict(place), "instances": list(place.instances)}
    if not _has_record(con) or not con.execute(statement("alarms.open_of_task"), where).fetchall():
        return
    told = {"occasion": "recovery", "content": alarm.to_json(), "queued_at": datetime.now(UTC)}

    def work(con: DuckDBPyConnection) -> None:
        lasting = con.execute(statement("alarms.open_of_task"), where).fetchall()
        for alarm_id, instance in lasting:
            values = {"alarm_id": alarm_id, "instance": instance, "closed_at": told["queued_at"]}
            con.execute(statement("alarms.end_alarm"), values)
        for alarm_id in dict.fromkeys(alarm_id for alarm_id, _ in lasting):
            one = {"alarm_id": alarm_id}
            if con.execute(statement("alarms.lasting"), one).fetchall() == [(0,)]:
                heard = con.execute(statement("alarms.told_of_alarm"), one).fetchall()
                con.execute(statement("alarms.forget_owed"), one)
                _queue(con, alarm_id, told, heard)

    run_transaction(con, lake, work, PATIENCE)


def owed(con: DuckDBPyConnection) -> list[tuple[Owed, Alarm]]:
    """Return the messages that are to be sent, in their order."""
    if not _has_record(con):
        return []
    rows = con.execute(statement("alarms.owed")).fetchall()
    return [(Owed(*values), Alarm.from_json(content)) for *values, content in rows]


def claim(con: DuckDBPyConnection, lake: LakeConfig, message: Owed) -> bool:
    """Record that this process begins to send a message.

    Returns:
        False where another one has.
    """
    turn = {**asdict(message), "before": "owed", "after": "sending"}
    return run_transaction(
        con, lake, lambda con: con.execute(statement("alarms.turn_message"), turn).fetchall() == [(1,)], PATIENCE
    )


def settle(con: DuckDBPyConnection, lake: LakeConfig, message: Owed, message_id: str) -> None:
    """Record that a claimed message was sent, under the name that the other side gives it."""
    row = {**asdict(message), "told_at": datetime.now(UTC), "message_id": message_id}
    run_transaction(con, lake, lambda con: con.execute(statement("alarms.settle_message"), row))


def release(con: DuckDBPyConnection, lake: LakeConfig, message: Owed) -> None:
    """Record that a claimed message was not sent."""
    turn = {**asdict(message), "before": "sending", "after": "owed"}
    run_transaction(con, lake, lambda con: con.execute(statement("alarms.turn_message"), turn))


def withdraw(con: DuckDBPyConnection, lake: LakeConfig, message: Owed) -> None:
    """Forget a message to somebody who no longer gets the alarms."""
    run_transaction(con, lake, lambda con: con.execute(statement("alarms.withdraw_message"), asdict(message)), PATIENCE)


def restated_months(con: DuckDBPyConnection, run_id: str) -> tuple[str, int] | None:
    """Return the workbook's address and how many closed months a run's publish has restated, None where it is none."""
    if "published.publishes" not in existing_tables(con):
        return None
    found: tuple[str, int] | None = con.execute(statement("alarms.restated_months"), {"run_id": run_id}).fetchone()
    return found


def _has_record(con: DuckDBPyConnection) -> bool:
    return {"published.alarms", "published.alarm_messages"} <= existing_tables(con)


def _queue(
    con: DuckDBPyConnection, alarm_id: str, told: dict[str, object], recipients: Iterable[tuple[str, str]]
) -> None:
    for transport, recipient in recipients:
        row = {**told, "alarm_id": alarm_id, "transport": transport, "recipient": recipient}
        con.execute(statement("alarms.queue_message"), row)
