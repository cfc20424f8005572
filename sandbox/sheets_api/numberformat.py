"""Numbers shown by a pattern: `#,##0.0;[red]-#,##0.0`, `0.0%`, `"$"#,##0`, `mmm yyyy`, `[h]:mm`.

Source: https://developers.google.com/workspace/sheets/api/guides/formats
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from sandbox.sheets_api import dateformat

# What a type without a pattern means in locale en_US.
DEFAULT_PATTERNS = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": '"$"#,##0.00',
    "DATE": "m/d/yyyy",
    "TIME": "h:mm:ss am/pm",
    "DATE_TIME": "m/d/yyyy h:mm:ss",
    "SCIENTIFIC": "0.00E+00",
    "TEXT": "@",
}
GENERAL_DIGITS = 10
_TOKEN = re.compile(
    r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|General|AM/PM|am/pm|A/P|a/p|E[+-]|e[+-]'
    r"|y+|m+|M+|d+|D+|h+|H+|s+|S+|[0#?.,%@/;:]|.",
    re.DOTALL,
)
_DATE_LETTERS = frozenset("yYmMdDhHsS")
_COLOURS = frozenset({"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"})


@dataclass(frozen=True)
class Shown:
    """A number as a reader sees it.

    Attributes:
        colour: the name in `[Red]`, lower case, where the pattern's section has one.
    """

    text: str
    colour: str | None = None


@dataclass(frozen=True)
class Section:
    """One `;` part of a pattern, split into literals and placeholders."""

    tokens: tuple[tuple[str, str], ...]
    colour: str | None = None
    condition: tuple[str, float] | None = None
    kind: str = field(default="number")


def general(value: float) -> str:
    """A number without a format, as the Automatic format shows it."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15 or abs(value) < 1e-9:
        mantissa, _, exponent = f"{value:.5E}".partition("E")
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{short}E{int(exponent):+03d}"
    text = f"{Decimal(repr(value)):.{GENERAL_DIGITS}f}".rstrip("0").rstrip(".")
    digits = len(text.replace("-", "").replace(".", "").lstrip("0"))
    return text if digits <= GENERAL_DIGITS + 5 else f"{value:.{GENERAL_DIGITS + 5}g}"


def show_number(value: float, number_format: dict[str, Any] | None) -> Shown:
    """A number under a NumberFormat.

    Args:
        value: the number; dates are days since 1899-12-30.
        number_format: `type` and `pattern`; None or a type without pattern means the default.
    """
    pattern = pattern_of(number_format)
    if not pattern or pattern == "@":
        return Shown(general(value))
    sections = _sections(pattern)
    section, bare = _choose(sections, value)
    if section is None:
        return Shown(general(value))
    shown = abs(value) if bare else value
    if section.kind == "date":
        is_day = dateformat.FIRST <= shown < dateformat.END
        return Shown(dateformat.show(shown, section.tokens), section.colour) if is_day else Shown(general(value))
    if section.kind == "general":
        return Shown(_literals(section, general(shown)), section.colour)
    if section.kind == "text":
        return Shown(_literals(section, general(value)), section.colour)
    return Shown(_number(section, shown), section.colour)


def show_text(text: str, number_format: dict[str, Any] | None) -> Shown:
    """A text under a NumberFormat: only a fourth section, or one with `@`, touches it."""
    sections = _sections(pattern_of(number_format) or "@")
    chosen = sections[3] if len(sections) > 3 else next((item for item in sections if item.kind == "text"), None)
    return Shown(text) if chosen is None else Shown(_literals(chosen, text), chosen.colour)


def pattern_of(number_format: dict[str, Any] | None) -> str:
    """The pattern of a NumberFormat, or its type's default; empty for none."""
    if not number_format:
        return ""
    return str(number_format.get("pattern") or DEFAULT_PATTERNS.get(number_format.get("type", ""), ""))


def is_date(number_format: dict[str, Any] | None) -> bool:
    """Whether a number of this format is a date or a time."""
    if not number_format:
        return False
    if number_format.get("type") in {"DATE", "TIME", "DATE_TIME"}:
        return True
    pattern = pattern_of(number_format)
    return bool(pattern) and _sections(pattern)[0].kind == "date"


@lru_cache(maxsize=512)
def _sections(pattern: str) -> tuple[Section, ...]:
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(pattern):
        if token == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts[:4])


def _section(raw: list[str]) -> Section:
    tokens: list[tuple[str, str]] = []
    colour, condition = None, None
    for token in raw:
        if token.startswith("[") and token.endswith("]"):
            inside = token[1:-1]
            if inside.lower() in _COLOURS or re.fullmatch(r"(?i)color\d+", inside):
                colour = inside.lower()
            elif match := re.fullmatch(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)", inside):
                condition = (match[1], float(match[2]))
            elif re.fullmatch(r"(?i)h+|m+|s+", inside):
                tokens.append(("elapsed", inside.lower()))
            elif inside.startswith("$"):
                tokens.append(("literal", inside[1:].partition("-")[0]))
        elif token.startswith('"'):
            tokens.append(("literal", token.strip('"')))
        elif token.startswith("\\"):
            tokens.append(("literal", token[1:]))
        elif token.startswith("_") and len(token) == 2:
            tokens.append(("literal", " "))
        elif token.startswith("*") and len(token) == 2:
            continue
        elif token == "General":
            tokens.append(("general", token))
        elif token == "@":
            tokens.append(("text", token))
        elif token in {"0", "#", "?", ".", ",", "%"}:
            tokens.append(("digit", token))
        elif re.fullmatch(r"[Ee][+-]", token):
            tokens.append(("exponent", token))
        elif token.lower() in {"am/pm", "a/p"}:
            tokens.append(("meridiem", token))
        elif token[0] in _DATE_LETTERS:
            tokens.append(("date", token.lower()))
        else:
            tokens.append(("literal", token))
    return Section(tuple(tokens), colour, condition, _kind(tokens))


