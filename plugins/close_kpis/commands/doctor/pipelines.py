"""Which role each opportunity pipeline has, by its name and its wins; which currency and time zone the account uses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.proposal import Decision, Question, Reading, named, share

if TYPE_CHECKING:
    from close_kpis.commands.doctor.sample import AccountSample

ROLES = {
    "new": words.NEW_BUSINESS,
    "expansion": words.EXPANSION,
    "renewal": words.RENEWAL,
    "ignore": words.NOT_SALES,
}


def decide_pipelines(account: AccountSample) -> list[Decision]:
    """Return a decision for each role of the section ``pipelines``."""
    pipelines = account.rows("pipelines")
    wins = Counter(deal["pipeline_id"] for deal in account.rows("opportunities") if deal["status_type"] == "won")
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    reasons: dict[str, list[str]] = {role: [] for role in ROLES}
    doubts: list[tuple[str, str, tuple[str, ...]]] = []
    for row in pipelines:
        name, won = named(pipelines, row), wins[row["id"]]
        seen = f"; {share(won, wins.total())} wins seen are in it" if wins else ""
        roles = roles_by_name(row["name"] or "")
        if len(pipelines) == 1 and (won or not roles):
            found["new"].append(name)
            reasons["new"].append(f"'{name}' is the only one.")
        elif "ignore" in roles and won:
            text = f"'{name}' is named like no sales, but {seen[2:]}: new, expansion, renewal or ignore?"
            doubts.append((name, text, ("new", "renewal", "ignore")))
        elif len(roles) == 1:
            [role] = roles
            found[role].append(name)
            note = " It is left out of every number: check that it is no sales." if role == "ignore" else ""
            reasons[role].append(f"'{name}': by its name{seen}.{note}")
        else:
            says = f"says {' and '.join(roles)}" if roles else "says nothing"
            text = f"'{name}' {says} by its name{seen}: new, expansion, renewal or ignore?"
            doubts.append((name, text, ("new", "renewal", "ignore") if won else ()))
    questions = tuple(_question(found, *doubt) for doubt in doubts)
    return [
        Decision(f"pipelines.{role}", found[role], " ".join(reasons[role]), (), questions if role == "new" else ())
        for role in ROLES
    ]


LABELS = {"new": "as new", "renewal": "as renewal", "ignore": "ignored"}


def _question(found: dict[str, list[str]], name: str, text: str, roles: tuple[str, ...]) -> Question:
    readings = [Reading(LABELS[role], {f"pipelines.{role}": [*found[role], name]}) for role in roles]
    return Question(f"{text} Unless you list it, it is new.", tuple(readings))


def roles_by_name(name: str) -> list[str]:
    """Return the roles that a pipeline's name says; new only where it says no other."""
    roles = [role for role, pattern in ROLES.items() if words.says(pattern, name)]
    return [role for role in roles if role != "new"] or roles


def decide_timezone(account: AccountSample) -> Decision:
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


def organization_currency(account: AccountSample) -> str | None:
    """Return the one currency that the organisation has in Close."""
    return next((row["currency"] for row in account.rows("organization") if row["currency"]), None)


def decide_currency(account: AccountSample) -> Decision:
    """Take the organisation's currency."""
    currency = organization_currency(account)
    if currency is None:
        return Decision("currency", None, open=("the organisation has no currency; name the one of your deals.",))
    return Decision("currency", None, f"{currency}: taken from the organisation in Close.")
