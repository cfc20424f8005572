"""Sources that may be one under several names."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

from close_kpis.commands.doctor import words
from close_kpis.commands.doctor.fields import read_fills
from close_kpis.commands.doctor.proposal import Decision

if TYPE_CHECKING:
    from collections import Counter

    from close_kpis.commands.doctor.sample import Account

MOST_VALUES = 60
"""The most frequent values that are compared."""
MOST_PAIRS = 8
ALIKE = 0.85
"""How much alike two longer names must be to be a typing mistake of one another."""
LONG = 5


def decide_aliases(account: Account, field: str | None) -> Decision:
    """Return the decision for ``source_aliases``: nothing is merged, but what looks like one source is told.

    Args:
        account: what was looked at.
        field: the proposed source field.
    """
    values = next((fill.values for fill in read_fills(account) if fill.name == field), None)
    pairs = alike(values) if values else []
    texts = tuple(
        f"are '{other}' ({values[other]:,} leads) and '{name}' ({values[name]:,}) one source? If so, write "
        f"source_aliases: {{{_written(name)}: [{_written(other)}]}}."
        for name, other in pairs[:MOST_PAIRS]
        if values
    )
    return Decision("source_aliases", None, open=texts)


def alike(values: Counter[str]) -> list[tuple[str, str]]:
    """Return pairs of values that look like one source: the more frequent first, and what may be meant by the same.

    Values that differ in case and spaces only are one source anyway.
    """
    shown: dict[str, str] = {}
    for value, _ in values.most_common(MOST_VALUES):
        shown.setdefault(_folded(value), value)
    return [(one, other) for one, other in combinations(shown.values(), 2) if _may_be_one(one, other)]


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
