"""What the numbers mean: ``kpis.yaml`` as typed settings, with errors that a reader can act on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from close_kpis import links
from close_kpis.clock import now
from close_kpis.close.registry import OPTIONAL
from close_kpis.settings.alerts import Alerts, Section
from close_kpis.settings.audience import Audience  # noqa: TC001 (pydantic reads it)
from close_kpis.settings.errors import SettingsError, shortened
from close_kpis.settings.problems import explain
from close_kpis.settings.sources import source_key
from close_kpis.settings.words import CURRENCIES, EXPECTED
from close_kpis.settings.yaml_text import Lines, read
from close_kpis.workbook.order import REPORTS

if TYPE_CHECKING:
    from pathlib import Path


def _wrong_kind() -> PydanticCustomError:
    """Return the error of a value of another kind than its key expects; `words` says which that is."""
    return PydanticCustomError("wrong_kind", "a value of the wrong kind")


def _name(value: object) -> object:
    """Return a name as text: YAML reads an unquoted 2024 as a number and an unquoted No as false."""
    if isinstance(value, bool):
        raise ValueError("a truth value, not a name: put quotes around it")
    if isinstance(value, int | float):
        return getattr(value, "written", str(value))
    if not isinstance(value, str):
        raise _wrong_kind()
    if not value.strip():
        raise ValueError("an empty name")
    return value


def _list(value: object) -> object:
    """Return a list; null is an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise _wrong_kind()
    return value


def _truth(value: object) -> object:
    if not isinstance(value, bool):
        raise _wrong_kind()
    return value


def _day(value: object) -> object:
    """Return a calendar day."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("not a date: write it as YYYY-MM-DD, such as 2026-12-25") from None


def _month_or_day(value: object) -> object:
    """Return a calendar day; a month stands for its first day."""
    try:
        return _day(f"{value}-01" if isinstance(value, str) and len(value) == 7 else value)
    except ValueError:
        raise ValueError("not a month: write it as YYYY-MM, such as 2023-01") from None


def _zone(value: object) -> object:
    """Check a time zone's name."""
    from difflib import get_close_matches
    from importlib.resources import files

    # zoneinfo would look through the system's files for them, which takes longer than all other checks.
    zones = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    if isinstance(value, str) and value in zones:
        return value
    near = get_close_matches(str(value), sorted(zones), n=3) or ["Europe/Berlin", "America/New_York", "UTC"]
    raise ValueError(f"not a time zone: use an IANA name such as {', '.join(near)}")


def _pattern(value: object) -> object:
    """Check a regular expression against the engine that will run it."""
    import duckdb

    if not isinstance(value, str):
        raise ValueError("not a text pattern: put quotes around it")
    with duckdb.connect() as con:
        try:
            row = con.execute("select regexp_matches('', $pattern)", {"pattern": value}).fetchone()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
            raise ValueError(
                f"not a text pattern (regular expression, RE2) that can be used: {shortened(reason)}. RE2 has no "
                "look-ahead, look-behind or back-references; (?i) at the start ignores case"
            ) from None
    if row and row[0]:
        raise ValueError(
            "a pattern that fits every text, even an empty one, so that everything would be a demo: name a word that "
            "only demos have, such as (?i)demo"
        )
    return value


Name = Annotated[str, BeforeValidator(_name)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_list)]
Day = Annotated[date, BeforeValidator(_day)]
Days = Annotated[tuple[Day, ...], BeforeValidator(_list)]
CountedActivities = Annotated[
    tuple[Literal["calls", "emails", "sms", "notes", "whatsapp_messages"], ...], BeforeValidator(_list)
]
ContactFields = Annotated[
    tuple[Literal["name", "title", "emails", "phones", "urls", "custom"], ...], BeforeValidator(_list)
]
RecordLists = Annotated[tuple[Literal["leads", "opportunities", "contacts"], ...], BeforeValidator(_list)]
Month = Annotated[date, BeforeValidator(_month_or_day)]
Zone = Annotated[str, BeforeValidator(_zone)]
Pattern = Annotated[str, BeforeValidator(_pattern)]

EARLIEST = date(1990, 1, 1)
"""The first day that a record may have: what is older is a typing mistake."""


class _Model(BaseModel):
    """Settings do not change once read, and know every key they may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Roles(_Model):
    """Names by the role they have; a name has one role."""

    @model_validator(mode="after")
    def _one_role_each(self) -> _Roles:
        seen: dict[str, str] = {}
        for role, names in self.by_role().items():
            for name in names:
                if seen.setdefault(name, role) != role:
                    raise ValueError(
                        f"{shortened(name)!r} is named both in {seen[name]} and in {role}: keep it in one of them"
                    )
        return self

    def by_role(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of each role."""
        return {role: getattr(self, role) for role in type(self).model_fields}


