"""Texts from Close and from errors as plain text."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 60
"""Characters of a name that a message shows."""

_LINKED = re.compile(r"(?<=:)//|(?<=\w)[.@](?=\w)")
_JOINER = "\N{WORD JOINER}"


def plain_text(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text that somebody gave in Close as one line that no reader's program takes for anything but text.

    Mail programs and Slack make links of what looks like an address, whatever the message says it is: an invisible
    character inside keeps them from it.

    Args:
        text: the text.
        longest: characters after which it is cut.
    """
    line = " ".join(text.split())
    shown = "".join(one for one in line if unicodedata.category(one) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
    cut = shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
    return _LINKED.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", cut)
