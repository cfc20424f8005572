"""The sales team: who was there when, and each one's way of working."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.company.calendar import MONTHS, Calendar, local_time
from sandbox.company.ids import close_id

if TYPE_CHECKING:
    from sandbox.company.dice import Dice

LAST = MONTHS - 1


@dataclass(frozen=True)
class Style:
    """How somebody sells.

    Attributes:
        capacity: share of the new leads, relative to a full-time rep (1.0).
        closing: factor on the probability to win.
        calls: mean number of calls on a lead that is worked on.
        emails: mean number of mails on a lead that is worked on.
        cycle_days: middle of the days from opening a deal to its decision.
        large_deals: share of the deals that are enterprise contracts.
        annual: share of the other deals that are paid by the year.
    """

    capacity: float = 1.0
    closing: float = 1.0
    calls: float = 3.4
    emails: float = 3.0
    cycle_days: float = 30.0
    large_deals: float = 0.02
    annual: float = 0.3


@dataclass(frozen=True)
class Person:
    """A Close user.

    Attributes:
        first_name: given name.
        last_name: family name.
        joined: first month in the company, counted from its first (may be negative).
        left: month in which the person left, None for those who are still there.
        style: how the person sells.
    """

    first_name: str
    last_name: str
    joined: int
    left: int | None
    style: Style

    @property
    def id(self) -> str:
        """The id Close would have given."""
        return close_id("user", self.first_name, self.last_name)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """Address in the company's own domain."""
        return f"{self.first_name}.{self.last_name}@lumendesk.example".lower()


ALEX = Person("Alex", "Morgan", -8, None, Style(capacity=0.8, closing=1.05, calls=2.0, emails=3.4))
MAYA = Person("Maya", "Okafor", 0, None, Style(closing=1.35, calls=3.2, emails=3.2, cycle_days=26, annual=0.35))
TOM = Person("Tom", "Lindqvist", 2, None, Style(capacity=1.15, closing=1.0, calls=4.2, emails=3.2))
PRIYA = Person(
    "Priya",
    "Raman",
    5,
    None,
    Style(capacity=0.42, closing=0.95, calls=3.0, emails=4.6, cycle_days=68, large_deals=0.85, annual=0.8),
)
BEN = Person("Ben", "Castillo", 1, LAST - 12, Style(capacity=0.95, closing=0.8, calls=2.6, emails=2.4))
SOFIA = Person("Sofia", "Duarte", LAST - 4, None, Style(capacity=0.85, closing=0.8, calls=3.6, emails=3.4))
TEAM = (ALEX, MAYA, TOM, PRIYA, BEN, SOFIA)

# Somebody whose account was removed for good: rows name the id, no list of users does.
REMOVED = Person("Casey", "Quinn", 0, 6, Style(capacity=0.0))

# Tom works ever harder in the last months and closes ever less: factors on his activity and his closing.
_TOM_LATELY = {5: (1.0, 1.0), 4: (1.15, 1.0), 3: (1.3, 0.9), 2: (1.7, 0.25), 1: (2.4, 0.1), 0: (2.6, 0.1)}
MOST_DILIGENT = 2.6


@dataclass(frozen=True)
class Team:
    """The people over time."""

    calendar: Calendar

    def present(self, person: Person, month: int) -> bool:
        """Return whether the person works in this month."""
        return person.joined <= month and (person.left is None or month < person.left)

    def capacity(self, person: Person, month: int) -> float:
        """Return the share of new leads the person can take; new people ramp up, the founder hands over."""
        if not self.present(person, month):
            return 0.0
        if person is ALEX:
            return max(0.08, person.style.capacity - 0.09 * month)
        return person.style.capacity * min(1.0, 0.4 + 0.2 * (month - person.joined))

    def closing(self, person: Person, month: int) -> float:
        """Return the factor on the probability to win a deal that is decided in this month."""
        ramp = min(1.0, 0.5 + 0.15 * max(0, month - person.joined))
        return person.style.closing * ramp * (_TOM_LATELY.get(LAST - month, (1, 1))[1] if person is TOM else 1.0)

    def diligence(self, person: Person, month: int) -> float:
        """Return the factor on the person's calls and mails in this month."""
        return _TOM_LATELY.get(LAST - month, (1, 1))[0] if person is TOM else 1.0

    def assign(self, dice: Dice, month: int) -> Person:
        """Return who takes a new lead in this month."""
        return dice.weighted({person: self.capacity(person, max(0, month)) for person in TEAM})

    def keeper(self, dice: Dice, person: Person, at: datetime) -> Person:
        """Return who looks after the person's lead at this instant: a colleague, once the person has left."""
        month = min(self.calendar.index(at), LAST)
        return person if person.left is None or month < person.left else dice.pick((MAYA, TOM))

    def started(self, person: Person) -> datetime:
        """Return when the person's user was made."""
        return local_time(self.calendar.month(person.joined), 9, 12, 44) + timedelta(milliseconds=905)
