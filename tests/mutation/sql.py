"""Mutants of a SQL model: one small change each, outside its comments. No library mutates SQL of this kind."""

from __future__ import annotations

import re

CHANGES = (
    (r" and (?!not\b)", " or "),
    (r" or ", " and "),
    (r"\bis not null\b", "is null"),
    (r"(?<!not )\bis null\b", "is not null"),
    (r" >= ", " > "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" < ", " <= "),
    (r" = ", " <> "),
    (r" <> ", " = "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" \* ", " / "),
    (r"\bnot (?=\w+\()", ""),
    (r"\bnot (?=is_)", ""),
    (r"\bleft join\b", "inner join"),
    (r"\bsum\(", "max("),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\barg_min\(", "arg_max("),
    (r"\barg_max\(", "arg_min("),
    (r"\bcount\(distinct ", "count("),
    (r"\bselect distinct\b", "select"),
    (r"\bunion all\b", "union"),
    (r"\blag\(", "lead("),
    (r"\bgreatest\(", "least("),
    (r"\bleast\(", "greatest("),
    (r"\bcoalesce\((\w+(?:\.\w+)?), 0\)", r"\1"),
    (r"\bdesc\b", "asc"),
    (r"\brows between unbounded preceding and current row\b", "rows between current row and unbounded following"),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"(?<![\w'.])([1-9]\d*)(?![\w'.])", "0"),
)
"""A pattern, and what takes its place."""


def mutants(text: str) -> list[str]:
    """Return all mutants of a file, in the order of `CHANGES` and then of the places."""
    comments = [found.span() for found in re.finditer(r"--[^\n]*", text)]
    made = []
    for pattern, put in CHANGES:
        for found in re.finditer(pattern, text):
            if not any(begin <= found.start() < end for begin, end in comments):
                made.append(text[: found.start()] + found.expand(put) + text[found.end() :])
    return made
