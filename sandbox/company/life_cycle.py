"""The life of a lead: contacted, on trial, customer, churned, lost, and perhaps back again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company import names
from sandbox.company.calendar import MONTHS, later, local_date, local_time, working_time
from sandbox.company.catalogue import (
    CAMPAIGN,
    CUSTOMER_STATUS,
    EXPANSION,
    INTERESTS,
    NEW_BUSINESS,
    RENEWAL,
    SOURCES,
)
from sandbox.company.deals import Offer, open_deal, price, run_deal, set_up_fee
from sandbox.company.model import Lead
from sandbox.company.people import ALEX, PRIYA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sandbox.company.catalogue import Source
    from sandbox.company.dice import Dice
    from sandbox.company.model import Deal
    from sandbox.company.people import Person
    from sandbox.company.world import World

LAST = MONTHS - 1
SEASON = {
    1: 1.1,
    2: 1.05,
    3: 1.1,
    4: 1.0,
    5: 1.1,
    6: 0.95,
    7: 0.8,
    8: 0.75,
    9: 1.15,
    10: 1.2,
    11: 1.0,
    12: 0.7,
}
CONFERENCES = (5, 10)
MONTHLY_CHURN = 0.024
# A price rise made many leave, fourteen months before the end: factor on the risk of leaving in that month.
PRICE_RISE = {LAST - 14: 3.4, LAST - 13: 2.4, LAST - 12: 1.4}
IMPORTED_CUSTOMERS, IMPORTED_LEADS = 16, 34
WON_BEFORE_IMPORT = 10, 150
"""How many days before the import its customers' deals were won, at least and at most."""


def leads(world: World) -> Iterator[Lead]:
    """Tell the story of every ordinary lead: an import on the first day, then new ones every month."""
    imported_at = local_time(world.calendar.import_day, 10, 3, 27)
    for number in range(IMPORTED_CUSTOMERS + IMPORTED_LEADS):
        yield imported_lead(world, number, imported_at)
    number = IMPORTED_CUSTOMERS + IMPORTED_LEADS
    for month in range(MONTHS):
        dice = world.dice("month", month)
        first = world.calendar.month(month)
        growth = 26 + 36 * month / LAST
        for _ in range(dice.poisson(growth * SEASON[first.month])):
            day = first + timedelta(days=dice.whole(0, 27))
            yield new_lead(world, number, day, dice.weighted(_source_weights(month, first.month)))
            number += 1


def _source_weights(month: int, month_of_year: int) -> dict[Source, float]:
    """Return the mix of sources: paid search grows, conferences have a season, the unset ones fade."""
    factors = {
        "Paid Search": 0.3 + 1.3 * month / LAST,
        "Conference": 3.0 if month_of_year in CONFERENCES else 0.4,
        "Partner": 0.5 + 0.8 * month / LAST,
        None: 1.6 - 1.2 * month / LAST,
    }
    return {source: source.share * factors.get(source.name, 1.0) for source in SOURCES}


def imported_lead(world: World, number: int, at: datetime) -> Lead:
    """Return a lead of the import that began the account: all of one instant, made by nobody."""
    dice = world.dice("lead", number)
    source = SOURCES[dice.whole(0, 3)]
    lead = _blank(world, dice, at, source, ALEX)
    lead.created_by = None
    if number >= IMPORTED_CUSTOMERS:
        prospect(world, dice, lead, source, ALEX)
        return lead
    lead.status = CUSTOMER_STATUS
    offer = price(dice, source, ALEX, 0)
    deal = open_deal(world, lead, NEW_BUSINESS, at, offer, ALEX, 0)
    won_on = local_date(at) - timedelta(days=dice.whole(*WON_BEFORE_IMPORT))
    deal.stage, deal.won_on, deal.note = NEW_BUSINESS.won, won_on, "Imported"
    Subscription(world, dice, lead, source).run(deal, at)
    return lead


