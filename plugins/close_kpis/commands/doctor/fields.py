"""Which lead custom fields hold the source and the owner: by name, type, and how they are filled in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, named, quoted

if TYPE_CHECKING:
    import re

    from close_kpis.close.reference import Row
    from close_kpis.commands.doctor.sample import AccountSample

CLEARLY = 3
"""How many times as often as any other of its kind a field must be filled in to be chosen among several."""
FEW_VALUES = 60
"""Distinct values above which a text field is no list of sources."""


@dataclass(frozen=True)
class Fill:
    """How a lead custom field is used.

    Attributes:
        field: its row.
        name: how the settings can name it.
        leads: leads looked at.
        filled: those with a value.
        values: how many leads have each value, the first one of a multi-value field.
    """

    field: Row
    name: str
    leads: int
    filled: int
    values: Counter[str]

    def __str__(self) -> str:
        """Return the field with its figures, for a list of choices."""
        rate = self.filled / self.leads if self.leads else 0
        same = "" if self.name == self.field["name"] else f" ({self.field['name']})"
        return f"'{self.name}'{same}: {self.field['type']}, filled in {rate:.0%}, {len(self.values)} values"


def read_fills(account: AccountSample) -> list[Fill]:
    """Return how the custom fields of leads are used, the fullest first."""
    usable = [row for row in account.rows("custom_fields") if row["object_type"] in {"lead", "shared"}]
    leads = account.rows("leads")
    fills = [_fill(row, named(usable, row), leads) for row in usable]
    return sorted(fills, key=lambda fill: (-fill.filled, fill.name))


def _fill(field: Row, name: str, leads: list[Row]) -> Fill:
    given = [_first(lead["custom"].get(field["id"])) for lead in leads]
    values = Counter(value for value in given if value)
    return Fill(field, name, len(leads), values.total(), values)


def _first(value: object) -> str:
    one = value[0] if isinstance(value, list) and value else value
    return "" if one is None or isinstance(one, list) else str(one).strip()


def decide_fields(account: AccountSample) -> list[Decision]:
    """Return the decisions for ``source_field`` and ``owner_field``."""
    fills = read_fills(account)
    texts = [fill for fill in fills if fill.field["type"] in {"choices", "text"}]
    users = [fill for fill in fills if fill.field["type"] == "user"]
    return [
        _decide("source_field", texts, words.SOURCE, "every lead is then '(none)'"),
        _decide("owner_field", users, words.OWNER, "cancelled leads then go to the user of the newest opportunity"),
    ]


def _decide(key: str, fills: list[Fill], pattern: re.Pattern[str], without: str) -> Decision:
    meant = [fill for fill in fills if words.says(pattern, fill.field["name"])]
    if key == "owner_field" and not meant and len(fills) == 1:
        meant = fills
    if len(meant) == 1 or (len(meant) > 1 and meant[0].filled > CLEARLY * meant[1].filled):
        return Decision(key, meant[0].name, f"{meant[0]}.{_others(meant[1:])}", _warning(meant[0]))
    if meant:
        return Decision(key, None, open=(f"several fields fit: {_listed(meant)}. Name one; {without}.",))
    likely = [fill for fill in fills if key == "owner_field" or (fill.filled and 2 <= len(fill.values) <= FEW_VALUES)]
    if likely:
        return Decision(
            key, None, open=(f"no field is named like it; of its kind there are {_listed(likely)}; {without}.",)
        )
    kind = "user" if key == "owner_field" else "choices or text"
    return Decision(key, None, f"The account's leads have no custom field of type {kind} that fits; {without}.")


def _others(fills: list[Fill]) -> str:
    return f" Not chosen: {_listed(fills)}." if fills else ""


def _warning(fill: Fill) -> tuple[str, ...]:
    if fill.leads and fill.filled < fill.leads / 2:
        return (f"'{fill.name}' is filled in on {fill.filled} of {fill.leads} leads only: is it the right field?",)
    return ()


def _listed(fills: list[Fill]) -> str:
    return "; ".join(map(str, fills))


def examples(fill: Fill) -> str:
    """Return the most frequent values; of a user field none, they are ids."""
    return "" if fill.field["type"] == "user" else quoted([value for value, _ in fill.values.most_common(3)])
