"""A lead whose story is written by hand, in months of the company's calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company import names
from sandbox.company.calendar import local_time
from sandbox.company.catalogue import CUSTOMER_STATUS, NEW_BUSINESS
from sandbox.company.model import Call, Deal, Email, Lead, Meeting
from sandbox.company.people import MAYA

if TYPE_CHECKING:
    from datetime import date, datetime

    from sandbox.company.catalogue import Pipeline
    from sandbox.company.people import Person
    from sandbox.company.world import World


class Scene:
    """Builds one lead; its description says which case it stands for.

    `months_ago` and `days_ago` give its instants: the story lies as far back on every day it is told.
    """

    def __init__(
        self, world: World, case: str, created: datetime, status: str = "Potential", owner: Person = MAYA
    ) -> None:
        dice = world.dice("scene", case)
        name = names.firm(dice)
        self.world = world
        self.lead = Lead(
            world.ids.new("lead"),
            name,
            created,
            status,
            "Website",
            owner,
            owner,
            names.contact(dice, world.ids, name),
            description=case,
            created_id=world.ids.new("acti"),
        )
        self.owner = owner

    def status(self, at: datetime, label: str, by: Person | None = None) -> None:
        """Put the lead into another status."""
        self.lead.move(self.world.ids.new("acti"), at, label, by or self.owner)

    def deal(
        self,
        at: datetime,
        value: int | None,
        period: str = "monthly",
        pipeline: Pipeline = NEW_BUSINESS,
        owner: Person | None = None,
        expected_on: date | None = None,
    ) -> Deal:
        """Open a deal in the first stage of the pipeline; value in cents."""
        deal = Deal(
            self.world.ids.new("oppo"),
            pipeline,
            pipeline.open_stages[0],
            owner or self.owner,
            at,
            value,
            period,
            expected_on,
        )
        self.lead.deals.append(deal)
        return deal

    def stage(self, deal: Deal, at: datetime, label: str) -> None:
        """Put a deal into the stage with this label."""
        deal.move(self.world.ids.new("acti"), at, deal.pipeline.stage(label))

    def won(self, deal: Deal, at: datetime, on: date | None = None) -> None:
        """Win a deal, dated by the click or by another day."""
        deal.won_on = on
        self.stage(deal, at, deal.pipeline.won.label)

    def lost(self, deal: Deal, at: datetime) -> None:
        """Lose a deal."""
        self.stage(deal, at, deal.pipeline.lost.label)

    def sale(self, at: datetime, value: int | None, period: str = "monthly") -> Deal:
        """Win a deal that was opened three weeks before, and make the lead a customer."""
        deal = self.deal(at - timedelta(days=21), value, period)
        self.won(deal, at)
        self.status(at + timedelta(minutes=5), CUSTOMER_STATUS)
        return deal

    def call(self, at: datetime, direction: str, status: str, disposition: str | None, duration: int = 0) -> Call:
        """Add a call; an inbound one that nobody took belongs to nobody."""
        missed = direction == "inbound" and duration == 0
        by = None if missed else self.owner
        call = Call(self.world.ids.new("acti"), at, by, direction, status, disposition, duration)
        self.lead.activities.append(call)
        return call

    def mail(self, at: datetime, direction: str | None, status: str, automation: str | None = None) -> Email:
        """Add a mail."""
        mail = Email(self.world.ids.new("acti"), at, self.owner, direction, status, "Hello", automation)
        self.lead.activities.append(mail)
        return mail

    def meeting(
        self, at: datetime, status: str | None, title: str = "Product demo", outcome: str | None = None
    ) -> Meeting:
        """Add a meeting of three quarters of an hour, booked when the lead was new."""
        meeting = Meeting(
            self.world.ids.new("acti"),
            at,
            self.owner,
            f"{title} {self.lead.display_name}",
            status,
            outcome=outcome,
            booked_at=self.lead.created_at + timedelta(hours=1),
        )
        self.lead.activities.append(meeting)
        return meeting

    def synced(self, mail: Email, at: datetime) -> None:
        """Let a mail of the past come in later, at this instant."""
        self.lead.activities[self.lead.activities.index(mail)] = replace(mail, synced_at=at)


def months_ago(world: World, months: int, day: int, hour: int = 11, minute: int = 0, second: int = 7) -> datetime:
    """Return a local time of a day, so many months before the running one."""
    last = world.calendar.index(world.calendar.as_of)
    return local_time(world.calendar.day(last - months, day), hour, minute, second)


def days_ago(world: World, days: int, hour: int = 11) -> datetime:
    """Return a local time so many days before `as_of`; negative days lie ahead of it."""
    return local_time(world.calendar.as_of - timedelta(days=days), hour)
