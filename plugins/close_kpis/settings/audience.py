"""Who gets a digest: one audience of the section ``digest`` of kpis.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError

from close_kpis.headlines.figures import HEADLINES, choices
from close_kpis.kpis.registry import load_definitions
from close_kpis.settings.recipients import Recipients
from close_kpis.settings.words import EXPECTED

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

WEEKDAYS: tuple[Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


KpiName = Annotated[str, BeforeValidator(_kpi)]
Whole = Annotated[int, Field(strict=True)]


def _default_kpis() -> tuple[str, ...]:
    names = {where: name for name, where in choices(load_definitions()).items()}
    return tuple(names[where] for where in HEADLINES)


class Audience(Recipients):
    """Who gets which digest, when and where.

    Attributes:
        every: how often: each week, or each month for the month that has ended.
        weekday: the day of a weekly digest.
        day: the day of the month of a monthly digest.
        hour: the local hour from which on it is sent.
        kpis: the KPIs, as report.kpi, in their order; those of the Summary tab by default.
        locale: how numbers are written.
        to_date: whether the running month is told; by default in a weekly digest only.
        names: whether sentences may name reps and sources; by default in a weekly digest only.
    """

    every: Literal["week", "month"] = "week"
    weekday: Weekday = "Monday"
    day: Annotated[Whole, Field(ge=1, le=28)] = 3
    hour: Annotated[Whole, Field(ge=0, le=23)] = 9
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

    @field_validator("kpis", mode="after")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _has_somebody(self) -> Audience:
        if not self.recipients():
            raise ValueError("nobody gets this digest: name slack_channel, slack_webhook or addresses")
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
