"""What the workbook is made from: the KPI tables as frames, the choices in force, the stamp."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

Record: TypeAlias = dict[str, Any]
"""A row of a table by its column names; NULL is None, dates are dates."""


@dataclass(frozen=True)
class Choices:
    """The settings that decide what the numbers mean, in words that a reader knows.

    Attributes:
        timezone: IANA name of the reporting time zone.
        history_start: first day that is reported, None: the account's first record.
        fiscal_year_start: the month that a year begins with.
        customer_basis: ``lead_status`` or ``opportunity``.
        rate_denominator: ``opening`` or ``closing``.
        currency: ISO 4217 code.
        count_automated_emails: whether emails of sequences and bulk mailings count.
        demo: the demo rule, in a sentence.
        lead_statuses: labels of the lead statuses, by role.
        pipelines: names of the pipelines, by role.
        source_field: name of the custom field with the lead's source.
        owner_field: name of the custom field with the lead's owner.
        holidays: how many days besides weekends are not working days.
        unknown_source_limit: share of leads without a source above which a warning is listed.
        values: every setting that is a single value, by its key in kpis.yaml.
    """

    timezone: str = "UTC"
    history_start: date | None = None
    fiscal_year_start: int = 1
    customer_basis: str = "lead_status"
    rate_denominator: str = "opening"
    currency: str = "USD"
    count_automated_emails: bool = False
    demo: str = ""
    lead_statuses: tuple[tuple[str, str], ...] = ()
    pipelines: tuple[tuple[str, str], ...] = ()
    source_field: str | None = None
    owner_field: str | None = None
    holidays: int = 0
    unknown_source_limit: float = 0.2
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stamp:
    """How fresh the workbook is.

    Attributes:
        as_of: the instant up to which the numbers hold, aware.
        refreshed: when the workbook was written, aware.
        run_id: the Airflow run that wrote it.
        run_url: where its log stands in the Airflow UI, empty where that is not known.
    """

    as_of: datetime
    refreshed: datetime
    run_id: str
    run_url: str = ""


@dataclass(frozen=True)
class Tables:
    """The KPI tables, by the names of the lake's schema ``kpi``.

    Each frame has the columns of its table; amounts are cents, rates fractions, months first days. Restatements are
    the newest of each kind, with the column all_rows: how many there are of the kind. None before a publish. Of the
    records behind the numbers the newest of each kind; record_kinds says with the column shown how many they are. Of
    data quality the first records of each rule, with the column rule_records: how many it has.
    lists: the newest leads, opportunities and contacts, where readers want them.
    """

    growth_monthly: pd.DataFrame
    growth_yearly: pd.DataFrame
    mrr_movements_monthly: pd.DataFrame
    mrr_movements_yearly: pd.DataFrame
    rep_monthly: pd.DataFrame
    team_monthly: pd.DataFrame
    source_all_time: pd.DataFrame
    source_total: pd.DataFrame
    source_monthly: pd.DataFrame
    pipeline_daily: pd.DataFrame
    pipeline_stages: pd.DataFrame
    win_rate_monthly: pd.DataFrame
    forecast_monthly: pd.DataFrame
    cohort_monthly: pd.DataFrame
    insights: pd.DataFrame
    data_quality: pd.DataFrame
    records: pd.DataFrame
    record_kinds: pd.DataFrame
    choices: Choices = field(default_factory=Choices)
    restatements: pd.DataFrame | None = None
    lists: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def records(frame: pd.DataFrame) -> list[Record]:
    """Return a frame's rows with plain Python values."""
    columns = [str(column) for column in frame.columns]
    return [
        {column: plain(value) for column, value in zip(columns, row, strict=True)}
        for row in frame.itertuples(index=False, name=None)
    ]


def plain(value: Any) -> Any:
    """Return a frame's value as a plain one: NULL in all its forms is None, a midnight is a date."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        at = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
        return at.date() if at.tzinfo is None and at.time() == datetime.min.time() else at
    item = getattr(value, "item", None)
    return item() if item else value
