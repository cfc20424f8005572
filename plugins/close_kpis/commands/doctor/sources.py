"""Sources that may be one under several names."""

from __future__ import annotations

import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.fields import read_fills
from close_kpis.commands.doctor.proposal import Decision

if TYPE_CHECKING:
    from close_kpis.commands.doctor.sample import AccountSample

MOST_SOURCES = 60
"""The most frequent sources that are compared."""
MOST_PAIRS = 8
ALIKE = 0.85
"""How much alike two longer names must be to be a typing mistake of one another."""
LONG = 5


def decide_aliases(account: AccountSample, field: str | None) -> Decision:
    """Return the decision for ``source_aliases``: nothing is merged, but what looks like one source is told.

    Args:
        account: what was looked at.
        field: the proposed source field.
    """
    values = next((fill.values for fill in read_fills(account) if fill.name == field), None)
    leads = sources(values) if values else {}
    texts = tuple(
        f"'{other}' (leads: {leads[other]:,}) and '{name}' ({leads[name]:,}): one source? If so, write "
        f"source_aliases: {{{_written(name)}: [{_written(other)}]}}."
        for name, other in alike(list(leads)[:MOST_SOURCES])[:MOST_PAIRS]
    )
    return Decision("source_aliases", None, open=texts)


def sources(values: Counter[str]) -> dict[str, int]:
    """Return the leads of each source, the most frequent first: values that differ in case and spaces are one."""
    spellings: dict[str, Counter[str]] = {}
    for value, count in values.items():
        spellings.setdefault(_folded(value), Counter())[value] += count
    leads = {min(found, key=lambda one: (-found[one], one)): found.total() for found in spellings.values()}
    return dict(sorted(leads.items(), key=lambda item: (-item[1], item[0])))


def alike(names: list[str]) -> list[tuple[str, str]]:
    """Return pairs of sources that look like one, each in the order given."""
    return [(one, other) for one, other in combinations(names, 2) if _may_be_one(one, other)]


def _may_be_one(one: str, other: str) -> bool:
    first, second = _bare(one), _bare(other)
    if not first or not second:
        return False
    if first == second or any({first, second} <= names for names in words.SAME_SOURCES):
        return True
    short, long = sorted((first, second), key=len)
    is_plural = len(short) > 2 and long in {f"{short}s", f"{short}es", f"{short}n", f"{short}en"}
    is_typo = (
        min(len(first), len(second)) >= LONG
        and not any(sign.isdigit() for sign in first + second)
        and SequenceMatcher(None, first, second).ratio() >= ALIKE
    )
    return is_plural or is_typo


def _folded(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _bare(value: str) -> str:
    """Return a name without case, spaces, signs and accents."""
    plain = unicodedata.normalize("NFKD", value).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _written(name: str) -> str:
    """Return a name as it can stand in a YAML list in brackets."""
    return name if name.replace(" ", "").isalpha() else "'" + name.replace("'", "''") + "'"
