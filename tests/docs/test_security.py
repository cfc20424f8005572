"""The tables of docs/security.md: what they promise is tested where they say."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines()
UNTESTED = {"The machine that holds the lock is gone"}
"""Threats for which a second machine would be needed."""


def rows() -> dict[str, str]:
    """Return the tests of each threat."""
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in LINES if line.startswith("| ")]
    return {row[0]: row[-1].strip("| ") for row in cells if row[-1] != "test"}


def test_each_threat_names_tests_that_are_there() -> None:
    assert len(rows()) > 30
    for threat, named in rows().items():
        files = re.findall(r"`(tests/[\w/]+\.py)`", named)
        assert bool(files) is (threat not in UNTESTED), threat
        for file in files:
            assert re.search(r"^def test_", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), file
