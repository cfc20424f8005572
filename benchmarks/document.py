"""The measurements' document, docs/benchmarks.md: a section for each benchmark, between two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "# Benchmarks\n"


def put_section(path: Path, begin: str, end: str, section: str) -> None:
    """Write a section into a file, in place of the one between the same marks.

    Args:
        path: the file; made where it is not there.
        begin: the mark before the section.
        end: the mark after it.
        section: its text.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else TITLE
    block = f"{begin}\n{section}\n{end}"
    before, found, rest = text.partition(begin)
    after = rest.partition(end)[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{block}{after}" if found else f"{text}\n{block}\n", encoding="utf-8")
