"""Who gets messages, and on which way: what the sections ``digest`` and ``alerts`` of kpis.yaml share."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator
from pydantic_core import PydanticCustomError

Transport = Literal["slack", "webhook", "mail"]

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*")
_CHANNEL = re.compile(r"#?[^\s#<>@!|,:/]{1,80}")
_CONNECTION = re.compile(r"[\w.-]{1,200}")
_SECRET = re.compile(r"://|^xox[a-z]-|^xapp-", re.IGNORECASE)


def _no_secret(value: object) -> object:
    """Refuse what looks like a token or a webhook's address, without quoting it."""
    if isinstance(value, str) and _SECRET.search(value.strip()):
        raise PydanticCustomError(
            "unquoted",
            "what stands here looks like a secret. Keep it in an Airflow connection, and name the channel "
            "(slack_channel) or the connection (slack_webhook) here",
        )
    return value


def _address(value: object) -> object:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise ValueError("not an e-mail address: write it as name@example.com")
    return value


Address = Annotated[str, BeforeValidator(_address)]


class Recipients(BaseModel):
    """Who gets messages.

    Attributes:
        slack_channel: where the bot of the connection ``slack_default`` posts them: a channel's name or id.
        slack_webhook: the Airflow connection of an incoming webhook, in place of a bot.
        addresses: who gets them by mail, each a message of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slack_channel: Annotated[str, BeforeValidator(_no_secret)] | None = None
    slack_webhook: Annotated[str, BeforeValidator(_no_secret)] | None = None
    addresses: tuple[Address, ...] = ()

    @field_validator("slack_channel", mode="after")
    @classmethod
    def _is_channel(cls, value: str | None) -> str | None:
        if value is not None and not _CHANNEL.fullmatch(value):
            raise ValueError('not a Slack channel: write its name in quotes, such as "#revenue", or its id')
        return value

    @field_validator("slack_webhook", mode="after")
    @classmethod
    def _is_connection(cls, value: str | None) -> str | None:
        if value is not None and not _CONNECTION.fullmatch(value):
            raise ValueError("not the name of an Airflow connection")
        return value

    @field_validator("addresses", mode="after")
    @classmethod
    def _each_address_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _one_way_to_slack(self) -> Recipients:
        if self.slack_channel and self.slack_webhook:
            raise ValueError("slack_channel and slack_webhook: a webhook has its channel already; keep one of the two")
        return self

    def recipients(self) -> list[tuple[Transport, str]]:
        """Return how each message travels, and to whom: a channel, the connection of a webhook, or an address."""
        found: list[tuple[Transport, str]] = []
        if self.slack_channel:
            found.append(("slack", self.slack_channel))
        if self.slack_webhook:
            found.append(("webhook", self.slack_webhook))
        return [*found, *(("mail", address) for address in self.addresses)]
