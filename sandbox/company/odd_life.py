"""Odd cases of the life cycle and of deals; the lead's description names each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox.company.catalogue import EXPANSION, PARTNERSHIPS, RENEWAL, SPELLINGS
from sandbox.company.people import ALEX, BEN, MAYA, PRIYA, REMOVED, TOM
from sandbox.company.scene import Scene, days_ago, months_ago

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.company.model import Lead
    from sandbox.company.world import World

MISTYPED = date(26, 3, 14)


def lives(world: World) -> Iterator[Lead]:
    """Yield the leads whose comings and goings are unusual."""
    yield from _spells(world)
    yield from _month_edges(world)
    yield _mismatch(world)
    yield _deleted_status(world)
    yield _automation(world)
    yield _created_as_customer_long_ago(world)


def _spells(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Reactivated with a new deal", months_ago(world, 16, 3))
    scene.sale(months_ago(world, 15, 6), 52_000)
    scene.status(months_ago(world, 11, 12), "Churned")
    scene.sale(months_ago(world, 7, 19), 68_000)
    yield scene.lead

    scene = Scene(world, "Reactivated without a new deal", months_ago(world, 18, 5))
    scene.sale(months_ago(world, 17, 9), 45_000)
    scene.status(months_ago(world, 10, 2), "Churned")
    scene.status(months_ago(world, 8, 23), "Customer")
    yield scene.lead

    scene = Scene(world, "Churned and returned in one month", months_ago(world, 14, 8))
    scene.sale(months_ago(world, 13, 5), 61_000)
    scene.status(months_ago(world, 6, 4), "Churned")
    scene.status(months_ago(world, 6, 21), "Customer")
    yield scene.lead

    scene = Scene(world, "Joined and left in one month", months_ago(world, 6, 2), owner=TOM)
    scene.sale(months_ago(world, 5, 4), 38_000)
    scene.status(months_ago(world, 5, 26), "Churned")
    yield scene.lead

    scene = Scene(world, "Trial, lost, trial again, customer", months_ago(world, 12, 2))
    scene.status(months_ago(world, 12, 6), "Trial")
    scene.status(months_ago(world, 11, 10), "Lost")
    scene.status(months_ago(world, 9, 3), "Trial")
    scene.sale(months_ago(world, 8, 7), 74_000)
    yield scene.lead

    scene = Scene(world, "Two churns and two returns", months_ago(world, 30, 10), owner=ALEX)
    scene.sale(months_ago(world, 29, 12), 29_000)
    scene.status(months_ago(world, 24, 3), "Churned")
    scene.sale(months_ago(world, 20, 14), 33_000)
    scene.status(months_ago(world, 12, 20), "Churned")
    scene.sale(months_ago(world, 4, 9), 360_000, "annual")
    yield scene.lead


def _month_edges(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Left at local midnight of the first of a month", months_ago(world, 12, 8))
    scene.sale(months_ago(world, 11, 8), 42_000)
    scene.status(months_ago(world, 3, 1, 0, 0, 0), "Churned")
    yield scene.lead

    scene = Scene(world, "Joined late on a month's last evening: next month in UTC", months_ago(world, 10, 9))
    last_evening = months_ago(world, 8, 1, 23, 40) - timedelta(days=1)
    deal = scene.deal(last_evening - timedelta(days=12), 57_000)
    scene.won(deal, last_evening - timedelta(minutes=9))
    scene.status(last_evening, "Customer")
    yield scene.lead


def _mismatch(world: World) -> Lead:
    scene = Scene(world, "The last status change contradicts the status", months_ago(world, 9, 4))
    scene.status(months_ago(world, 9, 6), "Contacted")
    scene.status(months_ago(world, 8, 3), "Lost")
    scene.lead.status, scene.lead.touched_at = "Trial", months_ago(world, 4, 17)
    return scene.lead


def _deleted_status(world: World) -> Lead:
    scene = Scene(world, "Was in a status that has been deleted since", months_ago(world, 33, 4), owner=ALEX)
    scene.status(months_ago(world, 33, 9), "Nurture")
    scene.status(months_ago(world, 26, 9), "Contacted")
    return scene.lead


def _automation(world: World) -> Lead:
    scene = Scene(world, "An automation set it to lost; no owner, no deal", months_ago(world, 5, 7))
    scene.lead.owner = None
    scene.lead.move(world.ids.new("acti"), months_ago(world, 2, 7), "Lost", None)
    return scene.lead


def _created_as_customer_long_ago(world: World) -> Lead:
    scene = Scene(world, "Created as customer, never changed", months_ago(world, 28, 15), status="Customer", owner=BEN)
    scene.won(scene.deal(months_ago(world, 28, 15), 900_000, "annual"), months_ago(world, 28, 15, 12))
    return scene.lead


def deals(world: World) -> Iterator[Lead]:
    """Yield the leads whose opportunities are unusual."""
    yield from _reopened(world)
    yield from _odd_values(world)
    yield from _odd_dates(world)
    yield from _odd_sources(world)
    yield from _odd_company(world)


def _reopened(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Won, then reopened: date_won stays", months_ago(world, 7, 3))
    deal = scene.deal(months_ago(world, 7, 5), 88_000)
    scene.won(deal, months_ago(world, 6, 10))
    scene.stage(deal, months_ago(world, 6, 12), "Contract sent")
    scene.status(months_ago(world, 6, 13), "Contacted")
    yield scene.lead

    scene = Scene(world, "Lost, then reopened: date_lost stays", months_ago(world, 8, 3), owner=PRIYA)
    deal = scene.deal(months_ago(world, 8, 5), 2_400_000, "annual", expected_on=days_ago(world, -20).date())
    scene.lost(deal, months_ago(world, 5, 10))
    scene.stage(deal, months_ago(world, 2, 12), "Proposal sent")
    yield scene.lead

    scene = Scene(world, "Lost, reopened, won", months_ago(world, 9, 3), owner=PRIYA)
    deal = scene.deal(months_ago(world, 9, 5), 3_100_000, "annual")
    scene.lost(deal, months_ago(world, 7, 10))
    scene.stage(deal, months_ago(world, 5, 12), "Contract sent")
    scene.won(deal, months_ago(world, 4, 20))
    scene.status(months_ago(world, 4, 20, 12), "Customer")
    yield scene.lead


def _odd_values(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Won without a value", months_ago(world, 9, 11), owner=TOM)
    scene.sale(months_ago(world, 8, 15), None)
    yield scene.lead

    scene = Scene(world, "Won for nothing", months_ago(world, 10, 11), owner=TOM)
    scene.sale(months_ago(world, 9, 15), 0)
    yield scene.lead

    scene = Scene(world, "Open without a value", months_ago(world, 2, 11))
    scene.deal(months_ago(world, 2, 15), None, "annual")
    yield scene.lead

    scene = Scene(world, "Customer with a one-time deal only", months_ago(world, 9, 14))
    scene.sale(months_ago(world, 8, 18), 450_000, "one_time")
    yield scene.lead

    scene = Scene(world, "Customer without any deal", months_ago(world, 11, 4))
    scene.status(months_ago(world, 10, 6), "Customer")
    yield scene.lead

    scene = Scene(world, "Renewal below the running value, expansion after it", months_ago(world, 20, 6), owner=PRIYA)
    scene.sale(months_ago(world, 19, 8), 4_800_000, "annual")
    scene.won(scene.deal(months_ago(world, 8, 4), 3_600_000, "annual", RENEWAL), months_ago(world, 7, 8))
    scene.won(scene.deal(months_ago(world, 4, 4), 50_000, "monthly", EXPANSION), months_ago(world, 3, 8))
    yield scene.lead

    scene = Scene(world, "An amount with cents that twelve does not divide", months_ago(world, 7, 6))
    scene.sale(months_ago(world, 6, 17), 1_000_001, "annual")
    yield scene.lead


def _odd_dates(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Won before it was created", months_ago(world, 5, 4))
    deal = scene.deal(months_ago(world, 4, 20), 47_000)
    scene.won(deal, months_ago(world, 4, 20, 12), months_ago(world, 4, 2).date())
    scene.status(months_ago(world, 4, 20, 13), "Customer")
    yield scene.lead

    scene = Scene(world, "Won without a date", months_ago(world, 6, 5), owner=TOM)
    scene.sale(months_ago(world, 5, 13), 39_000).won_on = None
    yield scene.lead

    scene = Scene(world, "Won in a year that was mistyped", months_ago(world, 7, 5))
    scene.sale(months_ago(world, 6, 13), 43_000).won_on = MISTYPED
    yield scene.lead

    scene = Scene(world, "Annual contract that lapsed: still a customer, never renewed", months_ago(world, 21, 8))
    scene.sale(months_ago(world, 20, 12), 1_250_000, "annual")
    yield scene.lead

    scene = Scene(world, "Won on a day that is still to come", months_ago(world, 3, 4))
    deal = scene.deal(months_ago(world, 2, 6), 92_000)
    scene.won(deal, days_ago(world, 4), days_ago(world, -40).date())
    yield scene.lead

    scene = Scene(world, "Won, but no customer", months_ago(world, 6, 9), owner=TOM)
    scene.status(months_ago(world, 6, 10), "Contacted")
    scene.won(scene.deal(months_ago(world, 6, 12), 55_000), months_ago(world, 5, 18))
    yield scene.lead

    scene = Scene(world, "Opened and won on one day", months_ago(world, 5, 9))
    scene.won(scene.deal(months_ago(world, 5, 12, 9), 31_000), months_ago(world, 5, 12, 16))
    scene.status(months_ago(world, 5, 12, 17), "Customer")
    yield scene.lead


def _odd_sources(world: World) -> Iterator[Lead]:
    for number, spelled in enumerate(SPELLINGS):
        scene = Scene(world, f"The source is spelled {spelled!r}", months_ago(world, 4 + number, 7))
        scene.lead.source = spelled
        scene.sale(months_ago(world, 3 + number, 11), 41_000)
        yield scene.lead


def _odd_company(world: World) -> Iterator[Lead]:
    scene = Scene(world, "Deal in a pipeline that is left out", months_ago(world, 12, 9), owner=ALEX)
    scene.won(scene.deal(months_ago(world, 12, 12), 9_900_000, "annual", PARTNERSHIPS), months_ago(world, 10, 12))
    scene.lost(scene.deal(months_ago(world, 9, 12), 1_900_000, "annual", PARTNERSHIPS), months_ago(world, 8, 12))
    scene.deal(months_ago(world, 3, 12), 700_000, "annual", PARTNERSHIPS)
    yield scene.lead

    scene = Scene(world, "Sold by somebody whose user was removed", months_ago(world, 34, 6), owner=REMOVED)
    scene.sale(months_ago(world, 32, 12), 36_000)
    scene.call(months_ago(world, 33, 14), "outbound", "completed", "answered", 340)
    yield scene.lead

    scene = Scene(world, "Two deals won on one day, by two people", months_ago(world, 8, 6), owner=MAYA)
    scene.sale(months_ago(world, 7, 14), 64_000)
    other = scene.deal(months_ago(world, 7, 1), 150_000, "one_time", owner=TOM)
    scene.won(other, months_ago(world, 7, 14, 15))
    yield scene.lead
