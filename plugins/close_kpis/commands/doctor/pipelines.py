"""Which role each opportunity pipeline has, and which currency and time zone the account uses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, named, share

if TYPE_CHECKING:
    from close_kpis.commands.doctor.sample import Account

ROLES = {
    "new": words.NEW_BUSINESS,
    "expansion": words.EXPANSION,
    "renewal": words.RENEWAL,
    "ignore": words.NOT_SALES,
}


def decide_pipelines(account: Account) -> list[Decision]:
    """Return a decision for each role of the section ``pipelines``."""
    pipelines = account.rows("pipelines")
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    reasons: dict[str, list[str]] = {role: [] for role in ROLES}
    open_: list[str] = []
    for row in pipelines:
        name = named(pipelines, row)
        role = role_by_name(row["name"] or "")
        if role:
            found[role].append(name)
            note = " It is left out of every number: check that it is no sales." if role == "ignore" else ""
            reasons[role].append(f"'{name}': by its name.{note}")
        elif len(pipelines) == 1:
            found["new"].append(name)
            reasons["new"].append(f"'{name}' is the only one.")
        else:
            open_.append(
                f"'{name}' says nothing by its name: new, expansion, renewal or ignore? Unless you list it, it is new."
            )
    return [
        Decision(f"pipelines.{role}", found[role], " ".join(reasons[role]), tuple(open_) if role == "new" else ())
        for role in ROLES
    ]


def role_by_name(name: str) -> str:
    """Return the role that a pipeline's name says; empty where it says none, or several besides new."""
    roles = [role for role, pattern in ROLES.items() if pattern.search(name)]
    said = [role for role in roles if role != "new"] or roles
    return said[0] if len(said) == 1 else ""


def decide_timezone(account: Account) -> Decision:
    """Take the zone that most users work in; Close has none for the organisation."""
    zones = Counter(account.zones).most_common()
    if not zones:
        return Decision("timezone", None, open=("no user's time zone is known; UTC unless you name one.",))
    zone, count = zones[0]
    others = f" Others: {', '.join(f'{name} ({n})' for name, n in zones[1:])}." if zones[1:] else ""
    reason = f"{share(count, len(account.zones))} users last worked in it.{others}"
    if 2 * count <= len(account.zones):
        seen = ", ".join(f"{name} ({n})" for name, n in zones)
        return Decision(
            "timezone",
            None,
            open=(f"users work in several zones, none of them most: {seen}. UTC unless you name one.",),
        )
    return Decision("timezone", zone, reason)


def decide_currency(account: Account) -> Decision:
    """Take the organisation's currency."""
    currency = next((row["currency"] for row in account.rows("organization") if row["currency"]), None)
    if currency is None:
        return Decision("currency", None, open=("the organisation has no currency; USD unless you name one.",))
    return Decision("currency", currency, "The organisation's currency in Close.")
