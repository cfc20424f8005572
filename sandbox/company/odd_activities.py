"""Odd cases of calls, mails, meetings, tasks, merges and names; the lead's description names each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company.calendar import local_date
from sandbox.company.catalogue import (
    DEMO_REPORT,
    FORMULA_SOURCE,
    NO_SHOW,
    PARTNER_VISIT,
    PHONE_SOURCE,
    SPACED_SOURCE,
    outcome_id,
)
from sandbox.company.model import Merge, Report, Task
from sandbox.company.people import MAYA, TOM
from sandbox.company.scene import Scene, days_ago, months_ago

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.company.model import Lead
    from sandbox.company.world import World

# direction, status, disposition, duration: every value that the API knows
ODD_CALLS = (
    ("outbound", "created", None, 0),
    ("outbound", "in-progress", None, 0),
    ("outbound", "completed", "blocked", 0),
    ("outbound", "completed", "answered", 0),
    ("outbound", "completed", None, 95),
    ("outbound", "timeout", "no-answer", 0),
    ("outbound", "busy", "busy", 0),
    ("outbound", "failed", "error", 0),
    ("outbound", "cancel", "abandoned", 0),
    ("outbound", "no-answer", "vm-answer", 4),
    ("inbound", "completed", None, 140),
    ("inbound", "completed", None, 0),
    ("inbound", "completed", "no-answer", 0),
    ("inbound", "completed", "vm-left", 0),
    ("inbound", "no-answer", "abandoned", 0),
)

NAMES = (
    '=HYPERLINK("https://spam.example","Open me")',
    "+49 30 5550 1234",
    "-5 % Club",
    "@home Cleaning",
    "'Quoted Ltd",
    "Ünal\u00a0&\u00a0Söhne GmbH",
    "株式会社さくら",
    "שלום Import",
    "🚀 Rocket Bakery 🥐",
    "The Extraordinarily Long-Winded and Nevertheless Perfectly Respectable Old Family Company for "
    "Wholesale, Retail, Import, Export, Repair and Restoration of Musical Instruments, Clocks and Optical "
    "Devices of All Kinds and Ages, "
    "Successors of Brothers Ashby, Founded in the Year of the Great Frost, Limited Partnership",
    "Null",
    "Tab\tand\nline break, Inc.",
)
SOURCES = {0: FORMULA_SOURCE, 1: PHONE_SOURCE, 5: SPACED_SOURCE, 8: SPACED_SOURCE}


def activities(world: World) -> Iterator[Lead]:
    """Yield the leads on which the activities are unusual."""
    yield from _demos(world)
    yield _calls(world)
    yield _mails(world)
    yield _reports(world)
    yield _tasks(world)


def _demos(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Demos that count and demos that do not", months_ago(world, 4, 1))
    scene.meeting(months_ago(world, 4, 6, 14, 0, 0), "canceled")
    scene.meeting(months_ago(world, 4, 8, 14, 0, 0), "declined-by-lead")
    scene.meeting(months_ago(world, 4, 9, 14, 0, 0), "declined-by-org")
    scene.meeting(months_ago(world, 4, 13, 14, 0, 0), "completed", outcome=outcome_id(NO_SHOW))
    scene.meeting(months_ago(world, 4, 15, 14, 0, 0), "completed", outcome=outcome_id("Successful"))
    scene.meeting(months_ago(world, 4, 20, 14, 0, 0), None, "Second demo")
    scene.meeting(months_ago(world, 4, 22, 14, 0, 0), "completed", "Pricing talk")
    yield scene.lead

    scene = Scene(world, "Two demos on one day", months_ago(world, 3, 2), owner=TOM)
    scene.meeting(months_ago(world, 3, 11, 10, 0, 0), "completed")
    scene.meeting(months_ago(world, 3, 11, 16, 0, 0), "completed", "Demo for the team")
    yield scene.lead

    scene = Scene(world, "Demos to come", days_ago(world, 9))
    scene.meeting(days_ago(world, -5, 15), "upcoming")
    scene.meeting(days_ago(world, -12, 15), None, "Demo by hand")
    yield scene.lead

    scene = Scene(world, "A demo late on a month's last evening: next month in UTC", months_ago(world, 7, 8))
    scene.meeting(months_ago(world, 6, 1, 21, 0, 0) - timedelta(days=1), "completed")
    yield scene.lead


def _calls(world: World) -> Lead:
    scene = Scene(world, "Calls of every kind", months_ago(world, 5, 2))
    for number, (direction, status, disposition, duration) in enumerate(ODD_CALLS):
        scene.call(months_ago(world, 5, 4 + number, 10, 5), direction, status, disposition, duration)
    external = scene.call(months_ago(world, 5, 21), "outbound", "completed", "answered", 600)
    scene.lead.activities[-1] = replace(external, source="External")
    return scene.lead


def _mails(world: World) -> Lead:
    scene = Scene(world, "Mails of every kind", months_ago(world, 5, 2))
    kinds = (
        ("outgoing", "sent"),
        ("outgoing", "scheduled"),
        ("outgoing", "outbox"),
        ("outgoing", "error"),
        (None, "draft"),
    )
    for number, (direction, status) in enumerate((*kinds, ("incoming", "inbox"))):
        scene.mail(months_ago(world, 5, 5 + number, 9, 30), direction, status)
    scene.mail(months_ago(world, 5, 14), "outgoing", "sent", "sequence")
    scene.mail(months_ago(world, 5, 15), "outgoing", "sent", "bulk")
    # Written on a month's last evening, sent by itself on the next morning.
    sent = scene.mail(months_ago(world, 3, 1, 8), "outgoing", "sent")
    scene.lead.activities[-1] = replace(sent, written_at=sent.at - timedelta(hours=10))
    # Two mails written long before the lead was made came in with somebody's mailbox.
    for direction, status in (("outgoing", "sent"), ("incoming", "inbox")):
        scene.synced(scene.mail(months_ago(world, 19, 12, 9), direction, status), months_ago(world, 2, 6))
    return scene.lead


def _reports(world: World) -> Lead:
    scene = Scene(world, "Reports of demos: draft, published, dated back, of another type", months_ago(world, 4, 3))
    for day, type_id, status, back in (
        (7, DEMO_REPORT, "draft", 0),
        (8, DEMO_REPORT, "published", 0),
        (3, DEMO_REPORT, "published", 9),
        (9, PARTNER_VISIT, "published", 0),
    ):
        at = months_ago(world, 3, day)
        happened_at = at - timedelta(days=back) if back else None
        report = Report(world.ids.new("acti"), at, MAYA, type_id, status, "Good fit", 12, happened_at)
        scene.lead.activities.append(report)
    return scene.lead


def _tasks(world: World) -> Lead:
    scene = Scene(world, "A task that was completed twice, and one overdue", months_ago(world, 4, 3))
    opened, due_on = months_ago(world, 4, 4), local_date(months_ago(world, 4, 10))
    task = Task(world.ids.new("task"), opened, MAYA, "Give a demo to the board", due_on)
    twice = [
        replace(task, done_at=months_ago(world, months, 10), completion_id=world.ids.new("acti")) for months in (4, 3)
    ]
    scene.lead.tasks = [*twice, replace(task, id=world.ids.new("task"), text="Call the board back")]
    return scene.lead


def merges(world: World) -> Iterator[Lead]:
    """Yield merged leads, and what is left of the ones that are gone."""
    scene = Scene(world, "Took over a double of itself", months_ago(world, 7, 5))
    scene.sale(months_ago(world, 6, 8), 43_000)
    scene.call(months_ago(world, 7, 9), "outbound", "completed", "answered", 130)
    yield from _merge(world, scene.lead, "Merged away", months_ago(world, 5, 9))

    scene = Scene(world, "Took over a lead that had taken over another", months_ago(world, 9, 5), owner=TOM)
    for gone in _merge(world, scene.lead, "Merged away, second of a chain", months_ago(world, 3, 9)):
        if gone is not scene.lead:
            yield from _merge(world, gone, "Merged away, first of a chain", months_ago(world, 4, 9))
        else:
            yield gone

    scene = Scene(world, "Took over a lead last week", months_ago(world, 2, 5))
    yield from _merge(world, scene.lead, "Merged away last week", days_ago(world, 6))

    scene = Scene(world, "A merge into it failed", months_ago(world, 8, 5))
    other = Scene(world, "Should have been merged away", months_ago(world, 8, 6))
    failed = Merge(
        world.ids.new("acti"),
        months_ago(world, 6, 9),
        MAYA,
        other.lead.id,
        other.lead.display_name,
        "errored",
    )
    scene.lead.activities.append(failed)
    yield from (scene.lead, other.lead)

    scene = Scene(world, "Deleted last week", months_ago(world, 1, 3))
    scene.lead.gone_at, scene.lead.created_id = days_ago(world, 5), ""
    yield scene.lead


def _merge(world: World, into: Lead, case: str, at: datetime) -> Iterator[Lead]:
    """Yield the destination and the source of a merge; a call and a demo still carry the source's id."""
    scene = Scene(world, case, into.created_at + timedelta(days=1))
    scene.call(scene.lead.created_at + timedelta(days=2), "outbound", "completed", "answered", 210)
    scene.meeting(scene.lead.created_at + timedelta(days=4), "completed")
    scene.lead.created_id = ""
    scene.lead.gone_at, scene.lead.merged_into = at, into.id
    into.activities.append(Merge(world.ids.new("acti"), at, MAYA, scene.lead.id, scene.lead.display_name))
    yield into
    yield scene.lead


def texts(world: World) -> Iterator[Lead]:
    """Yield leads whose names and sources a spreadsheet must not take for something else."""
    for number, name in enumerate(NAMES):
        scene = Scene(world, "A name that must stay text", months_ago(world, 3 + number, 7, 12, number))
        scene.lead.name, scene.lead.source = name, SOURCES.get(number, "Website")
        scene.status(months_ago(world, 2 + number, 8), "Contacted")
        if number in {0, 1, 8}:
            scene.sale(months_ago(world, 1 + number, 9), 23_000)
        yield scene.lead
    scene = Scene(world, "Without a name: shown by its contact", months_ago(world, 4, 9))
    scene.lead.name = None
    yield scene.lead
    for _ in range(2):
        scene = Scene(world, "Two leads of one name", months_ago(world, 5, 9))
        scene.lead.name = "Twin Peaks Coffee"
        yield scene.lead
