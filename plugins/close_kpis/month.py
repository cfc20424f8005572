"""The month that a run is for."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from close_kpis.clock import now
from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MONTH_PATTERN = r"^\d{4}-(0[1-9]|1[0-2])$"
"""A partition key, ``YYYY-MM``; also the JSON-schema pattern of the DAGs' ``month`` parameter."""


class NoMonthError(PipelineError, ValueError):
    """A run does not say which month it is for."""


def parse_month(key: str) -> date:
    """Return the first day of the month ``YYYY-MM``.

    Raises:
        NoMonthError: the key is not a month.
    """
    if not re.match(MONTH_PATTERN, key):
        raise NoMonthError(f"{key!r} is not a month: write it as YYYY-MM")
    return date.fromisoformat(f"{key}-01")


def month_key(day: date) -> str:
    """Return the partition key of the month that a day lies in."""
    return f"{day.year:04}-{day.month:02}"


def month_before(month: date) -> date:
    """Return the first day of the month before one, told by its first day."""
    return (month - timedelta(days=1)).replace(day=1)


def months_after(month: date, months: int = 1) -> date:
    """Return the first day of the month some months after one, told by its first day."""
    count = month.year * 12 + month.month - 1 + months
    return month.replace(year=count // 12, month=count % 12 + 1)


def last_day(month: date) -> date:
    """Return the last day of a month, told by its first day."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def local_month(at: datetime, zone: str) -> str:
    """Return the partition key of the month that an instant lies in.

    Args:
        at: aware.
        zone: the reporting time zone (IANA name).
    """
    return month_key(at.astimezone(ZoneInfo(zone)).date())


def refuse_future(month: date, zone: str) -> None:
    """Refuse a month that has not begun.

    Args:
        month: its first day.
        zone: the reporting time zone (IANA name).

    Raises:
        NoMonthError: it lies after the running month.
    """
    running = local_month(now(zone), zone)
    if month_key(month) > running:
        raise NoMonthError(f"{month_key(month)} has not begun: the running month is {running}")


def kpi_month(context: Mapping[str, Any]) -> date:
    """Return the first day of the month that a task instance is for.

    Args:
        context: the Airflow task context. The run's partition key counts first, then the
            parameter ``month``, which ``dag.test()`` and manual runs use.

    Raises:
        NoMonthError: the run has neither, or one that is not a month.
    """
    key = context.get("partition_key") or context.get("params", {}).get("month")
    if not key:
        raise NoMonthError(
            "this run has no month: trigger it with a partition key, or with the parameter month, as YYYY-MM"
        )
    return parse_month(key)
