"""Rows as text: a table for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

from close_kpis.reporting import printable
from close_kpis.texts import heading_of, plain, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDEST = 72
"""Characters of a table's cell; a longer text is cut. CSV and JSON are whole."""


FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
"""First characters of a text that a spreadsheet may take for a formula. Source: OWASP, "CSV Injection"."""


def quietly() -> redirect_stdout[TextIO]:
    """Keep standard output for the answer: what else is written meanwhile, as by Airflow's logs, goes to stderr."""
    return redirect_stdout(sys.stderr)


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows below their heads; numbers stand right, amounts in units instead of cents."""
    cells = [[_cut(column, row.get(column)) for column in columns] for row in rows]
    heads = [heading_of(column) for column in columns]
    right = [_is_number(column, rows) for column in columns]
    widths = [max(len(line[at]) for line in [heads, *cells]) for at in range(len(columns))]
    lines = [heads, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV with a head; amounts stay cents.

    A text that a spreadsheet would take for a formula begins with an apostrophe, which makes it a text there.
    """
    text = io.StringIO()
    # Lines as RFC 4180 has them: with others a carriage return inside a text would not be quoted.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_as_text(plain(row.get(column))) for column in columns] for row in rows)
    return text.getvalue().removesuffix("\r\n")


def as_json(value: Any) -> str:
    """Return a value as JSON; amounts stay cents. What a terminal would act on is escaped, so that it is kept."""
    text = json.dumps(value, default=plain, indent=2, ensure_ascii=False)
    return "".join(one if one == "\n" or printable(one) else f"\\u{ord(one):04x}" for one in text)


def _as_text(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA_SIGNS else value


def _cut(column: str, value: Any) -> str:
    text = value_of(column, value)
    is_cut = len(text) > WIDEST and not text.startswith("https://")
    return f"{text[: WIDEST - 1]}…" if is_cut else text


def _is_number(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    values = [row.get(column) for row in rows]
    return any(isinstance(value, int | float) for value in values) and not any(isinstance(v, str) for v in values)
