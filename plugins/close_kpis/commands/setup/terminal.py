"""Questions and answers in a terminal."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.reporting import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

YES = frozenset({"y", "yes"})
NO = frozenset({"n", "no"})


def check_terminal() -> None:
    """Say what to do where nobody can answer.

    Raises:
        CommandError: standard input or output is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(
            "it asks questions, and there is no terminal to answer them in: run it in one (docker exec -it, ssh -t), "
            "or fill in .env and include/kpis.yaml by hand: README, Connect your account"
        )


def say(text: str = "") -> None:
    """Tell something; characters that a terminal would act on are left out."""
    print("\n".join(printable(line) for line in text.split("\n")), flush=True)


def ask(prompt: str) -> str:
    """Return a line that is typed, without the blanks around it.

    Raises:
        EOFError: the terminal was closed.
        KeyboardInterrupt: Ctrl-C.
    """
    return input(f"{printable(prompt)}: ").strip()


def ask_secret(prompt: str) -> str:
    """Return a line that is typed without being shown. Raises as `ask` does."""
    return getpass.getpass(f"{prompt} (it is not shown): ").strip()


def confirm(prompt: str, *, default: bool) -> bool:
    """Return a yes or no; Enter takes the default. Raises as `ask` does."""
    while True:
        answer = ask(f"{prompt} [{'Y/n' if default else 'y/N'}]").lower()
        if not answer:
            return default
        if answer in YES | NO:
            return answer in YES
        say("  y or n, please.")


def choose(prompt: str, choices: Sequence[str], *, several: bool) -> list[int]:
    """Return the places of what is chosen by number; none where Enter is pressed. Raises as `ask` does.

    Args:
        prompt: the question.
        choices: what is shown with numbers from 1.
        several: whether more than one may be chosen, with commas between.
    """
    for number, choice in enumerate(choices, 1):
        say(f"  {number:>2}  {choice}")
    while True:
        answer = ask(prompt)
        parts = [part.strip() for part in answer.split(",")] if several else [answer]
        if not answer:
            return []
        if all(part.isdecimal() and 1 <= int(part) <= len(choices) for part in parts):
            return list(dict.fromkeys(int(part) - 1 for part in parts))
        say(f"  A number from 1 to {len(choices)}{', or some with commas between' if several else ''}.")
