"""The legacy query language of ``/lead/?query=``, as far as extractors use it.

Understood: ``created``, ``date_created``, ``updated``, ``date_updated`` with a comparison, ``sort:``
with these fields, ``slice:3/10``, ``id:lead_x``, ``status:"Customer"``; every other word must occur in the lead's
name. A term of any other field is refused: it would find nothing, and nobody would be told.

Source: github.com/closeio/close-api-scripts; developer.close.com "Leads" (deprecated in 2022).
"""

from __future__ import annotations

import itertools
import operator
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.close_api import errors, times
from sandbox.close_api.filters import select
from sandbox.close_api.index import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.account import Account

_FIELDS = {
    "created": "date_created",
    "date_created": "date_created",
    "updated": "date_updated",
    "date_updated": "date_updated",
}
_BOUNDS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_COMPARISON = re.compile(r"\b(date_created|date_updated|created|updated)\s*(<=|>=|<|>)\s*\"?([\w:.+-]+)\"?")
_SORT = re.compile(r"\bsort:(-?)(\w+)")
_SLICE = re.compile(r"\bslice:(\d+)/(\d+)")
_ID = re.compile(r"\bid:\"?(lead_\w+)\"?")
_STATUS = re.compile(r"\b(?:lead_)?status(?:_label)?:(?:\"([^\"]+)\"|(\w+))")
_TERM = re.compile(r"[\w.]+\s*(?::|<=|>=|<|>|=)\s*\S+")
_requests = itertools.count()


@dataclass(frozen=True)
class LeadQuery:
    """A parsed query."""

    bounds: dict[str, dict[str, int]] = field(default_factory=dict)
    sort: tuple[str, bool] | None = None
    part: tuple[int, int] | None = None
    ids: list[str] | None = None
    statuses: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def is_sorted(self) -> bool:
        """Whether the query itself fixes the order."""
        return self.sort is not None

    def run(self, account: Account) -> Sequence[str]:
        """Return the ids of the leads that match."""
        leads = account["leads"]
        windows = {name: Window(name, **bounds) for name, bounds in self.bounds.items()}
        order, descending = self.sort or ("date_created", True)
        ids = select(
            leads,
            ids=self.ids,
            created=windows.get("date_created"),
            updated=windows.get("date_updated"),
            newest_first=descending,
            by_update=order == "date_updated",
        )
        if self.part is not None:
            part, parts = self.part
            ids = [row_id for row_id in ids if zlib.crc32(row_id.encode()) % parts == part % parts]
        for wanted in self.statuses:
            known = {row["id"] for row in account["lead_statuses"] if _label(row) == wanted}
            ids = [row_id for row_id, row in leads.scan(ids) if row.get("status_id") in known]
        for word in self.words:
            ids = [row_id for row_id, row in leads.scan(ids) if word in _name(row)]
        return ids


def parse(text: str) -> LeadQuery:
    """Read a query.

    Raises:
        ApiError: 400 for a comparison with something that is no time, or a term that is not understood.
    """
    bounds: dict[str, dict[str, int]] = {}
    for name, sign, value in _COMPARISON.findall(text):
        try:
            at = times.micros(times.parse(value))
        except ValueError:
            raise errors.bad_request(f"Invalid query: {value!r} is not a date/time.") from None
        bounds.setdefault(_FIELDS[name], {})[_BOUNDS[sign]] = at
    sort = _SORT.search(text)
    part = _SLICE.search(text)
    ids = _ID.findall(text)
    rest = text
    statuses = [(quoted or word).lower() for quoted, word in _STATUS.findall(text)]
    for pattern in (_COMPARISON, _SORT, _SLICE, _ID, _STATUS):
        rest = pattern.sub(" ", rest)
    if unknown := _TERM.search(rest):
        raise errors.bad_request(f"Invalid query: the sandbox does not understand {unknown[0]!r}.")
    return LeadQuery(
        bounds=bounds,
        sort=(_FIELDS[sort[2]], sort[1] == "-") if sort and sort[2] in _FIELDS else None,
        part=(int(part[1]), max(1, int(part[2]))) if part else None,
        ids=ids or None,
        statuses=statuses,
        words=[word.lower() for word in re.findall(r"\w+", rest) if word.lower() not in {"and", "sort"}],
    )


def shifted(ids: Sequence[str], skip: int) -> Sequence[str]:
    """Return the ids as an unsorted page sees them: a little turned against the page before.

    Deep pages of an unsorted list repeat some rows and miss others, as those of the real service do.
    """
    if skip == 0 or len(ids) < 2:
        return ids
    turn = 1 + next(_requests) % 2
    return operator.concat(ids[turn:], ids[:turn])


def _label(row: dict[str, object]) -> str:
    return str(row.get("label") or "").lower()


def _name(row: dict[str, object]) -> str:
    return str(row.get("name") or row.get("display_name") or "").lower()