class LeadStatuses(_Roles):
    """Lead statuses (labels or ids) by role; every other status is ``other``."""

    trial: Names = ()
    customer: Names = ()
    churned: Names = ()
    lost: Names = ()


class Pipelines(_Roles):
    """Opportunity pipelines (names or ids) by role; every other pipeline is ``new``."""

    new: Names = ()
    expansion: Names = ()
    renewal: Names = ()
    ignore: Names = ()


class Demo(_Model):
    """What a demo is: one rule.

    Attributes:
        rule: the kind of record that is a demo.
        title_pattern: regular expression for a meeting's title (rule meeting).
        exclude_outcomes: outcomes (names or ids) of meetings that are no demo (rule meeting).
        type: custom activity type, by name or id (rule custom_activity).
        status: opportunity status, by label or id (rule opportunity_status).
        text_pattern: regular expression for a task's text (rule task).
    """

    rule: Literal["meeting", "custom_activity", "opportunity_status", "task"] = "meeting"
    title_pattern: Pattern = "(?i)demo"
    exclude_outcomes: Names = ()
    type: Name | None = None
    status: Name | None = None
    text_pattern: Pattern = "(?i)demo"

    @model_validator(mode="after")
    def _rule_has_its_name(self) -> Demo:
        needed = {"custom_activity": "type", "opportunity_status": "status"}.get(self.rule)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"the rule {self.rule} needs the key {needed}")
        return self


_ID = "workbook.spreadsheet_id"
RECORD_ROWS, MOST_RECORD_ROWS = 5_000, 20_000
"""Records behind the numbers that the workbook shows, and at most can show."""


class WorkbookSettings(_Model):
    """The Google spreadsheet that is published to.

    Attributes:
        spreadsheet_id: its id or its address; null takes the one of the Airflow connection.
        title: of the workbook.
        formulas: whether rates, sums and averages are formulas in the spreadsheet, else numbers.
        tabs: titles of the reports that are shown, in their order; none for all in the usual order.
        record_rows: how many of the records behind the numbers the workbook shows, the newest of each kind.
        records: lists of records that have a tab of their own, the newest ``record_rows`` of each.
    """

    spreadsheet_id: str | None = None
    title: Name = "Close KPIs"
    formulas: bool = True
    tabs: Names = ()
    record_rows: Annotated[int, Field(ge=0, le=MOST_RECORD_ROWS, strict=True)] = RECORD_ROWS
    records: RecordLists = ()

    _is_truth = field_validator("formulas", mode="before")(_truth)

    @field_validator("records", mode="after")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @field_validator("tabs", mode="after")
    @classmethod
    def _known_tabs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = {title.casefold(): title for title in REPORTS}
        found = [known.get(" ".join(title.split()).casefold(), "") for title in value]
        for title, named in zip(found, value, strict=True):
            if not title:
                raise ValueError(f"{shortened(named)!r} is no tab that can be listed: choose from {', '.join(REPORTS)}")
            if found.count(title) > 1:
                raise ValueError(f"{title} is listed twice: keep it once")
        return tuple(found)

    @field_validator("spreadsheet_id", mode="after")
    @classmethod
    def _id_only(cls, value: str | None) -> str | None:
        if value is None or (found := links.spreadsheet_id(value)):
            return value and found
        raise ValueError(f"not the id of a spreadsheet: expected is {EXPECTED[_ID]}")


