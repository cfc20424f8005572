"""What every part of the generator needs: the seed, the calendar, the team and the ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.company.dice import Dice
from sandbox.company.ids import Ids
from sandbox.company.people import Team

if TYPE_CHECKING:
    from sandbox.company.calendar import Calendar


@dataclass(frozen=True)
class World:
    """The company's fixed points.

    Attributes:
        seed: names every stream of draws.
        calendar: its three years.
        ids: gives out ids in turn.
    """

    seed: int
    calendar: Calendar
    ids: Ids = field(init=False)
    team: Team = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.seed))
        object.__setattr__(self, "team", Team(self.calendar))

    def dice(self, *topic: str | int) -> Dice:
        """Return a stream of draws of its own for a topic."""
        return Dice(self.seed, *topic)