def _kind(tokens: list[tuple[str, str]]) -> str:
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed"}:
        return "date"
    if "general" in kinds:
        return "general"
    return "text" if "text" in kinds else "number"


def _choose(sections: tuple[Section, ...], value: float) -> tuple[Section | None, bool]:
    """The section for a number, and whether it is shown without its sign."""
    if any(section.condition for section in sections):
        for section in sections[:3]:
            if section.condition is None or _holds(value, section.condition):
                return section, section.condition is None and value < 0 and len(sections) > 1
        return None, False
    numeric = [section for section in sections[:3] if section.kind != "text"] or list(sections[:1])
    if value < 0 and len(numeric) > 1:
        return numeric[1], True
    if value == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], False


def _holds(value: float, condition: tuple[str, float]) -> bool:
    sign, bound = condition
    return {
        "<": value < bound,
        ">": value > bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


def _literals(section: Section, text: str) -> str:
    return "".join(text if kind in {"text", "general"} else token for kind, token in section.tokens)


def _number(section: Section, value: float) -> str:
    """A number by its digit placeholders, with literals where they stand."""
    digits = [token for kind, token in section.tokens if kind == "digit"]
    if not any(token in "0#?" for token in digits):
        text = "".join(
            "%" if token == "%" else token for kind, token in section.tokens if kind != "digit" or token == "%"
        )
        return f"-{text}" if value < 0 and text else text
    amount = Decimal(repr(value)) * (Decimal(100) ** digits.count("%"))
    exponent = next((token for kind, token in section.tokens if kind == "exponent"), None)
    if exponent is not None:
        return _scientific(section, amount, exponent)
    before, after = _halves(digits)
    amount = amount.scaleb(-3 * _trailing_commas(before if "." not in digits else after or before))
    places = sum(token in "0#?" for token in after)
    rounded = abs(amount).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    whole = _pad(whole, before)
    if _grouped(before):
        whole = _thousands(whole)
    fraction = _trim(fraction, [token for token in after if token in "0#?"])
    return ("-" if amount < 0 else "") + _fill(section, whole, fraction)


def _halves(digits: list[str]) -> tuple[list[str], list[str]]:
    kept = [token for token in digits if token != "%"]
    at = kept.index(".") if "." in kept else len(kept)
    return kept[:at], kept[at + 1 :]


def _trailing_commas(tokens: list[str]) -> int:
    count = 0
    for token in reversed(tokens):
        if token != ",":
            break
        count += 1
    return count


def _grouped(before: list[str]) -> bool:
    inner = "".join(before).rstrip(",")
    return "," in inner


def _pad(whole: str, before: list[str]) -> str:
    """The whole part with as many digits as the pattern has zeros; a lone 0 goes where it has none."""
    zeros = before.count("0")
    stripped = whole.lstrip("0")
    return stripped.rjust(zeros, "0") if len(stripped) < zeros else stripped


def _thousands(whole: str) -> str:
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return ",".join([whole, *groups])


def _trim(fraction: str, places: list[str]) -> str:
    shown = list(fraction)
    while shown and shown[-1] == "0" and places[len(shown) - 1] != "0":
        shown.pop()
    return "".join(shown)


def _fill(section: Section, whole: str, fraction: str) -> str:
    """Whole and fraction at the first digit of their half; literals and percent signs in their places."""
    text, whole_done, in_fraction, fraction_done = "", False, False, False
    for kind, token in section.tokens:
        if kind != "digit":
            text += token
        elif token == "%":
            text += "%"
        elif token == ".":
            if not whole_done:
                text, whole_done = text + whole, True
            in_fraction = True
            text += "."
        elif token in "0#?" and not in_fraction and not whole_done:
            text, whole_done = text + whole, True
        elif token in "0#?" and in_fraction and not fraction_done:
            text, fraction_done = text + fraction, True
    return text


def _scientific(section: Section, amount: Decimal, exponent: str) -> str:
    tokens = [token for _, token in section.tokens]
    at = tokens.index(exponent)
    mantissa_digits = [token for kind, token in section.tokens[:at] if kind == "digit"]
    places = sum(token in "0#?" for token in _halves(mantissa_digits)[1])
    width = sum(token == "0" for kind, token in section.tokens[at + 1 :] if kind == "digit")
    mantissa, _, power = f"{amount:.{places}E}".partition("E")
    sign = "-" if int(power) < 0 else "+" if exponent[1] == "+" else ""
    return f"{mantissa}{exponent[0]}{sign}{abs(int(power)):0{width}d}"
