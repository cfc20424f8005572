"""Names of sources: which of them are the same."""

from __future__ import annotations

import unicodedata


def spelling(name: str) -> str:
    """Return a name as it is shown: without white space around it, and with single spaces in it."""
    return " ".join(name.split())


def source_key(name: str) -> str:
    """Return what all spellings of a name share: the letters, whatever their case, width and spacing (NFKC)."""
    return spelling(unicodedata.normalize("NFKC", spelling(name))).casefold()
