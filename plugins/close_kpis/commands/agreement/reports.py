"""What Close itself says about a month: its status report, its opportunities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.close.errors import CloseResponseError
from close_kpis.close.lists import newest_first
from close_kpis.close.registry import STREAMS
from close_kpis.close.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.close.client import CloseClient
    from close_kpis.explain.records import Record

WINS = "/opportunity/"
ANNUAL = {"monthly": 12, "annual": 1}


@dataclass(frozen=True)
class Period:
    """A local month in instants.

    Attributes:
        month: its first day.
        start: its first instant (UTC).
        end: the instant after its last; that of the data, if earlier.
    """

    month: date
    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return _next(self.month) - timedelta(days=1)


@dataclass(frozen=True)
class Wins:
    """Won opportunities of a month.

    Attributes:
        count: how many.
        annual_cents: value of the monthly (x 12) and annual ones.
        one_time_cents: value of the others.
    """

    count: int
    annual_cents: int
    one_time_cents: int


def period(month: date, zone: str, as_of: datetime) -> Period:
    """Return a month of a time zone, up to the instant that the data is complete up to."""
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in (month, _next(month)))
    return Period(month, start, min(end, as_of))


async def read_customers(
    client: CloseClient, organization_id: str, customer_statuses: Iterable[str], span: Period
) -> dict[str, int]:
    """Return the customers that Close's status report counts.

    Moves between two customer statuses are no entry and no exit.

    Args:
        client: an open client.
        organization_id: of the account.
        customer_statuses: ids of the statuses that mean customer.
        span: the month.

    Returns:
        ``started``, ``ended``, ``gained``, ``lost``, ``entered``, ``left``.

    Source: developer.close.com "Reporting", status change reports. The boundaries are written as Close's own
        pages send them: instants in UTC, the end one millisecond before the next period.
    """
    body = await client.get(
        f"/report/statuses/lead/{organization_id}/",
        {"date_start": _instant(span.start), "date_end": _instant(span.end - timedelta(milliseconds=1))},
    )
    meant = set(customer_statuses)
    try:
        overview = [row for row in body["status_overview"] if row["status_id"] in meant]
        steps, net = (_crossing(body[name], meant) for name in ("status_transitions", "status_transitions_summary"))
        return {
            "started": sum(row["started"] for row in overview),
            "ended": sum(row["ended"] for row in overview),
            "gained": net[0],
            "lost": net[1],
            "entered": steps[0],
            "left": steps[1],
        }
    except (KeyError, TypeError) as error:
        raise CloseResponseError(
            f"/report/statuses/lead/: the reply lacks {error}: the report may have changed"
        ) from error


def _crossing(transitions: list[Record], meant: set[str]) -> tuple[int, int]:
    """Return how many transitions lead into, and out of, a set of statuses."""
    into = sum(
        row["count"] for row in transitions if row["to_status_id"] in meant and row["from_status_id"] not in meant
    )
    out = sum(
        row["count"] for row in transitions if row["from_status_id"] in meant and row["to_status_id"] not in meant
    )
    return into, out


async def read_status_changes(client: CloseClient, span: Period) -> dict[str, str]:
    """Return the lead of each lead status change that Close has of a month, by the change's id."""
    walk = newest_first(client, STREAMS["lead_status_changes"], Window(span.start, span.end))
    return {obj["id"]: obj["lead_id"] async for page in walk for obj in page.objects}


async def read_wins(client: CloseClient, span: Period) -> tuple[Wins, dict[str, Record]]:
    """Return the totals that Close's opportunity list gives for a month's wins, and its rows by id."""
    found: dict[str, Record] = {}
    while True:
        body = await client.get(
            WINS,
            {
                "status_type": "won",
                "date_won__gte": span.month.isoformat(),
                "date_won__lte": span.last_day.isoformat(),
                "_order_by": "date_created",
                "_fields": "id,lead_id,value,value_period,date_won,status_type",
                "_limit": STREAMS["opportunities"].page_size,
                "_skip": len(found) or None,
            },
        )
        page = {row["id"]: row for row in body["data"]}
        found |= page
        if not page or not body.get("has_more"):
            return _totals(body), found


def _totals(body: Record) -> Wins:
    try:
        value = {name: int(body[f"total_value_{name}"] or 0) for name in ("monthly", "annual", "one_time")}
        return Wins(int(body["total_results"]), 12 * value["monthly"] + value["annual"], value["one_time"])
    except (KeyError, TypeError) as error:
        raise CloseResponseError(f"{WINS}: the reply lacks the total {error}") from error


def summed(rows: Iterable[Record]) -> Wins:
    """Return the totals of opportunities."""
    listed = list(rows)
    return Wins(
        len(listed),
        sum(ANNUAL.get(row["value_period"], 0) * (row["value"] or 0) for row in listed),
        sum(row["value"] or 0 for row in listed if row["value_period"] == "one_time"),
    )


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
