"""What the numbers mean: ``kpis.yaml`` as typed settings, with errors that a reader can act on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from close_kpis.settings.errors import SettingsError, explain

if TYPE_CHECKING:
    from pathlib import Path


def _name(value: object) -> object:
    """Return a name as text: YAML reads an unquoted 2024 as a number and an unquoted No as false."""
    if isinstance(value, bool):
        raise ValueError("a YAML truth value, not a name: put quotes around it")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str) and not value.strip():
        raise ValueError("an empty name")
    return value


def _names(value: object) -> object:
    """Return a list of names: one name may stand without a list, and null is none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str | int | float) else value


def _day(value: object) -> object:
    """Return a calendar day."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("not a day: write it as YYYY-MM-DD") from None


def _month_or_day(value: object) -> object:
    """Return a calendar day; a month stands for its first day."""
    return _day(f"{value}-01" if isinstance(value, str) and len(value) == 7 else value)


def _zone(value: object) -> object:
    """Check a time zone's name."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    zones = available_timezones()
    if isinstance(value, str) and value in zones:
        return value
    near = get_close_matches(str(value), sorted(zones), n=3) or ["Europe/Berlin", "America/New_York", "UTC"]
    raise ValueError(f"not a time zone: use an IANA name such as {', '.join(near)}")


def _pattern(value: object) -> object:
    """Check a regular expression against the engine that will run it."""
    import duckdb

    if not isinstance(value, str):
        raise ValueError("not a regular expression: put quotes around it")
    with duckdb.connect() as con:
        try:
            con.execute("select regexp_matches('', $pattern)", {"pattern": value})
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
            raise ValueError(
                f"not a regular expression that DuckDB (RE2) understands: {reason}. RE2 has no look-ahead, "
                "look-behind or back-references; (?i) at the start ignores case"
            ) from None
    return value


Name = Annotated[str, BeforeValidator(_name)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_names)]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[date, BeforeValidator(_month_or_day)]
Zone = Annotated[str, BeforeValidator(_zone)]
Pattern = Annotated[str, BeforeValidator(_pattern)]


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
                    raise ValueError(f"{name!r} is named both in {seen[name]} and in {role}: keep it in one of them")
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


class WorkbookSettings(_Model):
    """The Google spreadsheet that is published to.

    Attributes:
        spreadsheet_id: null takes the one of the Airflow connection.
        title: of the workbook.
    """

    spreadsheet_id: str | None = None
    title: str = "Close KPIs"


class Limits(_Model):
    """From where on a warning is worth a reader's time.

    Attributes:
        unknown_source_share: share of leads without a source, as a fraction.
    """

    unknown_source_share: Annotated[float, Field(ge=0, le=1)] = 0.2


class PlainSettings(_Model):
    """The settings that name nothing of the account: the models read them as they stand.

    Attributes:
        timezone: IANA zone that months and days are local to.
        history_start: first month of the reports, if later than the first record.
        customer_basis: what makes a lead a customer.
        rate_denominator: the customers that churn and growth rates divide by.
        count_automated_emails: count e-mails of sequences and bulk mails too.
        holidays: weekdays that are no working days.
        currency: ISO 4217 code that amounts are shown in.
    """

    timezone: Zone = "UTC"
    history_start: Month | None = None
    customer_basis: Literal["lead_status", "opportunity"] = "lead_status"
    rate_denominator: Literal["opening", "closing"] = "opening"
    count_automated_emails: bool = False
    holidays: Annotated[tuple[Day, ...], BeforeValidator(lambda value: value or ())] = ()
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"


class Settings(PlainSettings):
    """``kpis.yaml``. Every key may be left out.

    Attributes:
        lead_statuses: lead statuses by role.
        pipelines: opportunity pipelines by role.
        source_field: lead custom field (name or id) that holds the source.
        owner_field: lead custom field (name or id) that holds the owner.
        demo: what a demo is.
        workbook: where to publish.
        limits: from where on to warn.
    """

    lead_statuses: LeadStatuses = LeadStatuses()
    pipelines: Pipelines = Pipelines()
    source_field: Name | None = None
    owner_field: Name | None = None
    demo: Demo = Demo()
    workbook: WorkbookSettings = WorkbookSettings()
    limits: Limits = Limits()

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: object) -> object:
        """Read a section whose keys are all commented out (YAML: null) as a section left out."""
        sections = ("lead_statuses", "pipelines", "demo", "workbook", "limits")
        if not isinstance(value, Mapping):
            return value
        return {key: item for key, item in value.items() if not (item is None and key in sections)}


def load(path: Path) -> Settings:
    """Read a settings file.

    Args:
        path: a YAML file; an empty one stands for the defaults.

    Raises:
        SettingsError: the file is missing, no YAML, or has keys or values that are not possible:
            each is named with what is possible.
    """
    import yaml

    # Days stay text: PyYAML stops at one that does not exist, without naming the key.
    resolvers = {
        first: [item for item in items if not item[0].endswith(":timestamp")]
        for first, items in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), loader)
    except OSError as error:
        raise SettingsError(f"cannot read the settings file {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if content is not None and not isinstance(content, dict):
        raise SettingsError(f"{path}: a list of `key: value` lines is expected, not {type(content).__name__}")
    try:
        return Settings.model_validate(content or {})
    except ValidationError as error:
        raise SettingsError(explain(path.name, Settings, error)) from None
