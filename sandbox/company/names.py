"""Names of made-up firms and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.company.model import Contact

if TYPE_CHECKING:
    from sandbox.company.dice import Dice
    from sandbox.company.ids import Ids


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    """
    Amber Birch Cedar Copper Coral Crescent Dune Elm Ember Fern Flint Granite Harbor Hazel Heron Indigo
    Ivory Juniper Kestrel Larch Linden Maple Marble Meadow Mill Moss North Oak Opal Orchard Osprey
    Pebble Pine Quarry Quill Raven Reed Ridge River Rowan Saffron Sage Silver Slate Sparrow Spruce Stone
    Summit Tern Thistle Tidal Umber Valley Velvet Willow Winter Wren Yarrow
    """
)
_SECOND = _words(
    """
    Analytics Apparel Architects Audio Bakery Biotech Books Brewing Builders Capital Care Clinics Coffee
    Dental Design Energy Farms Films Fitness Foods Freight Games Garden Hotels Imports Insurance
    Interiors Kitchens Labs Law Learning Legal Living Logistics Media Medical Mobility Motors Optics
    Outfitters Packaging Pets Pharma Robotics Schools Security Software Sports Studios Supply Systems
    Textiles Tools Toys Travel Water Wellness Works
    """
)
_SUFFIX = {"": 0.55, " Inc.": 0.12, " LLC": 0.12, " Group": 0.09, " & Co.": 0.06, " GmbH": 0.04, " Ltd": 0.02}
_GIVEN = _words(
    """
    Aisha Anna Boris Carla Chen Daniel Elena Emeka Fatima Felix Grace Hana Ines Ivan Jamal Julia Kofi
    Lars Leila Lucas Marta Mei Nadia Noah Olga Omar Paula Rahul Rosa Samir Sara Stefan Tara Umar Vera
    Yuki Zoe
    """
)
_FAMILY = _words(
    """
    Abbott Adeyemi Bauer Becker Carvalho Chen Costa Dahl Dubois Evans Fischer Garcia Haddad Hansen
    Ibrahim Ito Jansen Kaya Keller Kumar Larsen Lopez Moreau Nakamura Novak Okoye Olsen Patel Petrov
    Quist Reyes Rossi Sato Silva Suzuki Tanaka Torres Varga Walsh Young
    """
)
_TITLES = ("Head of Support", "Operations Manager", "CEO", "Customer Success Lead", "IT Manager", "COO", "")


def firm(dice: Dice) -> str:
    """Return the name of a firm; a few names come up twice, as they do in life."""
    return f"{dice.pick(_FIRST)} {dice.pick(_SECOND)}{dice.weighted(_SUFFIX)}"


def contact(dice: Dice, ids: Ids, firm_name: str) -> Contact:
    """Return a person at the firm; the address ends in a domain reserved for examples."""
    given, family = dice.pick(_GIVEN), dice.pick(_FAMILY)
    domain = "".join(letter for letter in firm_name.lower() if letter.isascii() and letter.isalnum()) or "firm"
    return Contact(
        ids.new("cont"),
        f"{given} {family}",
        dice.pick(_TITLES),
        f"{given}.{family}@{domain[:40]}.example".lower(),
        f"+1555{dice.whole(200, 999)}01{dice.whole(0, 99):02d}",
    )