def new_lead(world: World, number: int, day: date, source: Source) -> Lead:
    """Return a lead that comes in on this day, with all that follows."""
    dice = world.dice("lead", number)
    month = world.calendar.index(day)
    owner = world.team.assign(dice, month)
    if owner is PRIYA and source.name == "Paid Search":
        owner = world.team.assign(dice, month)
    self_served = source.name in {"Website", "Paid Search"}
    at = (
        local_time(day, dice.whole(0, 23), dice.whole(0, 59), dice.whole(0, 59))
        + timedelta(milliseconds=dice.whole(0, 999))
        if self_served
        else working_time(dice, day)
    )
    lead = _blank(world, dice, at, source, owner)
    if self_served and dice.chance(source.trial * 0.35):
        lead.status = "Trial"
    prospect(world, dice, lead, source, owner)
    return lead


def _blank(world: World, dice: Dice, at: datetime, source: Source, owner: Person) -> Lead:
    name = names.firm(dice)
    choices = INTERESTS.choices or ()
    return Lead(
        world.ids.new("lead"),
        name,
        at,
        "Potential",
        source.name,
        owner if dice.chance(0.93) else None,
        owner,
        names.contact(dice, world.ids, name),
        interests=tuple(choice for choice in choices if dice.chance(0.3)) if dice.chance(0.7) else (),
        campaign=f"{CAMPAIGN.name} {at.year} Q{(at.month + 2) // 3}" if source.name == "Paid Search" else None,
        created_id=world.ids.new("acti"),
    )


def prospect(world: World, dice: Dice, lead: Lead, source: Source, rep: Person) -> None:
    """Work on a new lead until it is a customer, lost, or forgotten."""
    ids, at = world.ids, lead.created_at
    if not dice.chance(0.88):
        return
    if lead.status == "Potential":
        at = later(dice, at, dice.between(0.05, 4))
        lead.move(ids.new("acti"), at, "Contacted", rep)
    if not dice.chance(source.deal):
        at = later(dice, at, dice.between(3, 25))
        if lead.status == "Contacted" and dice.chance(source.trial * 0.5):
            lead.move(ids.new("acti"), at, "Trial", rep)
            at = later(dice, at, dice.between(14, 40))
        ending = dice.weighted({"Lost": 0.35, "Bad fit": 0.25, "": 0.4})
        if ending:
            lead.move(ids.new("acti"), at, ending, rep)
        return
    deal, at, won = first_deal(world, dice, lead, source, rep, at)
    if won:
        lead.move(ids.new("acti"), at + timedelta(minutes=dice.whole(1, 40)), CUSTOMER_STATUS, deal.owner)
        if dice.chance(0.12):
            set_up_fee(world, dice, lead, deal, at)
        Subscription(world, dice, lead, source).run(deal, lead.moves[-1].at)
    elif dice.chance(0.85):
        ending = dice.weighted({"Lost": 0.8, "Bad fit": 0.2})
        lead.move(ids.new("acti"), later(dice, at, dice.between(0, 4)), ending, deal.owner)


def first_deal(
    world: World, dice: Dice, lead: Lead, source: Source, rep: Person, at: datetime
) -> tuple[Deal, datetime, bool]:
    """Open the first deal of a lead, with or without a trial beside it, and take it to its end."""
    opened_at = later(dice, at, dice.between(0.1, 7))
    days = dice.around(rep.style.cycle_days)
    if lead.status == "Contacted" and dice.chance(source.trial):
        trial_at = later(dice, opened_at, dice.between(0.1, days / 3))
        lead.move(world.ids.new("acti"), trial_at, "Trial", rep)
    owner = world.team.keeper(dice, rep, opened_at)
    month = world.calendar.index(opened_at)
    deal = open_deal(world, lead, NEW_BUSINESS, opened_at, price(dice, source, owner, month), owner, days)
    decision = min(world.calendar.index(opened_at + timedelta(days=days)), LAST)
    win = min(0.85, source.win * world.team.closing(owner, decision))
    ending = dice.weighted({"won": win, "lost": (1 - win) * 0.93, "stale": (1 - win) * 0.07})
    if ending != "stale" and not world.team.present(owner, decision):
        deal.owner = world.team.keeper(dice, owner, opened_at + timedelta(days=days))
    decided_at = run_deal(world, dice, deal, days, ending)
    last_move = lead.moves[-1].at if lead.moves else lead.created_at
    return deal, max(decided_at, last_move + timedelta(minutes=2)), ending == "won"


