"""The proposal as a settings file: each key below the reason for its value, what is open as a comment."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from close_kpis.commands.doctor.proposal import Decision

WIDTH = 118
HEAD = (
    "Proposed by `python -m close_kpis doctor` from what was seen in the account. Read the reasons; every key and its "
    "choices are explained in include/kpis.yaml of the project. NOT DECIDED marks what you must decide."
)


FIRST = "DECIDE FIRST: as it stands, this must not be published."


def kpis_yaml(decisions: Iterable[Decision], first: Sequence[str] = ()) -> str:
    """Return the text of a ``kpis.yaml``.

    Args:
        decisions: what is proposed, in the file's order.
        first: what must be decided before anything is published.
    """
    lines = []
    if first:
        lines = _comment(FIRST, "")
        for at, text in enumerate(first, 1):
            lines += _comment(f"{at}. {text}", "")
        lines.append("#")
    lines += [*_comment(HEAD, ""), ""]
    section = ""
    for decision in decisions:
        before, _, key = decision.key.rpartition(".")
        if lines[-1] and (before != section or not before):
            lines.append("")
        if before and before != section:
            lines.append(f"{before}:")
        section = before
        lines += _key(key, decision, "  " if before else "")
    return "\n".join(lines) + "\n"


def _key(key: str, decision: Decision, indent: str) -> list[str]:
    lines = _comment(decision.reason, indent)
    for text in (*decision.open, *(question.text for question in decision.questions)):
        lines += _comment(f"NOT DECIDED: {text}", indent)
    if decision.value is None or (decision.value == [] and (decision.open or decision.questions)):
        return [*lines, f"{indent}# {key}:"]
    return [*lines, *textwrap.indent(_dumped(key, decision.value), indent).splitlines()]


def _comment(text: str, indent: str) -> list[str]:
    """Return a text as comment lines; one from the account may hold anything, line ends too."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return textwrap.wrap(plain, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def _dumped(key: str, value: Any) -> str:
    import yaml

    style = None if isinstance(value, list | dict) else False
    text = yaml.safe_dump({key: value}, default_flow_style=style, allow_unicode=True, width=WIDTH, sort_keys=False)
    return text.rstrip()
