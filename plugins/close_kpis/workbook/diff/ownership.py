"""What of a spreadsheet is ours, and how the spreadsheet itself remembers it.

Each tab of ours carries one piece of developer metadata: its value says which tab it is, by its id, and what
was published there last (labels of rows and columns, notes, rules, charts, groups, layout). So a tab is found
again after a rename or a move, a copy of it is not, what a later version no longer has is taken away, and what
readers add is never mistaken for ours. Whether Google copies metadata with a tab or a spreadsheet is not documented:
either must do.

Ids are chosen by us and follow from the keys, so that a repeated write cannot make a second copy.

Source: https://developers.google.com/workspace/sheets/api/guides/metadata (at most 30,000 characters a sheet)
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.diff.labels import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def metadata_id(tab: str, sheet: int | None = None) -> int:
    """Return the id of a tab's developer metadata.

    Args:
        tab: the tab's key.
        sheet: id of the spreadsheet's tab, where a copy of ours has the usual id already.
    """
    return stable_id("metadata", tab) if sheet is None else stable_id("metadata", tab, str(sheet))


def chart_id(chart: str) -> int:
    """Return the id of a chart of ours."""
    return stable_id("chart", chart)


def protection_id(tab: str, sheet: int | None = None) -> int:
    """Return the id of the protected range over a tab's block.

    Args:
        tab: the tab's key.
        sheet: id of the spreadsheet's tab, where a copy of ours has the usual id already.
    """
    return stable_id("protection", tab) if sheet is None else stable_id("protection", tab, str(sheet))


def name_id(name: str) -> str:
    """Return the id of a named range of ours."""
    return str(stable_id("name", name))


def fingerprint(thing: Any) -> str:
    """Return a short hash of anything that JSON can hold."""
    text = json.dumps(thing, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Owned:
    """What was published to a tab last.

    Attributes:
        tab: the tab's key.
        sheet: id of the tab that it was published to, which a copy of the tab does not have; None: not recorded.
        rows: height of the block.
        columns: width of the block.
        notes: fingerprints of the notes.
        rules: fingerprints of the conditional formats, in order.
        charts: fingerprint of each chart's content and place, by chart id.
        groups: row ranges of the groups.
        layout: fingerprint of frozen panes, colour and the like, which readers may change until the next version
            changes them.
        sizes: fingerprint of widths and heights, likewise.
        guard: fingerprint of the warning that protects the block, which readers may take away until the next version
            changes it.
        row_labels: labels of the rows; none where they were not recorded.
        column_labels: labels of the columns; none where they were not recorded.
        order: keys of the tabs that the settings asked for, in their order; none for the usual ones.
        left_out: keys of the tabs that they left out and that stood there.
    """

    tab: str
    sheet: int | None = None
    rows: int = 0
    columns: int = 0
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    charts: dict[str, str] = field(default_factory=dict)
    groups: tuple[tuple[int, int], ...] = ()
    layout: str = ""
    sizes: str = ""
    guard: str = ""
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the value of the developer metadata."""
        packed = {"row_labels": pack(self.row_labels), "column_labels": pack(self.column_labels)}
        return json.dumps(asdict(self) | packed, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Owned | None:
        """Return what a metadata value says, None where it names no tab.

        What it lacks counts as unknown, and what it has beyond is left aside: another version may have written it.
        """
        try:
            said = json.loads(text)
            tab = said["tab"]
        except (ValueError, TypeError, KeyError):
            return None

        def read(name: str, convert: Callable[[Any], Any], unknown: Any) -> Any:
            try:
                return convert(said[name])
            except (ValueError, TypeError, KeyError):
                return unknown

        return cls(
            tab=str(tab),
            sheet=read("sheet", int, None),
            rows=read("rows", int, 0),
            columns=read("columns", int, 0),
            notes=read("notes", _texts, ()),
            rules=read("rules", _texts, ()),
            charts=read("charts", dict, {}),
            groups=read("groups", lambda groups: tuple((int(start), int(end)) for start, end in groups), ()),
            layout=read("layout", str, ""),
            sizes=read("sizes", str, ""),
            guard=read("guard", str, ""),
            row_labels=read("row_labels", _labels, ()),
            column_labels=read("column_labels", _labels, ()),
            order=read("order", _texts, ()),
            left_out=read("left_out", _texts, ()),
        )


def _labels(packed: str) -> tuple[str, ...]:
    return tuple(unpack(str(packed)))


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(str, values))
