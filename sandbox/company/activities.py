"""What happens around a lead's story: calls, mails, meetings, reports of demos, notes and tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company.calendar import full_hour, later, local_date, working_time
from sandbox.company.catalogue import (
    CUSTOMER_STATUS,
    DEMO_REPORT,
    DEMO_RESULT,
    NEW_BUSINESS,
    NO_SHOW,
    outcome_id,
)
from sandbox.company.model import Call, Email, Meeting, Note, Report, Task
from sandbox.company.people import MOST_DILIGENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.company.dice import Dice
    from sandbox.company.model import Deal, Lead
    from sandbox.company.people import Person
    from sandbox.company.world import World

UPCOMING_DAYS = 24

# (direction, status, disposition, mean duration in seconds): how often
CALLS = {
    ("outbound", "completed", "answered", 260): 36.0,
    ("outbound", "completed", "vm-left", 25): 15.0,
    ("outbound", "completed", "vm-answer", 8): 5.0,
    ("outbound", "no-answer", "no-answer", 0): 22.0,
    ("outbound", "busy", "busy", 0): 2.5,
    ("outbound", "timeout", "no-answer", 0): 1.2,
    ("outbound", "failed", "error", 0): 1.0,
    ("outbound", "cancel", "abandoned", 0): 1.6,
    ("inbound", "completed", "answered", 300): 9.0,
    ("inbound", "no-answer", "no-answer", 0): 2.6,
    ("inbound", "completed", "vm-left", 0): 2.6,
    ("inbound", "completed", "abandoned", 0): 0.6,
    ("outbound", "completed", "blocked", 0): 0.3,
}

# (direction, status, automation): how often
EMAILS = {
    ("outgoing", "sent", None): 46.0,
    ("incoming", "inbox", None): 27.0,
    ("outgoing", "sent", "sequence"): 17.0,
    ("outgoing", "sent", "bulk"): 7.0,
    (None, "draft", None): 2.2,
    ("outgoing", "error", None): 0.4,
}

SUBJECTS = (
    "Quick question",
    "Next steps",
    "Your trial",
    "Re: pricing",
    "Following up",
    "Re: our call",
    "Contract",
    "Hello",
)
TASKS = (
    "Send the proposal",
    "Follow up after the demo",
    "Call back",
    "Prepare demo",
    "Check in on the trial",
    "Ask for a referral",
)
OTHER_MEETINGS = ("Intro call", "Quarterly review", "Onboarding kick-off", "Pricing talk")
NOTES = (
    "Spoke to the head of support; budget is there next quarter.",
    "Wants a comparison with their present tool.",
    "Legal has the contract.",
    "Will decide after the holidays.",
)


@dataclass(frozen=True)
class Phase:
    """A stretch of a lead's life in which somebody works on it."""

    start: datetime
    end: datetime
    rep: Person
    intensity: float

    def instants(self, world: World, dice: Dice, mean: float) -> Iterator[datetime]:
        """Yield working instants inside the phase, denser at its start.

        `mean` is their mean number for somebody of ordinary diligence: more are drawn, and thinned out by
        the rep's own diligence of that month.
        """
        span = (self.end - self.start).total_seconds() / 86_400
        for _ in range(dice.poisson(mean * self.intensity * MOST_DILIGENT)):
            draw = dice.between(0, 1)
            at = working_time(dice, local_date(self.start + timedelta(days=span * draw**1.4)))
            diligence = world.team.diligence(self.rep, world.calendar.index(at))
            if self.start <= at <= self.end and dice.chance(diligence / MOST_DILIGENT):
                yield at


def fill(world: World, lead: Lead) -> None:
    """Add the activities and tasks to a lead whose story is told."""
    dice = world.dice("activities", lead.id)
    for phase in _phases(world, lead, dice):
        _talk(world, dice, lead, phase)
    for deal in lead.deals:
        if deal.pipeline is NEW_BUSINESS and deal.period != "one_time":
            _demos(world, dice, lead, deal)
        _tasks(world, dice, lead, deal)


def _phases(world: World, lead: Lead, dice: Dice) -> Iterator[Phase]:
    """Yield the time before the sale, then each time as a customer."""
    rep = lead.owner or lead.created_by or (lead.deals[0].owner if lead.deals else None)
    if rep is None:
        return
    became = next((move.at for move in lead.moves if move.new == CUSTOMER_STATUS), None)
    if lead.first_status != CUSTOMER_STATUS:
        last = became or (lead.moves[-1].at if lead.moves else lead.created_at + timedelta(days=20))
        decided = max((deal.decided_at or last for deal in lead.deals[:1]), default=last)
        until = max(min(decided, last), lead.created_at + timedelta(days=3))
        yield Phase(lead.created_at, until, rep, 1.0 if lead.deals else 0.55)
    spells = [(lead.created_at, lead.first_status), *((move.at, move.new) for move in lead.moves)]
    ends = [at for at, _ in spells[1:]] + [world.calendar.end]
    for (start, status), end in zip(spells, ends, strict=True):
        if status == CUSTOMER_STATUS and start < end:
            keeper = world.team.keeper(dice, rep, end)
            yield Phase(start, end, keeper, 0.045 * (end - start).days / 30.4)


