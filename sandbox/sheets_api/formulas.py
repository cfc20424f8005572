"""Formulas as texts: what the sandbox reads of them itself, and how a locale writes them; `engine` computes them."""

from __future__ import annotations

import re
from typing import Any

Value = float | str | bool | None

_STRING = re.compile(r'"((?:[^"]|"")*)"')
_PART = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\{[^}]*\}|;')

POINT_LANGUAGES = frozenset({"en", "ja", "zh", "ko", "th", "he", "hi"})
"""Languages whose numbers have a decimal point; the others have a comma, and part arguments by semicolons.

Source: https://support.google.com/docs/answer/58515
"""


def dialect(locale: str) -> str:
    """The engine's locale that reads formulas as a spreadsheet's locale writes them."""
    return "en" if locale.partition("_")[0] in POINT_LANGUAGES else "de"


def shown(formula: str, locale: str) -> str:
    """A formula as it reads: a semicolon is typed in every locale, and shows as a comma where that is usual."""
    if dialect(locale) != "en":
        return formula
    return _PART.sub(lambda match: "," if match[0] == ";" else match[0], formula)


def plain(value: dict[str, Any] | None) -> Value:
    """An ExtendedValue as a Python value; None for empty cells and errors."""
    if not value or "errorValue" in value:
        return None
    found: Value = next(iter(value.values()))
    return found


def hyperlink(formula: str) -> tuple[str, str] | None:
    """Address and label of `=HYPERLINK("address"; "label")`, or None."""
    match = re.fullmatch(r'=\s*HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*(.*?))?\s*\)\s*', formula, re.I | re.S)
    if match is None:
        return None
    address = match[1].replace('""', '"')
    label = match[2]
    if label is None:
        return address, address
    text = _STRING.fullmatch(label)
    return address, text[1].replace('""', '"') if text else label


def linked_cell(formula: str) -> str | None:
    """The cell that holds the address where a formula links to it, as in `=IF(A2="";"";HYPERLINK(A2;"Open"))`."""
    match = re.search(r"\bHYPERLINK\(\s*(\$?[A-Z]{1,3}\$?\d+)\s*[,;]", _STRING.sub("", formula), re.IGNORECASE)
    return None if match is None else match[1].replace("$", "")


def sparkline(formula: str) -> tuple[str, dict[str, str]] | None:
    """Source and options of `=SPARKLINE(B2:N2, {"charttype","column";"color","#1a73e8"})`, or None."""
    match = re.fullmatch(r"=\s*SPARKLINE\(\s*(\{[^}]*\}|[^,;{]+)\s*(?:[,;]\s*\{(.*)\}\s*)?\)\s*", formula, re.I | re.S)
    if match is None:
        return None
    options: dict[str, str] = {}
    for pair in (match[2] or "").split(";"):
        name, comma, value = pair.partition(",")
        if comma:
            options[name.strip().strip('"').lower()] = value.strip().strip('"')
    return match[1].strip(), options
