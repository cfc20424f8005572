"""Deals: prices, the way through the stages, and how they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company.calendar import later, local_date
from sandbox.company.catalogue import COMPETITOR, ENTERPRISE, NEW_BUSINESS, PLANS
from sandbox.company.model import Deal

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.company.catalogue import Pipeline, Source
    from sandbox.company.dice import Dice
    from sandbox.company.model import Lead
    from sandbox.company.people import Person
    from sandbox.company.world import World

GIVEN_UP_AFTER = 60, 150
"""Days until a deal that went stale is given up, at least and at most."""

DISCOUNTS = {None: 0.72, 10: 0.16, 15: 0.07, 20: 0.05}


@dataclass(frozen=True)
class Offer:
    """What a deal asks for: cents a month, a year or once, as `period` says, after the discount (%)."""

    value: int
    period: str
    discount: int | None = None

    @property
    def annual_cents(self) -> int:
        """Recurring value of a year, in cents."""
        return {"monthly": 12, "annual": 1, "one_time": 0}[self.period] * self.value


def price(dice: Dice, source: Source, rep: Person, month: int) -> Offer:
    """Return what a new customer is offered; prices rise a little over the years."""
    plan = ENTERPRISE if dice.chance(rep.style.large_deals) else dice.weighted(PLANS)
    ticket = source.ticket if plan is not ENTERPRISE else 1.0
    monthly = dice.around(plan.monthly * ticket * (0.9 + 0.008 * max(0, month)), 0.3)
    discount = dice.weighted(DISCOUNTS)
    monthly *= (100 - (discount or 0)) / 100
    annual = plan is ENTERPRISE or dice.chance(rep.style.annual)
    whole_dollars = round(monthly * (11 if annual else 1) / 500) * 500 if annual else round(monthly / 100) * 100
    return Offer(int(whole_dollars), "annual" if annual else "monthly", discount)


def open_deal(
    world: World, lead: Lead, pipeline: Pipeline, at: datetime, offer: Offer, owner: Person, days: float
) -> Deal:
    """Open a deal on a lead in the pipeline's first stage, hoped to be won after so many days."""
    dice = world.dice("deal", lead.id, len(lead.deals))
    deal = Deal(
        world.ids.new("oppo"),
        pipeline,
        pipeline.open_stages[0],
        owner,
        at,
        offer.value,
        offer.period,
        expected_on=local_date(at + timedelta(days=days)) if dice.chance(0.85) else None,
        discount=offer.discount,
        competitor=dice.pick(COMPETITOR.choices or ("None",)) if dice.chance(0.4) else None,
    )
    lead.deals.append(deal)
    return deal


def run_deal(world: World, dice: Dice, deal: Deal, days: float, ending: str) -> datetime:
    """Take a deal through its stages.

    Args:
        world: the company.
        dice: draws for this deal.
        deal: a deal in its first stage.
        days: from opening to decision.
        ending: won, lost, or stale (it stays open in some stage until it is given up).

    Returns:
        When it was decided.
    """
    if ending == "stale":
        days = dice.between(*GIVEN_UP_AFTER)
    steps = deal.pipeline.open_stages[1:]
    reached = len(steps) if ending == "won" else dice.whole(0, len(steps))
    at = deal.created_at
    for number, stage in enumerate(steps[:reached], start=1):
        at = later(dice, max(at, deal.created_at + timedelta(days=days * number / (len(steps) + 1.5))), 0)
        deal.move(world.ids.new("acti"), at, stage)
    at = max(later(dice, deal.created_at, days), at + timedelta(minutes=20))
    deal.move(world.ids.new("acti"), at, deal.pipeline.won if ending == "won" else deal.pipeline.lost)
    if ending == "won" and deal.won_on is not None and dice.chance(0.06):
        # Some write down the date of the signature, not of the click.
        deal.won_on -= timedelta(days=dice.whole(1, 3)) if deal.won_on > local_date(deal.created_at) else timedelta()
        deal.won_on = max(deal.won_on, local_date(deal.created_at))
    return at


def set_up_fee(world: World, dice: Dice, lead: Lead, sale: Deal, won_at: datetime) -> None:
    """Sell onboarding once, beside a subscription that was won at this instant."""
    opened_at = sale.created_at + timedelta(days=1)
    offer = Offer(dice.whole(3, 16) * 50_000, "one_time")
    if opened_at >= won_at:
        return
    fee = open_deal(world, lead, NEW_BUSINESS, opened_at, offer, sale.owner, 20)
    fee.note = "Onboarding and data import"
    fee.move(world.ids.new("acti"), won_at + timedelta(minutes=3), NEW_BUSINESS.won)
