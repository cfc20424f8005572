"""How large a generated account is."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sandbox.close_api import times


@dataclass(frozen=True)
class Generated:
    """The size of an account; two of the same size and seed are the same account.

    Attributes:
        leads: how many.
        activities: calls, emails, meetings, notes and SMS together. Status changes come on top: they
            follow from the histories of leads and opportunities.
        opportunities: how many.
        contacts: how many.
        tasks: how many, all of type lead.
        users: how many, departed ones among them.
        seed: chooses among accounts of one size.
        until: ISO 8601; all that is in the account happened before.
        years: length of the history.
    """

    leads: int = 1_000_000
    activities: int = 2_000_000
    opportunities: int = 300_000
    contacts: int = 0
    tasks: int = 0
    users: int = 60
    seed: int = 1
    until: str = "2026-06-30"
    years: int = 3

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.type == "int" and getattr(self, field.name) < 0:
                raise ValueError(f"{field.name}={getattr(self, field.name)} of a generated account is below zero")
        if not self.users or not self.years:
            raise ValueError("a generated account needs at least one user and one year")
        if not self.leads and (self.activities or self.opportunities or self.contacts or self.tasks):
            raise ValueError("a generated account without leads can have no rows on leads")
        times.parse(self.until)

    @classmethod
    def parse(cls, text: str) -> Generated:
        """Read ``leads=1000,activities=2000``.

        Raises:
            ValueError: an unknown name or a value that does not fit; names it.
        """
        given: dict[str, int | str] = {}
        known = {field.name: field.type for field in fields(cls)}
        for part in filter(None, text.split(",")):
            name, _, value = part.strip().partition("=")
            if name not in known:
                raise ValueError(f"unknown part {name!r} of a generated account: choose from {', '.join(known)}")
            given[name] = int(value.replace("_", "")) if known[name] == "int" else value
        return replace(cls(), **given)  # type: ignore[arg-type]

    @property
    def end(self) -> datetime:
        """The instant at which the data ends."""
        return times.parse(self.until)

    @property
    def start(self) -> datetime:
        """The instant at which the first lead can have been made."""
        return self.end - timedelta(days=365 * self.years)
