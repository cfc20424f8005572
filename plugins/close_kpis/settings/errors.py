"""Errors of the settings, and the parts of their sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.reporting import PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDEST = 60
"""Characters of a text of the file that a message quotes."""
MOST_PROBLEMS = 20
"""Problems that are told at once."""


class SettingsError(PipelineError, ValueError):
    """The settings are not possible, or do not fit the account."""


def told(problems: Sequence[str]) -> str:
    """Return problems, a line each, not too many of them."""
    more = [f"... and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return "\n".join([*problems[:MOST_PROBLEMS], *more])


def choices(names: Iterable[str]) -> str:
    """Return names for a message, in alphabetical order and in quotes."""
    return ", ".join(repr(name) for name in sorted(set(names))) or "none at all"


def shortened(text: str) -> str:
    """Return the beginning of a text, on one line."""
    text = " ".join(text[: 4 * WIDEST].split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def key_of(path: tuple[int | str, ...]) -> str:
    """Return a key as a reader finds it: sections with dots, and which item of a list, from 1."""
    text = ""
    for step in path:
        text += f", item {step + 1}" if isinstance(step, int) else f"{'.' if text else ''}{_plain(step)}"
    return text or "the settings"


def _plain(key: str) -> str:
    return shortened(key) if key.isprintable() and key == key.strip() and key else repr(key[:WIDEST])
