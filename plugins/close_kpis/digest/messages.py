"""The record of what was sent: a message is claimed before it is sent, and settled once the other side has it.

A try that dies in between leaves its claim, and whoever comes after it does not send: a digest that did not arrive can
be sent by hand, one that arrived twice cannot be taken back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from close_kpis.lake.connection import existing_tables, run_transaction
from close_kpis.lake.sql import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from close_kpis.lake.config import LakeConfig
    from close_kpis.settings.recipients import Transport

Kind = Literal["digest", "notice"]


@dataclass(frozen=True)
class Message:
    """One message to one recipient.

    Attributes:
        audience: its name in kpis.yaml.
        period: of the digest, from `schedule.Due`.
        kind: the digest, or the notice that says why it was not sent.
        transport: how it travels.
        recipient: a channel, the connection of a webhook, or an address.
    """

    audience: str
    period: str
    kind: Kind
    transport: Transport
    recipient: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells it from the others of its audience and period."""
        return self.kind, self.transport, self.recipient


@dataclass(frozen=True)
class Recorded:
    """What is recorded of a message.

    Attributes:
        is_sent: whether the other side has confirmed it.
        at: when it was sent, or when the try began (UTC).
    """

    is_sent: bool
    at: datetime


def recorded(con: DuckDBPyConnection, audience: str, period: str) -> dict[tuple[str, str, str], Recorded]:
    """Return what is recorded of an audience's period, by `Message.place`."""
    if "published.digests" not in existing_tables(con):
        return {}
    rows = con.execute(statement("digest.messages"), {"audience": audience, "period": period}).fetchall()
    return {
        (kind, transport, recipient): Recorded(state == "sent", sent_at or claimed_at)
        for kind, transport, recipient, state, claimed_at, sent_at in rows
    }


def claim(
    con: DuckDBPyConnection, lake: LakeConfig, message: Message, *, run_id: str, publish_id: int | None
) -> Recorded | None:
    """Record that a try begins to send, unless another one has.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        message: the message.
        run_id: of the DAG run.
        publish_id: whose numbers it tells, None for a notice.

    Returns:
        None where it is this try's now; else what is recorded of it.
    """
    row = {**asdict(message), "claimed_at": datetime.now(UTC), "run_id": run_id, "publish_id": publish_id}

    def work(con: DuckDBPyConnection) -> Recorded | None:
        con.execute(statement("digest.digests"))
        found = recorded(con, message.audience, message.period).get(message.place)
        if found is None:
            con.execute(statement("digest.claim"), row)
        return found

    return run_transaction(con, lake, work)


def settle(con: DuckDBPyConnection, lake: LakeConfig, message: Message, message_id: str) -> None:
    """Record that a message was sent.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        message: the message, claimed before.
        message_id: what the other side calls it.
    """
    row = {**asdict(message), "sent_at": datetime.now(UTC), "message_id": message_id}
    run_transaction(con, lake, lambda con: con.execute(statement("digest.settle"), row))


def withdraw(con: DuckDBPyConnection, lake: LakeConfig, message: Message) -> None:
    """Forget a claim whose message was not sent; one that was stays.

    Args:
        con: a connection to the lake, outside a transaction.
        lake: the lake.
        message: the message.
    """
    run_transaction(con, lake, lambda con: con.execute(statement("digest.withdraw"), asdict(message)))
