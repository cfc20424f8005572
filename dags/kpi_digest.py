"""Send the digest to Slack and by mail.

Tells each audience of the section `digest` in `kpis.yaml` what the published workbook says: the KPIs of the last
completed month with their change, the running month to date, a picture, what changed, and a link to the workbook.
Weekly digests are due on a day and hour of each week, monthly ones on a day and hour of each month for the month that
has ended, both in the reporting zone. Only numbers that were published are told.

The DAG looks every hour whether one is due; most runs are skipped in their first task. Where the last sync is late, a
check has stopped the numbers or they are stale, the audience is told so, once, in place of the digest; the digest
follows if that is put right within two days (of a monthly one: seven).

**Sent once**: each message is recorded in `published.digests` of the lake before it is sent and once it was. A task
that is cleared or tried again sends nothing that is recorded. One that died while it was sending fails from then on and
says so: nobody knows whether that message arrived.

**Parameters**: `dry_run` logs what would be sent to every audience now, sends nothing and records nothing. `audience`:
only this one. `send_unsure`: send, too, what a try that died may have sent; only after looking whether it arrived.

**Run**: by itself, once you have named an audience in `kpis.yaml`, created the connections `slack_default` (Slack API:
the bot's token) and `smtp_default` (SMTP), and switched the DAG on. By hand, to look at it first:

    airflow dags trigger kpi_digest --conf '{"dry_run": true}'

`python -m close_kpis digest --preview out.html` shows the same with its looks.

**Backfill**: not possible; a digest tells the numbers of now.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from close_kpis.accounts import ACCOUNTS, LAKE_POOL, Account
from close_kpis.dag_defaults import (
    SLACK_CONN,
    SMTP_CONN,
    TIMEZONE,
    compare_zones,
    dag_arguments,
    lake,
)
from close_kpis.digest import send
from close_kpis.digest.messages import Message
from close_kpis.settings import file


@task(doc="Say which messages are due and were not sent; none: skip the run.")
def find_messages(account_name: str) -> list[dict[str, str]]:
    """Return the messages as plain values."""
    params, settings = get_current_context()["params"], file.load(Account(account_name).settings_file)
    compare_zones(settings.timezone)
    try:
        found = send.find_messages(
            lambda: lake(Account(account_name)),
            settings,
            audience=params["audience"],
            dry_run=params["dry_run"],
            send_unsure=params["send_unsure"],
        )
    except send.NothingToSendError as nothing:
        raise AirflowSkipException(str(nothing)) from None
    return [asdict(message) for message in found]


@task(
    map_index_template="{{ task.op_kwargs['message']['audience'] }}: {{ task.op_kwargs['message']['recipient'] }}",
    doc="Send one message and record it, unless it was sent before.",
)
def send_message(message: dict[str, Any], account_name: str) -> str:
    """Return what the other side calls the message."""
    context, of = get_current_context(), Account(account_name)
    params = context["params"]
    way = send.Way(
        SLACK_CONN,
        SMTP_CONN,
        of.sheets_conn,
        dry_run=params["dry_run"],
        send_unsure=params["send_unsure"],
    )
    try:
        return send.send_message(
            lake(of), file.load(of.settings_file), Message(**message), way, run_id=context["run_id"]
        )
    except send.NothingToSendError as nothing:
        raise AirflowSkipException(str(nothing)) from None


for account in ACCOUNTS:
    with DAG(
        **dag_arguments(account, "kpi_digest", __doc__, "digest", "publish"),
        schedule=CronTriggerTimetable("0 * * * *", timezone=TIMEZONE),
        params={
            "dry_run": Param(
                False,
                type="boolean",
                title="Dry run",
                description="Log what would be sent to every audience now; send and record nothing.",
            ),
            "audience": Param(
                None, type=["null", "string"], title="Audience", description="Only this one, by its name in kpis.yaml."
            ),
            "send_unsure": Param(
                False,
                type="boolean",
                title="Send what is unsure",
                description="Send, too, what a try that died may have sent: it may arrive twice.",
            ),
        },
    ):
        send_message.override(pool=account.prefixed(LAKE_POOL)).partial(account_name=account.name).expand(
            message=find_messages(account.name)
        )
