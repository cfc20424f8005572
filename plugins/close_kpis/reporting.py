"""What errors and logs say: all of it passes here, where secrets are masked and foreign text stays text."""

from __future__ import annotations

import logging
import unicodedata

from close_kpis.masking import masked

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of a text, so that a name can read as another one. Source: Unicode, UAX 9."""

LINE_ENDS = frozenset("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")


class PipelineError(Exception):
    """An error of ours; its text says what happened, where and what to do, and holds no secret."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(readable(one) if isinstance(one, str) else one for one in args))


def logger(name: str) -> logging.Logger:
    """Return the logger of a module: its lines hold no secret, and each record is one line.

    Args:
        name: the module's.
    """
    made = logging.getLogger(name)
    made.addFilter(_clean)
    return made


def readable(text: str) -> str:
    """Return what may be said in several lines: without secrets, and without what a terminal acts on."""
    return "\n".join(map(printable, masked(text).split("\n")))


def one_line(text: str) -> str:
    """Return a foreign text as one line, without what a terminal acts on: it cannot pass for a line of ours."""
    return printable("".join(" " if one in LINE_ENDS or one == "\t" else one for one in text))


def printable(text: str) -> str:
    """Return a text without the characters that a terminal acts on instead of showing them."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Zl", "Zp"} and one not in DIRECTIONS)


class Lines(logging.Formatter):
    """Formats the records of any logger for a command, which has no Airflow to mask secrets in them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        return readable(super().format(record))


def _clean(record: logging.LogRecord) -> bool:
    record.msg, record.args = one_line(masked(record.getMessage())), ()
    return True
