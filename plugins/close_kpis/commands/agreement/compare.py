"""Close's figures beside the published ones, and the records behind a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from close_kpis.texts import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.commands.agreement.reports import Wins
    from close_kpis.explain.records import Record

CUSTOMERS = {
    "started": "Customers at the start",
    "ended": "Customers at the end",
    "gained": "Gained (new and reactivated)",
    "lost": "Lost (churned)",
    "entered": "Moves into a customer status",
    "left": "Moves out of a customer status",
}


PERIODS = {"monthly": "a month", "annual": "a year", "one_time": "once"}


@dataclass(frozen=True)
class Figure:
    """One figure from both sides.

    Attributes:
        what: what it counts.
        close: what Close says.
        ours: what was published, or what it is made from.
        unit: ``count``, or ``cents`` of an amount.
    """

    what: str
    close: int
    ours: int
    unit: Literal["count", "cents"] = "count"

    @property
    def agrees(self) -> bool:
        """Whether both sides say the same."""
        return self.close == self.ours


@dataclass(frozen=True)
class Disagreement:
    """A record that one side has, or that the sides have differently.

    Attributes:
        record: its id.
        lead_id: its lead.
        what: how it differs.
    """

    record: str
    lead_id: str | None
    what: str


def customer_figures(close: Mapping[str, int], ours: Mapping[str, int]) -> list[Figure]:
    """Return the figures about customers."""
    return [Figure(what, close[key], ours[key]) for key, what in CUSTOMERS.items()]


def win_figures(close: Wins, ours: Wins) -> list[Figure]:
    """Return the figures about won opportunities."""
    return [
        Figure("Won opportunities, all pipelines", close.count, ours.count),
        Figure("Their annual value", close.annual_cents, ours.annual_cents, "cents"),
        Figure("Their one-time value", close.one_time_cents, ours.one_time_cents, "cents"),
    ]


def change_differences(close: Mapping[str, str], ours: Mapping[str, str]) -> list[Disagreement]:
    """Return the status changes, by id with their lead, that only one side has."""
    return [
        *(Disagreement(one, close[one], "status change only in Close") for one in sorted(close.keys() - ours.keys())),
        *(Disagreement(one, ours[one], "status change only in the lake") for one in sorted(ours.keys() - close.keys())),
    ]


def win_differences(close: Mapping[str, Record], ours: Mapping[str, Record]) -> list[Disagreement]:
    """Return the won opportunities, by id, that only one side has or that have another value."""
    found = []
    for one in sorted(close.keys() | ours.keys()):
        if one not in ours:
            found.append(Disagreement(one, close[one]["lead_id"], "won in Close only"))
        elif one not in close:
            found.append(Disagreement(one, ours[one]["lead_id"], "won in the lake only"))
        elif _value(close[one]) != _value(ours[one]):
            what = f"value {_value(close[one])} in Close, {_value(ours[one])} in the lake"
            found.append(Disagreement(one, close[one]["lead_id"], what))
    return found


def _value(row: Record) -> str:
    if row["value"] is None:
        return "none"
    return f"{amount(row['value'])} {PERIODS.get(row['value_period'], row['value_period'])}"
