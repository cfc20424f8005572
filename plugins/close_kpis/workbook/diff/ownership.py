"""What of a spreadsheet is ours, and how the spreadsheet itself remembers it.

Each tab of ours carries one piece of developer metadata: its value says which tab it is and what
was published there last (size of the block, notes, rules, charts, groups, layout). So a tab is found
again after a rename or a move, what a later version no longer has is taken away, and what readers
add is never mistaken for ours.

Ids are chosen by us and follow from the keys, so that a repeated write cannot make a second copy.

Source: https://developers.google.com/workspace/sheets/api/guides/metadata (at most 30,000 characters a sheet)
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

METADATA_KEY = "close_kpis.tab"


def stable_id(*names: str) -> int:
    """Return an id for an object of ours: positive, 31 bits, the same in every run.

    Args:
        names: what the object is, from the outside in.
    """
    digest = hashlib.sha256("\x1f".join(("close_kpis", *names)).encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 2) + 1


def sheet_id(tab: str) -> int:
    """Return the id that a tab of ours is created with."""
    return stable_id("sheet", tab)


def metadata_id(tab: str) -> int:
    """Return the id of a tab's developer metadata."""
    return stable_id("metadata", tab)


def chart_id(chart: str) -> int:
    """Return the id of a chart of ours."""
    return stable_id("chart", chart)


def fingerprint(thing: Any) -> str:
    """Return a short hash of anything that JSON can hold."""
    text = json.dumps(thing, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Owned:
    """What was published to a tab last.

    Attributes:
        tab: the tab's key.
        rows: height of the block.
        columns: width of the block.
        notes: fingerprints of the notes.
        rules: fingerprints of the conditional formats, in order.
        charts: fingerprint of each chart's content and place, by chart id.
        groups: row ranges of the groups.
        layout: fingerprint of widths, heights, frozen panes and the like, which readers may change until
            the next version changes them.
    """

    tab: str
    rows: int = 0
    columns: int = 0
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    charts: dict[str, str] = field(default_factory=dict)
    groups: tuple[tuple[int, int], ...] = ()
    layout: str = ""

    def to_text(self) -> str:
        """Return the value of the developer metadata."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Owned | None:
        """Return what a metadata value says, None where it is not one of ours."""
        try:
            said = json.loads(text)
            return cls(
                tab=said["tab"],
                rows=int(said["rows"]),
                columns=int(said["columns"]),
                notes=tuple(said["notes"]),
                rules=tuple(said["rules"]),
                charts=dict(said["charts"]),
                groups=tuple((int(start), int(end)) for start, end in said["groups"]),
                layout=said["layout"],
            )
        except (ValueError, TypeError, KeyError):
            return None
