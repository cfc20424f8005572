"""Leads, deals and activities as plain objects; `rows` turns them into what the API returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.company.calendar import local_date

if TYPE_CHECKING:
    from datetime import date, datetime

    from sandbox.company.catalogue import Pipeline, Stage
    from sandbox.company.people import Person


@dataclass(frozen=True)
class StatusMove:
    """A change of a lead's status, and who made it (None: an automation)."""

    id: str
    at: datetime
    old: str
    new: str
    by: Person | None


@dataclass(frozen=True)
class StageMove:
    """A change of a deal's stage, and who made it."""

    id: str
    at: datetime
    old: Stage
    new: Stage
    by: Person


@dataclass
class Contact:
    """A person at a lead."""

    id: str
    name: str
    title: str
    email: str
    phone: str


@dataclass
class Deal:
    """An opportunity.

    Attributes:
        value: cents, a month or a year or once as `period` says; None where nobody entered it.
        period: monthly, annual or one_time.
        expected_on: local date on which it is hoped to be won; becomes `date_won` while it is open.
        won_on: local date entered on winning, None while it was never won.
        lost_at: instant of losing it; Close keeps it when the deal is opened again.
    """

    id: str
    pipeline: Pipeline
    stage: Stage
    owner: Person
    created_at: datetime
    value: int | None
    period: str
    expected_on: date | None = None
    won_on: date | None = None
    lost_at: datetime | None = None
    discount: int | None = None
    competitor: str | None = None
    note: str = ""
    moves: list[StageMove] = field(default_factory=list)

    @property
    def first_stage(self) -> Stage:
        """The stage in which it was created."""
        return self.moves[0].old if self.moves else self.stage

    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
        return max((self.created_at, *(move.at for move in self.moves)))

    @property
    def decided_at(self) -> datetime | None:
        """When it was won or lost, None while it is open."""
        return self.updated_at if self.stage.type != "active" else None

    def move(self, move_id: str, at: datetime, stage: Stage, by: Person | None = None) -> None:
        """Put it into another stage; winning and losing fill in their dates where they are empty."""
        self.moves.append(StageMove(move_id, at, self.stage, stage, by or self.owner))
        self.stage = stage
        if stage.type == "won" and self.won_on is None:
            self.won_on = local_date(at)
        if stage.type == "lost":
            self.lost_at = at

    def forget_after(self, end: datetime) -> None:
        """Undo what would happen after this instant."""
        kept = [move for move in self.moves if move.at < end]
        if len(kept) == len(self.moves):
            return
        first = self.first_stage
        won_before = any(move.new.type == "won" for move in kept)
        self.expected_on = self.won_on or local_date(self.moves[-1].at)
        self.won_on = self.won_on if won_before else None
        self.lost_at = max((move.at for move in kept if move.new.type == "lost"), default=None)
        self.moves, self.stage = kept, kept[-1].new if kept else first


@dataclass(frozen=True)
class Call:
    """A telephone call; duration in seconds, `by` None for one that reached nobody."""

    id: str
    at: datetime
    by: Person | None
    direction: str
    status: str
    disposition: str | None
    duration: int = 0
    outcome: str | None = None
    source: str = "Close.io"


@dataclass(frozen=True)
class Email:
    """A mail, at the instant it was sent.

    Attributes:
        automation: sequence or bulk, None for one that somebody wrote.
        synced_at: when it came in, where that was later.
        written_at: when it was begun in Close, where that was earlier.
    """

    id: str
    at: datetime
    by: Person
    direction: str | None
    status: str
    subject: str
    automation: str | None = None
    synced_at: datetime | None = None
    written_at: datetime | None = None


@dataclass(frozen=True)
class Meeting:
    """A meeting; `status` None for one that was entered by hand."""

    id: str
    starts_at: datetime
    by: Person
    title: str
    status: str | None
    minutes: int = 45
    outcome: str | None = None
    booked_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it begins."""
        return self.starts_at


@dataclass(frozen=True)
class Report:
    """A custom activity, published or still a draft; `happened_at` where users moved its date."""

    id: str
    at: datetime
    by: Person
    type_id: str
    status: str
    result: str
    seats: int
    happened_at: datetime | None = None


@dataclass(frozen=True)
class Note:
    """A note on a lead."""

    id: str
    at: datetime
    by: Person
    text: str


@dataclass(frozen=True)
class Task:
    """A task; done at an instant (with the id of the completion's activity), or open."""

    id: str
    at: datetime
    by: Person
    text: str
    due_on: date
    done_at: datetime | None = None
    completion_id: str = ""


@dataclass(frozen=True)
class Merge:
    """The merge of a lead that is gone into the one that carries this."""

    id: str
    at: datetime
    by: Person
    source_id: str
    source_name: str
    status: str = "completed"


Activity = Call | Email | Meeting | Report | Note | Merge


@dataclass
class Lead:
    """A lead with everything that happened on it.

    Attributes:
        status: label of the status it was created in, then of the current one.
        created_by: None for an import.
        owner: value of the account owner field, None where it is not filled in.
        touched_at: last edit that is neither a status change nor a child's, None where there was none.
        gone_at: when it was deleted or merged, None while it is there; of a gone lead only what it left
            behind is written.
        merged_into: id of the lead that took it over.
    """

    id: str
    name: str | None
    created_at: datetime
    status: str
    source: str | None
    owner: Person | None
    created_by: Person | None
    contact: Contact
    interests: tuple[str, ...] = ()
    campaign: str | None = None
    description: str = ""
    touched_at: datetime | None = None
    moves: list[StatusMove] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    created_id: str = ""
    gone_at: datetime | None = None
    merged_into: str | None = None

    @property
    def first_status(self) -> str:
        """The status in which it was created."""
        return self.moves[0].old if self.moves else self.status

    @property
    def display_name(self) -> str:
        """Its name, or that of its contact."""
        return self.name or self.contact.name

    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
        instants = (self.created_at, self.touched_at or self.created_at, *(move.at for move in self.moves))
        return max(instants)

    def move(self, move_id: str, at: datetime, status: str, by: Person | None) -> None:
        """Put it into another status; nothing happens where it is there already."""
        if status != self.status:
            self.moves.append(StatusMove(move_id, at, self.status, status, by))
            self.status = status

    def forget_after(self, end: datetime) -> None:
        """Undo what would happen after this instant, meetings to come left aside."""
        first = self.first_status
        self.moves = [move for move in self.moves if move.at < end]
        self.status = self.moves[-1].new if self.moves else first
        self.deals = [deal for deal in self.deals if deal.created_at < end]
        for deal in self.deals:
            deal.forget_after(end)
