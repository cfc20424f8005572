"""What the doctor proposes: a decision a key of ``kpis.yaml``, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Decision:
    """What is proposed for a key of the settings.

    Attributes:
        key: with dots between section and key, as ``demo.rule``.
        value: what is proposed; None leaves the key to its default.
        reason: why, from what was seen.
        open: what could not be decided, with the choices: a line each.
    """

    key: str
    value: Any
    reason: str = ""
    open: tuple[str, ...] = ()


def named(rows: list[dict[str, Any]], row: dict[str, Any], label: str = "name") -> str:
    """Return the name of one of some rows, its id where the name is not its own or empty."""
    text = row.get(label)
    shared = sum(1 for other in rows if _read(other.get(label)) == _read(text))
    return str(text) if text and str(text).strip() and shared == 1 else str(row["id"])


def _read(text: object) -> list[str]:
    return str(text or "").split()


def quoted(names: list[str]) -> str:
    """Return names for a sentence."""
    return ", ".join(f"'{name}'" for name in names) or "none"


def share(part: int, whole: int) -> str:
    """Return a part of a whole in words, as `12 of 48`."""
    return f"{part:,} of {whole:,}"
