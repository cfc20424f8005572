"""Who gets a digest: one audience of the section ``digest`` of kpis.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError

from close_kpis.headlines.figures import HEADLINES, choices
from close_kpis.kpis.registry import load_definitions
from close_kpis.settings.words import EXPECTED

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

WEEKDAYS: tuple[Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

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


def _locale(value: object) -> object:
    """Return a locale's name as Babel writes it."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(str(value).replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError("not a language of numbers: write one such as en_US, en_GB, de_DE or fr_FR") from None


def _kpi(value: object) -> object:
    known = choices(load_definitions())
    name = str(value).removesuffix("_cents")
    if name in known:
        return name
    report = name.partition(".")[0]
    near = get_close_matches(name, known, n=3, cutoff=0.5) or [one for one in known if one.startswith(f"{report}.")]
    reports = sorted({one.partition(".")[0] for one in known})
    meant = f"; did you mean {' or '.join(near[:3])}?" if near else ""
    raise ValueError(
        f"no KPI of a month: write the report ({', '.join(reports)}), a dot and the KPI, such as growth.mrr{meant}"
    )


Address = Annotated[str, BeforeValidator(_address)]
KpiName = Annotated[str, BeforeValidator(_kpi)]
Whole = Annotated[int, Field(strict=True)]


def _default_kpis() -> tuple[str, ...]:
    names = {where: name for name, where in choices(load_definitions()).items()}
    return tuple(names[where] for where in HEADLINES)


class Audience(BaseModel):
    """Who gets which digest, when and where.

    Attributes:
        every: how often: each week, or each month for the month that has ended.
        weekday: the day of a weekly digest.
        day: the day of the month of a monthly digest.
        hour: the local hour from which on it is sent.
        slack_channel: where the bot of the connection ``slack_default`` posts it: a channel's name or id.
        slack_webhook: the Airflow connection of an incoming webhook, in place of a bot.
        addresses: who gets it by mail, each a message of their own.
        kpis: the KPIs, as report.kpi, in their order; those of the Summary tab by default.
        locale: how numbers are written.
        to_date: whether the running month is told; by default in a weekly digest only.
        names: whether sentences may name reps and sources; by default in a weekly digest only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Literal["week", "month"] = "week"
    weekday: Weekday = "Monday"
    day: Annotated[Whole, Field(ge=1, le=28)] = 3
    hour: Annotated[Whole, Field(ge=0, le=23)] = 9
    slack_channel: Annotated[str, BeforeValidator(_no_secret)] | None = None
    slack_webhook: Annotated[str, BeforeValidator(_no_secret)] | None = None
    addresses: tuple[Address, ...] = ()
    kpis: Annotated[tuple[KpiName, ...], Field(min_length=1, max_length=20)] = Field(default_factory=_default_kpis)
    locale: Annotated[str, BeforeValidator(_locale)] = "en_US"
    to_date: StrictBool | None = None
    names: StrictBool | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_section(cls, value: object) -> object:
        """Refuse a value in place of a section without quoting it: it may be a webhook's address."""
        if not isinstance(value, Mapping):
            raise PydanticCustomError("unquoted", f"expected is {EXPECTED['digest.*']}")
        return value

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

    @field_validator("addresses", "kpis", mode="after")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _has_somebody(self) -> Audience:
        if not (self.slack_channel or self.slack_webhook or self.addresses):
            raise ValueError("nobody gets this digest: name slack_channel, slack_webhook or addresses")
        if self.slack_channel and self.slack_webhook:
            raise ValueError("slack_channel and slack_webhook: a webhook has its channel already; keep one of the two")
        return self

    @property
    def tells_running_month(self) -> bool:
        """Whether the running month is told."""
        return self.every == "week" if self.to_date is None else self.to_date

    @property
    def tells_names(self) -> bool:
        """Whether sentences may name reps and sources."""
        return self.every == "week" if self.names is None else self.names

    def figures(self) -> tuple[tuple[str, str], ...]:
        """Return the KPIs as (table, column)."""
        known = choices(load_definitions())
        return tuple(known[name] for name in self.kpis)
