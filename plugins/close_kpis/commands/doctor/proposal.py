"""What the doctor proposes: a decision a key of ``kpis.yaml``, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Reading:
    """One way to read what the records leave open.

    Attributes:
        label: how it begins a sentence, as ``as new``.
        values: what the settings would then say, by key, as ``pipelines.new``; None leaves the key to its default.
    """

    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What could not be decided.

    Attributes:
        text: what it is about, with the choices.
        readings: the choices whose numbers can be told.
        stops: nothing can be published before it is decided.
    """

    text: str
    readings: tuple[Reading, ...] = ()
    stops: bool = False


@dataclass(frozen=True)
class Decision:
    """What is proposed for a key of the settings.

    Attributes:
        key: with dots between section and key, as ``demo.rule``.
        value: what is proposed; None leaves the key to its default.
        reason: why, from what was seen.
        open: what could not be decided, with the choices: a line each.
        questions: the same where numbers tell the choices apart, or where it must be decided before anything else.
    """

    key: str
    value: Any
    reason: str = ""
    open: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether a reader gains by seeing it."""
        return self.value is not None or bool(self.reason or self.open or self.questions)


def content(decisions: list[Decision]) -> dict[str, Any]:
    """Return what a proposal says, as ``kpis.yaml`` would hold it."""
    found: dict[str, Any] = {}
    for decision in decisions:
        put(found, decision.key, decision.value)
    return found


def put(content: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, with dots between section and key; None removes it."""
    section, _, name = key.rpartition(".")
    inside = content.setdefault(section, {}) if section else content
    if value is None:
        inside.pop(name, None)
    else:
        inside[name] = value


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