class Limits(_Model):
    """From where on a warning is worth a reader's time.

    Attributes:
        unknown_source_share: share of leads without a source, as a fraction.
        late_after_hours: how old published numbers may be for a digest to be sent.
    """

    unknown_source_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    late_after_hours: Annotated[int, Field(ge=1, le=744, strict=True)] = 24

    @field_validator("unknown_source_share", mode="before")
    @classmethod
    def _is_number(cls, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_kind()
        return float(value)


class Streams(_Model):
    """The streams that are read only where they are asked for, each by its name in `close.registry`."""

    sms: bool = False
    notes: bool = False
    whatsapp_messages: bool = False

    _are_truths = field_validator(*OPTIONAL, mode="before")(_truth)

    def wanted(self) -> tuple[str, ...]:
        """Return the names of those that are asked for."""
        return tuple(name for name in OPTIONAL if getattr(self, name))


class PlainSettings(_Model):
    """The settings that name nothing of the account: the models read them as they stand.

    Attributes:
        timezone: IANA zone that months and days are local to.
        history_start: first month of the reports; null for that of the first lead, opportunity or win.
        customer_basis: what makes a lead a customer.
        rate_denominator: the customers that churn and growth rates divide by.
        count_automated_emails: count e-mails of sequences and bulk mails too.
        holidays: weekdays that are no working days.
        import_days: local days on which leads were brought over from another system.
        fiscal_year_start: the month that a year begins with; years that do not begin in January are named after the
            calendar year in which they end.
        currency: ISO 4217 code that amounts are shown in; null for the organisation's.
    """

    timezone: Zone = "UTC"
    history_start: Month | None = None
    customer_basis: Literal["lead_status", "opportunity"] = "lead_status"
    rate_denominator: Literal["opening", "closing"] = "opening"
    count_automated_emails: bool = False
    holidays: Days = ()
    import_days: Days = ()
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


class Settings(PlainSettings):
    """``kpis.yaml``. Every key may be left out.

    Attributes:
        source_aliases: for a source, the further names that stand for it.
        lead_statuses: lead statuses by role.
        pipelines: opportunity pipelines by role.
        source_field: lead custom field (name or id) that holds the source.
        owner_field: lead custom field (name or id) that holds the owner.
        demo: what a demo is.
        streams: what is read of Close besides the streams that are always read.
        contact_fields: what is read of contacts beside ids, dates and how many addresses and numbers there are.
        counted_activities: the streams that a rep's counted activities are the sum of.
        workbook: where to publish.
        limits: from where on to warn.
        digest: who gets a digest, by the audience's name.
        alerts: who is told when something fails.
    """

    lead_statuses: LeadStatuses = LeadStatuses()
    pipelines: Pipelines = Pipelines()
    source_field: Name | None = None
    owner_field: Name | None = None
    source_aliases: Annotated[Mapping[Name, Names], BeforeValidator(lambda value: value or {})] = Field(
        default_factory=dict
    )
    demo: Demo = Demo()
    streams: Streams = Streams()
    contact_fields: ContactFields = ("name", "title")
    counted_activities: CountedActivities = ("calls", "emails")
    workbook: WorkbookSettings = WorkbookSettings()
    limits: Limits = Limits()
    digest: Annotated[Mapping[Name, Audience], BeforeValidator(lambda value: value or {})] = Field(default_factory=dict)
    alerts: Section = Alerts()

    _lines: Lines = PrivateAttr(default_factory=Lines)

    @property
    def lines(self) -> Lines:
        """Where each key stands in the file that the settings were read from."""
        return self._lines

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: object) -> object:
        """Read a section whose keys are all commented out (YAML: null) as a section left out."""
        sections = ("lead_statuses", "pipelines", "demo", "streams", "workbook", "limits")
        if not isinstance(value, Mapping):
            return value
        return {key: item for key, item in value.items() if not (item is None and key in sections)}

    _are_truths = field_validator("count_automated_emails", mode="before")(_truth)

    @field_validator("fiscal_year_start", mode="before")
    @classmethod
    def _is_month(cls, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_kind()
        return int(value)

    @field_validator("source_aliases", mode="after")
    @classmethod
    def _one_source_each(cls, value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        seen: dict[str, str] = {}
        for source, names in value.items():
            for name in (source, *names):
                if seen.setdefault(source_key(name), source) != source:
                    raise ValueError(
                        f"{shortened(name)!r} stands for {shortened(seen[source_key(name)])!r} and for "
                        f"{shortened(source)!r}: keep it with one of them"
                    )
                if not source_key(name):
                    raise ValueError(f"a name of {shortened(source)!r} is empty")
        return value

    @field_validator("counted_activities", "contact_fields", mode="after")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _counted_are_read(self) -> Settings:
        for name in sorted({*OPTIONAL}.intersection(self.counted_activities).difference(self.streams.wanted())):
            raise ValueError(
                f"{name} cannot be counted as long as they are not read: write {name}: true under streams, or leave "
                f"{name} out of counted_activities"
            )
        return self

    @field_validator("currency", mode="after")
    @classmethod
    def _is_money(cls, value: str | None) -> str | None:
        if value is not None and value not in CURRENCIES:
            raise ValueError("not a currency: write the three letters of one, such as USD or EUR")
        return value

    @field_validator("history_start", mode="after")
    @classmethod
    def _has_begun(cls, value: date | None) -> date | None:
        if value is not None and value < EARLIEST:
            raise ValueError(f"before {EARLIEST.year}: no record is older; write a later month, or null")
        if value is not None and value > (now() + timedelta(days=1)).date():
            raise ValueError("in the future: the reports would have no month; write an earlier month, or null")
        return value


def load(path: Path) -> Settings:
    """Read a settings file.

    Args:
        path: a YAML file; an empty one stands for the defaults.

    Raises:
        SettingsError: the file is missing, no YAML, or has keys or values that are not possible:
            each is named with its line and with what is possible.
    """
    content, lines = read(path)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError(explain(Settings, error, lines)) from None
    settings._lines = lines
    return settings