def _talk(world: World, dice: Dice, lead: Lead, phase: Phase) -> None:
    """Add the calls, mails, notes and other meetings of a phase."""
    rep, ids = phase.rep, world.ids
    for at in phase.instants(world, dice, rep.style.calls * 1.25):
        lead.activities.append(_call(dice, ids.new("acti"), at, rep))
    for at in phase.instants(world, dice, rep.style.emails * 1.3):
        lead.activities.append(_email(dice, ids.new("acti"), at, rep, lead))
    for at in phase.instants(world, dice, 0.3):
        lead.activities.append(Note(ids.new("acti"), at, rep, dice.pick(NOTES)))
    for at in phase.instants(world, dice, 0.2):
        title = f"{dice.pick(OTHER_MEETINGS)} {lead.display_name}"
        status = dice.weighted({"completed": 0.85, "canceled": 0.08, "declined-by-org": 0.03, None: 0.04})
        lead.activities.append(Meeting(ids.new("acti"), full_hour(at), rep, title, status, 30))


def _call(dice: Dice, call_id: str, at: datetime, rep: Person) -> Call:
    direction, status, disposition, length = dice.weighted(CALLS)
    missed = direction == "inbound" and disposition != "answered"
    return Call(
        call_id,
        at,
        None if missed else rep,
        direction,
        status,
        disposition,
        round(dice.around(length, 0.6)) if length else 0,
        outcome_id("Wrong number") if disposition == "answered" and dice.chance(0.02) else None,
    )


def _email(dice: Dice, email_id: str, at: datetime, rep: Person, lead: Lead) -> Email:
    direction, status, automation = dice.weighted(EMAILS)
    mail = Email(email_id, at.replace(microsecond=0), rep, direction, status, dice.pick(SUBJECTS), automation)
    if direction is not None and automation is None and dice.chance(0.03):
        # A colleague connects an account: mails of the past appear, under their own date.
        return replace(mail, synced_at=later(dice, mail.at, dice.between(2, 200)))
    return mail


def _demos(world: World, dice: Dice, lead: Lead, deal: Deal) -> None:
    """Add the demo of a deal that came to that stage, and a second one where the first did not take place."""
    ids, rep = world.ids, deal.owner
    reached = next((move.at for move in deal.moves if move.new.label == "Demo"), None)
    if reached is None:
        return
    at = full_hour(later(dice, reached, dice.between(0.5, 5)))
    for _ in range(3):
        title = dice.pick(("Product demo: {}", "Demo – {}", "{} <> Lumen Desk demo", "DEMO {}")).format(
            lead.display_name
        )
        status = dice.weighted({"completed": 0.84, "canceled": 0.08, "declined-by-lead": 0.03, None: 0.05})
        no_show = status == "completed" and dice.chance(0.09)
        held = status in {"completed", None} and not no_show
        outcome = outcome_id(NO_SHOW) if no_show else outcome_id("Successful") if held and dice.chance(0.5) else None
        meeting = Meeting(ids.new("acti"), at, rep, title, status, 45, outcome, booked_at=reached)
        lead.activities.append(meeting)
        if held:
            if dice.chance(0.4):
                _report(world, dice, lead, meeting)
            return
        at = full_hour(later(dice, at, dice.between(2, 6)))


def _report(world: World, dice: Dice, lead: Lead, meeting: Meeting) -> None:
    """Add the rep's report of a demo; a few stay drafts, a few are written the next day and dated back."""
    written_at = later(dice, meeting.at + timedelta(hours=1), dice.weighted({0.0: 0.8, 1.0: 0.2}))
    lead.activities.append(
        Report(
            world.ids.new("acti"),
            written_at,
            meeting.by,
            DEMO_REPORT,
            "draft" if dice.chance(0.08) else "published",
            dice.pick(DEMO_RESULT.choices or ("",)),
            dice.whole(3, 120),
            happened_at=meeting.at + timedelta(minutes=45),
        )
    )


def _tasks(world: World, dice: Dice, lead: Lead, deal: Deal) -> None:
    """Add the tasks of a deal; most are done within days, some stay open."""
    ids = world.ids
    for _ in range(dice.poisson(0.9)):
        at = later(dice, deal.created_at, dice.between(0, 15))
        done_at = later(dice, at, dice.between(0.1, 8)) if dice.chance(0.88) else None
        due_on = local_date(at + timedelta(days=dice.whole(0, 7)))
        text = dice.pick(TASKS)
        lead.tasks.append(Task(ids.new("task"), at, deal.owner, text, due_on, done_at, ids.new("acti")))


def forget_after(world: World, lead: Lead) -> None:
    """Take away what lies beyond the end of the history; meetings booked before it become upcoming."""
    end, kept = world.calendar.end, []
    for activity in lead.activities:
        if activity.at < end - timedelta(hours=1):
            kept.append(activity)
        elif isinstance(activity, Meeting) and activity.booked_at and activity.booked_at < end:
            # A week later: on the day of `as_of` itself it may be over or not when somebody looks.
            starts_at = activity.starts_at + timedelta(days=7)
            if starts_at < end + timedelta(days=UPCOMING_DAYS):
                kept.append(replace(activity, starts_at=starts_at, status="upcoming", outcome=None))
    lead.activities = kept
    lead.tasks = [
        replace(task, done_at=task.done_at if task.done_at and task.done_at < end else None)
        for task in lead.tasks
        if task.at < end
    ]