@dataclass
class Subscription:
    """The time of a lead as a customer: expansions, renewals, leaving, coming back."""

    world: World
    dice: Dice
    lead: Lead
    source: Source

    def run(self, sale: Deal, since: datetime) -> None:
        """Follow a customer from the day of the sale to the end of the history."""
        running = Offer(sale.value or 0, sale.period).annual_cents
        at, months = since, 0
        while (at := at + timedelta(days=30.4)) < self.world.calendar.end:
            months += 1
            month = self.world.calendar.index(at)
            risk = MONTHLY_CHURN * self.source.churn * PRICE_RISE.get(month, 1.0)
            if sale.period == "annual" and months % 12 == 11:
                if (renewed := self._renew(sale, running, at, risk)) is None:
                    return
                running = renewed
            elif self.dice.chance(risk * (0.12 if sale.period == "annual" else 1.5 if months < 5 else 1.0)):
                self._leave(later(self.dice, at, self.dice.between(0, 12)))
                return
            elif self.dice.chance(0.03):
                running += self._expand(sale, running, at)
            elif sale.period == "monthly" and self.dice.chance(0.006):
                running = self._downgrade(sale, running, at)

    def _keeper(self, sale: Deal, at: datetime) -> Person:
        return self.world.team.keeper(self.dice, sale.owner, at)

    def _renew(self, sale: Deal, running: int, at: datetime, risk: float) -> int | None:
        """Renew a contract of a year; return its new annual cents, None where the customer leaves."""
        dice, owner = self.dice, self._keeper(sale, at)
        opened_at = later(dice, at, -12)
        factor = dice.weighted({1.0: 0.45, 1.05: 0.25, 1.1: 0.2, 0.85: 0.1})
        offer = Offer(round(running * factor / 1000) * 1000, "annual")
        deal = open_deal(self.world, self.lead, RENEWAL, opened_at, offer, owner, 45)
        renewed = not dice.chance(min(0.6, risk * 8))
        decided_at = run_deal(self.world, dice, deal, dice.between(32, 48), "won" if renewed else "lost")
        if renewed:
            return offer.annual_cents
        self._leave(later(dice, decided_at, dice.between(0, 6)))
        return None

    def _expand(self, sale: Deal, running: int, at: datetime) -> int:
        """Offer more seats; return the annual cents won."""
        dice, owner = self.dice, self._keeper(sale, at)
        share = dice.between(0.12, 0.55)
        yearly = sale.period == "annual"
        offer = Offer(round(running * share / (1 if yearly else 12) / 500) * 500, sale.period)
        deal = open_deal(self.world, self.lead, EXPANSION, later(dice, at, 0), offer, owner, 21)
        ending = dice.weighted({"won": 0.44, "lost": 0.5, "stale": 0.06})
        run_deal(self.world, dice, deal, dice.around(16), ending)
        return offer.annual_cents if ending == "won" else 0

    def _downgrade(self, sale: Deal, running: int, at: datetime) -> int:
        """Agree on a smaller plan, as a renewal; return its annual cents."""
        offer = Offer(round(running * self.dice.between(0.5, 0.8) / 12 / 100) * 100, "monthly")
        deal = open_deal(self.world, self.lead, RENEWAL, later(self.dice, at, 0), offer, self._keeper(sale, at), 7)
        run_deal(self.world, self.dice, deal, self.dice.between(2, 9), "won")
        return offer.annual_cents

    def _leave(self, at: datetime) -> None:
        """End the subscription; some come back after months, most of them with a new deal."""
        dice, lead, ids = self.dice, self.lead, self.world.ids
        at = max(at, lead.moves[-1].at + timedelta(hours=1)) if lead.moves else at
        rep = self.world.team.keeper(dice, lead.owner or ALEX, at)
        lead.move(ids.new("acti"), at, "Churned", rep)
        if not dice.chance(0.2):
            return
        back_at = later(dice, at, dice.between(35, 240))
        rep = self.world.team.keeper(dice, rep, back_at)
        month = self.world.calendar.index(back_at)
        offer = price(dice, self.source, rep, min(month, LAST))
        deal = open_deal(self.world, lead, NEW_BUSINESS, back_at, offer, rep, 20)
        won_at = run_deal(self.world, dice, deal, dice.around(14), "won")
        lead.move(ids.new("acti"), won_at + timedelta(minutes=9), CUSTOMER_STATUS, rep)
        self.run(deal, won_at)
